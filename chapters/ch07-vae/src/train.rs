//! The training step.

use nn::{Adam, LayerState, update_layers};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::{Examples, Terms, Vae, purpose};

/// Images in one shard of a batch. A thread works on a shard at a time; the sum over shards always
/// has the same order, so the number of threads leaves no trace in the result.
///
/// At 64 the matrix products run at nearly full speed. Every product rearranges the weights for the
/// processor's cache first, once a shard: at 32 that would happen twice as often.
const SHARD: usize = 64;

/// A model in training, with all that its optimiser remembers.
#[derive(Clone, Debug)]
pub struct Trainer {
    /// The model.
    pub model: Vae<f32>,
    /// Adam's first moments.
    pub first: Vae<f32>,
    /// Adam's second moments.
    pub second: Vae<f32>,
    /// Adam's settings.
    pub adam: Adam,
    /// The weight of the KL term; 1 for the ELBO.
    pub beta: f64,
    /// Steps taken.
    pub steps: u64,
}

impl Trainer {
    /// Starts with a model and no memory.
    pub fn new(model: Vae<f32>, adam: Adam, beta: f64) -> Self {
        let zeros = model.zeros_like();
        Self { model, first: zeros.clone(), second: zeros, adam, beta, steps: 0 }
    }

    // ANCHOR: step
    /// One step on the examples `indices`: binarize, forward, loss, backward, gradient, Adam.
    /// Returns the two terms of the ELBO, summed over the batch, from before the step.
    pub fn step(
        &mut self,
        examples: &Examples,
        indices: &[usize],
        seed: u64,
        epoch: u64,
    ) -> (f64, f64) {
        let (model, latent) = (&self.model, self.model.mean.outputs());
        let passes: Vec<_> = shards_of(indices)
            .par_iter()
            .map(|shard| {
                let batch = examples.batch(shard, latent, seed, [purpose::TRAIN, epoch]);
                let forward = model.forward(batch.x, batch.noise);
                let terms = model.terms(&forward);
                let deltas = model.backward(&forward, indices.len(), self.beta);
                (terms, forward, deltas)
            })
            .collect();

        let mut tapes = vec![Vec::with_capacity(passes.len()); model.layers().len()];
        for (_, forward, deltas) in &passes {
            for (layer, tape) in tapes.iter_mut().zip(Vae::tapes(forward, deltas)) {
                layer.push(tape);
            }
        }
        self.steps += 1;
        update_layers(
            self.model
                .layers_mut()
                .into_iter()
                .zip(self.first.layers_mut())
                .zip(self.second.layers_mut())
                .map(|((parameters, first), second)| LayerState { parameters, first, second })
                .collect(),
            &tapes,
            self.adam.at_step(self.steps),
        );
        sum_terms(passes.iter().map(|(terms, ..)| terms))
    }
    // ANCHOR_END: step

    /// One of the parameters or of Adam's moments that is NaN or infinite, if any is.
    pub fn not_finite(&self) -> Option<f32> {
        [&self.model, &self.first, &self.second]
            .into_iter()
            .flat_map(Vae::layers)
            .flat_map(|layer| layer.weight.iter().chain(&layer.bias))
            .copied()
            .find(|value| !value.is_finite())
    }
}

/// The two terms of the ELBO on average over all examples, with one sample of the code for each:
/// a quick look after an epoch, in parallel. `round` names the noise.
pub fn average_terms(model: &Vae<f32>, examples: &Examples, seed: u64, round: u64) -> (f64, f64) {
    let indices: Vec<usize> = (0..examples.len()).collect();
    let terms: Vec<_> = shards_of(&indices)
        .par_iter()
        .map(|shard| {
            let visit = [purpose::TEST, round];
            let batch = examples.batch(shard, model.mean.outputs(), seed, visit);
            model.terms(&model.forward(batch.x, batch.noise))
        })
        .collect();
    let (reconstruction, kl) = sum_terms(terms.iter());
    let n = examples.len() as f64;
    (reconstruction / n, kl / n)
}

/// The indices of a batch in shards of equal size; the last may be smaller.
pub fn shards_of(indices: &[usize]) -> Vec<&[usize]> {
    indices.chunks(SHARD).collect()
}

/// Reconstruction and KL summed over images, in f64 and in order.
fn sum_terms<'a>(terms: impl Iterator<Item = &'a Terms<f32>>) -> (f64, f64) {
    terms.fold((0.0, 0.0), |(reconstruction, kl), terms| {
        let sum = |values: &ndarray::Array1<f32>| values.iter().map(|&v| f64::from(v)).sum::<f64>();
        (reconstruction + sum(&terms.reconstruction), kl + sum(&terms.kl))
    })
}
