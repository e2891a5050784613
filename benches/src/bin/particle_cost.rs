//! What K codes an image cost in a training step: at most K passes through the decoder and one through the
//! encoder.
//!
//! Steps with 1, 2, 5 and 10 codes run alternately with a decoder on its own (forward, likelihood, backward,
//! gradient), so that other work on the machine disturbs all alike.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Result;
use benches::{BATCH, PIXELS, median, mnist, order, pool};
use ch07_vae::{Architecture, Examples, Likelihood, Objective, Trainer, Vae, purpose};
use clap::Parser;
use ndarray::Array2;
use nn::{Activation, Adam, Linear, likelihood};
use prob::random::stream;

/// Measures the cost of K codes an image, for the IWAE bound on the model of `--preset iwae-paper`.
#[derive(Parser)]
struct Arguments {
    /// Alternations.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..))]
    alternations: u16,
}

const CODES: [usize; 4] = [1, 2, 5, 10];
const LATENT: usize = 50;
const STEPS: usize = 40;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    // One thread: the decoder on its own is not divided, so the step must not be either.
    let pool = pool(1)?;
    let examples = Examples::Images(mnist()?.train.images);
    let architecture = Architecture {
        pixels: PIXELS,
        hidden: vec![200, 200],
        latent: LATENT,
        activation: Activation::Tanh,
        likelihood: Likelihood::Bernoulli,
    };
    let model = Vae::new(&architecture, &mut stream(1, [purpose::WEIGHTS]));
    let mut trainers =
        CODES.map(|k| Trainer::new(model.clone(), Adam::new(1e-3), Objective::iwae(k)));
    let order = order(&examples, 1, 0);
    let batches: Vec<&[usize]> = data::batches(&order, BATCH).take(STEPS).collect();

    let mut turns = Vec::new();
    for turn in 0..=arguments.alternations {
        let steps = trainers.each_mut().map(|trainer| {
            let start = Instant::now();
            pool.install(|| {
                for batch in &batches {
                    trainer.step(&examples, batch, 1, u64::from(turn));
                }
            });
            start.elapsed().as_secs_f64()
        });
        let decoder = decoder_alone(&model, &examples, &batches);
        // The first turn warms caches and the processor's clock.
        if turn > 0 {
            turns.push((steps, decoder));
        }
    }

    let milliseconds = |seconds: f64| 1e3 * seconds / STEPS as f64;
    let decoder = median(turns.iter().map(|(_, decoder)| milliseconds(*decoder)));
    println!("a batch of {BATCH} images, one thread, medians of {} alternations", turns.len());
    println!("decoder alone, one code an image: {decoder:.2} ms");
    println!("{:>3}  {:>8}  {:>26}  {:>6}", "K", "step", "first step + (K−1) decoder", "ratio");
    for (i, k) in CODES.into_iter().enumerate() {
        let bound = |(steps, decoder): &([f64; 4], f64)| steps[0] + (k - 1) as f64 * decoder;
        let step = median(turns.iter().map(|(steps, _)| milliseconds(steps[i])));
        let allowed = median(turns.iter().map(|turn| milliseconds(bound(turn))));
        let ratio = median(turns.iter().map(|turn| turn.0[i] / bound(turn)));
        println!("{k:>3}  {step:>5.2} ms  {allowed:>23.2} ms  {ratio:>6.2}");
    }
    println!("a ratio of at most 1 is wanted: K decoders and one encoder");
    Ok(())
}

/// Seconds for the decoder's part of a step with one code an image, in shards of 64 as in a step.
fn decoder_alone(model: &Vae<f32>, examples: &Examples, batches: &[&[usize]]) -> f64 {
    let inputs: Vec<_> = batches
        .iter()
        .flat_map(|batch| batch.chunks(64))
        .map(|shard| examples.batch(shard, LATENT, 1, [purpose::TRAIN, 0]))
        .collect();
    let start = Instant::now();
    for batch in inputs {
        let trace = model.decoder.forward(batch.noise);
        black_box(likelihood::bernoulli_from_logits(&batch.x, &trace.output));
        let delta: Array2<f32> =
            likelihood::bernoulli_from_logits_backward(&batch.x, &trace.output, -1.0);
        let deltas = model.decoder.backward(&trace, delta);
        black_box(model.decoder.input_gradient(&deltas));
        for (input, delta) in trace.inputs.iter().zip(&deltas) {
            black_box(Linear::gradient(input, delta));
        }
    }
    start.elapsed().as_secs_f64()
}
