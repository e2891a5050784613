//! The command `cargo course …`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use course::{figures, interactive, verify};

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
    /// Writes the numbers that the book's interactive figures are made of and compared with.
    Interactive(interactive::Arguments),
    /// Draws the figures of the book, light and dark, by running the chapters' programs.
    Figures(figures::Arguments),
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    run::main(|| match command {
        Command::Verify(arguments) => verify::verify(&arguments),
        Command::Interactive(arguments) => interactive::interactive(&arguments),
        Command::Figures(arguments) => figures::figures(&arguments),
    })
}
