//! The gradient, by hand: equations (6.8) and (6.9).

use num_traits::Float;
use prob::number;

// ANCHOR: standard-gradient
/// The derivatives of KL(N(μ, σ²) ‖ N(0, 1)) with respect to μ and log σ²: μ and ½(σ² − 1), equation (6.8).
pub fn kl_to_standard_gradient<T: Float>(mean: T, log_var: T) -> [T; 2] {
    // exp_m1 keeps the digits near the minimum, where σ² − 1 is nearly 0.
    [mean, number::<T>(0.5) * log_var.exp_m1()]
}
// ANCHOR_END: standard-gradient

/// The derivatives of KL(p ‖ q) with respect to all four parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradient<T> {
    /// ∂/∂μ₁
    pub mean1: T,
    /// ∂/∂ log σ₁²
    pub log_var1: T,
    /// ∂/∂μ₂
    pub mean2: T,
    /// ∂/∂ log σ₂²
    pub log_var2: T,
}

// ANCHOR: gradient
/// The gradient of the closed form with respect to means and log-variances, equation (6.9).
///
/// ```
/// use ch06_gaussian_kl::gaussian_kl_gradient;
/// // Equal variances: pulling the means together is all there is to gain on the side of p.
/// let gradient = gaussian_kl_gradient(1.0, 0.0, -1.0, 0.0);
/// assert_eq!((gradient.mean1, gradient.log_var1), (2.0, 0.0));
/// assert_eq!((gradient.mean2, gradient.log_var2), (-2.0, -2.0));
/// ```
pub fn gaussian_kl_gradient<T: Float>(mean1: T, log_var1: T, mean2: T, log_var2: T) -> Gradient<T> {
    let half = number::<T>(0.5);
    let shift = mean1 - mean2;
    let precision2 = (-log_var2).exp();
    let by_log_var1 = half * (log_var1 - log_var2).exp_m1();
    Gradient {
        mean1: shift * precision2,
        log_var1: by_log_var1,
        mean2: -shift * precision2,
        log_var2: -by_log_var1 - half * shift * shift * precision2,
    }
}
// ANCHOR_END: gradient
