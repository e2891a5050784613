//! The tests test themselves, as claims: how often each rejects what is true, and notices what is not.
//!
//! At 1e-9 neither can be measured by repetition. The same code is run at α = 1e-2 and 1e-3, thousands
//! of times, on draws of which it is known what the answer should be; the shares are then tested
//! exactly. That the code may be trusted at smaller α follows from the bounds, which have no constant
//! that depends on α.

use std::f64::consts::SQRT_2;

use prob::inference::{Alternative, FitTest, MeanTest, NormalMeanTest, NormalVarianceTest, Rates};
use rand::Rng as _;
use rand_distr::StandardNormal;

use crate::claim::{AnyClaim, claim};
use crate::domain::{domain, one_of};
use crate::subject::Subject;
use crate::trial::Rng;

/// The false-alarm rates that repetitions can count.
const ALPHAS: [f64; 2] = [1e-2, 1e-3];
/// The smallest effect that the tests below are planned for, in standard deviations.
const EFFECT: f64 = 1.0;
/// The standard deviation of their draws, not 1, lest σ and σ² be the same.
const SD: f64 = 2.0;
/// The factor that the test of a variance is planned for.
const FACTOR: f64 = 2.0;

/// Plans a test at some rates.
type Tester = fn(Rates) -> Planned;

/// A planned test: draws as often as it needs to, and says whether it rejects.
type Planned = Box<dyn Fn(&mut dyn FnMut() -> f64) -> bool + Send + Sync>;

/// The tests under test. Each gets draws from N(0, 4).
#[derive(Clone, Copy)]
struct Testers {
    /// The mean is 0: Catoni's test.
    catoni: Tester,
    /// The mean is 0: the test for normal draws.
    normal: Tester,
    /// The distribution is N(0, 4).
    fit: Tester,
    /// The variance is 4.
    variance: Tester,
}

const TESTERS: Testers = Testers {
    catoni: |rates| catoni(rates, SD, EFFECT),
    normal: |rates| normal(rates, Alternative::TwoSided, EFFECT),
    fit: |rates| fit(rates, 1.0),
    variance: |rates| variance(rates, FACTOR),
};

/// A test that is handed a sample of `count` draws.
fn planned(
    count: u64,
    rejects: impl Fn(&[f64]) -> prob::Result<bool> + Send + Sync + 'static,
) -> Planned {
    Box::new(move |draw| {
        let values: Vec<f64> = (0..count).map(|_| draw()).collect();
        rejects(&values).expect("a sample of the planned size")
    })
}

const PLAN: &str = "a plan for sensible rates";

fn catoni(rates: Rates, sd: f64, effect: f64) -> Planned {
    let test = MeanTest::plan(rates, Alternative::TwoSided, sd, effect * SD).expect(PLAN);
    planned(test.draws(), move |values| test.rejects(values, 0.0))
}

fn normal(rates: Rates, alternative: Alternative, effect: f64) -> Planned {
    let test = NormalMeanTest::plan(rates, alternative, SD, effect * SD).expect(PLAN);
    planned(test.draws(), move |values| Ok(test.test(values, 0.0)?.rejected))
}

/// The distribution test, with a threshold that is `share` of the right one.
fn fit(rates: Rates, share: f64) -> Planned {
    let test = FitTest::plan_gaussian_shift(rates, EFFECT).expect(PLAN);
    planned(test.draws(), move |values| {
        let standardized: Vec<f64> = values.iter().map(|x| x / SD).collect();
        let fit = test.test_standard_normal(&standardized)?;
        Ok(fit.distance > share * fit.threshold)
    })
}

fn variance(rates: Rates, factor: f64) -> Planned {
    let test = NormalVarianceTest::plan(rates, Alternative::TwoSided, factor).expect(PLAN);
    planned(test.draws(), move |values| Ok(test.test(values, SD * SD)?.rejected))
}

/// The rates of a test that gives each of its two sides the whole of α.
fn unshared(rates: Rates) -> Rates {
    Rates::new(2.0 * rates.alpha(), rates.beta()).expect(PLAN)
}

/// Whether a test rejects a sample from N(shift, sd²).
fn rejects(test: &Planned, shift: f64, sd: f64, rng: &mut Rng) -> bool {
    test(&mut || shift + sd * rng.sample::<f64, _>(StandardNormal))
}

fn rates(alpha: f64, beta: f64) -> Rates {
    Rates::new(alpha, beta).expect("rates between 0 and 1")
}

