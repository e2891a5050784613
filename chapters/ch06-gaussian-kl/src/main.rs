//! The run of chapter 6: pictures of what a divergence is, or one divergence computed in three ways.

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = program::parse_command_line();
    run::main(|| program::execute(&arguments))
}
