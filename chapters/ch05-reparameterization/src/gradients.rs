//! One gradient, two estimators: equations (5.5) to (5.7).
//!
//! The gradient of E f(z) over z ~ N(mean, σ²), from one draw z = mean + σε.

// ANCHOR: two-estimators
/// f′(z) ∂z/∂(mean, log σ²), equation (5.6): the slope of f where the draw fell, times how the draw moves.
#[must_use]
pub fn pathwise_gradient(slope: f64, noise: f64, log_var: f64) -> [f64; 2] {
    let sigma = (0.5 * log_var).exp();
    [slope, 0.5 * sigma * noise * slope]
}

/// The score ∂ log q(z)/∂(mean, log σ²) at fixed z = mean + σε: ε/σ and ½(ε² − 1). Its mean is 0.
#[must_use]
pub fn score(noise: f64, log_var: f64) -> [f64; 2] {
    [noise * (-0.5 * log_var).exp(), 0.5 * (noise * noise - 1.0)]
}

/// f(z) ∂ log q(z)/∂(mean, log σ²), equation (5.7): the value of f, times how the density changes there.
#[must_use]
pub fn score_function_gradient(value: f64, noise: f64, log_var: f64) -> [f64; 2] {
    score(noise, log_var).map(|score| value * score)
}
// ANCHOR_END: two-estimators
