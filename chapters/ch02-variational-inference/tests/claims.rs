//! Every claim of the chapter, and every mistake that it is to reject.

use std::collections::HashSet;

use ch02_variational_inference::claims::claims;
use claims::examine::{complaints, misdiagnoses, over_seeds};
use claims::{AnyClaim, Kind};

/// 100 seeds where that is cheap, else `few`.
fn seeds(few: u64) -> impl Fn(&dyn AnyClaim) -> u64 {
    move |claim| match claim.kind() {
        Kind::Exact | Kind::Bound if !DEAR.contains(&claim.id()) => 100,
        _ => few,
    }
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
    assert_eq!(over_seeds(&claims(), seeds(3), complaints), [""; 0]);
}

#[test]
fn every_mistake_is_diagnosed_by_its_own_name() {
    assert_eq!(over_seeds(&claims(), seeds(2), misdiagnoses), [""; 0]);
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
