//! The mean of draws with light tails: sub-Gaussian ones, and ones within known bounds.

use super::{Alternative, Decision, Interval, Rates, check_sample, mean, whole_draws};
use crate::error::{finite, positive};
use crate::search::smallest_count;
use crate::{Error, Estimate, Result};

/// A test of the mean of independent sub-Gaussian draws: E exp(t(X − m)) ≤ exp(t² proxy²/2) for all t.
///
/// By Chernoff's bound, x̄ − m exceeds proxy √(2 log(1/α)/n) with probability at most α, on either side.
/// n = 2 (proxy/Δ)² (√log(s/α) + √log(1/β))² draws, s the number of sides, leave room for both errors.
///
/// Draws in [lower, upper] are sub-Gaussian with proxy (upper − lower)/2: Hoeffding (1963, "Probability
/// inequalities for sums of bounded random variables", Journal of the American Statistical Association
/// 58, 13-30, Theorem 2).
///
/// ```
/// use prob::inference::{Alternative, Interval, Rates, SubGaussianMeanTest};
/// let unit = Interval { lower: 0.0, upper: 1.0 };
/// let rates = Rates::new(1e-8, 1e-8)?;
/// let test = SubGaussianMeanTest::plan_bounded(rates, Alternative::TwoSided, unit, 0.05)?;
/// assert_eq!(test.draws(), 15_013);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SubGaussianMeanTest {
    rates: Rates,
    alternative: Alternative,
    proxy: f64,
    effect: f64,
    bounds: Option<Interval>,
    draws: u64,
}

impl SubGaussianMeanTest {
    /// Plans a test for draws with this variance proxy (its square root, in the draws' units), which
    /// notices a mean that is off by `effect` or more.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless both are finite and positive; [`Error::TooSmallAnEffect`] beyond 2⁵³
    /// draws.
    pub fn plan(rates: Rates, alternative: Alternative, proxy: f64, effect: f64) -> Result<Self> {
        positive("proxy", proxy)?;
        positive("effect", effect)?;
        let roots = (alternative.sides() / rates.alpha()).ln().sqrt() + (-rates.beta().ln()).sqrt();
        let draws = whole_draws(2.0 * (proxy * roots / effect).powi(2), effect)?;
        Ok(Self { rates, alternative, proxy, effect, bounds: None, draws })
    }

    /// Plans a test for draws within `bounds` (Hoeffding's inequality). A draw outside is an error, not
    /// a rejection: the test's premise is then wrong.
    ///
    /// # Errors
    /// As [`plan`](Self::plan); [`Error::Parameter`] too if the bounds are not finite and apart.
    pub fn plan_bounded(
        rates: Rates,
        alternative: Alternative,
        bounds: Interval,
        effect: f64,
    ) -> Result<Self> {
        let proxy = 0.5 * width(bounds)?;
        Ok(Self { bounds: Some(bounds), ..Self::plan(rates, alternative, proxy, effect)? })
    }

    /// The number of draws that the stated error rates need.
    #[must_use]
    pub fn draws(&self) -> u64 {
        self.draws
    }

    /// The error rates.
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.rates
    }

    /// The smallest effect that is noticed with the stated power.
    #[must_use]
    pub fn effect(&self) -> f64 {
        self.effect
    }

    /// Tests the draws' mean against `expected`.
    ///
    /// # Errors
    /// [`Error::TooFew`] for fewer draws than planned; [`Error::Parameter`] for one that is not finite or
    /// outside the bounds.
    pub fn test(&self, values: &[f64], expected: f64) -> Result<Decision> {
        check_sample(values, self.draws)?;
        if let Some(bounds) = self.bounds {
            check_bounds(values, bounds)?;
        }
        let estimate = mean(values);
        let log_term = (self.alternative.sides() / self.rates.alpha()).ln();
        let half = self.proxy * (2.0 * log_term / values.len() as f64).sqrt();
        let interval = self.alternative.interval(estimate - half, estimate + half);
        Ok(Decision::new(estimate, expected, interval, values.len()))
    }
}

