//! What can go wrong, and what to do about it.

/// Everything that a function of this crate can refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter is outside the set on which the quantity is defined.
    #[error("{name} = {value} is not allowed: expected {expected}")]
    Parameter {
        /// The parameter's name, as in the function's signature.
        name: &'static str,
        /// What came.
        value: f64,
        /// What would have been accepted.
        expected: &'static str,
    },
    /// Two arguments that must have the same length do not.
    #[error("{name} has length {got}, expected {expected}: give both arguments the same dimension")]
    Dimension {
        /// The argument of the wrong length.
        name: &'static str,
        /// The length that the other argument fixes.
        expected: usize,
        /// The length that came.
        got: usize,
    },
    /// A quantity that needs at least one value was asked of none.
    #[error("{name} has too few values: {what} needs at least {least}; pass more")]
    TooFew {
        /// The empty (or too short) argument.
        name: &'static str,
        /// The quantity that was asked for.
        what: &'static str,
        /// The least number of values it is defined for.
        least: u64,
    },
    /// A covariance is not symmetric.
    #[error(
        "the matrix is not symmetric: elements ({row}, {column}) and ({column}, {row}) differ; \
         pass a covariance, not a Cholesky factor"
    )]
    NotSymmetric {
        /// The row, from 0.
        row: usize,
        /// The column, from 0.
        column: usize,
    },
    /// A covariance is not positive definite.
    #[error(
        "the matrix is not positive definite: its pivot in row {row} is {pivot}; pass a covariance \
         of linearly independent coordinates, or add a small multiple of the identity"
    )]
    NotPositiveDefinite {
        /// The row, from 0, at which the factorisation stopped.
        row: usize,
        /// What should have been positive there.
        pivot: f64,
    },
    /// An integrand is not finite at a point.
    #[error(
        "the integrand is {value} at {at}: split the interval at the singularity, or return the \
         limit there"
    )]
    NotFinite {
        /// Where.
        at: f64,
        /// What the integrand returned.
        value: f64,
    },
    /// A quadrature ran out of evaluations, or of floating-point numbers, before its tolerance.
    #[error(
        "the integral is {value} with an error of up to {error} after {evaluations} evaluations, \
         expected an error of at most {tolerance}: put break points at peaks and kinks, allow more \
         evaluations, or ask for less"
    )]
    NotConverged {
        /// The best value so far.
        value: f64,
        /// Its error estimate.
        error: f64,
        /// The error that was asked for.
        tolerance: f64,
        /// Evaluations of the integrand.
        evaluations: u64,
    },
    /// No feasible number of draws gives a test the error rates that were asked for.
    #[error(
        "no number of draws below 2^53 detects an effect of {effect} at these error rates: look for a \
         larger effect, or reduce the variance"
    )]
    TooSmallAnEffect {
        /// The effect that was to be detected.
        effect: f64,
    },
}

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

pub(crate) fn finite(name: &'static str, value: f64) -> Result<f64> {
    require(value.is_finite(), name, value, "a finite number")
}

pub(crate) fn positive(name: &'static str, value: f64) -> Result<f64> {
    require(value.is_finite() && value > 0.0, name, value, "a finite number above 0")
}

pub(crate) fn probability(name: &'static str, value: f64) -> Result<f64> {
    require((0.0..=1.0).contains(&value), name, value, "a probability in [0, 1]")
}

/// A probability strictly between 0 and 1, as an error rate is.
pub(crate) fn rate(name: &'static str, value: f64) -> Result<f64> {
    require(value > 0.0 && value < 1.0, name, value, "a rate strictly between 0 and 1")
}

pub(crate) fn same_length(name: &'static str, expected: usize, got: usize) -> Result<()> {
    if expected == got { Ok(()) } else { Err(Error::Dimension { name, expected, got }) }
}

fn require(holds: bool, name: &'static str, value: f64, expected: &'static str) -> Result<f64> {
    if holds { Ok(value) } else { Err(Error::Parameter { name, value, expected }) }
}
