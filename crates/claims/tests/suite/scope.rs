//! Domains, counter-examples, holes, and what is asked of means.

use claims::{
    Cause, Domain, Guard, Report, Runs, Scope, Setting, Subject, Tolerance, claim, domain, exam,
    one_of, real, scale, seed, signed, whole,
};

type Function<const N: usize> = fn([f64; N]) -> f64;

/// "f is what `truth` computes", of a function that is.
fn holds<const N: usize>(domain: Domain<N>, reference: Function<N>, truth: Function<N>) -> Report {
    claim("test/domain")
        .says("f(x) = g(x)")
        .for_every(domain)
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            move |f: &Subject<Function<N>>, case, cases| {
                cases.equal("", f.output(|f| f(case)), truth(case));
                Ok(())
            },
        )
        .holds_for(reference)
        .fails_for("more", "One too many.", |case| case.iter().sum::<f64>() + 1e6)
        .run(3)
}

#[test]
fn a_true_sentence_passes_in_a_domain_of_every_sort() {
    let sum: Function<6> = |case| case.iter().sum();
    let all = domain([
        real("a", -1.0..=2.0),
        scale("b", 1e-3..=1e3),
        signed("c", 1e-9..=1.0),
        whole("d", -2..=9),
        one_of("e", &[0.5, 4.0]),
        seed("f"),
    ])
    .with([[0.0, 1.0, 0.0, 0.0, 0.5, 7.0]])
    .such_that("a ≤ b", |[a, b, ..]| a <= b);
    let report = holds(all, sum, sum);
    assert!(report.passed(), "{:#?}", report.complaints());
    assert_eq!(
        report.scope.as_ref().map(Scope::covers).expect("a domain"),
        "a from −1 to 2; b from 0.001 to 1000 (evenly in the logarithm); c = 0 or ±1e−9 to ±1; d = −2, …, 9; \
         e = 0.5, 4; any seed of f; such that a ≤ b"
    );
    let hunted = report.hunted.expect("a universal claim is hunted");
    assert_eq!((hunted.planned, hunted.all, hunted.counter_example), (161, false, None));
    assert!(hunted.looks > 200, "{}", hunted.looks);
}

#[test]
fn few_cases_are_gone_through_one_by_one() {
    let few = domain([whole("n", 1..=7), one_of("k", &[2.0, 3.0, 5.0])]);
    let report = holds(few, |[n, k]| n * k, |[n, k]| n * k);
    assert!(report.passed(), "{:#?}", report.complaints());
    let hunted = report.hunted.expect("a universal claim is hunted");
    assert_eq!((hunted.planned, hunted.looks, hunted.all), (21, 21, true));
}

#[test]
fn a_counter_example_is_made_as_simple_as_it_can_be() {
    let report = holds(
        domain([real("x", -100.0..=100.0), whole("n", 0..=1_000_000)]),
        |[x, n]| if x > 41.5 { 0.0 } else { x + n },
        |[x, n]| x + n,
    );
    let counter_example = report.hunted.as_ref().and_then(|hunted| hunted.counter_example.clone());
    assert_eq!(counter_example.as_deref(), Some("x = 42, n = 0"));
    assert!(report.outcome.records.iter().any(|record| record.label == "x = 42, n = 0"));
    assert!(!report.passed());
}

#[test]
fn the_same_seed_looks_at_the_same_cases() {
    let look = || holds(domain([real("x", 0.0..=1.0)]), |[x]| x.sqrt(), |[x]| x.powf(0.5));
    assert_eq!(look().outcome, look().outcome);
}

#[test]
fn a_panic_and_an_error_say_in_which_case() {
    let report = holds(
        domain([whole("n", 0..=3)]),
        |[n]| if n == 2.0 { panic!("two is too much") } else { n },
        |[n]| n,
    );
    let problem = report.outcome.problem.expect("a panic");
    assert_eq!(problem, "panicked: two is too much at n = 2");
}

#[test]
#[should_panic(expected = "the named case [3.0] is outside: 3 is none of x from 0 to 1")]
fn a_named_case_outside_of_the_domain_is_refused() {
    let _ = domain([real("x", 0.0..=1.0)]).with([[3.0]]);
}

fn hole_passed(report: &Report) -> bool {
    report.guards.iter().any(|guard| matches!(guard, Guard::HolePassed(_)))
}

/// The check looks at positive numbers only.
#[test]
fn a_check_that_leaves_out_half_of_its_domain_is_caught() {
    let claim = claim("test/hole")
        .says("f(x) = 2x")
        .for_every(domain([real("x", -1.0..=1.0)]))
        .exact(Tolerance::absolute(1e-12), |f: &Subject<Function<1>>, [x], cases| {
            if x >= 0.0 {
                cases.equal("", f.output(|f| f([x])), 2.0 * x);
            }
            Ok(())
        })
        .holds_for((|[x]| 2.0 * x) as Function<1>)
        .fails_for("one", "A constant.", |_| 1.0);
    // Five holes that lie apart: one of them is among the negative numbers.
    assert!((0..200).all(|seed| hole_passed(&claim.run(seed))));
    let box_of = |guard: &Guard| match guard {
        Guard::HolePassed(hole) => hole.clone(),
        other => panic!("{other:?}"),
    };
    let report = claim.run(1);
    assert!(report.guards.iter().map(box_of).all(|hole| hole.starts_with("x from −")));
}

