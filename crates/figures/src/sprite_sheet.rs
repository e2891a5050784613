//! Images for programs, not for people.

use std::path::Path;

use ndarray::{Array2, ArrayView2};

use crate::images::{self, ImageShape, byte};
use crate::output::{extension, unknown_extension, write_atomically};
use crate::raster::{MOST_PIXELS, encode};
use crate::{FigureError, check};

/// Images edge to edge in one PNG, a pixel to a pixel, for pages that cut them out again.
///
/// Image `i` has its top left corner at `(i % columns * width, i / columns * height)`. Grey images
/// give a grey PNG of 8 bits (0 black, 1 white), colour images an RGB one. Cells left over in the
/// last row are black.
///
/// ```
/// use figures::{ImageShape, SpriteSheet};
///
/// let images = ndarray::array![[0.0f32, 1.0], [1.0, 0.0]];
/// let png = SpriteSheet::new(images.view(), ImageShape::grey(1, 2)).columns(1).render_png()?;
/// assert!(png.starts_with(b"\x89PNG"));
/// # Ok::<(), figures::FigureError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SpriteSheet {
    images: Array2<f32>,
    shape: ImageShape,
    columns: usize,
}

impl SpriteSheet {
    /// A sheet of `images`, one a row (n × `shape.values()`), values in [0, 1], ten in a row.
    pub fn new(images: ArrayView2<'_, f32>, shape: ImageShape) -> Self {
        Self { images: images.to_owned(), shape, columns: 10 }
    }

    /// Images in a row of the sheet. A sheet has this many columns even if it has fewer images.
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = columns;
        self
    }

    /// The sheet as the bytes of a PNG file.
    ///
    /// # Errors
    /// No images, values that are not in [0, 1], an array that does not fit the shape, no columns,
    /// or more than 16 million pixels.
    pub fn render_png(&self) -> Result<Vec<u8>, FigureError> {
        images::check(self.images.view(), self.shape)?;
        check::positive("the sprite sheet's number of columns", self.columns)?;
        let ImageShape { channels, height, width } = self.shape;
        let rows = self.images.nrows().div_ceil(self.columns);
        let (wide, high) =
            ((self.columns as u64).saturating_mul(width as u64), (rows * height) as u64);
        if wide.saturating_mul(high) > MOST_PIXELS {
            return Err(FigureError::TooLarge { width: wide, height: high, limit: MOST_PIXELS });
        }
        let sheet_width = self.columns * width;
        let mut pixels = vec![0u8; channels * sheet_width * rows * height];
        for (i, image) in self.images.outer_iter().enumerate() {
            let (left, top) = (i % self.columns * width, i / self.columns * height);
            for y in 0..height {
                for x in 0..width {
                    for channel in 0..channels {
                        let to = ((top + y) * sheet_width + left + x) * channels + channel;
                        pixels[to] = byte(image[(channel * height + y) * width + x]);
                    }
                }
            }
        }
        let color = if channels == 1 { png::ColorType::Grayscale } else { png::ColorType::Rgb };
        encode(sheet_width, rows * height, color, &pixels)
    }

    /// Writes the sheet to a path that ends in `.png`. The file appears whole or not at all.
    ///
    /// # Errors
    /// Another extension, a missing or unwritable folder, or what
    /// [`render_png`](Self::render_png) refuses.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), FigureError> {
        let path = path.as_ref();
        if extension(path) != "png" {
            return Err(unknown_extension(path, ".png"));
        }
        write_atomically(path, &self.render_png()?)
    }
}
