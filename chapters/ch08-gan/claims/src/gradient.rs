//! The gradients of both players' steps, and whom they do not concern.

use autodiff::F1;
use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, one_of, seed, whole};
use ndarray::Array2;
use ndarray_rand::RandomExt;
use nn::{Activation, Linear, Mlp, Parameters, Scalar};
use rand::Rng;
use rand_distr::StandardNormal;

use super::SWAPPED_LABELS;
use ch08_gan::{Architecture, Discriminator, Generator, GeneratorLoss, loss};

/// Two networks, a batch and its noise.
pub(super) struct Position {
    pub(super) generator: Generator<f64>,
    pub(super) discriminator: Discriminator<f64>,
    /// Real examples, images × data.
    pub(super) x: Array2<f64>,
    /// Noise, samples × latent.
    pub(super) z: Array2<f64>,
}

/// Networks with these hidden layers.
pub(super) fn architecture(hidden: &[usize], activation: Activation) -> Architecture {
    Architecture {
        data: 2,
        latent: 2,
        hidden: hidden.to_vec(),
        activation,
        generator_output: Activation::Identity,
    }
}

/// Random networks with as many examples as samples of the noise.
fn position(architecture: &Architecture, batch: usize, rng: &mut impl Rng) -> Position {
    let generator = Generator::new(architecture, rng);
    let discriminator = Discriminator::new(architecture, rng);
    let [x, z] = [(); 2].map(|()| Array2::random_using((batch, 2), StandardNormal, rng));
    Position { generator, discriminator, x, z }
}

pub(super) fn flat<S: Scalar>(network: &Mlp<S>) -> Vec<S> {
    network.tensors().flat_map(|(_, tensor)| tensor.iter().copied().collect::<Vec<_>>()).collect()
}

pub(super) fn flat_layers(layers: Vec<Linear<f64>>) -> Vec<f64> {
    layers.into_iter().flat_map(|layer| layer.weight.into_iter().chain(layer.bias)).collect()
}

/// The network with other parameters, given in the order of [`flat`].
pub(super) fn fill<S: Scalar>(network: &mut Mlp<S>, values: impl IntoIterator<Item = S>) {
    let mut values = values.into_iter();
    for (_, mut tensor) in network.tensors_mut() {
        tensor.iter_mut().zip(&mut values).for_each(|(slot, value)| *slot = value);
    }
}

/// A loss as a function of the logits: the mean of `real` over the real examples plus that of `generated` over
/// the generated ones.
#[derive(Clone, Copy)]
pub(super) struct Loss<S> {
    pub(super) real: fn(S) -> S,
    pub(super) generated: fn(S) -> S,
}

pub(super) fn of_discriminator<S: Scalar>() -> Loss<S> {
    Loss { real: loss::real_loss, generated: loss::generated_loss }
}

pub(super) fn of_generator<S: Scalar>(loss: GeneratorLoss) -> Loss<S> {
    let generated: fn(S) -> S = match loss {
        GeneratorLoss::Saturating => |logit| GeneratorLoss::Saturating.value(logit),
        GeneratorLoss::NonSaturating => |logit| GeneratorLoss::NonSaturating.value(logit),
    };
    Loss { real: |_| S::zero(), generated }
}

/// The gradient of a loss with respect to the discriminator's and to the generator's parameters, neither of
/// them held fixed, through the backward passes of `nn`.
pub(super) fn joint_gradient(position: &Position, loss: Loss<F1>) -> [Vec<f64>; 2] {
    let Position { generator, discriminator, x, z } = position;
    let (g, d) = (&generator.network, &discriminator.network);
    let made = g.forward(z.clone());
    let [real, generated] =
        [(x, loss.real), (&made.output, loss.generated)].map(|(examples, loss)| {
            let trace = d.forward(examples.clone());
            let scale = 1.0 / examples.nrows() as f64;
            let d_logits = trace.output.mapv(|logit| scale * loss(F1::var(logit)).dx);
            let deltas = d.backward(&trace, d_logits);
            (trace, deltas)
        });
    let by_discriminator = |(trace, deltas): &(nn::Trace<f64>, Vec<Array2<f64>>)| {
        flat_layers(Mlp::tapes(trace, deltas).map(|t| Linear::gradient(t.input, t.delta)).collect())
    };
    let sum = by_discriminator(&real).into_iter().zip(by_discriminator(&generated));
    let through = g.backward(&made, d.input_gradient(&generated.1));
    let by_generator = Mlp::tapes(&made, &through).map(|t| Linear::gradient(t.input, t.delta));
    [sum.map(|(real, generated)| real + generated).collect(), flat_layers(by_generator.collect())]
}

