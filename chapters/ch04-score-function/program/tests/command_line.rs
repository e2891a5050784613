//! The program from outside: numbers, errors, files.

use std::path::Path;

use sandbox::Sandbox;
use serde_json::Value;

fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_ch04-score-function"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number instead of {value}"))
}

#[test]
fn wrong_calls_say_what_was_expected_and_end_with_2() {
    sandbox().refuses(&[
        ("--seed one", "invalid value 'one'"),
        ("--seed=-1", "--seed"),
        ("--sed 1", "--seed"),
        ("5", "unexpected argument '5'"),
        ("--out", "--out"),
    ]);
}

#[test]
fn a_folder_that_cannot_be_written_ends_with_1_before_any_work() {
    sandbox().refuses_a_file_for_a_folder();
}

#[test]
fn a_folder_is_one_runs_at_a_time() {
    sandbox().owns_its_folder("--quick --out out");
}

#[test]
fn help_names_everything() {
    sandbox().helps_with(&["--seed", "--out", "--quick", "out/ch04-score-function", "Example"]);
}

#[test]
fn the_quick_run_leaves_pictures_and_a_summary_that_names_them() {
    let summary = sandbox().quick_run(6);
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
    let sandbox = sandbox();
    sandbox.run("--out out --book drawn").succeeds();
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../book/src/figures");
    let compared = run::book::compare(&book, &sandbox.path("drawn"), env!("CARGO_PKG_NAME"));
    assert!(compared.is_ok(), "{:#}", compared.unwrap_err());
}
