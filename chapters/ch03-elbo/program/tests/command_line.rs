//! The program from outside: errors, files, numbers.

use std::path::Path;

use sandbox::Sandbox;
use serde_json::Value;

fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_ch03-elbo"))
}

#[test]
fn wrong_calls_say_what_was_expected_and_end_with_2() {
    sandbox().refuses(&[
        ("--sed 1", "--seed"),
        ("--seed -1", "unexpected argument '-1'"),
        ("--seed one", "invalid value 'one'"),
        ("5", "unexpected argument '5'"),
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
    sandbox().helps_with(&["--seed", "--out", "--quick"]);
}

#[test]
fn the_quick_run_leaves_pictures_and_a_summary_that_names_them() {
    let summary = sandbox().quick_run(8);
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
    let sandbox = sandbox();
    sandbox.run("--out out --book drawn").succeeds();
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../book/src/figures");
    let compared = run::book::compare(&book, &sandbox.path("drawn"), env!("CARGO_PKG_NAME"));
    assert!(compared.is_ok(), "{:#}", compared.unwrap_err());
}
