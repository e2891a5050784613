//! Eigenvalues and eigenvectors of a symmetric matrix.

use ndarray::{Array1, Array2, ArrayView2};

use crate::error::finite;
use crate::{Error, Result};

/// The eigenvalues of a symmetric matrix, largest first, and an orthonormal basis of eigenvectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen {
    /// λ₁ ≥ λ₂ ≥ …
    pub values: Array1<f64>,
    /// The eigenvector of λᵢ in column i.
    pub vectors: Array2<f64>,
}

/// Sweeps over all pairs of coordinates; each squares the off-diagonal's size once it is small.
const SWEEPS: usize = 60;

/// Decomposes a symmetric matrix, A = V diag(λ) Vᵀ, by Jacobi's rotations (Jacobi 1846; Golub & Van
/// Loan, *Matrix Computations*, section 8.5): each rotation makes one off-diagonal pair zero, and the
/// sum of squares off the diagonal falls with every one. Slow for large matrices and accurate for all:
/// a hundred coordinates take some milliseconds.
///
/// # Errors
/// [`Error::Dimension`] if the matrix is not square, [`Error::Parameter`] if an element is not finite,
/// [`Error::NotSymmetric`] if it is not symmetric to 1e-12 of its largest element.
///
/// ```
/// use ndarray::array;
/// let eigen = prob::eigen::symmetric(array![[2.0, 1.0], [1.0, 2.0]].view())?;
/// assert!((eigen.values[0] - 3.0).abs() < 1e-15 && (eigen.values[1] - 1.0).abs() < 1e-15);
/// # Ok::<(), prob::Error>(())
/// ```
pub fn symmetric(matrix: ArrayView2<'_, f64>) -> Result<Eigen> {
    let n = matrix.nrows();
    if matrix.ncols() != n {
        return Err(Error::Dimension { name: "matrix", expected: n, got: matrix.ncols() });
    }
    for &x in matrix {
        finite("an element of the matrix", x)?;
    }
    let size = matrix.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    for ((row, column), x) in matrix.indexed_iter() {
        if (x - matrix[[column, row]]).abs() > 1e-12 * size {
            return Err(Error::NotSymmetric { row, column });
        }
    }
    let mut a = matrix.to_owned();
    let mut v = Array2::eye(n);
    for _ in 0..SWEEPS {
        let off_diagonal: f64 =
            a.indexed_iter().filter(|((i, j), _)| i != j).map(|(_, x)| x * x).sum();
        // Every rotation leaves a rounding error of ε·size where it should leave zeros: n² of them add
        // up to nε·size, below which no sweep gets.
        if off_diagonal.sqrt() <= n as f64 * f64::EPSILON * size {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[[j, j]].total_cmp(&a[[i, i]]));
    Ok(Eigen {
        values: order.iter().map(|&i| a[[i, i]]).collect(),
        vectors: Array2::from_shape_fn((n, n), |(i, j)| v[[i, order[j]]]),
    })
}

/// The rotation in the plane of coordinates p and q that makes a\[p, q\] zero: A ← JᵀAJ, V ← VJ.
fn rotate(a: &mut Array2<f64>, v: &mut Array2<f64>, p: usize, q: usize) {
    if a[[p, q]] == 0.0 {
        return;
    }
    // tan of the angle: the smaller root of t² + 2τt − 1 = 0, so that no angle exceeds 45°.
    let tau = (a[[q, q]] - a[[p, p]]) / (2.0 * a[[p, q]]);
    let t = tau.signum() / (tau.abs() + tau.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    for i in 0..a.nrows() {
        let (x, y) = (a[[i, p]], a[[i, q]]);
        a[[i, p]] = c * x - s * y;
        a[[i, q]] = s * x + c * y;
    }
    for i in 0..a.nrows() {
        let (x, y) = (a[[p, i]], a[[q, i]]);
        a[[p, i]] = c * x - s * y;
        a[[q, i]] = s * x + c * y;
        let (x, y) = (v[[i, p]], v[[i, q]]);
        v[[i, p]] = c * x - s * y;
        v[[i, q]] = s * x + c * y;
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use rand::Rng;

    use super::*;

    /// A = V diag(λ) Vᵀ and VᵀV = I, to the rounding of a few sweeps.
    #[test]
    fn the_factors_multiply_back() {
        let mut rng = crate::random::stream(1, [1]);
        for n in [1, 2, 5, 30] {
            let b = Array2::from_shape_simple_fn((n, n), || rng.random::<f64>() - 0.5);
            let a = &b + &b.t();
            let Eigen { values, vectors } = symmetric(a.view()).expect("symmetric");
            let back = (&vectors * &values).dot(&vectors.t());
            let gram = vectors.t().dot(&vectors);
            assert!((&back - &a).iter().all(|x| x.abs() < 1e-13 * n as f64));
            assert!((&gram - &Array2::<f64>::eye(n)).iter().all(|x| x.abs() < 1e-13));
            assert!(values.windows(2).into_iter().all(|w| w[0] >= w[1]));
        }
    }

    /// The second-difference matrix has eigenvalues 2 − 2 cos(kπ/(n+1)).
    #[test]
    fn known_eigenvalues_come_out() {
        let n = 12;
        let a = Array2::from_shape_fn((n, n), |(i, j)| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        });
        let values = symmetric(a.view()).expect("symmetric").values;
        for (i, value) in values.iter().enumerate() {
            let angle = std::f64::consts::PI * (n - i) as f64 / (n + 1) as f64;
            assert!((value - (2.0 - 2.0 * angle.cos())).abs() < 1e-14);
        }
    }

    #[test]
    fn other_matrices_are_refused() {
        assert!(symmetric(array![[1.0, 2.0], [0.0, 1.0]].view()).is_err());
        assert!(symmetric(array![[1.0, 2.0]].view()).is_err());
        assert!(symmetric(array![[f64::NAN]].view()).is_err());
    }
}
