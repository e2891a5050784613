//! One Gaussian for a density with two modes, by each of the two divergences: equations (6.21) and (6.22).

use prob::{Gaussian, Mixture, Quadrature};
use thiserror::Error;

// ANCHOR: forward
/// The q that minimises KL(target ‖ q), equation (6.21): the Gaussian with the target's mean and variance.
///
/// log q is quadratic, so the target enters through these two numbers only. It has to put mass wherever
/// the target has some.
///
/// # Errors
/// If the target has no finite moments.
pub fn forward_fit(target: &Mixture<Gaussian>) -> prob::Result<Gaussian> {
    Gaussian::new(target.mean(), target.variance().sqrt())
}
// ANCHOR_END: forward

/// KL(target ‖ q), by quadrature component by component.
///
/// # Errors
/// If an integral does not converge.
pub fn forward_kl(target: &Mixture<Gaussian>, q: &Gaussian) -> prob::Result<f64> {
    let parts = target.components().iter().zip(target.weights()).map(|(component, weight)| {
        let log_ratio = |x| log_density(target, x) - q.log_density(x);
        Ok(weight * Quadrature::default().expectation(component, log_ratio)?.value)
    });
    parts.sum()
}

/// KL(q ‖ target), by quadrature.
///
/// # Errors
/// If the integral does not converge.
pub fn reverse_kl(q: &Gaussian, target: &Mixture<Gaussian>) -> prob::Result<f64> {
    let log_ratio = |x| q.log_density(x) - log_density(target, x);
    Ok(Quadrature::default().expectation(q, log_ratio)?.value)
}

/// Why no fit was found.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum FitError {
    /// The descent has not arrived.
    #[error(
        "the gradient of KL(q ‖ target) is still {slope} after {steps} steps; start nearer to a mode of \
         the target, or with a standard deviation of its size"
    )]
    NotConverged {
        /// The larger of the two derivatives.
        slope: f64,
        /// Steps taken.
        steps: usize,
    },
    /// The numbers left the range where densities exist.
    #[error(transparent)]
    Density(#[from] prob::Error),
}

// ANCHOR: reverse
/// A q at which KL(q ‖ target) is stationary, equation (6.22), with the way there: descent from `start`.
///
/// With x = μ + σε the derivatives are ∂/∂μ = −E[∂ₓ log target(x)] and ∂/∂log σ = −1 − E[σε ∂ₓ log
/// target(x)]. Each step goes down by `rate` of them, divided by the Fisher information of q, 1/σ² and 2:
/// then a step has the same meaning for narrow and for wide q. A rate of 0.2 is safe where q is wide, too.
///
/// # Errors
/// [`FitError::NotConverged`] after 10 000 steps.
pub fn reverse_fit(
    target: &Mixture<Gaussian>,
    start: &Gaussian,
    rate: f64,
) -> Result<Vec<Gaussian>, FitError> {
    const STEPS: usize = 10_000;
    let mut path = vec![*start];
    let mut q = *start;
    let mut slope = f64::INFINITY;
    for _ in 0..STEPS {
        let [by_mean, by_log_sigma] = reverse_gradient(target, &q)?;
        slope = (q.sigma() * by_mean).abs().max(by_log_sigma.abs());
        if slope < 1e-10 {
            return Ok(path);
        }
        let mean = q.mean() - rate * q.sigma() * q.sigma() * by_mean;
        q = Gaussian::new(mean, q.sigma() * (-rate * 0.5 * by_log_sigma).exp())?;
        path.push(q);
    }
    Err(FitError::NotConverged { slope, steps: STEPS })
}

/// The derivatives of KL(q ‖ target) with respect to q's mean and log σ.
fn reverse_gradient(target: &Mixture<Gaussian>, q: &Gaussian) -> prob::Result<[f64; 2]> {
    let under_q = |f: &dyn Fn(f64) -> f64| Quadrature::default().expectation(q, f);
    let score_mean = under_q(&|x| score(target, x))?.value;
    let score_noise = under_q(&|x| (x - q.mean()) * score(target, x))?.value;
    Ok([-score_mean, -1.0 - score_noise])
}
// ANCHOR_END: reverse

/// ∂ₓ log target(x) = Σₖ P(k | x) (μₖ − x)/σₖ²
#[must_use]
pub fn score(target: &Mixture<Gaussian>, x: f64) -> f64 {
    let Ok(log_responsibilities) = target.log_responsibilities(&x) else { return f64::NAN };
    let slopes = target.components().iter().map(|c| (c.mean() - x) / (c.sigma() * c.sigma()));
    slopes.zip(log_responsibilities).map(|(slope, log_r)| slope * log_r.exp()).sum()
}

/// The target's log-density at a point of the line.
#[must_use]
pub fn log_density(target: &Mixture<Gaussian>, x: f64) -> f64 {
    target.log_density(&x).unwrap_or(f64::NAN)
}
