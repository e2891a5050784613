//! The mean of draws whose variance is known, whatever their tails: Catoni's M-estimator as a test.

use super::{Alternative, Decision, Rates, check_sample, whole_draws};
use crate::error::{finite, positive};
use crate::{Error, Result, compensated_sum};

/// A test of a mean that needs nothing but a bound on the variance.
///
/// # Why not the sample mean
/// With nothing but a variance v, the sample mean's deviations can be as bad as Chebyshev's inequality
/// allows: at α = 1e-8, 10⁴ standard errors. Catoni (2012, "Challenging the empirical mean and empirical
/// variance: a deviation study", Annales de l'Institut Henri Poincaré, Probabilités et Statistiques
/// 48(4), 1148-1185) replaces each deviation by a slowly growing function of it and gets √(2 log(2/α)) =
/// 6.2 standard errors, against the normal's 5.7.
///
/// # The bound, in three lines
/// ψ(x) = ±log(1 + |x| + x²/2), with the sign of x ([`influence`]), satisfies
/// −log(1 − x + x²/2) ≤ ψ(x) ≤ log(1 + x + x²/2) (his inequality 2.1). So for independent draws with
/// mean m and variance at most v, and any scale a > 0,
///
/// E exp(Σψ(a(Xᵢ − m))) ≤ (1 + a²v/2)ⁿ, and the same for −ψ.
///
/// By Markov's inequality, |Σψ(a(Xᵢ − m))| exceeds n log(1 + a²v/2) + log(2/α) with probability at most
/// α: **reject m if it does** (log(1/α) for one side). The sum falls as m rises, so that the m which are
/// not rejected form an interval, with Catoni's estimator (where the sum is 0) inside.
///
/// If the true mean is m + Δ and the variance at most v', then E exp(−Σψ(a(Xᵢ − m))) ≤
/// (1 − aΔ + a²(v' + Δ²)/2)ⁿ, so the test misses with probability at most
/// (2/α) exp(−n D(a)), D(a) = −log(1 − aΔ + a²(v' + Δ²)/2) − log(1 + a²v/2). [`plan`](Self::plan)
/// takes the scale with the largest D, near Δ/(v + v'), and n = log(2/(αβ))/D; for small Δ that is
/// 4 v log(2/(αβ))/Δ² draws. An effect *larger* than Δ is caught at least as surely: shift the draws
/// back, and ψ, which is increasing, only falls.
///
/// ```
/// use prob::inference::{Alternative, MeanTest, Rates};
/// // A shift by 2 % of a standard deviation, at 1e-8 both ways:
/// let test = MeanTest::plan(Rates::new(1e-8, 1e-8)?, Alternative::TwoSided, 1.0, 0.02)?;
/// assert_eq!(test.draws(), 375_374);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanTest {
    rates: Rates,
    alternative: Alternative,
    sd: f64,
    effect: f64,
    scale: f64,
    draws: u64,
}

impl MeanTest {
    /// Plans a test for draws with standard deviation at most `sd`, which notices a mean that is off by
    /// `effect` or more (both in the draws' own units).
    ///
    /// # Errors
    /// [`Error::Parameter`] unless sd and effect are finite and positive;
    /// [`Error::TooSmallAnEffect`] if the test would need more than 2⁵³ draws.
    pub fn plan(rates: Rates, alternative: Alternative, sd: f64, effect: f64) -> Result<Self> {
        Self::plan_with_alternative_sd(rates, alternative, sd, sd, effect)
    }

