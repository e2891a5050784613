//! The tests are tested: each keeps the false-alarm rate that it states, on inputs that are right, and the
//! power, on inputs that are wrong by the smallest effect it states.
//!
//! Both rates are 1e-2 here, small enough to matter and large enough to be measured by repetition; 1e-8
//! follows from the same bounds and cannot. The judge is an exact binomial test at level 1e-8 on the counts.

use crate::reference::{assert_absolute, assert_relative};
use prob::inference::{
    Alternative, EmpiricalBernsteinTest, FitTest, Interval, MeanTest, NormalMeanTest,
    NormalMixtureSequence, NormalVarianceTest, RateTest, Rates, SequentialMeanTest, Status,
    SubGaussianMeanTest, TwoSampleTest, binomial, gaussian_shift_distance, paired_differences,
    variance,
};
use prob::random::stream;
use prob::{Error, Gaussian, Result};
use rand::Rng;
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;

const RUNS: u64 = 2000;

fn rates() -> Rates {
    Rates::new(1e-2, 1e-2).unwrap()
}

/// How many of the runs reject. Each has a generator of its own.
fn rejections(purpose: u64, mut run: impl FnMut(&mut Xoshiro256PlusPlus) -> Result<bool>) -> u64 {
    let hits = (0..RUNS).filter(|&i| run(&mut stream(2024, [purpose, i])).unwrap());
    hits.count() as u64
}

/// Whether an exact binomial test at level 1e-8 lets "the rate is at most 1e-2" stand.
fn at_most_one_percent(count: u64) -> bool {
    binomial::log_upper_tail(count, RUNS, 1e-2).unwrap() > 1e-8f64.ln()
}

/// Whether "the rate is at least 1e-2" stands as well: for tests that claim to be exact.
fn at_least_one_percent(count: u64) -> bool {
    binomial::log_lower_tail(count, RUNS, 1e-2).unwrap() > 1e-8f64.ln()
}

/// Runs a test on draws that are right, and on draws shifted by the effect: alarms and misses.
fn alarms_and_misses(
    name: &str,
    purpose: u64,
    effect: f64,
    mut rejects: impl FnMut(&mut Xoshiro256PlusPlus, f64) -> Result<bool>,
) -> (u64, u64) {
    let alarms = rejections(2 * purpose, |rng| rejects(rng, 0.0));
    let misses = RUNS - rejections(2 * purpose + 1, |rng| rejects(rng, effect));
    println!("{name}: {alarms} alarms and {misses} misses in {RUNS} runs each");
    assert!(at_most_one_percent(alarms), "{name}: {alarms} false alarms in {RUNS} runs");
    assert!(at_most_one_percent(misses), "{name}: {misses} misses in {RUNS} runs");
    (alarms, misses)
}

fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    rng.sample(StandardNormal)
}

