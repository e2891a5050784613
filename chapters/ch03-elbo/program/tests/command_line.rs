//! The program from outside: errors, files, numbers.

use serde_json::Value;

sandbox::promises! {
    wrong_calls: [("--seed -1", "unexpected argument '-1'"), ("5", "unexpected argument '5'")],
    help: [],
    quick_run: (8, numbers_are_as_computed_by_hand),
}

sandbox::draws_the_books_figures!();

fn numbers_are_as_computed_by_hand(summary: &Value) {
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
