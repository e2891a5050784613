//! How good a model is: the ELBO, and an importance-weighted estimate of log p(x).

use ndarray::{Array1, Array2, ArrayRef2, ArrayView1, Axis, s};
use nn::shards_of;
use prob::random::stream;
use prob::{Estimate, log_mean_exp};
use rand::Rng;
use rand_distr::StandardNormal;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::{Examples, Posterior, Vae, kl_to_standard_normal, log_ratio, purpose, reparameterize};

/// What an evaluation asks of a VAE, whatever its layers are.
pub trait EncoderDecoder: Sync {
    /// Codes that are decoded together: enough for fast products, few enough to stay in the cache.
    const BLOCK: usize;

    /// The parameters of q(z|x); `x` is images × pixels.
    fn encode(&self, x: Array2<f32>) -> Posterior<f32>;

    /// The parameters of p(x|z), codes × pixels; `z` is codes × latent.
    fn decode(&self, z: Array2<f32>) -> Array2<f32>;

    /// log p(x|z) for each code, given the decoder's `output`; `x` is images × pixels.
    fn log_likelihood(&self, x: &ArrayRef2<f32>, output: &ArrayRef2<f32>) -> Array1<f32>;
}

impl EncoderDecoder for Vae<f32> {
    const BLOCK: usize = 128;

    fn encode(&self, x: Array2<f32>) -> Posterior<f32> {
        self.encode(x)
    }

    fn decode(&self, z: Array2<f32>) -> Array2<f32> {
        self.decode(z)
    }

    fn log_likelihood(&self, x: &ArrayRef2<f32>, output: &ArrayRef2<f32>) -> Array1<f32> {
        self.log_likelihood(x, output)
    }
}

/// K samples of the code of one image, judged.
#[derive(Clone, Debug)]
pub struct Samples {
    /// log p(x|zₖ) for each sample.
    pub log_likelihood: Vec<f64>,
    /// log wₖ = log p(x|zₖ) + log p(zₖ) − log q(zₖ|x) for each sample.
    pub log_weight: Vec<f64>,
}

// ANCHOR: log_evidence
impl Samples {
    /// Draws `count` codes zₖ ~ q(z|x) of one image and weighs them. `x` has one number for each
    /// pixel and `posterior` is q(z|x), one row.
    pub fn draw<M: EncoderDecoder>(
        model: &M,
        x: ArrayView1<'_, f32>,
        posterior: &Posterior<f32>,
        count: usize,
        rng: &mut impl Rng,
    ) -> Self {
        let x = x.insert_axis(Axis(0));
        let mut samples = Self { log_likelihood: Vec::new(), log_weight: Vec::new() };
        while samples.log_weight.len() < count {
            let block = M::BLOCK.min(count - samples.log_weight.len());
            let shape = (block, posterior.mean.ncols());
            let noise = Array2::from_shape_simple_fn(shape, || rng.sample(StandardNormal));
            let z = reparameterize(posterior, &noise);
            let log_ratio = log_ratio(posterior, &noise, &z);
            let output = model.decode(z);
            for (log_p, log_ratio) in model.log_likelihood(&x, &output).iter().zip(&log_ratio) {
                samples.log_likelihood.push(f64::from(*log_p));
                samples.log_weight.push(f64::from(*log_p) + f64::from(*log_ratio));
            }
        }
        samples
    }

    /// log p(x) ≈ log (1/K) Σₖ wₖ, equation (7.7) (Burda, Grosse & Salakhutdinov 2016). It is too
    /// small on average, the less so the larger K is.
    pub fn log_evidence(&self) -> f64 {
        log_mean_exp(&self.log_weight).expect("at least one sample")
    }

    /// The Monte-Carlo variance of [`Samples::log_evidence`] by the delta method:
    /// Var(w)/(K·mean(w)²). Needs two samples.
    pub fn log_evidence_variance(&self) -> Option<f64> {
        let log_mean = self.log_evidence();
        let relative: Estimate = self.log_weight.iter().map(|w| (w - log_mean).exp()).collect();
        relative.standard_error().ok().map(|error| error * error)
    }
}
// ANCHOR_END: log_evidence

/// An average over images, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Average {
    /// The mean over the images.
    pub mean: f64,
    /// How far the mean of another set of as many images may be off: their standard deviation
    /// divided by √images. `None` for a single image.
    pub standard_error: Option<f64>,
    /// How far an evaluation of the same images with other noise may be off. `None` where it cannot
    /// be estimated (one sample) and 0 where there is no noise (the KL).
    pub monte_carlo_error: Option<f64>,
}

