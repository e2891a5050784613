//! Whole distributions: the largest distance between distribution functions.

use super::{Rates, check_sample, whole_draws};
use crate::Result;
use crate::error::positive;
use crate::special::normal_cdf;

/// A test of a sample against a given continuous distribution function F.
///
/// D = sup|Fₙ − F| exceeds √(log(2/α)/(2n)) with probability at most α, for every n and F: the inequality
/// of Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990, "The tight constant in the
/// Dvoretzky-Kiefer-Wolfowitz inequality", Annals of Probability 18(3), 1269-1283).
///
/// If the truth is G with |G(x) − F(x)| ≥ d at some x, then D ≥ d − |Gₙ(x) − G(x)|, and Hoeffding's
/// inequality at that one x makes the miss rate at most β for
/// n = (√log(2/α) + √log(1/β))²/(2d²) draws.
///
/// ```
/// use prob::inference::{FitTest, Rates};
/// // A shift by 2 % of a standard deviation moves Φ by 0.008.
/// let test = FitTest::plan_gaussian_shift(Rates::new(1e-8, 1e-8)?, 0.02)?;
/// assert!((589_000..590_000).contains(&test.draws()));
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitTest {
    rates: Rates,
    distance: f64,
    draws: u64,
}

/// What a test of a whole distribution made of its draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitDecision {
    /// Whether the distance is larger than the threshold.
    pub rejected: bool,
    /// The largest distance between the distribution functions.
    pub distance: f64,
    /// What the distance stays below with probability 1 − α where the distributions agree.
    pub threshold: f64,
    /// The number of draws that were used (of the smaller sample, if there are two).
    pub draws: u64,
}

/// sup|Φ(x) − Φ(x − shift)| = 2Φ(|shift|/2) − 1: how far a shift by that many standard deviations moves
/// a Gaussian's distribution function.
#[must_use]
pub fn gaussian_shift_distance(shift: f64) -> f64 {
    // erf, not 1 − 2Φ, keeps the digits of small shifts.
    libm::erf(0.5 * shift.abs() / std::f64::consts::SQRT_2)
}

impl FitTest {
    /// Plans a test that notices a distribution function that is somewhere off by `distance` or more.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) unless 0 < distance < 1; [`Error::TooSmallAnEffect`](crate::Error::TooSmallAnEffect) beyond 2⁵³ draws.
    pub fn plan(rates: Rates, distance: f64) -> Result<Self> {
        crate::error::rate("distance", distance)?;
        let roots = (2.0 / rates.alpha()).ln().sqrt() + (-rates.beta().ln()).sqrt();
        let draws = whole_draws(0.5 * (roots / distance).powi(2), distance)?;
        Ok(Self { rates, distance, draws })
    }

    /// Plans a test of Gaussian draws that notices a shift of their mean by `shift` standard deviations
    /// or more.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) unless the shift is finite and positive; as [`plan`](Self::plan).
    pub fn plan_gaussian_shift(rates: Rates, shift: f64) -> Result<Self> {
        Self::plan(rates, gaussian_shift_distance(positive("shift", shift)?))
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

    /// The smallest distance that is noticed with the stated power.
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.distance
    }

    /// Tests whether the draws have the *continuous* distribution function `cdf`.
    ///
    /// # Errors
    /// [`Error::TooFew`](crate::Error::TooFew) for fewer draws than planned; [`Error::Parameter`](crate::Error::Parameter) for a draw that is not finite
    /// or if `cdf` does not return a probability.
    pub fn test(&self, values: &[f64], cdf: impl Fn(f64) -> f64) -> Result<FitDecision> {
        check_sample(values, self.draws)?;
        let n = values.len() as f64;
        let mut distance = 0f64;
        for (i, x) in sorted(values).into_iter().enumerate() {
            let expected = crate::error::probability("cdf", cdf(x))?;
            // Fₙ steps from i/n to (i+1)/n at the i-th smallest draw.
            let (before, after) = (i as f64 / n, (i + 1) as f64 / n);
            distance = distance.max(expected - before).max(after - expected);
        }
        let threshold = dkw_threshold(self.rates.alpha(), n);
        let draws = values.len() as u64;
        Ok(FitDecision { rejected: distance > threshold, distance, threshold, draws })
    }

    /// [`test`](Self::test) against N(0, 1).
    ///
    /// # Errors
    /// As [`test`](Self::test).
    pub fn test_standard_normal(&self, values: &[f64]) -> Result<FitDecision> {
        self.test(values, normal_cdf)
    }
}

/// A test of two samples for having the same distribution.
///
/// Each sample's Fₙ is within √(log(4/α)/(2n)) of its own truth with probability 1 − α/2
/// (Dvoretzky-Kiefer-Wolfowitz, as in [`FitTest`]); by the triangle inequality, equal truths keep the two
/// within the sum of both bounds. The constant is not the best that is known for two samples; it holds
/// for all sizes, atoms included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoSampleTest {
    rates: Rates,
    distance: f64,
    draws: u64,
}

impl TwoSampleTest {
    /// Plans a test that notices distribution functions which are somewhere `distance` or more apart.
    ///
    /// # Errors
    /// As [`FitTest::plan`].
    pub fn plan(rates: Rates, distance: f64) -> Result<Self> {
        crate::error::rate("distance", distance)?;
        // The difference of two independent means of n indicators is sub-Gaussian with proxy 1/√(2n).
        let roots = 2.0 * (0.5 * (4.0 / rates.alpha()).ln()).sqrt() + (-rates.beta().ln()).sqrt();
        Ok(Self { rates, distance, draws: whole_draws((roots / distance).powi(2), distance)? })
    }

    /// The number of draws *of each sample* that the stated error rates need.
    #[must_use]
    pub fn draws(&self) -> u64 {
        self.draws
    }

    /// The error rates.
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.rates
    }

    /// The smallest distance that is noticed with the stated power.
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.distance
    }

    /// Tests whether the two samples have the same distribution.
    ///
    /// # Errors
    /// [`Error::TooFew`](crate::Error::TooFew) for fewer draws than planned in either; [`Error::Parameter`](crate::Error::Parameter) for a draw that is
    /// not finite.
    pub fn test(&self, first: &[f64], second: &[f64]) -> Result<FitDecision> {
        check_sample(first, self.draws)?;
        check_sample(second, self.draws)?;
        let (n, m) = (first.len() as f64, second.len() as f64);
        let (first, second) = (sorted(first), sorted(second));
        let (mut i, mut j, mut distance) = (0, 0, 0f64);
        while i < first.len() && j < second.len() {
            // Step over everything that is tied before looking at the distance.
            let x = first[i].min(second[j]);
            while i < first.len() && first[i] <= x {
                i += 1;
            }
            while j < second.len() && second[j] <= x {
                j += 1;
            }
            distance = distance.max((i as f64 / n - j as f64 / m).abs());
        }
        let half = 0.5 * self.rates.alpha();
        let threshold = dkw_threshold(half, n) + dkw_threshold(half, m);
        let draws = first.len().min(second.len()) as u64;
        Ok(FitDecision { rejected: distance > threshold, distance, threshold, draws })
    }
}

fn dkw_threshold(alpha: f64, n: f64) -> f64 {
    ((2.0 / alpha).ln() / (2.0 * n)).sqrt()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values
}
