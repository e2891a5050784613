//! What has to be true of all claims together.

use std::collections::HashSet;

use claims::{CLAIM_SLOTS, FALSIFIER_SLOTS, Kind};

#[test]
fn ids_are_unique_and_begin_with_the_chapter() {
    let mut seen = HashSet::new();
    for chapter in course::CHAPTERS {
        for claim in (chapter.claims)() {
            let id = claim.id();
            assert!(seen.insert(id), "{id} is used twice");
            assert!(id.starts_with(&format!("{}/", chapter.slug())), "{id} in {}", chapter.name);
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-/".contains(c);
            assert!(id.chars().all(plain), "{id}");
        }
    }
}

#[test]
fn claims_state_something_and_have_a_source() {
    for claim in course::all_claims() {
        assert!(claim.statement().len() > 10, "{}: {}", claim.id(), claim.statement());
        let source = claim.source();
        assert!(source.row.is_some() || source.work.is_some(), "{} comes from nowhere", claim.id());
    }
}

/// The family's error rates are shared among a fixed number of places.
#[test]
fn statistical_claims_and_their_falsifiers_have_room() {
    let claims = course::all_claims();
    let statistical: Vec<_> = claims.iter().filter(|claim| claim.kind().is_statistical()).collect();
    assert!(statistical.len() as u64 <= CLAIM_SLOTS);
    let falsifiers: usize = statistical.iter().map(|claim| claim.falsifiers().len()).sum();
    assert!(falsifiers as u64 <= FALSIFIER_SLOTS);
}

/// For each chapter the rows of the documents' audit that it settles, and mistakes that public code or the documents made
/// or that the chapter is about.
const COVERED: [(&str, &[&str], &[&str]); 9] = [
    (
        "autoencoder",
        &["ae-map", "ae-objective", "ae-dimred", "ae-tied", "ae-lossless-1d", "ae-manifold"],
        &[],
    ),
    (
        "variational-inference",
        &[
            "gen-two-steps",
            "gen-gmm-highdim",
            "vi-bayes",
            "vi-true-p",
            "vi-intractable",
            "vi-optimise",
            "kl-nonneg",
        ],
        &[],
    ),
    (
        "elbo",
        &[
            "elbo-identity",
            "elbo-bound",
            "elbo-jensen",
            "elbo-split",
            "elbo-split-d3",
            "elbo-argmax-phi",
            "elbo-argmax-theta",
            "elbo-rec-sign",
            "elbo-iwae",
        ],
        &[
            "d3-closing-line",
            "d3-minimise-kl",
            "mean-of-logs",
            "sum-for-mean",
            "wrong-sign",
            "underflow",
            "mean-for-sum",
            "swapped",
            "exp-log-var-as-sigma",
            "sigma-as-variance",
        ],
    ),
    (
        "score-function",
        &["sf-zero-mean", "sf-unbiased", "sf-variance", "sf-log-reason", "sf-baseline"],
        &[
            "missing-log",
            "not-detached",
            "sample-not-detached",
            "in-sample",
            "log-sigma",
            "sigma-for-variance",
            "steepness",
        ],
    ),
    (
        "reparameterization",
        &["rp-blocks", "rp-change", "rp-unbiased", "rp-last-step", "rp-less-variance", "rp-limits"],
        &[
            "z-detached",
            "z-detached-closed-kl",
            "sigma-detached",
            "log-q-detached",
            "z-detached-in-log-q",
            "nothing-detached",
            "nothing",
            "one-branch",
            "always-less",
            "by-log-sigma",
        ],
    ),
    (
        "gaussian-kl",
        &["kl-1d", "kl-standard", "kl-notation", "kl-additive", "kl-stable"],
        &[
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
        ],
    ),
    (
        "vae",
        &[
            "vae-loss",
            "vae-notation",
            "vae-aggregate",
            "vae-linear",
            "vae-toy",
            "vae-d1-loss",
            "vae-d1-shapes",
            "vae-d1-program",
            "gen-gmm-highdim",
        ],
        &[
            "mean-for-sum",
            "mean-over-pixels",
            "negative",
            "no-half",
            "sigma-for-variance",
            "softplus-of-log-variance",
            "detached-sample",
            "mean-of-logs",
            "worst-weighs-most",
        ],
    ),
    (
        "gan",
        &["gan-value", "gan-equilibrium", "gan-algorithm", "gan-g-loss", "gan-vs-vae"],
        &[
            "printed",
            "swapped-labels",
            "leak-into-the-generator",
            "leak-into-the-discriminator",
            "same-noise",
            "blames-the-discriminator",
            "logistic-twice",
            "log-of-probability",
        ],
    ),
    ("conv-vae", &["sys-conv-vae"], &[]),
];

#[test]
fn the_ledger_and_the_list_of_mistakes_are_covered() {
    for (slug, rows, mistakes) in COVERED {
        let claims = course::select(Some(slug)).expect("a chapter");
        let settled: HashSet<_> =
            claims.iter().filter_map(|claim| claim.source().row).map(|(row, _)| row).collect();
        for row in rows {
            assert!(settled.contains(row), "{slug}: no claim settles {row}");
        }
        // Those of claims without draws: they are the cheap ones to look at.
        let exact = claims.iter().filter(|c| matches!(c.kind(), Kind::Exact | Kind::Bound));
        let known: HashSet<_> = exact.flat_map(|claim| claim.falsifiers()).collect();
        for mistake in mistakes {
            assert!(known.contains(mistake), "{slug}: no falsifier {mistake}");
        }
    }
    let chapters = course::CHAPTERS.iter().map(|chapter| chapter.slug());
    let covered = COVERED.iter().map(|(slug, ..)| *slug);
    assert!(chapters.filter(|slug| *slug != "testing").eq(covered));
}

/// The chapters whose every claim stands for two mistakes at least, on average.
#[test]
fn there_are_two_falsifiers_to_a_claim() {
    for slug in ["variational-inference", "elbo", "conv-vae"] {
        let claims = course::select(Some(slug)).expect("a chapter");
        let falsifiers: usize = claims.iter().map(|claim| claim.falsifiers().len()).sum();
        assert!(falsifiers >= 2 * claims.len(), "{slug}: {falsifiers} for {}", claims.len());
    }
}
