//! The settings of a training run: what was given, what is usual for the data, what is remembered.

use std::fmt::Display;

use anyhow::{Result, bail};
use ch07_vae::Likelihood;
use nn::{Activation, Adam};
use serde::{Deserialize, Serialize};

use super::cli::TrainArguments;
use super::corpus::GRID;

/// The data of a run of a few seconds.
const QUICK: &str = "optdigits";

/// All that decides the bytes of the trained model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) data: String,
    pub(super) hidden: Vec<usize>,
    pub(super) latent: usize,
    pub(super) activation: String,
    pub(super) epochs: usize,
    pub(super) batch: usize,
    pub(super) learning_rate: f64,
    pub(super) beta: f64,
    pub(super) seed: u64,
}

impl Settings {
    /// What the arguments say, and where they are silent what is usual for the data.
    pub(super) fn new(given: &TrainArguments) -> Self {
        let usual_data = if given.quick { QUICK } else { "mnist" };
        let data = given.data.clone().unwrap_or_else(|| usual_data.to_owned());
        let usual = match data.as_str() {
            QUICK => Usual { hidden: 128, latent: 8, epochs: 400, ..Usual::MNIST },
            GRID => Usual {
                hidden: 128,
                latent: 2,
                activation: Activation::Tanh,
                epochs: 100,
                batch: 32,
            },
            _ => Usual::MNIST,
        };
        let usual_epochs = if given.quick { usual.epochs.min(200) } else { usual.epochs };
        Self {
            data,
            hidden: given.hidden.clone().unwrap_or_else(|| vec![usual.hidden]),
            latent: given.latent.unwrap_or(usual.latent),
            activation: given.activation.unwrap_or(usual.activation).to_string(),
            epochs: given.epochs.unwrap_or(usual_epochs),
            batch: given.batch.unwrap_or(usual.batch),
            learning_rate: given.lr.unwrap_or(1e-3),
            beta: given.beta.unwrap_or(1.0),
            seed: given.seed.unwrap_or(1),
        }
    }

    /// The settings of an interrupted run, to go on with. Only the number of epochs may be new.
    pub(super) fn resumed(self, given: &TrainArguments) -> Result<Self> {
        let Self { data, hidden, latent, activation, batch, learning_rate, beta, seed, .. } = &self;
        if given.quick && given.data.is_none() && data != QUICK {
            bail!(
                "--quick learns from {QUICK}, but the run to go on with was started with {data}: \
                 leave --quick out, or start anew without --resume"
            );
        }
        unchanged("--data", given.data.as_ref(), data)?;
        if let Some(widths) = &given.hidden {
            unchanged("--hidden", Some(&list(widths)), &list(hidden))?;
        }
        unchanged("--latent", given.latent.as_ref(), latent)?;
        unchanged("--activation", given.activation.map(|a| a.to_string()).as_ref(), activation)?;
        unchanged("--batch", given.batch.as_ref(), batch)?;
        unchanged("--lr", given.lr.as_ref(), learning_rate)?;
        unchanged("--beta", given.beta.as_ref(), beta)?;
        unchanged("--seed", given.seed.as_ref(), seed)?;
        let epochs = given.epochs.unwrap_or(self.epochs);
        Ok(Self { epochs, ..self })
    }

    pub(super) fn adam(&self) -> Adam {
        Adam::new(self.learning_rate)
    }

    /// Bernoulli pixels for images; for points a Gaussian of fixed width, since nothing in D1's
    /// description says one: a quarter of the data's unit, half the distance of the grid's lines.
    pub(super) fn likelihood(&self) -> Likelihood {
        if self.data == GRID { Likelihood::Gaussian { sigma: 0.25 } } else { Likelihood::Bernoulli }
    }
}

struct Usual {
    hidden: usize,
    latent: usize,
    activation: Activation,
    epochs: usize,
    batch: usize,
}

impl Usual {
    const MNIST: Self =
        Self { hidden: 400, latent: 20, activation: Activation::Relu, epochs: 20, batch: 128 };
}

fn unchanged<T: PartialEq + Display>(flag: &str, given: Option<&T>, before: &T) -> Result<()> {
    match given {
        Some(given) if given != before => bail!(
            "{flag} {given} was given, but the run to go on with was started with {before}: \
             leave {flag} out, or start anew without --resume"
        ),
        _ => Ok(()),
    }
}

fn list(widths: &[usize]) -> String {
    widths.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
}
