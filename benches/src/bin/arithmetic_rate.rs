//! How near the training step comes to the rate of plain matrix products of its own shapes.
//!
//! The two run alternately, so that other work on the machine disturbs both alike.

use std::time::Instant;

use anyhow::Result;
use benches::{
    BATCH, Product, flop_per_image, median, mnist, order, pool, products, time_products, trainer,
};
use ch07_vae::Examples;
use clap::Parser;

/// Measures the training step's arithmetic rate and that of plain products of the same shapes.
#[derive(Parser)]
struct Arguments {
    /// Threads for both.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
    /// Alternations of the two.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u16).range(1..))]
    alternations: u16,
}

/// Training steps in a turn: about a fifth of a second.
const STEPS: usize = 60;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let threads = usize::from(arguments.threads);
    let pool = pool(threads)?;
    let examples = Examples::Images(mnist()?.train.images);
    let mut trainer = trainer(1);
    let order = order(&examples, 1, 0);
    let full_batches = || data::batches(&order, BATCH).filter(|batch| batch.len() == BATCH);

    let per_image = flop_per_image(&trainer.model);
    let first: usize = trainer.model.layers()[0].weight.len();
    let sizes: usize = trainer.model.layers().iter().map(|layer| layer.weight.len()).sum();
    println!(
        "FLOP per training image = 2·Σ in·out (forward) + 2·2·Σ in·out − 2·first in·out (backward)"
    );
    println!("  Σ in·out = {sizes}, first = {first}: {per_image} FLOP in matrix products\n");

    // Each thread does whole products of its own: `cycles` on each are the work of STEPS steps.
    let cycles = STEPS.div_ceil(threads);
    let step_flop = (STEPS * BATCH) as f64 * per_image as f64;
    let product_flop = (cycles * threads * BATCH) as f64 * per_image as f64;
    let all = products();
    let mut turns = Vec::new();
    for turn in 0..=arguments.alternations {
        let batches: Vec<_> =
            full_batches().cycle().skip(usize::from(turn) * STEPS).take(STEPS).collect();
        let start = Instant::now();
        pool.install(|| {
            for batch in &batches {
                trainer.step(&examples, batch, 1, u64::from(turn));
            }
        });
        let step = step_flop / start.elapsed().as_secs_f64() / 1e9;
        let plain = product_flop / time_products(&pool, &all, cycles as u64).as_secs_f64() / 1e9;
        // The first turn warms caches, threads and the processor's clock.
        if turn > 0 {
            turns.push((step, plain));
        }
    }

    println!("each product alone, {threads} threads:");
    for product in all {
        let once = [Product { per_step: 1, ..product }];
        let times = 1 + 400_000_000 / product.flop();
        let rates = (0..5).map(|_| {
            let elapsed = time_products(&pool, &once, times).as_secs_f64();
            (threads as u64 * times * product.flop()) as f64 / elapsed / 1e9
        });
        let Product { name, rows, inner, columns, per_step, .. } = product;
        let shape = format!("{rows}×{inner}·{inner}×{columns}");
        println!("  {name:<8} {shape:<20} {per_step} a step {:>7.1} GFLOP/s", median(rates));
    }

    let step = median(turns.iter().map(|turn| turn.0));
    let plain = median(turns.iter().map(|turn| turn.1));
    let ratios = || turns.iter().map(|(step, plain)| step / plain);
    let (low, high) = ratios().fold((f64::MAX, f64::MIN), |(l, h), r| (l.min(r), h.max(r)));
    println!("\nmedians of {} alternations, {threads} threads:", turns.len());
    println!("  training step   {step:>7.1} GFLOP/s");
    println!("  plain products  {plain:>7.1} GFLOP/s");
    println!(
        "  ratio           {:>7.1} %  (from {:.1} to {:.1}; at least 70 wanted)",
        100.0 * median(ratios()),
        100.0 * low,
        100.0 * high
    );
    Ok(())
}
