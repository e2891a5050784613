//! Models and checkpoints in files: tensors, and a description of what they are.
//!
//! A *model* is the parameters under PyTorch's names and a description. A *checkpoint* is a model with everything that
//! training needs to go on as if it had never stopped. There is no state of a random generator among it: every stream
//! is named by its position, so the number of the step is enough.
//!
//! Whose model it is, and which tensors of which shapes a description promises, its owner says in one place,
//! [`Description`].

use std::path::{Path, PathBuf};

use ndarray::ArrayViewD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Parameters;
use crate::checkpoint::{self, Checkpoint, CheckpointError, Element};

/// What is said in a file about the model in it.
pub trait Description: Serialize + DeserializeOwned {
    /// The program that writes such files, for messages.
    const PROGRAM: &'static str;

    /// Name and shape of every weight that the file of such a model has.
    ///
    /// # Errors
    /// Why there is no such model.
    fn weights(&self) -> Result<Vec<(String, Vec<usize>)>, String>;
}

/// What can go wrong between a model and a file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be read or written, or its tensors are not as expected.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A safetensors file without our description, or with one of no model.
    #[error(
        "{} is not a {expected} of this program ({reason}); expected the {expected}.safetensors \
         that `cargo run -p {program}` wrote", path.display()
    )]
    Description {
        /// The file.
        path: PathBuf,
        /// "model" or "checkpoint".
        expected: &'static str,
        /// The program.
        program: &'static str,
        /// What is wrong with the description.
        reason: String,
    },
}

/// What a checkpoint says besides the tensors.
#[derive(Debug, Serialize, Deserialize)]
pub struct State<D, R> {
    /// The model's description.
    pub description: D,
    /// Steps taken.
    pub steps: u64,
    /// What the program itself wants to remember.
    pub run: R,
}

/// All tensors of some models, each model's names with its prefix.
pub fn named<'a, M: Parameters + 'a>(
    models: impl IntoIterator<Item = (&'static str, &'a M)>,
) -> impl Iterator<Item = (String, ArrayViewD<'a, M::Scalar>)> {
    models.into_iter().flat_map(|(prefix, model)| {
        model.tensors().map(move |(name, tensor)| (format!("{prefix}{name}"), tensor))
    })
}

/// Writes a model's tensors, atomically.
///
/// # Errors
/// If the file cannot be written.
pub fn save_model<'a, S: Element>(
    path: &Path,
    tensors: impl IntoIterator<Item = (String, ArrayViewD<'a, S>)>,
    description: &impl Description,
) -> Result<(), StoreError> {
    Ok(checkpoint::save(path, tensors, &to_json(description))?)
}

/// Opens a model's file. What its description promises is there, in the right shape: before that is known, no memory is
/// to be set aside for what a damaged description may claim.
///
/// # Errors
/// If the file cannot be read, or is no model of this program.
pub fn open_model<D: Description>(path: &Path) -> Result<(Checkpoint, D), StoreError> {
    let file = Checkpoint::open(path)?;
    let description: D = describe::<D, _>(&file, "model")?;
    check(&file, "model", &description)?;
    Ok((file, description))
}

/// Writes a checkpoint, atomically.
///
/// # Errors
/// If the file cannot be written.
pub fn save_checkpoint<'a, S: Element>(
    path: &Path,
    tensors: impl IntoIterator<Item = (String, ArrayViewD<'a, S>)>,
    state: &State<&impl Description, &impl Serialize>,
) -> Result<(), StoreError> {
    Ok(checkpoint::save(path, tensors, &to_json(state))?)
}

/// Opens a checkpoint, as [`open_model`] opens a model.
///
/// # Errors
/// If the file cannot be read, or is no checkpoint of this program.
pub fn open_checkpoint<D: Description, R: DeserializeOwned>(
    path: &Path,
) -> Result<(Checkpoint, State<D, R>), StoreError> {
    let file = Checkpoint::open(path)?;
    let state: State<D, R> = describe::<D, _>(&file, "checkpoint")?;
    check(&file, "checkpoint", &state.description)?;
    Ok((file, state))
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain structures of numbers and strings become JSON")
}

fn describe<D: Description, T: DeserializeOwned>(
    file: &Checkpoint,
    expected: &'static str,
) -> Result<T, StoreError> {
    let text =
        file.metadata().ok_or_else(|| refused::<D>(file, expected, "it carries no description"))?;
    serde_json::from_str(text).map_err(|error| refused::<D>(file, expected, &error.to_string()))
}

fn check<D: Description>(
    file: &Checkpoint,
    expected: &'static str,
    description: &D,
) -> Result<(), StoreError> {
    let weights = description.weights().map_err(|reason| refused::<D>(file, expected, &reason))?;
    for (name, expected) in weights {
        let found = file.shape(&name)?;
        if found != expected {
            let (path, found) = (file.path().to_owned(), found.to_vec());
            return Err(CheckpointError::Shape { path, name, expected, found }.into());
        }
    }
    Ok(())
}

fn refused<D: Description>(file: &Checkpoint, expected: &'static str, reason: &str) -> StoreError {
    let (path, program, reason) = (file.path().to_owned(), D::PROGRAM, reason.to_owned());
    StoreError::Description { path, expected, program, reason }
}
