//! The program around the library: command line, three ways to one number, pictures.

mod cli;
mod pictures;
mod three_ways;
mod tour;

use anyhow::Result;

pub(crate) use cli::{Arguments, parse_command_line};

/// What a random stream is for; the first coordinate of its position.
mod purpose {
    /// The Monte-Carlo estimate of the divergence that was asked for.
    pub(super) const THREE_WAYS: u64 = 1;
    /// The draws in the pictures of the estimators.
    pub(super) const ESTIMATORS: u64 = 2;
}

/// Does what the command line asks for.
pub(crate) fn execute(arguments: &Arguments) -> Result<()> {
    match arguments.pair() {
        Some(pair) => three_ways::compute(pair, arguments),
        None => tour::tour(arguments),
    }
}
