//! Sets of images of one shape, as the data sets and the networks hand them over.

use ndarray::ArrayView2;

use crate::scene::Bitmap;
use crate::{Color, FigureError};

/// How the pixels of one image are laid out in a row of an array: channel after channel, row after
/// row, as PyTorch does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageShape {
    /// 1 for grey, 3 for red, green, blue.
    pub channels: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
}

impl ImageShape {
    /// Grey images. MNIST is `grey(28, 28)`.
    pub const fn grey(height: usize, width: usize) -> Self {
        Self { channels: 1, height, width }
    }

    /// Colour images, all of red, then all of green, then all of blue.
    pub const fn rgb(height: usize, width: usize) -> Self {
        Self { channels: 3, height, width }
    }

    /// The number of values in an image.
    pub const fn values(&self) -> usize {
        self.channels * self.height * self.width
    }
}

/// Values this far outside [0, 1] are taken for rounding errors of a sigmoid.
const ROUNDING: f32 = 1e-5;

/// Checks `images` (n × values, each in [0, 1]) against their shape.
pub(crate) fn check(images: ArrayView2<'_, f32>, shape: ImageShape) -> Result<(), FigureError> {
    if !matches!(shape.channels, 1 | 3) || shape.height == 0 || shape.width == 0 {
        return Err(FigureError::Shape {
            what: "the image shape".to_owned(),
            expected: "1 or 3 channels and at least one pixel".to_owned(),
            found: format!("{shape:?}"),
        });
    }
    if images.nrows() == 0 {
        let what = "the set of images".to_owned();
        return Err(FigureError::NoData { what, element: "row, that is one image" });
    }
    if images.ncols() != shape.values() {
        let ImageShape { channels, height, width } = shape;
        return Err(FigureError::Shape {
            what: "the array of images".to_owned(),
            expected: format!(
                "{} columns ({channels} × {height} × {width} values an image)",
                shape.values()
            ),
            found: format!("{} columns", images.ncols()),
        });
    }
    for (index, image) in images.outer_iter().enumerate() {
        for value in image {
            let what = || format!("the images (entry: the image's row), image {index}");
            if !value.is_finite() {
                let value = f64::from(*value);
                return Err(FigureError::NotFinite { what: what(), index, value });
            }
            if !(-ROUNDING..=1.0 + ROUNDING).contains(value) {
                let value = f64::from(*value);
                let expected =
                    "values in [0, 1]; divide bytes by 255, turn logits into means, clamp samples";
                return Err(FigureError::OutOfRange { what: what(), index, value, expected });
            }
        }
    }
    Ok(())
}

/// The pixels of image `index`, grey from `zero` to `one`.
pub(crate) fn bitmap(
    images: ArrayView2<'_, f32>,
    shape: ImageShape,
    index: usize,
    (zero, one): (Color, Color),
) -> Bitmap {
    let image = images.row(index);
    let plane = shape.height * shape.width;
    let rgb = (0..plane).flat_map(|p| match shape.channels {
        1 => {
            let Color { r, g, b } = zero.mix(one, f64::from(image[p]));
            [r, g, b]
        }
        _ => [0, 1, 2].map(|channel| byte(image[channel * plane + p])),
    });
    Bitmap { width: shape.width, height: shape.height, rgb: rgb.collect() }
}

/// 0 to 1 as 0 to 255, rounded to the nearest.
pub(crate) fn byte(value: f32) -> u8 {
    (f64::from(value).clamp(0.0, 1.0) * 255.0).round() as u8
}
