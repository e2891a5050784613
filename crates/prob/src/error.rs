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
    #[error("{name} is empty: {what} needs at least {least}; pass more values")]
    TooFew {
        /// The empty (or too short) argument.
        name: &'static str,
        /// The quantity that was asked for.
        what: &'static str,
        /// The least number of values it is defined for.
        least: u64,
    },
}

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

pub(crate) fn finite(name: &'static str, value: f64) -> Result<f64> {
    require(value.is_finite(), name, value, "a finite number")
}

pub(crate) fn positive(name: &'static str, value: f64) -> Result<f64> {
    require(
        value.is_finite() && value > 0.0,
        name,
        value,
        "a finite number above 0",
    )
}

pub(crate) fn probability(name: &'static str, value: f64) -> Result<f64> {
    require(
        (0.0..=1.0).contains(&value),
        name,
        value,
        "a probability in [0, 1]",
    )
}

pub(crate) fn same_length(name: &'static str, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        Ok(())
    } else {
        Err(Error::Dimension {
            name,
            expected,
            got,
        })
    }
}

fn require(holds: bool, name: &'static str, value: f64, expected: &'static str) -> Result<f64> {
    if holds {
        Ok(value)
    } else {
        Err(Error::Parameter {
            name,
            value,
            expected,
        })
    }
}
