//! Models and checkpoints in files, as [`nn::store`] writes and reads them, in PyTorch's layouts; the same for the
//! plain-Rust and the libtorch build.

use std::path::Path;

use nn::Parameters;
use nn::store::{self, State, named};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use nn::store::StoreError;

use crate::{Architecture, Layer, Trainer, Vae};

/// What is said in a file about the model in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The model's shape.
    pub architecture: Architecture,
    /// The name or folder of the data that it learned from.
    pub data: String,
}

impl store::Description for Description {
    const PROGRAM: &'static str = "ch09-conv-vae";

    fn weights(&self) -> Result<Vec<(String, Vec<usize>)>, String> {
        let layers = self.architecture.layers().map_err(|error| error.to_string())?;
        let weight = |layer: Layer| (format!("{}.weight", layer.name), layer.weight);
        Ok(layers.into_iter().map(weight).collect())
    }
}

/// A model of zeros for what a file holds that was opened.
fn room_for(description: &Description) -> Vae<f32> {
    Vae::zeros(&description.architecture).expect("its weights were found in the file")
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
    let (file, description) = store::open_model(path)?;
    let mut model = room_for(&description);
    file.read_model("", &mut model)?;
    Ok((model, description))
}

/// The prefixes of the names in a checkpoint: `conv1.weight`, `adam.first.conv1.weight` and so on.
const PREFIXES: [&str; 3] = ["", "adam.first.", "adam.second."];

/// Writes a checkpoint, atomically. `run` is what the program itself wants to remember.
///
/// # Errors
/// If the file cannot be written.
pub fn save_checkpoint<T: Serialize>(
    path: &Path,
    trainer: &Trainer,
    description: &Description,
    run: &T,
) -> Result<(), StoreError> {
    let Trainer { model, first, second, steps } = trainer;
    let tensors = named(PREFIXES.into_iter().zip([model, first, second]));
    store::save_checkpoint(path, tensors, &State { description, steps: *steps, run })
}

/// Reads a checkpoint to go on from.
///
/// # Errors
/// If the file cannot be read, is no checkpoint of this program, or is damaged.
pub fn load_checkpoint<T: DeserializeOwned>(
    path: &Path,
) -> Result<(Trainer, Description, T), StoreError> {
    let (file, State { description, steps, run }) = store::open_checkpoint(path)?;
    let mut trainer = Trainer { steps, ..Trainer::new(room_for(&description)) };
    let models = [&mut trainer.model, &mut trainer.first, &mut trainer.second];
    for (prefix, model) in PREFIXES.into_iter().zip(models) {
        file.read_model(prefix, model)?;
    }
    Ok((trainer, description, run))
}
