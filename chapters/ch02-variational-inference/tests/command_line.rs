//! The program from outside: files, numbers, errors.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ch02-variational-inference"));
    command.args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn wrong_calls_say_what_was_expected_and_end_with_2() {
    for (arguments, says) in [
        (&["--seed", "-1"][..], "-1"),
        (&["--seed", "one"], "one"),
        (&["--fast"], "--fast"),
        (&["3"], "unexpected argument '3'"),
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
fn a_folder_that_cannot_be_written_ends_with_1_and_a_reason() {
    let output = program(&["--out", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml/out")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("choose another with --out"));
}

#[test]
fn help_names_everything() {
    let output = program(&["--help"]);
    assert!(output.status.success());
    let help = text(&output.stdout);
    for word in ["--seed", "--out", "--quick", "out/ch02-variational-inference"] {
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
    assert_eq!(files.len(), 8);
    for file in files {
        let name = file.as_str().expect("a name");
        assert!(said.contains(name), "{name} is not named in the closing lines");
        assert!(read(&first, name).starts_with(b"\x89PNG"), "{name}");
        assert_eq!(read(&first, name), read(&second, name), "{name}: same seed, same bytes");
    }
    assert_eq!(read(&first, "summary.json"), read(&second, "summary.json"));

    let number = |path: &str| summary.pointer(path).and_then(Value::as_f64).expect("a number");
    // 1 + 81/64 + 64/36 + 100/16 + 81/36 + 36/49, the posterior's precision, by hand.
    let precision = 1.0 + 81.0 / 64.0 + 64.0 / 36.0 + 100.0 / 16.0 + 81.0 / 36.0 + 36.0 / 49.0;
    assert!((number("/ascent/end_variance") * precision - 1.0).abs() < 1e-7);
    assert!((number("/ascent/end_mean") - number("/student/posterior_mean")).abs() < 1e-8);
    // Forward covers, reverse chooses, and each is better by its own measure.
    assert!(number("/two_modes/fits/0/forward_kl") < number("/two_modes/fits/1/forward_kl"));
    assert!(number("/two_modes/fits/1/reverse_kl") < number("/two_modes/fits/0/reverse_kl"));
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
