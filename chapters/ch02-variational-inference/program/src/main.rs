//! The run of chapter 2: exam marks, their hidden ability, and what it costs to infer it.

mod cli;
mod densities;
mod inference;
mod tour;

use std::process::ExitCode;

use anyhow::Result;

use cli::{Arguments, parse_command_line};

/// What a random stream is for; the first coordinate of its position.
mod purpose {
    /// The student whose ability is inferred.
    pub(super) const STUDENT: u64 = 1;
    /// The points of the two groups.
    pub(super) const GROUPS: u64 = 2;
}

/// Points of a curve.
fn curve(low: f64, high: f64, f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    const STEPS: u32 = 600;
    let x = |i: u32| low + (high - low) * f64::from(i) / f64::from(STEPS);
    (0..=STEPS).map(x).map(|x| (x, f(x))).collect()
}

/// Does what the command line asks for.
fn execute(arguments: &Arguments) -> Result<()> {
    tour::tour(arguments)
}

fn main() -> ExitCode {
    let arguments = parse_command_line();
    run::main(|| execute(&arguments))
}
