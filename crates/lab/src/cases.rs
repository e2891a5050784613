//! The words that the check of an exercise is written in.

use claims::Rng;
use ndarray::{Array, Dimension};

use crate::verdict::size;

/// What a check compares. Of each number it is remembered which questions were asked before, so that a counter-example
/// shows the question that it answers.
pub struct Cases<'a> {
    claims: &'a mut dyn Compare,
    compared: &'a dyn Fn(),
}

/// What is needed of the words of an exact claim.
trait Compare {
    fn equal(&mut self, label: String, measured: f64, expected: f64);
    fn rng(&self, part: u64) -> Rng;
}

impl Compare for claims::Cases<'_> {
    fn equal(&mut self, label: String, measured: f64, expected: f64) {
        claims::Cases::equal(self, label, measured, expected);
    }

    fn rng(&self, part: u64) -> Rng {
        claims::Cases::rng(self, part)
    }
}

impl<'a> Cases<'a> {
    /// `compared` is called after each number.
    pub(crate) fn new(claims: &'a mut claims::Cases<'_>, compared: &'a dyn Fn()) -> Self {
        Self { claims, compared }
    }

    /// A number that should equal another, within the exercise's tolerance. The label says which part of the answer it
    /// is, and nothing if it is all of it; the question need not be said.
    pub fn equal(&mut self, part: impl Into<String>, measured: f64, expected: f64) {
        self.claims.equal(part.into(), measured, expected);
        (self.compared)();
    }

    /// A list that should equal another, its length first: of a wrong length nothing else is said.
    pub fn equal_lists<'b>(
        &mut self,
        part: &str,
        measured: impl IntoIterator<Item = &'b f64>,
        expected: impl IntoIterator<Item = &'b f64>,
    ) {
        let [measured, expected]: [Vec<f64>; 2] =
            [measured.into_iter().copied().collect(), expected.into_iter().copied().collect()];
        if measured.len() != expected.len() {
            self.equal(size("numbers", part), measured.len() as f64, expected.len() as f64);
            return;
        }
        for (i, (measured, expected)) in measured.into_iter().zip(expected).enumerate() {
            self.equal(format!("{part}[{i}]"), measured, expected);
        }
    }

    /// Whether an array has the shape that it should have. Another shape is a counter-example.
    pub fn has_shape<D: Dimension>(
        &mut self,
        part: &str,
        measured: &Array<f64, D>,
        shape: &[usize],
    ) -> bool {
        let units: &[&str] = if shape.len() == 1 { &["numbers"] } else { &["rows", "columns"] };
        for ((unit, &got), &wanted) in units.iter().zip(measured.shape()).zip(shape) {
            if got != wanted {
                self.equal(size(unit, part), got as f64, wanted as f64);
            }
        }
        measured.shape() == shape
    }

    /// A matrix that should equal another, its shape first.
    pub fn equal_matrices(
        &mut self,
        part: &str,
        measured: &ndarray::Array2<f64>,
        expected: &ndarray::Array2<f64>,
    ) {
        if self.has_shape(part, measured, expected.shape()) {
            for ((i, j), &value) in expected.indexed_iter() {
                self.equal(format!("{part}[{i}, {j}]"), measured[[i, j]], value);
            }
        }
    }

    /// A generator for inputs chosen at random; `part` tells several of them apart.
    #[must_use]
    pub fn rng(&self, part: u64) -> Rng {
        self.claims.rng(part)
    }
}
