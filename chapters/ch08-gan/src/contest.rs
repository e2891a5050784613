//! Four models of the same images: a GAN, chapter 7's VAE, chapter 1's autoencoder and chapter 2's mixture.
//!
//! **The budget is what a model sees**: every training image the same number of times, whatever that costs. An
//! iteration of expectation and maximisation sees them all once. Sizes are alike where that means something
//! ([`Models::parameters`] says how alike): a mixture with as many numbers would have more components than it could
//! use.
//!
//! What is compared are *means*: the VAE's and the autoencoder's decoders and the GAN's generator give grey values,
//! and the mixture draws them.

use ch01_autoencoder::{Autoencoder, CodeGaussian, Pca, train};
use ch02_variational_inference::mixture::{self, mean_log_density};
use ch07_vae::{Likelihood, Objective, Vae, average_terms};
use data::{Dataset, Images, batches, shuffled};
use ndarray::{Array2, Axis};
use nn::{Activation, Adam, Parameters};
use prob::gaussian::log_density;
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;

use crate::examples::noise;
use crate::{Architecture, Examples, GeneratorLoss, Schedule, Settings, Trainer, purpose};

/// The sizes of the four models.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Models {
    /// Width of the two hidden layers of generator and discriminator, and the dimension of their noise.
    pub gan: (usize, usize),
    /// Width of the one hidden layer of encoder and decoder, and the dimension of the code: of the VAE and of
    /// the autoencoder.
    pub coder: (usize, usize),
    /// Principal components, and the Gaussians within them.
    pub mixture: (usize, usize),
}

impl Models {
    /// For 28×28 pixels.
    pub const LARGE: Self = Self { gan: (256, 64), coder: (400, 20), mixture: (50, 30) };
    /// For 8×8 pixels.
    pub const SMALL: Self = Self { gan: (128, 16), coder: (128, 8), mixture: (16, 10) };

    /// What suits images of so many pixels.
    #[must_use]
    pub fn of(pixels: usize) -> Self {
        if pixels < 400 { Self::SMALL } else { Self::LARGE }
    }

    /// How many numbers the models learn about images of so many pixels: GAN (both players), VAE, autoencoder,
    /// mixture (with the components' directions).
    #[must_use]
    pub fn parameters(&self, pixels: usize) -> [usize; 4] {
        let (players, (hidden, code)) = (self.gan(pixels, 1), self.coder);
        let (components, gaussians) = self.mixture;
        let layer = |inputs: usize, outputs: usize| (inputs + 1) * outputs;
        let trainer = players.0.players(&players.1, 0);
        let coder = |heads: usize| {
            layer(pixels, hidden)
                + layer(hidden, heads)
                + layer(code, hidden)
                + layer(hidden, pixels)
        };
        [
            trainer.generator.network.parameter_count()
                + trainer.discriminator.network.parameter_count(),
            coder(2 * code),
            coder(code),
            pixels * (1 + components)
                + 1
                + gaussians * (1 + components + components * (components + 1) / 2),
        ]
    }

    /// The GAN's training, of so many steps.
    fn gan(&self, pixels: usize, steps: u64) -> (Schedule, Architecture) {
        let (hidden, latent) = self.gan;
        let adam = Adam { beta1: 0.5, ..Adam::new(1e-3) };
        let settings = Settings {
            batch: BATCH,
            k: 1,
            loss: GeneratorLoss::NonSaturating,
            generator_adam: adam,
            discriminator_adam: adam,
            average_decay: 0.998,
        };
        let architecture = Architecture {
            data: pixels,
            latent,
            hidden: vec![hidden; 2],
            activation: Activation::LeakyRelu,
            generator_output: Activation::Sigmoid,
        };
        (Schedule { steps, settings, penalty: 3.0 }, architecture)
    }
}

/// Images in a step of the GAN, the VAE and the autoencoder.
const BATCH: usize = 64;

/// Codes that the autoencoder's Gaussian is fitted to, at most.
const CODES: usize = 20_000;

