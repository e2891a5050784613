//! The program around the library: command line, training run, evaluation, pictures.

mod cli;
mod codes;
mod corpus;
mod evaluate;
mod fit;
mod pictures;
mod plane_data;
mod rate_distortion;
mod sample;
mod settings;
mod snapshots;
mod train;
mod walks;

use anyhow::{Context, Result};
use rayon::ThreadPool;

pub(crate) use cli::{Arguments, parse_command_line};

use cli::Command;

/// Does what the command line asks for.
pub(crate) fn execute(arguments: Arguments) -> Result<()> {
    match arguments.command {
        None => train::train(&arguments.train),
        Some(Command::Evaluate(evaluate)) => evaluate::evaluate(&evaluate),
        Some(Command::Sample(sample)) => sample::sample(&sample),
        Some(Command::RateDistortion(plane)) => rate_distortion::rate_distortion(&plane),
        Some(Command::Walks(walks)) => walks::walks(&walks),
        Some(Command::LatentPlaneData(plane)) => plane_data::latent_plane_data(&plane),
    }
}

/// The threads to compute with: as many as were asked for, or one for each core.
fn thread_pool(threads: Option<usize>) -> Result<ThreadPool> {
    let threads = match threads {
        Some(threads) => threads,
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .with_context(|| format!("cannot start {threads} threads: try a smaller --threads"))
}
