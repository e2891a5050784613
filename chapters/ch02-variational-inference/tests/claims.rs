//! Every claim of the chapter, and every mistake that it is to reject.

use std::collections::HashSet;

use ch02_variational_inference::claims::claims;
use claims::{AnyClaim, Kind};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Runs `check` on every claim: with 100 seeds where that is cheap, else with `few`. Returns what it complains of.
fn on_all_claims(
    few: u64,
    check: impl Fn(&dyn AnyClaim, u64) -> Vec<String> + Sync,
) -> Vec<String> {
    let claims = claims();
    let work: Vec<(usize, u64)> = (0..claims.len())
        .flat_map(|index| {
            let seeds = match claims[index].kind() {
                Kind::Exact | Kind::Bound if !DEAR.contains(&claims[index].id()) => 100,
                _ => few,
            };
            (0..seeds).map(move |seed| (index, seed))
        })
        .collect();
    work.into_par_iter().flat_map_iter(|(index, seed)| check(&*claims[index], seed)).collect()
}

/// These draw nothing, or little, and take some hundredths of a second each.
const DEAR: [&str; 5] = [
    "variational-inference/grid-accuracy",
    "variational-inference/grid-cost",
    "variational-inference/prior-variance",
    "variational-inference/ascent",
    "variational-inference/em-rises",
];

#[test]
fn every_claim_holds_and_every_mistake_is_rejected() {
    assert_eq!(on_all_claims(3, complaints), [""; 0]);
}

fn complaints(claim: &dyn AnyClaim, seed: u64) -> Vec<String> {
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
    assert_eq!(on_all_claims(2, misdiagnoses), [""; 0]);
}

fn misdiagnoses(claim: &dyn AnyClaim, seed: u64) -> Vec<String> {
    let named = claim.self_diagnosis(seed);
    let wrong = named.into_iter().filter(|(id, diagnosed)| *diagnosed != Some(id));
    wrong.map(|(id, by)| format!("{} at seed {seed}: {id} read as {by:?}", claim.id())).collect()
}

/// The rows of the audit that this chapter settles, and two falsifiers for each claim on average.
#[test]
fn the_ledger_is_covered() {
    let claims = claims();
    let ids: HashSet<_> = claims.iter().map(|claim| claim.id()).collect();
    assert_eq!(ids.len(), claims.len(), "two claims with one id");
    assert!(ids.iter().all(|id| id.starts_with("variational-inference/")));
    let rows: HashSet<_> =
        claims.iter().filter_map(|claim| claim.source().row).map(|(row, _)| row).collect();
    for row in [
        "gen-two-steps",
        "gen-gmm-highdim",
        "vi-bayes",
        "vi-true-p",
        "vi-intractable",
        "vi-optimise",
        "kl-nonneg",
    ] {
        assert!(rows.contains(row), "no claim settles {row}");
    }
    let falsifiers: usize = claims.iter().map(|claim| claim.falsifier_count()).sum();
    assert!(falsifiers >= 2 * claims.len());
}
