//! The program from outside: errors, files, figures.

use sandbox::Sandbox;
use serde_json::Value;

fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_ch01-autoencoder"))
}

fn number(answer: &Value, key: &str) -> f64 {
    answer[key].as_f64().unwrap_or_else(|| panic!("{key} in {answer}"))
}

#[test]
fn wrong_calls_end_with_2_and_unwritable_folders_with_1() {
    sandbox().refuses(&[
        ("--sed 1", "--seed"),
        ("--seed -1", "unexpected argument '-1'"),
        ("--seed one", "invalid value 'one'"),
        ("digits", "unexpected argument 'digits'"),
    ]);
    sandbox().refuses_a_file_for_a_folder();
}

#[test]
fn a_folder_is_one_runs_at_a_time() {
    sandbox().owns_its_folder("--quick --out out");
}

#[test]
fn help_names_everything() {
    sandbox().helps_with(&["--seed", "--out", "--quick", "out/ch01-autoencoder"]);
}

#[test]
fn the_quick_run_leaves_pictures_and_a_summary_that_names_them() {
    let summary = sandbox().quick_run(9);
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
