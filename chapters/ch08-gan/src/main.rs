//! The run of chapter 8: trains a generator against a discriminator, compares, draws.

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    let command = program::parse_command_line();
    run::main(|| program::execute(command))
}