    /// As [`plan`](Self::plan), where draws with the wrong mean may have another standard deviation, at
    /// most `alternative_sd`. The false-alarm rate does not depend on it, the power does.
    ///
    /// # Errors
    /// As [`plan`](Self::plan).
    pub fn plan_with_alternative_sd(
        rates: Rates,
        alternative: Alternative,
        sd: f64,
        alternative_sd: f64,
        effect: f64,
    ) -> Result<Self> {
        positive("sd", sd)?;
        positive("alternative_sd", alternative_sd)?;
        positive("effect", effect)?;
        // In units of sd, so that nothing over- or underflows.
        let (shift, variance) = (effect / sd, (alternative_sd / sd).powi(2));
        let second_moment = variance + shift * shift;
        let gain =
            |a: f64| -(0.5 * a * a * second_moment - a * shift).ln_1p() - (0.5 * a * a).ln_1p();
        // The first term is largest at shift/second_moment, the second falls from 0 on: the maximum lies
        // between. A scale that is a little off costs draws, never validity.
        let scale = maximise(gain, 0.0, shift / second_moment);
        let log_rates = (alternative.sides() / rates.alpha()).ln() - rates.beta().ln();
        let draws = whole_draws(log_rates / gain(scale), effect)?;
        Ok(Self { rates, alternative, sd, effect, scale: scale / sd, draws })
    }

