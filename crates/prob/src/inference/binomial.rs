//! Exact binomial probabilities, intervals and tests.
//!
//! Nothing is approximated: tails are sums of probabilities, in logs, so that a level of 1e-8 is as easy as
//! one of 5 %. A single probability is Loader's saddle-point form (2000, "Fast and accurate computation of
//! binomial probabilities"), in which the Kullback-Leibler divergence appears by itself:
//!
//! log P(X = k) = −n KL(k/n ‖ p) + ½ log(n/(2π k (n−k))) + δ(n) − δ(k) − δ(n−k),
//!
//! with [Stirling's error](crate::special::stirling_error) δ.

use super::{Alternative, Decision, Interval, Rates};
use crate::error::{probability, rate};
use crate::kl::{log_one_plus_change, outcome};
use crate::log_space::log_one_minus_exp;
use crate::search::{bisect, smallest_count};
use crate::special::{LOG_TWO_PI, stirling_error};
use crate::{Error, Result};

/// log P(X = successes) for X ~ Binomial(trials, p).
///
/// # Errors
/// [`Error::Parameter`] if p is no probability.
pub fn log_probability(successes: u64, trials: u64, p: f64) -> Result<f64> {
    probability("p", p)?;
    Ok(log_mass(successes, trials, p, 1.0 - p))
}

/// log P(X ≥ successes) for X ~ Binomial(trials, p): the p-value of "the rate is at most p".
///
/// # Errors
/// [`Error::Parameter`] if p is no probability.
///
/// ```
/// use prob::inference::binomial::log_upper_tail;
/// // 60 alarms in 1000 runs of a test at level 1 %: it does not keep its level.
/// assert!(log_upper_tail(60, 1000, 0.01)? < 1e-8f64.ln());
/// # Ok::<(), prob::Error>(())
/// ```
pub fn log_upper_tail(successes: u64, trials: u64, p: f64) -> Result<f64> {
    probability("p", p)?;
    Ok(log_tail(successes, trials, p, 1.0 - p))
}

/// log P(X ≤ successes) for X ~ Binomial(trials, p): the p-value of "the rate is at least p".
///
/// # Errors
/// [`Error::Parameter`] if p is no probability.
pub fn log_lower_tail(successes: u64, trials: u64, p: f64) -> Result<f64> {
    probability("p", p)?;
    if successes >= trials {
        return Ok(0.0);
    }
    Ok(log_tail(trials - successes, trials, 1.0 - p, p))
}

/// The exact confidence interval for a rate at level 1 − `alpha`: the rates that neither of two one-sided
/// tests rejects (Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in the case
/// of the binomial", Biometrika 26, 404-413). One-sided intervals have 0 or 1 as their other end.
///
/// # Errors
/// [`Error::Parameter`] unless 0 < alpha < 1 and successes ≤ trials; [`Error::TooFew`] for no trials.
///
/// ```
/// use prob::inference::{binomial::clopper_pearson, Alternative};
/// // No failure in 300 trials: the "rule of three" puts the rate below 1 % with confidence 95 %.
/// let interval = clopper_pearson(0, 300, 0.05, Alternative::Less)?;
/// assert!((interval.upper - (1.0 - 0.05f64.powf(1.0 / 300.0))).abs() < 1e-12);
/// # Ok::<(), prob::Error>(())
/// ```
pub fn clopper_pearson(
    successes: u64,
    trials: u64,
    alpha: f64,
    alternative: Alternative,
) -> Result<Interval> {
    rate("alpha", alpha)?;
    check_count(successes, trials)?;
    let log_side = (alpha / alternative.sides()).ln();
    let lower = || match successes {
        0 => 0.0,
        k => bisect(0.0, 1.0, |p| log_tail(k, trials, p, 1.0 - p) < log_side),
    };
    let upper = || {
        let failures = trials - successes;
        match failures {
            0 => 1.0,
            k => bisect(0.0, 1.0, |p| log_tail(k, trials, 1.0 - p, p) > log_side),
        }
    };
    Ok(match alternative {
        Alternative::TwoSided => Interval { lower: lower(), upper: upper() },
        Alternative::Greater => Interval { lower: lower(), upper: 1.0 },
        Alternative::Less => Interval { lower: 0.0, upper: upper() },
    })
}

/// The exact one-sided test of a rate.
///
/// Planned with a rate that is right and one that would be wrong; on which side the wrong one lies says what
/// is tested: `plan(rates, 0.01, 0.02)` tests "at most 1 %", `plan(rates, 0.99, 0.98)` "at least 99 %".
///
/// ```
/// use prob::inference::{RateTest, Rates};
/// let test = RateTest::plan(Rates::new(1e-8, 1e-3)?, 0.01, 0.03)?;
/// let n = test.draws();
/// assert!(!test.test(n / 100, n)?.rejected);
/// assert!(test.test(n * 3 / 100, n)?.rejected);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateTest {
    rates: Rates,
    right: f64,
    wrong: f64,
    draws: u64,
}

