//! Lab 6: the divergence between Gaussians.

use lab::Functions;
use ndarray::{Array1, Array2};

/// All of them.
#[must_use]
pub fn functions() -> Functions {
    Functions::new().with("full_covariance_kl", |(mean, covariance): (Array1<f64>, Array2<f64>)| {
        full_covariance_kl(&mean, &covariance)
    })
}

/// KL(N(μ, Σ) ‖ N(0, I)) = ½(tr Σ + ‖μ‖² − D − log det Σ).
///
/// In (6.12) the second Gaussian is standard already, so L₂ = I, m = μ and M = L₁. The trace of Σ is the sum of its diagonal,
/// and correlations enter through the determinant only.
///
/// For that, eliminate. In each step the pivot is the variance that a coordinate has left when the earlier ones are known; the
/// determinant is the product of the pivots. Add up their logarithms: forty variances of 1e-9 have a product of
/// 1e-360, which is 0 in floating-point numbers, and a logarithm of −829, which is fine. A positive definite matrix needs no
/// exchange of rows.
///
/// The logarithms of Σ's own diagonal are those of the variances before anything is known. Using them instead leaves out the
/// total correlation (6.13).
#[must_use]
pub fn full_covariance_kl(mean: &Array1<f64>, covariance: &Array2<f64>) -> f64 {
    let dimension = mean.len();
    let mut left = covariance.clone();
    let mut log_det = 0.0;
    for k in 0..dimension {
        log_det += left[[k, k]].ln();
        for i in k + 1..dimension {
            let factor = left[[i, k]] / left[[k, k]];
            for j in k + 1..dimension {
                left[[i, j]] -= factor * left[[k, j]];
            }
        }
    }
    0.5 * (covariance.diag().sum() + mean.dot(mean) - dimension as f64 - log_det)
}
