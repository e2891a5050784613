//! The run of chapter 4: how much the estimators of one gradient vary, why, and what helps.

mod bits;
mod pictures;
mod tour;

use std::process::ExitCode;

use clap::Parser;
use run::tour::Arguments;

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

/// The score-function estimator: how much it varies, why, and what baselines save.
///
/// Draws each estimator of one gradient, sets the variances beside their exact values, tabulates the draws
/// that an error of 1 % takes, and trains a model with discrete latent variables. Pictures and a summary go
/// to out/ch04-score-function/.
#[derive(Debug, Parser)]
#[command(version, mut_arg("out", |out| out.default_value("out/ch04-score-function")))]
#[command(after_help = "Example: ch04-score-function --quick --seed 2")]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

fn main() -> ExitCode {
    let CommandLine { arguments } = CommandLine::parse();
    run::main(|| tour::execute(&arguments))
}
