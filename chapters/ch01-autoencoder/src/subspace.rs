//! Subspaces and the angles between them. Equations (1.10) and (1.11).

use ndarray::Array2;
use prob::{Result, eigen};

use crate::{Pca, orthonormal};

// ANCHOR: angle
/// The largest principal angle between the spans of two bases (pixels × M each), in degrees, equation
/// (1.10): its sine is the longest that a unit vector of the one is from the other.
///
/// By the sine and not the cosine: near 0 the cosine has lost half of the digits (Björck & Golub 1973).
///
/// # Errors
/// As for [`orthonormal`].
///
/// ```
/// use ndarray::array;
/// let (x, diagonal) = (array![[2.0], [0.0]], array![[1.0], [1.0]]);
/// let angle = ch01_autoencoder::subspace::largest_angle(&x, &diagonal)?;
/// assert!((angle - 45.0).abs() < 1e-12);
/// # Ok::<(), prob::Error>(())
/// ```
pub fn largest_angle(a: &Array2<f64>, b: &Array2<f64>) -> Result<f64> {
    let (a, b) = (orthonormal(a)?, orthonormal(b)?);
    let outside = &b - &a.dot(&a.t().dot(&b));
    let gram = outside.t().dot(&outside);
    let squares = eigen::symmetric(((&gram + &gram.t()) / 2.0).view())?.values;
    Ok(squares[0].clamp(0.0, 1.0).sqrt().asin().to_degrees())
}
// ANCHOR_END: angle

// ANCHOR: excess
/// By how many degrees a subspace may be turned away from the principal one while the loss exceeds the
/// floor by the share `excess` only, equation (1.11): turning v_M towards v_{M+1} by θ costs
/// (λ_M − λ_{M+1}) sin²θ, and no other turn is cheaper.
#[must_use]
pub fn angle_at_excess(pca: &Pca, code: usize, excess: f64) -> f64 {
    let gap = pca.values[code - 1] - pca.values[code];
    let square = excess * pca.discarded(code) / gap;
    square.clamp(0.0, 1.0).sqrt().asin().to_degrees()
}
// ANCHOR_END: excess
