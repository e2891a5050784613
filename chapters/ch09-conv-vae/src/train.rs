//! The training step.

use ch07_vae::Batch;
use data::Images;
use nn::{Adam, Parameters, shards_of, update_parameters};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::{Terms, Vae, purpose};

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
        let zeros = model.zeros_like();
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
        let models = [&mut self.model, &mut self.first, &mut self.second];
        update_parameters(models, &mut gradients, Adam::new(learning_rate).at_step(self.steps));
        sum_terms(&terms)
    }
    // ANCHOR_END: step

    /// One of the parameters or of Adam's moments that is NaN or infinite, if any is.
    pub fn not_finite(&self) -> Option<f32> {
        [&self.model, &self.first, &self.second].into_iter().find_map(Vae::not_finite)
    }
}

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
