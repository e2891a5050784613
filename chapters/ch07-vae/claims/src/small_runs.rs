//! Small trainings on the optical digits, each done once for all checks.

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ch01_autoencoder::{Autoencoder, CodeGaussian, Schedule, train};
use claims::{Check, CheckError, Runs, Setting, Subject, apart};
use data::{Dataset, Images, Source, batches, default_root, shuffled};
use ndarray::{Array2, Axis};
use nn::{Activation, Adam};
use prob::random::stream;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use score::{Judge, Score};

use ch07_comparisons::against_mixture::{Comparison, Ground};
use ch07_comparisons::{CodeScale, NoisyAutoencoder};
use ch07_vae::{
    Architecture, Examples, Likelihood, Objective, Posterior, Trainer, Vae, between,
    noise_to_signal,
};

/// The length of every code here, and the width of the one hidden layer on each side.
pub(super) const CODE: usize = 8;
const HIDDEN: usize = 64;
const EPOCHS: usize = 60;
const BATCH: usize = 32;
/// Adam's first step size; it falls to 0 along half a cosine, for autoencoders and VAEs alike.
const RATE: f64 = 5e-3;

/// The decoder's standard deviation for grey pixels, a little above the root mean squared error per pixel
/// that is reached, which is where training would put it.
pub(super) const SIGMA: f64 = 0.15;

/// How many trainings a figure is the mean of where they take a second or less, …
const RUNS: u32 = 10;
/// … and where they take longer.
const FEWER_RUNS: u32 = 5;

const OPTICAL_DIGITS: &str = "optical digits, 8 × 8, 1437 to learn from and 360 held out";

/// On what grey digits were learned, by a VAE and by an autoencoder of the same layers.
pub(super) const GREY_DIGITS: Setting = Setting {
    data: OPTICAL_DIGITS,
    settings: "64 tanh units on each side, a code of 8, 60 epochs of Adam; the VAE's decoder Gaussian with σ = 0.15",
    runs: RUNS,
};

/// On what black and white digits were learned.
pub(super) const STROKES: Setting = Setting {
    data: "optical digits, 8 × 8, black and white, 1437 to learn from and 360 held out",
    settings: "64 tanh units on each side, a code of 8, 60 epochs of Adam",
    runs: RUNS,
};

/// On what autoencoders with noise on the code were trained.
pub(super) const NOISY_CODES: Setting = Setting {
    data: OPTICAL_DIGITS,
    settings: "autoencoders, 64 tanh units on each side, a code of 8, 60 epochs of Adam",
    runs: FEWER_RUNS,
};

/// On what a mixture and a VAE were compared.
pub(super) const BOTH_MODELS: Setting = Setting {
    data: "optical digits, 8 × 8, their first 2, 8, 32 and all 64 principal components, 1437 to learn from and 360 held out",
    settings: "ten Gaussians; a VAE of 64 tanh units on each side, a code of at most 8, one σ that is learned, 40 \
               epochs of Adam",
    runs: RIVAL_RUNS,
};
const RIVAL_RUNS: u32 = 8;

/// What was computed once, under the seed that it was computed for.
type Known<T> = Mutex<BTreeMap<u64, Arc<OnceLock<Result<Arc<T>, String>>>>>;

/// `make`, once a seed, [`apart`].
fn once<T: Send + Sync>(
    known: &Known<T>,
    seed: u64,
    make: impl Fn() -> Result<T, CheckError> + Send + Sync,
) -> Result<Arc<T>, CheckError> {
    let cell = {
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(seed).or_default())
    };
    let made = || apart(|| make().map(Arc::new).map_err(|error| error.to_string()))?;
    cell.get_or_init(made).clone().map_err(Into::into)
}

/// `make` for so many training seeds, once a seed of the claim.
fn several<T: Send + Sync>(
    known: &Known<Vec<T>>,
    seed: u64,
    runs: u32,
    make: impl Fn(u64) -> Result<T, CheckError> + Send + Sync,
) -> Result<Arc<Vec<T>>, CheckError> {
    let runs = u64::from(runs);
    let first = seed.wrapping_mul(runs);
    once(known, first, || (0..runs).into_par_iter().map(|k| make(first.wrapping_add(k))).collect())
}

/// What is asked of the 99 % interval for a figure's mean over the runs.
#[derive(Clone, Copy)]
pub(super) enum Lies {
    Above(f64),
    Below(f64),
    Between(f64, f64),
}

