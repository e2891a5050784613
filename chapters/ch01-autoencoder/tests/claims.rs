//! Every claim of the chapter, and every mistake that it is to reject.

use std::collections::HashSet;

use ch01_autoencoder::claims::claims;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Runs `check` on every claim with every seed of its share: `cheap` for claims without training, `trained`
/// for those with. Returns what it complains of.
fn on_all_claims(
    cheap: u64,
    trained: u64,
    check: impl Fn(&dyn claims::AnyClaim, u64) -> Vec<String> + Sync,
) -> Vec<String> {
    let claims = claims();
    let work: Vec<(usize, u64)> = (0..claims.len())
        .flat_map(|index| {
            let is_trained = claims[index].kind() == claims::Kind::Trained;
            let seeds = if is_trained { trained } else { cheap };
            (0..seeds).map(move |seed| (index, seed))
        })
        .collect();
    work.into_par_iter().flat_map_iter(|(index, seed)| check(&*claims[index], seed)).collect()
}

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
    assert_eq!(on_all_claims(100, 2, misdiagnoses), [""; 0]);
}

fn misdiagnoses(claim: &dyn claims::AnyClaim, seed: u64) -> Vec<String> {
    let named = claim.self_diagnosis(seed);
    let wrong = named.into_iter().filter(|(id, diagnosed)| *diagnosed != Some(id));
    wrong.map(|(id, by)| format!("{} at seed {seed}: {id} read as {by:?}", claim.id())).collect()
}

/// The rows of the audit that this chapter settles.
#[test]
fn the_ledger_is_covered() {
    let claims = claims();
    let ids: HashSet<_> = claims.iter().map(|claim| claim.id()).collect();
    assert_eq!(ids.len(), claims.len(), "two claims with one id");
    assert!(ids.iter().all(|id| id.starts_with("autoencoder/")));
    let rows: HashSet<_> =
        claims.iter().filter_map(|claim| claim.source().row).map(|(row, _)| row).collect();
    for row in ["ae-map", "ae-objective", "ae-dimred", "ae-tied", "ae-lossless-1d", "ae-manifold"] {
        assert!(rows.contains(row), "no claim settles {row}");
    }
}
