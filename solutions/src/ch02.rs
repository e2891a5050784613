//! Lab 2: variational inference.

use std::f64::consts::{LN_2, PI};

use lab::Functions;
use ndarray::{Array1, Array2};

/// log of N(z; m, 1/Λ) N(x; wz + b, σ²) is quadratic in z. Minus its second derivative is Λ + w²/σ², and its slope
/// at z vanishes where (Λ + w²/σ²) z = Λm + w(x − b)/σ². This is (2.5) with what was known, Λ and Λm, in place of
/// the prior's 1 and 0; the prior itself must not be counted again. The new mean is an average of what each source
/// says, weighted with its precision.
pub fn one_more_mark(
    mean: f64,
    precision: f64,
    loading: f64,
    bias: f64,
    sigma: f64,
    x: f64,
) -> (f64, f64) {
    let variance = sigma * sigma;
    let updated = precision + loading * loading / variance;
    ((precision * mean + loading * (x - bias) / variance) / updated, updated)
}

/// First (2.5) for the exams that were taken: Λ = 1 + Σ w²/σ² and m = Σ w(x − b)/σ² / Λ. The missing mark is wz +
/// b + noise with z ~ N(m, 1/Λ) independent of its noise. So it has the mean wm + b and the variance w²/Λ + σ²:
/// what is not known of the ability, and what no ability decides. No D × D matrix has to be inverted.
pub fn missing_mark(
    loadings: &[f64],
    bias: &[f64],
    sigma: &[f64],
    marks: &[f64],
    [w, b, s]: [f64; 3],
) -> (f64, f64) {
    let (mut mean, mut precision) = (0.0, 1.0);
    for j in 0..marks.len() {
        (mean, precision) =
            one_more_mark(mean, precision, loadings[j], bias[j], sigma[j], marks[j]);
    }
    (w * mean + b, w * w / precision + s * s)
}

/// The derivative by μᵢ is −Σⱼ Λᵢⱼ (μⱼ − mⱼ), (2.13). It vanishes at μᵢ = mᵢ − Σ_{j≠i} Λᵢⱼ (μⱼ − mⱼ)/Λᵢᵢ. Writing
/// the result into μ at once is what makes each step see the newest values; with the old ones for all coordinates
/// the bound may even fall.
pub fn coordinate_round(
    precision: &Array2<f64>,
    mean: &Array1<f64>,
    start: &Array1<f64>,
) -> Array1<f64> {
    let mut mu = start.clone();
    for i in 0..mu.len() {
        let slope = -precision.row(i).dot(&(&mu - mean));
        mu[i] += slope / precision[[i, i]]; // the top of a parabola with curvature Λᵢᵢ
    }
    mu
}

/// log p(x, z) = −½z² − (ℓ − az²)²/(2σ²) and a constant, with ℓ = best − x. Its derivative −z + 2az(ℓ − az²)/σ²
/// vanishes for z ≠ 0 at z² = ℓ/a − σ²/(2a²): the prior pulls the mode inwards from √(ℓ/a). The second derivative
/// is −1 + 2aℓ/σ² − 6a²z²/σ², at the mode −4a²z²/σ². The variance is the *reciprocal* of its negative. A Gaussian
/// of height p(x, z*) has the integral p(x, z*)√(2πv), and two of them make twice as much: + log 2.
pub fn laplace(best: f64, loss: f64, sigma: f64, x: f64) -> [f64; 3] {
    let (lost, noise) = (best - x, sigma * sigma);
    let square = lost / loss - noise / (2.0 * loss * loss);
    let variance = noise / (4.0 * loss * loss * square);
    let log_joint = -0.5 * ((2.0 * PI).ln() + square)
        - 0.5 * ((2.0 * PI * noise).ln() + (lost - loss * square).powi(2) / noise);
    [square.sqrt(), variance, log_joint + 0.5 * (2.0 * PI * variance).ln() + LN_2]
}

/// ½ log det(L Lᵀ) = Σᵢ log Lᵢᵢ, so the entropy gives 1/Lᵢᵢ on the diagonal and nothing else: on the lower triangle
/// that is L⁻ᵀ, whose entries below the diagonal are 0. And −½ tr(Λ L Lᵀ) has the derivative −Λ L. The gradient
/// vanishes where Lᵀ Λ L = I, that is, where L Lᵀ = Λ⁻¹, the posterior's covariance: nothing is missing any more.
pub fn full_covariance_gradient(precision: &Array2<f64>, factor: &Array2<f64>) -> Array2<f64> {
    let pull = precision.dot(factor);
    Array2::from_shape_fn(factor.dim(), |(i, j)| match i.cmp(&j) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => 1.0 / factor[[i, i]] - pull[[i, i]],
        std::cmp::Ordering::Greater => -pull[[i, j]],
    })
}

type Six = (f64, f64, f64, f64, f64, f64);
type Exams = (Vec<f64>, Vec<f64>, Vec<f64>, Vec<f64>, [f64; 3]);

/// The solutions by the names of the exercises.
#[must_use]
pub fn functions() -> Functions {
    Functions::new()
        .with("one_more_mark", |(mean, precision, w, b, sigma, x): Six| {
            one_more_mark(mean, precision, w, b, sigma, x)
        })
        .with("missing_mark", |(w, b, sigma, marks, missing): Exams| {
            missing_mark(&w, &b, &sigma, &marks, missing)
        })
        .with("coordinate_round", |(p, m, start): (Array2<f64>, Array1<f64>, Array1<f64>)| {
            coordinate_round(&p, &m, &start)
        })
        .with("laplace", |(best, loss, sigma, x): (f64, f64, f64, f64)| {
            laplace(best, loss, sigma, x)
        })
        .with("full_covariance_gradient", |(p, factor): (Array2<f64>, Array2<f64>)| {
            full_covariance_gradient(&p, &factor)
        })
}
