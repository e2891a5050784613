//! Closed forms of the Kullback-Leibler divergence KL(q ‖ p) = E_q[log q − log p], in nats.
//!
//! # One function carries them all
//! With g(u) = eᵘ − 1 − u ≥ 0,
//!
//! - Gaussians: ½ g(log σ₁² − log σ₂²) + ½ ((μ₁ − μ₂)/σ₂)²,
//! - tables of probabilities: Σ pᵢ g(log qᵢ/pᵢ), because Σ pᵢ (qᵢ/pᵢ − 1) = 0.
//!
//! Every term is non-negative, so nothing cancels *between* terms; and g itself is computed without
//! cancellation (a series for small u). That is what keeps all the digits when the two distributions are
//! nearly equal and the divergence is 1e-20, where the textbook forms return rounding noise, often of
//! the wrong sign.
//!
//! The functions take bare numbers, generic over the float, and check lengths only: NaN in, NaN out.
//! The validated types ([`Gaussian`](crate::Gaussian), [`Categorical`](crate::Categorical), …) have a
//! `kl` method each. The first distribution is always the one that the expectation is taken under.

use crate::Result;
use crate::error::same_length;
use crate::log_space::{sigmoid, softplus};
use num_traits::Float;

/// eᵘ − 1 − u, never negative, to full relative accuracy.
///
/// This is the Bregman divergence of the exponential function; it is about u²/2 near 0, where
/// `exp_m1(u) - u` would lose all of it.
pub fn exp_minus_one_minus<T: Float>(u: T) -> T {
    let number = |k: f64| T::from(k).unwrap_or_else(T::nan);
    if u.abs() >= number(0.5) {
        // At |u| ≥ ½ the difference is at least a fifth of its terms: a few roundings at most.
        return if u == T::infinity() { u } else { u.exp_m1() - u };
    }
    // u²/2 (1 + u/3 (1 + u/4 (…))): the first term left out is below 2⁻¹⁵·2/17! = 2e-19.
    let mut series = T::one();
    for k in (3..=16).rev() {
        series = T::one() + series * u / number(f64::from(k));
    }
    number(0.5) * u * u * series
}

/// KL(N(mean1, σ₁²) ‖ N(mean2, σ₂²)) from log-variances.
///
/// log(σ₂/σ₁) + (σ₁² + (μ₁ − μ₂)²)/(2σ₂²) − ½, arranged as
/// ½ g(log σ₁² − log σ₂²) + ½ ((μ₁ − μ₂)/σ₂)².
///
/// ```
/// use prob::kl;
/// // Only the means differ: half the squared distance in units of σ.
/// assert!((kl::gaussian(3.0, 0.0, 1.0, 0.0) - 2.0f64).abs() < 1e-15);
/// // The two directions are different numbers.
/// assert!(kl::gaussian(0.0, 0.0, 0.0, 2.0f64) < kl::gaussian(0.0, 2.0, 0.0, 0.0));
/// ```
pub fn gaussian<T: Float>(mean1: T, log_var1: T, mean2: T, log_var2: T) -> T {
    let half = half::<T>();
    let distance = (mean1 - mean2) * (-half * log_var2).exp();
    half * exp_minus_one_minus(log_var1 - log_var2) + half * distance * distance
}

/// [`gaussian`] from standard deviations instead of log-variances.
pub fn gaussian_from_sigma<T: Float>(mean1: T, sigma1: T, mean2: T, sigma2: T) -> T {
    let half = half::<T>();
    let log_ratio = log_ratio(sigma1, sigma2);
    let distance = (mean1 - mean2) / sigma2;
    half * exp_minus_one_minus(log_ratio + log_ratio) + half * distance * distance
}

/// KL(N(mean, σ²) ‖ N(0, 1)) = ½ (μ² + σ² − log σ² − 1): one coordinate of a VAE's regulariser.
///
/// ```
/// assert_eq!(prob::kl::gaussian_standard(2.0f64, 0.0), 2.0);
/// assert_eq!(prob::kl::gaussian_standard(0.0f64, 0.0), 0.0);
/// ```
pub fn gaussian_standard<T: Float>(mean: T, log_var: T) -> T {
    half::<T>() * (exp_minus_one_minus(log_var) + mean * mean)
}

/// KL between diagonal Gaussians: [`gaussian`] *summed* over the coordinates. All slices have length D.
///
/// # Errors
/// [`Error::Dimension`](crate::Error::Dimension) if the lengths differ.
pub fn diagonal_gaussian<T: Float>(
    mean1: &[T],
    log_var1: &[T],
    mean2: &[T],
    log_var2: &[T],
) -> Result<T> {
    let dimension = mean1.len();
    same_length("log_var1", dimension, log_var1.len())?;
    same_length("mean2", dimension, mean2.len())?;
    same_length("log_var2", dimension, log_var2.len())?;
    Ok((0..dimension)
        .fold(T::zero(), |sum, i| sum + gaussian(mean1[i], log_var1[i], mean2[i], log_var2[i])))
}

