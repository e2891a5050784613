//! The run of chapter 4: how much the estimators of one gradient vary, why, and what helps.

mod bits;
mod cli;
mod pictures;
mod tour;

use std::process::ExitCode;

use cli::parse_command_line;
use tour::execute;

/// What a random stream is for; the first coordinate of its position.
mod purpose {
    /// The histograms.
    pub(super) const HISTOGRAMS: u64 = 1;
    /// The measured variances, against the dimension and against the baseline.
    pub(super) const VARIANCES: u64 = 2;
    /// The leave-one-out and in-sample baselines.
    pub(super) const BASELINES: u64 = 3;
    /// The model with binary causes.
    pub(super) const MODEL: u64 = 4;
    /// The draws of its training.
    pub(super) const TRAINING: u64 = 5;
}

fn main() -> ExitCode {
    let arguments = parse_command_line();
    run::main(|| execute(&arguments))
}
