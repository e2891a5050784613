//! The command `cargo course …`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use course::verify;

/// Evidence: a course in deep generative models.
#[derive(Debug, Parser)]
#[command(name = "cargo course", bin_name = "cargo course", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs claims: each must hold, and each of its falsifiers must be rejected.
    Verify(verify::Arguments),
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    run::main(|| match command {
        Command::Verify(arguments) => verify::verify(&arguments),
    })
}
