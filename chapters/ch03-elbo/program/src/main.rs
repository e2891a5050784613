//! The run of chapter 3: pictures of the bound, of what it misses, and of what closes the gap.

mod bound;
mod cli;
mod samples;
mod theta;
mod tour;

use std::process::ExitCode;

use figures::Chart;

use cli::{Arguments, parse_command_line};
use tour::execute;

/// What a random stream is for; the first coordinate of its position.
mod purpose {
    /// Means of the importance-weighted bound.
    pub(super) const MEANS: u64 = 1;
    /// Single draws of it.
    pub(super) const DRAWS: u64 = 2;
}

/// Points of a curve.
fn curve(low: f64, high: f64, f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    const STEPS: u32 = 400;
    let x = |i: u32| low + (high - low) * f64::from(i) / f64::from(STEPS);
    (0..=STEPS).map(x).map(|x| (x, f(x))).collect()
}

/// Points of a curve whose computation may fail.
fn points<E>(
    low: f64,
    high: f64,
    steps: u32,
    f: impl Fn(f64) -> Result<f64, E>,
) -> Result<Vec<(f64, f64)>, E> {
    let x = |i: u32| low + (high - low) * f64::from(i) / f64::from(steps);
    (0..=steps).map(x).map(|x| Ok((x, f(x)?))).collect()
}

/// The reference line's name.
fn named(log_evidence: f64) -> String {
    format!("log p(x) = {log_evidence:.3}").replace('-', "−")
}

/// A chart of something in nats.
fn in_nats(title: impl Into<String>, x: &str) -> Chart {
    Chart::new(title).x(x).y("nats")
}

fn main() -> ExitCode {
    let arguments = parse_command_line();
    run::main(|| execute(&arguments))
}
