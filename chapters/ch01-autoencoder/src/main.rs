//! The run of chapter 1: what autoencoders make of digits, and what principal components make of them.

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = program::parse_command_line();
    run::main(|| program::execute(&arguments))
}
