//! What an optimiser and a file see of a model.

use ndarray::{ArrayViewD, ArrayViewMutD};

use crate::Scalar;

/// A model, or what has a model's shape (a gradient, an optimiser's moments): tensors with names. All that can be said
/// of it without knowing what it computes is said here, once for every model.
///
/// ```
/// use nn::{Activation, Mlp, Parameters};
/// let net = Mlp::<f32>::zeros(&[3, 8, 2], Activation::Tanh, Activation::Identity);
/// let names: Vec<String> = net.tensors().map(|(name, _)| name).collect();
/// assert_eq!(names, ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
/// assert_eq!(net.parameter_count(), 8 * 3 + 8 + 2 * 8 + 2);
/// ```
pub trait Parameters: Clone {
    /// The numbers' type.
    type Scalar: Scalar;

    /// Every tensor with its name in files, in the order of the computation and with the shape that it has in files.
    fn tensors(&self) -> impl Iterator<Item = (String, ArrayViewD<'_, Self::Scalar>)>;

    /// [`Parameters::tensors`], to be changed.
    fn tensors_mut(&mut self) -> impl Iterator<Item = (String, ArrayViewMutD<'_, Self::Scalar>)>;

    /// The tensors as they lie in memory.
    fn parameters(&self) -> Vec<&[Self::Scalar]> {
        let slices = self.tensors().map(|(_, tensor)| tensor.to_slice_memory_order());
        slices.map(|slice| slice.expect("a layer's array is contiguous")).collect()
    }

    /// [`Parameters::parameters`], to be changed.
    fn parameters_mut(&mut self) -> Vec<&mut [Self::Scalar]> {
        let slices = self.tensors_mut().map(|(_, tensor)| tensor.into_slice_memory_order());
        slices.map(|slice| slice.expect("a layer's array is contiguous")).collect()
    }

    /// How many numbers the model learns.
    fn parameter_count(&self) -> usize {
        self.parameters().into_iter().map(<[_]>::len).sum()
    }

    /// The same shape with all parameters zero.
    #[must_use]
    fn zeros_like(&self) -> Self {
        let mut zeros = self.clone();
        zeros
            .parameters_mut()
            .into_iter()
            .for_each(|tensor| tensor.fill(Self::Scalar::from_f64(0.0)));
        zeros
    }

    /// A parameter that is NaN or infinite, if any is.
    fn not_finite(&self) -> Option<Self::Scalar> {
        let mut all = self.parameters().into_iter().flatten().copied();
        all.find(|value| !value.to_f64().is_finite())
    }
}
