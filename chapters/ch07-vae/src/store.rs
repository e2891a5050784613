//! Models and checkpoints in files.
//!
//! A *model* is the parameters under PyTorch's names and a description. A *checkpoint* is a model
//! with everything that training needs to go on as if it had never stopped. There is no state of a
//! random generator among it: every stream is named by seed, epoch and example, so the number of
//! the epoch is enough.

use std::path::{Path, PathBuf};

use ndarray::{Array2, ArrayViewD};
use nn::Adam;
use nn::checkpoint::{self, Checkpoint, CheckpointError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

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

/// What can go wrong between a model and a file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be read or written, or its tensors are not as expected.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A safetensors file without our description.
    #[error(
        "{} is not a {expected} of this program ({reason}); expected the {expected}.safetensors \
         that `cargo run -p ch07-vae` wrote", path.display()
    )]
    Description {
        /// The file.
        path: PathBuf,
        /// "model" or "checkpoint".
        expected: &'static str,
        /// What is wrong with the description.
        reason: String,
    },
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
    Ok(checkpoint::save(path, model.tensors(), &to_json(description))?)
}

/// Reads a model.
///
/// # Errors
/// If the file cannot be read, is no model of this program, or is damaged.
pub fn load_model(path: &Path) -> Result<(Vae<f32>, Description), StoreError> {
    let file = Checkpoint::open(path)?;
    let description: Description = describe(&file, "model")?;
    checked(&file, "model", &description)?;
    let mut model = Vae::zeros(&description.architecture);
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
    let state = State { description: description.clone(), steps: trainer.steps, run };
    let prefixed = |prefix: &'static str, model| {
        Vae::tensors(model).map(move |(name, tensor)| (format!("{prefix}{name}"), tensor))
    };
    let tensors = trainer
        .model
        .tensors()
        .chain(prefixed(FIRST, &trainer.first))
        .chain(prefixed(SECOND, &trainer.second))
        .chain(tensors);
    Ok(checkpoint::save(path, tensors, &to_json(&state))?)
}

/// Reads the matrices of a checkpoint whose names begin with `prefix`: what follows the prefix, and
/// the matrix. None is no error.
///
/// # Errors
/// If the file cannot be read, or one of them is no matrix of finite 32-bit floats.
pub fn load_tensors(path: &Path, prefix: &str) -> Result<Vec<(String, Array2<f32>)>, StoreError> {
    let file = Checkpoint::open(path)?;
    let names = file.names().filter_map(|name| Some((name, name.strip_prefix(prefix)?)));
    names
        .map(|(name, rest)| {
            let &[rows, columns] = file.shape(name)? else {
                return Err(StoreError::Description {
                    path: path.to_owned(),
                    expected: "checkpoint",
                    reason: format!("{name} is no matrix"),
                });
            };
            let mut tensor = Array2::zeros((rows, columns));
            file.read(name, tensor.view_mut().into_dyn())?;
            Ok((rest.to_owned(), tensor))
        })
        .collect()
}

/// Reads a checkpoint to go on from, with the optimiser's settings as given.
///
/// # Errors
/// If the file cannot be read, is no checkpoint of this program, or is damaged.
pub fn load_checkpoint<T: DeserializeOwned>(
    path: &Path,
    settings: impl FnOnce(&T) -> (Adam, Objective),
) -> Result<(Trainer, Description, T), StoreError> {
    let file = Checkpoint::open(path)?;
    let state: State<T> = describe(&file, "checkpoint")?;
    checked(&file, "checkpoint", &state.description)?;
    let model = Vae::zeros(&state.description.architecture);
    let (adam, objective) = settings(&state.run);
    let mut trainer = Trainer::new(model, adam, objective);
    trainer.steps = state.steps;
    read(&file, "", &mut trainer.model)?;
    read(&file, FIRST, &mut trainer.first)?;
    read(&file, SECOND, &mut trainer.second)?;
    Ok((trainer, state.description, state.run))
}

/// The names of Adam's moments: `adam.first.fc1.weight` and so on.
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

/// Checks that a description makes sense and that every tensor it speaks of is in the file with
/// the right shape; before that, no memory is set aside for what a damaged description may claim.
fn checked(
    file: &Checkpoint,
    expected: &'static str,
    Description { architecture, image_shape, .. }: &Description,
) -> Result<(), StoreError> {
    let broken = |reason: &str| {
        let (path, reason) = (file.path().to_owned(), reason.to_owned());
        Err(StoreError::Description { path, expected, reason })
    };
    let Architecture { pixels, hidden, latent, .. } = architecture;
    if [pixels, latent].into_iter().chain(hidden).any(|&width| width == 0) {
        return broken("a layer of width 0");
    }
    if let &Some((channels, height, width)) = image_shape
        && channels.checked_mul(height).and_then(|n| n.checked_mul(width)) != Some(*pixels)
    {
        return broken("its images are not of the size of its input");
    }
    for (name, outputs, inputs) in architecture.layers() {
        let weight = format!("{name}.weight");
        let found = file.shape(&weight)?;
        if found != [outputs, inputs] {
            return Err(StoreError::Checkpoint(CheckpointError::Shape {
                path: file.path().to_owned(),
                name: weight,
                expected: vec![outputs, inputs],
                found: found.to_vec(),
            }));
        }
    }
    Ok(())
}

fn read(file: &Checkpoint, prefix: &str, model: &mut Vae<f32>) -> Result<(), StoreError> {
    for (name, target) in model.tensors_mut() {
        file.read(&format!("{prefix}{name}"), target)?;
    }
    Ok(())
}
