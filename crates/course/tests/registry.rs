//! What has to be true of all claims together.

use std::collections::HashSet;

use claims::{CLAIM_SLOTS, FALSIFIER_SLOTS};

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
    let falsifiers: usize = statistical.iter().map(|claim| claim.falsifier_count()).sum();
    assert!(falsifiers as u64 <= FALSIFIER_SLOTS);
}

/// Whoever makes a known mistake reads that mistake's diagnosis and no other's.
#[test]
fn every_falsifier_is_diagnosed_by_its_own_name() {
    for claim in course::all_claims() {
        for (falsifier, diagnosed) in claim.self_diagnosis(1) {
            assert_eq!(diagnosed, Some(falsifier), "{}", claim.id());
        }
    }
}
