//! What the checks share: inputs with few digits, and independent ways to an expected value.

use claims::Rng;
use ndarray::{Array1, Array2};
use rand::Rng as _;

/// A number between two others, with two decimals: a student can type it in.
pub(crate) fn number(rng: &mut Rng, low: f64, high: f64) -> f64 {
    rounded(rng.random_range(low..=high))
}

/// A number with two decimals.
pub(crate) fn rounded(x: f64) -> f64 {
    (100.0 * x).round() / 100.0
}

/// Several of them.
pub(crate) fn numbers(rng: &mut Rng, count: usize, low: f64, high: f64) -> Vec<f64> {
    (0..count).map(|_| number(rng, low, high)).collect()
}

/// A vector of them.
pub(crate) fn vector(rng: &mut Rng, length: usize, low: f64, high: f64) -> Array1<f64> {
    numbers(rng, length, low, high).into()
}

/// A matrix of them.
pub(crate) fn matrix(rng: &mut Rng, shape: (usize, usize), low: f64, high: f64) -> Array2<f64> {
    Array2::from_shape_simple_fn(shape, || number(rng, low, high))
}

/// A symmetric matrix that dominates its diagonal, so that it is positive definite: a precision.
pub(crate) fn precision(rng: &mut Rng, size: usize) -> Array2<f64> {
    let half = matrix(rng, (size, size), -0.5, 0.5);
    let diagonal = vector(rng, size, 1.5, 3.0) + size as f64;
    &half + &half.t() + Array2::from_diag(&diagonal)
}

/// A factor L with a positive diagonal.
pub(crate) fn lower_triangle(rng: &mut Rng, size: usize) -> Array2<f64> {
    let diagonal = vector(rng, size, 0.6, 1.6);
    let below = matrix(rng, (size, size), -0.6, 0.6);
    Array2::from_shape_fn((size, size), |(i, j)| match i.cmp(&j) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => diagonal[i],
        std::cmp::Ordering::Greater => below[[i, j]],
    })
}

/// A matrix with zeros above the diagonal.
pub(crate) fn lower(matrix: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn(matrix.dim(), |(i, j)| if j > i { 0.0 } else { matrix[[i, j]] })
}

/// An orthonormal basis, one vector in each column, by Gram and Schmidt.
pub(crate) fn basis(rng: &mut Rng, size: usize) -> Array2<f64> {
    let mut basis = matrix(rng, (size, size), -0.4, 0.4) + Array2::<f64>::eye(size);
    for i in 0..size {
        for j in 0..i {
            let along = basis.column(i).dot(&basis.column(j));
            let direction = basis.column(j).to_owned();
            basis.column_mut(i).scaled_add(-along, &direction);
        }
        let length = basis.column(i).dot(&basis.column(i)).sqrt();
        basis.column_mut(i).mapv_inplace(|x| x / length);
    }
    basis
}

/// f′(x) by central differences at four widths, extrapolated to width 0 (Richardson 1911). What is missing goes
/// with the eighth power of the widths, and roundings add 1e-14: for functions that vary over distances of 1, less
/// than 1e-12.
pub(crate) fn slope(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    let mut estimates = [0.04, 0.02, 0.01, 0.005].map(|h| (f(x + h) - f(x - h)) / (2.0 * h));
    for level in 1..estimates.len() {
        let factor = 4f64.powi(level as i32);
        for i in (level..estimates.len()).rev() {
            estimates[i] = (factor * estimates[i] - estimates[i - 1]) / (factor - 1.0);
        }
    }
    estimates[estimates.len() - 1]
}

/// ∂f/∂xᵢ at each coordinate of a vector.
pub(crate) fn gradient(f: impl Fn(&Array1<f64>) -> f64, x: &Array1<f64>) -> Array1<f64> {
    let along = |i: usize| {
        let moved = |value: f64| {
            let mut x = x.clone();
            x[i] = value;
            f(&x)
        };
        slope(moved, x[i])
    };
    (0..x.len()).map(along).collect()
}

/// ∂f/∂xᵢⱼ at each entry of a matrix.
pub(crate) fn matrix_gradient(f: impl Fn(&Array2<f64>) -> f64, x: &Array2<f64>) -> Array2<f64> {
    let along = |at: (usize, usize)| {
        let moved = |value: f64| {
            let mut x = x.clone();
            x[at] = value;
            f(&x)
        };
        slope(moved, x[at])
    };
    Array2::from_shape_fn(x.dim(), along)
}

/// Where a parabola has its vertex, from its values at −1, 0 and 1.
pub(crate) fn vertex(parabola: impl Fn(f64) -> f64) -> f64 {
    let [left, middle, right] = [-1.0, 0.0, 1.0].map(parabola);
    0.5 * (left - right) / (left - 2.0 * middle + right)
}

/// Where an increasing function becomes positive, by bisection.
pub(crate) fn crossing(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if f(middle) < 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// The x with A x = b, by elimination. A is positive definite or triangular, so that no rows need exchanging.
pub(crate) fn solve(a: &Array2<f64>, b: &Array1<f64>) -> Array1<f64> {
    let (mut a, mut b, n) = (a.clone(), b.clone(), b.len());
    for pivot in 0..n {
        for i in pivot + 1..n {
            let factor = a[[i, pivot]] / a[[pivot, pivot]];
            for j in pivot..n {
                a[[i, j]] -= factor * a[[pivot, j]];
            }
            b[i] -= factor * b[pivot];
        }
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| a[[i, j]] * b[j]).sum();
        b[i] = (b[i] - known) / a[[i, i]];
    }
    b
}
