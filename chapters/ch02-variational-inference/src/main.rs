//! The run of chapter 2: exam marks, their hidden ability, and what it costs to infer it.

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = program::parse_command_line();
    run::main(|| program::execute(&arguments))
}
