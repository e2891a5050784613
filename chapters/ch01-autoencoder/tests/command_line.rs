//! The program from outside: errors, files, figures.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ch01-autoencoder"));
    command.args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn number(answer: &Value, key: &str) -> f64 {
    answer[key].as_f64().unwrap_or_else(|| panic!("{key} in {answer}"))
}

#[test]
fn wrong_calls_end_with_2_and_unwritable_folders_with_1() {
    for (arguments, says) in [
        (&["--sed", "1"][..], "--seed"),
        (&["--seed", "-1"], "unexpected argument '-1'"),
        (&["--seed", "one"], "invalid value 'one'"),
        (&["digits"], "unexpected argument 'digits'"),
    ] {
        let output = program(arguments);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(says), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty());
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
    for word in ["--seed", "--out", "--quick", "out/ch01-autoencoder"] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn the_quick_run_leaves_pictures_and_a_summary_that_names_them() {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let run = |folder: &Path, threads: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ch01-autoencoder"));
        command.env("RAYON_NUM_THREADS", threads).arg("--quick").arg("--out").arg(folder);
        let output = command.output().expect("the program starts");
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let (first, second) = (temporary.path().join("a"), temporary.path().join("b"));
    let said = run(&first, "1");
    run(&second, "2");
    let read = |folder: &Path, name: &str| std::fs::read(folder.join(name)).expect("written");
    let summary: Value =
        serde_json::from_slice(&read(&first, "summary.json")).expect("a JSON summary");
    let files = summary["files"].as_array().expect("a list of files");
    assert_eq!(files.len(), 9);
    for file in files {
        let name = file.as_str().expect("a name");
        assert!(said.contains(name), "{name} is not named in the closing lines");
        assert!(read(&first, name).starts_with(b"\x89PNG"), "{name}");
        assert_eq!(read(&first, name), read(&second, name), "{name}: same seed, same bytes");
    }
    assert_eq!(read(&first, "summary.json"), read(&second, "summary.json"));
    // The linear training ends at the floor; the components' error falls with every number of the code.
    assert!(number(&summary["linear"], "relative_excess").abs() < 1e-5);
    assert!(number(&summary["linear"], "largest_angle_degrees") < 2.0);
    let sizes = summary["code_sizes"].as_array().expect("a list");
    let errors: Vec<f64> = sizes.iter().map(|row| number(row, "pca_test")).collect();
    assert!(errors.windows(2).all(|pair| pair[1] < pair[0]), "{errors:?}");
    assert_eq!(summary["tied"]["parameters"], serde_json::json!([1096, 584]));
    assert!(number(&summary["memory"], "memorised_share_of_variance") < 1e-12);
    // Real digits are nearest to real ones; draws from N(0, I) are the furthest of all.
    let rows = summary["score"]["rows"].as_array().expect("a list");
    let distances: Vec<f64> = rows.iter().map(|row| number(row, "frechet")).collect();
    assert!(distances.is_sorted(), "{distances:?}");
    assert!(number(&summary["score"], "classifier_accuracy") > 0.8);
}
