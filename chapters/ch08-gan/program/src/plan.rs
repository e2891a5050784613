//! The plan of a run: what was given, what is usual for the data, what is remembered.

use anyhow::{Result, bail};
use ch08_gan::{Architecture, GeneratorLoss, Schedule, Settings};
use nn::{Activation, Adam};
use run::resume::{unchanged, unchanged_data, unchanged_widths};
use serde::{Deserialize, Serialize};

use super::cli::{TrainArguments, loss_name};
use super::corpus::{LINE, RING};

/// The share of itself that the running average of the generator keeps at each step.
const AVERAGE_DECAY: f64 = 0.998;

/// All that decides the bytes of what a run leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) data: String,
    pub(super) hidden: Vec<usize>,
    pub(super) latent: usize,
    pub(super) steps: usize,
    pub(super) batch: usize,
    pub(super) learning_rate: f64,
    pub(super) discriminator_learning_rate: f64,
    pub(super) loss: GeneratorLoss,
    pub(super) k: usize,
    /// γ of the gradient penalty.
    pub(super) penalty: f64,
    pub(super) frames: usize,
    pub(super) seed: u64,
}

impl Plan {
    /// What the arguments say of a run on `data`, and where they are silent what is usual for it.
    pub(super) fn new(given: &TrainArguments, data: &str) -> Result<Self> {
        let usual = Usual::of(data);
        let usual_steps = if given.quick { usual.quick_steps } else { usual.steps };
        let learning_rate = given.lr.unwrap_or(usual.learning_rate);
        let plan = Self {
            data: data.to_owned(),
            hidden: given.hidden.clone().unwrap_or_else(|| vec![usual.hidden; 2]),
            latent: given.latent.unwrap_or(usual.latent),
            steps: given.steps.unwrap_or(usual_steps),
            batch: given.batch.unwrap_or(usual.batch),
            learning_rate,
            discriminator_learning_rate: given.lr_d.unwrap_or(learning_rate),
            loss: given.loss.unwrap_or(GeneratorLoss::NonSaturating),
            k: given.k.unwrap_or(1),
            penalty: given.penalty.unwrap_or(usual.penalty),
            frames: given.frames.unwrap_or(if given.quick { 8 } else { 24 }),
            seed: given.seed.unwrap_or(1),
        };
        if plan.frames > plan.steps {
            bail!(
                "--frames {} is more than the {} steps of the run: choose fewer frames or more --steps",
                plan.frames,
                plan.steps
            );
        }
        Ok(plan)
    }

    /// The plan of an interrupted run, to go on with. The learning rates fall to zero at its last step, so that
    /// nothing of it can be new.
    pub(super) fn must_agree(&self, given: &TrainArguments) -> Result<()> {
        unchanged_data(given.data.as_ref(), &self.data)?;
        unchanged_widths("--hidden", given.hidden.as_deref(), &self.hidden)?;
        unchanged("--latent", given.latent.as_ref(), &self.latent)?;
        unchanged("--steps", given.steps.as_ref(), &self.steps)?;
        unchanged("--batch", given.batch.as_ref(), &self.batch)?;
        unchanged("--lr", given.lr.as_ref(), &self.learning_rate)?;
        unchanged("--lr-d", given.lr_d.as_ref(), &self.discriminator_learning_rate)?;
        unchanged("--loss", given.loss.map(loss_name).as_ref(), &loss_name(self.loss))?;
        unchanged("--k", given.k.as_ref(), &self.k)?;
        unchanged("--penalty", given.penalty.as_ref(), &self.penalty)?;
        unchanged("--frames", given.frames.as_ref(), &self.frames)?;
        unchanged("--seed", given.seed.as_ref(), &self.seed)
    }

    /// The networks for examples of so many numbers.
    pub(super) fn architecture(&self, data: usize) -> Architecture {
        let points = [LINE, RING].contains(&self.data.as_str());
        Architecture {
            data,
            latent: self.latent,
            hidden: self.hidden.clone(),
            activation: Activation::LeakyRelu,
            generator_output: if points { Activation::Identity } else { Activation::Sigmoid },
        }
    }

    /// The training.
    pub(super) fn schedule(&self) -> Schedule {
        // β₁ = ½: the other player moves, and what the gradient was ten steps ago says little.
        let adam = |rate| Adam { beta1: 0.5, ..Adam::new(rate) };
        let settings = Settings {
            batch: self.batch,
            k: self.k,
            loss: self.loss,
            generator_adam: adam(self.learning_rate),
            discriminator_adam: adam(self.discriminator_learning_rate),
            average_decay: AVERAGE_DECAY,
        };
        Schedule { steps: self.steps as u64, settings, penalty: self.penalty }
    }

    /// The step after which the look of this number is taken; look 0 is before the first step.
    pub(super) fn step_of_look(&self, look: usize) -> u64 {
        (look as u128 * self.steps as u128 / self.frames as u128) as u64
    }
}

/// What is usual for a set.
struct Usual {
    hidden: usize,
    latent: usize,
    steps: usize,
    quick_steps: usize,
    batch: usize,
    learning_rate: f64,
    penalty: f64,
}

impl Usual {
    const RING: Self = Self {
        hidden: 128,
        latent: 2,
        steps: 12_000,
        quick_steps: 1500,
        batch: 256,
        learning_rate: 1e-3,
        penalty: 0.0,
    };
    const MNIST: Self = Self {
        hidden: 256,
        latent: 64,
        steps: 10_000,
        quick_steps: 500,
        batch: 128,
        learning_rate: 1e-3,
        penalty: 3.0,
    };

    fn of(data: &str) -> Self {
        match data {
            LINE => Self { hidden: 32, latent: 1, steps: 4000, quick_steps: 1500, ..Self::RING },
            RING => Self::RING,
            "optdigits" => Self { hidden: 128, latent: 16, quick_steps: 1500, ..Self::MNIST },
            _ => Self::MNIST,
        }
    }
}
