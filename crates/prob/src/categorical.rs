//! The categorical distribution: a table of probabilities.

use crate::error::same_length;
use crate::{Error, Result, compensated_sum, kl, log_sum_exp};
use rand::Rng;

/// The entropy −Σ p log p of these probabilities, in nats; an outcome that is impossible adds nothing.
pub fn entropy(probabilities: impl IntoIterator<Item = f64>) -> f64 {
    probabilities.into_iter().map(|p| if p > 0.0 { -p * p.ln() } else { 0.0 }).sum()
}

/// One of K outcomes, numbered from 0, with given probabilities.
///
/// ```
/// use prob::Categorical;
/// let dice = Categorical::from_weights(&[1.0; 6])?;
/// assert!((dice.entropy() - 6f64.ln()).abs() < 1e-15);
/// assert_eq!(dice.log_probability(6), f64::NEG_INFINITY);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Categorical {
    probabilities: Vec<f64>,
}

impl Categorical {
    /// The distribution with these probabilities, length K.
    ///
    /// # Errors
    /// [`Error::Parameter`] if one is negative or not finite, or if they do not sum to 1 up to 1e-9
    /// (what hand-written decimals may miss; use [`from_weights`](Self::from_weights) for anything
    /// unnormalised); [`Error::TooFew`] for none. The sum is then made 1.
    pub fn new(probabilities: &[f64]) -> Result<Self> {
        let sum = compensated_sum(probabilities.iter().copied());
        let normalised = Self::from_weights(probabilities)?;
        if (sum - 1.0).abs() > 1e-9 {
            let expected = "probabilities that sum to 1; use from_weights to normalise";
            return Err(Error::Parameter {
                name: "the sum of probabilities",
                value: sum,
                expected,
            });
        }
        Ok(normalised)
    }

    /// The distribution with probabilities proportional to these weights.
    ///
    /// # Errors
    /// [`Error::Parameter`] if one is negative or not finite, or all are 0; [`Error::TooFew`] for none.
    pub fn from_weights(weights: &[f64]) -> Result<Self> {
        if weights.is_empty() {
            return Err(Error::TooFew { name: "weights", what: "a distribution", least: 1 });
        }
        for &value in weights {
            if !value.is_finite() || value < 0.0 {
                let expected = "a finite number from 0 on";
                return Err(Error::Parameter { name: "weight", value, expected });
            }
        }
        let sum = compensated_sum(weights.iter().copied());
        if sum <= 0.0 || !sum.is_finite() {
            let expected = "a finite number above 0";
            return Err(Error::Parameter { name: "the sum of weights", value: sum, expected });
        }
        Ok(Self { probabilities: weights.iter().map(|w| w / sum).collect() })
    }

    /// The softmax of these logits; −∞ is allowed for an impossible outcome.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the largest logit is not finite or one is NaN; [`Error::TooFew`] for none.
    pub fn from_logits(logits: &[f64]) -> Result<Self> {
        let log_sum = log_sum_exp(logits);
        if !log_sum.is_finite() && !logits.is_empty() {
            let expected = "logits with a finite maximum and no NaN";
            return Err(Error::Parameter {
                name: "log-sum-exp of logits",
                value: log_sum,
                expected,
            });
        }
        let weights: Vec<f64> = logits.iter().map(|a| (a - log_sum).exp()).collect();
        Self::from_weights(&weights)
    }

    /// The probabilities, length K.
    #[must_use]
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// log P(outcome); −∞ for an outcome that is impossible or does not exist.
    #[must_use]
    pub fn log_probability(&self, outcome: usize) -> f64 {
        self.probabilities.get(outcome).map_or(f64::NEG_INFINITY, |p| p.ln())
    }

    /// The entropy −Σ p log p, at most log K.
    #[must_use]
    pub fn entropy(&self) -> f64 {
        entropy(self.probabilities.iter().copied())
    }

    /// KL(self ‖ other) in nats; ∞ where `other` calls impossible what `self` does not.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the numbers of outcomes differ.
    pub fn kl(&self, other: &Self) -> Result<f64> {
        same_length("other", self.probabilities.len(), other.probabilities.len())?;
        kl::categorical(&self.probabilities, &other.probabilities)
    }

    /// One draw: the number of an outcome.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> usize {
        let mut rest: f64 = rng.random();
        let mut last = 0;
        for (outcome, &p) in self.probabilities.iter().enumerate() {
            if p > 0.0 {
                last = outcome;
                if rest < p {
                    break;
                }
                rest -= p;
            }
        }
        // Rounding may leave a rest after the last outcome: it belongs to the last possible one.
        last
    }
}
