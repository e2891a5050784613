//! What takes minutes, and so is run by its name: `cargo test -p course --test long`.
//!
//! `tests/claims.rs` looks at each claim at one seed. Here it is many, and a chapter's evidence is compared byte by byte.

use std::process::Command;

use claims::examine::{complaints, over_seeds};
use claims::{AnyClaim, Kind};

/// At how many seeds a chapter's claims are looked at.
struct Seeds {
    chapter: &'static str,
    /// Claims that neither draw nor train.
    exact: u64,
    /// Claims with draws have stated error rates (at most 2.5e-9 and 5e-10 each), so that many seeds would say nothing
    /// about them that the bounds do not.
    drawn: u64,
    /// Trainings have seeds of their own, several for a claim as a rule.
    trained: u64,
}

const SEEDS: [Seeds; 9] = [
    Seeds { chapter: "autoencoder", exact: 10, drawn: 10, trained: 3 },
    Seeds { chapter: "variational-inference", exact: 10, drawn: 3, trained: 3 },
    Seeds { chapter: "elbo", exact: 10, drawn: 3, trained: 3 },
    Seeds { chapter: "score-function", exact: 10, drawn: 3, trained: 3 },
    Seeds { chapter: "reparameterization", exact: 10, drawn: 3, trained: 3 },
    Seeds { chapter: "gaussian-kl", exact: 10, drawn: 3, trained: 3 },
    Seeds { chapter: "vae", exact: 5, drawn: 3, trained: 3 },
    Seeds { chapter: "gan", exact: 5, drawn: 3, trained: 1 },
    Seeds { chapter: "conv-vae", exact: 5, drawn: 5, trained: 1 },
];

/// Claims that neither draw nor train, and yet take some tenths of a second: as those with draws.
const DEAR: [&str; 6] = [
    "variational-inference/grid-accuracy",
    "variational-inference/grid-cost",
    "variational-inference/prior-variance",
    "variational-inference/ascent",
    "variational-inference/em-rises",
    "vae/aggregate",
];

impl Seeds {
    fn of(&self, claim: &dyn AnyClaim) -> u64 {
        match claim.kind() {
            Kind::Trained => self.trained,
            Kind::Statistical | Kind::Ratio => self.drawn,
            Kind::Exact | Kind::Bound if DEAR.contains(&claim.id()) => self.drawn,
            Kind::Exact | Kind::Bound => self.exact,
        }
    }
}

/// All but the claims about the tests themselves, whose one run already is many thousands. The chapters together, so that
/// nobody waits for the last training of each.
#[test]
fn at_many_seeds_claims_hold_and_mistakes_are_rejected_and_diagnosed_by_their_own_name() {
    let chapters = course::CHAPTERS.iter().filter(|chapter| chapter.slug() != "testing");
    assert!(chapters.clone().map(|chapter| chapter.slug()).eq(SEEDS.iter().map(|of| of.chapter)));
    let claims: Vec<_> = chapters.flat_map(|chapter| (chapter.claims)()).collect();
    let seeds = |claim: &dyn AnyClaim| {
        let of = SEEDS.iter().find(|of| claim.id().starts_with(&format!("{}/", of.chapter)));
        of.expect("an id begins with its chapter").of(claim)
    };
    assert_eq!(over_seeds(&claims, seeds, complaints), [""; 0]);
}

/// Trainings in several threads are where the order of sums could leak into figures.
#[test]
fn the_evidence_of_a_chapter_that_trains_depends_on_the_seed_and_not_on_threads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let evidence = |arguments: &[&str]| {
        let file = folder.path().join("evidence.json");
        let name = file.to_str().expect("a path in UTF-8");
        let output = Command::new(env!("CARGO_BIN_EXE_course"))
            .args(["verify", "vae", "--json", name])
            .args(arguments)
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let text = std::fs::read_to_string(file).expect("the file was written");
        let lines = text.lines().filter(|line| !line.trim().starts_with("\"seconds\""));
        lines.collect::<Vec<_>>().join("\n")
    };
    let one = evidence(&["--threads", "1"]);
    assert_eq!(one, evidence(&["--threads", "3"]));
    assert_ne!(one, evidence(&["--seed", "2"]));
}

#[test]
fn a_soak_of_a_chapter_finds_no_false_alarm_and_no_survivor() {
    let output = Command::new(env!("CARGO_BIN_EXE_course"))
        .args(["verify", "vae", "--soak", "20"])
        .output()
        .expect("the program runs");
    let said = String::from_utf8(output.stdout).expect("the program writes UTF-8");
    assert!(output.status.success(), "{said}");
    assert!(said.contains("at 20 seeds: 0 false alarms"), "{said}");
    assert!(said.contains("0 surviving falsifiers"), "{said}");
}

#[test]
fn a_chapters_checks_notice_holes_at_many_seeds() {
    let output = Command::new(env!("CARGO_BIN_EXE_course"))
        .args(["verify", "conv-vae", "--holes", "10"])
        .output()
        .expect("the program runs");
    let said = String::from_utf8(output.stdout).expect("the program writes UTF-8");
    assert!(output.status.success(), "{said}");
    assert!(said.contains("at 10 seeds: 0 holes not noticed"), "{said}");
}
