//! Models and checkpoints in files, as [`nn::store`] writes and reads them.

use std::path::Path;

use ndarray::{ArrayD, ArrayViewD};
use nn::checkpoint::Checkpoint;
use nn::store::{self, State, named};
use nn::{Adam, Parameters};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use nn::store::StoreError;

use crate::{Architecture, Objective, Trainer, Vae};

/// What is said in a file about the model in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The model's shape.
    pub architecture: Architecture,
    /// The name or folder of the data that it learned from.
    pub data: String,
    /// Channels, height and width of an image; `None` for points.
    pub image_shape: Option<(usize, usize, usize)>,
}

impl store::Description for Description {
    const PROGRAM: &'static str = "ch07-vae";

    fn weights(&self) -> Result<Vec<(String, Vec<usize>)>, String> {
        let Architecture { pixels, hidden, latent, .. } = &self.architecture;
        if [pixels, latent].into_iter().chain(hidden).any(|&width| width == 0) {
            return Err("a layer of width 0".into());
        }
        if let Some((channels, height, width)) = self.image_shape
            && channels.checked_mul(height).and_then(|n| n.checked_mul(width)) != Some(*pixels)
        {
            return Err("its images are not of the size of its input".into());
        }
        let layers = self.architecture.layers().into_iter();
        let weight = |(name, outputs, inputs)| (format!("{name}.weight"), vec![outputs, inputs]);
        Ok(layers.map(weight).collect())
    }
}

/// Writes a model, atomically.
///
/// # Errors
/// If the file cannot be written.
pub fn save_model(
    path: &Path,
    model: &Vae<f32>,
    description: &Description,
) -> Result<(), StoreError> {
    store::save_model(path, model.tensors(), description)
}

/// Reads a model.
///
/// # Errors
/// If the file cannot be read, is no model of this program, or is damaged.
pub fn load_model(path: &Path) -> Result<(Vae<f32>, Description), StoreError> {
    let (file, description): (_, Description) = store::open_model(path)?;
    let mut model = Vae::zeros(&description.architecture);
    file.read_model("", &mut model)?;
    Ok((model, description))
}

/// The prefixes of the names in a checkpoint: `fc1.weight`, `adam.first.fc1.weight` and so on.
const PREFIXES: [&str; 3] = ["", "adam.first.", "adam.second."];

/// Writes a checkpoint, atomically. `run` and `tensors` are what the program itself wants to remember;
/// the tensors come back from [`load_tensors`].
///
/// # Errors
/// If the file cannot be written.
pub fn save_checkpoint<'a, T: Serialize>(
    path: &Path,
    trainer: &'a Trainer,
    description: &Description,
    run: &T,
    tensors: impl IntoIterator<Item = (String, ArrayViewD<'a, f32>)>,
) -> Result<(), StoreError> {
    let Trainer { model, first, second, steps, .. } = trainer;
    let models = named(PREFIXES.into_iter().zip([model, first, second]));
    store::save_checkpoint(path, models.chain(tensors), &State { description, steps: *steps, run })
}

/// Reads the arrays of a checkpoint whose names begin with `prefix`: what follows the prefix, and
/// the array. None is no error.
///
/// # Errors
/// If the file cannot be read, or one of them does not hold finite numbers.
pub fn load_tensors(path: &Path, prefix: &str) -> Result<Vec<(String, ArrayD<f32>)>, StoreError> {
    Ok(Checkpoint::open(path)?.arrays(prefix)?)
}

/// Reads a checkpoint to go on from, with the optimiser's settings as given.
///
/// # Errors
/// If the file cannot be read, is no checkpoint of this program, or is damaged.
pub fn load_checkpoint<T: DeserializeOwned>(
    path: &Path,
    settings: impl FnOnce(&T) -> (Adam, Objective),
) -> Result<(Trainer, Description, T), StoreError> {
    let (file, state) = store::open_checkpoint(path)?;
    let State { description, steps, run }: State<Description, T> = state;
    let (adam, objective) = settings(&run);
    let mut trainer = Trainer::new(Vae::zeros(&description.architecture), adam, objective);
    trainer.steps = steps;
    let models = [&mut trainer.model, &mut trainer.first, &mut trainer.second];
    for (prefix, model) in PREFIXES.into_iter().zip(models) {
        file.read_model(prefix, model)?;
    }
    Ok((trainer, description, run))
}
