//! A computation in PyTorch: loss, gradient, three steps of Adam.

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim};
use ndarray::{Array2, ArrayD};
use nn::checkpoint::{Checkpoint, CheckpointError};
use nn::{Activation, Adam, Parameters};

use ch09_conv_vae::{Architecture, Forward, Stage, Vae};

pub(super) fn file() -> Result<Checkpoint, CheckpointError> {
    Checkpoint::from_bytes("conv_vae.safetensors".as_ref(), reference::CONV_VAE)
}

/// The model of the file.
pub(super) fn architecture() -> Architecture {
    let halving = |channels| Stage { channels, kernel: 4, stride: 2, padding: 1 };
    Architecture {
        image: (1, 28, 28),
        stages: vec![halving(8), halving(16)],
        hidden: Vec::new(),
        latent: 8,
        activation: Activation::Relu,
    }
}

/// The model with its two images and their noise.
pub(super) struct Position {
    model: Vae<f64>,
    x: Array2<f64>,
    noise: Array2<f64>,
}

/// What was computed: −log p(x|z) and KL for each image; the gradient; the losses along three steps of Adam and the
/// parameters after them, in the order of files.
type Computed = [Vec<f64>; 4];

/// position ↦ what was computed
type Program = fn(&Position) -> Computed;

pub(super) fn pytorch() -> Claim<Program> {
    claim("conv-vae/pytorch")
        .says(
            "Of one model with 24 000 parameters and two images, both terms of the loss, every gradient and three steps of Adam \
             are PyTorch's in double precision, to 1e-10",
        )
        .settles("sys-conv-vae", Verdict::Holds)
        .there_is()
        // PyTorch sums in another order. The largest gradients are around 100.
        .exact(Tolerance::relative(1e-10).or_absolute(1e-12), |program: &Subject<Program>, cases| {
            let file = file()?;
            let position = position(&file)?;
            let [terms, gradient, losses, after] = program.output(|program| program(&position).to_vec()).try_into()
                .map_err(|_| "four lists")?;
            let expected = [read(&file, "value.negative_log_likelihood")?, read(&file, "value.kl")?];
            cases.all_equal("terms", &terms, &expected.concat());
            cases.all_equal("gradient", &gradient, &flat(&model(&file, "grad")?));
            cases.all_equal("losses on the way", &losses, &read(&file, "value.adam_losses")?);
            cases.all_equal("after three steps", &after, &flat(&model(&file, "adam3")?));
            Ok(())
        })
        .holds_for((|position| compute(position, own_gradient, adam)) as Program)
        .fails_for(
            "leaky-relu",
            "The nonlinearity is a leaky ReLU: the file's model has a plain one, and the same weights mean another model \
             with another.",
            |position| {
                let mut position = position.copied();
                position.set_activation(Activation::LeakyRelu);
                compute(&position, own_gradient, adam)
            },
        )
        .fails_for(
            "linear-behind-the-code",
            "The dense layer behind the code has no nonlinearity: the file's model has one behind every layer but the \
             heads and the last.",
            |position| {
                let mut position = position.copied();
                position.model.decoder.output = Activation::Identity;
                compute(&position, own_gradient, adam)
            },
        )
        .fails_for(
            "sum-over-batch",
            "The loss is the mean over the batch; you summed: Adam hardly notices, plain descent would go twice as far.",
            |position| {
                compute(position, |model, forward| model.gradient(forward, 1, 1.0), adam)
            },
        )
        .fails_for(
            "no-bias-correction",
            "Adam ran without its bias correction: the first steps are then too long.",
            |position| {
                // A rate that takes both corrections back (but for Adam's ε).
                compute(position, own_gradient, |t| {
                    let (first, second) = (1.0 - 0.9_f64.powf(t), 1.0 - 0.999_f64.powf(t));
                    Adam::new(1e-3 * first / second.sqrt())
                })
            },
        )
        .fails_for(
            "averaged-pixels",
            "The reconstruction term was averaged over the 784 pixels: a log-likelihood is their sum.",
            |position| {
                let mut computed = compute(
                    position,
                    |model, forward| {
                        let pixels = forward.x.ncols();
                        model.gradient(forward, 2 * pixels, pixels as f64)
                    },
                    adam,
                );
                computed[0][..2].iter_mut().for_each(|nll| *nll /= 784.0);
                computed
            },
        )
}

impl Position {
    fn copied(&self) -> Self {
        Self { model: self.model.clone(), x: self.x.clone(), noise: self.noise.clone() }
    }

    fn set_activation(&mut self, activation: Activation) {
        let Vae { encoder, decoder, .. } = &mut self.model;
        for net in [encoder, decoder] {
            (net.hidden, net.output) = (activation, activation);
        }
        self.model.activation = activation;
    }
}

/// Adam as the file has it, at every step.
fn adam(_: f64) -> Adam {
    Adam::new(1e-3)
}

fn own_gradient(model: &Vae<f64>, forward: &Forward<f64>) -> Vae<f64> {
    model.gradient(forward, forward.x.nrows(), 1.0)
}

fn compute(
    position: &Position,
    gradient: fn(&Vae<f64>, &Forward<f64>) -> Vae<f64>,
    adam: fn(f64) -> Adam,
) -> Computed {
    let forward = |model: &Vae<f64>| model.forward(position.x.clone(), position.noise.clone());
    let at = forward(&position.model);
    let terms = position.model.terms(&at);
    let first = terms.reconstruction.iter().map(|r| -r).chain(terms.kl.iter().copied());

    let mut model = position.model.clone();
    let mut moments = [model.clone(), model.clone()];
    moments.iter_mut().flat_map(Vae::parameters_mut).for_each(|moment| moment.fill(0.0));
    let mut losses = Vec::new();
    for t in 1..=3 {
        let at = forward(&model);
        losses.push(-model.terms(&at).elbo().mean().unwrap_or(f64::NAN));
        let slopes = gradient(&model, &at);
        let [m, v] = &mut moments;
        let parts = model.parameters_mut().into_iter().zip(slopes.parameters());
        for ((theta, g), (m, v)) in
            parts.zip(m.parameters_mut().into_iter().zip(v.parameters_mut()))
        {
            adam(t as f64).at_step(t).update(theta, g, m, v);
        }
    }
    [first.collect(), flat(&gradient(&position.model, &at)), losses, flat(&model)]
}

/// All parameters in the order of files.
pub(super) fn flat(model: &Vae<f64>) -> Vec<f64> {
    model.tensors().flat_map(|(_, tensor)| tensor.iter().copied().collect::<Vec<_>>()).collect()
}

fn position(file: &Checkpoint) -> Result<Position, CheckError> {
    let images = |name: &str| -> Result<Array2<f64>, CheckError> {
        let values = read(file, name)?;
        Ok(Array2::from_shape_vec((2, values.len() / 2), values)?)
    };
    let (x, noise) = (images("input.x")?, images("input.eps")?);
    Ok(Position { model: model(file, "param")?, x, noise })
}

/// The model whose tensors are called `prefix.conv1.weight` and so on.
fn model(file: &Checkpoint, prefix: &str) -> Result<Vae<f64>, CheckError> {
    let mut model = Vae::zeros(&architecture())?;
    for (name, target) in model.tensors_mut() {
        file.read(&format!("{prefix}.{name}"), target)?;
    }
    Ok(model)
}

fn read(file: &Checkpoint, name: &str) -> Result<Vec<f64>, CheckError> {
    let mut array = ArrayD::<f64>::zeros(file.shape(name)?);
    file.read(name, array.view_mut())?;
    Ok(array.into_iter().collect())
}
