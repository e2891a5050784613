//! Steps of chapter 8's training, a block of them for each line on standard input.
//!
//! `peers/gan_step.py` sends the lines, so that a block here and a block there take turns. Each block is answered by
//! a line of JSON.

use std::io::{BufRead, stdin};
use std::time::Instant;

use anyhow::{Result, bail};
use benches::{mnist, pool};
use ch08_gan::{Architecture, Examples, GeneratorLoss, Schedule, Settings, purpose};
use clap::Parser;
use data::toy::Ring;
use nn::{Activation, Adam};
use prob::random::stream;
use serde_json::json;

/// Trains a block of steps for each line on standard input and prints its time.
#[derive(Parser)]
struct Arguments {
    /// ring or mnist: the networks and batches of chapter 8's default runs
    #[arg(long)]
    shape: String,
    /// γ of the penalty on the discriminator
    #[arg(long, default_value_t = 0.0)]
    penalty: f64,
    /// Steps in a block
    #[arg(long)]
    steps: u64,
    /// Threads
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
    /// Seed of weights, examples and noise
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> Result<()> {
    let Arguments { shape, penalty, steps, threads, seed } = Arguments::parse();
    let (examples, latent, hidden, batch, generator_output) = match shape.as_str() {
        "ring" => {
            let points = Ring::default().sample(50_000, &mut stream(1, [purpose::DATA_SET])).0;
            (Examples::Points(points), 2, 128, 256, Activation::Identity)
        }
        "mnist" => (Examples::Images(mnist()?.train.images), 64, 256, 128, Activation::Sigmoid),
        other => bail!("--shape {other} is unknown: ring or mnist"),
    };
    let adam = Adam { beta1: 0.5, ..Adam::new(1e-3) };
    let settings = Settings {
        batch,
        k: 1,
        loss: GeneratorLoss::NonSaturating,
        generator_adam: adam,
        discriminator_adam: adam,
        average_decay: 0.998,
    };
    let architecture = Architecture {
        data: examples.width(),
        latent,
        hidden: vec![hidden; 2],
        activation: Activation::LeakyRelu,
        generator_output,
    };
    // Far more steps than are taken: the rates stay what they are.
    let schedule = Schedule { steps: u64::MAX, settings, penalty };
    let mut trainer = schedule.players(&architecture, seed);
    let pool = pool(usize::from(threads))?;
    for line in stdin().lock().lines() {
        line?;
        let start = Instant::now();
        let last = pool
            .install(|| (0..steps).map(|_| schedule.step(&mut trainer, &examples, seed)).last());
        let seconds = start.elapsed().as_secs_f64();
        let (d_real, d_generated) = last.map_or((0.5, 0.5), |f| (f.d_real, f.d_generated));
        let answer = json!({ "seconds": seconds, "d_real": d_real, "d_generated": d_generated });
        println!("{answer}");
    }
    Ok(())
}
