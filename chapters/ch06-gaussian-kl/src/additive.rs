//! Many coordinates: equations (6.10) to (6.13).

use ndarray::{Array1, Array2};
use num_traits::Float;
use prob::FullGaussian;
use prob::cholesky::solve_lower;

use crate::gaussian_kl_from_log_var;

// ANCHOR: diagonal
/// KL between Gaussians with independent coordinates: the *sum* over coordinates, equation (6.10).
/// All slices have one length.
///
/// # Errors
/// If they have not.
pub fn diagonal_kl<T: Float>(
    mean1: &[T],
    log_var1: &[T],
    mean2: &[T],
    log_var2: &[T],
) -> prob::Result<T> {
    for (name, list) in [("log_var1", log_var1), ("mean2", mean2), ("log_var2", log_var2)] {
        let (expected, got) = (mean1.len(), list.len());
        if got != expected {
            return Err(prob::Error::Dimension { name, expected, got });
        }
    }
    let coordinate = |j| gaussian_kl_from_log_var(mean1[j], log_var1[j], mean2[j], log_var2[j]);
    Ok((0..mean1.len()).map(coordinate).fold(T::zero(), |sum, term| sum + term))
}
// ANCHOR_END: diagonal

// ANCHOR: whitened
/// p seen in the coordinates in which q is N(0, I), equation (6.11): everything that KL(p ‖ q) needs.
///
/// With Σ₁ = L₁L₁ᵀ and Σ₂ = L₂L₂ᵀ, the map x ↦ L₂⁻¹(x − μ₂) makes q standard and turns p into a Gaussian
/// with mean L₂⁻¹(μ₁ − μ₂) and Cholesky factor M = L₂⁻¹L₁.
#[derive(Clone, Debug, PartialEq)]
pub struct Whitened {
    /// L₂⁻¹(μ₁ − μ₂), of length D.
    pub mean: Array1<f64>,
    /// M = L₂⁻¹L₁, lower triangular, D×D.
    pub factor: Array2<f64>,
}

impl Whitened {
    /// p in the coordinates of q.
    ///
    /// # Errors
    /// If the dimensions differ.
    pub fn new(p: &FullGaussian, q: &FullGaussian) -> prob::Result<Self> {
        let (expected, got) = (p.dimension(), q.dimension());
        if got != expected {
            return Err(prob::Error::Dimension { name: "q", expected, got });
        }
        let shift = &p.mean() - &q.mean();
        let mut factor = Array2::zeros((expected, expected));
        for (mut column, of_p) in factor.columns_mut().into_iter().zip(p.factor().columns()) {
            column.assign(&solve_lower(q.factor(), of_p));
        }
        Ok(Self { mean: solve_lower(q.factor(), shift.view()), factor })
    }

    /// tr Σ₂⁻¹Σ₁ = ‖M‖²
    #[must_use]
    pub fn trace(&self) -> f64 {
        self.factor.iter().map(|m| m * m).sum()
    }

    /// log det Σ₂⁻¹Σ₁ = 2 Σⱼ log mⱼⱼ
    #[must_use]
    pub fn log_det(&self) -> f64 {
        2.0 * self.factor.diag().iter().map(|m| m.ln()).sum::<f64>()
    }

    /// (μ₁ − μ₂)ᵀ Σ₂⁻¹ (μ₁ − μ₂), the squared Mahalanobis distance.
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.mean.dot(&self.mean)
    }
}

/// KL between Gaussians with any covariances, equation (6.12):
/// ½(tr Σ₂⁻¹Σ₁ + (μ₁ − μ₂)ᵀ Σ₂⁻¹ (μ₁ − μ₂) − D − log det Σ₂⁻¹Σ₁).
///
/// # Errors
/// If the dimensions differ.
pub fn full_covariance_kl(p: &FullGaussian, q: &FullGaussian) -> prob::Result<f64> {
    let whitened = Whitened::new(p, q)?;
    let dimension = p.dimension() as f64;
    Ok(0.5 * (whitened.trace() + whitened.distance() - dimension - whitened.log_det()))
}
// ANCHOR_END: whitened
