//! Tests and intervals that may be looked at after every draw.
//!
//! Looking at an ordinary test again and again until it rejects makes it reject sooner or later. The
//! statistics here are exponentials of sums that form non-negative supermartingales, and Ville's
//! inequality (1939, "Étude critique de la notion de collectif") bounds the probability that such a
//! process *ever* exceeds 1/α by α: one may stop whenever one likes.

use super::mean::influence;
use super::{Alternative, Interval, MeanTest, Rates};
use crate::Result;
use crate::error::{finite, positive, rate};

/// Where a sequential test stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// More draws are needed.
    Undecided,
    /// The expected value is rejected.
    Rejected,
    /// An effect of the stated size is ruled out, or the planned number of draws is reached.
    Passed,
}

/// [`MeanTest`] that stops as soon as it knows: a wrong mean is usually rejected long before all draws are
/// made, and a right one confirmed before.
///
/// With Catoni's ψ and scale a, exp(Σψ(a(Xᵢ − m)) − t log(1 + a²v/2)) is a non-negative supermartingale in
/// t where m is the true mean (the bound in [`MeanTest`] is one factor a draw; as in Wang and Ramdas 2023,
/// "Catoni-style confidence sequences for heavy-tailed mean estimation", Stochastic Processes and their
/// Applications 163, 168-202). By Ville's inequality the threshold of [`MeanTest`] may be compared after
/// every draw at no cost in α. The same process at m ± effect, at level β/2, rules the effect out: then
/// the test passes early. At the planned number of draws it passes anyway, which misses with probability
/// at most the other β/2.
///
/// ```
/// use prob::inference::{Alternative, Rates, SequentialMeanTest, Status};
/// use prob::Gaussian;
///
/// let rates = Rates::new(1e-8, 1e-8)?;
/// let mut test = SequentialMeanTest::plan(rates, Alternative::TwoSided, 1.0, 0.1, 0.0)?;
/// let mut rng = prob::random::stream(5, []);
/// let far_off = Gaussian::new(1.0, 1.0)?;
/// while test.push(far_off.sample(&mut rng))? == Status::Undecided {}
/// assert_eq!(test.status(), Status::Rejected);
/// assert!(10 * test.count() < test.most_draws());
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SequentialMeanTest {
    plan: MeanTest,
    rates: Rates,
    alternative_growth: f64,
    expected: f64,
    count: u64,
    /// Σψ(a(Xᵢ − m)) at the expected mean and at the expected mean plus and minus the effect.
    sums: [f64; 3],
    status: Status,
}

impl SequentialMeanTest {
    /// Plans a test of draws with standard deviation at most `sd` for the mean `expected`, which notices
    /// a mean that is off by `effect` or more.
    ///
    /// # Errors
    /// As [`MeanTest::plan`]; [`Error::Parameter`](crate::Error::Parameter) if `expected` is not finite.
    pub fn plan(
        rates: Rates,
        alternative: Alternative,
        sd: f64,
        effect: f64,
        expected: f64,
    ) -> Result<Self> {
        finite("expected", expected)?;
        let halved = Rates::new(rates.alpha(), 0.5 * rates.beta())?;
        let plan = MeanTest::plan(halved, alternative, sd, effect)?;
        let alternative_growth = (0.5 * (plan.scale() * sd).powi(2)).ln_1p();
        let (count, sums, status) = (0, [0.0; 3], Status::Undecided);
        Ok(Self { plan, rates, alternative_growth, expected, count, sums, status })
    }

    /// Takes in one more draw, unless the test has already decided, and says where it stands.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) for a draw that is not finite.
    pub fn push(&mut self, x: f64) -> Result<Status> {
        finite("a value", x)?;
        if self.status != Status::Undecided {
            return Ok(self.status);
        }
        self.count += 1;
        let effect = self.plan.effect();
        for (sum, shift) in self.sums.iter_mut().zip([0.0, effect, -effect]) {
            *sum += influence(self.plan.scale() * (x - self.expected - shift));
        }
        self.status = self.judge();
        Ok(self.status)
    }

