//! What training comes to, over seeds.

use claims::{Claim, Runs, Setting, Subject, Verdict, claim};
use data::toy;
use ndarray::{Array2, array, s};
use ndarray_rand::RandomExt;
use nn::{Activation, Adam, AdamStep, Linear, Mlp, Scalar};
use prob::random::stream;
use rand_distr::StandardNormal;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::SWAPPED_LABELS;
use ch08_gan::examples::noise;
use ch08_gan::game::logistic_discriminator;
use ch08_gan::loss::{generated_loss_backward, real_loss_backward};
use ch08_gan::modes::Modes;
use ch08_gan::{
    Architecture, Discriminator, Examples, Generator, GeneratorLoss, Settings, Trainer, purpose,
};

/// Training runs of a claim.
const SEEDS: u64 = 5;

/// Figures of so many runs, in parallel, with seeds that follow from the claim's.
fn over_seeds<const N: usize>(
    runs: &Runs<'_>,
    figures: impl Fn(u64) -> [f64; N] + Sync,
) -> Vec<[f64; N]> {
    let first = runs.seed().wrapping_mul(SEEDS);
    (0..SEEDS).into_par_iter().map(|run| figures(first.wrapping_add(run))).collect()
}

/// (discriminator, real, generated) ↦ the gradient of what it descends on
type Gradient = fn(&Discriminator<f32>, &Array2<f32>, &Array2<f32>) -> Vec<Linear<f32>>;

/// The generator's mean; it makes N(θ, 1), the data is N(0, 1).
const THETA: f64 = 1.5;

/// Two places where one of the densities is several times the other.
const LEFT: f64 = -0.5;
const RIGHT: f64 = 2.0;

