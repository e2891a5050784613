//! Special functions that the densities and the tests need: the normal distribution, the tails of
//! the chi-square distribution, and Stirling's error, on which exact binomial probabilities rest.
//!
//! Tails are returned as logs, because a test at level 1e-8 looks at nothing else.

use crate::Result;
use crate::error::{positive, probability};
use crate::kl::{exp_minus_one_minus, log_ratio};
use crate::log_space::log_one_minus_exp;
use crate::search::bisect;
use std::f64::consts::{PI, SQRT_2};

/// log 2π.
pub const LOG_TWO_PI: f64 = 1.837_877_066_409_345_5;

/// Φ(x) = P(N(0,1) ≤ x), with relative accuracy in the lower tail: the error is about x² roundings.
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
/// # Errors
/// [`Error::Parameter`](crate::Error::Parameter) outside [0, 1].
///
/// ```
/// let z = -prob::special::normal_quantile(0.5e-8)?;
/// assert!((z - 5.730_728_868_236).abs() < 1e-11);
/// # Ok::<(), prob::Error>(())
/// ```
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
    // Newton on log Φ(x) = log p. log Φ is increasing and concave, so that from a start on the left every
    // step stays on the left; Φ(x) ≤ exp(−x²/2)/2 for x ≤ 0 gives such a start.
    let log_p = p.ln();
    let mut x = -(-2.0 * (log_p + 2f64.ln())).max(0.0).sqrt() - 1e-12;
    for _ in 0..60 {
        let cdf = normal_cdf(x);
        let score = (-0.5 * x * x).exp() / ((2.0 * PI).sqrt() * cdf);
        let step = (log_p - cdf.ln()) / score;
        x += step;
        if step.abs() <= f64::EPSILON * x.abs().max(0.1) {
            break;
        }
    }
    Ok(x)
}

/// Stirling's error δ(x) = log Γ(x+1) − (½ log 2πx + x log x − x), for x > 0.
///
/// The series is Loader's (2000, "Fast and accurate computation of binomial probabilities"); its error
/// from x = 16 on is below 691/360360/16¹¹ = 1.1e-16.
#[must_use]
pub fn stirling_error(x: f64) -> f64 {
    if x < 16.0 {
        return libm::lgamma(x + 1.0) - (0.5 * (LOG_TWO_PI + x.ln()) + x * x.ln() - x);
    }
    let r = 1.0 / (x * x);
    let tail = 1.0 / 1260.0 - r * (1.0 / 1680.0 - r / 1188.0);
    (1.0 / 12.0 - r * (1.0 / 360.0 - r * tail)) / x
}

/// log P(χ² ≤ x) of the chi-square distribution with `degrees` degrees of freedom.
///
/// # Errors
/// [`Error::Parameter`](crate::Error::Parameter) unless 0 < degrees ≤ 1e12 and x ≥ 0.
pub fn log_chi_square_lower_tail(x: f64, degrees: f64) -> Result<f64> {
    tails(x, degrees).map(|(lower, _)| lower)
}

/// log P(χ² > x) of the chi-square distribution with `degrees` degrees of freedom.
///
/// # Errors
/// [`Error::Parameter`](crate::Error::Parameter) unless 0 < degrees ≤ 1e12 and x ≥ 0.
///
/// ```
/// // Two degrees of freedom are an exponential law: P(χ² > x) = e^(−x/2), here far below any float.
/// let tail = prob::special::log_chi_square_upper_tail(4000.0, 2.0)?;
/// assert!((tail + 2000.0).abs() < 1e-10);
/// # Ok::<(), prob::Error>(())
/// ```
pub fn log_chi_square_upper_tail(x: f64, degrees: f64) -> Result<f64> {
    tails(x, degrees).map(|(_, upper)| upper)
}

