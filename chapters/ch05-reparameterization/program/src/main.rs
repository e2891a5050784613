//! The run of chapter 5: pictures of draws as functions of noise, and of what their gradients cost.

mod cli;
mod pictures;
mod tour;

use std::process::ExitCode;

use cli::parse_command_line;
use tour::execute;

/// What a random stream is for; the first coordinate of its position.
mod purpose {
    /// The draws whose histograms are compared with densities.
    pub(super) const PATHS: u64 = 1;
    /// The draws of all estimators of one gradient.
    pub(super) const ESTIMATORS: u64 = 2;
    /// The noise of the ascents.
    pub(super) const ASCENT: u64 = 3;
    /// The draws behind the dots of the sine's picture.
    pub(super) const SINE: u64 = 4;
}

fn main() -> ExitCode {
    let arguments = parse_command_line();
    run::main(|| execute(&arguments))
}
