//! The program from outside: files, numbers, errors.

use std::path::Path;

use sandbox::Sandbox;
use serde_json::Value;

fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_ch02-variational-inference"))
}

#[test]
fn wrong_calls_say_what_was_expected_and_end_with_2() {
    sandbox().refuses(&[
        ("--seed -1", "-1"),
        ("--seed one", "one"),
        ("--fast", "--fast"),
        ("3", "unexpected argument '3'"),
        ("--out", "--out"),
    ]);
}

#[test]
fn a_folder_that_cannot_be_written_ends_with_1_and_a_reason() {
    sandbox().refuses_a_file_for_a_folder();
}

#[test]
fn a_folder_is_one_runs_at_a_time() {
    sandbox().owns_its_folder("--quick --out out");
}

#[test]
fn help_names_everything() {
    sandbox().helps_with(&["--seed", "--out", "--quick", "out/ch02-variational-inference"]);
}

#[test]
fn the_quick_run_leaves_pictures_and_a_summary_that_names_them() {
    let summary = sandbox().quick_run(8);

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
    let sandbox = sandbox();
    sandbox.run("--out out --book drawn").succeeds();
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../book/src/figures");
    let compared = run::book::compare(&book, &sandbox.path("drawn"), env!("CARGO_PKG_NAME"));
    assert!(compared.is_ok(), "{:#}", compared.unwrap_err());
}
