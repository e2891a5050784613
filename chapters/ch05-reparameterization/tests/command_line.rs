//! The program from outside: errors, files, numbers.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ch05-reparameterization"));
    command.args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn number(answer: &Value, key: &str) -> f64 {
    answer[key].as_f64().unwrap_or_else(|| panic!("{key} in {answer}"))
}

#[test]
fn wrong_calls_say_what_was_expected_and_end_with_2() {
    for (arguments, says) in [
        (&["--sed", "1"][..], "--seed"),
        (&["--seed", "-1"], "-1"),
        (&["--seed", "one"], "invalid"),
        (&["--out"], "--out"),
        (&["more"], "unexpected argument 'more'"),
    ] {
        let output = program(arguments);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(says), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn an_unwritable_folder_ends_with_1_and_a_reason() {
    let output = program(&["--out", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml/out")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("choose another with --out"));
    assert!(output.stdout.is_empty(), "nothing is computed first");
}

#[test]
fn help_names_everything() {
    let output = program(&["--help"]);
    assert!(output.status.success());
    let help = text(&output.stdout);
    for word in ["--seed", "--out", "--quick", "out/ch05-reparameterization", "Example"] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn the_quick_run_leaves_pictures_and_a_summary_that_names_them() {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let run = |folder: &Path, seed: &str| {
        let folder = folder.to_str().expect("UTF-8");
        let output = program(&["--quick", "--seed", seed, "--out", folder]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let [first, second, other] = ["a", "b", "c"].map(|name| temporary.path().join(name));
    let said = run(&first, "3");
    run(&second, "3");
    run(&other, "4");
    let read = |folder: &Path, name: &str| std::fs::read(folder.join(name)).expect("written");
    let summary: Value =
        serde_json::from_slice(&read(&first, "summary.json")).expect("a JSON summary");
    let files = summary["files"].as_array().expect("a list of files");
    assert_eq!(files.len(), 7);
    for file in files {
        let name = file.as_str().expect("a name");
        assert!(said.contains(name), "{name} is not named in the closing lines");
        assert!(read(&first, name).starts_with(b"\x89PNG"), "{name}");
        assert_eq!(read(&first, name), read(&second, name), "{name}: same seed, same bytes");
    }
    assert_eq!(read(&first, "summary.json"), read(&second, "summary.json"));
    assert_ne!(read(&first, "summary.json"), read(&other, "summary.json"));
    numbers_are_as_derived(&summary);
}

/// By hand: 1/v = 1 + 1.5²/0.75 = 4 and q's mean lies ¼ below the posterior's, so the gradient is 1; with
/// σ² = 0.8/4 the standard deviations are 4σ = 4√0.2 (total), 3σ (closed form) and 4σ/4 (path).
fn numbers_are_as_derived(summary: &Value) {
    let sigma = 0.2f64.sqrt();
    for (name, mean, sd) in [
        ("total derivative", 1.0, 4.0 * sigma),
        ("closed-form KL", 1.0, 3.0 * sigma),
        ("path derivative", 1.0, sigma),
        ("draw detached", 0.0, 1.0 / sigma),
    ] {
        let rows = summary["estimators"].as_array().expect("a list");
        let row = rows.iter().find(|row| row["name"] == name).expect("an estimator");
        assert!((number(row, "exact_gradient") - 1.0).abs() < 1e-12);
        // 6.5 standard errors of the mean; 5 % of a deviation known from 20 000 normal draws to ½ %.
        assert!((number(row, "mean") - mean).abs() < 6.5 * number(row, "standard_error"), "{row}");
        assert!((number(row, "sd") / sd - 1.0).abs() < 0.05, "{row}");
    }
    let ascents = summary["ascents"].as_array().expect("a list");
    let end = |name: &str| {
        let row = ascents.iter().find(|row| row["name"] == name).expect("an ascent");
        number(row, "final_kl")
    };
    assert!(end("path derivative") < 1e-9);
    assert!(end("total derivative") > 1e-3);
    assert!((number(&summary["sine"][1], "crossover") - 1.0).abs() < 1e-12);
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
