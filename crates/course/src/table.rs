//! What a reader sees of a report.

use claims::{Guard, Kind, Record, Report, Side};
use run::thousands;

/// The head of the table.
pub(crate) fn head(width: usize) -> String {
    format!(
        "   {:width$}  {:60}  {:>7}  {:>10}  {:>7}",
        "claim", "evidence (worst case)", "margin", "falsifiers", "time"
    )
}

/// One line for a claim.
pub(crate) fn row(report: &Report, seconds: f64, width: usize) -> String {
    let rejected = report.falsifiers.iter().filter(|falsifier| falsifier.rejected).count();
    format!(
        "{}  {:width$}  {:60}  {:>6.0}%  {:>10}  {:>6.2}s",
        if report.passed() { "✓" } else { "✗" },
        report.id,
        evidence(report),
        (100.0 * report.margin()).max(-999.0), // how far beyond the edge is told below the table
        format!("{rejected}/{}", report.falsifiers.len()),
        seconds
    )
}

/// The evidence in a few words.
fn evidence(report: &Report) -> String {
    let Some(record) = report.outcome.worst() else { return "none".into() };
    let Record { measured, expected, allowed, .. } = record;
    let cases = report.outcome.records.len();
    match report.kind {
        Kind::Exact => {
            format!("error {:.1e} ≤ {allowed:.1e} in {cases} cases", record.error())
        }
        Kind::Bound => {
            format!("{measured:.6} ≥ {expected:.6}, {cases} cases")
        }
        Kind::Statistical | Kind::Ratio => format!(
            "{measured:.5} for {expected:.5} ± {allowed:.1e}, {} draws",
            thousands(report.outcome.draws())
        ),
        Kind::Trained => {
            let range = match record.side {
                Side::At => format!("in [{:.4}, {:.4}]", expected - allowed, expected + allowed),
                Side::Above => format!("> {expected:.4}"),
                Side::Below => format!("< {expected:.4}"),
            };
            match record.uncertainty {
                0.0 => format!("{measured:.4} {range}"),
                half => format!("{measured:.4} ± {half:.4} {range}"),
            }
        }
    }
}

/// Why a claim failed, and how to run just that one again.
#[must_use]
pub fn explain(report: &Report) -> String {
    let mut lines = vec![format!("{}: {}", report.id, report.statement)];
    if let Some(problem) = &report.outcome.problem {
        lines.push(format!("  the check could not be finished: {problem}"));
    }
    if let Some(at) = report.hunted.as_ref().and_then(|hunted| hunted.counter_example.as_ref()) {
        lines.push(format!(
            "  it does not hold for every case of its domain; the simplest found: {at}"
        ));
    }
    if !report.outcome.passes()
        && let Some(record) = report.outcome.worst()
    {
        let failing = report.outcome.records.iter().filter(|record| !record.passes()).count();
        lines.push(format!(
            "  worst case: {}\n    expected {:e}\n    came     {:e}\n    off by   {:e}, allowed {:e}\n  \
             {failing} of {} cases fail",
            record.label,
            record.expected,
            record.measured,
            record.error(),
            record.allowed,
            report.outcome.records.len()
        ));
    }
    for falsifier in report.falsifiers.iter().filter(|falsifier| !falsifier.rejected) {
        lines.push(format!("  falsifier `{}` survived: the check does not see it", falsifier.id));
    }
    lines.extend(report.guards.iter().map(|guard| format!("  {}", describe(guard))));
    lines.push(format!("  again: cargo course verify {} --seed {}", report.id, report.seed));
    lines.join("\n")
}

fn describe(guard: &Guard) -> String {
    match guard {
        Guard::NearMissPassed => {
            "outputs nudged by ten times the tolerance still pass: the tolerance \
             is infinite, the comparison reversed, or the implementation compared with itself"
                .into()
        }
        Guard::LooseTolerance => "the tolerance is more than 10⁴ times the largest error that was \
             measured: tighten it, or say why with Tolerance::because"
            .into(),
        Guard::HolePassed(hole) => {
            format!(
                "outputs that are wrong for {hole} only still pass: the check does not look there"
            )
        }
        Guard::NoIntervention => {
            "it names a cause, and the check measures no effect with it and without it".into()
        }
        Guard::NothingCompared => "the check compared nothing".into(),
        Guard::SameFalsifiers(a, b) => {
            format!(
                "falsifiers `{a}` and `{b}` give the same numbers: the check cannot tell them apart"
            )
        }
        Guard::WrongNumberOfTests { planned, done } => {
            format!(
                "{done} statistical tests were made, but false alarms were shared among {planned}"
            )
        }
    }
}