/// The derivative of a loss with respect to one player's parameters by dual numbers: a forward pass for each
/// of them, and no backward pass.
pub(super) fn by_dual_numbers(
    architecture: &Architecture,
    position: &Position,
    loss: Loss<F1>,
    player: Player,
) -> Vec<f64> {
    let constants = |network| flat::<f64>(network).into_iter().map(F1::cst);
    let mut generator = Generator::<F1>::zeros(architecture);
    let mut discriminator = Discriminator::<F1>::zeros(architecture);
    fill(&mut generator.network, constants(&position.generator.network));
    fill(&mut discriminator.network, constants(&position.discriminator.network));
    let (x, z) = (position.x.mapv(F1::cst), position.z.mapv(F1::cst));
    let total = |generator: &Generator<F1>, discriminator: &Discriminator<F1>| {
        let mean = |logits: Array2<F1>, loss: fn(F1) -> F1| {
            logits.iter().map(|&logit| loss(logit).dx).sum::<f64>() / logits.nrows() as f64
        };
        let made = generator.generate(z.clone());
        mean(discriminator.logits(x.clone()), loss.real)
            + mean(discriminator.logits(made), loss.generated)
    };
    let active = match player {
        Player::Discriminator => flat(&discriminator.network),
        Player::Generator => flat(&generator.network),
    };
    let derivative = |variable: usize| {
        let values = active
            .iter()
            .enumerate()
            .map(|(i, value)| if i == variable { F1::var(value.x) } else { *value });
        match player {
            Player::Discriminator => {
                let mut moved = discriminator.clone();
                fill(&mut moved.network, values);
                total(&generator, &moved)
            }
            Player::Generator => {
                let mut moved = generator.clone();
                fill(&mut moved.network, values);
                total(&moved, &discriminator)
            }
        }
    };
    (0..active.len()).map(derivative).collect()
}

/// Whose parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Player {
    Discriminator,
    Generator,
}

pub(super) const LOSSES: [GeneratorLoss; 2] =
    [GeneratorLoss::Saturating, GeneratorLoss::NonSaturating];

/// What each of the two steps does: along which gradient the discriminator's parameters and the generator's
/// move in the discriminator's step, then in the generator's.
type Steps = fn(&Position, GeneratorLoss) -> [Vec<f64>; 4];

