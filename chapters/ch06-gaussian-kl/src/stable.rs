//! Where the closed form meets floating-point numbers: nearly equal pairs, and very different ones.
//! Equations (6.14) and (6.15).

use std::fmt::Display;

use nn::Adam;
use num_traits::Float;
use prob::kl::exp_minus_one_minus;
use prob::number;
use thiserror::Error;

use crate::{kl_to_standard, kl_to_standard_gradient};

// ANCHOR: stable
/// The closed form as a sum of two terms that are never negative, equation (6.14):
/// ½ g(v₁ − v₂) + ½ ((μ₁ − μ₂)/σ₂)² with g(u) = eᵘ − 1 − u and vᵢ = log σᵢ².
///
/// Nothing cancels between the terms, and `prob` computes g by its series where eᵘ − 1 and u agree. For
/// pairs that differ by δ the divergence is of the order δ², and this form has all its digits.
///
/// ```
/// use ch06_gaussian_kl::{gaussian_kl_from_log_var, stable_kl};
/// let (log_var1, log_var2) = (2f64.powi(-30), 0.0);
/// let series = 0.25 * log_var1 * log_var1; // ½ g(u) = u²/4 + u³/12 + …
/// assert!((stable_kl(0.0, log_var1, 0.0, log_var2) / series - 1.0).abs() < 1e-9);
/// // As derived, (6.7), nothing is left of it.
/// assert!((gaussian_kl_from_log_var(0.0, log_var1, 0.0, log_var2) / series - 1.0).abs() > 0.1);
/// ```
pub fn stable_kl<T: Float>(mean1: T, log_var1: T, mean2: T, log_var2: T) -> T {
    let half = number::<T>(0.5);
    let distance = (mean1 - mean2) * (-half * log_var2).exp();
    half * exp_minus_one_minus(log_var1 - log_var2) + half * distance * distance
}
// ANCHOR_END: stable

/// What training needs of one coordinate of a VAE's regulariser.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training<T> {
    /// KL(N(μ, σ²) ‖ N(0, 1))
    pub kl: T,
    /// Its derivatives with respect to μ and log σ².
    pub gradient: [T; 2],
}

/// A number that the float in use cannot hold.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum KlError {
    /// The divergence, its gradient or the gradient's square is infinite or not a number.
    #[error(
        "{quantity} is {value} at mean {mean} and log-variance {log_var}: too large for this float; \
         compute in f64, or keep the log-variance below {limit} by clamping the network's output"
    )]
    NotFinite {
        /// What overflowed.
        quantity: &'static str,
        /// What it became.
        value: String,
        /// The mean that it happened at.
        mean: String,
        /// The log-variance that it happened at.
        log_var: String,
        /// Up to where nothing overflows.
        limit: i32,
    },
}

// ANCHOR: training
/// The divergence and its gradient for a training step: finite, squares of the gradient included, or an
/// error. An optimiser that squares its gradients, such as Adam, turns an infinite square into a parameter
/// that never moves again, and an infinite gradient into NaN.
///
/// # Errors
/// [`KlError::NotFinite`] with the quantity that overflowed and what to do about it.
///
/// ```
/// use ch06_gaussian_kl::kl_for_training;
/// assert!(kl_for_training(0.0f32, -80.0).is_ok());
/// let error = kl_for_training(0.0f32, 100.0).unwrap_err().to_string();
/// assert!(error.contains("the divergence is inf at mean 0 and log-variance 100"));
/// ```
pub fn kl_for_training<T: Float + Display>(mean: T, log_var: T) -> Result<Training<T>, KlError> {
    let kl = kl_to_standard(mean, log_var);
    let gradient = kl_to_standard_gradient(mean, log_var);
    let quantities = [
        ("the divergence", kl),
        ("the square of the gradient by the mean", gradient[0] * gradient[0]),
        ("the square of the gradient by the log-variance", gradient[1] * gradient[1]),
    ];
    match quantities.iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(Training { kl, gradient }),
        Some((quantity, value)) => Err(KlError::NotFinite {
            quantity,
            value: value.to_string(),
            mean: mean.to_string(),
            log_var: log_var.to_string(),
            // (½ e^v)² stays below the largest float up to half its logarithm.
            limit: (number::<T>(0.5) * T::max_value().ln()).to_i32().unwrap_or(0),
        }),
    }
}

/// The first step of Adam down the divergence, in single precision as networks compute: the new mean and
/// log-variance.
///
/// # Errors
/// As [`kl_for_training`].
pub fn adam_step(learning_rate: f64, mean: f32, log_var: f32) -> Result<[f32; 2], KlError> {
    let gradient = kl_for_training(mean, log_var)?.gradient;
    let (mut parameters, mut first, mut second) = ([mean, log_var], [0.0; 2], [0.0; 2]);
    let step = Adam::new(learning_rate).at_step::<f32>(1);
    step.update(&mut parameters, &gradient, &mut first, &mut second);
    Ok(parameters)
}
// ANCHOR_END: training