/// A name, and a sampler.
type Law = (&'static str, fn(&mut Xoshiro256PlusPlus) -> f64);

/// Three laws of mean 0 and variance 1, from tame to as bad as they come.
fn standardised_laws() -> [Law; 3] {
    [
        ("normal", normal),
        // E z⁶ = 15, and no moment-generating function.
        ("cubed normal", |rng| normal(rng).powi(3) / 15f64.sqrt()),
        // ±10 in one draw of a hundred, 0 otherwise.
        ("rare jumps", |rng| match rng.random_range(0..200) {
            0 => 10.0,
            1 => -10.0,
            _ => 0.0,
        }),
    ]
}

#[test]
fn mean_test_keeps_its_rates_whatever_the_tails() {
    for (index, (name, draw)) in standardised_laws().into_iter().enumerate() {
        let test = MeanTest::plan(rates(), Alternative::TwoSided, 1.0, 0.25).unwrap();
        alarms_and_misses(&format!("mean, {name}"), index as u64, 0.25, |rng, shift| {
            let values: Vec<f64> = (0..test.draws()).map(|_| draw(rng) + shift).collect();
            test.rejects(&values, 0.0)
        });
        // An effect in the other direction, and one that is larger, are noticed too.
        for (purpose, shift) in [(10, -0.25), (11, 2.0)] {
            let misses = RUNS
                - rejections(purpose + 4 * index as u64, |rng| {
                    let values: Vec<f64> = (0..test.draws()).map(|_| draw(rng) + shift).collect();
                    test.rejects(&values, 0.0)
                });
            assert!(at_most_one_percent(misses), "{name}, shift {shift}: {misses}");
        }
    }
}

/// What the harness is for: two popular tests that do not keep what they promise are caught by it.
#[test]
fn the_harness_catches_tests_that_lie() {
    // Catoni's test told half of the true standard deviation.
    let test = MeanTest::plan(rates(), Alternative::TwoSided, 0.5, 0.25).unwrap();
    let alarms = rejections(50, |rng| {
        let values: Vec<f64> = (0..test.draws()).map(|_| normal(rng)).collect();
        test.rejects(&values, 0.0)
    });
    assert!(!at_most_one_percent(alarms), "{alarms}");
    // The exact test of a normal mean, looked at after every tenth draw until it rejects.
    let test = NormalMeanTest::plan(rates(), Alternative::TwoSided, 1.0, 1.0).unwrap();
    let alarms = rejections(51, |rng| {
        let values: Vec<f64> = (0..500).map(|_| normal(rng)).collect();
        let mut looks = (test.draws() as usize..=500).step_by(10);
        Ok(looks.any(|n| test.test(&values[..n], 0.0).unwrap().rejected))
    });
    assert!(!at_most_one_percent(alarms), "{alarms}");
    // A planned test with a third of its draws missing has no longer its power (it refuses to run; the
    // same draws three times over, which it cannot know, show why).
    let test = MeanTest::plan(rates(), Alternative::TwoSided, 1.0, 0.25).unwrap();
    let third = test.draws().div_ceil(3);
    let alarms = rejections(52, |rng| {
        let values: Vec<f64> = (0..third).map(|_| normal(rng)).collect();
        test.rejects(&values.repeat(3), 0.0)
    });
    assert!(!at_most_one_percent(alarms), "{alarms}");
}

#[test]
fn a_shift_of_two_percent_is_seen_at_1e_minus_8() {
    let strict = Rates::new(1e-8, 1e-8).unwrap();
    let test = MeanTest::plan(strict, Alternative::TwoSided, 1.0, 0.02).unwrap();
    let mut rng = stream(60, []);
    let values: Vec<f64> = (0..test.draws()).map(|_| normal(&mut rng)).collect();
    let right = test.test(&values, 0.0).unwrap();
    assert!(!right.rejected && test.test(&values, 0.02).unwrap().rejected);
    // Half the interval is about half the effect: √(2 log(2/α)/n) = 6.2 standard errors.
    let half = 0.5 * (right.interval.upper - right.interval.lower);
    let standard_errors = half * (test.draws() as f64).sqrt();
    assert!((6.1..6.3).contains(&standard_errors), "{standard_errors}");
}

/// 4 v log(2/(αβ))/Δ² to leading order, and more precisely at large effects than that.
#[test]
fn numbers_of_draws_follow_the_formulas() {
    let strict = Rates::new(1e-8, 1e-6).unwrap();
    let two_sided =
        |sd, effect| MeanTest::plan(strict, Alternative::TwoSided, sd, effect).unwrap().draws();
    let leading = 4.0 * (2f64 / 1e-14).ln() / 1e-4;
    assert_relative(two_sided(1.0, 0.01) as f64, leading, 1e-3, "leading order");
    // Units do not matter; half the effect costs four times the draws.
    assert_eq!(two_sided(1e30, 1e28), two_sided(1e-30, 1e-32));
    assert_relative(two_sided(1.0, 0.005) as f64, 4.0 * two_sided(1.0, 0.01) as f64, 1e-3, "Δ⁻²");
    // One side costs log 2 less.
    let one_sided = MeanTest::plan(strict, Alternative::Less, 1.0, 0.01).unwrap().draws() as f64;
    assert_relative(one_sided, 4.0 * 1e14f64.ln() / 1e-4, 1e-3, "one side");
    // Another variance under the alternative: 2 (v + v') log(2/(αβ))/Δ².
    let other = MeanTest::plan_with_alternative_sd(strict, Alternative::TwoSided, 1.0, 3.0, 0.01);
    assert_relative(other.unwrap().draws() as f64, 5.0 * leading, 1e-3, "v + v'");
    // The order of the tests' demands for one question: exact ≤ sub-Gaussian ≤ Catoni.
    let exact = NormalMeanTest::plan(strict, Alternative::TwoSided, 1.0, 0.01).unwrap().draws();
    let chernoff =
        SubGaussianMeanTest::plan(strict, Alternative::TwoSided, 1.0, 0.01).unwrap().draws();
    assert!(exact < chernoff && chernoff < two_sided(1.0, 0.01));
    assert!(two_sided(1.0, 0.01) as f64 * 0.8 < exact as f64);
    let hopeless = MeanTest::plan(strict, Alternative::TwoSided, 1.0, 1e-9);
    assert!(matches!(hopeless, Err(Error::TooSmallAnEffect { .. })));
}

#[test]
fn mean_test_moves_with_its_draws() {
    let test = MeanTest::plan(rates(), Alternative::TwoSided, 1.0, 0.3).unwrap();
    let mut rng = stream(61, []);
    let values: Vec<f64> = (0..test.draws()).map(|_| normal(&mut rng)).collect();
    let base = test.test(&values, 0.0).unwrap();
    let moved: Vec<f64> = values.iter().map(|x| x + 1000.0).collect();
    let moved = test.test(&moved, 1000.0).unwrap();
    // Sums near 1000 round to 1e-13.
    assert_absolute(moved.estimate - 1000.0, base.estimate, 1e-11, "estimate");
    assert_absolute(moved.interval.upper - 1000.0, base.interval.upper, 1e-11, "upper");
    let negated: Vec<f64> = values.iter().map(|x| -x).collect();
    assert_absolute(
        -test.test(&negated, 0.0).unwrap().interval.upper,
        base.interval.lower,
        1e-12,
        "−x",
    );
    // The interval is exactly the set of means that are not rejected.
    let Interval { lower, upper } = base.interval;
    for (m, rejected) in
        [(lower - 1e-9, true), (lower + 1e-9, false), (upper - 1e-9, false), (upper + 1e-9, true)]
    {
        assert_eq!(test.test(&values, m).unwrap().rejected, rejected, "{m}");
        assert_eq!(test.rejects(&values, m).unwrap(), rejected, "{m}");
    }
    // One outlier moves the sample mean by 10⁶/n, Catoni's estimate by no more than log 10¹² /(a n).
    let mut spoiled = values.clone();
    spoiled[0] = 1e6;
    let robust = test.estimate(&spoiled).unwrap() - base.estimate;
    assert!(robust < 30.0 / (test.scale() * values.len() as f64), "{robust}");
    // One-sided intervals have one end.
    let greater = MeanTest::plan(rates(), Alternative::Greater, 1.0, 0.3).unwrap();
    assert_eq!(greater.test(&values, 0.0).unwrap().interval.upper, f64::INFINITY);
    let few = test.test(&values[1..], 0.0);
    assert!(matches!(few, Err(Error::TooFew { .. })));
    spoiled[0] = f64::NAN;
    assert!(matches!(test.test(&spoiled, 0.0), Err(Error::Parameter { .. })));
}

/// What two thousand runs cannot tell apart (one degree of freedom, one side for two) is checked on the ends
/// of the intervals, by quantiles from a table: z at 0.5 % is 2.5758293035489, χ² at 0.5 % and 99.5 % with
/// 4 degrees of freedom is 0.20698909349618 and 14.8602590005602.
#[test]
fn exact_intervals_have_their_textbook_ends() {
    let loose = Rates::new(1e-2, 0.9).unwrap();
    let values = [1.0, 2.0, 3.0, 4.0, 10.0]; // mean 4, sum of squared deviations 50
    let test = NormalMeanTest::plan(loose, Alternative::TwoSided, 2.0, 3.0).unwrap();
    let interval = test.test(&values, 4.0).unwrap().interval;
    let half = 2.575_829_303_548_9 * 2.0 / 5f64.sqrt();
    assert_relative(interval.lower, 4.0 - half, 1e-12, "mean, lower");
    assert_relative(interval.upper, 4.0 + half, 1e-12, "mean, upper");
    let test = NormalVarianceTest::plan(loose, Alternative::TwoSided, 100.0).unwrap();
    let interval = test.test(&values, 10.0).unwrap().interval;
    assert_relative(interval.lower, 50.0 / 14.860_259_000_560_2, 1e-12, "variance, lower");
    assert_relative(interval.upper, 50.0 / 0.206_989_093_496_18, 1e-12, "variance, upper");
}

#[test]
fn exact_normal_test_is_exact() {
    let test = NormalMeanTest::plan(rates(), Alternative::TwoSided, 2.0, 0.5).unwrap();
    let (alarms, misses) = alarms_and_misses("normal mean", 30, 0.5, |rng, shift| {
        let values: Vec<f64> = (0..test.draws()).map(|_| 2.0 * normal(rng) + shift).collect();
        Ok(test.test(&values, 0.0)?.rejected)
    });
    assert!(at_least_one_percent(alarms), "{alarms}: not exact but conservative");
    assert!(at_least_one_percent(misses), "{misses}: not exact but conservative");
}

#[test]
fn bounded_tests_keep_their_rates() {
    let unit = Interval { lower: 0.0, upper: 1.0 };
    let hoeffding =
        SubGaussianMeanTest::plan_bounded(rates(), Alternative::TwoSided, unit, 0.1).unwrap();
    alarms_and_misses("Hoeffding, coin", 31, 0.1, |rng, shift| {
        let toss = |_| if rng.random::<f64>() < 0.5 + shift { 1.0 } else { 0.0 };
        let values: Vec<f64> = (0..hoeffding.draws()).map(toss).collect();
        Ok(hoeffding.test(&values, 0.5)?.rejected)
    });
    // A rare event: its small variance is what Bernstein's inequality profits from.
    let sd = (0.03f64 * 0.97).sqrt();
    let plan =
        |effect| EmpiricalBernsteinTest::plan(rates(), Alternative::TwoSided, unit, sd, effect);
    let bernstein = plan(0.02).unwrap();
    alarms_and_misses("empirical Bernstein, rare event", 32, 0.02, |rng, shift| {
        let toss = |_| if rng.random::<f64>() < 0.01 + shift { 1.0 } else { 0.0 };
        let values: Vec<f64> = (0..bernstein.draws()).map(toss).collect();
        Ok(bernstein.test(&values, 0.01)?.rejected)
    });
    let fine =
        |effect| SubGaussianMeanTest::plan_bounded(rates(), Alternative::TwoSided, unit, effect);
    assert!(plan(0.005).unwrap().draws() < fine(0.005).unwrap().draws());
    let outside = vec![1.5; hoeffding.draws() as usize];
    assert!(matches!(hoeffding.test(&outside, 0.5), Err(Error::Parameter { .. })));
    let upside_down = Interval { lower: 1.0, upper: 0.0 };
    assert!(
        SubGaussianMeanTest::plan_bounded(rates(), Alternative::Less, upside_down, 0.1).is_err()
    );
}

#[test]
fn variance_tests_keep_their_rates() {
    // As a mean of squares, with the exact fourth moment 3 of a normal variable.
    let test = MeanTest::for_variance(rates(), Alternative::TwoSided, 1.0, 3.0, 0.3).unwrap();
    alarms_and_misses("variance, known mean", 33, 0.3, |rng, more| {
        let scale = (1.0 + more).sqrt();
        let values: Vec<f64> = (0..test.draws()).map(|_| 5.0 + scale * normal(rng)).collect();
        test.rejects(&variance::squared_deviations(&values, 5.0), 1.0)
    });
    // With an unknown mean: pairs, whose halves of squared differences have variance (3 + 1)/2.
    let test = MeanTest::plan_with_alternative_sd(
        rates(),
        Alternative::TwoSided,
        2f64.sqrt(),
        1.3 * 2f64.sqrt(),
        0.3,
    )
    .unwrap();
    alarms_and_misses("variance, unknown mean", 34, 0.3, |rng, more| {
        let scale = (1.0 + more).sqrt();
        let values: Vec<f64> = (0..2 * test.draws()).map(|_| 5.0 + scale * normal(rng)).collect();
        test.rejects(&variance::half_squared_differences(&values), 1.0)
    });
    // The chi-square test is exact in both.
    let test = NormalVarianceTest::plan(rates(), Alternative::Greater, 1.3).unwrap();
    let (alarms, misses) = alarms_and_misses("variance, chi-square", 35, 0.3, |rng, more| {
        let scale = (2.0 * (1.0 + more)).sqrt();
        let values: Vec<f64> = (0..test.draws()).map(|_| 7.0 + scale * normal(rng)).collect();
        Ok(test.test(&values, 2.0)?.rejected)
    });
    assert!(at_least_one_percent(alarms) && at_least_one_percent(misses), "{alarms} {misses}");
    // One draw fewer would not have been enough, and a standard deviation is not a variance.
    let two_sided = NormalVarianceTest::plan(rates(), Alternative::TwoSided, 1.3).unwrap();
    assert!(two_sided.draws() > test.draws());
    assert!(NormalVarianceTest::plan(rates(), Alternative::TwoSided, 1.0).is_err());
    assert!(NormalVarianceTest::plan(rates(), Alternative::TwoSided, 1.0 + 1e-9).is_err());
}

/// X = z³ and Y = z on the same z: Var X/Var Y = 15, the fourth moments are 10395 and 3.
#[test]
fn variance_ratios_on_common_random_numbers() {
    let x = variance::CentralMoments { variance: 15.0, fourth: 10_395.0 };
    let y = variance::CentralMoments { variance: 1.0, fourth: 3.0 };
    let test = variance::plan_ratio(rates(), Alternative::TwoSided, x, y, 2.0).unwrap();
    alarms_and_misses("variance ratio", 36, 2.0, |rng, more| {
        let noise: Vec<f64> = (0..test.draws()).map(|_| normal(rng)).collect();
        let scale = (1.0 + more).sqrt();
        let cubes: Vec<f64> = noise.iter().map(|z| scale * z.powi(3)).collect();
        let residuals = variance::ratio_residuals(&cubes, 0.0, &noise, 0.0, 15.0)?;
        test.rejects(&residuals, 0.0)
    });
    let impossible = variance::CentralMoments { variance: 2.0, fourth: 3.9 };
    assert!(variance::plan_ratio(rates(), Alternative::TwoSided, impossible, y, 1.0).is_err());
    assert!(variance::ratio_residuals(&[1.0], 0.0, &[], 0.0, 1.0).is_err());
}

/// One-sided, on differences of pairs: X = z + e/4 and Y = z + e'/4 share z, which cancels.
#[test]
fn one_sided_tests_on_pairs() {
    let sd = (2.0f64 / 16.0).sqrt();
    let test = MeanTest::plan(rates(), Alternative::Greater, sd, 0.1).unwrap();
    let without_pairing =
        MeanTest::plan(rates(), Alternative::Greater, 2.125f64.sqrt(), 0.1).unwrap();
    assert!(test.draws() * 10 < without_pairing.draws());
    let mut pairs = |rng: &mut Xoshiro256PlusPlus, shift: f64| {
        let mut draw = || {
            let z = normal(rng);
            (z + 0.25 * normal(rng) + shift, z + 0.25 * normal(rng))
        };
        let (x, y): (Vec<f64>, Vec<f64>) = (0..test.draws()).map(|_| draw()).unzip();
        test.rejects(&paired_differences(&x, &y)?, 0.0)
    };
    alarms_and_misses("pairs", 37, 0.1, &mut pairs);
    // Smaller, however much, is no reason to reject a "not greater".
    assert_eq!(rejections(80, |rng| pairs(rng, -3.0)), 0);
    assert!(paired_differences(&[1.0], &[]).is_err());
}

#[test]
fn fit_tests_keep_their_rates() {
    let test = FitTest::plan_gaussian_shift(rates(), 0.3).unwrap();
    alarms_and_misses("fit of a normal sample", 38, 0.3, |rng, shift| {
        let values: Vec<f64> = (0..test.draws()).map(|_| normal(rng) + shift).collect();
        Ok(test.test_standard_normal(&values)?.rejected)
    });
    let distance = gaussian_shift_distance(0.5);
    assert_absolute(distance, 2.0 * Gaussian::standard().cdf(0.25) - 1.0, 1e-15, "2Φ(¼) − 1");
    let test = TwoSampleTest::plan(rates(), distance).unwrap();
    alarms_and_misses("two samples", 39, 0.5, |rng, shift| {
        let first: Vec<f64> = (0..test.draws()).map(|_| normal(rng)).collect();
        let second: Vec<f64> = (0..test.draws()).map(|_| normal(rng) + shift).collect();
        Ok(test.test(&first, &second)?.rejected)
    });
    // Ties, as in two samples of counts, are not a difference.
    let counts: Vec<f64> = (0..test.draws()).map(|i| (i % 3) as f64).collect();
    assert_eq!(test.test(&counts, &counts).unwrap().distance, 0.0);
    let no_probability = FitTest::plan(rates(), 0.4).unwrap();
    assert!(no_probability.test(&counts, |x| x).is_err());
}

/// D by hand: draws 0.1, 0.2, 0.9 against the uniform law: F₃ jumps to 2/3 at 0.2, 0.4667 above 0.2.
#[test]
fn the_distance_is_taken_on_both_sides_of_each_step() {
    let loose = Rates::new(0.5, 0.9).unwrap();
    let test = FitTest::plan(loose, 0.9).unwrap();
    let uniform = |x: f64| x.clamp(0.0, 1.0);
    let above = test.test(&[0.9, 0.1, 0.2], uniform).unwrap();
    assert_absolute(above.distance, 2.0 / 3.0 - 0.2, 1e-15, "after a step");
    let below = test.test(&[0.8, 0.85, 0.9], uniform).unwrap();
    assert_absolute(below.distance, 0.8, 1e-15, "before a step");
}

#[test]
fn sequential_test_keeps_its_rates_and_stops_early() {
    for (index, (name, draw)) in standardised_laws().into_iter().enumerate() {
        let planned =
            SequentialMeanTest::plan(rates(), Alternative::TwoSided, 1.0, 0.25, 7.0).unwrap();
        let mut used = [0u64; 2];
        let label = format!("sequential mean, {name}");
        alarms_and_misses(&label, 40 + index as u64, 0.25, |rng, shift| {
            let mut test = planned;
            while test.push(7.0 + draw(rng) + shift)? == Status::Undecided {}
            used[usize::from(shift > 0.0)] += test.count();
            Ok(test.status() == Status::Rejected)
        });
        let share = used.map(|draws| draws as f64 / (RUNS * planned.most_draws()) as f64);
        println!("{label}: {:.0} % and {:.0} % of the draws", 100.0 * share[0], 100.0 * share[1]);
        assert!(share[0] < 0.75 && share[1] < 0.75, "{share:?}");
    }
    let mut decided =
        SequentialMeanTest::plan(rates(), Alternative::Greater, 1.0, 1.0, 0.0).unwrap();
    assert!(decided.push(f64::INFINITY).is_err());
    while decided.push(5.0).unwrap() == Status::Undecided {}
    let count = decided.count();
    assert_eq!((decided.push(-1e9), decided.count()), (Ok(Status::Rejected), count));
}

/// A confidence sequence errs if it *ever* excludes the truth: within 3000 draws here.
#[test]
fn confidence_sequence_holds_at_all_times_at_once() {
    let fresh = NormalMixtureSequence::new(1e-2, 1.0, 300.0).unwrap();
    let ever_wrong = rejections(90, |rng| {
        let mut sequence = fresh;
        let mut wrong = false;
        for _ in 0..3000 {
            sequence.push(normal(rng))?;
            wrong |= !sequence.interval().contains(0.0);
        }
        Ok(wrong)
    });
    println!("confidence sequence: ever wrong in {ever_wrong} of {RUNS} runs");
    assert!(at_most_one_percent(ever_wrong), "{ever_wrong}");
    // The price of looking at all times, at the horizon: less than twice the fixed interval's width.
    let mut sequence = fresh;
    for _ in 0..300 {
        sequence.push(0.0).unwrap();
    }
    let ratio = sequence.interval().upper / (2.576 / 300f64.sqrt());
    assert!((1.0..1.5).contains(&ratio), "{ratio}");
    assert!(NormalMixtureSequence::new(0.0, 1.0, 1.0).is_err());
}

/// No simulation needed: the probability of every outcome is known, so coverage and rates are sums.
#[test]
fn exact_binomial_methods_are_exact() {
    for (trials, p, alpha) in [(30u64, 0.1, 0.05), (200, 0.5, 1e-4), (500, 0.003, 1e-8)] {
        let mass = |k| binomial::log_probability(k, trials, p).unwrap().exp();
        for alternative in [Alternative::TwoSided, Alternative::Greater, Alternative::Less] {
            let outside = |&k: &u64| {
                let interval = binomial::clopper_pearson(k, trials, alpha, alternative).unwrap();
                !interval.contains(p)
            };
            let missed: f64 = (0..=trials).filter(outside).map(mass).sum();
            assert!(missed <= alpha, "{trials} {p} {alternative:?}: {missed}");
            assert!(missed > alpha / 1e4 || trials == 500, "{trials} {p}: hopelessly wide");
        }
    }
    for (right, wrong) in [(0.01, 0.03), (0.99, 0.9), (0.5, 0.6), (0.0, 0.2)] {
        let test = RateTest::plan(rates(), right, wrong).unwrap();
        let n = test.draws();
        let rejected = |p: f64| -> f64 {
            let hits = (0..=n).filter(|&k| test.test(k, n).unwrap().rejected);
            hits.map(|k| binomial::log_probability(k, n, p).unwrap().exp()).sum()
        };
        assert!(rejected(right) <= 1e-2 && rejected(wrong) >= 0.99, "{right} {wrong} {n}");
    }
    assert!(RateTest::plan(rates(), 0.1, 0.1).is_err());
    assert!(RateTest::plan(rates(), 0.1, 1.1).is_err());
    assert!(binomial::clopper_pearson(3, 2, 0.05, Alternative::TwoSided).is_err());
    assert!(binomial::clopper_pearson(0, 0, 0.05, Alternative::TwoSided).is_err());
}

#[test]
fn rates_are_rates_and_are_shared_out() {
    assert!(Rates::new(0.0, 0.1).is_err() && Rates::new(0.1, 1.0).is_err());
    assert!(Rates::new(f64::NAN, 0.1).is_err());
    let each = Rates::new(1e-6, 1e-3).unwrap().split(50).unwrap();
    assert_relative(each.alpha(), 2e-8, 1e-15, "alpha");
    assert_relative(each.power(), 1.0 - 2e-5, 1e-15, "power");
    assert!(each.split(0).is_err());
    assert!(MeanTest::plan(each, Alternative::TwoSided, -1.0, 0.1).is_err());
    assert!(MeanTest::plan(each, Alternative::TwoSided, 1.0, f64::NAN).is_err());
}

/// Quantiles of Student's t as tables print them (Pearson & Hartley 1966, table 12), and the law that 1 and 2 degrees of
/// freedom have in closed form.
#[test]
fn students_interval_has_the_quantiles_of_the_tables() {
    use prob::inference::student::{cdf, mean_interval, two_sided_quantile};
    for (confidence, degrees, quantile) in [
        (0.95, 1, 12.706_204_736),
        (0.95, 4, 2.776_445_105),
        (0.99, 4, 4.604_094_871),
        (0.95, 9, 2.262_157_163),
        (0.99, 30, 2.749_995_654),
    ] {
        let found = two_sided_quantile(confidence, degrees).expect("a quantile");
        assert!((found - quantile).abs() < 1e-8, "{confidence}, {degrees}: {found}");
    }
    for t in [-3.0f64, -0.2, 0.0, 1.0, 40.0] {
        let cauchy = 0.5 + t.atan() / std::f64::consts::PI;
        assert!((cdf(t, 1).expect("a probability") - cauchy).abs() < 1e-14);
        let two = 0.5 + 0.5 * t / (2.0 + t * t).sqrt();
        assert!((cdf(t, 2).expect("a probability") - two).abs() < 1e-14);
    }
    // 1, 2, 3: mean 2, s = 1, t = 4.302653 with two degrees of freedom.
    let interval = mean_interval(&[1.0, 2.0, 3.0], 0.95).expect("an interval");
    let half = 4.302_652_73 / 3f64.sqrt();
    assert!(
        (interval.lower - (2.0 - half)).abs() < 1e-7
            && (interval.upper - (2.0 + half)).abs() < 1e-7
    );
    for wrong in [
        mean_interval(&[1.0], 0.95),
        mean_interval(&[1.0, f64::NAN], 0.95),
        mean_interval(&[1.0, 2.0], 1.0),
    ] {
        assert!(wrong.is_err());
    }
    assert!(cdf(0.0, 0).is_err() && cdf(f64::NAN, 3).is_err());
}
