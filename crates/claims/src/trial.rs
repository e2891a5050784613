//! One run of a check, and the words that checks are written in.

use std::error::Error;

use prob::inference::variance::{CentralMoments, squared_deviations};
use prob::inference::{Alternative, Decision, FitTest, MeanTest, RateTest, Rates, student};
use prob::random::stream;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::record::{Record, Tolerance};

/// The random generator that checks hand out.
pub type Rng = Xoshiro256PlusPlus;

/// What can stop a check: a computation that did not succeed.
pub type CheckError = Box<dyn Error + Send + Sync>;

/// The result of a check. What it found is in its records; an error is a computation that failed.
pub type Check = Result<(), CheckError>;

/// Draws that one generator makes in a row; pieces are worked on in parallel.
const PIECE: usize = 1 << 14;

/// Fills a slice with draws. That is all that is compiled for each closure of a check's.
type Fill<'a> = &'a (dyn Fn(&mut Rng, &mut [f64]) + Sync);

fn filling(draw: impl Fn(&mut Rng) -> f64 + Sync) -> impl Fn(&mut Rng, &mut [f64]) + Sync {
    move |rng, values| values.iter_mut().for_each(|value| *value = draw(rng))
}

/// One run of a check: what it may use, and what it has found.
#[derive(Debug)]
pub(crate) struct Trial {
    pub(crate) tolerance: Tolerance,
    pub(crate) rates: Rates,
    /// Names the claim's random streams, together with the seed.
    pub(crate) seed: u64,
    pub(crate) claim: u64,
    /// How many effects were measured with a cause and without it.
    pub(crate) interventions: u64,
    /// The case of the domain that is looked at; empty if there is no domain.
    pub(crate) at: String,
    pub(crate) records: Vec<Record>,
}

impl Trial {
    /// Takes in a record, and says of which case of the domain it is.
    fn note(&mut self, record: Record) {
        let label = match (self.at.as_str(), record.label.as_str()) {
            ("", _) => record.label,
            (at, "") => at.to_owned(),
            (at, label) => format!("{label}, {at}"),
        };
        self.records.push(Record { label, ..record });
    }

    fn test(&self) -> u64 {
        self.records.len() as u64
    }

    /// `count` draws, in parallel, the same ones for any number of threads.
    fn draw(&self, count: u64, fill: Fill<'_>) -> Vec<f64> {
        let mut values = vec![0.0; count as usize];
        values.par_chunks_mut(PIECE).enumerate().for_each(|(piece, values)| {
            fill(&mut stream(self.seed, [self.claim, self.test(), piece as u64]), values);
        });
        values
    }

    /// Whether the mean of the values is as expected. One that is no finite number settles it.
    fn decide(&mut self, label: String, test: &MeanTest, values: &[f64], mean: f64) -> Check {
        if let Some(&value) = values.iter().find(|value| !value.is_finite()) {
            self.note(Record::equality(label, value, mean, 0.0));
            return Ok(());
        }
        let decision = test.test(values, mean)?;
        self.decided(label, test.alternative(), decision);
        Ok(())
    }

    /// Takes in a test's decision. What is allowed is the distance from the estimate to the end of its
    /// confidence interval on the side of the expected value; of a one-sided test, to its only end, and
    /// an estimate on the harmless side uses nothing of it.
    fn decided(&mut self, label: String, alternative: Alternative, decision: Decision) {
        let Decision { rejected, estimate, expected, interval, draws } = decision;
        let (below, above) = (estimate - interval.lower, interval.upper - estimate);
        let (allowed, harmless) = match alternative {
            Alternative::TwoSided => (if estimate >= expected { below } else { above }, false),
            Alternative::Greater => (below, estimate <= expected),
            Alternative::Less => (above, estimate >= expected),
        };
        let record = Record::equality(label, estimate, expected, allowed);
        // The test's own decision is the one that has the stated error rates.
        let score = match (rejected, harmless) {
            (true, _) => record.score.max(1.0 + f64::EPSILON),
            (false, true) => 0.0,
            (false, false) => record.score.min(1.0),
        };
        self.note(Record { score, draws, ..record });
    }
}

/// The words of an exact check.
#[derive(Debug)]
pub struct Cases<'a>(pub(crate) &'a mut Trial);

