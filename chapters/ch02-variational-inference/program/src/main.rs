//! The run of chapter 2: exam marks, their hidden ability, and what it costs to infer it.

mod densities;
mod inference;
mod tour;

use std::process::ExitCode;

use clap::Parser;
use run::tour::Arguments;

/// What a random stream is for; the first coordinate of its position.
mod purpose {
    /// The student whose ability is inferred.
    pub(super) const STUDENT: u64 = 1;
    /// The points of the two groups.
    pub(super) const GROUPS: u64 = 2;
}

/// Variational inference on exam marks, where every answer is known exactly.
///
/// Draws the posterior of an ability, counts what it costs to integrate it out, climbs the ELBO to the
/// exact posterior and past it where q cannot follow, fits one Gaussian to two modes in both directions, and
/// mixtures of Gaussians to points and to 1437 handwritten digits in few and in many dimensions.
#[derive(Debug, Parser)]
#[command(version, mut_arg("out", |out| out.default_value("out/ch02-variational-inference")))]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

fn main() -> ExitCode {
    let CommandLine { arguments } = CommandLine::parse();
    run::main(|| tour::tour(&arguments))
}
