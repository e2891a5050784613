//! Every claim of the chapter, and every mistake that it is to reject.

use std::collections::HashSet;

use ch04_score_function::claims::claims;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Runs `check` on every claim with every seed of its share: `cheap` for claims without draws, `drawn` for
/// those with. Returns what it complains of.
fn on_all_claims(
    cheap: u64,
    drawn: u64,
    check: impl Fn(&dyn claims::AnyClaim, u64) -> Vec<String> + Sync,
) -> Vec<String> {
    let claims = claims();
    let work: Vec<(usize, u64)> = (0..claims.len())
        .flat_map(|index| {
            let seeds = if claims[index].kind().is_statistical() { drawn } else { cheap };
            (0..seeds).map(move |seed| (index, seed))
        })
        .collect();
    work.into_par_iter().flat_map_iter(|(index, seed)| check(&*claims[index], seed)).collect()
}

/// The claims without draws at 100 seeds. Those with draws have stated error rates (at most 2.5e-9 and
/// 5e-10 each), so that more seeds here would say nothing about them that the bounds do not; for a hundred,
/// `cargo course verify ch06 --soak 100 --soak-limit 10`.
#[test]
fn every_claim_holds_and_every_mistake_is_rejected() {
    assert_eq!(on_all_claims(100, 3, complaints), [""; 0]);
}

fn complaints(claim: &dyn claims::AnyClaim, seed: u64) -> Vec<String> {
    let report = claim.run(seed);
    let mut complaints = Vec::new();
    if !report.outcome.passes() {
        let worst = report.outcome.worst();
        complaints.push(format!("fails: {worst:?} {:?}", report.outcome.problem));
    }
    let survived = report.falsifiers.iter().filter(|falsifier| !falsifier.rejected);
    complaints.extend(survived.map(|falsifier| format!("does not reject {}", falsifier.id)));
    complaints.extend(report.guards.iter().map(|guard| format!("{guard:?}")));
    complaints.iter().map(|what| format!("{} at seed {seed} {what}", claim.id())).collect()
}

#[test]
fn every_mistake_is_diagnosed_by_its_own_name() {
    assert_eq!(on_all_claims(100, 1, misdiagnoses), [""; 0]);
}

fn misdiagnoses(claim: &dyn claims::AnyClaim, seed: u64) -> Vec<String> {
    let named = claim.self_diagnosis(seed);
    let wrong = named.into_iter().filter(|(id, diagnosed)| *diagnosed != Some(id));
    wrong.map(|(id, by)| format!("{} at seed {seed}: {id} read as {by:?}", claim.id())).collect()
}

/// The rows of the audit that this chapter settles, and the mistakes that public code has made.
#[test]
fn the_ledger_and_the_list_of_mistakes_are_covered() {
    let claims = claims();
    let ids: HashSet<_> = claims.iter().map(|claim| claim.id()).collect();
    assert_eq!(ids.len(), claims.len(), "two claims with one id");
    assert!(ids.iter().all(|id| id.starts_with("score-function/")));
    let rows: HashSet<_> =
        claims.iter().filter_map(|claim| claim.source().row).map(|(row, _)| row).collect();
    for row in ["sf-zero-mean", "sf-unbiased", "sf-variance", "sf-log-reason", "sf-baseline"] {
        assert!(rows.contains(row), "no claim settles {row}");
    }
    let mistakes: HashSet<_> = claims
        .iter()
        .filter(|claim| !claim.kind().is_statistical())
        .flat_map(|claim| claim.self_diagnosis(0))
        .map(|(falsifier, _)| falsifier)
        .collect();
    for made_in_public in [
        "missing-log",
        "not-detached",
        "sample-not-detached",
        "in-sample",
        "log-sigma",
        "sigma-for-variance",
        "steepness",
    ] {
        assert!(mistakes.contains(made_in_public), "no falsifier {made_in_public}");
    }
}
