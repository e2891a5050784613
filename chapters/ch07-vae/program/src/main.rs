//! The run of chapter 7: trains a variational autoencoder, evaluates one, draws from one.

mod cli;
mod codes;
mod corpus;
mod evaluate;
mod fit;
mod pictures;
mod plane_data;
mod rate_distortion;
mod sample;
mod settings;
mod snapshots;
mod train;

use std::process::ExitCode;

use anyhow::Result;

use cli::{Arguments, parse_command_line};

use cli::Command;

/// Does what the command line asks for.
fn execute(arguments: Arguments) -> Result<()> {
    match arguments.command {
        None => train::train(&arguments.train),
        Some(Command::Evaluate(evaluate)) => evaluate::evaluate(&evaluate),
        Some(Command::Sample(sample)) => sample::sample(&sample),
        Some(Command::RateDistortion(plane)) => rate_distortion::rate_distortion(&plane),
        Some(Command::LatentPlaneData(plane)) => plane_data::latent_plane_data(&plane),
    }
}

fn main() -> ExitCode {
    let command = parse_command_line();
    run::main(|| execute(command))
}
