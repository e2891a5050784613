//! The program around the library: command line, training runs, seeds, comparison, pictures.

mod cli;
mod compare;
mod corpus;
mod diagnose;
mod frames;
mod look;
mod pictures;
mod plan;
mod sample;
mod seeds;
mod train;

use anyhow::{Context, Result};
use rayon::ThreadPool;

pub(crate) use cli::{Arguments, parse_command_line};

use cli::Command;

/// Does what the command line asks for.
pub(crate) fn execute(arguments: Arguments) -> Result<()> {
    match arguments.command {
        None => train::train(&arguments.train),
        Some(Command::RingSeeds(seeds)) => seeds::ring_seeds(&seeds),
        Some(Command::Compare(compare)) => compare::compare(&compare),
        Some(Command::Sample(sample)) => sample::sample(&sample),
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
