//! The mean of draws that are known to be normal.

use super::{Alternative, Decision, Rates, check_sample, mean, whole_draws};
use crate::Result;
use crate::error::positive;
use crate::special::normal_quantile;

/// The exact test of the mean of independent N(m, sd²) draws with known sd.
///
/// The sample mean is N(m, sd²/n), so that |x̄ − m| exceeds z sd/√n, z = −Φ⁻¹(α/2), with probability
/// exactly α. A mean off by Δ escapes with probability at most Φ(z − √n Δ/sd), which is β for
/// n = ((z + z_β) sd/Δ)².
///
/// Only for draws that *are* normal (a sampler of Gaussians, a sum of Gaussians); "approximately normal"
/// means nothing at α = 1e-8. For everything else there is [`MeanTest`](super::MeanTest).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormalMeanTest {
    rates: Rates,
    alternative: Alternative,
    sd: f64,
    effect: f64,
    quantile: f64,
    draws: u64,
}

impl NormalMeanTest {
    /// Plans a test for normal draws with standard deviation `sd`, which notices a mean that is off by
    /// `effect` or more.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) unless sd and effect are finite and positive;
    /// [`Error::TooSmallAnEffect`](crate::Error::TooSmallAnEffect) beyond 2⁵³ draws.
    ///
    /// ```
    /// use prob::inference::{Alternative, NormalMeanTest, Rates};
    /// let rates = Rates::new(1e-8, 1e-8)?;
    /// let test = NormalMeanTest::plan(rates, Alternative::TwoSided, 1.0, 0.02)?;
    /// assert_eq!(test.draws(), 321_644);
    /// # Ok::<(), prob::Error>(())
    /// ```
    pub fn plan(rates: Rates, alternative: Alternative, sd: f64, effect: f64) -> Result<Self> {
        positive("sd", sd)?;
        positive("effect", effect)?;
        let quantile = -normal_quantile(rates.alpha() / alternative.sides())?;
        let sum = quantile - normal_quantile(rates.beta())?;
        // With α + β ≥ 1 even a coin toss will do: one draw.
        let draws = whole_draws((sum.max(0.0) * sd / effect).powi(2), effect)?;
        Ok(Self { rates, alternative, sd, effect, quantile, draws })
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
    /// [`Error::TooFew`](crate::Error::TooFew) for fewer draws than planned;
    /// [`Error::Parameter`](crate::Error::Parameter) for one that is not finite.
    pub fn test(&self, values: &[f64], expected: f64) -> Result<Decision> {
        check_sample(values, self.draws)?;
        let estimate = mean(values);
        let half = self.quantile * self.sd / (values.len() as f64).sqrt();
        let interval = self.alternative.interval(estimate - half, estimate + half);
        Ok(Decision::new(estimate, expected, interval, values.len()))
    }
}
