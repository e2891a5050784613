//! How many samples a gradient takes: equation (4.19).

// ANCHOR: samples
/// The number of independent draws whose mean has a standard error of `relative_error` times the
/// gradient, equation (4.19): variance/(relative_error · gradient)².
///
/// ```
/// // Half the error takes four times the draws.
/// let draws = |error| ch04_score_function::samples_for(error, 30.0, 2.0);
/// assert_eq!(draws(0.5) * 4.0, draws(0.25));
/// ```
#[must_use]
pub fn samples_for(relative_error: f64, variance: f64, gradient: f64) -> f64 {
    let standard_error = relative_error * gradient;
    variance / (standard_error * standard_error)
}
// ANCHOR_END: samples
