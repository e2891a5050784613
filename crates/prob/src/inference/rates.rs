//! The two error rates of a test, and sharing them out.

use crate::error::rate;
use crate::{Error, Result};

/// The false-alarm rate α and the miss rate β of a test.
///
/// ```
/// use prob::inference::Rates;
/// // 1e-6 for a whole suite of 200 statistical claims, each missing its smallest effect as rarely.
/// let each = Rates::new(1e-6, 1e-6)?.split(200)?;
/// assert!((each.alpha() - 5e-9).abs() < 1e-24);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    alpha: f64,
    beta: f64,
}

impl Rates {
    /// A false-alarm rate of at most `alpha`, and a miss rate of at most `beta`, per test.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless both lie strictly between 0 and 1.
    pub fn new(alpha: f64, beta: f64) -> Result<Self> {
        Ok(Self { alpha: rate("alpha", alpha)?, beta: rate("beta", beta)? })
    }

    /// The greatest probability of rejecting what is true.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The greatest probability of passing what is wrong by the stated effect or more.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// 1 − β.
    #[must_use]
    pub fn power(&self) -> f64 {
        1.0 - self.beta
    }

    /// An equal share for each of `tests` tests. By the union bound (Boole; "Bonferroni"), all of them
    /// together keep the rates of `self`, however they depend on each other.
    ///
    /// # Errors
    /// [`Error::TooFew`] for no tests.
    pub fn split(&self, tests: u64) -> Result<Self> {
        if tests == 0 {
            return Err(Error::TooFew { name: "tests", what: "sharing error rates", least: 1 });
        }
        Self::new(self.alpha / tests as f64, self.beta / tests as f64)
    }
}
