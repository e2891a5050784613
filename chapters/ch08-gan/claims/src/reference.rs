//! Three computations in PyTorch: losses, gradients, three steps of Adam.

use autodiff::F1;
use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim, domain, whole};
use ndarray::Array2;
use nn::checkpoint::Checkpoint;
use nn::{Activation, Adam, Mlp, Parameters};

use super::SWAPPED_LABELS;
use super::gradient::{Loss, Position, fill, flat, flat_layers, joint_gradient, of_generator};
use ch08_gan::{Architecture, Discriminator, Generator, GeneratorLoss, loss};

/// Whose loss a file is about; `None` for the discriminator's.
type Whose = Option<GeneratorLoss>;

/// What was computed: the loss, its gradient with respect to both networks, three losses along three steps of
/// Adam on both, the parameters after those.
type Computed = (Vec<f64>, [Vec<f64>; 3]);

/// (position, whose loss) ↦ what was computed
type Program = fn(&Position, Whose) -> Computed;

fn files() -> [(&'static str, &'static [u8], Whose); 3] {
    let generators = [GeneratorLoss::Saturating, GeneratorLoss::NonSaturating].map(Some);
    [
        ("discriminator", reference::GAN_DISCRIMINATOR, None),
        ("saturating", reference::GAN_SATURATING, generators[0]),
        ("non-saturating", reference::GAN_NON_SATURATING, generators[1]),
    ]
}

const ADAM: Adam = Adam { learning_rate: 2e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

pub(super) fn pytorch() -> Claim<Program> {
    claim("gan/pytorch")
        .says(
            "In three computations that PyTorch made in double precision, of the discriminator's loss and of both of the \
             generator's, the loss, its gradient and three steps of Adam on both networks are the same here",
        )
        .settles("gan-algorithm", Verdict::Holds)
        .for_every(domain([whole(
            "loss (0 the discriminator's, 1 the generator's saturating, 2 its non-saturating one)",
            0..=2,
        )]))
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-14),
            |program: &Subject<Program>, [file], cases| {
                let (name, bytes, whose) = files()[file as usize];
                let file = Checkpoint::from_bytes(name.as_ref(), bytes)?;
                let (gradient, [losses, steps, first]) =
                    program.output(|program| read_position(&file).map(|at| program(&at, whose)))?;
                let both = |prefix: &str| -> Result<Vec<f64>, CheckError> {
                    Ok([both_of(&file, prefix, "d")?, both_of(&file, prefix, "g")?].concat())
                };
                cases.all_equal("loss", &first, &read(&file, "value.loss", 1)?);
                cases.all_equal("gradient", &gradient, &both("grad")?);
                let expected = read(&file, "value.adam_losses", 3)?;
                cases.all_equal("losses on the way", &losses, &expected);
                cases.all_equal("after three steps", &steps, &both("adam3")?);
                Ok(())
            },
        )
        .holds_for((|position, whose| compute(position, own_gradient, whose, ADAM)) as Program)
        .fails_for("swapped-labels", SWAPPED_LABELS, |position, whose| {
            compute(position, |position, whose| match whose {
                None => {
                    let swapped = Loss { real: loss::generated_loss, generated: loss::real_loss };
                    with(position, swapped, whose)
                }
                Some(_) => own_gradient(position, whose),
            }, whose, ADAM)
        })
        .fails_for(
            "mean-of-halves",
            "The losses of the real and of the generated half were averaged, not added: the discriminator then moves half \
             as far for plain descent, and Adam's ε counts double.",
            |position, whose| {
                compute(position, |position, whose| {
                    let (loss, gradient) = own_gradient(position, whose);
                    let half = if whose.is_none() { 0.5 } else { 1.0 };
                    (half * loss, gradient.map(|part| part.iter().map(|slope| half * slope).collect()))
                }, whose, ADAM)
            },
        )
        .fails_for(
            "exchanged-losses",
            "The saturating and the non-saturating loss are exchanged: the game's own is log(1 − D(G(z))), the usual \
             replacement −log D(G(z)).",
            |position, whose| {
                let other = whose.map(|loss| match loss {
                    GeneratorLoss::Saturating => GeneratorLoss::NonSaturating,
                    GeneratorLoss::NonSaturating => GeneratorLoss::Saturating,
                });
                compute(position, own_gradient, other, ADAM)
            },
        )
        .fails_for(
            "relu",
            "The slope of the leaky rectifier for negative numbers is 0.2 here, not 0: check which slope the networks were \
             made with.",
            |position, whose| {
                let mut position = position.copied();
                position.generator.network.hidden = Activation::Relu;
                position.discriminator.network.hidden = Activation::Relu;
                compute(&position, own_gradient, whose, ADAM)
            },
        )
        .fails_for(
            "other-beta",
            "Adam ran with β₁ = 0.5, as GAN code often has it; the reference uses 0.9: a resumed or repeated run needs the \
             same optimiser.",
            |position, whose| compute(position, own_gradient, whose, Adam { beta1: 0.5, ..ADAM }),
        )
}

