//! Monte-Carlo estimates: a mean, a variance, and how far to trust each.

use crate::{Error, Result};

/// A running estimate of a mean and a variance, with the standard errors of both.
///
/// Keeps the count, the mean and the second to fourth sums of powers of deviations, updated one value
/// at a time without ever forming Σx² (Welford 1962; Pébay 2008 for the higher powers). Two estimates
/// over disjoint values [merge](Estimate::merge) into the estimate over their union.
///
/// Merging is associative up to rounding only: to get the same bits with any number of threads, cut
/// the work into pieces that do not depend on the number of threads and merge the pieces in a fixed
/// order.
///
/// ```
/// use prob::Estimate;
/// let e: Estimate = [1.0, 2.0, 3.0, 4.0].into_iter().collect();
/// assert_eq!(e.mean(), 2.5);
/// assert!((e.variance()? - 5.0 / 3.0).abs() < 1e-15);
/// assert!((e.standard_error()? - (5.0f64 / 12.0).sqrt()).abs() < 1e-15);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Estimate {
    count: u64,
    mean: f64,
    m2: f64,
    m3: f64,
    m4: f64,
}

impl Estimate {
    /// An estimate from no values yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in one more value.
    pub fn push(&mut self, x: f64) {
        let before = self.count as f64;
        self.count += 1;
        let n = self.count as f64;
        let delta = x - self.mean;
        let step = delta / n;
        let term = delta * step * before;
        self.mean += step;
        // The higher powers first: each uses the lower ones as they were before x.
        self.m4 += term * step * step * (n * n - 3.0 * n + 3.0) + 6.0 * step * step * self.m2
            - 4.0 * step * self.m3;
        self.m3 += term * step * (n - 2.0) - 3.0 * step * self.m2;
        self.m2 += term;
    }

    /// Takes in everything that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (na, nb) = (self.count as f64, other.count as f64);
        let n = na + nb;
        let delta = other.mean - self.mean;
        let d = delta / n;
        let (a, b) = (*self, *other);
        self.count += other.count;
        self.mean = a.mean + d * nb;
        self.m2 = a.m2 + b.m2 + delta * d * na * nb;
        self.m3 =
            a.m3 + b.m3 + delta * d * d * na * nb * (na - nb) + 3.0 * d * (na * b.m2 - nb * a.m2);
        self.m4 = a.m4
            + b.m4
            + delta * d * d * d * na * nb * (na * na - na * nb + nb * nb)
            + 6.0 * d * d * (na * na * b.m2 + nb * nb * a.m2)
            + 4.0 * d * (na * b.m3 - nb * a.m3);
    }

    /// How many values were seen.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The arithmetic mean; NaN of no values.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.mean }
    }

    /// The unbiased variance s², with n − 1 in the denominator.
    ///
    /// # Errors
    /// [`Error::TooFew`] below two values.
    pub fn variance(&self) -> Result<f64> {
        self.at_least(2, "a variance")?;
        Ok(self.m2 / (self.count as f64 - 1.0))
    }

    /// The standard error of the mean, √(s²/n).
    ///
    /// # Errors
    /// [`Error::TooFew`] below two values.
    pub fn standard_error(&self) -> Result<f64> {
        self.at_least(2, "a standard error")?;
        Ok((self.variance()? / self.count as f64).sqrt())
    }

    /// The fourth central moment, Σ(x − mean)⁴/n.
    ///
    /// # Errors
    /// [`Error::TooFew`] of no values.
    pub fn fourth_central_moment(&self) -> Result<f64> {
        self.at_least(1, "a fourth moment")?;
        Ok(self.m4 / self.count as f64)
    }

    /// The standard error of [`variance`](Self::variance): the square root of
    /// Var s² = (μ₄ − σ⁴ (n−3)/(n−1))/n, exact in the moments, with the sample's in their place.
    ///
    /// A description of the spread, not a test: a heavy tail that the sample has not met yet is not in
    /// its fourth moment either. Tests of a variance are in [`inference`](crate::inference).
    ///
    /// # Errors
    /// [`Error::TooFew`] below four values.
    pub fn variance_standard_error(&self) -> Result<f64> {
        self.at_least(4, "a standard error of a variance")?;
        let n = self.count as f64;
        let s2 = self.m2 / (n - 1.0);
        let m4 = self.m4 / n;
        Ok(((m4 - s2 * s2 * (n - 3.0) / (n - 1.0)) / n).max(0.0).sqrt())
    }

    fn at_least(&self, least: u64, what: &'static str) -> Result<()> {
        if self.count < least {
            return Err(Error::TooFew { name: "the estimate", what, least });
        }
        Ok(())
    }
}

