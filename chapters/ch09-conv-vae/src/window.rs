//! The window that a convolution moves over an image, as one list of copies.

use std::ops::Range;
use std::sync::Arc;

use nn::Scalar;
use serde::{Deserialize, Serialize};

/// A convolution of one size: how many channels it makes and how its window moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Channels that the convolution makes.
    pub channels: usize,
    /// Side of the square window.
    pub kernel: usize,
    /// Steps of the window, down and to the right.
    pub stride: usize,
    /// Rows and columns of zeros around the image.
    pub padding: usize,
}

/// No window is wider and no image has more channels; so no product of sizes overflows, whatever a
/// damaged file may claim.
const MOST: usize = 1 << 12;

/// The window of one convolution on images of one size: from a *fine* image of height × width
/// pixels to a *coarse* one with a pixel for each place of the window.
///
/// An image is stored by pixels, its channels side by side, so that a window's row is one piece of
/// memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Channels, height and width of the fine image.
    pub fine: (usize, usize, usize),
    /// Channels, height and width of the coarse image.
    pub coarse: (usize, usize, usize),
    /// Side of the window.
    pub kernel: usize,
    /// Steps of the window.
    pub stride: usize,
    /// Zeros around the fine image.
    pub padding: usize,
    runs: Arc<[Run]>,
}

/// A row of one window: `length` numbers that stand at `fine` in the image and at `patch` in the
/// patches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    fine: usize,
    patch: usize,
    length: usize,
}

impl Window {
    /// The window of a stage on images of a size (channels, height, width); `None` if it does not fit
    /// into them, moves in steps of 0, sees nothing but padding in some places (padding as wide as
    /// the window), or is larger than any that makes sense.
    pub fn new(fine: (usize, usize, usize), stage: Stage) -> Option<Self> {
        let Stage { channels, kernel, stride, padding } = stage;
        let (_, height, width) = fine;
        let sensible = |number| (1..=MOST).contains(&number);
        if ![stride, kernel, channels, fine.0].into_iter().all(sensible) || padding >= kernel {
            return None;
        }
        // ANCHOR: size
        let places =
            |side: usize| Some((side.checked_add(2 * padding)?.checked_sub(kernel)?) / stride + 1);
        // ANCHOR_END: size
        let coarse = (channels, places(height)?, places(width)?);
        let runs = runs(fine, coarse, kernel, stride, padding).into();
        Some(Self { fine, coarse, kernel, stride, padding, runs })
    }

    /// Numbers under one window: kernel · kernel · channels of the fine image.
    pub fn patch(&self) -> usize {
        self.kernel * self.kernel * self.fine.0
    }

    /// Numbers in a fine image.
    pub fn fine_len(&self) -> usize {
        self.fine.0 * self.fine.1 * self.fine.2
    }

    /// Places of the window: pixels of the coarse image.
    pub fn places(&self) -> usize {
        self.coarse.1 * self.coarse.2
    }

    /// The rows of the coarse maps that belong to some of the images.
    pub(crate) fn rows(&self, images: &Range<usize>) -> Range<usize> {
        images.start * self.places()..images.end * self.places()
    }

    /// What PyTorch calls `output_padding`, for the height and for the width: the rows and columns
    /// behind the last place of the window. The transpose has to be told of them, because a larger and a
    /// smaller fine image have coarse ones of the same size. The last `padding` of them are zeros of the
    /// frame, and only what there is beyond are pixels that no window sees.
    pub fn output_padding(&self) -> (usize, usize) {
        let rest = |fine: usize, coarse: usize| {
            fine + 2 * self.padding - ((coarse - 1) * self.stride + self.kernel)
        };
        (rest(self.fine.1, self.coarse.1), rest(self.fine.2, self.coarse.2))
    }

    // ANCHOR: gather
    /// `im2col`, equation (9.2): what lies under each window, side by side. `patches` is places ×
    /// patch; what lies outside the image is left as it is there, so it has to be 0 before.
    pub fn gather<S: Scalar>(&self, fine: &[S], patches: &mut [S]) {
        S::vectorize(
            #[inline(always)]
            move || {
                for run in &*self.runs {
                    patches[run.patch..][..run.length]
                        .copy_from_slice(&fine[run.fine..][..run.length]);
                }
            },
        );
    }

    /// `col2im`, equation (9.4): the same copies in the other direction, each *added* where it came
    /// from, since windows overlap. The transpose of [`Window::gather`] as a linear map.
    pub fn scatter<S: Scalar>(&self, patches: &[S], fine: &mut [S]) {
        S::vectorize(
            #[inline(always)]
            move || {
                for run in &*self.runs {
                    let from = &patches[run.patch..][..run.length];
                    let to = &mut fine[run.fine..][..run.length];
                    to.iter_mut().zip(from).for_each(|(to, &from)| *to += from);
                }
            },
        );
    }
    // ANCHOR_END: gather
}

/// Every row of every window that meets the image, clipped to it.
fn runs(
    (channels, height, width): (usize, usize, usize),
    (_, coarse_height, coarse_width): (usize, usize, usize),
    kernel: usize,
    stride: usize,
    padding: usize,
) -> Vec<Run> {
    let mut runs = Vec::with_capacity(coarse_height * coarse_width * kernel);
    for row in 0..coarse_height {
        for column in 0..coarse_width {
            // The window's columns that lie inside the image: `from..to`.
            let left = column * stride;
            let from = padding.saturating_sub(left);
            let to = kernel.min((width + padding).saturating_sub(left));
            for line in 0..kernel {
                let inside = (padding..padding + height).contains(&(row * stride + line));
                if inside && from < to {
                    let y = row * stride + line - padding;
                    let place = row * coarse_width + column;
                    runs.push(Run {
                        fine: (y * width + left + from - padding) * channels,
                        patch: ((place * kernel + line) * kernel + from) * channels,
                        length: (to - from) * channels,
                    });
                }
            }
        }
    }
    runs
}