/// How good a model is on a set of images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// Number of images.
    pub images: usize,
    /// Number K of samples for each image.
    pub samples: usize,
    /// ELBO = reconstruction − KL.
    pub elbo: Average,
    /// E_q[log p(x|z)].
    pub reconstruction: Average,
    /// KL(q(z|x) ‖ p(z)), in closed form.
    pub kl: Average,
    /// log p(x) by importance weighting.
    pub log_evidence: Average,
}

/// Evaluates a model on the examples `indices` with `samples` codes each, in parallel on the
/// current rayon pool. `progress` is called with the number of images done each time some are.
///
/// The result depends on the seed, and not on the number of threads.
///
/// # Panics
/// If there is no example or no sample, or the examples are not of the model's size.
pub fn evaluate(
    model: &impl EncoderDecoder,
    examples: &Examples,
    indices: &[usize],
    samples: usize,
    seed: u64,
    progress: impl Fn(usize) + Sync,
) -> Evaluation {
    assert!(!indices.is_empty() && samples > 0, "something to evaluate");
    let shards: Vec<Tally> = shards_of(indices)
        .par_iter()
        .map(|shard| {
            // No noise yet: each image draws its samples below.
            let x = examples.batch(shard, 0, seed, [purpose::EVALUATE, 0]).x;
            let posterior = model.encode(x.clone());
            let kl = kl_to_standard_normal(&posterior);
            let mut tally = Tally::default();
            for (row, &index) in shard.iter().enumerate() {
                let posterior = Posterior {
                    mean: posterior.mean.slice(s![row..=row, ..]).to_owned(),
                    log_var: posterior.log_var.slice(s![row..=row, ..]).to_owned(),
                };
                let mut rng = stream(seed, [purpose::EVALUATE, index as u64]);
                let drawn = Samples::draw(model, x.row(row), &posterior, samples, &mut rng);
                tally.push(&drawn, f64::from(kl[row]));
                progress(1);
            }
            tally
        })
        .collect();
    let mut total = Tally::default();
    shards.iter().for_each(|tally| total.merge(tally));
    total.finish(samples)
}

/// Sums over images, from which an [`Evaluation`] is made. The images may be tallied in parts, which are
/// then merged in a fixed order.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    elbo: Estimate,
    reconstruction: Estimate,
    kl: Estimate,
    log_evidence: Estimate,
    reconstruction_variance: f64,
    log_evidence_variance: f64,
}

impl Tally {
    /// Takes in one image: its samples, and KL(q(z|x) ‖ p(z)) in closed form.
    pub fn push(&mut self, samples: &Samples, kl: f64) {
        let reconstruction: Estimate = samples.log_likelihood.iter().copied().collect();
        let error = reconstruction.standard_error().unwrap_or(f64::NAN);
        self.elbo.push(reconstruction.mean() - kl);
        self.reconstruction.push(reconstruction.mean());
        self.kl.push(kl);
        self.log_evidence.push(samples.log_evidence());
        self.reconstruction_variance += error * error;
        self.log_evidence_variance += samples.log_evidence_variance().unwrap_or(f64::NAN);
    }

    /// Takes in the images of another tally.
    pub fn merge(&mut self, other: &Self) {
        self.elbo.merge(&other.elbo);
        self.reconstruction.merge(&other.reconstruction);
        self.kl.merge(&other.kl);
        self.log_evidence.merge(&other.log_evidence);
        self.reconstruction_variance += other.reconstruction_variance;
        self.log_evidence_variance += other.log_evidence_variance;
    }

    /// The averages over the images, of which each had so many `samples`.
    pub fn finish(&self, samples: usize) -> Evaluation {
        let images = self.kl.count() as f64;
        let average = |estimate: &Estimate, variance_sum: f64| Average {
            mean: estimate.mean(),
            standard_error: estimate.standard_error().ok(),
            monte_carlo_error: Some(variance_sum.sqrt() / images).filter(|error| !error.is_nan()),
        };
        Evaluation {
            images: self.kl.count() as usize,
            samples,
            elbo: average(&self.elbo, self.reconstruction_variance),
            reconstruction: average(&self.reconstruction, self.reconstruction_variance),
            kl: average(&self.kl, 0.0),
            log_evidence: average(&self.log_evidence, self.log_evidence_variance),
        }
    }
}