impl Position {
    fn copied(&self) -> Self {
        Self {
            generator: self.generator.clone(),
            discriminator: self.discriminator.clone(),
            x: self.x.clone(),
            z: self.z.clone(),
        }
    }
}

/// A loss and its gradient with respect to the discriminator and to the generator.
type Gradient = fn(&Position, Whose) -> (f64, [Vec<f64>; 2]);

/// The chapter's own passes where they give a gradient. What the algorithm never asks for (the discriminator's
/// part of the generator's loss) comes from the joint one.
fn own_gradient(position: &Position, whose: Whose) -> (f64, [Vec<f64>; 2]) {
    let Position { generator, discriminator, x, z } = position;
    let batch = x.nrows();
    match whose {
        None => {
            let made = generator.generate(z.clone());
            let pass = discriminator.pass(x.view(), made.view(), batch);
            let still = vec![0.0; flat(&generator.network).len()];
            (Discriminator::loss(&pass), [flat_layers(pass.gradient()), still])
        }
        Some(loss) => {
            let pass = generator.pass(discriminator, z.clone(), loss, batch);
            let [by_discriminator, _] = joint_gradient(position, of_generator(loss));
            (Generator::loss(&pass, loss), [by_discriminator, flat_layers(pass.gradient())])
        }
    }
}

/// The same for any loss of the discriminator.
fn with(position: &Position, loss: Loss<F1>, whose: Whose) -> (f64, [Vec<f64>; 2]) {
    let [by_discriminator, by_generator] = joint_gradient(position, loss);
    let mean = |logits: Array2<f64>, loss: fn(F1) -> F1| {
        logits.iter().map(|&logit| loss(F1::cst(logit)).x).sum::<f64>() / logits.nrows() as f64
    };
    let made = position.generator.generate(position.z.clone());
    let total = mean(position.discriminator.logits(position.x.clone()), loss.real)
        + mean(position.discriminator.logits(made), loss.generated);
    let still = if whose.is_none() { vec![0.0; by_generator.len()] } else { by_generator };
    (total, [by_discriminator, still])
}

fn compute(position: &Position, gradient: Gradient, whose: Whose, adam: Adam) -> Computed {
    let mut position = position.copied();
    let (loss, at_start) = gradient(&position, whose);
    let mut moments = at_start.clone().map(|part| [vec![0.0; part.len()], vec![0.0; part.len()]]);
    let mut losses = Vec::new();
    for t in 1..=3 {
        let (loss, gradient) = gradient(&position, whose);
        losses.push(loss);
        let networks: [&mut Mlp<f64>; 2] =
            [&mut position.discriminator.network, &mut position.generator.network];
        for ((network, slopes), [first, second]) in
            networks.into_iter().zip(gradient).zip(&mut moments)
        {
            let mut parameters = flat(network);
            adam.at_step(t).update(&mut parameters, &slopes, first, second);
            fill(network, parameters);
        }
    }
    let end = [flat(&position.discriminator.network), flat(&position.generator.network)].concat();
    (at_start.concat(), [losses, end, vec![loss]])
}

fn read_position(file: &Checkpoint) -> Result<Position, CheckError> {
    let architecture = Architecture {
        data: 2,
        latent: 3,
        hidden: vec![16, 16],
        activation: Activation::LeakyRelu,
        generator_output: Activation::Identity,
    };
    let mut generator = Generator::zeros(&architecture);
    let mut discriminator = Discriminator::zeros(&architecture);
    for (prefix, network) in [("g", &mut generator.network), ("d", &mut discriminator.network)] {
        for (name, tensor) in network.tensors_mut() {
            file.read(&format!("param.{prefix}.{name}"), tensor)?;
        }
    }
    let (mut x, mut z) = (Array2::zeros((16, 2)), Array2::zeros((16, 3)));
    file.read("input.x", x.view_mut().into_dyn())?;
    file.read("input.z", z.view_mut().into_dyn())?;
    Ok(Position { generator, discriminator, x, z })
}

/// All numbers of one network under a prefix, in the order of [`flat`].
fn both_of(file: &Checkpoint, prefix: &str, network: &str) -> Result<Vec<f64>, CheckError> {
    let position = read_position(file)?;
    let shape =
        if network == "g" { &position.generator.network } else { &position.discriminator.network };
    let parts = shape.tensors().map(|(name, tensor)| {
        let mut values = tensor.to_owned();
        file.read(&format!("{prefix}.{network}.{name}"), values.view_mut())?;
        Ok(values.into_iter().collect::<Vec<f64>>())
    });
    Ok(parts.collect::<Result<Vec<_>, CheckError>>()?.concat())
}

fn read(file: &Checkpoint, name: &str, length: usize) -> Result<Vec<f64>, CheckError> {
    let mut values = ndarray::Array1::<f64>::zeros(length);
    file.read(name, values.view_mut().into_dyn())?;
    Ok(values.to_vec())
}
