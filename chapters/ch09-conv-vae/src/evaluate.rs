//! How good a model is: the ELBO, and an importance-weighted estimate of log p(x), as in chapter 7.

use ch07_vae::{
    Evaluation, Posterior, Samples, Tally, kl_to_standard_normal, log_ratio, reparameterize,
    shards_of,
};
use data::Images;
use ndarray::{Array2, ArrayView2, s};
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::{Vae, purpose};

/// Codes that are decoded together: enough for fast products, few enough to stay in the cache.
const BLOCK: usize = 64;

/// Draws `count` codes zₖ ~ q(z|x) of one image and weighs them, log wₖ = log p(x|zₖ) + log p(zₖ) − log q(zₖ|x).
/// `x` and `posterior` have one row.
pub fn draw_samples(
    model: &Vae<f32>,
    x: ArrayView2<'_, f32>,
    posterior: &Posterior<f32>,
    count: usize,
    rng: &mut impl Rng,
) -> Samples {
    let mut samples = Samples { log_likelihood: Vec::new(), log_weight: Vec::new() };
    while samples.log_weight.len() < count {
        let block = BLOCK.min(count - samples.log_weight.len());
        let noise =
            Array2::from_shape_simple_fn((block, model.latent()), || rng.sample(StandardNormal));
        let z = reparameterize(posterior, &noise);
        let log_ratio = log_ratio(posterior, &noise, &z);
        let logits = model.decode(z);
        let x = x.broadcast(logits.dim()).expect("as many pixels as the decoder has outputs");
        for (log_p, log_ratio) in model.log_likelihood(&x, &logits).iter().zip(&log_ratio) {
            samples.log_likelihood.push(f64::from(*log_p));
            samples.log_weight.push(f64::from(*log_p) + f64::from(*log_ratio));
        }
    }
    samples
}

/// Evaluates a model on the images `indices` (which are taken as binary; binarize them before) with `samples` codes
/// each, in parallel on the current rayon pool. `progress` is called with the number of images done each
/// time some are.
///
/// The result depends on the seed, and not on the number of threads.
///
/// # Panics
/// If there is no image or no sample, or the images are not of the model's size.
pub fn evaluate(
    model: &Vae<f32>,
    images: &Images,
    indices: &[usize],
    samples: usize,
    seed: u64,
    progress: impl Fn(usize) + Sync,
) -> Evaluation {
    assert!(!indices.is_empty() && samples > 0, "something to evaluate");
    let shards: Vec<Tally> = shards_of(indices)
        .par_iter()
        .map(|shard| {
            let x = images.intensities(shard);
            let posterior = model.encode(&x);
            let kl = kl_to_standard_normal(&posterior);
            let mut tally = Tally::default();
            for (row, &index) in shard.iter().enumerate() {
                let posterior = Posterior {
                    mean: posterior.mean.slice(s![row..=row, ..]).to_owned(),
                    log_var: posterior.log_var.slice(s![row..=row, ..]).to_owned(),
                };
                let mut rng = stream(seed, [purpose::EVALUATE, index as u64]);
                let x = x.slice(s![row..=row, ..]);
                let drawn = draw_samples(model, x, &posterior, samples, &mut rng);
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