    fn judge(&self) -> Status {
        let [at_expected, at_more, at_less] = self.sums;
        let threshold = self.plan.threshold(self.count);
        let ruling_out =
            self.count as f64 * self.alternative_growth - (0.5 * self.rates.beta()).ln();
        let (more_is_out, less_is_out) = (at_more < -ruling_out, at_less > ruling_out);
        let (rejected, passed) = match self.plan.alternative() {
            Alternative::TwoSided => (at_expected.abs() > threshold, more_is_out && less_is_out),
            Alternative::Greater => (at_expected > threshold, more_is_out),
            Alternative::Less => (at_expected < -threshold, less_is_out),
        };
        if rejected {
            Status::Rejected
        } else if passed || self.count >= self.plan.draws() {
            Status::Passed
        } else {
            Status::Undecided
        }
    }

    /// Where the test stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// How many draws it has taken in.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// After how many draws it decides at the latest.
    #[must_use]
    pub fn most_draws(&self) -> u64 {
        self.plan.draws()
    }

    /// The error rates.
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.rates
    }
}

/// A confidence *sequence* for the mean of sub-Gaussian draws: an interval after every draw, all of which
/// contain the mean with probability at least 1 − α.
///
/// Mixing the supermartingales exp(λS − tλ²σ²/2), S = Σ(Xᵢ − m), over λ ~ N(0, 1/(ρσ²)) gives
/// √(ρ/(t+ρ)) exp(S²/(2σ²(t+ρ))), so that by Ville's inequality
/// |S| ≤ σ √((t+ρ)(2 log(1/α) + log((t+ρ)/ρ))) for all t at once (Robbins 1970, "Statistical methods
/// related to the law of the iterated logarithm", Annals of Mathematical Statistics 41(5), 1397-1409;
/// Howard, Ramdas, McAuliffe and Sekhon 2021, "Time-uniform, nonparametric, nonasymptotic confidence
/// sequences", Annals of Statistics 49(2), 1055-1080, equation 14).
///
/// ```
/// use prob::inference::NormalMixtureSequence;
/// // Draws in [0, 1] are sub-Gaussian with σ = ½. Tightest around 1000 draws, valid at all.
/// let mut sequence = NormalMixtureSequence::new(1e-3, 0.5, 1000.0)?;
/// for i in 0..1000 {
///     sequence.push(f64::from(i % 2))?;
/// }
/// let interval = sequence.interval();
/// assert!(interval.contains(0.5) && interval.upper - interval.lower < 0.15);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormalMixtureSequence {
    alpha: f64,
    proxy: f64,
    rho: f64,
    count: u64,
    mean: f64,
}

impl NormalMixtureSequence {
    /// A confidence sequence at level 1 − `alpha` for draws with variance proxy `proxy`², narrowest near
    /// `horizon` draws.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) unless 0 < alpha < 1 and the others are finite and
    /// positive.
    pub fn new(alpha: f64, proxy: f64, horizon: f64) -> Result<Self> {
        rate("alpha", alpha)?;
        positive("proxy", proxy)?;
        positive("horizon", horizon)?;
        // Any ρ > 0 is valid. This one nearly minimises the width at the horizon (Howard et al. 2021,
        // section 3.5, with the usual approximation of Lambert's function).
        let log_term = -2.0 * alpha.ln();
        let rho = horizon / (log_term + log_term.ln_1p());
        Ok(Self { alpha, proxy, rho, count: 0, mean: 0.0 })
    }

    /// Takes in one more draw.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) for a draw that is not finite.
    pub fn push(&mut self, x: f64) -> Result<()> {
        finite("a value", x)?;
        self.count += 1;
        self.mean += (x - self.mean) / self.count as f64;
        Ok(())
    }

    /// How many draws it has taken in.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The interval after the draws so far; the whole line before the first.
    #[must_use]
    pub fn interval(&self) -> Interval {
        if self.count == 0 {
            return Interval { lower: f64::NEG_INFINITY, upper: f64::INFINITY };
        }
        let (t, rho) = (self.count as f64, self.rho);
        let log_term = -2.0 * self.alpha.ln() + (t / rho).ln_1p();
        let half = self.proxy * ((t + rho) * log_term).sqrt() / t;
        Interval { lower: self.mean - half, upper: self.mean + half }
    }
}
