//! The run of chapter 3: pictures of the bound, of what it misses, and of what closes the gap.

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = program::parse_command_line();
    run::main(|| program::execute(&arguments))
}
