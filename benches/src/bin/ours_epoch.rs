//! Epochs of the default run of chapter 7, one for each line on standard input.
//!
//! `peers/epoch.py` sends the lines, so that an epoch here and an epoch there take turns. Each epoch
//! is answered by a line of JSON.

use std::io::{BufRead, stdin};
use std::time::Instant;

use anyhow::Result;
use benches::{mnist, pool, train_epoch, trainer};
use ch07_vae::Examples;
use clap::Parser;
use serde_json::json;

/// Trains an epoch for each line on standard input and prints its time.
#[derive(Parser)]
struct Arguments {
    /// Epochs after which to stop; the end of the input stops too.
    #[arg(long, default_value_t = 1)]
    epochs: u64,
    /// Threads.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
    /// Seed of weights, order, binarization and noise.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let examples = Examples::Images(mnist()?.train.images);
    let pool = pool(usize::from(arguments.threads))?;
    let mut trainer = trainer(arguments.seed);
    let mut lines = stdin().lock().lines();
    for epoch in 0..arguments.epochs {
        if lines.next().transpose()?.is_none() {
            break;
        }
        let start = Instant::now();
        let elbo = pool.install(|| train_epoch(&mut trainer, &examples, arguments.seed, epoch));
        let seconds = start.elapsed().as_secs_f64();
        println!("{}", json!({ "epoch": epoch, "seconds": seconds, "elbo_nats": elbo }));
    }
    Ok(())
}
