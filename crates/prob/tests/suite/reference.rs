//! Reading the fixtures, and comparing with them.
#![allow(dead_code)] // each test file uses its own selection

use serde_json::Value;
use std::fmt::Debug;

/// The fixture file of this name.
pub(crate) fn fixture(name: &str) -> Value {
    let path = format!("{}/../reference/src/values/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A number, or a string of 25 digits.
pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

/// A row of numbers.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// The rows of a table.
pub(crate) fn rows(value: &Value) -> impl Iterator<Item = Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers)
}

/// Fails unless |got − expected| ≤ tolerance·|expected|.
#[track_caller]
pub(crate) fn assert_relative(got: f64, expected: f64, tolerance: f64, what: impl Debug) {
    let error = if got == expected { 0.0 } else { ((got - expected) / expected).abs() };
    assert!(error <= tolerance, "{what:?}: {got:e} for {expected:e}, relative error {error:e}");
}

/// Fails unless |got − expected| ≤ tolerance.
#[track_caller]
pub(crate) fn assert_absolute(got: f64, expected: f64, tolerance: f64, what: impl Debug) {
    let error = (got - expected).abs();
    assert!(error <= tolerance, "{what:?}: {got:e} for {expected:e}, error {error:e}");
}
