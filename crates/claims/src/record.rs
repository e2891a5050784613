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

/// On which side of the expected number a measured one should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// At it, or not further from it than is allowed.
    #[default]
    At,
    /// Above it.
    Above,
    /// Below it.
    Below,
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
    /// Of a mean over training runs: half the width of its confidence interval. 0 otherwise.
    pub uncertainty: f64,
    /// On which side of the expected number it should be.
    pub side: Side,
    /// How much of `allowed` is used up. The case passes if this is at most 1.
    pub score: f64,
    /// Random draws used; 0 if none.
    pub draws: u64,
}

impl Record {
    /// A number that should equal another.
    pub(crate) fn equality(label: String, measured: f64, expected: f64, allowed: f64) -> Self {
        let error = if measured == expected { 0.0 } else { (measured - expected).abs() };
        let (score, uncertainty, side) = (share(error, allowed), 0.0, Side::At);
        Self { label, measured, expected, allowed, uncertainty, side, score, draws: 0 }
    }

    /// A number that should be at least another.
    pub(crate) fn inequality(label: String, larger: f64, smaller: f64, allowed: f64) -> Self {
        let violation = if larger >= smaller { 0.0 } else { smaller - larger };
        let score = share(violation, allowed);
        Self { score, ..Self::equality(label, larger, smaller, allowed) }
    }

    /// A mean whose interval, given by its half width, should lie between two numbers.
    pub(crate) fn between(label: String, (mean, half): (f64, f64), low: f64, high: f64) -> Self {
        let (centre, allowed) = (0.5 * (low + high), 0.5 * (high - low));
        let score = share((mean - centre).abs() + half, allowed);
        Self { uncertainty: half, score, ..Self::equality(label, mean, centre, allowed) }
    }

    /// A mean whose interval should lie above a number.
    pub(crate) fn above(label: String, (mean, half): (f64, f64), least: f64) -> Self {
        let score = share(half.max(f64::MIN_POSITIVE), mean - least);
        let record = Self::equality(label, mean, least, 0.0);
        Self { uncertainty: half, side: Side::Above, score, ..record }
    }

    /// A mean whose interval should lie below a number.
    pub(crate) fn below(label: String, (mean, half): (f64, f64), most: f64) -> Self {
        let score = share(half.max(f64::MIN_POSITIVE), most - mean);
        let record = Self::equality(label, mean, most, 0.0);
        Self { uncertainty: half, side: Side::Below, score, ..record }
    }

    /// How near it came to failing: as `score`, but of a bound also how far it is from being violated (below 0).
    pub(crate) fn pressure(&self, kind: Kind) -> f64 {
        let pressure = match kind {
            Kind::Bound if self.score == 0.0 => {
                (self.expected - self.measured) / self.allowed.max(f64::MIN_POSITIVE)
            }
            _ => self.score,
        };
        if pressure.is_nan() || !self.passes() { pressure.max(2.0) } else { pressure }
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
