//! Every claim of the chapter, and every mistake that it is to reject.

use std::collections::HashSet;

use ch09_conv_vae::claims::claims;
use claims::examine::{complaints, misdiagnoses, over_seeds};
use claims::{AnyClaim, Kind};

/// Nothing here is drawn with the seed but the initial weights of a model, and trainings have seeds of their own.
fn seeds(claim: &dyn AnyClaim) -> u64 {
    if claim.kind() == Kind::Trained { 1 } else { 5 }
}

#[test]
fn every_claim_holds_and_every_mistake_is_rejected() {
    assert_eq!(over_seeds(&claims(), seeds, complaints), [""; 0]);
}

#[test]
fn every_mistake_is_diagnosed_by_its_own_name() {
    assert_eq!(over_seeds(&claims(), seeds, misdiagnoses), [""; 0]);
}

#[test]
fn the_ledgers_row_is_settled_and_names_are_the_chapters() {
    let claims = claims();
    let ids: HashSet<_> = claims.iter().map(|claim| claim.id()).collect();
    assert_eq!(ids.len(), claims.len(), "two claims with one id");
    assert!(ids.iter().all(|id| id.starts_with("conv-vae/")));
    let rows = claims.iter().filter_map(|claim| claim.source().row);
    assert_eq!(rows.map(|(row, _)| row).collect::<HashSet<_>>(), HashSet::from(["sys-conv-vae"]));
    let falsifiers: usize = claims.iter().map(|claim| claim.falsifier_count()).sum();
    assert!(falsifiers >= 2 * claims.len(), "{falsifiers} mistakes for {} claims", claims.len());
}
