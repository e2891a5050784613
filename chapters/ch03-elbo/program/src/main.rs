//! The run of chapter 3: pictures of the bound, of what it misses, and of what closes the gap.

mod bound;
mod samples;
mod theta;
mod tour;

use std::process::ExitCode;

use clap::Parser;
use figures::Chart;
use run::tour::Arguments;

/// What a random stream is for; the first coordinate of its position.
mod purpose {
    /// Means of the importance-weighted bound.
    pub(super) const MEANS: u64 = 1;
    /// Single draws of it.
    pub(super) const DRAWS: u64 = 2;
}

/// The reference line's name.
fn named(log_evidence: f64) -> String {
    format!("log p(x) = {log_evidence:.3}").replace('-', "−")
}

/// A chart of something in nats.
fn in_nats(title: impl Into<String>, x: &str) -> Chart {
    Chart::new(title).x(x).y("nats")
}

/// The evidence lower bound in pictures: what it adds up to, what it misses, what may be maximised, and how
/// more samples close the gap.
///
/// No argument is needed; pictures and a summary go to out/ch03-elbo/.
#[derive(Debug, Parser)]
#[command(version, mut_arg("out", |out| out.default_value("out/ch03-elbo")))]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

fn main() -> ExitCode {
    let CommandLine { arguments } = CommandLine::parse();
    run::main(|| tour::execute(&arguments))
}
