//! The program from outside: numbers, errors, files.

use serde_json::Value;

sandbox::promises! {
    wrong_calls: [("5", "unexpected argument '5'")],
    help: ["Example"],
    quick_run: (6, numbers_are_as_computed_by_hand),
}

sandbox::draws_the_books_figures!();

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number instead of {value}"))
}

fn numbers_are_as_computed_by_hand(summary: &Value) {
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
