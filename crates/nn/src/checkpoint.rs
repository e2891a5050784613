//! Checkpoints: named tensors in the safetensors format, written atomically.
//!
//! PyTorch, and anything else that knows the format, loads them by name. Next to the tensors a
//! file carries one text, its [`Checkpoint::metadata`], which a program may use for what it needs
//! to continue.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use file::write_atomically;
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD};
use safetensors::{Dtype, SafeTensors, View};

use crate::{Parameters, Scalar};

/// The one metadata key. (One, because the format keeps its metadata in no fixed order, and equal
/// models are to be equal files.)
const METADATA_KEY: &str = "evidence";

/// What can go wrong with a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The operating system refused to read or write.
    #[error("cannot {action} {}: {source}; {}", path.display(), advice(action))]
    Io {
        /// "read" or "write".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is something else, or damaged.
    #[error(
        "{} is not a complete safetensors file ({reason}); expected a model or checkpoint that a \
         training run has written: check the path, or train again", path.display()
    )]
    NotSafetensors {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A tensor is missing: another architecture, or not a model of this kind.
    #[error(
        "{} has no tensor `{name}`, it has: {found}; it belongs to another architecture",
        path.display()
    )]
    MissingTensor {
        /// The file.
        path: PathBuf,
        /// The tensor that was looked for.
        name: String,
        /// The names in the file.
        found: String,
    },
    /// A tensor has another shape than the model's.
    #[error(
        "{}: tensor `{name}` has shape {found:?}, expected {expected:?}; it belongs to another \
         architecture", path.display()
    )]
    Shape {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The model's shape.
        expected: Vec<usize>,
        /// The file's shape.
        found: Vec<usize>,
    },
    /// A tensor of a type that is neither f32 nor f64.
    #[error("{}: tensor `{name}` holds {found}, expected F32 or F64", path.display())]
    Type {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The type found.
        found: String,
    },
    /// An infinite value or NaN.
    #[error(
        "{}: tensor `{name}` contains {value}; the file is damaged or its training diverged",
        path.display()
    )]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The value.
        value: f64,
    },
}

fn advice(action: &str) -> &'static str {
    match action {
        "write" => "check the folder's permissions and the free space",
        _ => "check the path",
    }
}

/// A number that checkpoints can hold: `f32` or `f64`.
pub trait Element: Scalar {
    /// The format's name for the type.
    const DTYPE: Dtype;
    /// Appends the number's little-endian bytes.
    fn extend(self, bytes: &mut Vec<u8>);
}

impl Element for f32 {
    const DTYPE: Dtype = Dtype::F32;
    fn extend(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }
}

impl Element for f64 {
    const DTYPE: Dtype = Dtype::F64;
    fn extend(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }
}

/// A tensor on its way into a file.
struct TensorView<'a, S>(ArrayViewD<'a, S>);

impl<S: Element> View for TensorView<'_, S> {
    fn dtype(&self) -> Dtype {
        S::DTYPE
    }
    fn shape(&self) -> &[usize] {
        self.0.shape()
    }
    fn data(&self) -> Cow<'_, [u8]> {
        let mut bytes = Vec::with_capacity(self.data_len());
        self.0.iter().for_each(|&value| value.extend(&mut bytes));
        bytes.into()
    }
    fn data_len(&self) -> usize {
        self.0.len() * size_of::<S>()
    }
}

/// Writes named tensors and a text to `path`, whole or not at all. Equal arguments give equal bytes.
///
/// # Errors
/// [`CheckpointError::Io`] if the folder cannot be written or the disk is full; a file that stood
/// at `path` before is then still there, unharmed.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use ndarray::{Array1, array};
/// use nn::checkpoint::{self, Checkpoint};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("model.safetensors");
/// let bias = array![1.0_f32, 2.0];
/// checkpoint::save(&path, [("fc1.bias".to_owned(), bias.view().into_dyn())], "epoch 3")?;
///
/// let file = Checkpoint::open(&path)?;
/// let mut read = Array1::<f32>::zeros(2);
/// file.read("fc1.bias", read.view_mut().into_dyn())?;
/// assert_eq!(read, bias);
/// assert_eq!(file.metadata(), Some("epoch 3"));
/// # Ok(()) }
/// ```
pub fn save<'a, S: Element>(
    path: &Path,
    tensors: impl IntoIterator<Item = (String, ArrayViewD<'a, S>)>,
    metadata: &str,
) -> Result<(), CheckpointError> {
    let write_error = |source| CheckpointError::Io { action: "write", path: path.into(), source };
    let tensors = tensors.into_iter().map(|(name, view)| (name, TensorView(view)));
    let metadata = HashMap::from([(METADATA_KEY.to_owned(), metadata.to_owned())]);
    let bytes = safetensors::serialize(tensors, Some(metadata))
        .map_err(|error| write_error(io::Error::other(error)))?;
    write_atomically(path, &bytes).map_err(write_error)
}

