//! The training step.

use ch07_vae::shards_of;
use data::Images;
use ndarray::Array2;
use nn::{Adam, AdamStep};
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::{Terms, Vae, purpose};

/// Some images with the noise that their codes are to be drawn with.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Binary images × pixels.
    pub x: Array2<f32>,
    /// ε ~ N(0, I), images × latent.
    pub noise: Array2<f32>,
}

impl Batch {
    /// The images `indices`, each pixel on with a probability that is its grey value, decided afresh.
    ///
    /// Every image has a random stream of its own, named by the seed, the `visit` (a
    /// [`purpose`] and a count, such as the epoch) and its index: it does not matter who prepares it when, and on
    /// how many threads.
    pub fn draw(
        images: &Images,
        indices: &[usize],
        latent: usize,
        seed: u64,
        visit: [u64; 2],
    ) -> Self {
        let mut x = Array2::zeros((indices.len(), images.pixels_per_image()));
        let mut noise = Array2::zeros((indices.len(), latent));
        for ((&index, mut x), mut noise) in indices.iter().zip(x.rows_mut()).zip(noise.rows_mut()) {
            let mut rng = stream(seed, [visit[0], visit[1], index as u64]);
            let x = x.as_slice_mut().expect("a new array's rows are contiguous");
            images.binarize_into(index, &mut rng, x);
            noise.map_inplace(|noise| *noise = rng.sample(StandardNormal));
        }
        Self { x, noise }
    }
}

/// A model in training, with all that its optimiser remembers.
#[derive(Clone, Debug)]
pub struct Trainer {
    /// The model.
    pub model: Vae<f32>,
    /// Adam's first moments.
    pub first: Vae<f32>,
    /// Adam's second moments.
    pub second: Vae<f32>,
    /// Steps taken.
    pub steps: u64,
}

impl Trainer {
    /// Starts with a model and no memory.
    pub fn new(model: Vae<f32>) -> Self {
        let mut zeros = model.clone();
        zeros.parameters_mut().into_iter().for_each(|moments| moments.fill(0.0));
        Self { model, first: zeros.clone(), second: zeros, steps: 0 }
    }

    // ANCHOR: step
    /// One step on the images `indices`: binarize, forward, loss, gradient, Adam. Returns the two terms of the
    /// ELBO, summed over the batch, from before the step.
    ///
    /// A batch is cut into shards of one size, whatever the number of threads; each makes a gradient of its own,
    /// and the sum over shards has always the same order. So threads leave no trace in the bits.
    pub fn step(
        &mut self,
        images: &Images,
        indices: &[usize],
        learning_rate: f64,
        seed: u64,
        epoch: u64,
    ) -> (f64, f64) {
        let model = &self.model;
        let (terms, mut gradients): (Vec<_>, Vec<_>) = shards_of(indices)
            .par_iter()
            .map(|shard| {
                let visit = [purpose::TRAIN, epoch];
                let batch = Batch::draw(images, shard, model.latent(), seed, visit);
                let forward = model.forward(batch.x, batch.noise);
                (model.terms(&forward), model.gradient(&forward, indices.len(), 1.0))
            })
            .unzip();
        self.steps += 1;
        self.descend(&mut gradients, Adam::new(learning_rate).at_step(self.steps));
        sum_terms(&terms)
    }
    // ANCHOR_END: step

    /// Adds the shards' gradients and makes Adam's step, a block of the parameters at a time, on all threads.
    fn descend(&mut self, gradients: &mut [Vae<f32>], step: AdamStep<f32>) {
        /// Numbers in a block: enough to be worth a task, few enough for the cache.
        const BLOCK: usize = 1 << 13;
        let Some((sum, shards)) = gradients.split_first_mut() else { return };
        let shards: Vec<_> = shards.iter().map(Vae::parameters).collect();
        let moments = self.first.parameters_mut().into_iter().zip(self.second.parameters_mut());
        let tensors =
            self.model.parameters_mut().into_iter().zip(sum.parameters_mut()).zip(moments);
        let blocks = tensors.enumerate().flat_map(|(tensor, ((theta, sum), (m, v)))| {
            let blocks = theta.chunks_mut(BLOCK).zip(sum.chunks_mut(BLOCK));
            let moments = m.chunks_mut(BLOCK).zip(v.chunks_mut(BLOCK));
            blocks.zip(moments).enumerate().map(move |(block, parts)| (tensor, block, parts))
        });
        blocks.collect::<Vec<_>>().into_par_iter().for_each(
            |(tensor, block, ((theta, sum), (m, v)))| {
                for shard in &shards {
                    let part = &shard[tensor][block * BLOCK..][..sum.len()];
                    sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
                }
                step.update(theta, sum, m, v);
            },
        );
    }

    /// One of the parameters or of Adam's moments that is NaN or infinite, if any is.
    pub fn not_finite(&self) -> Option<f32> {
        [&self.model, &self.first, &self.second]
            .into_iter()
            .flat_map(Vae::parameters)
            .flatten()
            .copied()
            .find(|value| !value.is_finite())
    }
}

// ANCHOR: cosine
/// The learning rate of step `step` of `steps`, equation (9.6): ½η(1 + cos πt/T), from η down to 0 along half a
/// wave (Loshchilov & Hutter 2017, without restarts).
pub fn cosine(learning_rate: f64, step: u64, steps: u64) -> f64 {
    let done = step as f64 / steps as f64;
    0.5 * learning_rate * (1.0 + (std::f64::consts::PI * done).cos())
}
// ANCHOR_END: cosine

/// The two terms of the ELBO on average over all images, with one sample of the code for each: a quick look after
/// an epoch, in parallel. `round` names the noise.
pub fn average_terms(model: &Vae<f32>, images: &Images, seed: u64, round: u64) -> (f64, f64) {
    let indices: Vec<usize> = (0..images.len()).collect();
    let terms: Vec<_> = shards_of(&indices)
        .par_iter()
        .map(|shard| {
            let visit = [purpose::TEST, round];
            let batch = Batch::draw(images, shard, model.latent(), seed, visit);
            model.terms(&model.forward(batch.x, batch.noise))
        })
        .collect();
    let (reconstruction, kl) = sum_terms(&terms);
    let n = images.len() as f64;
    (reconstruction / n, kl / n)
}

/// Reconstruction and KL summed over images, in f64 and in order.
fn sum_terms(terms: &[Terms<f32>]) -> (f64, f64) {
    terms.iter().fold((0.0, 0.0), |(reconstruction, kl), terms| {
        let sum = |values: &ndarray::Array1<f32>| values.iter().map(|&v| f64::from(v)).sum::<f64>();
        (reconstruction + sum(&terms.reconstruction), kl + sum(&terms.kl))
    })
}
