//! The run of chapter 6: pictures of what a divergence is, or one divergence computed in three ways.

mod cli;
mod pictures;
mod three_ways;
mod tour;

use std::process::ExitCode;

use anyhow::Result;

use cli::{Arguments, parse_command_line};

/// What a random stream is for; the first coordinate of its position.
mod purpose {
    /// The Monte-Carlo estimate of the divergence that was asked for.
    pub(super) const THREE_WAYS: u64 = 1;
    /// The draws in the pictures of the estimators.
    pub(super) const ESTIMATORS: u64 = 2;
}

/// Does what the command line asks for.
fn execute(arguments: &Arguments) -> Result<()> {
    match arguments.pair() {
        Some(pair) => three_ways::compute(pair, arguments),
        None => tour::tour(&arguments.tour),
    }
}

fn main() -> ExitCode {
    let arguments = parse_command_line();
    run::main(|| execute(&arguments))
}
