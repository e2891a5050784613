//! The run of chapter 9: trains a convolutional variational autoencoder, evaluates one, draws from one.

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    let command = program::parse_command_line();
    run::main(|| program::execute(command))
}
