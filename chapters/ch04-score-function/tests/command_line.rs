//! The program from outside: numbers, errors, files.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ch04-score-function"));
    command.args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number instead of {value}"))
}

#[test]
fn wrong_calls_say_what_was_expected_and_end_with_2() {
    for (arguments, says) in [
        (&["--seed", "one"][..], "invalid value 'one'"),
        (&["--seed=-1"], "--seed"),
        (&["--sed", "1"], "--seed"),
        (&["5"], "unexpected argument '5'"),
        (&["--out"], "--out"),
    ] {
        let output = program(arguments);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(says), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_folder_that_cannot_be_written_ends_with_1_before_any_work() {
    let output = program(&["--out", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml/out")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("choose another with --out"));
    assert!(output.stdout.is_empty());
}

#[test]
fn help_names_everything() {
    let output = program(&["--help"]);
    assert!(output.status.success());
    let help = text(&output.stdout);
    for word in ["--seed", "--out", "--quick", "out/ch04-score-function", "Example"] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn the_quick_run_leaves_pictures_and_a_summary_that_names_them() {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let run = |folder: &Path| {
        let folder = folder.to_str().expect("UTF-8");
        let output = program(&["--quick", "--seed", "3", "--out", folder]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let (first, second) = (temporary.path().join("a"), temporary.path().join("b"));
    let said = run(&first);
    run(&second);
    let read = |folder: &Path, name: &str| std::fs::read(folder.join(name)).expect("written");
    let summary: Value =
        serde_json::from_slice(&read(&first, "summary.json")).expect("a JSON summary");
    let files = summary["files"].as_array().expect("a list of files");
    assert_eq!(files.len(), 6);
    for file in files {
        let name = file.as_str().expect("a name");
        assert!(said.contains(name), "{name} is not named in the closing lines");
        assert!(read(&first, name).starts_with(b"\x89PNG"), "{name}");
        assert_eq!(read(&first, name), read(&second, name), "{name}: same seed, same bytes");
    }
    assert_eq!(read(&first, "summary.json"), read(&second, "summary.json"));
    the_numbers_are_as_computed_by_hand(&summary);
}

fn the_numbers_are_as_computed_by_hand(summary: &Value) {
    // μ = 1, σ² = ¼: 10⁴ (μ⁴/σ² + 14μ² + 15σ²)/(2μ)² without a baseline, 10⁴ · 4σ²/(2μ)² pathwise.
    let first = &summary["samples_for_one_percent"][0];
    assert_eq!(number(&first["no_baseline"]), 1e4 * (4.0 + 14.0 + 3.75) / 4.0);
    assert_eq!(number(&first["pathwise"]), 2500.0);
    for row in summary["estimators"].as_array().expect("rows") {
        // 6.5 standard errors: never in ten billion seeds.
        let error = (number(&row["mean"]) - 2.0).abs();
        assert!(error < 6.5 * number(&row["standard_error"]), "{row}");
    }
    let bits = &summary["bits"];
    for curve in bits["curves"].as_array().expect("rows") {
        assert!(number(&curve["highest"]) < number(&bits["log_evidence"]), "{curve}");
    }
}

#[test]
fn the_books_figures_are_what_this_program_draws() {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let [out, drawn] = ["out", "book"].map(|name| temporary.path().join(name));
    let [out, to] = [&out, &drawn].map(|folder| folder.to_str().expect("UTF-8"));
    let output = program(&["--out", out, "--book", to]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src/figures");
    let compared = run::book::compare(&book, &drawn, env!("CARGO_PKG_NAME"));
    assert!(compared.is_ok(), "{:#}", compared.unwrap_err());
}