pub(super) fn discriminator() -> Claim<Gradient> {
    claim("gan/trained-discriminator")
        .says(
            "A three-layer discriminator trained for 500 steps on N(0, 1) against N(1.5, 1) differs from σ(θ²/2 − θx) by \
             less than 0.02 on average over the examples, and by less than 0.05 at x = −0.5 and at x = 2",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .measured(Setting {
            data: "new draws from N(0, 1) and N(1.5, 1) at each step, 128 of each",
            settings: "16, 16 and 1 units, tanh, 500 steps of Adam, the rate falling from 0.01 to 0",
            runs: SEEDS as u32,
        })
        .trained(|gradient: &Subject<Gradient>, runs| {
            let gradient = gradient.pick(|gradient| *gradient);
            let runs_of_seeds = over_seeds(runs, |seed| {
                let discriminator = train(gradient, seed);
                let at = |x: f64| f64::from(discriminator.logits(array![[x as f32]])[[0, 0]].sigmoid());
                [distance(&discriminator), at(LEFT), at(RIGHT)]
            });
            let column = |i: usize| runs_of_seeds.iter().map(|run| run[i]).collect::<Vec<_>>();
            runs.below("mean |D − D*|", &column(0), 0.02);
            for (i, x) in [(1, LEFT), (2, RIGHT)] {
                let exact = logistic_discriminator(THETA, x);
                runs.between(format!("D({x})"), &column(i), exact - 0.05, exact + 0.05);
            }
            Ok(())
        })
        .holds_for(own as Gradient)
        .fails_for("swapped-labels", SWAPPED_LABELS, |discriminator, real, made| {
            own(discriminator, made, real)
        })
        .fails_for(
            "real-only",
            "The discriminator saw real examples only, so it learned to say yes: its loss has a second half, on \
             generated ones.",
            |discriminator, real, made| {
                let batch = real.nrows();
                discriminator.pass(real.view(), made.slice(s![..0, ..]), batch).gradient()
            },
        )
        .fails_for(
            "logistic-twice",
            "The logistic function was applied to the logit before a loss that applies it once more: the loss takes the \
             logit itself, or D is pressed towards 0 and 1.",
            logistic_twice,
        )
}

fn own(
    discriminator: &Discriminator<f32>,
    real: &Array2<f32>,
    made: &Array2<f32>,
) -> Vec<Linear<f32>> {
    discriminator.pass(real.view(), made.view(), real.nrows()).gradient()
}

fn logistic_twice(
    discriminator: &Discriminator<f32>,
    real: &Array2<f32>,
    made: &Array2<f32>,
) -> Vec<Linear<f32>> {
    let mut pass = discriminator.pass(real.view(), made.view(), real.nrows());
    let (batch, scale) = (real.nrows(), 1.0 / real.nrows() as f32);
    let d_logits = Array2::from_shape_fn(pass.logits.dim(), |at| {
        let d: f32 = Scalar::sigmoid(pass.logits[at]);
        let slope = if at.0 < batch { real_loss_backward(d) } else { generated_loss_backward(d) };
        scale * slope * d * (1.0 - d)
    });
    pass.deltas = discriminator.network.backward(&pass.trace, d_logits);
    pass.gradient()
}

fn train(gradient: Gradient, seed: u64) -> Discriminator<f32> {
    const BATCH: usize = 128;
    const STEPS: u64 = 500;
    let architecture = Architecture {
        data: 1,
        latent: 1,
        hidden: vec![16, 16],
        activation: Activation::Tanh,
        generator_output: Activation::Identity,
    };
    let mut discriminator =
        Discriminator::new(&architecture, &mut stream(seed, [purpose::WEIGHTS]));
    let [mut first, mut second] = [discriminator.zeros_like(), discriminator.zeros_like()];
    for step in 1..=STEPS {
        // A learning rate that falls to nothing averages the last batches out.
        let adam = Adam::new(1e-2 * (1.0 - step as f64 / STEPS as f64)).at_step(step);
        let mut rng = stream(seed, [purpose::DATA, step]);
        let [real, made] = [0.0, THETA as f32]
            .map(|mean| mean + Array2::<f32>::random_using((BATCH, 1), StandardNormal, &mut rng));
        let gradient = gradient(&discriminator, &real, &made);
        let moments = [&mut first.network, &mut second.network];
        descend(&mut discriminator.network, &gradient, moments, adam);
    }
    discriminator
}

/// One step of Adam.
fn descend(
    network: &mut Mlp<f32>,
    gradient: &[Linear<f32>],
    [first, second]: [&mut Mlp<f32>; 2],
    adam: AdamStep<f32>,
) {
    let layers = network.layers.iter_mut().zip(gradient);
    for ((layer, g), (m, v)) in layers.zip(first.layers.iter_mut().zip(&mut second.layers)) {
        let parts = [
            (
                layer.weight.as_slice_mut(),
                g.weight.as_slice(),
                m.weight.as_slice_mut(),
                v.weight.as_slice_mut(),
            ),
            (
                layer.bias.as_slice_mut(),
                g.bias.as_slice(),
                m.bias.as_slice_mut(),
                v.bias.as_slice_mut(),
            ),
        ];
        for (theta, g, m, v) in parts {
            if let (Some(theta), Some(g), Some(m), Some(v)) = (theta, g, m, v) {
                adam.update(theta, g, m, v);
            }
        }
    }
}

/// The mean of |D − D*| over real and generated examples, by a sum over a fine grid.
fn distance(discriminator: &Discriminator<f32>) -> f64 {
    let grid =
        Array2::from_shape_fn((801, 1), |(i, _)| (i as f32 - 400.0) * 0.015 + 0.5 * THETA as f32);
    let logits = discriminator.logits(grid.clone());
    let density = |x: f64| (-0.5 * x * x).exp() + (-0.5 * (x - THETA) * (x - THETA)).exp();
    let (mut sum, mut mass) = (0.0, 0.0);
    for (&x, &logit) in grid.iter().zip(&logits) {
        let (x, d) = (f64::from(x), f64::from(logit).sigmoid());
        sum += density(x) * (d - logistic_discriminator(THETA, x)).abs();
        mass += density(x);
    }
    sum / mass
}

/// seed ↦ modes covered, share of good samples and their mean distance from the origin, after training on the ring of eight Gaussians
type Ring = fn(u64) -> [f64; 3];

/// A reduced budget: the run trains larger networks six times as long, on larger batches.
const RING_STEPS: u64 = 2000;

pub(super) fn ring() -> Claim<Ring> {
    claim("gan/ring")
        .says(
            "After 2000 steps on the ring of eight Gaussians a generator covers, on average over trainings, more than four of \
             the modes, with more than half of its samples within 3σ of a centre",
        )
        .settles("gan-algorithm", Verdict::Holds)
        .measured(Setting {
            data: "20 000 points of the ring of eight Gaussians",
            settings: "two hidden layers of 64 for each player, 2000 steps of 128 points, Adam with β₁ = 0.5, the rate \
                       falling from 0.001 to 0, the non-saturating loss; drawn from the generator's running average",
            runs: SEEDS as u32,
        })
        .trained(|ring: &Subject<Ring>, runs| {
            let train = ring.pick(|ring| *ring);
            let figures = over_seeds(runs, train);
            let column = |i: usize| figures.iter().map(|run| run[i]).collect::<Vec<_>>();
            runs.above("modes covered", &column(0), 4.0);
            runs.above("share of good samples", &column(1), 0.5);
            runs.between("mean distance from the origin", &column(2), 1.8, 2.2);
            Ok(())
        })
        .holds_for(by_the_algorithm as Ring)
        .fails_for("swapped-labels", SWAPPED_LABELS, |seed| {
            by_hand(seed, |discriminator, real, made| own(discriminator, made, real), |z| z)
        })
        .fails_for(
            "one-noise-for-the-batch",
            "All samples of a batch came from one draw of the noise: the generator then shows one point at a time, and the \
             discriminator can learn nothing about its distribution; draw z anew for every sample.",
            |seed| {
                by_hand(seed, own, |mut z| {
                    let first = z.row(0).to_owned();
                    z.rows_mut().into_iter().for_each(|mut row| row.assign(&first));
                    z
                })
            },
        )
}

fn ring_trainer(seed: u64) -> (Trainer, Examples) {
    let architecture = Architecture {
        data: 2,
        latent: 2,
        hidden: vec![64, 64],
        activation: Activation::LeakyRelu,
        generator_output: Activation::Identity,
    };
    let adam = Adam { beta1: 0.5, ..Adam::new(1e-3) };
    let settings = Settings {
        batch: 128,
        k: 1,
        loss: GeneratorLoss::NonSaturating,
        generator_adam: adam,
        discriminator_adam: adam,
        average_decay: 0.99,
    };
    let weights = |network: u64| stream(seed, [purpose::WEIGHTS, network]);
    let generator = Generator::new(&architecture, &mut weights(0));
    let discriminator = Discriminator::new(&architecture, &mut weights(1));
    let points = toy::Ring::default().sample(20_000, &mut stream(seed, [purpose::DATA_SET])).0;
    (Trainer::new(generator, discriminator, settings), Examples::Points(points))
}

/// The learning rate at a step: it falls to 0 in a straight line.
fn ring_rate(step: u64) -> f64 {
    1e-3 * (1.0 - step as f64 / RING_STEPS as f64)
}

fn judged(generator: &Generator<f32>, seed: u64) -> [f64; 3] {
    let points = generator.generate(noise(2, 0..2000, seed, [purpose::SAMPLE, 0, 0]));
    let modes = Modes::of(points.view(), &toy::Ring::default());
    let radius = points.rows().into_iter().map(|point| f64::from(point[0].hypot(point[1])));
    [modes.covered() as f64, modes.good(), radius.sum::<f64>() / points.nrows() as f64]
}

fn by_the_algorithm(seed: u64) -> [f64; 3] {
    let (mut trainer, examples) = ring_trainer(seed);
    for step in 0..RING_STEPS {
        trainer.settings.generator_adam.learning_rate = ring_rate(step);
        trainer.settings.discriminator_adam.learning_rate = ring_rate(step);
        trainer.step(&examples, seed);
    }
    judged(&trainer.average, seed)
}

/// The same steps with another gradient of the discriminator, or other noise.
fn by_hand(seed: u64, ascend: Gradient, change: fn(Array2<f32>) -> Array2<f32>) -> [f64; 3] {
    let (mut trainer, examples) = ring_trainer(seed);
    let Settings { batch, loss, generator_adam, .. } = trainer.settings;
    for step in 0..RING_STEPS {
        let adam = Adam { learning_rate: ring_rate(step), ..generator_adam }.at_step(step + 1);
        let draw = |purpose| change(noise(2, 0..batch, seed, [purpose, step, 0]));
        let made = trainer.generator.generate(draw(purpose::DISCRIMINATOR_NOISE));
        let real = examples.draw(0..batch, seed, [purpose::DATA, step, 0]);
        let gradient = ascend(&trainer.discriminator, &real, &made);
        let (first, second) = (&mut trainer.discriminator_first, &mut trainer.discriminator_second);
        let moments = [&mut first.network, &mut second.network];
        descend(&mut trainer.discriminator.network, &gradient, moments, adam);
        let z = draw(purpose::GENERATOR_NOISE);
        let gradient = trainer.generator.pass(&trainer.discriminator, z, loss, batch).gradient();
        let (first, second) = (&mut trainer.generator_first, &mut trainer.generator_second);
        let moments = [&mut first.network, &mut second.network];
        descend(&mut trainer.generator.network, &gradient, moments, adam);
    }
    judged(&trainer.generator, seed)
}