/// A checkpoint read from a file.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    metadata: Option<String>,
    tensors: BTreeMap<String, Tensor>,
}

#[derive(Debug)]
struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Checkpoint {
    /// Reads a file whole and checks its structure.
    ///
    /// # Errors
    /// [`CheckpointError::Io`] if it cannot be read, [`CheckpointError::NotSafetensors`] if it is
    /// something else or incomplete.
    pub fn open(path: &Path) -> Result<Self, CheckpointError> {
        let bytes = fs::read(path).map_err(|source| CheckpointError::Io {
            action: "read",
            path: path.into(),
            source,
        })?;
        Self::from_bytes(path, &bytes)
    }

    /// Takes a file's bytes apart and checks their structure; `path` names them in messages.
    ///
    /// # Errors
    /// [`CheckpointError::NotSafetensors`] if they are something else or incomplete.
    pub fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Self, CheckpointError> {
        let broken = |error: safetensors::SafeTensorError| CheckpointError::NotSafetensors {
            path: path.into(),
            reason: error.to_string(),
        };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(broken)?;
        let metadata = header.metadata().as_ref().and_then(|m| m.get(METADATA_KEY)).cloned();
        let tensors = SafeTensors::deserialize(bytes)
            .map_err(broken)?
            .tensors()
            .into_iter()
            .map(|(name, view)| {
                let (dtype, shape) = (view.dtype(), view.shape().to_vec());
                (name, Tensor { dtype, shape, bytes: view.data().to_vec() })
            })
            .collect();
        Ok(Self { path: path.into(), metadata, tensors })
    }

    /// The text that was saved with the tensors, if this project wrote the file.
    pub fn metadata(&self) -> Option<&str> {
        self.metadata.as_deref()
    }

    /// The file this came from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The tensors' names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The shape of a tensor.
    ///
    /// # Errors
    /// [`CheckpointError::MissingTensor`].
    pub fn shape(&self, name: &str) -> Result<&[usize], CheckpointError> {
        self.tensor(name).map(|tensor| tensor.shape.as_slice())
    }

    /// Copies a tensor into an array of the same shape.
    ///
    /// # Errors
    /// If there is no such tensor, or its shape, type or values are not as expected.
    pub fn read<S: Scalar>(
        &self,
        name: &str,
        mut target: ArrayViewMutD<'_, S>,
    ) -> Result<(), CheckpointError> {
        let tensor = self.tensor(name)?;
        let (path, name) = (self.path.clone(), name.to_owned());
        if tensor.shape != target.shape() {
            let (expected, found) = (target.shape().to_vec(), tensor.shape.clone());
            return Err(CheckpointError::Shape { path, name, expected, found });
        }
        let values: Vec<f64> = match tensor.dtype {
            Dtype::F32 => {
                tensor.bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b).into()).collect()
            }
            Dtype::F64 => {
                tensor.bytes.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b)).collect()
            }
            found => {
                return Err(CheckpointError::Type { path, name, found: format!("{found:?}") });
            }
        };
        if let Some(&value) = values.iter().find(|value| !value.is_finite()) {
            return Err(CheckpointError::NotFinite { path, name, value });
        }
        for (target, value) in target.iter_mut().zip(values) {
            *target = S::from_f64(value);
        }
        Ok(())
    }

    /// Reads all tensors of a model, whose names begin with `prefix` here.
    ///
    /// # Errors
    /// As [`Checkpoint::read`].
    pub fn read_model(
        &self,
        prefix: &str,
        model: &mut impl Parameters,
    ) -> Result<(), CheckpointError> {
        model
            .tensors_mut()
            .try_for_each(|(name, target)| self.read(&format!("{prefix}{name}"), target))
    }

    /// The arrays whose names begin with `prefix`, in the order of the names: what follows the prefix, and the array.
    ///
    /// # Errors
    /// As [`Checkpoint::read`].
    pub fn arrays<S: Scalar>(
        &self,
        prefix: &str,
    ) -> Result<Vec<(String, ArrayD<S>)>, CheckpointError> {
        let names = self.names().filter_map(|name| Some((name, name.strip_prefix(prefix)?)));
        names
            .map(|(name, rest)| {
                let mut array = ArrayD::zeros(self.shape(name)?);
                self.read(name, array.view_mut())?;
                Ok((rest.to_owned(), array))
            })
            .collect()
    }

    fn tensor(&self, name: &str) -> Result<&Tensor, CheckpointError> {
        self.tensors.get(name).ok_or_else(|| CheckpointError::MissingTensor {
            path: self.path.clone(),
            name: name.to_owned(),
            found: self.names().collect::<Vec<_>>().join(", "),
        })
    }
}
