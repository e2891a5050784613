//! The training step.

use std::iter::Sum;
use std::ops::Div;

use ndarray::Array1;
use nn::{Adam, Parameters, shards_of, update_layers};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use crate::{Examples, Objective, Terms, Vae, purpose};

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
    /// What a step maximises.
    pub objective: Objective,
    /// Steps taken.
    pub steps: u64,
}

impl Trainer {
    /// Starts with a model and no memory.
    pub fn new(model: Vae<f32>, adam: Adam, objective: Objective) -> Self {
        let zeros = model.zeros_like();
        Self { model, first: zeros.clone(), second: zeros, adam, objective, steps: 0 }
    }

    // ANCHOR: step
    /// One step on the examples `indices`: binarize, forward, loss, backward, gradient, Adam.
    /// Returns the terms, summed over the batch, from before the step.
    pub fn step(
        &mut self,
        examples: &Examples,
        indices: &[usize],
        seed: u64,
        epoch: u64,
    ) -> Totals {
        let (model, objective) = (&self.model, &self.objective);
        let codes = [objective.particles, model.mean.outputs()];
        let passes: Vec<_> = shards_of(indices)
            .par_iter()
            .map(|shard| {
                let visit = [purpose::TRAIN, epoch];
                let batch = examples.batch_with_codes(shard, codes, seed, visit);
                let forward = model.forward(batch.x, batch.noise);
                let terms = model.terms(&forward);
                let deltas = model.backward(&forward, &terms, objective, indices.len());
                (Totals::of(&terms, objective), forward, deltas)
            })
            .collect();

        self.steps += 1;
        let models = [&mut self.model, &mut self.first, &mut self.second];
        let tapes = passes.iter().map(|(_, forward, deltas)| Vae::tapes(forward, deltas));
        update_layers(models.map(Vae::layers_mut), tapes, self.adam.at_step(self.steps));
        passes.iter().map(|(totals, ..)| *totals).sum()
    }
    // ANCHOR_END: step

    /// One of the parameters or of Adam's moments that is NaN or infinite, if any is.
    pub fn not_finite(&self) -> Option<f32> {
        [&self.model, &self.first, &self.second].into_iter().find_map(Vae::not_finite)
    }
}

/// The terms on average over all examples, with as many codes for each as `objective` says: a quick
/// look after an epoch, in parallel. `round` names the noise.
pub fn average_terms(
    model: &Vae<f32>,
    examples: &Examples,
    objective: &Objective,
    seed: u64,
    round: u64,
) -> Totals {
    let indices: Vec<usize> = (0..examples.len()).collect();
    let codes = [objective.particles, model.mean.outputs()];
    let totals: Vec<Totals> = shards_of(&indices)
        .par_iter()
        .map(|shard| {
            let batch = examples.batch_with_codes(shard, codes, seed, [purpose::TEST, round]);
            Totals::of(&model.terms(&model.forward(batch.x, batch.noise)), objective)
        })
        .collect();
    totals.into_iter().sum::<Totals>() / examples.len() as f64
}

/// The terms of many images, in nats: summed, or, divided by their number, on average.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// What the objective increases.
    pub bound: f64,
    /// log p(x|z).
    pub reconstruction: f64,
    /// KL(q(z|x) ‖ p(z)), in closed form.
    pub kl: f64,
}

impl Totals {
    /// The sums over a batch, in f64 and in order.
    pub fn of(terms: &Terms<f32>, objective: &Objective) -> Self {
        let sum = |values: &Array1<f32>| values.iter().map(|&v| f64::from(v)).sum();
        Self {
            bound: sum(&terms.bound(objective)),
            reconstruction: sum(&terms.reconstruction),
            kl: sum(&terms.kl),
        }
    }

    /// ELBO = reconstruction − KL, whatever the objective.
    #[must_use]
    pub fn elbo(&self) -> f64 {
        self.reconstruction - self.kl
    }
}

impl Sum for Totals {
    fn sum<I: Iterator<Item = Self>>(totals: I) -> Self {
        totals.fold(Self::default(), |a, b| Self {
            bound: a.bound + b.bound,
            reconstruction: a.reconstruction + b.reconstruction,
            kl: a.kl + b.kl,
        })
    }
}

impl Div<f64> for Totals {
    type Output = Self;

    fn div(self, n: f64) -> Self {
        Self { bound: self.bound / n, reconstruction: self.reconstruction / n, kl: self.kl / n }
    }
}