pub(super) fn players() -> Claim<Steps> {
    claim("gan/players")
        .says(
            "Each player's gradient, by hand, is the derivative of its own loss with respect to its own parameters, and \
             its step moves nothing of the other's",
        )
        .settles("gan-algorithm", Verdict::Holds)
        .for_every(domain([
            seed("the networks, the examples and the noise"),
            whole("batch", 1..=5),
            whole("hidden layers", 0..=2),
            one_of("nonlinearity (0 tanh, 1 leaky rectifier)", &[0.0, 1.0]),
            one_of("generator's loss (0 saturating, 1 not)", &[0.0, 1.0]),
        ]))
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-14),
            |steps: &Subject<Steps>, [seed, batch, layers, kinks, loss], cases| {
                let activation = [Activation::Tanh, Activation::LeakyRelu][kinks as usize];
                let architecture = architecture(&[3, 4][..layers as usize], activation);
                let mut rng = cases.rng(seed as u64);
                let position = position(&architecture, batch as usize, &mut rng);
                let loss = LOSSES[loss as usize];
                let [d_of_d, g_of_d, d_of_g, g_of_g] = steps.output(|steps| steps(&position, loss));
                let derivative = |loss, player| by_dual_numbers(&architecture, &position, loss, player);
                let none = |network: &Mlp<f64>| vec![0.0; network.parameter_count()];
                let own = derivative(of_discriminator(), Player::Discriminator);
                cases.all_equal("D's step, D", &d_of_d, &own);
                cases.all_equal("D's step, G", &g_of_d, &none(&position.generator.network));
                cases.all_equal("G's step, D", &d_of_g, &none(&position.discriminator.network));
                let own = derivative(of_generator(loss), Player::Generator);
                cases.all_equal("G's step, G", &g_of_g, &own);
                Ok(())
            },
        )
        .holds_for(by_hand as Steps)
        .fails_for(
            "leak-into-the-generator",
            "The discriminator's loss was differentiated through the generated examples into the generator, which then \
             moves to be found out: treat them as data (detach) in the discriminator's step.",
            |position, loss| {
                let [d_of_d, _, d_of_g, g_of_g] = by_hand(position, loss);
                [d_of_d, joint_gradient(position, of_discriminator())[1].clone(), d_of_g, g_of_g]
            },
        )
        .fails_for(
            "leak-into-the-discriminator",
            "The generator's step moved the discriminator as well, to be fooled more easily: let the gradient pass \
             through it and update the generator alone.",
            |position, loss| {
                let [d_of_d, g_of_d, _, g_of_g] = by_hand(position, loss);
                [d_of_d, g_of_d, joint_gradient(position, of_generator(loss))[0].clone(), g_of_g]
            },
        )
        .fails_for(
            "detached-in-the-generator-step",
            "The generated examples were detached in the generator's step: no gradient reaches the generator, which never \
             learns. Detach them in the discriminator's step only.",
            |position, loss| {
                let [d_of_d, g_of_d, d_of_g, g_of_g] = by_hand(position, loss);
                [d_of_d, g_of_d, d_of_g, vec![0.0; g_of_g.len()]]
            },
        )
        .fails_for("swapped-labels", SWAPPED_LABELS, |position, loss| {
            let [_, g_of_d, d_of_g, g_of_g] = by_hand(position, loss);
            let swapped = Loss { real: loss::generated_loss, generated: loss::real_loss };
            [joint_gradient(position, swapped)[0].clone(), g_of_d, d_of_g, g_of_g]
        })
        .fails_for(
            "uphill-generator",
            "The generator goes up its loss: it is the one that minimises.",
            |position, loss| {
                let [d_of_d, g_of_d, d_of_g, g_of_g] = by_hand(position, loss);
                [d_of_d, g_of_d, d_of_g, g_of_g.iter().map(|slope| -slope).collect()]
            },
        )
        .fails_for(
            "logistic-twice",
            "The logistic function was applied to the logit before a loss that applies it once more: the loss takes the \
             logit itself.",
            |position, loss| {
                let [_, g_of_d, d_of_g, g_of_g] = by_hand(position, loss);
                let twice = Loss {
                    real: |logit: F1| loss::real_loss(logit.sigmoid()),
                    generated: |logit: F1| loss::generated_loss(logit.sigmoid()),
                };
                [joint_gradient(position, twice)[0].clone(), g_of_d, d_of_g, g_of_g]
            },
        )
        .fails_for(
            "sum-over-batch",
            "The losses are means over the batch; you summed, so the step grows with the batch.",
            |position, loss| {
                let batch = position.x.nrows() as f64;
                by_hand(position, loss).map(|part| part.iter().map(|slope| batch * slope).collect())
            },
        )
}

fn by_hand(
    Position { generator, discriminator, x, z }: &Position,
    loss: GeneratorLoss,
) -> [Vec<f64>; 4] {
    let batch = x.nrows();
    let made = generator.generate(z.clone());
    let ascent = discriminator.pass(x.view(), made.view(), batch);
    let descent = generator.pass(discriminator, z.clone(), loss, batch);
    [
        flat_layers(ascent.gradient()),
        vec![0.0; generator.network.parameter_count()],
        vec![0.0; discriminator.network.parameter_count()],
        flat_layers(descent.gradient()),
    ]
}