impl Extend<f64> for Estimate {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        for x in values {
            self.push(x);
        }
    }
}

impl FromIterator<f64> for Estimate {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut estimate = Self::new();
        estimate.extend(values);
        estimate
    }
}

/// Σxᵢ with a running compensation for what each addition rounds away (Neumaier 1974): the error is
/// about one rounding of the result, plus n·ε² times Σ|xᵢ|.
///
/// ```
/// assert_eq!(prob::compensated_sum([1.0, 1e100, 1.0, -1e100]), 2.0);
/// ```
pub fn compensated_sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0f64, 0.0f64);
    for x in values {
        let next = sum + x;
        lost += if sum.abs() >= x.abs() { (sum - next) + x } else { (x - next) + sum };
        sum = next;
    }
    // An infinite sum leaves NaN in the compensation (∞ − ∞): the sum itself is the answer then.
    if sum.is_finite() { sum + lost } else { sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two passes over integers of moderate size: every sum below is exact in binary64.
    fn by_definition(values: &[f64]) -> (f64, f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let power = |k| values.iter().map(|x| (x - mean).powi(k)).sum::<f64>();
        (mean, power(2) / (n - 1.0), power(4) / n)
    }

    fn close(a: f64, b: f64) -> bool {
        // About a hundred updates of a few roundings each.
        (a - b).abs() <= 1e-13 * b.abs()
    }

    #[test]
    fn moments_agree_with_their_definitions_alone_and_merged() {
        let values: Vec<f64> = (0..96).map(|i| f64::from((i * i * 7 + i) % 101)).collect();
        let (mean, variance, fourth) = by_definition(&values);
        let whole: Estimate = values.iter().copied().collect();
        for pieces in [1, 2, 5, 96] {
            let mut merged = Estimate::new();
            for piece in values.chunks(values.len().div_ceil(pieces)) {
                merged.merge(&piece.iter().copied().collect());
            }
            assert_eq!(merged.count(), whole.count());
            assert!(close(merged.mean(), mean), "{pieces}");
            assert!(close(merged.variance().unwrap(), variance), "{pieces}");
            assert!(close(merged.fourth_central_moment().unwrap(), fourth), "{pieces}");
            let n = values.len() as f64;
            let error = ((fourth - variance * variance * (n - 3.0) / (n - 1.0)) / n).sqrt();
            assert!(close(merged.variance_standard_error().unwrap(), error), "{pieces}");
        }
    }

    #[test]
    fn a_large_offset_does_not_eat_the_variance() {
        let e: Estimate = [4.0, 7.0, 13.0, 16.0].map(|x| x + 1e9).into_iter().collect();
        // Σx² would be 4e18, with a last place of 512.
        assert_eq!(e.variance(), Ok(30.0));
    }

    #[test]
    fn too_few_values_are_an_error() {
        let mut e = Estimate::new();
        assert!(e.mean().is_nan());
        assert!(e.fourth_central_moment().is_err());
        e.push(1.0);
        assert!(e.variance().is_err() && e.standard_error().is_err());
        e.extend([2.0, 3.0]);
        assert!(e.variance_standard_error().is_err());
        let before = e;
        e.merge(&Estimate::new());
        assert_eq!(e, before);
    }

    #[test]
    fn compensated_sum_keeps_what_plain_addition_drops() {
        let tenth = std::iter::repeat_n(0.1, 1_000_000);
        // 1e6 times the double nearest 0.1, correctly rounded; the plain sum is off by 1.3e-6.
        assert_eq!(compensated_sum(tenth), 100_000.0);
        assert_eq!(compensated_sum([f64::INFINITY, 1.0]), f64::INFINITY);
    }
}
