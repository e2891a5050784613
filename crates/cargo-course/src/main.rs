//! The command `cargo course …`.

mod teacher; // teacher

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use cargo_course::{hand_on, hint, lab};
use clap::{Parser, Subcommand};

/// Evidence: a course in deep generative models.
#[derive(Debug, Parser)]
#[command(name = "cargo course", bin_name = "cargo course", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judges your solutions of a chapter's lab, exercise by exercise.
    Lab(lab::Arguments),
    /// Unfolds the next hint for an exercise.
    Hint(hint::Arguments),
    /// Runs claims: each must hold, and each of its falsifiers must be rejected.
    #[command(disable_help_flag = true)]
    Verify(Rest),
    /// Draws the figures of the book, light and dark, by running the chapters' programs.
    #[command(disable_help_flag = true)]
    Figures(Rest),
    /// Writes the numbers that the book's interactive figures are made of and compared with.
    #[command(disable_help_flag = true)]
    Interactive(Rest),
    #[command(flatten)] // teacher
    Teacher(teacher::Command), // teacher
}

/// Arguments that another package reads.
#[derive(Debug, clap::Args)]
struct Rest {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<OsString>,
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    run(command).unwrap_or_else(|error| {
        // Where nobody listens, the exit status has to do: `eprintln!` would panic.
        let _ = writeln!(io::stderr(), "error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Lab(arguments) => lab::lab(&arguments),
        Command::Hint(arguments) => hint::hint(&arguments),
        Command::Verify(Rest { arguments }) => hand_on("course", "verify", &arguments),
        Command::Figures(Rest { arguments }) => hand_on("course", "figures", &arguments),
        Command::Interactive(Rest { arguments }) => hand_on("course", "interactive", &arguments),
        Command::Teacher(command) => teacher::run(&command), // teacher
    }
}
