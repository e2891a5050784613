//! Whose density is it? What the model gives to the data, and what the data's own density would: equation
//! (2.6).

use prob::{FullGaussian, Gaussian, Mixture, Quadrature};

// ANCHOR: expected
/// E[log p_θ(x)] over data from `data`, equation (2.6): −H(data) − KL(data ‖ p_θ), both Gaussian.
///
/// It is never more than −H(data), which is what the data's own density would give.
///
/// # Errors
/// [`prob::Error::Dimension`] if the dimensions differ.
pub fn expected_log_evidence(data: &FullGaussian, model: &FullGaussian) -> prob::Result<f64> {
    Ok(-data.entropy() - data.kl(model)?)
}
// ANCHOR_END: expected

/// The same for data from a mixture on the line, by quadrature: two groups of students, where the model
/// knows of one.
///
/// # Errors
/// If the integral does not converge.
pub fn expected_log_density(
    data: &Mixture<Gaussian>,
    log_density: impl Fn(f64) -> f64,
) -> prob::Result<f64> {
    let parts = data.weights().iter().zip(data.components()).map(|(weight, component)| {
        Ok(weight * Quadrature::default().expectation(component, &log_density)?.value)
    });
    parts.sum()
}
