//! The bound by Jensen's inequality: equations (3.6) and (3.7).

use prob::{Gaussian, Quadrature, Result, log_mean_exp};

// ANCHOR: discrete
/// log of the mean minus mean of the logs of positive weights given by their logs: never negative, and 0
/// only where all weights are equal, equation (3.6).
///
/// It equals KL(uniform ‖ w̃), w̃ being the weights divided by their sum.
///
/// # Errors
/// If there are no weights.
///
/// ```
/// let gap = ch03_elbo::jensen::gap(&[0.0, 2f64.ln()])?; // weights 1 and 2
/// assert!((gap - (1.5f64.ln() - 0.5 * 2f64.ln())).abs() < 1e-15);
/// # Ok::<(), prob::Error>(())
/// ```
pub fn gap(log_weights: &[f64]) -> Result<f64> {
    let mean_of_logs = log_weights.iter().sum::<f64>() / log_weights.len() as f64;
    Ok(log_mean_exp(log_weights)? - mean_of_logs)
}
// ANCHOR_END: discrete

// ANCHOR: continuous
/// log E_q\[w\] − E_q\[log w\] for a positive function w, equation (3.7).
///
/// # Errors
/// If an integral does not converge.
pub fn expected_gap(log_weight: impl Fn(f64) -> f64, q: &Gaussian) -> Result<f64> {
    let quadrature = Quadrature::default();
    let mean = quadrature.expectation(q, |z| log_weight(z).exp())?.value;
    Ok(mean.ln() - quadrature.expectation(q, log_weight)?.value)
}
// ANCHOR_END: continuous

/// KL(q ‖ q̃) with q̃ ∝ q·w, the distribution that the weights turn q into: what the gap should be. An
/// integral of its own, ∫ q (w̄ − 1 − log w̄) with w̄ = w/E_q\[w\].
///
/// # Errors
/// If an integral does not converge.
pub fn kl_to_tilted(log_weight: impl Fn(f64) -> f64, q: &Gaussian) -> Result<f64> {
    let quadrature = Quadrature::default();
    let log_mean = quadrature.expectation(q, |z| log_weight(z).exp())?.value.ln();
    let integrand = |z| prob::kl::exp_minus_one_minus(log_weight(z) - log_mean);
    Ok(quadrature.expectation(q, integrand)?.value)
}