impl Cases<'_> {
    /// A measured number that should equal an expected one, within the claim's tolerance.
    pub fn equal(&mut self, label: impl Into<String>, measured: f64, expected: f64) {
        let allowed = self.0.tolerance.around(expected);
        self.0.note(Record::equality(label.into(), measured, expected, allowed));
    }

    /// The same for every number of two lists; a missing number equals nothing.
    pub fn all_equal(&mut self, label: &str, measured: &[f64], expected: &[f64]) {
        for i in 0..measured.len().max(expected.len()) {
            let at = |list: &[f64]| list.get(i).copied().unwrap_or(f64::NAN);
            self.equal(format!("{label}[{i}]"), at(measured), at(expected));
        }
    }

    /// A generator for inputs chosen at random; `part` tells several of them apart: a seed of the domain, say. It is the same
    /// in every case of a domain.
    #[must_use]
    pub fn rng(&self, part: u64) -> Rng {
        stream(self.0.seed, [self.0.claim, u64::MAX, part])
    }
}

/// The words of a check of an inequality. One case at least should be tight: a bound that is never
/// approached is not seen to be one.
#[derive(Debug)]
pub struct Margins<'a>(pub(crate) &'a mut Trial);

impl Margins<'_> {
    /// A number that should be at least another (up to the claim's tolerance for rounding).
    pub fn at_least(&mut self, label: impl Into<String>, larger: f64, smaller: f64) {
        let allowed = self.0.tolerance.around(smaller);
        self.0.note(Record::inequality(label.into(), larger, smaller, allowed));
    }

    /// A generator for inputs chosen at random; `part` tells several of them apart: a seed of the domain, say. It is the same
    /// in every case of a domain.
    #[must_use]
    pub fn rng(&self, part: u64) -> Rng {
        stream(self.0.seed, [self.0.claim, u64::MAX, part])
    }
}

/// What a mean should be, and what is known about the draws.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// The exact mean.
    pub mean: f64,
    /// The standard deviation of one draw, or an upper bound on it.
    pub sd: f64,
    /// The smallest error of the mean that the test must notice.
    pub effect: f64,
}

/// The words of a statistical check. The number of draws follows from the claim's error rates and the
/// smallest effect.
#[derive(Debug)]
pub struct Draws<'a>(pub(crate) &'a mut Trial);

impl Draws<'_> {
    /// The rates of each of the claim's tests.
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.0.rates
    }

    /// The mean of `draw` should be as expected: Catoni's test, whatever the tails.
    ///
    /// # Errors
    /// If the expectation makes no sense (a negative standard deviation, say).
    pub fn mean(
        &mut self,
        label: impl Into<String>,
        expected: Expected,
        draw: impl Fn(&mut Rng) -> f64 + Sync,
    ) -> Check {
        self.mean_of(label.into(), Alternative::TwoSided, expected, &filling(draw))
    }

    /// On average `draw` should not be below `least`: a one-sided test, for differences on common random
    /// numbers. It must notice a mean that falls short by `effect`; `sd` bounds the standard deviation.
    ///
    /// # Errors
    /// As for [`Draws::mean`].
    pub fn at_least(
        &mut self,
        label: impl Into<String>,
        expected: Expected,
        draw: impl Fn(&mut Rng) -> f64 + Sync,
    ) -> Check {
        self.mean_of(label.into(), Alternative::Less, expected, &filling(draw))
    }

    fn mean_of(
        &mut self,
        label: String,
        alternative: Alternative,
        Expected { mean, sd, effect }: Expected,
        fill: Fill<'_>,
    ) -> Check {
        let test = MeanTest::plan(self.0.rates, alternative, sd, effect)?;
        let values = self.0.draw(test.draws(), fill);
        self.0.decide(label, &test, &values, mean)
    }

    /// The draws should have the continuous distribution function `cdf`; one that is somewhere off by
    /// `distance` must be noticed (Dvoretzky, Kiefer & Wolfowitz 1956 with Massart's constant 1990).
    ///
    /// # Errors
    /// If the distance is no number between 0 and 1.
    pub fn distributed(
        &mut self,
        label: impl Into<String>,
        distance: f64,
        cdf: impl Fn(f64) -> f64,
        draw: impl Fn(&mut Rng) -> f64 + Sync,
    ) -> Check {
        self.fits(label.into(), distance, &cdf, &filling(draw))
    }

    fn fits(
        &mut self,
        label: String,
        distance: f64,
        cdf: &dyn Fn(f64) -> f64,
        fill: Fill<'_>,
    ) -> Check {
        let test = FitTest::plan(self.0.rates, distance)?;
        let values = self.0.draw(test.draws(), fill);
        let fit = test.test(&values, cdf)?;
        let record = Record::equality(label, fit.distance, 0.0, fit.threshold);
        self.0.note(Record { draws: fit.draws, ..record });
        Ok(())
    }

    /// The share of successes should be `right`, or lie on its other side from `wrong`, which must be
    /// noticed: `rate("…", 0.01, 0.02, …)` states "at most 1 %". An exact binomial test.
    ///
    /// # Errors
    /// If the rates are no probabilities, or equal.
    pub fn rate(
        &mut self,
        label: impl Into<String>,
        right: f64,
        wrong: f64,
        succeeds: impl Fn(&mut Rng) -> bool + Sync,
    ) -> Check {
        self.rate_of(label.into(), right, wrong, &filling(|rng| f64::from(succeeds(rng))))
    }

    fn rate_of(&mut self, label: String, right: f64, wrong: f64, fill: Fill<'_>) -> Check {
        let test = RateTest::plan(self.0.rates, right, wrong)?;
        let outcomes = self.0.draw(test.draws(), fill);
        let successes = outcomes.iter().filter(|&&success| success == 1.0).count() as u64;
        let decision = test.test(successes, test.draws())?;
        let side = if wrong > right { Alternative::Greater } else { Alternative::Less };
        self.0.decided(label, side, decision);
        Ok(())
    }
}

