//! The program from outside: errors, files, numbers.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ch03-elbo"));
    command.args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn wrong_calls_say_what_was_expected_and_end_with_2() {
    for (arguments, says) in [
        (&["--sed", "1"][..], "--seed"),
        (&["--seed", "-1"], "unexpected argument '-1'"),
        (&["--seed", "one"], "invalid value 'one'"),
        (&["5"], "unexpected argument '5'"),
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
}

#[test]
fn help_names_everything() {
    let output = program(&["--help"]);
    assert!(output.status.success());
    for word in ["--seed", "--out", "--quick"] {
        assert!(text(&output.stdout).contains(word), "{word}");
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
    // By hand: log N(1; 0, 2), and −½ log 2π − 3/8, to the digits that the audit states.
    let line = &summary["closing_line"];
    let number = |key: &str| line[key].as_f64().expect("a number");
    assert!((number("log_evidence") + 1.51551).abs() < 5e-6);
    assert!((number("elbo_at_posterior") + 1.51551).abs() < 5e-6);
    assert!((number("printed_at_posterior") + 1.29394).abs() < 5e-6);
    // Means of averages that never fall never fall.
    for climb in summary["importance_weighted"].as_array().expect("three") {
        let means: Vec<f64> =
            climb["mean"].as_array().expect("a list").iter().filter_map(Value::as_f64).collect();
        assert_eq!(means.len(), 11);
        assert!(means.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{means:?}");
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
