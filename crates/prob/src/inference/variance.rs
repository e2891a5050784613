//! Variances, and their ratios, against exact values.
//!
//! A variance is a mean: of (X − μ)² where μ is known, of ½(X − X')² over independent pairs where it is
//! not. So a [`MeanTest`] tests it, with the fourth central moment μ₄ in the role of the variance:
//!
//! | draws | mean | variance |
//! |---|---|---|
//! | [`squared_deviations`] | σ² | μ₄ − σ⁴ |
//! | [`half_squared_differences`] | σ² | (μ₄ + σ⁴)/2 |
//! | [`ratio_residuals`] with the exact ratio | 0 | at most (sd of (X−μ)² + ratio · sd of (Y−ν)²)² |
//!
//! For normal draws the exact chi-square test, [`NormalVarianceTest`], needs fewer.

use super::{Alternative, Decision, Interval, MeanTest, Rates, check_sample};
use crate::error::{positive, same_length};
use crate::search::smallest_count;
use crate::special::{
    chi_square_lower_quantile, chi_square_upper_quantile, log_chi_square_lower_tail,
    log_chi_square_upper_tail,
};
use crate::{Error, Estimate, Result};

/// (xᵢ − mean)² for a *known* mean: draws whose mean is the variance. (With the sample's own mean they
/// would be dependent, and biased by (n−1)/n.)
#[must_use]
pub fn squared_deviations(values: &[f64], mean: f64) -> Vec<f64> {
    values.iter().map(|x| (x - mean) * (x - mean)).collect()
}

/// ½(x₁ − x₂)², ½(x₃ − x₄)², …: independent draws, half as many, whose mean is the variance, with no
/// need to know the mean. A last value without a partner is left out.
#[must_use]
pub fn half_squared_differences(values: &[f64]) -> Vec<f64> {
    values.as_chunks::<2>().0.iter().map(|[a, b]| 0.5 * (a - b) * (a - b)).collect()
}

/// (xᵢ − mean_x)² − ratio (yᵢ − mean_y)²: draws whose mean is 0 exactly where Var X/Var Y is the
/// `ratio`. The pairs (xᵢ, yᵢ) are independent of each other, but x and y of one pair may share their
/// random numbers.
///
/// # Errors
/// [`Error::Dimension`] if the lengths differ.
pub fn ratio_residuals(
    x: &[f64],
    mean_x: f64,
    y: &[f64],
    mean_y: f64,
    ratio: f64,
) -> Result<Vec<f64>> {
    same_length("y", x.len(), y.len())?;
    let square = |v: f64| v * v;
    Ok(x.iter().zip(y).map(|(x, y)| square(x - mean_x) - ratio * square(y - mean_y)).collect())
}

/// The exact second and fourth central moments of a distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CentralMoments {
    /// The variance σ².
    pub variance: f64,
    /// The fourth central moment μ₄ ≥ σ⁴.
    pub fourth: f64,
}

impl CentralMoments {
    /// The standard deviation of (X − μ)², √(μ₄ − σ⁴).
    ///
    /// # Errors
    /// [`Error::Parameter`] unless the variance is positive and the fourth moment above its square.
    pub fn sd_of_square(&self) -> Result<f64> {
        positive("variance", self.variance)?;
        let spread = self.fourth - self.variance * self.variance;
        Ok(positive("fourth - variance^2", spread)?.sqrt())
    }
}

/// Plans a test of the ratio Var X/Var Y against its exact value, from the exact moments of both, that
/// notices a *ratio* off by `relative_effect` of it or more, Y being as stated. Feed it
/// [`ratio_residuals`] and test against 0.
///
/// If Var X is (1 + ε) times what it should be, the residuals' mean is ε Var X. Their standard deviation
/// is at most the sum of the two parts' (Minkowski's inequality), however x and y depend on each other.
///
/// # Errors
/// Those of [`MeanTest::plan`] and of [`CentralMoments::sd_of_square`].
pub fn plan_ratio(
    rates: Rates,
    alternative: Alternative,
    x: CentralMoments,
    y: CentralMoments,
    relative_effect: f64,
) -> Result<MeanTest> {
    positive("relative_effect", relative_effect)?;
    let (sd_x, sd_y) = (x.sd_of_square()?, y.sd_of_square()?);
    let ratio = x.variance / y.variance;
    let sd = sd_x + ratio * sd_y;
    let alternative_sd = (1.0 + relative_effect) * sd_x + ratio * sd_y;
    let effect = relative_effect * x.variance;
    MeanTest::plan_with_alternative_sd(rates, alternative, sd, alternative_sd, effect)
}

