//! The convolution and its transpose, forward and backward.
//!
//! *Maps* are the activations of a batch: an array of (images · height · width) × channels.

use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis, s};
use nn::Scalar;
use rand::Rng;

use crate::Window;

/// Numbers in a block of patches: small enough to stay in a core's cache between being gathered and
/// being multiplied.
const BLOCK: usize = 1 << 16;

/// A convolution: every window of the fine image becomes a pixel of the coarse one.
#[derive(Clone, Debug, PartialEq)]
pub struct Convolution<S> {
    /// Coarse channels × patch, where a patch runs over the window's rows, columns and the fine
    /// channels.
    pub weight: Array2<S>,
    /// One number for each coarse channel.
    pub bias: Array1<S>,
    /// Where the windows are.
    pub window: Window,
}

/// A transposed convolution: every pixel of the coarse image adds a window to the fine one.
#[derive(Clone, Debug, PartialEq)]
pub struct Transposed<S> {
    /// Coarse channels × patch, as in [`Convolution`].
    pub weight: Array2<S>,
    /// One number for each fine channel.
    pub bias: Array1<S>,
    /// The window of the convolution that this is the transpose of.
    pub window: Window,
}

impl<S: Scalar> Convolution<S> {
    /// Weights uniform on ±`bound`, no bias.
    pub fn new(window: Window, bound: f64, rng: &mut impl Rng) -> Self {
        let mut layer = Self::zeros(window);
        layer.weight.map_inplace(|weight| *weight = uniform(bound, rng));
        layer
    }

    /// How many numbers go into each output.
    pub fn fan_in(window: &Window) -> usize {
        window.patch()
    }

    /// All zeros.
    pub fn zeros(window: Window) -> Self {
        let (outputs, patch) = (window.coarse.0, window.patch());
        Self { weight: Array2::zeros((outputs, patch)), bias: Array1::zeros(outputs), window }
    }

    // ANCHOR: convolution
    /// y = patches(x) Wᵀ + b, equation (9.2): a dense layer, applied to every window.
    pub fn forward(&self, x: &Array2<S>) -> Array2<S> {
        let mut y = gather_then_multiply(&self.window, x, &self.weight);
        y += &self.bias;
        y
    }

    /// ∂L/∂x = patchesᵀ(δ W), given δ = ∂L/∂y, equation (9.4).
    pub fn backward(&self, delta: &Array2<S>) -> Array2<S> {
        multiply_then_scatter(&self.window, delta, &self.weight)
    }

    /// ∂L/∂W = δᵀ patches(x) and ∂L/∂b = Σ δ, over all windows of all images, equation (9.3).
    pub fn gradient(&self, x: &Array2<S>, delta: &Array2<S>) -> Self {
        let weight = correlate(&self.window, x, delta);
        Self { weight, bias: delta.sum_axis(Axis(0)), window: self.window.clone() }
    }
    // ANCHOR_END: convolution
}

impl<S: Scalar> Transposed<S> {
    /// Weights uniform on ±`bound`, no bias.
    pub fn new(window: Window, bound: f64, rng: &mut impl Rng) -> Self {
        let mut layer = Self::zeros(window);
        layer.weight.map_inplace(|weight| *weight = uniform(bound, rng));
        layer
    }

    /// How many numbers go into each output, on average: (kernel/stride)² windows cover a pixel.
    pub fn fan_in(window: &Window) -> usize {
        let covered = window.kernel.pow(2) / window.stride.pow(2);
        window.coarse.0 * covered.max(1)
    }

    /// All zeros.
    pub fn zeros(window: Window) -> Self {
        let (inputs, outputs) = (window.coarse.0, window.fine.0);
        let weight = Array2::zeros((inputs, window.patch()));
        Self { weight, bias: Array1::zeros(outputs), window }
    }

    // ANCHOR: transposed
    /// y = patchesᵀ(x W) + b, equation (9.5): [`Convolution::backward`], and a bias.
    pub fn forward(&self, x: &Array2<S>) -> Array2<S> {
        let mut y = multiply_then_scatter(&self.window, x, &self.weight);
        y += &self.bias;
        y
    }

    /// ∂L/∂x = patches(δ) Wᵀ: [`Convolution::forward`], without a bias.
    pub fn backward(&self, delta: &Array2<S>) -> Array2<S> {
        gather_then_multiply(&self.window, delta, &self.weight)
    }

    /// ∂L/∂W = xᵀ patches(δ) and ∂L/∂b = Σ δ: as for [`Convolution`], with x and δ exchanged.
    pub fn gradient(&self, x: &Array2<S>, delta: &Array2<S>) -> Self {
        let weight = correlate(&self.window, delta, x);
        Self { weight, bias: delta.sum_axis(Axis(0)), window: self.window.clone() }
    }
    // ANCHOR_END: transposed
}