/// The words of a check of ratios.
#[derive(Debug)]
pub struct Ratios<'a>(pub(crate) &'a mut Trial);

impl Ratios<'_> {
    /// The variance of `draw`, divided by its exact value, should be 1; a ratio that is off by
    /// `relative_effect` must be noticed. The mean is known; the fourth central moment says how far a
    /// variance can be trusted.
    ///
    /// # Errors
    /// If the moments make no sense.
    pub fn variance(
        &mut self,
        label: impl Into<String>,
        mean: f64,
        moments: CentralMoments,
        relative_effect: f64,
        draw: impl Fn(&mut Rng) -> f64 + Sync,
    ) -> Check {
        self.variance_of(label.into(), mean, moments, relative_effect, &filling(draw))
    }

    fn variance_of(
        &mut self,
        label: String,
        mean: f64,
        moments: CentralMoments,
        relative_effect: f64,
        fill: Fill<'_>,
    ) -> Check {
        let sd = moments.sd_of_square()? / moments.variance;
        let factor = 1.0 + relative_effect;
        let test = MeanTest::plan_with_alternative_sd(
            self.0.rates,
            Alternative::TwoSided,
            sd,
            factor * sd,
            relative_effect,
        )?;
        let values = self.0.draw(test.draws(), fill);
        let ratios: Vec<f64> =
            squared_deviations(&values, mean).iter().map(|s| s / moments.variance).collect();
        self.0.decide(label, &test, &ratios, 1.0)
    }
}

/// The words of a check on training runs. A figure is given for each run, and what is asked of its mean is asked of the
/// whole 99 % confidence interval for it (Student 1908): an interval that also holds the opposite settles nothing.
#[derive(Debug)]
pub struct Runs<'a>(pub(crate) &'a mut Trial);

impl Runs<'_> {
    /// The mean of a figure is between two numbers: of a difference, *equivalence* within a margin.
    pub fn between(&mut self, label: impl Into<String>, figures: &[f64], low: f64, high: f64) {
        self.0.note(Record::between(label.into(), mean_interval(figures), low, high));
    }

    /// The mean of a figure is above a number: of a difference, *superiority* if the number is 0, and *non-inferiority* if it
    /// is a margin below 0.
    pub fn above(&mut self, label: impl Into<String>, figures: &[f64], least: f64) {
        self.0.note(Record::above(label.into(), mean_interval(figures), least));
    }

    /// The mean of a figure is below a number.
    pub fn below(&mut self, label: impl Into<String>, figures: &[f64], most: f64) {
        self.0.note(Record::below(label.into(), mean_interval(figures), most));
    }

    /// An intervention: the figure with the cause, less the figure without it and everything else held, run by run. Its mean
    /// is between two numbers.
    pub fn effect(
        &mut self,
        label: impl Into<String>,
        [with, without]: [&[f64]; 2],
        low: f64,
        high: f64,
    ) {
        assert_eq!(with.len(), without.len(), "as many runs without the cause as with it");
        let differences: Vec<f64> = with.iter().zip(without).map(|(a, b)| a - b).collect();
        self.0.interventions += 1;
        self.between(label, &differences, low, high);
    }

    /// The seed that training runs start from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.0.seed
    }
}

/// The confidence of the intervals of [`Runs`].
const CONFIDENCE: f64 = 0.99;

/// Mean and half the width of its interval; the interval of a single run, or of figures that are not finite, has no ends.
fn mean_interval(figures: &[f64]) -> (f64, f64) {
    let mean = figures.iter().sum::<f64>() / figures.len() as f64;
    let half = student::mean_interval(figures, CONFIDENCE);
    (mean, half.map_or(f64::INFINITY, |interval| 0.5 * (interval.upper - interval.lower)))
}
