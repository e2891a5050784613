//! The program from outside: errors, files, figures.

use serde_json::Value;

sandbox::promises! {
    wrong_calls: [
        ("--seed -1", "unexpected argument '-1'"),
        ("digits", "unexpected argument 'digits'"),
    ],
    help: [],
    quick_run: (9, numbers_are_as_expected),
}

fn number(answer: &Value, key: &str) -> f64 {
    answer[key].as_f64().unwrap_or_else(|| panic!("{key} in {answer}"))
}

fn numbers_are_as_expected(summary: &Value) {
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
