//! The dense layer y = x Wᵀ + b.

use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayRef2, ArrayViewD, ArrayViewMutD, Axis, s};
use rand::Rng;

use crate::Scalar;

/// A dense layer. The weight has PyTorch's layout, *outputs × inputs*.
///
/// The gradient of a layer, and an optimiser's moments of it, have the layer's own shape and are
/// kept in a `Linear` too.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear<S> {
    /// W, outputs × inputs.
    pub weight: Array2<S>,
    /// b, one number for each output.
    pub bias: Array1<S>,
}

/// What a layer's gradient is made of: the input it saw and the δ that came back to its output.
#[derive(Clone, Copy, Debug)]
pub struct LayerTape<'a, S> {
    /// The layer's input x, images × inputs.
    pub input: &'a Array2<S>,
    /// ∂L/∂y, images × outputs.
    pub delta: &'a Array2<S>,
    /// Whether the bias took part. In a pass forward that adds no bias, the derivative with respect to it is zero.
    pub with_bias: bool,
}

impl<S: Scalar> Linear<S> {
    /// PyTorch's default initialisation: weights and biases uniform on ±1/√inputs.
    ///
    /// (`torch.nn.Linear` calls `kaiming_uniform_` with a = √5, which comes to this bound.)
    pub fn new(inputs: usize, outputs: usize, rng: &mut impl Rng) -> Self {
        let bound = 1.0 / (inputs as f64).sqrt();
        let mut uniform = || S::from_f64(bound * (2.0 * rng.random::<f64>() - 1.0));
        Self {
            weight: Array2::from_shape_simple_fn((outputs, inputs), &mut uniform),
            bias: Array1::from_shape_simple_fn(outputs, uniform),
        }
    }

    /// A layer of zeros, to hold a gradient or an optimiser's moments.
    pub fn zeros(inputs: usize, outputs: usize) -> Self {
        Self { weight: Array2::zeros((outputs, inputs)), bias: Array1::zeros(outputs) }
    }

    /// Weight and bias as a file names them: `name.weight` and `name.bias`.
    pub fn named(&self, name: &str) -> [(String, ArrayViewD<'_, S>); 2] {
        let (weight, bias) = (self.weight.view().into_dyn(), self.bias.view().into_dyn());
        [(format!("{name}.weight"), weight), (format!("{name}.bias"), bias)]
    }

    /// [`Linear::named`], to be changed.
    pub fn named_mut(&mut self, name: &str) -> [(String, ArrayViewMutD<'_, S>); 2] {
        let (weight, bias) = (self.weight.view_mut().into_dyn(), self.bias.view_mut().into_dyn());
        [(format!("{name}.weight"), weight), (format!("{name}.bias"), bias)]
    }

    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        self.weight.ncols()
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.weight.nrows()
    }

    // ANCHOR: linear
    /// y = x Wᵀ + b for each row of x (images × inputs).
    ///
    /// # Panics
    /// If x does not have as many columns as the layer has inputs.
    pub fn forward(&self, x: &ArrayRef2<S>) -> Array2<S> {
        let mut y = by_rows(x.dot(&self.weight.t()));
        y += &self.bias;
        y
    }

    /// ∂L/∂x = δ W, given δ = ∂L/∂y.
    pub fn backward(&self, delta: &ArrayRef2<S>) -> Array2<S> {
        delta.dot(&self.weight)
    }

    /// ∂L/∂W = δᵀ x and ∂L/∂b = Σ δ, the sum over the images.
    pub fn gradient(x: &Array2<S>, delta: &Array2<S>) -> Self {
        Self::gradient_of(&[LayerTape { input: x, delta, with_bias: true }])
    }
    // ANCHOR_END: linear

    /// The gradient, summed over the shards of a batch.
    pub fn gradient_of(shards: &[LayerTape<'_, S>]) -> Self {
        let outputs = shards.first().map_or(0, |tape| tape.delta.ncols());
        Self::gradient_rows(shards, 0..outputs)
    }

    /// Some rows of the gradient (some of the outputs), summed over the shards of a batch.
    ///
    /// Each row is the same sum in the same order however the rows are divided among threads.
    pub(crate) fn gradient_rows(shards: &[LayerTape<'_, S>], rows: Range<usize>) -> Self {
        let inputs = shards.first().map_or(0, |tape| tape.input.ncols());
        let Self { mut weight, mut bias } = Self::zeros(inputs, rows.len());
        for (i, tape) in shards.iter().enumerate() {
            let delta = tape.delta.slice(s![.., rows.clone()]);
            let so_far = if i == 0 { S::zero() } else { S::one() };
            general_mat_mul(S::one(), &delta.t(), tape.input, so_far, &mut weight);
            if tape.with_bias {
                bias += &delta.sum_axis(Axis(0));
            }
        }
        Self { weight, bias }
    }
}

/// `dot` lays a product out by columns where there is a single input; elementwise loops need rows.
fn by_rows<S: Scalar>(product: Array2<S>) -> Array2<S> {
    if product.is_standard_layout() { product } else { product.as_standard_layout().into_owned() }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    /// Elementwise loops run over the rows as one slice.
    #[test]
    fn outputs_are_laid_out_by_rows_whatever_the_widths() {
        let layer = Linear { weight: array![[2.0], [3.0]], bias: array![0.0, 1.0] };
        let y = layer.forward(&array![[1.0], [10.0], [100.0]]);
        assert_eq!(y.as_slice(), Some(&[2.0, 4.0, 20.0, 31.0, 200.0, 301.0][..]));
        for (rows, inputs, outputs) in [(1, 1, 1), (1, 1, 3), (3, 1, 1), (1, 3, 1), (3, 3, 1)] {
            let layer = Linear::<f64>::zeros(inputs, outputs);
            assert!(layer.forward(&Array2::zeros((rows, inputs))).is_standard_layout());
            assert!(layer.backward(&Array2::zeros((rows, outputs))).is_standard_layout());
        }
    }
}
