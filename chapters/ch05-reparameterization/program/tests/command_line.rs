//! The program from outside: errors, files, numbers.

use std::path::Path;

use sandbox::Sandbox;
use serde_json::Value;

fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_ch05-reparameterization"))
}

fn number(answer: &Value, key: &str) -> f64 {
    answer[key].as_f64().unwrap_or_else(|| panic!("{key} in {answer}"))
}

#[test]
fn wrong_calls_say_what_was_expected_and_end_with_2() {
    sandbox().refuses(&[
        ("--sed 1", "--seed"),
        ("--seed -1", "-1"),
        ("--seed one", "invalid"),
        ("--out", "--out"),
        ("more", "unexpected argument 'more'"),
    ]);
}

#[test]
fn an_unwritable_folder_ends_with_1_and_a_reason() {
    sandbox().refuses_a_file_for_a_folder();
}

#[test]
fn a_folder_is_one_runs_at_a_time() {
    sandbox().owns_its_folder("--quick --out out");
}

#[test]
fn help_names_everything() {
    sandbox().helps_with(&["--seed", "--out", "--quick", "out/ch05-reparameterization", "Example"]);
}

#[test]
fn the_quick_run_leaves_pictures_and_a_summary_that_names_them() {
    let sandbox = sandbox();
    let summary = sandbox.quick_run(7);
    sandbox.run("--quick --seed 4 --out other").succeeds();
    assert_ne!(summary, sandbox.json("other/summary.json"));
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
    let sandbox = sandbox();
    sandbox.run("--out out --book drawn").succeeds();
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../book/src/figures");
    let compared = run::book::compare(&book, &sandbox.path("drawn"), env!("CARGO_PKG_NAME"));
    assert!(compared.is_ok(), "{:#}", compared.unwrap_err());
}
