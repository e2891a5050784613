//! The program from outside: numbers, errors, files.

use serde_json::Value;

sandbox::promises! {
    wrong_calls: [
        ("0 0 0 1", "expected a finite number greater than 0, got `0`"),
        ("0 1 0 -2", "expected a finite number greater than 0, got `-2`"),
        ("0 NaN 0 1", "got `NaN`"),
        ("nan 1 0 1", "expected a finite number, got `nan`"),
        ("0 1 inf 1", "expected a finite number, got `inf`"),
        ("-inf 1 0 1", "expected a finite number, got `-inf`"),
        ("0 1 1e999 1", "expected a finite number, got `1e999`"),
        ("0 1 zero 1", "expected a finite number, got `zero`"),
        ("0", "<SIGMA1>"),
        ("0 1 0", "<SIGMA2>"),
        ("0 1 0 1 2", "unexpected argument '2'"),
        ("--json", "<MU1>"),
        ("0 1 0 1 --draws 0", "got `0`"),
    ],
    help: ["MU1", "SIGMA1", "MU2", "SIGMA2", "--json", "--draws"],
    quick_run: (7, numbers_are_as_computed_by_hand),
}

sandbox::draws_the_books_figures!();

/// The object on the last line.
fn answer(line: &str) -> Value {
    let said = sandbox().run(line).succeeds();
    serde_json::from_str(said.lines().last().expect("a last line")).expect("one JSON object")
}

fn number(answer: &Value, key: &str) -> f64 {
    answer[key].as_f64().unwrap_or_else(|| panic!("{key} in {answer}"))
}

/// log 4 + (¼ + 2.25)/8 − ½, by hand; and the spellings of a negative number.
#[test]
fn three_ways_agree_and_negative_means_need_no_tricks() {
    let by_hand = 4f64.ln() + 2.5 / 8.0 - 0.5;
    for mean in ["-1.5", "-1.5e0", "-0.15E1", "-1.50"] {
        let answer = answer(&format!("{mean} 0.5 0 2 --json"));
        assert_eq!(answer.as_object().expect("an object").len(), 4);
        assert!((number(&answer, "closed_form") / by_hand - 1.0).abs() < 1e-15);
        assert!((number(&answer, "quadrature") / by_hand - 1.0).abs() < 1e-10);
        let error = number(&answer, "monte_carlo_standard_error");
        // 6.5 standard errors of an average of a million: never in ten billion seeds.
        assert!((number(&answer, "monte_carlo") - by_hand).abs() < 6.5 * error);
        // Var = ½(1 − s²)² + d²s² with s = ¼, d = ¾; known to a percent or two from a million draws.
        let exact = (0.5 * 0.9375f64.powi(2) + 0.5625 / 16.0).sqrt() / 1e3;
        assert!((error / exact - 1.0).abs() < 0.02, "{error} {exact}");
    }
    for (line, distance) in [("--json -.5 1 -1e-3 1", 0.499), ("--json -5 1 -7. 1", 2.0f64)] {
        let closed_form = number(&answer(line), "closed_form");
        assert!((closed_form - 0.5 * distance.powi(2)).abs() < 1e-15);
    }
}

#[test]
fn the_seed_and_nothing_else_decides_the_draws() {
    let of = |seed| number(&answer(&format!("1 2 3 4 --json --seed {seed}")), "monte_carlo");
    assert_eq!(of(5), of(5));
    assert_ne!(of(5), of(6));
}

#[test]
fn nearly_equal_pairs_keep_their_digits() {
    let answer = answer("1e6 1e-3 1000000 0.0010000001 --json");
    // ½ g(2 log(σ₁/σ₂)) = δ²(1 − …) with δ = 1e-7, known to the digits that σ₂ has.
    assert!((number(&answer, "closed_form") / 1e-14 - 1.0).abs() < 1e-6);
}

#[test]
fn what_cannot_be_computed_ends_with_1_and_a_reason() {
    for line in ["0 1e-200 1e200 1e-200", "0 1 1e160 1"] {
        sandbox().run(line).fails(1, &["larger than the largest number"]);
    }
}

fn numbers_are_as_computed_by_hand(summary: &Value) {
    // Forward covers: the mean and variance of the mixture, by hand. Reverse stays within one mode.
    let fits = &summary["fits"];
    assert!((number(&fits[0], "mean") - 0.25).abs() < 1e-12);
    let variance = 0.45 * (0.36 + 2.75f64.powi(2)) + 0.55 * (0.64 + 2.25f64.powi(2));
    assert!((number(&fits[0], "sigma").powi(2) - variance).abs() < 1e-12);
    assert!((number(&fits[1], "mean") - 2.5).abs() < 0.1);
    assert!(number(&fits[0], "forward_kl") < number(&fits[1], "forward_kl"));
    assert!(number(&fits[1], "reverse_kl") < number(&fits[0], "reverse_kl"));
}
