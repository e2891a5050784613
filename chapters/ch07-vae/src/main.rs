//! The run of chapter 7: trains a variational autoencoder, evaluates one, draws from one.

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    let command = program::parse_command_line();
    run::main(|| program::execute(command))
}