/// A bound that is far from being reached has holes too: what is moved across it must be noticed.
#[test]
fn a_slack_bound_has_no_hole_if_all_of_it_is_looked_at() {
    let bound = |looked_at: fn(f64) -> bool| {
        claim("test/slack")
            .says("x² + 1 ≥ x")
            .for_every(domain([real("x", -10.0..=10.0)]))
            .bound(Tolerance::absolute(1e-12), move |f: &Subject<Function<1>>, [x], margins| {
                if looked_at(x) {
                    margins.at_least("", f.output(|f| f([x])), x);
                }
                Ok(())
            })
            .holds_for((|[x]| x * x + 1.0) as Function<1>)
            .fails_for("without-one", "x² alone.", |[x]| x * x)
    };
    assert!((0..100).all(|seed| !hole_passed(&bound(|_| true).run(seed))));
    assert!((0..100).any(|seed| hole_passed(&bound(|x| x > -5.0).run(seed))));
}

/// Tests of a statistical claim share its false alarms among all cases.
#[test]
fn the_cases_of_a_statistical_claim_share_its_false_alarms() {
    let claim = |domain: Domain<1>| {
        claim("test/draws")
            .says("The mean is μ")
            .for_every(domain)
            .statistical(1, |mean: &Subject<Function<1>>, [mu], draws| {
                let expected = claims::Expected { mean: mu, sd: 1.0, effect: 0.5 };
                let mean = mean.output(|mean| mean([mu]));
                draws.mean("", expected, |rng| mean + (rand::Rng::random::<f64>(rng) - 0.5))
            })
            .holds_for((|[mu]| mu) as Function<1>)
            .fails_for("one-more", "One too much.", |[mu]| mu + 1.0)
            .run(1)
    };
    let one = claim(domain([one_of("μ", &[2.0])]));
    let five = claim(domain([one_of("μ", &[-2.0, 0.0, 1.0, 2.0, 3.0])]));
    assert!(one.passed() && five.passed(), "{:?} {:?}", one.complaints(), five.complaints());
    assert!((one.alpha - five.alpha).abs() < 1e-18, "{} {}", one.alpha, five.alpha);
    assert!(five.outcome.records[0].draws > one.outcome.records[0].draws);
}

const ON: Setting = Setting { data: "five numbers", settings: "none", runs: 5 };

/// A claim about the mean of five figures.
fn measured(figures: [f64; 5], ask: fn(&mut Runs<'_>, &[f64])) -> Report {
    claim("test/measured")
        .says("The figure is large.")
        .measured(ON)
        .trained(move |f: &Subject<Function<5>>, runs| {
            let factor = f.output(|f| f(figures));
            ask(runs, &figures.map(|x| factor * x));
            Ok(())
        })
        .holds_for((|_| 1.0) as Function<5>)
        .fails_for("opposite", "The other way round.", |_| -1.0)
        .run(1)
}

#[test]
fn an_interval_that_holds_the_opposite_settles_nothing() {
    // Mean 0.5, s = 0.158, t = 4.604 with four degrees of freedom: 0.5 ± 0.326.
    let clear = [0.3, 0.4, 0.5, 0.6, 0.7];
    let above: fn(&mut Runs<'_>, &[f64]) = |runs, figures| runs.above("", figures, 0.0);
    let report = measured(clear, above);
    assert!(report.passed(), "{:#?}", report.complaints());
    assert!((report.outcome.records[0].uncertainty - 0.325_5).abs() < 1e-3);
    // The same mean, but wider: the interval has negative numbers in it.
    assert!(!measured([-0.3, 0.1, 0.5, 0.9, 1.3], above).outcome.passes());
    // Equivalence within ±1, and not within ±0.6.
    let near = |runs: &mut Runs<'_>, figures: &[f64]| runs.between("", figures, -0.9, 0.9);
    let nearer = |runs: &mut Runs<'_>, figures: &[f64]| runs.between("", figures, -0.6, 0.6);
    assert!(measured(clear, near).outcome.passes());
    assert!(!measured(clear, nearer).outcome.passes());
    let below = |runs: &mut Runs<'_>, figures: &[f64]| runs.below("", figures, 0.8);
    assert!(!measured(clear, below).outcome.passes());
    // One run says nothing about others.
    assert!(!measured(clear, |runs, figures| runs.above("", &figures[..1], 0.0)).outcome.passes());
}

#[test]
fn a_cause_that_is_never_taken_away_is_caught() {
    let claim = |ask: fn(&mut Runs<'_>, &[f64], &[f64])| {
        claim("test/because")
            .says("The loss is larger because of the cause.")
            .because(Cause { cause: "the cause", without: "its opposite", on: ON })
            .trained(move |f: &Subject<Function<1>>, runs| {
                let loss = |cause: f64| {
                    (0..5).map(|run| f.output(|f| f([cause])) + 0.01 * f64::from(run)).collect()
                };
                let (with, without): (Vec<f64>, Vec<f64>) = (loss(1.0), loss(0.0));
                ask(runs, &with, &without);
                Ok(())
            })
            .holds_for((|[cause]| 1.0 + cause) as Function<1>)
            .fails_for("no-effect", "The effect stays without the cause.", |_| 2.0)
            .run(1)
    };
    let taken_away = claim(|runs, with, without| runs.effect("", [with, without], 0.9, 1.1));
    assert!(taken_away.passed(), "{:#?}", taken_away.complaints());
    let not = claim(|runs, with, without| {
        runs.above("", with, 1.5);
        runs.below("", without, 1.5);
    });
    assert_eq!(not.guards, [Guard::NoIntervention]);
}

/// An exercise is no sentence.
#[test]
fn an_exam_has_no_scope() {
    let exam =
        exam("square").exact(Tolerance::relative(1e-12), |f: &Subject<Function<1>>, cases| {
            cases.equal("", f.output(|f| f([3.0])), 9.0);
            Ok(())
        });
    let exam = exam.fails_for("double", "You added.", |[x]| x + x);
    let report = exam.examine(&((|[x]| x * x) as Function<1>), 1);
    assert!(report.passed() && report.scope.is_none() && report.hunted.is_none());
}
