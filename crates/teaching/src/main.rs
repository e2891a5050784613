//! The teacher's commands, as `cargo course` calls them.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use confine::Launcher;
use teaching::{export, grade};

/// Evidence: the teacher's side.
#[derive(Debug, Parser)]
#[command(name = "cargo course", bin_name = "cargo course", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Grades submissions: points, diagnoses and logs, as CSV and JSON.
    Grade(grade::Arguments),
    /// Writes the students' copy of the course.
    Export(export::Arguments),
    /// Confines itself and becomes another program: how submissions are compiled and run.
    #[command(hide = true)]
    Confined {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    run::main(|| match command {
        Command::Grade(arguments) => {
            let root = run::course_root()?;
            let program = std::env::current_exe()?;
            let launcher = Launcher { program, arguments: vec!["confined".into()] };
            grade::grade(&arguments, &root, launcher)
        }
        Command::Export(arguments) => export::export(&arguments, &run::course_root()?),
        Command::Confined { arguments } => Err(confine::enter(&arguments).into()),
    })
}
