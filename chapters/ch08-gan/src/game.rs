//! The game in one dimension, where everything about it is known: p is the density of the data, q that of
//! what the generator makes.

use nn::Scalar;
use num_traits::Float;
use prob::{Gaussian, Mixture, Quadrature};

use crate::loss::{generated_loss, real_loss};

// ANCHOR: value
/// V(D, G) = E_p[log D(x)] + E_q[log(1 − D(x))], equation (8.1), for the discriminator with this logit.
///
/// # Errors
/// If an integral does not converge.
pub fn value(p: &Gaussian, q: &Gaussian, logit: impl Fn(f64) -> f64) -> prob::Result<f64> {
    let quadrature = Quadrature::default();
    let on_real = quadrature.expectation(p, |x| -real_loss(logit(x)))?;
    let on_generated = quadrature.expectation(q, |x| -generated_loss(logit(x)))?;
    Ok(on_real.value + on_generated.value)
}
// ANCHOR_END: value

// ANCHOR: payoff
/// p log D + q log(1 − D): what one point x adds to the value, if p and q are the densities there and D the
/// discriminator's answer.
pub fn payoff<T: Float>(p: T, q: T, d: T) -> T {
    p * d.ln() + q * (T::one() - d).ln()
}

/// D* = p/(p + q), equation (8.3): the answer that makes [`payoff`] largest.
pub fn optimal_discriminator(p: f64, q: f64) -> f64 {
    p / (p + q)
}

/// Its logit: ℓ* = log p(x) − log q(x).
pub fn optimal_logit(p: &Gaussian, q: &Gaussian, x: f64) -> f64 {
    p.log_density(x) - q.log_density(x)
}
// ANCHOR_END: payoff

/// V(D*, G): the value of the game against the best discriminator, by inserting it into [`value`].
///
/// # Errors
/// If an integral does not converge.
pub fn value_at_optimum(p: &Gaussian, q: &Gaussian) -> prob::Result<f64> {
    value(p, q, |x| optimal_logit(p, q, x))
}

// ANCHOR: jsd
/// JSD(p, q) = ½ KL(p ‖ m) + ½ KL(q ‖ m) with m = ½(p + q), equation (8.5), by its definition.
///
/// # Errors
/// If an integral does not converge.
pub fn jensen_shannon(p: &Gaussian, q: &Gaussian) -> prob::Result<f64> {
    let m = Mixture::new(&[0.5, 0.5], vec![*p, *q])?;
    let kl_to_m = |from: &Gaussian| {
        let log_ratio = |x| from.log_density(x) - m.log_density(&x).unwrap_or(f64::NAN);
        Quadrature::default().expectation(from, log_ratio)
    };
    Ok(0.5 * kl_to_m(p)?.value + 0.5 * kl_to_m(q)?.value)
}
// ANCHOR_END: jsd

// ANCHOR: logistic
/// D* for N(0, 1) as data against N(θ, 1), equation (8.7): σ(θ²/2 − θx), a logistic regression.
pub fn logistic_discriminator(theta: f64, x: f64) -> f64 {
    Scalar::sigmoid(0.5 * theta * theta - theta * x)
}
// ANCHOR_END: logistic
