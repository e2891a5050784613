//! The run of chapter 5: pictures of draws as functions of noise, and of what their gradients cost.

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = program::parse_command_line();
    run::main(|| program::execute(&arguments))
}
