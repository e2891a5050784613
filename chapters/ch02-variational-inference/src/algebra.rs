//! Inverses of small positive definite matrices, by their Cholesky factor.

use ndarray::{Array2, ArrayView2};
use prob::cholesky::cholesky;

/// A⁻¹ = L⁻ᵀ L⁻¹ for a symmetric positive definite A = L Lᵀ, n×n.
///
/// # Errors
/// Those of [`cholesky`].
pub fn inverse(a: ArrayView2<'_, f64>) -> prob::Result<Array2<f64>> {
    let inverse_factor = inverse_lower(cholesky(a)?.view());
    Ok(inverse_factor.t().dot(&inverse_factor))
}

/// log det A = 2 Σ log Lᵢᵢ
///
/// # Errors
/// Those of [`cholesky`].
pub fn log_det(a: ArrayView2<'_, f64>) -> prob::Result<f64> {
    Ok(2.0 * cholesky(a)?.diag().iter().map(|l| l.ln()).sum::<f64>())
}

/// L⁻¹ of a lower triangular L, n×n, column by column.
pub fn inverse_lower(l: ArrayView2<'_, f64>) -> Array2<f64> {
    let n = l.nrows();
    let mut inverse = Array2::zeros((n, n));
    for column in 0..n {
        inverse[[column, column]] = 1.0 / l[[column, column]];
        for row in column + 1..n {
            let known: f64 = (column..row).map(|k| l[[row, k]] * inverse[[k, column]]).sum();
            inverse[[row, column]] = -known / l[[row, row]];
        }
    }
    inverse
}
