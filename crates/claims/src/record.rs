//! What a check measured.

use serde::Serialize;

/// What kind of evidence a claim has, which decides when it passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Numbers that must agree: the largest error over all cases is within the tolerance.
    Exact,
    /// An inequality: the worst margin over all cases is not negative (beyond rounding).
    Bound,
    /// A statistical test with stated rates of false alarms and misses.
    Statistical,
    /// A measured ratio, tested against its exact value.
    Ratio,
    /// A figure from training runs, against its stated range.
    Trained,
}

impl Kind {
    /// Whether false alarms and misses have to be budgeted.
    #[must_use]
    pub fn is_statistical(self) -> bool {
        matches!(self, Self::Statistical | Self::Ratio)
    }
}

/// How far two numbers may differ and still count as equal: `absolute + relative·|expected|`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// In the numbers' own units.
    pub absolute: f64,
    /// In units of the expected number.
    pub relative: f64,
    /// Why the tolerance is more than 10⁴ times the error that is measured, if it is.
    pub reason: Option<&'static str>,
}

impl Tolerance {
    /// Relative to the expected number.
    #[must_use]
    pub const fn relative(relative: f64) -> Self {
        Self { absolute: 0.0, relative, reason: None }
    }

    /// In the numbers' own units.
    #[must_use]
    pub const fn absolute(absolute: f64) -> Self {
        Self { absolute, relative: 0.0, reason: None }
    }

    /// With a share in the numbers' own units besides.
    #[must_use]
    pub const fn or_absolute(self, absolute: f64) -> Self {
        Self { absolute, ..self }
    }

    /// Says why the tolerance has to be so much larger than the error.
    #[must_use]
    pub const fn because(self, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// The allowed difference from `expected`.
    #[must_use]
    pub fn around(&self, expected: f64) -> f64 {
        self.absolute + self.relative * expected.abs()
    }
}

/// One number that a check measured, with what it should be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// Which case it is, for a reader.
    pub label: String,
    /// The measured number.
    pub measured: f64,
    /// What it should be; of a bound, what it should not fall below.
    pub expected: f64,
    /// By how much it may differ: a tolerance, half the width of a confidence interval, half a range.
    pub allowed: f64,
    /// How much of `allowed` is used up. The case passes if this is at most 1.
    pub score: f64,
    /// Random draws used; 0 if none.
    pub draws: u64,
}

impl Record {
    /// A number that should equal another.
    pub(crate) fn equality(label: String, measured: f64, expected: f64, allowed: f64) -> Self {
        let error = if measured == expected { 0.0 } else { (measured - expected).abs() };
        Self { label, measured, expected, allowed, score: share(error, allowed), draws: 0 }
    }

    /// A number that should be at least another.
    pub(crate) fn inequality(label: String, larger: f64, smaller: f64, allowed: f64) -> Self {
        let violation = if larger >= smaller { 0.0 } else { smaller - larger };
        let score = share(violation, allowed);
        Self { label, measured: larger, expected: smaller, allowed, score, draws: 0 }
    }

    /// Whether the case passes.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.score <= 1.0 && self.measured.is_finite()
    }

    /// |measured − expected|
    #[must_use]
    pub fn error(&self) -> f64 {
        (self.measured - self.expected).abs()
    }
}

/// error/allowed, where no error is 0 whatever is allowed, and NaN is infinitely wrong.
fn share(error: f64, allowed: f64) -> f64 {
    if error == 0.0 {
        0.0
    } else if error.is_nan() || allowed.is_nan() || allowed <= 0.0 {
        f64::INFINITY
    } else {
        error / allowed
    }
}
