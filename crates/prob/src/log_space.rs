//! Arithmetic on logarithms: probabilities too small for a float are still fine as logs.

use crate::{Error, Result};
use num_traits::Float;

/// log Σᵢ exp(xᵢ), without overflow or underflow.
///
/// The largest term is taken out of the sum first. Terms of −∞ (probability 0) contribute nothing; a
/// sum of nothing is 0, so that the empty slice gives −∞; a term of +∞ gives +∞ and a NaN gives NaN.
///
/// ```
/// use prob::log_sum_exp;
/// assert!((log_sum_exp(&[-1000.0, -1000.0]) - (-1000.0 + 2f64.ln())).abs() < 1e-12);
/// assert_eq!(log_sum_exp(&[f64::NEG_INFINITY, 3.0]), 3.0);
/// assert_eq!(log_sum_exp::<f64>(&[]), f64::NEG_INFINITY);
/// ```
pub fn log_sum_exp<T: Float>(log_terms: &[T]) -> T {
    let Some(index) = index_of_largest(log_terms) else {
        return T::neg_infinity();
    };
    let largest = log_terms[index];
    if largest.is_nan() || largest.is_infinite() {
        return largest;
    }
    // The largest term is the leading 1 of ln(1 + rest): ln_1p keeps a tiny rest.
    let mut rest = T::zero();
    for (i, &term) in log_terms.iter().enumerate() {
        if i != index {
            rest = rest + (term - largest).exp();
        }
    }
    largest + rest.ln_1p()
}

/// log (1/n) Σᵢ exp(xᵢ): the log of the mean of weights that are given by their logs, as in an
/// importance-weighted estimate of a log evidence.
///
/// # Errors
/// [`Error::TooFew`] for an empty slice: a mean of nothing is undefined.
///
/// ```
/// use prob::log_mean_exp;
/// assert_eq!(log_mean_exp(&[-5000.0, -5000.0]).unwrap(), -5000.0);
/// assert!(log_mean_exp::<f64>(&[]).is_err());
/// ```
pub fn log_mean_exp<T: Float>(log_terms: &[T]) -> Result<T> {
    if log_terms.is_empty() {
        return Err(Error::TooFew { name: "log_terms", what: "a mean", least: 1 });
    }
    let n = T::from(log_terms.len()).unwrap_or_else(T::nan);
    Ok(log_sum_exp(log_terms) - n.ln())
}

/// log(1 + eˣ), the softplus, without overflow: −log of the probability of the *other* outcome when x
/// is a logit.
pub fn softplus<T: Float>(x: T) -> T {
    if x > T::zero() { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }
}

/// 1/(1 + e⁻ˣ), the logistic function, accurate in both tails.
pub fn sigmoid<T: Float>(x: T) -> T {
    if x < T::zero() { x.exp() / (T::one() + x.exp()) } else { T::one() / (T::one() + (-x).exp()) }
}

/// log(1 − eˣ) for x ≤ 0, by whichever of the two forms keeps its digits (Mächler 2012).
pub fn log_one_minus_exp<T: Float>(x: T) -> T {
    let minus_log_two = -T::one().exp2().ln();
    if x > minus_log_two { (-x.exp_m1()).ln() } else { (-x.exp()).ln_1p() }
}

fn index_of_largest<T: Float>(values: &[T]) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (i, value) in values.iter().enumerate() {
        if value.is_nan() {
            return Some(i);
        }
        if best.is_none_or(|j| *value > values[j]) {
            best = Some(i);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_sum_exp_survives_extremes() {
        let inf = f64::INFINITY;
        assert_eq!(log_sum_exp(&[-inf, -inf]), -inf);
        assert_eq!(log_sum_exp(&[-inf, inf, 0.0]), inf);
        assert!(log_sum_exp(&[1.0, f64::NAN, inf]).is_nan());
        assert_eq!(log_sum_exp(&[1e308, 1e308]), 1e308); // ln 2 is far below its last digit
        // ln(1 + e^-40) = 4.248354255291589e-18: lost by any form that adds 1 first.
        assert_eq!(log_sum_exp(&[0.0, -40.0]), 4.248354255291589e-18);
    }

    #[test]
    fn log_mean_exp_is_not_the_mean_of_the_logs() {
        let x = [0.0f64, 2.0];
        let expected = ((1.0 + 2f64.exp()) / 2.0).ln();
        // One rounding of exp, one of ln: a few units in the last place.
        assert!((log_mean_exp(&x).unwrap() - expected).abs() < 1e-15);
        assert!(log_mean_exp(&x).unwrap() > 1.0);
    }

    #[test]
    fn logistic_pair_is_consistent_in_the_tails() {
        for x in [-745.0, -40.0, -1.0, 0.0, 1e-9, 1.0, 40.0, 800.0] {
            let relative =
                |a: f64, b: f64| (a - b).abs() <= 4.0 * f64::EPSILON * b.abs().max(1e-300);
            assert!(relative(softplus(x) - softplus(-x), x) || x.abs() < 1e-3, "{x}");
            assert!(relative((-softplus(-x)).exp(), sigmoid(x)), "{x}");
        }
        assert_eq!(sigmoid(-800.0), 0.0);
        assert_eq!(softplus(-800.0), 0.0);
        // ln(1 − e^-1e-20) = ln 1e-20 and ln(1 − e^-50) = −e^-50, to the last place.
        assert_eq!(log_one_minus_exp(-1e-20), 1e-20f64.ln());
        assert_eq!(log_one_minus_exp(-50.0), -(-50f64).exp());
    }
}