/// The images that all models learn from.
#[derive(Clone, Debug)]
pub struct Arena {
    /// The models' sizes.
    pub models: Models,
    /// Times that each model sees every image.
    pub passes: usize,
    train: Images,
    /// The test images, binarized: what the VAE's bound is taken on.
    binary_test: Images,
    test: Array2<f64>,
    /// Intensities, images × pixels.
    x: Array2<f32>,
    pca: Pca,
    coordinates: Array2<f64>,
}

/// What a trained model draws, and what it says of the test images.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Images × pixels, values in [0, 1].
    pub images: Array2<f32>,
    /// Nats per test image: the VAE's ELBO of binarized images, the mixture's log-density of grey ones. The two
    /// cannot be compared; the other models have none.
    pub log_likelihood: Option<f64>,
}

impl Arena {
    /// Prepares a data set for trainings of `passes` over it.
    ///
    /// # Errors
    /// If the images span fewer directions than the mixture's components.
    pub fn new(set: &Dataset, models: Models, passes: usize, seed: u64) -> prob::Result<Self> {
        let all = |images: &Images| (0..images.len()).collect::<Vec<_>>();
        let x: Array2<f32> = set.train.images.intensities(&all(&set.train.images));
        let grey = x.mapv(f64::from);
        let pca = Pca::leading(&grey, models.mixture.0)?;
        Ok(Self {
            models,
            passes,
            binary_test: Images::binarized(&set.test.images, &mut stream(seed, [TEST_SET])),
            test: set.test.images.intensities(&all(&set.test.images)),
            train: set.train.images.clone(),
            x,
            coordinates: (&grey - &pca.mean).dot(&pca.vectors),
            pca,
        })
    }

    /// Steps of a batch of [`BATCH`] that make up the passes.
    fn steps(&self) -> u64 {
        (self.passes * self.train.len()).div_ceil(BATCH) as u64
    }

    /// A GAN: the average of its generator.
    #[must_use]
    pub fn gan(&self, count: usize, seed: u64) -> Drawn {
        let trainer = self.train_gan(seed);
        let z = noise(self.models.gan.1, 0..count, seed, [purpose::SAMPLE, 0, 0]);
        Drawn { images: trainer.average.generate(z), log_likelihood: None }
    }

    /// Both players at the end of their training.
    #[must_use]
    pub fn train_gan(&self, seed: u64) -> Trainer {
        let (schedule, architecture) = self.models.gan(self.x.ncols(), self.steps());
        let examples = Examples::Images(self.train.clone());
        let mut trainer = schedule.players(&architecture, seed);
        for _ in 0..schedule.steps {
            schedule.step(&mut trainer, &examples, seed);
        }
        trainer
    }

    /// A VAE of binarized images, with its ELBO.
    #[must_use]
    pub fn vae(&self, count: usize, seed: u64) -> Drawn {
        let model = self.train_vae(seed);
        let test = ch07_vae::Examples::Images(self.binary_test.clone());
        let elbo = average_terms(&model, &test, &Objective::elbo(1.0), seed, 0).elbo();
        let shape = (count, self.models.coder.1);
        let z = normal(shape, &mut stream(seed, [ch07_vae::purpose::SAMPLE]));
        Drawn { images: model.decode_mean(z), log_likelihood: Some(elbo) }
    }

    /// Chapter 7's model at the end of its training.
    #[must_use]
    pub fn train_vae(&self, seed: u64) -> Vae<f32> {
        let (hidden, latent) = self.models.coder;
        let architecture = ch07_vae::Architecture {
            pixels: self.x.ncols(),
            hidden: vec![hidden],
            latent,
            activation: Activation::Relu,
            likelihood: Likelihood::Bernoulli,
        };
        let model = Vae::new(&architecture, &mut stream(seed, [ch07_vae::purpose::WEIGHTS]));
        let mut trainer = ch07_vae::Trainer::new(model, Adam::new(1e-3), Objective::elbo(1.0));
        let examples = ch07_vae::Examples::Images(self.train.clone());
        for epoch in 1..=self.passes as u64 {
            let mut rng = stream(seed, [ch07_vae::purpose::ORDER, epoch]);
            for batch in batches(&shuffled(self.train.len(), &mut rng), BATCH) {
                trainer.step(&examples, batch, seed, epoch);
            }
        }
        trainer.model
    }

