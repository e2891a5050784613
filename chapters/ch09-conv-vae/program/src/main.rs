//! The run of chapter 9: trains a convolutional variational autoencoder, evaluates one, draws from one.

mod cli;
mod corpus;
#[cfg_attr(feature = "tch", path = "libtorch.rs")]
mod engine;
mod evaluate;
mod pictures;
mod sample;
mod settings;
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
    }
}

fn main() -> ExitCode {
    let command = parse_command_line();
    run::main(|| execute(command))
}