/// KL from a diagonal Gaussian to N(0, I): [`gaussian_standard`] *summed* over the coordinates.
///
/// # Errors
/// [`Error::Dimension`](crate::Error::Dimension) if the lengths differ.
///
/// ```
/// let kl = prob::kl::diagonal_gaussian_standard(&[1.0, 2.0], &[0.0, 0.0f64])?;
/// assert_eq!(kl, 2.5);
/// # Ok::<(), prob::Error>(())
/// ```
pub fn diagonal_gaussian_standard<T: Float>(mean: &[T], log_var: &[T]) -> Result<T> {
    same_length("log_var", mean.len(), log_var.len())?;
    let terms = mean.iter().zip(log_var).map(|(&m, &v)| gaussian_standard(m, v));
    Ok(terms.fold(T::zero(), |sum, term| sum + term))
}

/// KL between coins with probabilities p and q of `true`; ∞ where q excludes what p allows.
///
/// ```
/// assert_eq!(prob::kl::bernoulli(0.0, 0.5f64), 2f64.ln());
/// assert_eq!(prob::kl::bernoulli(0.5, 1.0f64), f64::INFINITY);
/// ```
pub fn bernoulli<T: Float>(p: T, q: T) -> T {
    // 1 − q − (1 − p) is exactly −(q − p); taking the difference of the rounded complements is not.
    let one = T::one();
    outcome(p, q, log_one_plus_change(p, q, q - p))
        + outcome(one - p, one - q, log_one_plus_change(one - p, one - q, p - q))
}

/// [`bernoulli`] from the logits a = log p/(1−p) and b = log q/(1−q), accurate where p or q round to 0
/// or 1; infinite logits are allowed.
///
/// ```
/// use prob::kl;
/// // e⁻³⁰ is the whole answer here; from the probabilities, both 1 to 13 digits, little of it is left.
/// assert!((kl::bernoulli_from_logits(40.0, 30.0f64) / 9.353_525_5e-14 - 1.0).abs() < 1e-3);
/// ```
pub fn bernoulli_from_logits<T: Float>(a: T, b: T) -> T {
    if a == b {
        return T::zero();
    }
    let (p, q) = (sigmoid(a), sigmoid(b));
    let (not_p, not_q) = (sigmoid(-a), sigmoid(-b));
    let (log_ratio, log_ratio_not) = if (b - a).abs() < T::one() {
        // q/p − 1 = (1 − q)(e^(b−a) − 1): exact in the difference of the logits.
        ((not_q * (b - a).exp_m1()).ln_1p(), (q * (a - b).exp_m1()).ln_1p())
    } else {
        (softplus(-a) - softplus(-b), softplus(a) - softplus(b))
    };
    outcome(p, q, log_ratio) + outcome(not_p, not_q, log_ratio_not)
}

/// KL between two tables of probabilities of the same length, each summing to 1; ∞ where q is 0 and p
/// is not.
///
/// Tables that do not sum to 1 are not refused here: the result is then the generalised divergence
/// Σ pᵢ log(pᵢ/qᵢ) − pᵢ + qᵢ.
///
/// # Errors
/// [`Error::Dimension`](crate::Error::Dimension) if the lengths differ.
pub fn categorical<T: Float>(p: &[T], q: &[T]) -> Result<T> {
    same_length("q", p.len(), q.len())?;
    let terms = p.iter().zip(q).map(|(&p, &q)| outcome(p, q, log_one_plus_change(p, q, q - p)));
    Ok(terms.fold(T::zero(), |sum, term| sum + term))
}

/// One outcome's share, p g(u) with u = log q/p.
pub(crate) fn outcome<T: Float>(p: T, q: T, log_ratio: T) -> T {
    if p == T::zero() {
        q
    } else if log_ratio.abs() < half() {
        p * exp_minus_one_minus(log_ratio)
    } else {
        // p (e^u − 1) is q − p, which cannot overflow.
        q - p - p * log_ratio
    }
}

/// log q/p, given the change q − p: through the change where the two are close.
pub(crate) fn log_one_plus_change<T: Float>(p: T, q: T, change: T) -> T {
    if change.abs() < half::<T>() * p { (change / p).ln_1p() } else { q.ln() - p.ln() }
}

/// log a/b for positive a and b, accurate also where they are close.
pub(crate) fn log_ratio<T: Float>(a: T, b: T) -> T {
    log_one_plus_change(b, a, a - b)
}

fn half<T: Float>() -> T {
    T::one() / (T::one() + T::one())
}
