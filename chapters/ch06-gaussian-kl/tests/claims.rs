//! Every claim of the chapter, and every mistake that it is to reject.

use std::collections::HashSet;

use ch06_gaussian_kl::claims::claims;
use claims::AnyClaim;
use claims::examine::{complaints, misdiagnoses, over_seeds};

/// `cheap` seeds for claims without draws, `drawn` for those with.
fn seeds(cheap: u64, drawn: u64) -> impl Fn(&dyn AnyClaim) -> u64 {
    move |claim| if claim.kind().is_statistical() { drawn } else { cheap }
}

/// The claims without draws at 100 seeds. Those with draws have stated error rates (at most 2.5e-9 and
/// 5e-10 each), so that more seeds here would say nothing about them that the bounds do not; for a hundred,
/// `cargo course verify ch06 --soak 100 --soak-limit 10`.
#[test]
fn every_claim_holds_and_every_mistake_is_rejected() {
    assert_eq!(over_seeds(&claims(), seeds(100, 3), complaints), [""; 0]);
}

#[test]
fn every_mistake_is_diagnosed_by_its_own_name() {
    assert_eq!(over_seeds(&claims(), seeds(100, 1), misdiagnoses), [""; 0]);
}

/// The rows of the audit that this chapter settles, and the mistakes that public code has made.
#[test]
fn the_ledger_and_the_list_of_mistakes_are_covered() {
    let claims = claims();
    let ids: HashSet<_> = claims.iter().map(|claim| claim.id()).collect();
    assert_eq!(ids.len(), claims.len(), "two claims with one id");
    assert!(ids.iter().all(|id| id.starts_with("gaussian-kl/")));
    let rows: HashSet<_> =
        claims.iter().filter_map(|claim| claim.source().row).map(|(row, _)| row).collect();
    for row in ["kl-1d", "kl-standard", "kl-notation", "kl-additive", "kl-stable"] {
        assert!(rows.contains(row), "no claim settles {row}");
    }
    let mistakes: HashSet<_> = claims
        .iter()
        .filter(|claim| !claim.kind().is_statistical())
        .flat_map(|claim| claim.self_diagnosis(0))
        .map(|(falsifier, _)| falsifier)
        .collect();
    for made_in_public in [
        "mean-for-sum",
        "mean-in-one-term",
        "log-sigma-squared",
        "plus-log",
        "negative",
        "exp-log-var-as-sigma",
        "softplus",
        "sigma-as-variance",
        "sigma-for-covariance",
        "swapped",
        "no-half",
    ] {
        assert!(mistakes.contains(made_in_public), "no falsifier {made_in_public}");
    }
}