    /// An autoencoder, decoding codes from N(0, I), and codes from the Gaussian that fits those of the images.
    ///
    /// # Errors
    /// If the training diverged.
    pub fn autoencoder(&self, count: usize, seed: u64) -> prob::Result<[Drawn; 2]> {
        let (hidden, code) = self.models.coder;
        let widths = [self.x.ncols(), hidden, code];
        let mut rng = stream(seed, [AUTOENCODER]);
        let mut model = Autoencoder::<f32>::new(&widths, Activation::Tanh, &mut rng);
        let schedule = ch01_autoencoder::Schedule {
            epochs: self.passes,
            batch: BATCH,
            learning_rate: 2e-3,
            seed,
        };
        train(&mut model, &self.x, &schedule, |_, _| {});
        let some = shuffled(self.x.nrows(), &mut rng);
        let some = &some[..CODES.min(some.len())];
        let fitted =
            CodeGaussian::fit(&model.encode(&self.x.select(Axis(0), some)).mapv(f64::from))?;
        let decoded = |codes: CodeGaussian, rng: &mut _| Drawn {
            images: into_range(model.decode(&codes.draw(count, rng).mapv(|z| z as f32))),
            log_likelihood: None,
        };
        Ok([decoded(CodeGaussian::standard(code), &mut rng), decoded(fitted, &mut rng)])
    }

    /// A mixture of Gaussians in the first principal components, with noise of the discarded variance in all
    /// other directions.
    ///
    /// # Errors
    /// Those of [`mixture::fit`].
    pub fn mixture(&self, count: usize, seed: u64) -> prob::Result<Drawn> {
        let settings = mixture::Settings {
            components: self.models.mixture.1,
            floor: 1.0,
            iterations: self.passes,
            least_gain: 0.0,
        };
        let mut rng = stream(seed, [MIXTURE]);
        let mixture = mixture::fit(self.coordinates.view(), &settings, &mut rng)?.mixture;

        let (pixels, kept) = self.pca.vectors.dim();
        let sigma = (self.pca.discarded(kept) / (pixels - kept) as f64).sqrt();
        let mut images = Array2::zeros((count, pixels));
        for mut image in images.rows_mut() {
            let noise: ndarray::Array1<f64> =
                (0..pixels).map(|_| sigma * rng.sample::<f64, _>(StandardNormal)).collect();
            let z = mixture.sample(&mut rng) - noise.dot(&self.pca.vectors);
            let x = &self.pca.mean + &self.pca.vectors.dot(&z) + noise;
            image.assign(&x.mapv(|x| x as f32));
        }

        let centred = &self.test - &self.pca.mean;
        let coordinates = centred.dot(&self.pca.vectors);
        let within = mean_log_density(coordinates.view(), &mixture)?;
        let energy = |x: &Array2<f64>| x.iter().map(|x| x * x).sum::<f64>() / x.nrows() as f64;
        // log N(0, σ²) of every other direction, for residuals of this mean energy in all of them together.
        let log_var = 2.0 * sigma.ln();
        let others = (pixels - kept) as f64 * log_density(0.0, 0.0, log_var)
            - 0.5 * (energy(&centred) - energy(&coordinates)) / log_var.exp();
        Ok(Drawn { images: into_range(images), log_likelihood: Some(within + others) })
    }
}

/// Streams of what is no part of another chapter's training.
const TEST_SET: u64 = 101;
const AUTOENCODER: u64 = 102;
const MIXTURE: u64 = 103;

fn normal(shape: (usize, usize), rng: &mut impl Rng) -> Array2<f32> {
    Array2::from_shape_simple_fn(shape, || rng.sample(StandardNormal))
}

/// Grey values; what lies outside of them is black or white.
fn into_range(images: Array2<f32>) -> Array2<f32> {
    images.mapv_into(|pixel| pixel.clamp(0.0, 1.0))
}
