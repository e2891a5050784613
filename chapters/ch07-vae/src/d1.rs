//! The loss and the shapes of D1's program, as that document prints them, to be taken apart. Equations (7.40)
//! and (7.41).

use ndarray::{Array2, ArrayD, IxDyn, ShapeError};
use nn::Scalar;

// ANCHOR: d1_loss
/// The "KL divergence" of D1, the mean over the coordinates of x̂ log x − x̂ − 1, equation (7.40). The encoder's q
/// does not occur in it.
pub fn divergence<S: Scalar>(x: [S; 2], x_hat: [S; 2]) -> S {
    let term = |j: usize| x_hat[j] * x[j].ln() - x_hat[j] - S::one();
    S::from_f64(0.5) * (term(0) + term(1))
}

/// The categorical cross-entropy −Σ xⱼ log(x̂ⱼ/Σx̂), as Keras computes it of outputs that are no logits: an
/// output is first divided by the sum of all.
pub fn cross_entropy<S: Scalar>(x: [S; 2], x_hat: [S; 2]) -> S {
    let total = x_hat[0] + x_hat[1];
    -(x[0] * (x_hat[0] / total).ln() + x[1] * (x_hat[1] / total).ln())
}

/// D1's whole loss for one point.
pub fn loss<S: Scalar>(x: [S; 2], x_hat: [S; 2]) -> S {
    cross_entropy(x, x_hat) + divergence(x, x_hat)
}
// ANCHOR_END: d1_loss

// ANCHOR: dense_last_axis
/// A dense layer as Keras applies it to an array of any number of axes: to the *last* one, y = x Wᵀ, with
/// W outputs × inputs.
///
/// # Errors
/// If the last axis is not as long as W has inputs.
pub fn dense_last_axis(x: &ArrayD<f64>, weight: &Array2<f64>) -> Result<ArrayD<f64>, ShapeError> {
    let mut shape = x.shape().to_vec();
    let rows = x.len() / shape.last().copied().unwrap_or(1).max(1);
    let flat = x.to_shape((rows, weight.ncols()))?.dot(&weight.t());
    if let Some(last) = shape.last_mut() {
        *last = weight.nrows();
    }
    Ok(flat.to_shape(IxDyn(&shape))?.into_owned())
}
// ANCHOR_END: dense_last_axis
