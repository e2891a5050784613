//! Everything that can be wrong with data, in words that say what to do.

use std::io;
use std::path::PathBuf;

/// Why data could not be loaded.
///
/// Each message names the path, what was expected, what came and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A name that is neither a known set nor a folder.
    #[error(
        "no data set \"{name}\": expected one of {known}, or the path of an existing folder with files in MNIST's \
         format (train-images-idx3-ubyte.gz and so on), or with PNG or JPEG pictures in train/ and test/"
    )]
    UnknownSource {
        /// What was asked for.
        name: String,
        /// The names that would have been understood.
        known: String,
    },

    /// The folder is not there, or is not a folder.
    #[error("{path}: expected a folder with data files, found {found}; {advice}", path = path.display())]
    MissingFolder {
        /// The folder.
        path: PathBuf,
        /// "nothing" or "a file".
        found: &'static str,
        /// What to do.
        advice: &'static str,
    },

    /// A file that the data set cannot do without.
    #[error("{folder}: file missing, expected one of {names}; {advice}", folder = folder.display())]
    MissingFile {
        /// The folder searched.
        folder: PathBuf,
        /// The names tried.
        names: String,
        /// What to do.
        advice: &'static str,
    },

    /// The operating system refused to open or read the file.
    #[error("{path}: cannot be read: {reason}; check that the file exists and may be read", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        reason: io::Error,
    },

    /// A gzip stream that stops too early.
    #[error(
        "{path}: the gzip stream ends after {read} uncompressed bytes, expected more; the file was cut short: \
         fetch it again (`git checkout -- data` restores the course's own files)", path = path.display()
    )]
    TruncatedGzip {
        /// The file.
        path: PathBuf,
        /// Uncompressed bytes that could be read.
        read: usize,
    },

    /// A file named `.gz` that is not gzip, or whose compressed bytes are damaged.
    #[error(
        "{path}: expected a sound gzip file, found damage after {read} uncompressed bytes ({reason}); fetch it again \
         (`git checkout -- data` restores the course's own files), or drop the ending .gz if it is not compressed",
        path = path.display()
    )]
    CorruptGzip {
        /// The file.
        path: PathBuf,
        /// Uncompressed bytes that could be read.
        read: usize,
        /// What the decompressor said.
        reason: io::Error,
    },

    /// The first four bytes are not the expected ones.
    #[error(
        "{path}: expected the magic number {expected:#010x} of {kind}, found {found:#010x}; {advice}",
        path = path.display()
    )]
    WrongMagic {
        /// The file.
        path: PathBuf,
        /// What the file was to hold.
        kind: &'static str,
        /// The magic number that says so.
        expected: u32,
        /// The file's first four bytes, big-endian.
        found: u32,
        /// What these bytes suggest.
        advice: &'static str,
    },

    /// Fewer bytes than the header announces (or too few for a header).
    #[error(
        "{path}: expected {expected} bytes ({what}), found {found}; the file was cut short: fetch it again \
         (`git checkout -- data` restores the course's own files)",
        path = path.display()
    )]
    TooFewBytes {
        /// The file.
        path: PathBuf,
        /// What the bytes were to be.
        what: String,
        /// Bytes announced, header included.
        expected: u64,
        /// Bytes there.
        found: u64,
    },

    /// More bytes than the header announces.
    #[error(
        "{path}: expected {expected} bytes ({what}), found more; header and content do not belong together: \
         fetch the file again (`git checkout -- data` restores the course's own files)", path = path.display()
    )]
    TooManyBytes {
        /// The file.
        path: PathBuf,
        /// What the bytes were to be.
        what: String,
        /// Bytes announced, header included.
        expected: u64,
    },

    /// A header with a zero in it.
    #[error(
        "{path}: expected at least one image of at least one pixel, found {count} images of {height}×{width}; \
         use a file with data in it", path = path.display()
    )]
    NoImages {
        /// The file.
        path: PathBuf,
        /// Images announced.
        count: u32,
        /// Rows an image.
        height: u32,
        /// Columns an image.
        width: u32,
    },

    /// A labels file that announces no label.
    #[error("{path}: expected at least one label, found none; use a file with data in it", path = path.display())]
    NoLabels {
        /// The file.
        path: PathBuf,
    },

    /// A header that announces more than any data set of this kind holds.
    #[error(
        "{path}: the header announces {what}, expected at most {limit} bytes of data; \
         the header is damaged, or the set is too large for this course", path = path.display()
    )]
    AbsurdSize {
        /// The file.
        path: PathBuf,
        /// What the header announces.
        what: String,
        /// The most that is read.
        limit: u64,
    },

    /// Images and labels of one split that cannot belong together.
    #[error(
        "{place}: expected as many labels as images, found {images} images and {labels} labels; \
         take both files from the same release of the same set"
    )]
    CountMismatch {
        /// The folder or split.
        place: String,
        /// Number of images.
        images: usize,
        /// Number of labels.
        labels: usize,
    },

    /// Training and test images of different shapes.
    #[error(
        "{place}: expected training and test images of one shape, found {train:?} and {test:?} \
         (channels, height, width); take both files from the same set"
    )]
    ShapeMismatch {
        /// The folder or set.
        place: String,
        /// Shape of the training images.
        train: (usize, usize, usize),
        /// Shape of the test images.
        test: (usize, usize, usize),
    },

    /// A file of a known set that is not the published one.
    #[error(
        "{path}: expected the SHA-256 {expected} (uncompressed), found {found}; this is not the published file: \
         `git checkout -- data` restores it, and --data DIR reads a set of your own", path = path.display()
    )]
    WrongHash {
        /// The file.
        path: PathBuf,
        /// The published hash.
        expected: &'static str,
        /// The file's hash.
        found: String,
    },

    /// A folder that has neither files in MNIST's format nor two folders of pictures.
    #[error(
        "{folder}: no images to read: expected files in MNIST's format (train-images-idx3-ubyte.gz, \
         t10k-images-idx3-ubyte.gz and so on), or PNG or JPEG pictures in a folder train (or training) and a folder \
         test (or testing, val, valid, validation); found {found}; name the folder that holds these, or make them",
        folder = folder.display()
    )]
    NothingToRead {
        /// The folder.
        folder: PathBuf,
        /// What is in it.
        found: String,
    },

    /// A folder for pictures without any.
    #[error(
        "{folder}: expected PNG or JPEG pictures (.png, .jpg, .jpeg), found none ({}); put some there",
        if passed.is_empty() { "no files at all".into() } else { format!("passed over: {passed}") },
        folder = folder.display()
    )]
    NoPictures {
        /// The folder.
        folder: PathBuf,
        /// What is in it, counted by the reason why it is not read.
        passed: String,
    },

    /// A file that is called a picture and is none that can be read.
    #[error(
        "{path}: expected a PNG or JPEG picture, found {found}; convert it, or take it out of the folder",
        path = path.display()
    )]
    NotAPicture {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        found: &'static str,
    },

    /// A picture that its decoder refuses.
    #[error(
        "{path}: expected a sound {format} picture, found damage ({reason}); save it once more, or take it out of \
         the folder", path = path.display()
    )]
    DamagedPicture {
        /// The file.
        path: PathBuf,
        /// PNG or JPEG.
        format: &'static str,
        /// What the decoder said.
        reason: String,
    },

    /// A picture with more pixels than the course has models for.
    #[error(
        "{path}: expected a picture of at most {limit} pixels in width and height, found one {} wide and {} high; \
         make the images smaller", size.0, size.1, path = path.display()
    )]
    LargePicture {
        /// The file.
        path: PathBuf,
        /// Its width and height.
        size: (usize, usize),
        /// The most that either may be.
        limit: usize,
    },

    /// Pictures of different sizes.
    #[error(
        "expected pictures of one size, but {first} is {} pixels wide and {} high, and {other} is {} wide and {} high; \
         bring all to one size", first_size.0, first_size.1, other_size.0, other_size.1,
        first = first.display(), other = other.display()
    )]
    MixedSizes {
        /// The first picture that was read.
        first: PathBuf,
        /// Its width and height.
        first_size: (usize, usize),
        /// The first picture that is not like it.
        other: PathBuf,
        /// Its width and height.
        other_size: (usize, usize),
    },

    /// More pictures than fit.
    #[error(
        "{folder}: expected at most {limit} bytes of pictures, three for each pixel, found more; leave some away, or make \
         them smaller", folder = folder.display()
    )]
    TooManyPictures {
        /// The folder.
        folder: PathBuf,
        /// The most that is read.
        limit: u64,
    },

    /// Images without a difference.
    #[error(
        "{place}: expected images that differ, found {count} that are all equal: nothing can be learned from them; look at \
         how they were saved"
    )]
    AllEqual {
        /// Which images.
        place: String,
        /// How many.
        count: usize,
    },

    /// Pixels that do not fit the shape or the maximum they were declared with.
    #[error("images: {problem}")]
    InvalidImages {
        /// What was expected and what came.
        problem: String,
    },
}
