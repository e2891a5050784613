//! From a scene to the bytes of a file, and to a file that is either whole or not there.

use std::path::Path;

use crate::scene::Scene;
use crate::{FigureError, Theme};

/// The two kinds of files that a picture can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines and text: sharp at every size.
    Svg,
    /// Pixels, two to the page unit: for images, and for clouds of so many points that an SVG of
    /// them would be larger.
    Png,
}

impl Format {
    /// What the names of such files end in.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }
}

/// A picture as the contents of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// The width in page units, which is also that in pixels at which a page shows the picture best.
    pub width: f64,
    /// The height in page units.
    pub height: f64,
}

/// What every picture can do, whatever is on it.
pub trait Picture {
    /// The picture in the colours of `theme`, as the contents of a file.
    ///
    /// # Errors
    /// Whatever is wrong with the picture's data (see [`FigureError`]).
    ///
    /// ```
    /// use figures::{Chart, Format, Picture, Theme};
    ///
    /// let chart = Chart::new("").line("", [(0.0, 0.0), (1.0, 1.0)]).size(640.0, 400.0);
    /// let night = chart.rendered(Format::Svg, Theme::dark())?;
    /// assert_eq!((night.width, night.height), (640.0, 400.0));
    /// # Ok::<(), figures::FigureError>(())
    /// ```
    fn rendered(&self, format: Format, theme: Theme) -> Result<Rendered, FigureError>;
}

impl Scene {
    /// The scene as the contents of a file.
    pub(crate) fn rendered(&self, format: Format) -> Result<Rendered, FigureError> {
        let bytes = match format {
            Format::Svg => self.to_svg()?.into_bytes(),
            Format::Png => self.rasterise()?.to_png()?,
        };
        Ok(Rendered { bytes, width: self.width, height: self.height })
    }
}

/// Renders `scene` in the format that `path` ends in and writes it.
pub(crate) fn save(
    path: &Path,
    scene: impl FnOnce() -> Result<Scene, FigureError>,
) -> Result<(), FigureError> {
    let format = match extension(path).as_str() {
        "png" => Format::Png,
        "svg" => Format::Svg,
        _ => return Err(unknown_extension(path, ".png or .svg")),
    };
    write_atomically(path, &scene()?.rendered(format)?.bytes)
}

pub(crate) fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

pub(crate) fn unknown_extension(path: &Path, expected: &'static str) -> FigureError {
    FigureError::UnknownExtension { path: path.to_owned(), expected }
}

/// Writes the file whole or not at all, so that a reader never sees half a picture.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), FigureError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(FigureError::FolderMissing {
            path: path.to_owned(),
            folder: folder.to_owned(),
        });
    }
    file::write_atomically(path, bytes)
        .map_err(|source| FigureError::Write { path: path.to_owned(), source })
}

/// The ways out that every kind of picture has.
macro_rules! impl_picture {
    ($kind:ty) => {
        impl $kind {
            /// Writes the picture as PNG or SVG, as the path's extension says.
            ///
            /// The file appears whole or not at all.
            ///
            /// # Errors
            /// An extension other than `.png` and `.svg`; a missing or unwritable folder; and
            /// whatever is wrong with the picture's data (see [`FigureError`](crate::FigureError)).
            pub fn save(
                &self,
                path: impl AsRef<std::path::Path>,
            ) -> Result<(), crate::FigureError> {
                crate::output::save(path.as_ref(), || self.scene())
            }

            /// The picture as the bytes of a PNG file, two pixels to the page unit.
            ///
            /// # Errors
            /// Whatever is wrong with the picture's data.
            pub fn render_png(&self) -> Result<Vec<u8>, crate::FigureError> {
                self.scene()?.rasterise()?.to_png()
            }

            /// The picture as an SVG document that stands alone; its text stays text.
            ///
            /// # Errors
            /// Whatever is wrong with the picture's data.
            pub fn render_svg(&self) -> Result<String, crate::FigureError> {
                self.scene()?.to_svg()
            }
        }

        impl crate::Picture for $kind {
            fn rendered(
                &self,
                format: crate::Format,
                theme: crate::Theme,
            ) -> Result<crate::Rendered, crate::FigureError> {
                self.clone().theme(theme).scene()?.rendered(format)
            }
        }
    };
}
pub(crate) use impl_picture;
