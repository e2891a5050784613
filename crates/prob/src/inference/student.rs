//! Student's t: what a few runs say of a mean.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

use super::Interval;
use crate::{Error, Result};

/// P(T ≤ t) of Student's t with so many degrees of freedom, by the finite sums for whole numbers of them (Abramowitz & Stegun
/// 1964, 26.7.3 and 26.7.4).
///
/// # Errors
/// If there are no degrees of freedom, or t is no number.
pub fn cdf(t: f64, degrees: u64) -> Result<f64> {
    let refuse = |name, value, expected| Err(Error::Parameter { name, value, expected });
    if degrees == 0 {
        return refuse("degrees", 0.0, "one degree of freedom at least");
    }
    if t.is_nan() {
        return refuse("t", t, "a number");
    }
    let angle = (t / (degrees as f64).sqrt()).atan();
    let (sin, cos) = angle.sin_cos();
    // 1 + ½ cos² + ½·¾ cos⁴ + … for an even number, cos + ⅔ cos³ + ⅔·⅘ cos⁵ + … for an odd one.
    let odd = degrees % 2 == 1;
    let mut term = if odd { cos } else { 1.0 };
    let mut sum = if odd && degrees == 1 { 0.0 } else { term };
    for k in ((2 + degrees % 2)..degrees.saturating_sub(1)).step_by(2) {
        term *= cos * cos * (k - 1) as f64 / k as f64;
        sum += term;
    }
    let within = if odd { FRAC_2_PI * (angle + sin * sum) } else { sin * sum };
    Ok(0.5 + 0.5 * within)
}

/// The number that |T| stays below with probability `confidence`.
///
/// # Errors
/// As for [`cdf`], or if the confidence is no probability between 0 and 1.
pub fn two_sided_quantile(confidence: f64, degrees: u64) -> Result<f64> {
    if !(confidence > 0.0 && confidence < 1.0) {
        let expected = "a probability between 0 and 1, neither included";
        return Err(Error::Parameter { name: "confidence", value: confidence, expected });
    }
    // T = √degrees·tan(angle), and the angle lies between 0 and π/2.
    let value = |angle: f64| (degrees as f64).sqrt() * angle.tan();
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        let within = 2.0 * cdf(value(middle), degrees)? - 1.0;
        if within < confidence { low = middle } else { high = middle }
    }
    Ok(value(0.5 * (low + high)))
}

/// The confidence interval for the mean of normal figures whose variance is not known (Student 1908): mean ± t·s/√n, where
/// s² = Σ(x − mean)²/(n − 1) and t is the quantile with n − 1 degrees of freedom.
///
/// # Errors
/// If there are fewer than two figures, one is not finite, or the confidence is no probability between 0 and 1.
pub fn mean_interval(figures: &[f64], confidence: f64) -> Result<Interval> {
    super::check_sample(figures, 2)?;
    let n = figures.len() as f64;
    let mean = figures.iter().sum::<f64>() / n;
    let squares: f64 = figures.iter().map(|x| (x - mean) * (x - mean)).sum();
    let half = two_sided_quantile(confidence, figures.len() as u64 - 1)?
        * (squares / (n - 1.0) / n).sqrt();
    Ok(Interval { lower: mean - half, upper: mean + half })
}
