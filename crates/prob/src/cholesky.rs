//! The Cholesky factor of a covariance, and what is computed by it.

use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

/// The lower triangular L with L Lᵀ = A and a positive diagonal, for a symmetric positive definite A of
/// shape D×D (Golub and Van Loan 2013, section 4.2).
///
/// # Errors
/// [`Error::Dimension`] if A is not square, [`Error::NotSymmetric`] if its two halves differ by more
/// than rounding (1e-12 of √(aᵢᵢ aⱼⱼ)), and [`Error::NotPositiveDefinite`] if a pivot is not a positive
/// number.
///
/// ```
/// use ndarray::array;
/// let l = prob::cholesky::cholesky(array![[4.0, 2.0], [2.0, 5.0]].view())?;
/// assert_eq!(l, array![[2.0, 0.0], [1.0, 2.0]]);
/// assert!(prob::cholesky::cholesky(array![[1.0, 2.0], [2.0, 1.0]].view()).is_err());
/// # Ok::<(), prob::Error>(())
/// ```
pub fn cholesky(a: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    let dimension = a.nrows();
    if a.ncols() != dimension {
        return Err(Error::Dimension { name: "columns", expected: dimension, got: a.ncols() });
    }
    let mut l = Array2::<f64>::zeros((dimension, dimension));
    for i in 0..dimension {
        for j in 0..=i {
            // A covariance that was itself computed as a product is symmetric up to some roundings.
            let scale = (a[[i, i]].abs() * a[[j, j]].abs()).sqrt();
            if (a[[i, j]] - a[[j, i]]).abs() > 1e-12 * scale {
                return Err(Error::NotSymmetric { row: i, column: j });
            }
            let known: f64 = (0..j).map(|k| l[[i, k]] * l[[j, k]]).sum();
            let rest = a[[i, j]] - known;
            if i != j {
                l[[i, j]] = rest / l[[j, j]];
            } else if rest > 0.0 && rest.is_finite() {
                l[[i, i]] = rest.sqrt();
            } else {
                return Err(Error::NotPositiveDefinite { row: i, pivot: rest });
            }
        }
    }
    Ok(l)
}

/// The x with L x = b for a lower triangular L: forward substitution.
#[must_use]
pub fn solve_lower(l: ArrayView2<'_, f64>, b: ArrayView1<'_, f64>) -> Array1<f64> {
    let mut x = Array1::<f64>::zeros(b.len());
    for i in 0..b.len() {
        let known: f64 = (0..i).map(|k| l[[i, k]] * x[k]).sum();
        x[i] = (b[i] - known) / l[[i, i]];
    }
    x
}

/// L⁻¹ of a lower triangular L, n×n, column by column.
#[must_use]
pub fn inverse_lower(l: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut inverse = Array2::eye(l.nrows());
    for mut column in inverse.columns_mut() {
        let solved = solve_lower(l, column.view());
        column.assign(&solved);
    }
    inverse
}

/// A⁻¹ = L⁻ᵀ L⁻¹ for a symmetric positive definite A = L Lᵀ, n×n.
///
/// # Errors
/// Those of [`cholesky`].
///
/// ```
/// use ndarray::array;
/// let inverse = prob::cholesky::inverse(array![[4.0, 2.0], [2.0, 5.0]].view())?;
/// assert_eq!(inverse, array![[5.0, -2.0], [-2.0, 4.0]] / 16.0);
/// # Ok::<(), prob::Error>(())
/// ```
pub fn inverse(a: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    let inverse_factor = inverse_lower(cholesky(a)?.view());
    Ok(inverse_factor.t().dot(&inverse_factor))
}

/// log det A = 2 Σ log Lᵢᵢ for a symmetric positive definite A = L Lᵀ.
///
/// # Errors
/// Those of [`cholesky`].
///
/// ```
/// use ndarray::array;
/// let log_det = prob::cholesky::log_det(array![[4.0, 2.0], [2.0, 5.0]].view())?;
/// assert!((log_det - 16f64.ln()).abs() < 1e-15);
/// # Ok::<(), prob::Error>(())
/// ```
pub fn log_det(a: ArrayView2<'_, f64>) -> Result<f64> {
    Ok(2.0 * cholesky(a)?.diag().iter().map(|l| l.ln()).sum::<f64>())
}
