//! The algorithm.

use std::ops::Range;

use ndarray::Zip;
use nn::{Adam, Mlp, Parameters, SHARD, update_layers};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::examples::{Examples, noise};
use crate::gradient::{Pass, split};
use crate::loss::{self, GeneratorLoss};
use crate::{Discriminator, Generator, purpose};

/// What does not change during a training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Examples in a batch, m: so many real ones and so many generated ones.
    pub batch: usize,
    /// Steps of the discriminator for each of the generator.
    pub k: usize,
    /// What the generator descends on.
    pub loss: GeneratorLoss,
    /// The generator's optimiser.
    pub generator_adam: Adam,
    /// The discriminator's optimiser.
    pub discriminator_adam: Adam,
    /// The share of itself that the running average of the generator keeps at each step: 0.999 averages over
    /// about a thousand steps, 0 makes the average the generator itself.
    pub average_decay: f64,
}

/// The two players in training, with all that their optimisers remember.
#[derive(Clone, Debug)]
pub struct Trainer {
    /// G
    pub generator: Generator<f32>,
    /// D
    pub discriminator: Discriminator<f32>,
    /// Adam's first moments of the generator.
    pub generator_first: Generator<f32>,
    /// Adam's second moments of the generator.
    pub generator_second: Generator<f32>,
    /// Adam's first moments of the discriminator.
    pub discriminator_first: Discriminator<f32>,
    /// Adam's second moments of the discriminator.
    pub discriminator_second: Discriminator<f32>,
    /// The running average of the generator's parameters over the steps: the players circle about the
    /// equilibrium, and the middle of a circle is nearer to it than any point of it.
    pub average: Generator<f32>,
    /// What does not change; a learning rate may be lowered between steps all the same.
    pub settings: Settings,
    /// γ of the [penalty](Discriminator::penalty) on the discriminator; 0, as in the text's algorithm, for none.
    pub penalty: f64,
    /// Steps of the generator taken.
    pub steps: u64,
}

/// What one step saw, from before the updates; means over the batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// The mean of D(x) over real examples.
    pub d_real: f64,
    /// The mean of D(G(z)) over the generated ones in the discriminator's (last) step.
    pub d_generated: f64,
    /// −log D(x) − log(1 − D(G(z))), which is minus the value of the game.
    pub discriminator_loss: f64,
    /// The generator's loss.
    pub generator_loss: f64,
}

impl Figures {
    /// Whether all of them are numbers. A parameter that is NaN makes a loss NaN one step later.
    pub fn finite(&self) -> bool {
        [self.d_real, self.d_generated, self.discriminator_loss, self.generator_loss]
            .iter()
            .all(|figure| figure.is_finite())
    }
}

impl Trainer {
    /// Starts with two networks and no memory.
    pub fn new(
        generator: Generator<f32>,
        discriminator: Discriminator<f32>,
        settings: Settings,
    ) -> Self {
        let (g_zeros, d_zeros) = (generator.zeros_like(), discriminator.zeros_like());
        Self {
            average: generator.clone(),
            generator,
            discriminator,
            generator_first: g_zeros.clone(),
            generator_second: g_zeros,
            discriminator_first: d_zeros.clone(),
            discriminator_second: d_zeros,
            settings,
            penalty: 0.0,
            steps: 0,
        }
    }

    // ANCHOR: step
    /// One step of the algorithm: (1) noise, (2) data, (3) the discriminator ascends, k times over; then (4)
    /// *fresh* noise, (5) the generator descends against the discriminator that has just moved.
    pub fn step(&mut self, examples: &Examples, seed: u64) -> Figures {
        let mut judged = [0.0; 3];
        for round in 0..self.settings.k as u64 {
            judged = self.ascend_discriminator(examples, seed, round);
        }
        let generator_loss = self.descend_generator(seed);
        self.steps += 1;
        let [d_real, d_generated, discriminator_loss] = judged;
        Figures { d_real, d_generated, discriminator_loss, generator_loss }
    }

