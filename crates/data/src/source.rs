//! Where data comes from: a name or a folder.

use crate::known::{self, require_folder};
use crate::pictures::Layout;
use crate::{DataError, Dataset, Split, read_images, read_labels};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A data set as a user names it, for instance after `--data`.
///
/// Parsing knows `mnist` and `optdigits`; anything else has to be the path of an existing folder. A
/// folder that is itself called `mnist` is reached as `./mnist`.
///
/// ```
/// use data::Source;
/// assert_eq!("mnist".parse::<Source>()?, Source::Mnist);
/// let error = "minst".parse::<Source>().unwrap_err();
/// assert!(error.to_string().contains("mnist, optdigits"));
/// # Ok::<(), data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// MNIST (LeCun & Cortes): 60 000 + 10 000 images, 28×28, pixels 0 to 255, ten classes.
    Mnist,
    /// UCI optical digits (Alpaydin & Kaynak 1998): 1 797 images, 8×8, pixels 0 to 16, ten classes, cut
    /// once and for all in 1 437 for training and 360 for testing, stratified by class: ordered by label
    /// (file order within a label), every fifth image beginning with the first is a test image.
    Optdigits,
    /// A folder of your own: files in MNIST's format, such as Fashion-MNIST, or pictures. Pixels run from 0 to 255, and
    /// images that are all equal are refused.
    ///
    /// **MNIST's format**, if one of its images files is there. Files are named `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`,
    /// `t10k-labels-idx1-ubyte`, or with a dot as in `train-images.idx3-ubyte`; with or without `.gz` (the
    /// plain one is taken if both exist). Labels may be absent. No hash is compared.
    ///
    /// **Pictures**, PNG or JPEG, in a folder `train` (or `training`) and a folder `test` (or `testing`, `val`, `valid`,
    /// `validation`); the first of these names that is there is read, small or capital letters. What was read, what was
    /// passed over and what was decided is told in [`Dataset::remarks`].
    ///
    /// - *Which files.* Those that end in `.png`, `.jpg` or `.jpeg`, also in folders below. Passed over and counted are
    ///   hidden files and folders (`.DS_Store`, `._1.png`), links, other endings, names that are not UTF-8. What such a file
    ///   holds is seen by its content; one that is neither PNG nor JPEG, or is damaged, is an error.
    /// - *Order.* By name, byte by byte, whatever the file system says: `10.png` comes before `2.png`.
    /// - *Labels.* If every picture lies in a folder below, and there are two such folders or more, these are the classes. A
    ///   class has its name as its number, if all names are numbers up to 255, else its place in the order of names.
    /// - *Size.* All pictures have the same, at most [`MOST_SIDE`](crate::MOST_SIDE) pixels in width and height.
    /// - *Colour.* One channel if all pictures are grey, also where three channels are saved that are equal everywhere;
    ///   otherwise three for all.
    /// - *Transparency.* Pictures are laid on white, unless what is visible of them (the mean of the values, weighted with
    ///   their opacity, over all pictures that are transparent somewhere) is lighter than middle grey: then on black. Black
    ///   strokes come to lie on white, and white ones on black.
    /// - *Values.* Palettes are looked up; of 16 bits a channel the higher 8 are read. Colour profiles, gamma and
    ///   notes on orientation are ignored, of an animation the first picture is read.
    Folder(PathBuf),
}

impl Source {
    /// The names that [`FromStr`] knows.
    pub const KNOWN: [&'static str; 2] = ["mnist", "optdigits"];

    /// [`FromStr`] for a program that makes sets of its own: a name that nobody knows is answered with theirs, too.
    ///
    /// # Errors
    /// [`DataError::UnknownSource`].
    pub fn named(name: &str, made: &[&str]) -> Result<Self, DataError> {
        name.parse().map_err(|error| match error {
            DataError::UnknownSource { name, known } => DataError::UnknownSource {
                name,
                known: [&[known.as_str()], made].concat().join(", "),
            },
            other => other,
        })
    }

    /// Reads the set; the known ones are looked for below `root` (see [`default_root`](crate::default_root)).
    ///
    /// # Errors
    /// Folders and files that are missing, unreadable, damaged, inconsistent, or (known sets) not the
    /// published ones: every variant of [`DataError`] but [`DataError::UnknownSource`].
    pub fn load(&self, root: &Path) -> Result<Dataset, DataError> {
        match self {
            Source::Mnist => known::mnist(root),
            Source::Optdigits => known::optdigits(root),
            Source::Folder(folder) => {
                require_folder(
                    folder,
                    "name a folder with files in MNIST's format, or with pictures in train/ and test/",
                )?;
                read_folder(folder)
            }
        }
    }
}

impl FromStr for Source {
    type Err = DataError;

    fn from_str(name: &str) -> Result<Self, DataError> {
        match name {
            "mnist" => Ok(Source::Mnist),
            "optdigits" => Ok(Source::Optdigits),
            _ if Path::new(name).is_dir() => Ok(Source::Folder(name.into())),
            _ => Err(DataError::UnknownSource { name: name.into(), known: Self::KNOWN.join(", ") }),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Mnist => f.write_str("mnist"),
            Source::Optdigits => f.write_str("optdigits"),
            Source::Folder(folder) => folder.display().fmt(f),
        }
    }
}

/// Files in MNIST's format if there are any, or else pictures.
fn read_folder(folder: &Path) -> Result<Dataset, DataError> {
    let name = folder.display().to_string();
    let is_there = |file: &String| folder.join(file).is_file();
    let set = if ["train", "t10k"]
        .map(|part| file_names(part, "images", 3))
        .iter()
        .flatten()
        .any(is_there)
    {
        Dataset::new(&name, read_split(folder, "train")?, read_split(folder, "t10k")?)?
    } else {
        Layout::of(folder)?.read(&name)?
    };
    set.train.must_vary(&format!("the training images of {name}"))?;
    set.test.must_vary(&format!("the test images of {name}"))?;
    Ok(set)
}

/// Images and, if they are there, labels of `prefix` = `train` or `t10k`.
fn read_split(folder: &Path, prefix: &str) -> Result<Split, DataError> {
    let find = |kind, rank| {
        let candidates = file_names(prefix, kind, rank);
        let path = candidates.iter().map(|name| folder.join(name)).find(|path| path.is_file());
        path.ok_or_else(|| DataError::MissingFile {
            folder: folder.into(),
            names: candidates.join(", "),
            advice: "put the file there under one of these names, or name another folder",
        })
    };
    let images = read_images(&find("images", 3)?)?;
    let labels = find("labels", 1).ok().map(|path| read_labels(&path)).transpose()?;
    Split::new(images, labels, &format!("{}/{prefix}", folder.display()))
}

/// The names under which a file is looked for, in this order.
fn file_names(prefix: &str, kind: &str, rank: u8) -> [String; 4] {
    [("-", ""), (".", ""), ("-", ".gz"), (".", ".gz")]
        .map(|(separator, ending)| format!("{prefix}-{kind}{separator}idx{rank}-ubyte{ending}"))
}
