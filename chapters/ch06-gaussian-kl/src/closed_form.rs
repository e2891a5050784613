//! From the definition to the closed form: equations (6.1) to (6.7).

use num_traits::Float;
use prob::{Gaussian, Integral, Quadrature, number};

use crate::estimators::LogRatio;

// ANCHOR: definition
/// KL(p ‖ q) = E_p[log p(x) − log q(x)], equation (6.1), as the integral that it is.
///
/// # Errors
/// If the integral does not converge to [`Quadrature::default`]'s tolerance.
pub fn kl_by_definition(p: &Gaussian, q: &Gaussian) -> prob::Result<Integral> {
    Quadrature::default().expectation(p, |x| p.log_density(x) - q.log_density(x))
}
// ANCHOR_END: definition

/// The same integral over the noise ε = (x − μ₁)/σ₁, equations (6.2) and (6.17). It keeps its digits where
/// x itself has none to spare, as with a mean of 10⁶ and a standard deviation of 10⁻³.
///
/// # Errors
/// As [`kl_by_definition`].
pub fn kl_by_noise(p: &Gaussian, q: &Gaussian) -> prob::Result<Integral> {
    let log_ratio = LogRatio::between(p, q);
    Quadrature::default().expectation(&Gaussian::standard(), |noise| -log_ratio.at(noise))
}

// ANCHOR: expected-square
/// E(X − m)² = σ² + (μ − m)² for X ~ N(μ, σ²), equation (6.3).
///
/// ```
/// // Half a unit from the mean adds a quarter to the variance.
/// assert_eq!(ch06_gaussian_kl::expected_square(1.0, 2.0, 1.5), 4.25);
/// ```
pub fn expected_square<T: Float>(mean: T, sigma: T, about: T) -> T {
    sigma * sigma + (mean - about) * (mean - about)
}
// ANCHOR_END: expected-square

// ANCHOR: closed-form
/// KL(N(μ₁, σ₁²) ‖ N(μ₂, σ₂²)) = log(σ₂/σ₁) + (σ₁² + (μ₁ − μ₂)²)/(2σ₂²) − ½, equation (6.4).
///
/// Written as it is derived. Where the two nearly agree its terms cancel: [`stable_kl`](crate::stable_kl).
///
/// ```
/// use ch06_gaussian_kl::gaussian_kl;
/// assert_eq!(gaussian_kl(3.0, 1.0, 1.0, 1.0), 2.0);
/// assert_ne!(gaussian_kl(0.0, 1.0, 0.0, 2.0), gaussian_kl(0.0, 2.0, 0.0, 1.0));
/// ```
pub fn gaussian_kl<T: Float>(mean1: T, sigma1: T, mean2: T, sigma2: T) -> T {
    let (half, two) = (number::<T>(0.5), number::<T>(2.0));
    let square = expected_square(mean1, sigma1, mean2);
    (sigma2 / sigma1).ln() + square / (two * sigma2 * sigma2) - half
}
// ANCHOR_END: closed-form

// ANCHOR: standard
/// KL(N(μ, σ²) ‖ N(0, 1)) = ½(μ² + σ² − log σ² − 1), equation (6.5).
///
/// ```
/// assert_eq!(ch06_gaussian_kl::kl_to_standard(2.0, 0.0), 2.0);
/// ```
pub fn kl_to_standard<T: Float>(mean: T, log_var: T) -> T {
    number::<T>(0.5) * (mean * mean + log_var.exp() - log_var - T::one())
}
// ANCHOR_END: standard

/// ½(s² − s − log s), equation (6.6): by how much KL(N(μ, ·) ‖ N(0, 1)) is larger if s is a standard
/// deviation than if it is a variance. It does not depend on μ.
pub fn notation_gap<T: Float>(s: T) -> T {
    number::<T>(0.5) * (s * s - s - s.ln())
}

// ANCHOR: log-var
/// The closed form from log-variances, equation (6.7), with vᵢ = log σᵢ²:
/// ½(v₂ − v₁ + e^(v₁ − v₂) + (μ₁ − μ₂)² e^(−v₂) − 1).
///
/// ```
/// use ch06_gaussian_kl::{gaussian_kl, gaussian_kl_from_log_var};
/// let from_log_var = gaussian_kl_from_log_var(0.0, 0.0, 1.0, 4f64.ln());
/// assert!((from_log_var - gaussian_kl(0.0, 1.0, 1.0, 2.0)).abs() < 1e-15);
/// ```
pub fn gaussian_kl_from_log_var<T: Float>(mean1: T, log_var1: T, mean2: T, log_var2: T) -> T {
    let shift = mean1 - mean2;
    let change = log_var1 - log_var2;
    number::<T>(0.5) * (change.exp() - change + shift * shift * (-log_var2).exp() - T::one())
}
// ANCHOR_END: log-var
