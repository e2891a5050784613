//! The settings of a training run: what was given, what is usual for the data, what is remembered.

use anyhow::Result;
use ch09_conv_vae::Architecture;
use run::resume::{unchanged, unchanged_data, unchanged_quick};
use serde::{Deserialize, Serialize};

use super::cli::{Model, TrainArguments};

/// The data of a run of a few seconds.
const QUICK: &str = "optdigits";

/// All that decides the bytes of the trained model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) data: String,
    pub(super) model: Model,
    pub(super) latent: usize,
    pub(super) epochs: usize,
    pub(super) batch: usize,
    pub(super) learning_rate: f64,
    pub(super) seed: u64,
}

impl Settings {
    /// What the arguments say, and where they are silent what is usual for the data.
    pub(super) fn new(given: &TrainArguments) -> Self {
        let usual_data = if given.quick { QUICK } else { "mnist" };
        let data = given.data.clone().unwrap_or_else(|| usual_data.to_owned());
        let model = given.model.unwrap_or_else(|| given.engine.usual_model());
        let small_set = data == QUICK;
        let (latent, epochs, batch) = match model {
            _ if small_set => (8, 200, 32),
            Model::Small => (32, 60, 128),
            Model::Full => (64, 60, 128),
        };
        let epochs = match given.quick {
            true if small_set => 40,
            true => 1,
            false => epochs,
        };
        Self {
            data,
            model,
            latent: given.latent.unwrap_or(latent),
            epochs: given.epochs.unwrap_or(epochs),
            batch: given.batch.unwrap_or(batch),
            learning_rate: given.lr.unwrap_or(2e-3),
            seed: given.seed.unwrap_or(1),
        }
    }

    /// The settings of an interrupted run, to go on with. None may be new: the learning rate of each step
    /// depends on how many there will be.
    pub(super) fn resumed(self, given: &TrainArguments) -> Result<Self> {
        unchanged_quick(given.quick && given.data.is_none(), QUICK, &self.data)?;
        unchanged_data(given.data.as_ref(), &self.data)?;
        let name = |model: Model| format!("{model:?}").to_lowercase();
        unchanged("--model", given.model.map(name).as_ref(), &name(self.model))?;
        unchanged("--latent", given.latent.as_ref(), &self.latent)?;
        unchanged("--epochs", given.epochs.as_ref(), &self.epochs)?;
        unchanged("--batch", given.batch.as_ref(), &self.batch)?;
        unchanged("--lr", given.lr.as_ref(), &self.learning_rate)?;
        unchanged("--seed", given.seed.as_ref(), &self.seed)?;
        Ok(self)
    }

    /// The model for images of a shape.
    pub(super) fn architecture(&self, image: (usize, usize, usize)) -> Architecture {
        let usual = match self.model {
            Model::Small => Architecture::small(image),
            Model::Full => Architecture::full(image),
        };
        Architecture { latent: self.latent, ..usual }
    }
}
