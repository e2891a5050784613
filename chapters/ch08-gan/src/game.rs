//! The game in one dimension, where everything about it is known: p is the density of the data, q that of
//! what the generator makes.

use nn::Scalar;
use num_traits::Float;
use prob::gaussian::standard_log_density;
use prob::{Gaussian, Mixture, Quadrature};

use crate::loss::{generated_loss, real_loss};

// ANCHOR: value
/// V(D, G) = E_p[log D(x)] + E_q[log(1 − D(x))], equation (8.1), for the discriminator with this logit.
///
/// # Errors
/// If an integral does not converge.
pub fn value(p: &Gaussian, q: &Gaussian, logit: impl Fn(f64) -> f64) -> prob::Result<f64> {
    let on_real = expectation(p, q, |x| -real_loss(logit(x)))?;
    let on_generated = expectation(q, p, |x| -generated_loss(logit(x)))?;
    Ok(on_real + on_generated)
}

/// E f(x) for x from one Gaussian, where f changes at another one as well. Break points around both, and where their
/// densities are equal, keep narrow peaks from falling between the nodes.
///
/// # Errors
/// If the integral does not converge.
pub(crate) fn expectation(
    of: &Gaussian,
    other: &Gaussian,
    f: impl Fn(f64) -> f64,
) -> prob::Result<f64> {
    // In units of the first one.
    let in_units = |z: f64| f(of.mean() + of.sigma() * z);
    let integrand = |z: f64| {
        let density = standard_log_density(z).exp();
        if density == 0.0 { 0.0 } else { density * in_units(z) }
    };
    let points = break_points((other.mean() - of.mean()) / of.sigma(), other.sigma() / of.sigma());
    // An integral that cancels has no more digits than its integrand.
    let size = [-2.0, -1.0, 1.0, 2.0].map(|z| in_units(z).abs()).into_iter().fold(1.0, f64::max);
    let quadrature = Quadrature { absolute_tolerance: 1e-13 * size, ..Quadrature::default() };
    Ok(quadrature.integrate_between(integrand, &points)?.value)
}
// ANCHOR_END: value

/// Between what points to integrate under N(0, 1), if the other Gaussian is N(`mean`, `sigma`²).
fn break_points(mean: f64, sigma: f64) -> Vec<f64> {
    /// Standard deviations within which a Gaussian has all but 10⁻¹⁵ of its mass.
    const REACH: f64 = 8.0;
    /// Standard deviations beyond which the density is 0 in double precision.
    const END: f64 = 39.0;
    // The two densities are equal where az² + bz + c = 0.
    let precision = (sigma * sigma).recip();
    let (a, b) = (0.5 * (precision - 1.0), -mean * precision);
    let c = 0.5 * mean * mean * precision + sigma.ln();
    let larger = -0.5 * (b + (b * b - 4.0 * a * c).sqrt().copysign(b));
    let around =
        [-REACH, REACH, mean - REACH * sigma, mean + REACH * sigma, larger / a, c / larger];
    let mut points: Vec<f64> = around.into_iter().filter(|z| z.abs() < END).collect();
    points.extend([f64::NEG_INFINITY, f64::INFINITY]);
    points.sort_by(f64::total_cmp);
    points
}

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
    let kl_to_m = |from: &Gaussian, other: &Gaussian| {
        let log_ratio = |x| from.log_density(x) - m.log_density(&x).unwrap_or(f64::NAN);
        expectation(from, other, log_ratio)
    };
    Ok(0.5 * kl_to_m(p, q)? + 0.5 * kl_to_m(q, p)?)
}
// ANCHOR_END: jsd

// ANCHOR: logistic
/// D* for N(0, 1) as data against N(θ, 1), equation (8.7): σ(θ²/2 − θx), a logistic regression.
pub fn logistic_discriminator(theta: f64, x: f64) -> f64 {
    Scalar::sigmoid(0.5 * theta * theta - theta * x)
}
// ANCHOR_END: logistic

#[cfg(test)]
mod tests {
    use super::*;

    /// The narrow one lies where the wide one's nodes are far apart; without break points the value was off by 2·10⁻³.
    #[test]
    fn a_narrow_generator_beside_wide_data_is_not_missed() -> prob::Result<()> {
        let (p, q) = (Gaussian::new(0.0, 1.0)?, Gaussian::new(-3.6, 0.05)?);
        let difference = value_at_optimum(&p, &q)? - 2.0 * jensen_shannon(&p, &q)?;
        assert!((difference + 4f64.ln()).abs() < 1e-11, "{difference}");
        Ok(())
    }

    /// E x = 0, where x is large.
    #[test]
    fn an_integral_that_cancels_is_zero_in_units_of_its_integrand() -> prob::Result<()> {
        let (wide, narrow) = (Gaussian::new(0.0, 1e3)?, Gaussian::new(0.0, 1.0)?);
        assert!(expectation(&wide, &narrow, |x| x)?.abs() < 1e-9);
        Ok(())
    }
}
