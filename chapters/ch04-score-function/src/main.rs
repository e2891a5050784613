//! The run of chapter 4: how much the estimators of one gradient vary, why, and what helps.

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = program::parse_command_line();
    run::main(|| program::execute(&arguments))
}
