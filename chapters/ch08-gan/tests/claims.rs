//! Every claim of the chapter, and every mistake that it is to reject.

use std::collections::HashSet;

use ch08_gan::claims::claims;
use claims::examine::{complaints, misdiagnoses, over_seeds};
use claims::{AnyClaim, Kind};

/// `cheap` seeds for claims without draws, `drawn` for those with, one for those that train.
fn seeds(cheap: u64, drawn: u64) -> impl Fn(&dyn AnyClaim) -> u64 {
    move |claim| match claim.kind() {
        Kind::Statistical | Kind::Ratio => drawn,
        Kind::Trained => 1,
        Kind::Exact | Kind::Bound => cheap,
    }
}

#[test]
fn every_claim_holds_and_every_mistake_is_rejected() {
    assert_eq!(over_seeds(&claims(), seeds(20, 3), complaints), [""; 0]);
}

#[test]
fn every_mistake_is_diagnosed_by_its_own_name() {
    assert_eq!(over_seeds(&claims(), seeds(20, 1), misdiagnoses), [""; 0]);
}

/// The rows of the audit that this chapter settles, and the mistakes that it is about.
#[test]
fn the_ledger_and_the_list_of_mistakes_are_covered() {
    let claims = claims();
    let ids: HashSet<_> = claims.iter().map(|claim| claim.id()).collect();
    assert_eq!(ids.len(), claims.len(), "two claims with one id");
    assert!(ids.iter().all(|id| id.starts_with("gan/")));
    let rows: HashSet<_> =
        claims.iter().filter_map(|claim| claim.source().row).map(|(row, _)| row).collect();
    for row in ["gan-value", "gan-equilibrium", "gan-algorithm", "gan-g-loss", "gan-vs-vae"] {
        assert!(rows.contains(row), "no claim settles {row}");
    }
    let mistakes: HashSet<_> = claims
        .iter()
        .filter(|claim| matches!(claim.kind(), Kind::Exact | Kind::Bound))
        .flat_map(|claim| claim.self_diagnosis(0))
        .map(|(falsifier, _)| falsifier)
        .collect();
    for made_in_public in [
        "printed",
        "swapped-labels",
        "leak-into-the-generator",
        "leak-into-the-discriminator",
        "same-noise",
        "blames-the-discriminator",
        "logistic-twice",
        "log-of-probability",
    ] {
        assert!(mistakes.contains(made_in_public), "no falsifier {made_in_public}");
    }
}
