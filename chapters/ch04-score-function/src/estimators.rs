//! Estimators of ∂ E f(z): equations (4.1) and (4.6) to (4.9).
//!
//! f comes in as a number, not as a function: the score-function estimator asks nothing of f but its
//! value, which is its strength and the reason for its variance.

use prob::Gaussian;

use crate::{Parameter, score};

// ANCHOR: score-function
/// f(z) S(z) for one draw z ~ q, equation (4.1).
#[must_use]
pub fn score_function_gradient(parameter: Parameter, q: &Gaussian, z: f64, f: f64) -> f64 {
    f * score(parameter, q, z)
}
// ANCHOR_END: score-function

// ANCHOR: baseline
/// (f(z) − b) S(z) for one draw z ~ q, equation (4.6). As E S = 0, any b that does not depend on z
/// leaves the mean as it is.
#[must_use]
pub fn baseline_gradient(parameter: Parameter, q: &Gaussian, z: f64, f: f64, baseline: f64) -> f64 {
    (f - baseline) * score(parameter, q, z)
}
// ANCHOR_END: baseline

// ANCHOR: leave-one-out
/// For each of L ≥ 2 numbers the mean of the L − 1 *others*. Length L.
#[must_use]
pub fn leave_one_out_baselines(f: &[f64]) -> Vec<f64> {
    let sum: f64 = f.iter().sum();
    f.iter().map(|f_i| (sum - f_i) / (f.len() as f64 - 1.0)).collect()
}

/// The mean of (fᵢ − bᵢ) Sᵢ over L ≥ 2 draws, each with the mean of the other draws' f as its
/// baseline bᵢ, equation (4.7). Both slices have length L.
///
/// ```
/// use ch04_score_function::leave_one_out_gradient;
/// // The same f everywhere: nothing to learn, and no noise.
/// assert_eq!(leave_one_out_gradient(&[0.3, -1.0, 2.0], &[5.0; 3]), 0.0);
/// ```
#[must_use]
pub fn leave_one_out_gradient(scores: &[f64], f: &[f64]) -> f64 {
    let baselines = leave_one_out_baselines(f);
    let terms = scores.iter().zip(f).zip(&baselines).map(|((s, f_i), b_i)| (f_i - b_i) * s);
    terms.sum::<f64>() / f.len() as f64
}
// ANCHOR_END: leave-one-out

// ANCHOR: in-sample
/// **Biased**: the mean of (fᵢ − f̄) Sᵢ over L draws, where fᵢ is part of its own baseline f̄, equation
/// (4.8). Its mean is (L − 1)/L of the gradient. Here to be looked at, not to be used.
#[must_use]
pub fn in_sample_gradient(scores: &[f64], f: &[f64]) -> f64 {
    let count = f.len() as f64;
    let mean = f.iter().sum::<f64>() / count;
    scores.iter().zip(f).map(|(s, f_i)| (f_i - mean) * s).sum::<f64>() / count
}

/// The factor (L − 1)/L by which the mean of [`in_sample_gradient`] is too small: of the L draws in the
/// baseline one is correlated with the score that it multiplies.
#[must_use]
pub fn in_sample_factor(draws: usize) -> f64 {
    (draws as f64 - 1.0) / draws as f64
}
// ANCHOR_END: in-sample

// ANCHOR: pathwise
/// f'(z) ∂z for one draw z = μ + σε, equation (4.9): `slope` is f'(z); ∂z/∂μ = 1 and
/// ∂z/∂log σ² = ½σε. For comparison; it is the subject of chapter 5.
#[must_use]
pub fn pathwise_gradient(parameter: Parameter, q: &Gaussian, z: f64, slope: f64) -> f64 {
    match parameter {
        Parameter::Mean => slope,
        Parameter::LogVar => slope * 0.5 * (z - q.mean()),
    }
}
// ANCHOR_END: pathwise