/// The claims about the tests themselves.
#[must_use]
pub fn self_tests() -> Vec<Box<dyn AnyClaim>> {
    vec![Box::new(false_alarms()), Box::new(power())]
}

fn false_alarms() -> crate::Claim<Testers> {
    claim("testing/false-alarms")
        .says(
            "Planned for a false-alarm rate α of 0.01 and of 0.001, each of four tests rejects what is true at \
             most that often",
        )
        .after("Catoni 2012; Massart 1990; Helmert 1876")
        .for_every(domain([one_of("α", &ALPHAS)]))
        .statistical(4, |testers: &Subject<Testers>, [alpha], draws| {
            // The exact tests use up their α, so that twice of it can be told from it. Once is enough: it
            // takes many repetitions.
            let twice = if alpha > 5e-3 { 1.9 } else { 3.0 };
            for (name, tester, wrong) in [
                ("Catoni", testers.pick(|t| t.catoni), 3.0),
                ("normal", testers.pick(|t| t.normal), twice),
                ("fit", testers.pick(|t| t.fit), 3.0),
                ("variance", testers.pick(|t| t.variance), twice),
            ] {
                let test = tester(rates(alpha, 0.1));
                draws.rate(name, alpha, wrong * alpha, |rng| rejects(&test, 0.0, SD, rng))?;
            }
            Ok(())
        })
        .holds_for(TESTERS)
        .fails_for(
            "understated-sd",
            "The standard deviation handed to the test is smaller than that of the draws.",
            Testers { catoni: |rates| catoni(rates, 0.5 * SD, EFFECT), ..TESTERS },
        )
        .fails_for(
            "one-sided-threshold",
            "Each side got the whole of α: a test in both directions has to share it.",
            Testers {
                normal: |rates| normal(unshared(rates), Alternative::TwoSided, EFFECT),
                ..TESTERS
            },
        )
        .fails_for(
            "wrong-distance",
            "The threshold of the distribution test is √(log(2/α)/(2n)), not √(log(2/α)/(4n)).",
            Testers { fit: |rates| fit(rates, std::f64::consts::FRAC_1_SQRT_2), ..TESTERS },
        )
        .fails_for(
            "variance-one-sided-threshold",
            "Each side of the variance test got the whole of α: it has to be shared.",
            Testers { variance: |rates| variance(unshared(rates), FACTOR), ..TESTERS },
        )
}

fn power() -> crate::Claim<Testers> {
    const BETA: f64 = 0.01;
    claim("testing/power")
        .says(
            "Planned for an effect, a miss rate β of 0.01 and the same α, each of them notices that effect with \
             probability at least 1 − β",
        )
        .after("Catoni 2012; Massart 1990; Helmert 1876")
        .for_every(domain([one_of("α", &ALPHAS)]))
        .statistical(4, |testers: &Subject<Testers>, [alpha], draws| {
            for (name, tester, shift, sd) in [
                ("Catoni", testers.pick(|t| t.catoni), EFFECT * SD, SD),
                ("normal", testers.pick(|t| t.normal), EFFECT * SD, SD),
                ("fit", testers.pick(|t| t.fit), EFFECT * SD, SD),
                ("variance", testers.pick(|t| t.variance), 0.0, FACTOR.sqrt() * SD),
            ] {
                let test = tester(rates(alpha, BETA));
                draws.rate(name, 1.0 - BETA, 1.0 - 3.0 * BETA, |rng| rejects(&test, shift, sd, rng))?;
            }
            Ok(())
        })
        .holds_for(TESTERS)
        .fails_for(
            "half-the-draws",
            "The number of draws goes with 1/effect²: planned for √2 times the effect, it is half.",
            Testers {
                normal: |rates| normal(rates, Alternative::TwoSided, SQRT_2 * EFFECT),
                ..TESTERS
            },
        )
        .fails_for(
            "half-the-draws-catoni",
            "Catoni's test was planned for √2 times the effect, and makes half the draws.",
            Testers { catoni: |rates| catoni(rates, SD, SQRT_2 * EFFECT), ..TESTERS },
        )
        .fails_for(
            "wrong-side",
            "The test looks for a smaller value, but the effect is a larger one.",
            Testers { normal: |rates| normal(rates, Alternative::Less, EFFECT), ..TESTERS },
        )
        .fails_for(
            "square-of-the-factor",
            "The factor to plan for is the one of the variance, not its square.",
            Testers { variance: |rates| variance(rates, FACTOR * FACTOR), ..TESTERS },
        )
}
