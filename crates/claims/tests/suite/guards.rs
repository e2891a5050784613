//! Checks that cannot fail, or that fail for no reason, are themselves found out.

use std::sync::Arc;

use claims::{Claim, Guard, Judgement, Tolerance, claim};

type Square = Arc<dyn Fn(f64) -> f64 + Send + Sync>;

fn square(f: impl Fn(f64) -> f64 + Send + Sync + 'static) -> Square {
    Arc::new(f)
}

/// "f(x) = x²", checked to `tolerance`, against `expected`, on `points`.
fn claim_of_square(
    tolerance: Tolerance,
    points: &'static [f64],
    expected: fn(&dyn Fn(f64) -> f64, f64) -> f64,
) -> Claim<Square> {
    claim("test/square")
        .says("f(x) = x²")
        .there_is()
        .exact(tolerance, move |subject, cases| {
            for &x in points {
                let f = |x: f64| subject.output(|f: &Square| f(x));
                cases.equal(format!("x = {x}"), f(x), expected(&f, x));
            }
            Ok(())
        })
        .holds_for(square(|x| x * x))
        .fails_for("cube", "You multiplied once too often.", square(|x| x * x * x))
        .fails_for("double", "You added instead of multiplying.", square(|x| x + x))
}

const POINTS: &[f64] = &[-1.5, 0.25, 3.0];

fn truth(_: &dyn Fn(f64) -> f64, x: f64) -> f64 {
    x * x
}

#[test]
fn a_sound_claim_passes_and_names_every_mistake() {
    let claim = claim_of_square(Tolerance::relative(1e-12), POINTS, truth);
    let report = claim.run(1);
    assert!(report.passed(), "{report:?}");
    for (name, mistake) in
        [("cube", square(|x| x * x * x)), ("double", square(|x| 2.0 * x * (1.0 + 1e-14)))]
    {
        match claim.judge(&mistake, 1) {
            Judgement::Known { falsifier, .. } => assert_eq!(falsifier, name),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert!(matches!(claim.judge(&square(|x| x.powi(2)), 1), Judgement::Correct(_)));
    match claim.judge(&square(|x| x * x + 1.0), 1) {
        Judgement::Wrong(outcome) => {
            let worst = outcome.worst().expect("cases");
            assert_eq!((worst.label.as_str(), worst.expected), ("x = 0.25", 0.0625));
        }
        other => panic!("{other:?}"),
    }
}

/// An infinite tolerance lets everything pass.
#[test]
fn an_infinite_tolerance_is_caught() {
    let report = claim_of_square(Tolerance::absolute(f64::INFINITY), POINTS, truth).run(1);
    assert!(!report.passed());
    assert!(report.falsifiers.iter().any(|falsifier| !falsifier.rejected));
}

/// A tolerance that was widened until everything passed, though the error is a rounding.
#[test]
fn a_tolerance_without_reason_is_caught() {
    let report = claim_of_square(Tolerance::relative(1e-3), POINTS, truth).run(1);
    assert_eq!(report.guards, [Guard::LooseTolerance]);
    let reason = Tolerance::relative(1e-3).because("the point of this test");
    assert!(claim_of_square(reason, POINTS, truth).run(1).passed());
}

/// Comparing the implementation with itself agrees whatever it does.
#[test]
fn a_comparison_with_itself_is_caught() {
    let report = claim_of_square(Tolerance::relative(1e-12), POINTS, |f, x| f(x)).run(1);
    assert!(report.guards.contains(&Guard::NearMissPassed), "{:?}", report.guards);
    assert!(report.falsifiers.iter().all(|falsifier| !falsifier.rejected));
}

/// A bound the wrong way round, with a falsifier that it happens to reject.
#[test]
fn a_reversed_comparison_is_caught() {
    let claim = claim("test/reversed")
        .says("x² ≥ 0, checked as if it were x² ≤ 1e9")
        .there_is()
        .bound(Tolerance::absolute(1e-12), |subject, margins| {
            for x in [0.0, 1.0, 2.0] {
                let measured = subject.output(|f: &Square| f(x));
                margins.at_least(format!("x = {x}"), 1e9, measured);
            }
            Ok(())
        })
        .holds_for(square(|x| x * x))
        .fails_for("huge", "That is far too large.", square(|x| 1e10 + x));
    assert!(claim.run(1).guards.contains(&Guard::NearMissPassed));
}

#[test]
fn a_check_of_nothing_is_caught() {
    let report = claim_of_square(Tolerance::relative(1e-12), &[], truth).run(1);
    assert!(report.guards.contains(&Guard::NothingCompared));
    assert!(!report.passed());
}

/// At x = 2 the square and the double are the same number.
#[test]
fn falsifiers_that_the_cases_cannot_tell_apart_are_caught() {
    let claim = claim("test/same")
        .says("f(x) = x³")
        .there_is()
        .exact(Tolerance::relative(1e-12), |subject, cases| {
            cases.equal("x = 2", subject.output(|f: &Square| f(2.0)), 8.0);
            Ok(())
        })
        .holds_for(square(|x| x * x * x))
        .fails_for("square", "Once more.", square(|x| x * x))
        .fails_for("double", "You added.", square(|x| x + x));
    let same = Guard::SameFalsifiers("square".into(), "double".into());
    assert_eq!(claim.run(1).guards, [same]);
}

#[test]
fn a_panic_and_an_error_are_the_claims_failure() {
    std::panic::set_hook(Box::new(|_| {}));
    let claim = |fails: fn() -> Result<(), claims::CheckError>| {
        claim("test/stops")
            .says("nothing")
            .there_is()
            .exact(Tolerance::relative(1e-12), move |subject, cases| {
                cases.equal("1", subject.output(|f: &Square| f(1.0)), 1.0);
                fails()
            })
            .holds_for(square(|x| x))
            .fails_for("two", "Too much.", square(|x| 2.0 * x))
            .run(1)
    };
    let panicked = claim(|| panic!("out of ink"));
    assert_eq!(panicked.outcome.problem.as_deref(), Some("panicked: out of ink"));
    let failed = claim(|| Err("no convergence".into()));
    assert_eq!(failed.outcome.problem.as_deref(), Some("no convergence"));
    assert!(!panicked.passed() && !failed.passed());
}

#[test]
fn nan_is_never_right() {
    let claim = claim_of_square(Tolerance::relative(1e-12), POINTS, truth);
    assert!(matches!(claim.judge(&square(|_| f64::NAN), 1), Judgement::Wrong(_)));
    assert!(matches!(claim.judge(&square(|_| f64::INFINITY), 1), Judgement::Wrong(_)));
}