impl RateTest {
    /// Plans a test that rejects a true rate of `right`, or one on its other side, with probability at
    /// most α, and passes one of `wrong`, or beyond it, with probability at most β.
    ///
    /// Both probabilities are exact, and so is the number of trials. (The exact power moves up and down
    /// a little as n grows by one, so that more trials than planned may have a power slightly below.)
    ///
    /// # Errors
    /// [`Error::Parameter`] unless both are probabilities and differ; [`Error::TooSmallAnEffect`] beyond
    /// 10⁹ trials.
    pub fn plan(rates: Rates, right: f64, wrong: f64) -> Result<Self> {
        probability("right", right)?;
        probability("wrong", wrong)?;
        let effect = (wrong - right).abs();
        if effect == 0.0 {
            let expected = "another rate than the right one";
            return Err(Error::Parameter { name: "wrong", value: wrong, expected });
        }
        let test = Self { rates, right, wrong, draws: 0 };
        // Sums of √n terms are cheap up to here, and no one runs a billion trials.
        let is_enough = |n: u64| n > 1_000_000_000 || test.log_miss(n) <= rates.beta().ln();
        match smallest_count(1, is_enough) {
            Some(draws) if draws <= 1_000_000_000 => Ok(Self { draws, ..test }),
            _ => Err(Error::TooSmallAnEffect { effect }),
        }
    }

    /// log P(no rejection) after n trials at the wrong rate.
    fn log_miss(&self, n: u64) -> f64 {
        // In terms of what there should not be too many of: successes or failures.
        let ((right, not_right), (wrong, not_wrong)) = if self.wrong > self.right {
            ((self.right, 1.0 - self.right), (self.wrong, 1.0 - self.wrong))
        } else {
            ((1.0 - self.right, self.right), (1.0 - self.wrong, self.wrong))
        };
        // The smallest count that rejects: its tail is the first at most α.
        let (mut low, mut high) = (0, n + 1);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if log_tail(middle, n, right, not_right) <= self.rates.alpha().ln() {
                high = middle;
            } else {
                low = middle;
            }
        }
        // P(X < high) = P(n − X ≥ n − high + 1).
        log_tail(n + 1 - high, n, not_wrong, wrong)
    }

    /// The number of trials that the stated error rates need.
    #[must_use]
    pub fn draws(&self) -> u64 {
        self.draws
    }

    /// The error rates.
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.rates
    }

    /// Tests a count of successes.
    ///
    /// # Errors
    /// [`Error::TooFew`] for fewer trials than planned, [`Error::Parameter`] for more successes than
    /// trials.
    pub fn test(&self, successes: u64, trials: u64) -> Result<Decision> {
        check_count(successes, trials)?;
        if trials < self.draws {
            let (name, what) = ("trials", "the planned test");
            return Err(Error::TooFew { name, what, least: self.draws });
        }
        let (alternative, log_p_value) = if self.wrong > self.right {
            (Alternative::Greater, log_upper_tail(successes, trials, self.right)?)
        } else {
            (Alternative::Less, log_lower_tail(successes, trials, self.right)?)
        };
        Ok(Decision {
            rejected: log_p_value <= self.rates.alpha().ln(),
            estimate: successes as f64 / trials as f64,
            expected: self.right,
            interval: clopper_pearson(successes, trials, self.rates.alpha(), alternative)?,
            draws: trials,
        })
    }
}

fn check_count(successes: u64, trials: u64) -> Result<()> {
    if trials == 0 {
        return Err(Error::TooFew { name: "trials", what: "a rate", least: 1 });
    }
    if successes > trials {
        let expected = "at most as many successes as trials";
        return Err(Error::Parameter { name: "successes", value: successes as f64, expected });
    }
    Ok(())
}

/// log P(X = k), given p and q = 1 − p.
fn log_mass(k: u64, n: u64, p: f64, q: f64) -> f64 {
    if k > n {
        return f64::NEG_INFINITY;
    }
    let (trials, successes, failures) = (n as f64, k as f64, (n - k) as f64);
    // ln_1p keeps the digits of log q where q is nearly 1.
    let (log_p, log_q) = if p < q { (p.ln(), (-p).ln_1p()) } else { ((-q).ln_1p(), q.ln()) };
    if k == 0 {
        return if n == 0 { 0.0 } else { trials * log_q };
    }
    if k == n {
        return trials * log_p;
    }
    let deviance = |x: f64, mean: f64| outcome(x, mean, log_one_plus_change(x, mean, mean - x));
    -deviance(successes, trials * p) - deviance(failures, trials * q)
        + 0.5 * (trials.ln() - LOG_TWO_PI - successes.ln() - failures.ln())
        + stirling_error(trials)
        - stirling_error(successes)
        - stirling_error(failures)
}

/// log P(X ≥ k), given p and q = 1 − p.
fn log_tail(k: u64, n: u64, p: f64, q: f64) -> f64 {
    if k == 0 {
        return 0.0;
    }
    if k > n {
        return f64::NEG_INFINITY;
    }
    if (k as f64) <= n as f64 * p {
        // Below the mean the other tail is the small one, and its k is above *its* mean.
        return log_one_minus_exp(log_tail(n - k + 1, n, q, p).min(0.0));
    }
    // Above the mean the terms fall from the first on.
    let (mut sum, mut term, mut j) = (1.0, 1.0, k);
    while j < n && term > f64::EPSILON * sum {
        term *= (n - j) as f64 / (j + 1) as f64 * (p / q);
        sum += term;
        j += 1;
    }
    (log_mass(k, n, p, q) + f64::ln(sum)).min(0.0)
}
