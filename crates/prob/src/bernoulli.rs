//! The Bernoulli distribution, from a probability or from a logit.
//!
//! An outcome is a `bool` here: a cross-entropy with a grey value in the outcome's place is not the
//! log-probability of anything, and the type says so.

use crate::error::{probability, same_length};
use crate::log_space::{sigmoid, softplus};
use crate::{Error, Result, kl};
use num_traits::Float;
use rand::Rng;

/// log P(outcome) when the probability of `true` is the logistic function of `logit`:
/// −softplus(−logit) for `true`, −softplus(logit) for `false`, accurate at any logit.
///
/// ```
/// use prob::bernoulli::log_probability_from_logit;
/// assert_eq!(log_probability_from_logit(true, 0.0), -2f64.ln());
/// // log(1 − e^-50…) is not rounded to 0, as `log(sigmoid(50))` would be.
/// assert_eq!(log_probability_from_logit(true, 50.0), -(-50f64).exp());
/// ```
pub fn log_probability_from_logit<T: Float>(outcome: bool, logit: T) -> T {
    -softplus(if outcome { -logit } else { logit })
}

/// The log-probability of independent outcomes: [`log_probability_from_logit`] *summed* over the
/// pairs. Both slices have the same length.
///
/// # Errors
/// [`Error::Dimension`] if the lengths differ.
pub fn log_likelihood_from_logits<T: Float>(outcomes: &[bool], logits: &[T]) -> Result<T> {
    same_length("logits", outcomes.len(), logits.len())?;
    let terms = outcomes.iter().zip(logits).map(|(&x, &a)| log_probability_from_logit(x, a));
    Ok(terms.fold(T::zero(), |sum, term| sum + term))
}

/// A coin: `true` with probability p.
///
/// ```
/// use prob::Bernoulli;
/// let coin = Bernoulli::new(0.25)?;
/// assert_eq!(coin.log_probability(true), 0.25f64.ln());
/// assert!((Bernoulli::from_logit(-3f64.ln())?.probability() - 0.25).abs() < 1e-16);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bernoulli {
    // Both, since 1 − p keeps nothing of a p below 1e-16, nor p of such a 1 − p.
    success: f64,
    failure: f64,
    log_success: f64,
    log_failure: f64,
}

impl Bernoulli {
    /// The coin with this probability of `true`; 0 and 1 are allowed.
    ///
    /// # Errors
    /// [`Error::Parameter`] outside [0, 1].
    pub fn new(p: f64) -> Result<Self> {
        let success = probability("p", p)?;
        Ok(Self {
            success,
            failure: 1.0 - success,
            log_success: success.ln(),
            log_failure: (-success).ln_1p(),
        })
    }

    /// The coin with log p/(1 − p) = `logit`; ±∞ is allowed.
    ///
    /// # Errors
    /// [`Error::Parameter`] for NaN.
    pub fn from_logit(logit: f64) -> Result<Self> {
        if logit.is_nan() {
            let expected = "a number or an infinity";
            return Err(Error::Parameter { name: "logit", value: logit, expected });
        }
        Ok(Self {
            success: sigmoid(logit),
            failure: sigmoid(-logit),
            log_success: -softplus(-logit),
            log_failure: -softplus(logit),
        })
    }

    /// The probability of `true`.
    #[must_use]
    pub fn probability(&self) -> f64 {
        self.success
    }

    /// log P(outcome); −∞ for an impossible one.
    #[must_use]
    pub fn log_probability(&self, outcome: bool) -> f64 {
        if outcome { self.log_success } else { self.log_failure }
    }

    /// The entropy −p log p − (1−p) log(1−p), at most log 2.
    #[must_use]
    pub fn entropy(&self) -> f64 {
        let term = |p: f64, log_p: f64| if p == 0.0 { 0.0 } else { -p * log_p };
        term(self.success, self.log_success) + term(self.failure, self.log_failure)
    }

    /// KL(self ‖ other); ∞ where `other` calls impossible what `self` does not.
    #[must_use]
    pub fn kl(&self, other: &Self) -> f64 {
        kl::bernoulli(self.success, other.success)
    }

    /// One draw.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> bool {
        // A uniform variable on the grid of 2⁻⁵³ is below p with probability p up to 2⁻⁵³.
        rng.random::<f64>() < self.success
    }
}