// ANCHOR: products
/// patches(fine) Wᵀ: from maps of the fine image to maps of the coarse one.
fn gather_then_multiply<S: Scalar>(
    window: &Window,
    fine: &Array2<S>,
    weight: &Array2<S>,
) -> Array2<S> {
    let images = fine.nrows() / (window.fine.1 * window.fine.2);
    let mut coarse = Array2::zeros((images * window.places(), weight.nrows()));
    let mut patches = Patches::new(window, images);
    for images in patches.blocks() {
        let patches = patches.gather(&images, fine);
        let mut coarse = coarse.slice_mut(s![window.rows(&images), ..]);
        general_mat_mul(S::one(), &patches, &weight.t(), S::zero(), &mut coarse);
    }
    coarse
}

/// patchesᵀ(coarse W): from maps of the coarse image to maps of the fine one.
fn multiply_then_scatter<S: Scalar>(
    window: &Window,
    coarse: &Array2<S>,
    weight: &Array2<S>,
) -> Array2<S> {
    let images = coarse.nrows() / window.places();
    let mut fine = Array2::zeros((images * window.fine.1 * window.fine.2, window.fine.0));
    let mut patches = Patches::new(window, images);
    for images in patches.blocks() {
        let coarse = coarse.slice(s![window.rows(&images), ..]);
        general_mat_mul(S::one(), &coarse, weight, S::zero(), &mut patches.of(&images));
        patches.scatter(&images, &mut fine);
    }
    fine
}

/// coarseᵀ patches(fine): how each weight's two ends go together, summed over all windows.
fn correlate<S: Scalar>(window: &Window, fine: &Array2<S>, coarse: &Array2<S>) -> Array2<S> {
    let mut weight = Array2::zeros((coarse.ncols(), window.patch()));
    let mut patches = Patches::new(window, coarse.nrows() / window.places());
    for images in patches.blocks() {
        let coarse = coarse.slice(s![window.rows(&images), ..]);
        let patches = patches.gather(&images, fine);
        general_mat_mul(S::one(), &coarse.t(), &patches, S::one(), &mut weight);
    }
    weight
}
// ANCHOR_END: products

/// Room for the patches of some of the images: few enough that they stay in a core's cache between
/// being gathered and being multiplied.
struct Patches<'a, S> {
    window: &'a Window,
    images: usize,
    /// Images in a block.
    block: usize,
    /// Rows for all windows of a block × patch. What no run reaches stays 0.
    room: Array2<S>,
}

impl<'a, S: Scalar> Patches<'a, S> {
    fn new(window: &'a Window, images: usize) -> Self {
        let block = (BLOCK / (window.places() * window.patch())).clamp(1, images.max(1));
        let room = Array2::zeros((block * window.places(), window.patch()));
        Self { window, images, block, room }
    }

    /// The images, a block at a time.
    fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<S> {
        let (images, block) = (self.images, self.block);
        (0..images).step_by(block).map(move |start| start..images.min(start + block))
    }

    /// The rows for a block of images.
    fn of(&mut self, images: &Range<usize>) -> ArrayViewMut2<'_, S> {
        self.room.slice_mut(s![..images.len() * self.window.places(), ..])
    }

    fn gather(&mut self, images: &Range<usize>, fine: &Array2<S>) -> ArrayView2<'_, S> {
        let (window, length) = (self.window, self.window.fine_len());
        let fine = fine.as_slice().expect("maps are contiguous");
        let fine = fine[images.start * length..images.end * length].chunks_exact(length);
        let room = self.room.as_slice_mut().expect("a new array is contiguous");
        let room = room.chunks_exact_mut(window.places() * window.patch());
        fine.zip(room).for_each(|(fine, patches)| window.gather(fine, patches));
        self.room.slice(s![..images.len() * window.places(), ..])
    }

    fn scatter(&self, images: &Range<usize>, fine: &mut Array2<S>) {
        let (window, length) = (self.window, self.window.fine_len());
        let fine = fine.as_slice_mut().expect("maps are contiguous");
        let fine = fine[images.start * length..images.end * length].chunks_exact_mut(length);
        let room = self.room.as_slice().expect("a new array is contiguous");
        let room = room.chunks_exact(window.places() * window.patch());
        fine.zip(room).for_each(|(fine, patches)| window.scatter(patches, fine));
    }
}

/// Uniform on ±`bound`.
pub(crate) fn uniform<S: Scalar>(bound: f64, rng: &mut impl Rng) -> S {
    S::from_f64(bound * (2.0 * rng.random::<f64>() - 1.0))
}
