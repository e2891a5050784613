//! The sets that ship with the course, and how one knows that they are they.

use crate::idx::{self, Kind};
use crate::{DataError, Dataset, Images, Split};
use std::path::{Path, PathBuf};

/// Appended to errors about files that the course's repository should have.
const RESTORE: &str = "`git checkout -- data` in the course's folder restores its own files";

/// One file as published: where it is below the data root, and the SHA-256 of its uncompressed bytes.
pub(crate) struct KnownFile {
    folder: &'static str,
    name: &'static str,
    sha256: &'static str,
}

const MNIST: [[KnownFile; 2]; 2] = [
    [
        KnownFile {
            folder: "mnist",
            name: "train-images-idx3-ubyte.gz",
            sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        },
        KnownFile {
            folder: "mnist",
            name: "train-labels-idx1-ubyte.gz",
            sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        },
    ],
    [
        KnownFile {
            folder: "mnist",
            name: "t10k-images-idx3-ubyte.gz",
            sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        },
        KnownFile {
            folder: "mnist",
            name: "t10k-labels-idx1-ubyte.gz",
            sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        },
    ],
];

const OPTDIGITS: [KnownFile; 2] = [
    KnownFile {
        folder: "optdigits",
        name: "digits8x8-images-idx3-ubyte.gz",
        sha256: "359cd13f0f514122884198b78a131df597421cbf5e93a76678fa96fc548f0d96",
    },
    KnownFile {
        folder: "optdigits",
        name: "digits8x8-labels-idx1-ubyte.gz",
        sha256: "ce71631c1f31ce56fa54f31d1d498fafacff59b001e6c30c4a5e29508aa277ad",
    },
];

/// The course's `data/` folder: of the copy of the course that one stands in, else of the one that the program lies in, else
/// of the one that it was compiled in. A copy for the next term does not look into the old one's.
///
/// It is a default for callers to pass on, never consulted behind their back: everything here that
/// reads a known set takes the root as an argument.
pub fn default_root() -> PathBuf {
    // crates/data is two levels below the workspace; going up by name needs no "..", and no file system.
    let compiled = Path::new(env!("CARGO_MANIFEST_DIR"));
    let compiled = compiled.ancestors().nth(2).unwrap_or(compiled);
    let places = [std::env::current_dir().ok(), std::env::current_exe().ok()];
    let course = places.iter().flatten().flat_map(|place| place.ancestors()).find(|folder| {
        folder.join("data").is_dir()
            && folder.join("chapters").is_dir()
            && folder.join("crates").is_dir()
    });
    course.unwrap_or(compiled).join("data")
}

/// MNIST: 60 000 training and 10 000 test images of 28×28.
pub(crate) fn mnist(root: &Path) -> Result<Dataset, DataError> {
    let [train, test] = &MNIST;
    Dataset::new("mnist", split(root, train, u8::MAX)?, split(root, test, u8::MAX)?)
}

/// All 1 797 optical digits in the file's order, which is scikit-learn's: 8×8 pixels from 0 to 16.
///
/// For comparisons with published figures about the whole set. Models that are judged on held-out
/// images take [`Source::Optdigits`](crate::Source::Optdigits), which splits it.
///
/// ```
/// let digits = data::optical_digits(&data::default_root())?;
/// assert_eq!((digits.images.len(), digits.images.max()), (1_797, 16));
/// # Ok::<(), data::DataError>(())
/// ```
///
/// # Errors
/// Files below `root` that are missing, damaged or not the published ones.
pub fn optical_digits(root: &Path) -> Result<Split, DataError> {
    split(root, &OPTDIGITS, 16)
}

/// The optical digits cut in 1 437 + 360.
///
/// The file has long runs 0, 1, …, 9, 0, 1, …, so that plain "every fifth" would make a test set of 0s and
/// 5s. The cut is stratified instead: sort the images by label, keeping the file's order within a
/// label, and put numbers 0, 5, 10, … of that sequence into the test split. Both splits keep the
/// file's order. Writers are not separated: the file does not say who wrote what.
pub(crate) fn optdigits(root: &Path) -> Result<Dataset, DataError> {
    let all = optical_digits(root)?;
    let mut by_label: Vec<usize> = (0..all.images.len()).collect();
    if let Some(labels) = &all.labels {
        by_label.sort_by_key(|&index| labels[index]);
    }
    let mut is_test = vec![false; by_label.len()];
    by_label.iter().step_by(5).for_each(|&index| is_test[index] = true);
    let (test, train): (Vec<usize>, Vec<usize>) =
        (0..all.images.len()).partition(|&index| is_test[index]);
    Dataset::new("optdigits", all.select(&train)?, all.select(&test)?)
}

fn split(root: &Path, [images, labels]: &[KnownFile; 2], max: u8) -> Result<Split, DataError> {
    let labels = labels.read(root, Kind::Labels, |idx, _| Ok(idx.bytes))?;
    let images: Images = images.read(root, Kind::Images, |idx, path| idx.into_images(path, max))?;
    Split::new(images, Some(labels), &root.display().to_string())
}

impl KnownFile {
    /// Reads the file, compares its hash, and only then interprets it.
    fn read<T>(
        &self,
        root: &Path,
        kind: Kind,
        interpret: impl FnOnce(idx::Idx, &Path) -> Result<T, DataError>,
    ) -> Result<T, DataError> {
        let folder = root.join(self.folder);
        require_folder(&folder, RESTORE)?;
        let path = folder.join(self.name);
        if !path.is_file() {
            return Err(DataError::MissingFile {
                folder,
                names: self.name.into(),
                advice: RESTORE,
            });
        }
        let idx = idx::read_file(&path, kind)?;
        let found = idx.sha256();
        if found != self.sha256 {
            return Err(DataError::WrongHash { path, expected: self.sha256, found });
        }
        interpret(idx, &path)
    }
}

/// Says what is wrong if `folder` is not a folder.
pub(crate) fn require_folder(folder: &Path, advice: &'static str) -> Result<(), DataError> {
    if folder.is_dir() {
        return Ok(());
    }
    let found = if folder.exists() { "a file" } else { "nothing" };
    Err(DataError::MissingFolder { path: folder.into(), found, advice })
}
