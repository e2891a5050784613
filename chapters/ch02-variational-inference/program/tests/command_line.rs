//! The program from outside: files, numbers, errors.

use serde_json::Value;

sandbox::promises! {
    wrong_calls: [("--seed -1", "-1"), ("3", "unexpected argument '3'")],
    help: [],
    quick_run: (8, numbers_are_as_computed_by_hand),
}

sandbox::draws_the_books_figures!();

fn numbers_are_as_computed_by_hand(summary: &Value) {
    let number = |path: &str| summary.pointer(path).and_then(Value::as_f64).expect("a number");
    // 1 + 81/64 + 64/36 + 100/16 + 81/36 + 36/49, the posterior's precision, by hand.
    let precision = 1.0 + 81.0 / 64.0 + 64.0 / 36.0 + 100.0 / 16.0 + 81.0 / 36.0 + 36.0 / 49.0;
    assert!((number("/ascent/end_variance") * precision - 1.0).abs() < 1e-7);
    assert!((number("/ascent/end_mean") - number("/student/posterior_mean")).abs() < 1e-8);
    // Forward covers, reverse chooses, and each is better by its own measure.
    assert!(number("/two_modes/fits/0/forward_kl") < number("/two_modes/fits/1/forward_kl"));
    assert!(number("/two_modes/fits/1/reverse_kl") < number("/two_modes/fits/0/reverse_kl"));
}
