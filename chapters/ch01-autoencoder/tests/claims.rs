//! Every claim of the chapter, and every mistake that it is to reject.

use std::collections::HashSet;

use ch01_autoencoder::claims::claims;
use claims::examine::{complaints, misdiagnoses, over_seeds};
use claims::{AnyClaim, Kind};

/// `cheap` seeds for claims without training, `trained` for those with.
fn seeds(cheap: u64, trained: u64) -> impl Fn(&dyn AnyClaim) -> u64 {
    move |claim| if claim.kind() == Kind::Trained { trained } else { cheap }
}

#[test]
fn every_claim_holds_and_every_mistake_is_rejected() {
    assert_eq!(over_seeds(&claims(), seeds(100, 3), complaints), [""; 0]);
}

#[test]
fn every_mistake_is_diagnosed_by_its_own_name() {
    assert_eq!(over_seeds(&claims(), seeds(100, 2), misdiagnoses), [""; 0]);
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
