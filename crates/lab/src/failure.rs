//! Why a question got no answer.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a question got no answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Failure {
    /// The function still says `todo!()`.
    NotDone,
    /// The function panicked.
    Panicked {
        /// The panic's message.
        message: String,
        /// The line of the student's file that led there, if it could be told.
        place: Option<Place>,
    },
    /// No answer came in time.
    TooSlow {
        /// The time that it had.
        seconds: f64,
    },
    /// No answer came, and the program had hardly any of the machine's time.
    Starved {
        /// Wall-clock seconds that were waited.
        seconds: f64,
    },
    /// The answer is longer than any right one can be.
    TooLong {
        /// Characters that an answer may have.
        most: u64,
    },
    /// The program ended instead of answering.
    Ended {
        /// Its exit status, in words.
        how: String,
    },
    /// Something came that is no answer, or the function is not there.
    Unusable {
        /// What was expected, and what came.
        reason: String,
    },
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its path, as the compiler knows it.
    pub file: String,
    /// Counted from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl Failure {
    pub(crate) fn unusable(reason: impl Into<String>) -> Self {
        Self::Unusable { reason: reason.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDone => write!(f, "not done yet"),
            Self::Panicked { message, place: Some(place) } => {
                write!(f, "panicked at {place}: {message}")
            }
            Self::Panicked { message, place: None } => write!(f, "panicked: {message}"),
            Self::TooSlow { seconds } => write!(f, "no answer within {seconds} s"),
            Self::Starved { seconds } => {
                write!(
                    f,
                    "no answer within {seconds} s, in which the machine was busy with other things"
                )
            }
            Self::TooLong { most } => write!(f, "an answer of more than {most} characters"),
            Self::Ended { how } => write!(f, "the program ended before it had answered: {how}"),
            Self::Unusable { reason } => write!(f, "{reason}"),
        }
    }
}

impl Error for Failure {}
