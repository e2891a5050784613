//! The program from outside: errors, files, numbers.

use serde_json::Value;

sandbox::promises! {
    wrong_calls: [("--seed -1", "-1"), ("more", "unexpected argument 'more'")],
    help: ["Example"],
    quick_run: (7, numbers_are_as_derived),
}

sandbox::draws_the_books_figures!();

fn number(answer: &Value, key: &str) -> f64 {
    answer[key].as_f64().unwrap_or_else(|| panic!("{key} in {answer}"))
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
    let other = sandbox();
    other.run("--quick --seed 4 --out other").succeeds();
    assert_ne!(summary, &other.json("other/summary.json"), "the seed decides");
}
