//! The run of chapter 5: pictures of draws as functions of noise, and of what their gradients cost.

mod pictures;
mod tour;

use std::process::ExitCode;

use clap::Parser;
use run::tour::Arguments;

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

/// Gradients of expectations, by writing the draw as a function of noise: pictures of how draws move, of
/// all estimators of one gradient side by side, of where each of them wins, and of where there is no path.
#[derive(Debug, Parser)]
#[command(version, mut_arg("out", |out| out.default_value("out/ch05-reparameterization")))]
#[command(after_help = "Example: ch05-reparameterization --quick --seed 7 --out out/seven")]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

fn main() -> ExitCode {
    let CommandLine { arguments } = CommandLine::parse();
    run::main(|| tour::execute(&arguments))
}