/// The exact test of the variance of independent *normal* draws whose mean is unknown.
///
/// (n − 1) s²/σ² has the chi-square distribution with n − 1 degrees of freedom (Helmert 1876), so that its
/// quantiles give a test that rejects a true σ² with probability exactly α. The power is exact too: if the
/// variance is ρσ² instead, the statistic is ρ times a chi-square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormalVarianceTest {
    rates: Rates,
    alternative: Alternative,
    factor: f64,
    draws: u64,
}

impl NormalVarianceTest {
    /// Plans a test that notices a variance that is too large or too small by `factor` or more.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless the factor is finite and at least 1.001.
    ///
    /// ```
    /// use prob::inference::{Alternative, NormalVarianceTest, Rates};
    /// let rates = Rates::new(1e-8, 1e-8)?;
    /// // Is the variance right to 10 %? The general test needs half as many again.
    /// let test = NormalVarianceTest::plan(rates, Alternative::TwoSided, 1.1)?;
    /// assert!((25_000..30_000).contains(&test.draws()));
    /// # Ok::<(), prob::Error>(())
    /// ```
    pub fn plan(rates: Rates, alternative: Alternative, factor: f64) -> Result<Self> {
        // Below, the exact search would add up a million terms again and again, for a test that needs
        // hundreds of millions of draws.
        if !(factor.is_finite() && factor >= 1.001) {
            let expected = "a finite factor from 1.001 on; for less, use MeanTest::for_variance";
            return Err(Error::Parameter { name: "factor", value: factor, expected });
        }
        let unplanned = Self { rates, alternative, factor, draws: 2 };
        let is_enough = |n: u64| unplanned.is_enough(n).unwrap_or(false);
        let draws =
            smallest_count(2, is_enough).ok_or(Error::TooSmallAnEffect { effect: factor - 1.0 })?;
        Ok(Self { draws, ..unplanned })
    }

    fn is_enough(&self, draws: u64) -> Result<bool> {
        let degrees = draws as f64 - 1.0;
        let Interval { lower, upper } = self.quantiles(degrees)?;
        let log_beta = self.rates.beta().ln();
        let notices_more = || -> Result<bool> {
            Ok(log_chi_square_lower_tail(upper / self.factor, degrees)? <= log_beta)
        };
        let notices_less = || -> Result<bool> {
            Ok(log_chi_square_upper_tail(lower * self.factor, degrees)? <= log_beta)
        };
        match self.alternative {
            Alternative::TwoSided => Ok(notices_more()? && notices_less()?),
            Alternative::Greater => notices_more(),
            Alternative::Less => notices_less(),
        }
    }

    /// Between what values the statistic stays with probability 1 − α (each end for its own side).
    fn quantiles(&self, degrees: f64) -> Result<Interval> {
        let log_side = (self.rates.alpha() / self.alternative.sides()).ln();
        Ok(Interval {
            lower: chi_square_lower_quantile(log_side, degrees)?,
            upper: chi_square_upper_quantile(log_side, degrees)?,
        })
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

    /// The smallest factor between true and expected variance that is noticed with the stated power.
    #[must_use]
    pub fn factor(&self) -> f64 {
        self.factor
    }

    /// Tests the draws' variance against `expected`.
    ///
    /// # Errors
    /// [`Error::TooFew`] for fewer draws than planned; [`Error::Parameter`] for one that is not finite.
    pub fn test(&self, values: &[f64], expected: f64) -> Result<Decision> {
        check_sample(values, self.draws)?;
        positive("expected", expected)?;
        let moments: Estimate = values.iter().copied().collect();
        let variance = moments.variance()?;
        let degrees = values.len() as f64 - 1.0;
        let Interval { lower, upper } = self.quantiles(degrees)?;
        let sum = degrees * variance;
        let interval = self.alternative.interval(sum / upper, sum / lower);
        Ok(Decision::new(variance, expected, interval, values.len()))
    }
}