/// A test of the mean of independent draws within known bounds, which profits from a small variance
/// without being told it.
///
/// Maurer and Pontil (2009, "Empirical Bernstein bounds and sample variance penalization", Conference on
/// Learning Theory): for draws in an interval of width w with sample variance V, the mean m satisfies
/// m − x̄ ≤ √(2 V log(2/δ)/n) + 7 w log(2/δ)/(3(n − 1)) with probability at least 1 − δ (their Theorem
/// 4; two-sided with δ = α/2 each).
///
/// The number of draws needs a guess `sd` of the standard deviation, and the power holds where the true
/// one is at most that; a wrong guess costs power, never false alarms. With probability 1 − β/2 each,
/// √V ≤ sd + w √(2 log(2/β)/(n − 1)) (their Theorem 10) and x̄ is within √(2 sd² L/n) + w L/(3n), L =
/// log(2/β), of the true mean on the side that matters (Bernstein's inequality); n is the smallest
/// number for which the two leave room for the effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmpiricalBernsteinTest {
    rates: Rates,
    alternative: Alternative,
    bounds: Interval,
    effect: f64,
    draws: u64,
}

impl EmpiricalBernsteinTest {
    /// Plans a test for draws within `bounds`, which notices a mean that is off by `effect` or more if
    /// the standard deviation is at most `sd`.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless the bounds are finite and apart and sd and effect positive;
    /// [`Error::TooSmallAnEffect`] beyond 2⁵³ draws.
    pub fn plan(
        rates: Rates,
        alternative: Alternative,
        bounds: Interval,
        sd: f64,
        effect: f64,
    ) -> Result<Self> {
        let width = width(bounds)?;
        positive("sd", sd)?;
        positive("effect", effect)?;
        let log_miss = (2.0 / rates.beta()).ln();
        let unplanned = Self { rates, alternative, bounds, effect, draws: 0 };
        let is_enough = |n: u64| {
            let count = n as f64;
            let largest_sd = sd + width * (2.0 * log_miss / (count - 1.0)).sqrt();
            let wander = sd * (2.0 * log_miss / count).sqrt() + width * log_miss / (3.0 * count);
            unplanned.half_width(largest_sd, n) + wander <= effect
        };
        let draws = smallest_count(2, is_enough).ok_or(Error::TooSmallAnEffect { effect })?;
        Ok(Self { draws, ..unplanned })
    }

    /// The number of draws that the stated error rates need.
    #[must_use]
    pub fn draws(&self) -> u64 {
        self.draws
    }

    /// The error rates.
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.rates
    }

    /// The smallest effect that is noticed with the stated power.
    #[must_use]
    pub fn effect(&self) -> f64 {
        self.effect
    }

    /// Tests the draws' mean against `expected`.
    ///
    /// # Errors
    /// [`Error::TooFew`] for fewer draws than planned; [`Error::Parameter`] for one that is not finite or
    /// outside the bounds.
    pub fn test(&self, values: &[f64], expected: f64) -> Result<Decision> {
        check_sample(values, self.draws)?;
        check_bounds(values, self.bounds)?;
        let moments: Estimate = values.iter().copied().collect();
        let half = self.half_width(moments.variance()?.sqrt(), moments.count());
        let estimate = moments.mean();
        let interval = self.alternative.interval(estimate - half, estimate + half);
        Ok(Decision::new(estimate, expected, interval, values.len()))
    }

    fn half_width(&self, sample_sd: f64, draws: u64) -> f64 {
        let n = draws as f64;
        let log_term = (2.0 * self.alternative.sides() / self.rates.alpha()).ln();
        let width = self.bounds.upper - self.bounds.lower;
        sample_sd * (2.0 * log_term / n).sqrt() + 7.0 * width * log_term / (3.0 * (n - 1.0))
    }
}

fn width(bounds: Interval) -> Result<f64> {
    finite("bounds.lower", bounds.lower)?;
    finite("bounds.upper", bounds.upper)?;
    positive("bounds.upper - bounds.lower", bounds.upper - bounds.lower)
}

fn check_bounds(values: &[f64], bounds: Interval) -> Result<()> {
    match values.iter().find(|&&x| !bounds.contains(x)) {
        None => Ok(()),
        Some(&value) => {
            let expected = "a value within the bounds that the test was planned for";
            Err(Error::Parameter { name: "a value", value, expected })
        }
    }
}