/// A figure's name, and where its interval should lie.
pub(super) type Question = (&'static str, Lies);

/// Several figures of one training.
pub(super) type Measure<T, const N: usize> = fn(&T) -> Result<[f64; N], CheckError>;

/// Each figure's interval should lie where it is asked to.
pub(super) fn over_runs<T, const N: usize>(
    measure: &Subject<Measure<T, N>>,
    runs: &mut Runs<'_>,
    trained: &[T],
    questions: [Question; N],
) -> Check {
    let measured = trained.iter().map(|trained| measure.output(|measure| measure(trained)));
    let measured: Vec<[f64; N]> = measured.collect::<Result<_, _>>()?;
    for (i, (name, lies)) in questions.into_iter().enumerate() {
        let figures: Vec<f64> = measured.iter().map(|figures| figures[i]).collect();
        match lies {
            Lies::Above(least) => runs.above(name, &figures, least),
            Lies::Below(most) => runs.below(name, &figures, most),
            Lies::Between(low, high) => runs.between(name, &figures, low, high),
        }
    }
    Ok(())
}

/// The optical digits as numbers, and a judge of generated ones.
pub(super) struct Digits {
    /// Grey values, images × 64.
    pub(super) train: Array2<f32>,
    pub(super) test: Array2<f32>,
    pub(super) train_labels: Vec<u8>,
    pub(super) test_labels: Vec<u8>,
    /// Black and white: on from half of full intensity.
    pub(super) train_strokes: Images,
    pub(super) test_strokes: Images,
    pub(super) judge: Judge,
    /// What real images get.
    pub(super) floor: Score,
}

fn grey(images: &Images) -> Array2<f32> {
    images.intensities(&(0..images.len()).collect::<Vec<_>>())
}

/// Black and white images, which no draw has to decide.
fn strokes(images: &Images) -> Result<Images, CheckError> {
    let half = images.max() / 2;
    Ok(Images::new(images.pixels().mapv(|pixel| u8::from(pixel >= half)), images.shape(), 1)?)
}

/// Read, and the judge trained, once for all checks.
pub(super) fn digits() -> Result<Arc<Digits>, CheckError> {
    static KNOWN: Known<Digits> = Mutex::new(BTreeMap::new());
    once(&KNOWN, 0, || {
        let data: Dataset = Source::Optdigits.load(&default_root())?;
        let judge = Judge::train(&data, 1)?;
        let labels = |labels: &Option<Vec<u8>>| labels.clone().ok_or("the digits have labels");
        Ok(Digits {
            train: grey(&data.train.images),
            test: grey(&data.test.images),
            train_labels: labels(&data.train.labels)?,
            test_labels: labels(&data.test.labels)?,
            train_strokes: strokes(&data.train.images)?,
            test_strokes: strokes(&data.test.images)?,
            floor: judge.floor()?,
            judge,
        })
    })
}

impl Digits {
    /// The score of images whose values may lie outside of [0, 1].
    pub(super) fn score(&self, images: &Array2<f32>) -> Result<Score, CheckError> {
        Ok(self.judge.score(&images.mapv(|value| value.clamp(0.0, 1.0)))?)
    }

    /// The grey training images as points.
    fn points(&self) -> Examples {
        Examples::Points(self.train.mapv(f64::from))
    }
}

fn train_vae(
    examples: &Examples,
    likelihood: Likelihood,
    beta: f64,
    seed: u64,
    mut after_epoch: impl FnMut(usize, &Vae<f32>),
) -> Vae<f32> {
    let architecture = Architecture {
        pixels: examples.pixels(),
        hidden: vec![HIDDEN],
        latent: CODE,
        activation: Activation::Tanh,
        likelihood,
    };
    let model = Vae::new(&architecture, &mut stream(seed, [1]));
    let mut trainer = Trainer::new(model, Adam::new(RATE), Objective::elbo(beta));
    let steps = EPOCHS * examples.len().div_ceil(BATCH);
    for epoch in 1..=EPOCHS {
        let order = shuffled(examples.len(), &mut stream(seed, [2, epoch as u64]));
        for batch in batches(&order, BATCH) {
            let cosine = (PI * trainer.steps as f64 / steps as f64).cos();
            trainer.adam.learning_rate = RATE * 0.5 * (1.0 + cosine);
            trainer.step(examples, batch, seed, epoch as u64);
        }
        after_epoch(epoch, &trainer.model);
    }
    trainer.model
}

const GREY: Likelihood = Likelihood::Gaussian { sigma: SIGMA };

fn untrained_autoencoder(seed: u64) -> Autoencoder<f32> {
    Autoencoder::new(&[64, HIDDEN, CODE], Activation::Tanh, &mut stream(seed, [1]))
}

fn schedule(seed: u64) -> Schedule {
    Schedule { epochs: EPOCHS, batch: BATCH, learning_rate: RATE, seed }
}

/// A VAE and an autoencoder of the same layers, trained on the same grey digits for as long.
pub(super) struct Pair {
    pub(super) seed: u64,
    pub(super) vae: Vae<f32>,
    pub(super) autoencoder: Autoencoder<f32>,
    pub(super) draws: Draws,
    pub(super) midpoints: Midpoints,
}

/// Scores of decoded draws.
pub(super) struct Draws {
    pub(super) autoencoder_prior: Score,
    pub(super) autoencoder_fitted: Score,
    pub(super) vae_prior: Score,
    pub(super) vae_fitted: Score,
}

/// Scores of what lies halfway between two training images.
pub(super) struct Midpoints {
    pub(super) autoencoder: Score,
    pub(super) vae: Score,
    pub(super) pixels: Score,
}

/// A pair for each run.
pub(super) fn pairs(seed: u64) -> Result<Arc<Vec<Pair>>, CheckError> {
    static KNOWN: Known<Vec<Pair>> = Mutex::new(BTreeMap::new());
    let digits = digits()?;
    several(&KNOWN, seed, RUNS, |seed| {
        let vae = train_vae(&digits.points(), GREY, 1.0, seed, |_, _| {});
        let mut autoencoder = untrained_autoencoder(seed);
        train(&mut autoencoder, &digits.train, &schedule(seed), |_, _| {});
        let draws = Draws {
            autoencoder_prior: digits.score(&autoencoder.decode(&prior(&digits, seed)))?,
            autoencoder_fitted: digits.score(&autoencoder.decode(&fitted(
                &digits,
                &autoencoder.encode(&digits.train),
                seed,
            )?))?,
            vae_prior: digits.score(&vae.decode_mean(prior(&digits, seed)))?,
            vae_fitted: digits.score(&vae.decode_mean(fitted(
                &digits,
                &vae.encode(digits.train.clone()).mean,
                seed,
            )?))?,
        };
        let [a, b] = ends(&digits, seed);
        let [p, q] = [&a, &b].map(|x| vae.encode(x.clone()).mean);
        let [c, d] = [&a, &b].map(|x| autoencoder.encode(x));
        let midpoints = Midpoints {
            autoencoder: digits.score(&autoencoder.decode(&between(c.view(), d.view(), 0.5)))?,
            vae: digits.score(&vae.decode_mean(between(p.view(), q.view(), 0.5)))?,
            pixels: digits.score(&between(a.view(), b.view(), 0.5))?,
        };
        Ok(Pair { seed, vae, autoencoder, draws, midpoints })
    })
}

/// As many codes from N(0, I) as a score is made of.
pub(super) fn prior(digits: &Digits, seed: u64) -> Array2<f32> {
    draw(digits, &CodeGaussian::standard(CODE), seed)
}

/// As many codes from the Gaussian with the mean and the covariance of `codes`.
fn fitted(digits: &Digits, codes: &Array2<f32>, seed: u64) -> Result<Array2<f32>, CheckError> {
    Ok(draw(digits, &CodeGaussian::fit(&codes.mapv(f64::from))?, seed))
}

fn draw(digits: &Digits, from: &CodeGaussian, seed: u64) -> Array2<f32> {
    from.draw(digits.judge.samples(), &mut stream(seed, [3])).mapv(|z| z as f32)
}

/// Pairs of training images, as many as a score is made of.
pub(super) fn ends(digits: &Digits, seed: u64) -> [Array2<f32>; 2] {
    let count = digits.judge.samples();
    let order = shuffled(digits.train.nrows(), &mut stream(seed, [4]));
    [0, count].map(|from| digits.train.select(Axis(0), &order[from..from + count]))
}

/// A VAE trained without its KL.
pub(super) struct WithoutKl {
    /// q(z|x) of the training images after a quarter of the epochs, and in the end.
    pub(super) early: Posterior<f32>,
    pub(super) late: Posterior<f32>,
    pub(super) model: Vae<f32>,
}

/// Trainings with β = 0.
pub(super) fn without_kl(seed: u64) -> Result<Arc<Vec<WithoutKl>>, CheckError> {
    static KNOWN: Known<Vec<WithoutKl>> = Mutex::new(BTreeMap::new());
    let digits = digits()?;
    several(&KNOWN, seed, RUNS, |seed| {
        let mut early = None;
        let model = train_vae(&digits.points(), GREY, 0.0, seed, |epoch, model| {
            if epoch == EPOCHS / 4 {
                early = Some(model.encode(digits.train.clone()));
            }
        });
        let late = model.encode(digits.train.clone());
        Ok(WithoutKl { early: early.ok_or("no epoch was a quarter of all")?, late, model })
    })
}

/// Autoencoders trained with noise on their codes.
pub(super) struct Noisy {
    /// The mean standard deviation of a coordinate of the free code, after the first epoch, after a quarter of
    /// them and in the end; the noise has a standard deviation of [`FREE_NOISE`].
    pub(super) free_sd: [f64; 3],
    /// The same of the code that is standardised, with [`LEVELS`]`[2]`.
    pub(super) standardised_sd: [f64; 3],
    /// Standardised codes with the noises of [`LEVELS`], standardisation made part of the encoder.
    pub(super) standardised: Vec<Autoencoder<f32>>,
    pub(super) seed: u64,
}

/// The standard deviation of the noise on the free code.
pub(super) const FREE_NOISE: f64 = 0.5;

/// Standard deviations of the noise on the standardised code.
pub(super) const LEVELS: [f64; 4] = [0.0, 0.25, 0.5, 1.0];

/// Trainings with each noise.
pub(super) fn noisy(seed: u64) -> Result<Arc<Vec<Noisy>>, CheckError> {
    static KNOWN: Known<Vec<Noisy>> = Mutex::new(BTreeMap::new());
    let digits = digits()?;
    several(&KNOWN, seed, FEWER_RUNS, |seed| {
        let train_one = |sigma: f64, scale: CodeScale| {
            let mut sds = [f64::NAN; 3];
            let untrained =
                NoisyAutoencoder { autoencoder: untrained_autoencoder(seed), sigma, scale };
            let trained = untrained.train(&digits.train, &schedule(seed), |epoch, model| {
                if let Some(at) = [1, EPOCHS / 4, EPOCHS].iter().position(|&e| e == epoch) {
                    let code = model.encode(&digits.train).mapv(f64::from);
                    sds[at] = code.std_axis(Axis(0), 0.0).mean().unwrap_or(f64::NAN);
                }
            });
            (sds, trained.fold(&digits.train))
        };
        let levels = LEVELS.map(|sigma| train_one(sigma, CodeScale::Standardised));
        Ok(Noisy {
            free_sd: train_one(FREE_NOISE, CodeScale::Free).0,
            standardised_sd: levels[2].0,
            standardised: levels.map(|(_, autoencoder)| autoencoder).into(),
            seed,
        })
    })
}

/// VAEs of the black and white digits.
pub(super) fn strokes_runs(seed: u64) -> Result<Arc<Vec<Vae<f32>>>, CheckError> {
    static KNOWN: Known<Vec<Vae<f32>>> = Mutex::new(BTreeMap::new());
    let digits = digits()?;
    let examples = Examples::Images(digits.train_strokes.clone());
    several(&KNOWN, seed, RUNS, |seed| {
        Ok(train_vae(&examples, Likelihood::Bernoulli, 1.0, seed, |_, _| {}))
    })
}

/// One VAE of the black and white digits.
pub(super) fn strokes_model() -> Result<Arc<Vae<f32>>, CheckError> {
    static KNOWN: Known<Vae<f32>> = Mutex::new(BTreeMap::new());
    let digits = digits()?;
    let examples = Examples::Images(digits.train_strokes.clone());
    once(&KNOWN, 0, || Ok(train_vae(&examples, Likelihood::Bernoulli, 1.0, 0, |_, _| {})))
}

/// A mixture and a VAE in 2, 8, 32 and all 64 dimensions.
pub(super) struct Rivals {
    pub(super) at: Vec<Comparison>,
    /// What whole real images get.
    pub(super) floor: Score,
}

/// Fits of both at each number of dimensions.
pub(super) fn rivals(seed: u64) -> Result<Arc<Vec<Rivals>>, CheckError> {
    static KNOWN: Known<Vec<Rivals>> = Mutex::new(BTreeMap::new());
    let digits = digits()?;
    several(&KNOWN, seed, RIVAL_RUNS, |seed| {
        let ground = Ground::new(&digits.judge, seed)?;
        let at = [2, 8, 32, 64].map(|dimensions| ground.compare(dimensions));
        Ok(Rivals { at: at.into_iter().collect::<Result<_, _>>()?, floor: digits.floor.clone() })
    })
}

/// The largest and the smallest noise-to-signal ratio of a code's coordinates.
pub(super) fn extremes(posterior: &Posterior<f32>) -> [f64; 2] {
    let ratios = noise_to_signal(posterior);
    [ratios.fold(f64::NEG_INFINITY, |a, &b| a.max(b)), ratios.fold(f64::INFINITY, |a, &b| a.min(b))]
}
