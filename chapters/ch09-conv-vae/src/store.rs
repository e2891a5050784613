//! Models and checkpoints in files, the same for the plain-Rust and the libtorch build.
//!
//! A *model* is the parameters under PyTorch's names and in its layouts, with a description. A
//! *checkpoint* is a model with Adam's moments and what the program wants to remember. As in chapter 7
//! there is no state of a random generator among it: every stream is named by seed, epoch and image.

use std::path::{Path, PathBuf};

use nn::checkpoint::{self, Checkpoint, CheckpointError, Element};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Architecture, ArchitectureError, Trainer, Vae};

/// What is said in a file about the model in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The model's shape.
    pub architecture: Architecture,
    /// The name or folder of the data that it learned from.
    pub data: String,
}

/// What can go wrong between a model and a file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be read or written, or its tensors are not as expected.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A safetensors file without our description.
    #[error(
        "{} is not a {expected} of this program ({reason}); expected the {expected}.safetensors \
         that `cargo run -p ch09-conv-vae` wrote", path.display()
    )]
    Description {
        /// The file.
        path: PathBuf,
        /// "model" or "checkpoint".
        expected: &'static str,
        /// What is wrong with the description.
        reason: String,
    },
    /// A description of a model that cannot be.
    #[error("{} describes no model: {source}; it is damaged, train again", path.display())]
    Architecture {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ArchitectureError,
    },
}

/// Writes a model, atomically.
///
/// # Errors
/// If the file cannot be written.
pub fn save_model<S: Element>(
    path: &Path,
    model: &Vae<S>,
    description: &Description,
) -> Result<(), StoreError> {
    Ok(checkpoint::save(path, model.tensors(), &to_json(description))?)
}

/// Reads a model.
///
/// # Errors
/// If the file cannot be read, is no model of this program, or is damaged.
pub fn load_model<S: Element>(path: &Path) -> Result<(Vae<S>, Description), StoreError> {
    let file = Checkpoint::open(path)?;
    let description: Description = describe(&file, "model")?;
    let mut model = room_for(&file, &description.architecture)?;
    read(&file, "", &mut model)?;
    Ok((model, description))
}

/// What a checkpoint says besides the tensors.
#[derive(Serialize, Deserialize)]
struct State<T> {
    description: Description,
    steps: u64,
    run: T,
}

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
    let state = State { description: description.clone(), steps: trainer.steps, run };
    let prefixed = |prefix: &'static str, model| {
        Vae::tensors(model).map(move |(name, tensor)| (format!("{prefix}{name}"), tensor))
    };
    let tensors = trainer
        .model
        .tensors()
        .chain(prefixed(FIRST, &trainer.first))
        .chain(prefixed(SECOND, &trainer.second));
    Ok(checkpoint::save(path, tensors, &to_json(&state))?)
}

/// Reads a checkpoint to go on from.
///
/// # Errors
/// If the file cannot be read, is no checkpoint of this program, or is damaged.
pub fn load_checkpoint<T: DeserializeOwned>(
    path: &Path,
) -> Result<(Trainer, Description, T), StoreError> {
    let file = Checkpoint::open(path)?;
    let state: State<T> = describe(&file, "checkpoint")?;
    let mut trainer = Trainer::new(room_for(&file, &state.description.architecture)?);
    trainer.steps = state.steps;
    read(&file, "", &mut trainer.model)?;
    read(&file, FIRST, &mut trainer.first)?;
    read(&file, SECOND, &mut trainer.second)?;
    Ok((trainer, state.description, state.run))
}

/// The names of Adam's moments: `adam.first.conv1.weight` and so on.
const FIRST: &str = "adam.first.";
const SECOND: &str = "adam.second.";

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain structures of numbers and strings become JSON")
}

fn describe<T: DeserializeOwned>(
    file: &Checkpoint,
    expected: &'static str,
) -> Result<T, StoreError> {
    let broken =
        |reason| StoreError::Description { path: file.path().to_owned(), expected, reason };
    let text = file.metadata().ok_or_else(|| broken("it carries no description".into()))?;
    serde_json::from_str(text).map_err(|error| broken(error.to_string()))
}

/// A model of zeros for what a file holds. Before memory is set aside for what a damaged description may
/// claim, every tensor it speaks of has to be in the file, in the right shape.
fn room_for<S: Element>(
    file: &Checkpoint,
    architecture: &Architecture,
) -> Result<Vae<S>, StoreError> {
    let broken = |source| StoreError::Architecture { path: file.path().to_owned(), source };
    for layer in architecture.layers().map_err(broken)? {
        let name = format!("{}.weight", layer.name);
        let found = file.shape(&name)?;
        if found != layer.weight {
            return Err(StoreError::Checkpoint(CheckpointError::Shape {
                path: file.path().to_owned(),
                name,
                expected: layer.weight,
                found: found.to_vec(),
            }));
        }
    }
    Vae::zeros(architecture).map_err(broken)
}

fn read<S: Element>(file: &Checkpoint, prefix: &str, model: &mut Vae<S>) -> Result<(), StoreError> {
    for (name, target) in model.tensors_mut() {
        file.read(&format!("{prefix}{name}"), target)?;
    }
    Ok(())
}
