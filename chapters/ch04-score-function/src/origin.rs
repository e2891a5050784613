//! Where the size of the variance comes from: equations (4.15) to (4.18).
//!
//! Not from the logarithm's steepness where q is near 0, as document D3 says: q is hardly ever sampled there. It
//! comes from the score, whose standard deviation is 1/σ, times an f that is not centred; and, as long as q is
//! wider than the posterior, from the spread of f.

use prob::special::normal_cdf;

// ANCHOR: constant
/// The variance of the score-function estimator of a *constant* f = c, whose gradient is 0, equation
/// (4.15): c² I, with the Fisher information I.
///
/// At q = posterior the ELBO's f is such a constant, c = log p(x).
#[must_use]
pub fn variance_of_a_constant(c: f64, fisher_information: f64) -> f64 {
    c * c * fisher_information
}

/// By how much the variance changes if c is added to f, equation (4.16): c² I + 2c E[f S²]. The mean
/// does not change at all.
#[must_use]
pub fn added_by_a_constant(c: f64, fisher_information: f64, mean_f_score_squared: f64) -> f64 {
    variance_of_a_constant(c, fisher_information) + 2.0 * c * mean_f_score_squared
}
// ANCHOR_END: constant

// ANCHOR: narrow
/// The limits for σ → 0 with f fixed, equation (4.17): of σ² Var, which is f(μ)², and of Var itself
/// where f(μ) = 0, which is 2f'(μ)². For the estimator of the derivative with respect to μ.
#[must_use]
pub fn narrow_limits(f: f64, slope: f64) -> [f64; 2] {
    [f * f, 2.0 * slope * slope]
}
// ANCHOR_END: narrow

// ANCHOR: prior
/// What the best constant baseline leaves of the variance at q = prior N(0, 1) with a posterior N(m, v), for the mean:
/// (3/2)(1/v − 1)² + 2(m/v)². There f = −½(1/v − 1)z² + (m/v)z and a constant.
#[must_use]
pub fn left_at_the_prior(m: f64, v: f64) -> f64 {
    1.5 * (1.0 / v - 1.0).powi(2) + 2.0 * (m / v).powi(2)
}
// ANCHOR_END: prior

// ANCHOR: rare
/// How much happens where q(z) is below a share t of its peak, equation (4.18): the probability of such
/// a draw, and the share of E S² (the mean's score) that such draws contribute.
///
/// With a = √(2 log 1/t) the place is |ε| > a; the shares are 2Φ(−a) and 2Φ(−a) + 2a φ(a).
///
/// ```
/// let [probability, share] = ch04_score_function::origin::where_q_is_below(0.01);
/// assert!(probability < 0.0025 && share < 0.027);
/// ```
#[must_use]
pub fn where_q_is_below(t: f64) -> [f64; 2] {
    let a = (-2.0 * t.ln()).sqrt();
    let probability = 2.0 * normal_cdf(-a);
    // φ(a) = t φ(0)
    let density = t / std::f64::consts::TAU.sqrt();
    [probability, probability + 2.0 * a * density]
}
// ANCHOR_END: rare
