//! The run of chapter 8: trains a generator against a discriminator, compares, draws.

mod cli;
mod compare;
mod corpus;
mod diagnose;
mod frames;
mod look;
mod pictures;
mod place;
mod plan;
mod sample;
mod seeds;
mod train;

use std::process::ExitCode;

use anyhow::Result;

use cli::{Arguments, parse_command_line};

use cli::Command;

/// Does what the command line asks for.
fn execute(arguments: Arguments) -> Result<()> {
    match arguments.command {
        None => train::train(&arguments.train),
        Some(Command::RingSeeds(seeds)) => seeds::ring_seeds(&seeds),
        Some(Command::Compare(compare)) => compare::compare(&compare),
        Some(Command::Sample(sample)) => sample::sample(&sample),
    }
}

fn main() -> ExitCode {
    let command = parse_command_line();
    run::main(|| execute(command))
}
