//! Statistical tests that know their own error rates.
//!
//! A test can fail in two ways: reject what is true (a false alarm, probability at most α), or pass
//! what is wrong by at least the smallest effect one cares about (a miss, probability at most β; the
//! power is 1 − β). Each test here is *planned* before any number is drawn: [`Rates`] and the effect go
//! in, the number of draws comes out, and both rates follow from a finite-sample bound that the type's
//! documentation states and cites. None of them rests on a sample being "large enough".
//!
//! | what is known of the draws | test |
//! |---|---|
//! | variance (or an upper bound), *any* tails | [`MeanTest`] (Catoni) |
//! | normal, variance known | [`NormalMeanTest`] |
//! | normal, a few of them, variance not known | [`student`]'s interval |
//! | sub-Gaussian, or within known bounds | [`SubGaussianMeanTest`] (Hoeffding) |
//! | within known bounds, variance small | [`EmpiricalBernsteinTest`] |
//! | the second and fourth moments; the question is the variance | [`MeanTest::for_variance`] and [`variance`] |
//! | normal; the question is the variance | [`NormalVarianceTest`] (chi-square) |
//! | pairs on common random numbers; the question is which is larger | a one-sided [`MeanTest`] on the differences |
//! | the whole distribution function | [`FitTest`], [`TwoSampleTest`] (Dvoretzky-Kiefer-Wolfowitz) |
//! | success or failure | [`RateTest`], [`clopper_pearson`](binomial::clopper_pearson) (exact binomial) |
//! | as any of the first, but the run may stop early | [`SequentialMeanTest`], [`NormalMixtureSequence`] |
//!
//! If you know nothing of the tails, no test of a mean exists (Bahadur and Savage 1956), and there is
//! none here: use a bounded transform of the draws, or test the median with a [`RateTest`] on the signs.
//!
//! ```
//! use prob::inference::{Alternative, MeanTest, Rates};
//! use rand_distr::{Distribution, StandardNormal};
//!
//! // Is the mean of z⁴ really 3? Its variance is 105 − 9 = 96, and it has no moment-generating function.
//! let rates = Rates::new(1e-8, 1e-8)?;
//! let test = MeanTest::plan(rates, Alternative::TwoSided, 96f64.sqrt(), 0.5)?;
//! let mut rng = prob::random::stream(1, [0]);
//! let mut z4 = || { let z: f64 = StandardNormal.sample(&mut rng); z.powi(4) };
//! let values: Vec<f64> = (0..test.draws()).map(|_| z4()).collect();
//! assert!(!test.test(&values, 3.0)?.rejected);
//! assert!(test.test(&values, 3.5)?.rejected);
//! # Ok::<(), prob::Error>(())
//! ```

pub mod anytime;
pub mod binomial;
mod bounded;
mod goodness_of_fit;
mod mean;
mod normal;
mod rates;
pub mod student;
pub mod variance;

pub use anytime::{NormalMixtureSequence, SequentialMeanTest, Status};
pub use binomial::RateTest;
pub use bounded::{EmpiricalBernsteinTest, SubGaussianMeanTest};
pub use goodness_of_fit::{FitDecision, FitTest, TwoSampleTest, gaussian_shift_distance};
pub use mean::{MeanTest, influence, paired_differences};
pub use normal::NormalMeanTest;
pub use rates::Rates;
pub use variance::NormalVarianceTest;

use crate::{Error, Result};

/// What a test should notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alternative {
    /// The true value differs from the expected one, in either direction. α is shared half and half.
    TwoSided,
    /// The true value is *greater* than the expected one; being smaller is no reason to reject.
    Greater,
    /// The true value is *less* than the expected one; being greater is no reason to reject.
    Less,
}

impl Alternative {
    /// How many directions share α.
    pub(crate) fn sides(self) -> f64 {
        if self == Self::TwoSided { 2.0 } else { 1.0 }
    }

    /// The interval whose ends lie `below` and `above`, with the end that no one asked for removed.
    pub(crate) fn interval(self, below: f64, above: f64) -> Interval {
        match self {
            Self::TwoSided => Interval { lower: below, upper: above },
            Self::Greater => Interval { lower: below, upper: f64::INFINITY },
            Self::Less => Interval { lower: f64::NEG_INFINITY, upper: above },
        }
    }
}

/// A closed interval; an end may be infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

impl Interval {
    /// Whether x lies between the ends.
    #[must_use]
    pub fn contains(&self, x: f64) -> bool {
        self.lower <= x && x <= self.upper
    }
}

/// What a test made of its draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// Whether the expected value is rejected: it lies outside the interval.
    pub rejected: bool,
    /// The point estimate.
    pub estimate: f64,
    /// The value that was expected.
    pub expected: f64,
    /// A confidence interval for the true value at level 1 − α; half-infinite for a one-sided test.
    pub interval: Interval,
    /// The number of draws that were used.
    pub draws: u64,
}

impl Decision {
    fn new(estimate: f64, expected: f64, interval: Interval, draws: usize) -> Self {
        let rejected = !interval.contains(expected);
        Self { rejected, estimate, expected, interval, draws: draws as u64 }
    }
}

/// Refuses a sample that is smaller than planned (the power would not be there) or not finite.
fn check_sample(values: &[f64], planned: u64) -> Result<()> {
    if (values.len() as u64) < planned {
        return Err(Error::TooFew { name: "values", what: "the planned test", least: planned });
    }
    values.iter().try_for_each(|&x| crate::error::finite("a value", x).map(|_| ()))
}

fn mean(values: &[f64]) -> f64 {
    crate::compensated_sum(values.iter().copied()) / values.len() as f64
}

/// The real number of draws that a formula asks for, as a count.
fn whole_draws(draws: f64, effect: f64) -> Result<u64> {
    // 2⁵³ draws would take years; and a float cannot count further.
    if draws.is_finite() && draws < 9.0e15 {
        Ok(draws.ceil().max(1.0) as u64)
    } else {
        Err(Error::TooSmallAnEffect { effect })
    }
}