    /// Plans a test of a *variance* against an exact value: the mean of (X − μ)², with μ known, whose
    /// variance is `fourth_central_moment` − `variance`². It notices a variance that is wrong by
    /// `relative_effect` or more; feed it [`squared_deviations`](super::variance::squared_deviations).
    ///
    /// The power is for draws whose fourth moment grows with their variance as if they were scaled.
    ///
    /// # Errors
    /// As [`plan`](Self::plan); [`Error::Parameter`] too if the fourth moment is below the squared
    /// variance, which no distribution allows.
    ///
    /// ```
    /// use prob::inference::{Alternative, MeanTest, Rates};
    /// // The variance of N(0, 1) draws, to 10 %.
    /// let rates = Rates::new(1e-8, 1e-8)?;
    /// let test = MeanTest::for_variance(rates, Alternative::TwoSided, 1.0, 3.0, 0.1)?;
    /// assert!(test.draws() < 35_000);
    /// # Ok::<(), prob::Error>(())
    /// ```
    pub fn for_variance(
        rates: Rates,
        alternative: Alternative,
        variance: f64,
        fourth_central_moment: f64,
        relative_effect: f64,
    ) -> Result<Self> {
        positive("variance", variance)?;
        let spread = fourth_central_moment - variance * variance;
        let sd = positive("fourth_central_moment - variance^2", spread)?.sqrt();
        let scaled = sd * (1.0 + positive("relative_effect", relative_effect)?);
        let effect = relative_effect * variance;
        Self::plan_with_alternative_sd(rates, alternative, sd, scaled, effect)
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

    /// What the test should notice.
    #[must_use]
    pub fn alternative(&self) -> Alternative {
        self.alternative
    }

    /// The scale a of the influence function, in 1/units of the draws.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// n log(1 + a²v/2) + log(2/α), what |Σψ(a(Xᵢ − m))| stays below after n draws.
    #[must_use]
    pub fn threshold(&self, draws: u64) -> f64 {
        let growth = (0.5 * (self.scale * self.sd).powi(2)).ln_1p();
        draws as f64 * growth + (self.alternative.sides() / self.rates.alpha()).ln()
    }

    /// Tests the draws' mean against `expected`.
    ///
    /// # Errors
    /// [`Error::TooFew`] for fewer draws than planned; [`Error::Parameter`] for one that is not finite.
    pub fn test(&self, values: &[f64], expected: f64) -> Result<Decision> {
        check_sample(values, self.draws)?;
        finite("expected", expected)?;
        let threshold = self.threshold(values.len() as u64);
        let below = self.solve(values, threshold, expected);
        let above = self.solve(values, -threshold, expected);
        let interval = self.alternative.interval(below, above);
        let estimate = self.solve(values, 0.0, expected);
        // The decision itself from the sum at m, free of the solver's rounding.
        let rejected = self.rejects(values, expected)?;
        Ok(Decision { rejected, ..Decision::new(estimate, expected, interval, values.len()) })
    }

    /// The decision of [`test`](Self::test) alone: one pass over the draws instead of some twenty.
    ///
    /// # Errors
    /// As [`test`](Self::test).
    pub fn rejects(&self, values: &[f64], expected: f64) -> Result<bool> {
        check_sample(values, self.draws)?;
        finite("expected", expected)?;
        let sum = self.sum(values, expected).0;
        let threshold = self.threshold(values.len() as u64);
        Ok(match self.alternative {
            Alternative::TwoSided => sum.abs() > threshold,
            Alternative::Greater => sum > threshold,
            Alternative::Less => sum < -threshold,
        })
    }

    /// Catoni's estimate of the mean: the m at which Σψ(a(Xᵢ − m)) = 0.
    ///
    /// # Errors
    /// [`Error::TooFew`] for no draws; [`Error::Parameter`] for one that is not finite.
    pub fn estimate(&self, values: &[f64]) -> Result<f64> {
        check_sample(values, 1)?;
        Ok(self.solve(values, 0.0, values[0]))
    }

    /// Σψ(a(Xᵢ − m)) and its derivative with respect to m.
    fn sum(&self, values: &[f64], m: f64) -> (f64, f64) {
        let a = self.scale;
        let sum = compensated_sum(values.iter().map(|x| influence(a * (x - m))));
        let slope: f64 = values.iter().map(|x| influence_slope(a * (x - m))).sum();
        (sum, -a * slope)
    }

    /// The m with Σψ(a(Xᵢ − m)) = `level`: Newton's method, kept inside a bracket by bisection.
    fn solve(&self, values: &[f64], level: f64, start: f64) -> f64 {
        let excess = |m: f64| {
            let (sum, slope) = self.sum(values, m);
            (sum - level, slope)
        };
        let bracket = |direction: f64| {
            let (mut m, mut step) = (start, 1.0 / self.scale);
            while direction * excess(m).0 < 0.0 && m.is_finite() {
                m -= direction * step;
                step *= 2.0;
            }
            m
        };
        let (mut low, mut high) = (bracket(1.0), bracket(-1.0));
        let mut m = 0.5 * (low + high);
        // Newton needs a handful of steps; bisection alone would need 60.
        for _ in 0..100 {
            let (value, slope) = excess(m);
            if value > 0.0 {
                low = m;
            } else {
                high = m;
            }
            let newton = m - value / slope;
            let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
            if (next - m).abs() <= 4.0 * f64::EPSILON * next.abs() + 1e-14 / self.scale {
                return next;
            }
            m = next;
        }
        m
    }
}

/// ψ(x) = ±log(1 + |x| + x²/2), the widest influence function that Catoni's inequality allows.
#[must_use]
pub fn influence(x: f64) -> f64 {
    (x.abs() + 0.5 * x * x).ln_1p().copysign(x)
}

fn influence_slope(x: f64) -> f64 {
    let x = x.abs();
    (1.0 + x) / (1.0 + x + 0.5 * x * x)
}

/// The place of the maximum of a function that rises and then falls: golden-section search.
fn maximise(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const RATIO: f64 = 0.618_033_988_749_894_9;
    // A maximum is flat: to a relative 1e-6 in the place, the value is right to 1e-12.
    while high - low > 1e-6 * high {
        let (left, right) = (high - RATIO * (high - low), low + RATIO * (high - low));
        if f(left) < f(right) {
            low = left;
        } else {
            high = right;
        }
    }
    0.5 * (low + high)
}

/// The differences xᵢ − yᵢ of two samples that were drawn *with the same random numbers*. What the two
/// have in common cancels, and a one-sided [`MeanTest`] needs correspondingly fewer draws.
///
/// # Errors
/// [`Error::Dimension`] if the lengths differ.
pub fn paired_differences(x: &[f64], y: &[f64]) -> Result<Vec<f64>> {
    if x.len() != y.len() {
        return Err(Error::Dimension { name: "y", expected: x.len(), got: y.len() });
    }
    Ok(x.iter().zip(y).map(|(x, y)| x - y).collect())
}