/// The x with log P(χ² ≤ x) = `log_p`: a lower quantile, as in the left end of a variance test.
///
/// # Errors
/// [`Error::Parameter`](crate::Error::Parameter) unless 0 < degrees ≤ 1e12 and `log_p` < 0.
pub fn chi_square_lower_quantile(log_p: f64, degrees: f64) -> Result<f64> {
    positive("-log_p", -log_p)?;
    check_degrees(degrees)?;
    Ok(chi_square_search(degrees, |lower, _| lower < log_p))
}

/// The x with log P(χ² > x) = `log_p`: an upper quantile.
///
/// # Errors
/// [`Error::Parameter`](crate::Error::Parameter) unless 0 < degrees ≤ 1e12 and `log_p` < 0.
pub fn chi_square_upper_quantile(log_p: f64, degrees: f64) -> Result<f64> {
    positive("-log_p", -log_p)?;
    check_degrees(degrees)?;
    Ok(chi_square_search(degrees, |_, upper| upper > log_p))
}

/// The sums have some √degrees terms: a million at the limit.
fn check_degrees(degrees: f64) -> Result<()> {
    if degrees > 0.0 && degrees <= 1e12 {
        return Ok(());
    }
    let expected = "degrees of freedom above 0 and up to 1e12";
    Err(crate::Error::Parameter { name: "degrees", value: degrees, expected })
}

fn chi_square_search(degrees: f64, is_below: impl Fn(f64, f64) -> bool) -> f64 {
    let is_below = |x: f64| {
        let (lower, upper) = log_gamma_tails(0.5 * degrees, 0.5 * x);
        is_below(lower, upper)
    };
    let mut high = degrees.max(1.0);
    while is_below(high) && high < f64::MAX / 2.0 {
        high *= 2.0;
    }
    bisect(0.0, high, is_below)
}

fn tails(x: f64, degrees: f64) -> Result<(f64, f64)> {
    check_degrees(degrees)?;
    if x.is_nan() || x < 0.0 {
        return Err(crate::Error::Parameter {
            name: "x",
            value: x,
            expected: "a number from 0 on",
        });
    }
    Ok(log_gamma_tails(0.5 * degrees, 0.5 * x))
}

/// log P(a, x) and log Q(a, x), the regularised incomplete gamma functions (DLMF 8.2.4): by the power
/// series (DLMF 8.7.1) below the mean and Legendre's continued fraction (DLMF 8.9.2) above it.
fn log_gamma_tails(a: f64, x: f64) -> (f64, f64) {
    if x == 0.0 {
        return (f64::NEG_INFINITY, 0.0);
    }
    if x == f64::INFINITY {
        return (0.0, f64::NEG_INFINITY);
    }
    // log(xᵃ e⁻ˣ/Γ(a+1)) without the cancellation between its terms.
    let log_front =
        -a * exp_minus_one_minus(log_ratio(x, a)) - 0.5 * (LOG_TWO_PI + a.ln()) - stirling_error(a);
    if x < a + 1.0 {
        let (mut sum, mut term, mut k) = (1.0, 1.0, a);
        while term > f64::EPSILON * sum {
            k += 1.0;
            term *= x / k;
            sum += term;
        }
        let lower = (log_front + f64::ln(sum)).min(0.0);
        (lower, log_one_minus_exp(lower))
    } else {
        let upper = (log_front + a.ln() + legendre_fraction(a, x).ln()).min(0.0);
        (log_one_minus_exp(upper), upper)
    }
}

/// 1/(x+1−a − 1(1−a)/(x+3−a − 2(2−a)/(x+5−a − …))), by the method of Lentz as modified by Thompson and
/// Barnett (1986).
fn legendre_fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let nonzero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / nonzero(b);
    let mut fraction = d;
    // About √a steps are needed around the mean; the limit is never met for a < 1e12.
    for i in 1..10_000_000u32 {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = 1.0 / nonzero(b + numerator * d);
        c = nonzero(b + numerator / c);
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    fraction
}
