//! `cargo course verify` as its users type it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn course(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_course")).args(arguments).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program writes UTF-8")
}

/// The evidence of chapter 6, without the times.
fn evidence(folder: &Path, arguments: &[&str]) -> Value {
    let file = folder.join("evidence.json");
    let file_name = file.to_str().expect("a path in UTF-8");
    let output = course(&[&["verify", "gaussian-kl", "--json", file_name], arguments].concat());
    assert!(output.status.success(), "{}", text(&output.stdout));
    let json = std::fs::read_to_string(file).expect("the file was written");
    let mut evidence: Value = serde_json::from_str(&json).expect("JSON");
    for claim in evidence["claims"].as_array_mut().expect("a list of claims") {
        let seconds = claim.as_object_mut().expect("an object").remove("seconds");
        assert!(seconds.is_some_and(|seconds| seconds.as_f64().is_some_and(|s| s >= 0.0)));
    }
    evidence
}

#[test]
fn evidence_depends_on_the_seed_and_not_on_threads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let on = |arguments: &[&str]| evidence(folder.path(), arguments);
    let one = on(&["--threads", "1"]);
    assert_eq!(one, on(&["--threads", "3"]));
    assert_ne!(one, on(&["--seed", "2"]));
    assert_eq!(one["schema"], 2);
    for claim in one["claims"].as_array().expect("a list") {
        assert_eq!(claim["verdict"], "holds", "{}", claim["id"]);
        for key in
            ["statement", "source", "scope", "kind", "measured", "expected", "tolerance", "margin"]
        {
            assert!(!claim[key].is_null(), "{}: {key}", claim["id"]);
        }
        let falsifiers = claim["falsifiers"].as_array().expect("a list");
        assert!(!falsifiers.is_empty());
        for falsifier in falsifiers {
            assert_eq!(falsifier["rejected"], true);
            assert!(falsifier["diagnosis"].as_str().is_some_and(|text| text.ends_with('.')));
        }
    }
}

#[test]
fn a_list_runs_nothing_and_names_every_claim() {
    let listed = text(&course(&["verify", "--list"]).stdout);
    for claim in course::all_claims() {
        assert!(
            listed.contains(claim.id()) && listed.contains(claim.statement()),
            "{}",
            claim.id()
        );
    }
    assert!(!listed.contains("falsifiers rejected"), "{listed}");
}

#[test]
fn one_claim_can_be_run_alone_and_the_table_says_how_it_went() {
    let output = course(&["verify", "vae/bound"]);
    let table = text(&output.stdout);
    assert!(output.status.success(), "{table}");
    assert!(table.contains("✓  vae/bound") && table.contains("1 of 1 claims hold"), "{table}");
    assert!(!table.contains('\r') && !table.contains('\u{1b}'), "plain lines on a pipe: {table:?}");
}

#[test]
fn an_unknown_name_suggests_the_nearest() {
    let output = course(&["verify", "vae/boundd"]);
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(message.contains("no chapter or claim `vae/boundd`"), "{message}");
    assert!(message.contains("did you mean `vae/bound`?"), "{message}");
}

#[test]
fn a_wrong_call_is_a_matter_of_usage() {
    for arguments in [
        &["verify", "--threads", "0"][..],
        &["verify", "--seed", "-1"],
        &["verify", "--soak", "x"],
        &["verify", "--soak", "2", "--json", "f"],
        &["verify", "--hunt", "0"],
        &["verify", "--hunt", "18446744073709551615"],
        &["verify", "--holes", "0"],
        &["verify", "--soak", "0"],
        &["verify", "--hunt", "2", "--soak", "2"],
        &["verify", "--holes", "2", "--soak", "2"],
        &["prove"],
        &[],
    ] {
        assert_eq!(course(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let output = course(&["verify", "vae/bound", "--json", "/dev/null/evidence.json"]);
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(message.contains("cannot write /dev/null/evidence.json"), "{message}");
}

#[test]
fn a_soak_counts_what_went_wrong() {
    let output = course(&["verify", "gaussian-kl", "--soak", "20"]);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("at 20 seeds: 0 false alarms"), "{said}");
    assert!(said.contains("0 surviving falsifiers"), "{said}");
}

#[test]
fn junit_lists_every_claim() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("junit.xml");
    let output = course(&["verify", "gaussian-kl", "--junit", file.to_str().expect("UTF-8")]);
    assert!(output.status.success());
    let xml = std::fs::read_to_string(file).expect("written");
    let claims = course::select(Some("gaussian-kl")).expect("a chapter").len();
    assert!(xml.contains(&format!("tests=\"{claims}\" failures=\"0\"")), "{xml}");
    assert!(xml.contains("classname=\"gaussian-kl\" name=\"gradient\""), "{xml}");
}
