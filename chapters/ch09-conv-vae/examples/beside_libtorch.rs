//! How long a training step of the small model takes: this chapter's code beside libtorch, on the processor.
//!
//! `cargo run -p ch09-conv-vae --features tch --example beside_libtorch -- [ROUNDS [THREADS]]`
//!
//! A round is ten steps of each, on the same batches of 128 MNIST images; drawing the batch, loss, gradient and Adam are
//! inside the time on both sides. Whatever else the machine does comes and goes in seconds, so neighbours are
//! compared: the ratio is taken within a round, and its median over the rounds is what counts. libtorch's threads
//! sleep while they wait (`OMP_WAIT_POLICY=passive`, set by cargo); run with `active` for an idle machine.

use std::time::Instant;

use anyhow::{Context, Result};
use ch09_conv_vae::torch::{self, Precision};
use ch09_conv_vae::{Architecture, Batch, Trainer, Vae, purpose};
use data::{Source, batches, default_root, shuffled};
use prob::random::stream;
use tch::Device;

const STEPS: usize = 10;
const RATE: f64 = 1e-3;

fn main() -> Result<()> {
    let mut numbers = std::env::args().skip(1).map(|text| {
        text.parse::<usize>().with_context(|| format!("expected a whole number, got `{text}`"))
    });
    let rounds = numbers.next().transpose()?.unwrap_or(20).max(1);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = numbers.next().transpose()?.unwrap_or(cores).max(1);
    tch::set_num_threads(i32::try_from(threads)?);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;

    let images = Source::Mnist.load(&default_root())?.train.images;
    let architecture = Architecture::small(images.shape());
    let latent = architecture.latent;
    let model = Vae::new(&architecture, &mut stream(1, [purpose::WEIGHTS]))?;
    let mut ours = Trainer::new(model);
    let mut theirs = torch::Trainer::new(&architecture, &ours, Device::Cpu, Precision::Full)?;
    let order = shuffled(images.len(), &mut stream(1, [purpose::ORDER]));
    let all: Vec<&[usize]> = batches(&order, 128).filter(|batch| batch.len() == 128).collect();

    println!(
        "{threads} threads, {} parameters; milliseconds a step",
        architecture.parameter_count()?
    );
    let mut ratios = Vec::new();
    // The first round warms up and is not counted.
    for round in 0..=rounds {
        let some: Vec<&[usize]> =
            all.iter().cycle().skip(round * STEPS).take(STEPS).copied().collect();
        let (our_time, our_sums) = pool.install(|| -> Result<_> {
            let begin = Instant::now();
            let mut sums = (0.0, 0.0);
            for indices in &some {
                let (reconstruction, kl) = ours.step(&images, indices, RATE, 1, round as u64);
                sums = (sums.0 + reconstruction, sums.1 + kl);
            }
            Ok((begin.elapsed().as_secs_f64(), sums))
        })?;
        let begin = Instant::now();
        for indices in &some {
            let visit = [purpose::TRAIN, round as u64];
            theirs.step(&Batch::draw(&images, indices, latent, 1, visit), RATE)?;
        }
        let their_sums = theirs.take_sums()?;
        let their_time = begin.elapsed().as_secs_f64();

        let per_step = |seconds: f64| 1e3 * seconds / STEPS as f64;
        let elbo = |sums: (f64, f64)| (sums.0 - sums.1) / (128 * STEPS) as f64;
        println!(
            "{}: here {:7.2}  libtorch {:7.2}  ratio {:.3}  (ELBO {:.3} and {:.3})",
            if round == 0 { "warm-up".to_owned() } else { format!("round {round:2}") },
            per_step(our_time),
            per_step(their_time),
            our_time / their_time,
            elbo(our_sums),
            elbo(their_sums),
        );
        if round > 0 {
            ratios.push(our_time / their_time);
        }
    }
    ratios.sort_by(f64::total_cmp);
    let quantile = |share: f64| ratios[(share * (ratios.len() - 1) as f64).round() as usize];
    println!(
        "median ratio here/libtorch {:.3}, middle half of the rounds {:.3} to {:.3}",
        quantile(0.5),
        quantile(0.25),
        quantile(0.75)
    );
    Ok(())
}
