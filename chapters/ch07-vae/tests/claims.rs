//! Every claim of the chapter, and every mistake that it is to reject.

use std::collections::HashSet;

use ch07_vae::claims::claims;
use claims::examine::{complaints, misdiagnoses, over_seeds};
use claims::{AnyClaim, Kind};

/// `cheap` seeds for claims that neither draw nor train, `costly` for the others and for the one whose
/// integrals are over a trained model.
fn seeds(cheap: u64, costly: u64) -> impl Fn(&dyn AnyClaim) -> u64 {
    move |claim| {
        let trains = claim.kind() == Kind::Trained || claim.id() == "vae/aggregate";
        if trains || claim.kind().is_statistical() { costly } else { cheap }
    }
}

/// Claims with draws have stated error rates (at most 2.5e-9 and 5e-10 each), so that many seeds here would say
/// nothing about them that the bounds do not; `cargo course verify ch07 --soak 100` is for that.
#[test]
fn every_claim_holds_and_every_mistake_is_rejected() {
    assert_eq!(over_seeds(&claims(), seeds(30, 3), complaints), [""; 0]);
}

#[test]
fn every_mistake_is_diagnosed_by_its_own_name() {
    assert_eq!(over_seeds(&claims(), seeds(30, 1), misdiagnoses), [""; 0]);
}

/// The rows of the audit that this chapter settles, and the mistakes that public code has made.
#[test]
fn the_ledger_and_the_list_of_mistakes_are_covered() {
    let claims = claims();
    let ids: HashSet<_> = claims.iter().map(|claim| claim.id()).collect();
    assert_eq!(ids.len(), claims.len(), "two claims with one id");
    assert!(ids.iter().all(|id| id.starts_with("vae/")));
    let rows: HashSet<_> =
        claims.iter().filter_map(|claim| claim.source().row).map(|(row, _)| row).collect();
    for row in [
        "vae-loss",
        "vae-notation",
        "vae-aggregate",
        "vae-linear",
        "vae-toy",
        "vae-d1-loss",
        "vae-d1-shapes",
        "vae-d1-program",
        "gen-gmm-highdim",
    ] {
        assert!(rows.contains(row), "no claim settles {row}");
    }
    let mistakes: HashSet<_> = claims
        .iter()
        .filter(|claim| matches!(claim.kind(), Kind::Exact | Kind::Bound))
        .flat_map(|claim| claim.self_diagnosis(0))
        .map(|(falsifier, _)| falsifier)
        .collect();
    for made_in_public in [
        "mean-for-sum",
        "mean-over-pixels",
        "negative",
        "no-half",
        "sigma-for-variance",
        "softplus-of-log-variance",
        "detached-sample",
        "mean-of-logs",
        "worst-weighs-most",
    ] {
        assert!(mistakes.contains(made_in_public), "no falsifier {made_in_public}");
    }
}