    /// Steps 1 to 3. Mean D on real and on generated examples, and the loss.
    fn ascend_discriminator(&mut self, examples: &Examples, seed: u64, round: u64) -> [f64; 3] {
        let Settings { batch, k, discriminator_adam, .. } = self.settings;
        let (generator, discriminator, step) = (&self.generator, &self.discriminator, self.steps);
        let (latent, gamma) = (generator.network.layers[0].inputs(), self.penalty);
        let passes = each_shard(batch, |rows| {
            let z = noise(latent, rows.clone(), seed, [purpose::DISCRIMINATOR_NOISE, step, round]);
            let real = examples.draw(rows, seed, [purpose::DATA, step, round]);
            let pass = discriminator.pass(real.view(), generator.generate(z).view(), batch);
            let penalty =
                (gamma > 0.0).then(|| discriminator.penalty(&pass, real.nrows(), gamma, batch));
            (pass, penalty)
        });
        let every = passes.iter().flat_map(|(pass, penalty)| [Some(pass), penalty.as_ref()]);
        let networks = [
            &mut self.discriminator.network,
            &mut self.discriminator_first.network,
            &mut self.discriminator_second.network,
        ];
        let adam = discriminator_adam.at_step(step * k as u64 + round + 1);
        update_layers(networks.map(Mlp::layers_mut), every.flatten().map(Pass::tapes), adam);
        let mean = |sum: f64| sum / batch as f64;
        let mut sums = [0.0; 3];
        for (pass, _) in &passes {
            let [real, generated] = split(&pass.logits, pass.logits.nrows() / 2);
            sums[0] += loss::total(real, nn::Scalar::sigmoid);
            sums[1] += loss::total(generated, nn::Scalar::sigmoid);
            sums[2] += loss::total(real, loss::real_loss);
            sums[2] += loss::total(generated, loss::generated_loss);
        }
        sums.map(mean)
    }

    /// Steps 4 and 5. The generator's loss.
    fn descend_generator(&mut self, seed: u64) -> f64 {
        let Settings { batch, loss, generator_adam, average_decay, .. } = self.settings;
        let (generator, discriminator, step) = (&self.generator, &self.discriminator, self.steps);
        let latent = generator.network.layers[0].inputs();
        let passes = each_shard(batch, |rows| {
            let z = noise(latent, rows, seed, [purpose::GENERATOR_NOISE, step, 0]);
            generator.pass(discriminator, z, loss, batch)
        });
        let networks = [
            &mut self.generator.network,
            &mut self.generator_first.network,
            &mut self.generator_second.network,
        ];
        let adam = generator_adam.at_step(step + 1);
        update_layers(networks.map(Mlp::layers_mut), passes.iter().map(Pass::tapes), adam);
        // While there are few steps to average over, their last tenth.
        let keep = average_decay.min((step + 1) as f64 / (step + 10) as f64);
        move_average(&mut self.average.network, &self.generator.network, keep);
        let total = |pass: &Pass<f32>| loss::total(&pass.logits, |logit| loss.value(logit));
        passes.iter().map(total).sum::<f64>() / batch as f64
    }
    // ANCHOR_END: step

    /// One of the parameters or of Adam's moments that is NaN or infinite, if any is.
    pub fn not_finite(&self) -> Option<f32> {
        [
            &self.generator.network,
            &self.generator_first.network,
            &self.generator_second.network,
            &self.discriminator.network,
            &self.discriminator_first.network,
            &self.discriminator_second.network,
            &self.average.network,
        ]
        .into_iter()
        .find_map(Mlp::not_finite)
    }
}

/// Works on the shards of a batch in parallel; the results come in the shards' order.
fn each_shard<T: Send>(batch: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    (0..batch.div_ceil(SHARD))
        .into_par_iter()
        .map(|shard| work(shard * SHARD..batch.min((shard + 1) * SHARD)))
        .collect()
}

/// ā ← decay·ā + (1 − decay)·θ
fn move_average(average: &mut Mlp<f32>, network: &Mlp<f32>, decay: f64) {
    let rest = (1.0 - decay) as f32;
    for (average, now) in average.layers.iter_mut().zip(&network.layers) {
        let step = |a: &mut f32, &theta: &f32| *a += rest * (theta - *a);
        Zip::from(&mut average.weight).and(&now.weight).par_for_each(step);
        Zip::from(&mut average.bias).and(&now.bias).for_each(step);
    }
}
