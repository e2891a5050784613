//! The program from outside: numbers, errors, files.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ch06-gaussian-kl"));
    command.args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// The object on the last line.
fn answer(arguments: &[&str]) -> Value {
    let output = program(arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let last = text(&output.stdout).lines().last().expect("a last line").to_owned();
    serde_json::from_str(&last).expect("one JSON object")
}

fn number(answer: &Value, key: &str) -> f64 {
    answer[key].as_f64().unwrap_or_else(|| panic!("{key} in {answer}"))
}

/// log 4 + (¼ + 2.25)/8 − ½, by hand; and the spellings of a negative number.
#[test]
fn three_ways_agree_and_negative_means_need_no_tricks() {
    let by_hand = 4f64.ln() + 2.5 / 8.0 - 0.5;
    for mean in ["-1.5", "-1.5e0", "-0.15E1", "-1.50"] {
        let answer = answer(&[mean, "0.5", "0", "2", "--json"]);
        assert_eq!(answer.as_object().expect("an object").len(), 4);
        assert!((number(&answer, "closed_form") / by_hand - 1.0).abs() < 1e-15);
        assert!((number(&answer, "quadrature") / by_hand - 1.0).abs() < 1e-10);
        let error = number(&answer, "monte_carlo_standard_error");
        // 6.5 standard errors of an average of a million: never in ten billion seeds.
        assert!((number(&answer, "monte_carlo") - by_hand).abs() < 6.5 * error);
        // Var = ½(1 − s²)² + d²s² with s = ¼, d = ¾; known to a percent or two from a million draws.
        let exact = (0.5 * 0.9375f64.powi(2) + 0.5625 / 16.0).sqrt() / 1e3;
        assert!((error / exact - 1.0).abs() < 0.02, "{error} {exact}");
    }
    for both in [["-.5", "-1e-3"], ["-5", "-7."]] {
        let answer = answer(&["--json", both[0], "1", both[1], "1"]);
        let [mean1, mean2] = both.map(|mean| mean.parse::<f64>().expect("a number"));
        assert!((number(&answer, "closed_form") - 0.5 * (mean1 - mean2).powi(2)).abs() < 1e-15);
    }
}

#[test]
fn the_seed_and_nothing_else_decides_the_draws() {
    let of = |seed| number(&answer(&["1", "2", "3", "4", "--json", "--seed", seed]), "monte_carlo");
    assert_eq!(of("5"), of("5"));
    assert_ne!(of("5"), of("6"));
}

#[test]
fn nearly_equal_pairs_keep_their_digits() {
    let answer = answer(&["1e6", "1e-3", "1000000", "0.0010000001", "--json"]);
    // ½ g(2 log(σ₁/σ₂)) = δ²(1 − …) with δ = 1e-7, known to the digits that σ₂ has.
    assert!((number(&answer, "closed_form") / 1e-14 - 1.0).abs() < 1e-6);
}

#[test]
fn wrong_calls_say_what_was_expected_and_end_with_2() {
    for (arguments, says) in [
        (&["0", "0", "0", "1"][..], "expected a finite number greater than 0, got `0`"),
        (&["0", "1", "0", "-2"], "expected a finite number greater than 0, got `-2`"),
        (&["0", "NaN", "0", "1"], "got `NaN`"),
        (&["nan", "1", "0", "1"], "expected a finite number, got `nan`"),
        (&["0", "1", "inf", "1"], "expected a finite number, got `inf`"),
        (&["-inf", "1", "0", "1"], "expected a finite number, got `-inf`"),
        (&["0", "1", "1e999", "1"], "expected a finite number, got `1e999`"),
        (&["0", "1", "zero", "1"], "expected a finite number, got `zero`"),
        (&["0"], "<SIGMA1>"),
        (&["0", "1", "0"], "<SIGMA2>"),
        (&["0", "1", "0", "1", "2"], "unexpected argument '2'"),
        (&["--json"], "<MU1>"),
        (&["0", "1", "0", "1", "--draws", "0"], "got `0`"),
        (&["--sed", "1"], "--seed"),
    ] {
        let output = program(arguments);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(says), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn what_cannot_be_computed_ends_with_1_and_a_reason() {
    for arguments in [["0", "1e-200", "1e200", "1e-200"], ["0", "1", "1e160", "1"]] {
        let output = program(&arguments);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains("larger than the largest number"), "{message}");
    }
    let output = program(&["--out", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml/out")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("choose another with --out"));
}

#[test]
fn help_names_everything() {
    let output = program(&["--help"]);
    assert!(output.status.success());
    let help = text(&output.stdout);
    for word in
        ["MU1", "SIGMA1", "MU2", "SIGMA2", "--json", "--draws", "--seed", "--out", "--quick"]
    {
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
    assert_eq!(files.len(), 7);
    for file in files {
        let name = file.as_str().expect("a name");
        assert!(said.contains(name), "{name} is not named in the closing lines");
        assert!(read(&first, name).starts_with(b"\x89PNG"), "{name}");
        assert_eq!(read(&first, name), read(&second, name), "{name}: same seed, same bytes");
    }
    assert_eq!(read(&first, "summary.json"), read(&second, "summary.json"));
    // Forward covers: the mean and variance of the mixture, by hand. Reverse stays within one mode.
    let fits = &summary["fits"];
    assert!((number(&fits[0], "mean") - 0.25).abs() < 1e-12);
    let variance = 0.45 * (0.36 + 2.75f64.powi(2)) + 0.55 * (0.64 + 2.25f64.powi(2));
    assert!((number(&fits[0], "sigma").powi(2) - variance).abs() < 1e-12);
    assert!((number(&fits[1], "mean") - 2.5).abs() < 0.1);
    assert!(number(&fits[0], "forward_kl") < number(&fits[1], "forward_kl"));
    assert!(number(&fits[1], "reverse_kl") < number(&fits[0], "reverse_kl"));
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
