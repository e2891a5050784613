use std::path::PathBuf;

use thiserror::Error;

/// Why a picture could not be drawn or written: what was expected, what came, and what to do.
///
/// Pictures are checked when they are rendered, not while they are built, so that a builder chain
/// stays free of `?`.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FigureError {
    /// The path's extension names no format that this picture can be written in.
    #[error("cannot tell the format of {path:?}: end its name in {expected}")]
    UnknownExtension {
        /// The path that was given.
        path: PathBuf,
        /// The extensions that would do.
        expected: &'static str,
    },

    /// The folder that should hold the file does not exist.
    #[error("cannot write {path:?}: the folder {folder:?} does not exist; create it first")]
    FolderMissing {
        /// The path that was given.
        path: PathBuf,
        /// Its missing folder.
        folder: PathBuf,
    },

    /// The operating system refused to write the file.
    #[error("cannot write {path:?}: {source}; check the folder's permissions and free space")]
    Write {
        /// The path that was given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },

    /// Two things that must agree in size do not.
    #[error("{what}: expected {expected}, found {found}")]
    Shape {
        /// Whose shape it is.
        what: String,
        /// The size that would fit.
        expected: String,
        /// The size that came.
        found: String,
    },

    /// There is nothing to draw.
    #[error("{what} is empty: give it at least one {element}")]
    NoData {
        /// What is empty.
        what: String,
        /// What it is made of.
        element: &'static str,
    },

    /// A NaN or an infinity, which has no place on a page.
    #[error(
        "{what}: entry {index} is {value}; only finite numbers can be drawn, so find out where it came from or leave it out"
    )]
    NotFinite {
        /// Whose entry it is.
        what: String,
        /// Its index, counted from 0.
        index: usize,
        /// The value that came.
        value: f64,
    },

    /// A finite value outside the range that this kind of picture can show.
    #[error("{what}: entry {index} is {value}, expected {expected}")]
    OutOfRange {
        /// Whose entry it is.
        what: String,
        /// Its index, counted from 0.
        index: usize,
        /// The value that came.
        value: f64,
        /// What would have been drawn, and how to get there.
        expected: &'static str,
    },

    /// The ends of an axis are in the wrong order, equal, not finite, or not positive on a
    /// logarithmic axis.
    #[error("{what}: a range from {low} to {high} cannot be drawn; {hint}")]
    BadRange {
        /// Whose range it is.
        what: String,
        /// The lower end that came.
        low: f64,
        /// The upper end that came.
        high: f64,
        /// What would do.
        hint: &'static str,
    },

    /// A setting such as a number of columns that must be positive is not.
    #[error("{what} is {value}, expected {expected}")]
    BadSetting {
        /// Which setting.
        what: String,
        /// The value that came.
        value: f64,
        /// What would do.
        expected: &'static str,
    },

    /// A text holds a line break or another control character.
    #[error("{what} {text:?} holds a line break or control character; give one plain line of text")]
    BadText {
        /// Which text.
        what: &'static str,
        /// The text that came.
        text: String,
    },

    /// The picture would have more pixels than anybody could look at.
    #[error(
        "the picture would be {width} × {height} pixels, more than {limit} in all; use fewer images or columns, or a smaller scale"
    )]
    TooLarge {
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
        /// Most pixels in all.
        limit: u64,
    },

    /// The drawing backend failed, which a checked picture should never make it do.
    #[error("the drawing backend failed: {0}; please report it with the picture's data")]
    Backend(String),
}
