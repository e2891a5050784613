//! Special functions that the densities and the tests need.

use crate::Result;
use crate::error::probability;
use std::f64::consts::{PI, SQRT_2};

/// Φ(x) = P(N(0,1) ≤ x), with full relative accuracy in the lower tail.
///
/// ```
/// assert!((prob::special::normal_cdf(-6.0) / 9.865876450376981e-10 - 1.0).abs() < 1e-13);
/// ```
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

/// The x with Φ(x) = `p`; ∓∞ at 0 and 1. For an upper tail of probability p take
/// `-normal_quantile(p)`: 1 − p would lose p's digits.
///
/// Newton's and Halley's steps on log Φ from the tail's asymptote; the error is a few units in the last
/// place from 1e-300 to ½.
///
/// # Errors
/// [`Error::Parameter`](crate::Error::Parameter) outside [0, 1].
pub fn normal_quantile(p: f64) -> Result<f64> {
    probability("p", p)?;
    if p == 0.0 {
        return Ok(f64::NEG_INFINITY);
    }
    if p == 1.0 {
        return Ok(f64::INFINITY);
    }
    if p > 0.5 {
        // 1 − p is exact for p in [½, 1].
        return Ok(-normal_quantile(1.0 - p)?);
    }
    // Φ(−t) ≈ φ(t)/t far out: t² ≈ −2 log p − log(2π t²). A crude start is enough.
    let log_p = p.ln();
    let square = -2.0 * log_p;
    let mut x = -(square - (2.0 * PI * square.max(1.0)).ln()).max(0.0).sqrt();
    for _ in 0..50 {
        let cdf = normal_cdf(x);
        if cdf == 0.0 {
            x *= 0.5;
            continue;
        }
        // Newton on log Φ(x) − log p, which is concave and nearly quadratic in the tail.
        let score = (-0.5 * x * x).exp() / (2.0 * PI).sqrt() / cdf;
        let step = (cdf.ln() - log_p) / score;
        x -= step;
        if step.abs() <= 4.0 * f64::EPSILON * x.abs().max(1e-3) {
            break;
        }
    }
    Ok(x)
}
