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

    // Each thread does products of its own: `cycles` on each are the work of STEPS steps. Divided,
    // each thread does its share of the rows of every product, as often as there are steps.
    let whole = products();
    let divided: Vec<Product> =
        whole.iter().map(|p| Product { rows: p.rows.div_ceil(threads), ..*p }).collect();
    let cycles = STEPS.div_ceil(threads) as u64;
    let rate_of = |products: &[Product], times: u64| {
        let flop: u64 = products.iter().map(|p| p.per_step as u64 * p.flop()).sum();
        let elapsed = time_products(&pool, products, times);
        (threads as u64 * times * flop) as f64 / elapsed.as_secs_f64() / 1e9
    };
    let step_flop = (STEPS * BATCH) as f64 * per_image as f64;
    let mut turns = Vec::new();
    for turn in 0..=arguments.alternations {
        let skipped = usize::from(turn) * STEPS;
        let batches: Vec<_> = full_batches().cycle().skip(skipped).take(STEPS).collect();
        let start = Instant::now();
        pool.install(|| {
            for batch in &batches {
                trainer.step(&examples, batch, 1, u64::from(turn));
            }
        });
        let step = step_flop / start.elapsed().as_secs_f64() / 1e9;
        let rates = [step, rate_of(&whole, cycles), rate_of(&divided, STEPS as u64)];
        // The first turn warms caches, threads and the processor's clock.
        if turn > 0 {
            turns.push(rates);
        }
    }

    println!("each product alone, {threads} threads:");
    for product in whole {
        let once = [Product { per_step: 1, ..product }];
        let rates = (0..5).map(|_| rate_of(&once, 1 + 400_000_000 / product.flop()));
        let Product { name, rows, inner, columns, per_step, .. } = product;
        let shape = format!("{rows}×{inner}·{inner}×{columns}");
        println!("  {name:<8} {shape:<20} {per_step} a step {:>7.1} GFLOP/s", median(rates));
    }

    println!("\nmedians of {} alternations, {threads} threads:", turns.len());
    println!("  training step                        {:>6.1} GFLOP/s", median_of(&turns, |t| t[0]));
    for (column, name) in
        [(1, "plain products, each thread its own"), (2, "plain products, rows divided")]
    {
        let ratios = turns.iter().map(|turn| turn[0] / turn[column]);
        let (low, high) = ratios.fold((f64::MAX, f64::MIN), |(l, h), r| (l.min(r), h.max(r)));
        println!(
            "  {name:<36} {:>6.1} GFLOP/s; step/products {:.1} % (from {:.1} to {:.1})",
            median_of(&turns, |turn| turn[column]),
            100.0 * median_of(&turns, |turn| turn[0] / turn[column]),
            100.0 * low,
            100.0 * high
        );
    }
    println!("at least 70 % of plain products is wanted");
    Ok(())
}

fn median_of(turns: &[[f64; 3]], figure: impl Fn(&[f64; 3]) -> f64) -> f64 {
    median(turns.iter().map(figure))
}
