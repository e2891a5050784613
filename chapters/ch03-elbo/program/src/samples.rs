//! More samples, and more data points.

use anyhow::Result;
use ch03_elbo::importance::{balanced_average, importance_weighted, log_weight};
use ch03_elbo::surgery::surgery;
use figures::{Chart, Figure};
use prob::random::stream;
use prob::{Estimate, Gaussian};
use run::tour::Arguments;
use run::{Folder, Plate, Progress};
use serde::Serialize;

use super::bound::{MODEL, X};
use super::{in_nats, purpose};

/// The most samples.
const MOST: usize = 1024;

/// 1, 2, 4, …
fn sizes() -> impl Iterator<Item = usize> {
    (0..).map(|i| 1 << i).take_while(|&size| size <= MOST)
}

/// The mean of the bound for one q.
#[derive(Serialize)]
pub(super) struct Climb {
    pub(super) q: String,
    pub(super) samples: Vec<usize>,
    pub(super) mean: Vec<f64>,
    pub(super) standard_error: Vec<f64>,
}

/// A q with nearly the best ELBO, one that covers the posterior's long tail, and one that is too narrow.
///
/// Where tanh has saturated the posterior falls like the prior, N(0, 1): by (3.22) the weights of the first and
/// the last have an infinite variance.
fn proposals() -> Result<[(&'static str, Gaussian); 3]> {
    Ok([
        ("fits the peak", Gaussian::new(0.1, 0.33)?),
        ("too wide", Gaussian::new(0.4, 1.5)?),
        ("too narrow", Gaussian::new(-0.05, 0.08)?),
    ])
}

/// The K-sample bound for each q, by Monte Carlo: weights once, groups of all sizes from them.
pub(super) fn climb(folder: &Folder, arguments: &Arguments) -> Result<Vec<Climb>> {
    let repetitions = arguments.scaled(2000);
    let log_evidence = MODEL.log_evidence(X)?;
    let mut bound = in_nats("E log-mean of K weights", "samples K")
        .log_x()
        .hline("log p(x)", log_evidence)
        .y_range(-5.6, -1.2);
    let mut gap =
        in_nats("what is missing to log p(x)", "samples K").log_x().log_y().y_range(1e-3, 5.0);
    let mut climbs = Vec::new();
    let progress = Progress::new(3 * repetitions as u64);
    for (number, (name, q)) in proposals()?.into_iter().enumerate() {
        progress.message(|| format!("the bound for a q that {name}"));
        let mut estimates: Vec<Estimate> = sizes().map(|_| Estimate::new()).collect();
        for repetition in 0..repetitions {
            let mut rng =
                stream(arguments.seed, [purpose::MEANS, number as u64, repetition as u64]);
            let weights: Vec<f64> =
                (0..MOST).map(|_| log_weight(&MODEL, X, &q, q.sample(&mut rng))).collect();
            for (estimate, size) in estimates.iter_mut().zip(sizes()) {
                estimate.push(balanced_average(&weights, size)?);
            }
            progress.advance(1);
        }
        let mean: Vec<f64> = estimates.iter().map(Estimate::mean).collect();
        let standard_error: Vec<f64> =
            estimates.iter().map(Estimate::standard_error).collect::<prob::Result<_>>()?;
        let label = format!("{name}: N({}, {}²)", q.mean(), q.sigma()).replace('-', "−");
        let along = |of: &dyn Fn(usize) -> f64| -> Vec<(f64, f64)> {
            sizes().enumerate().map(|(i, size)| (size as f64, of(i))).collect()
        };
        bound = bound.line(label.clone(), along(&|i| mean[i]));
        // What cannot be told from 0 by three standard errors is not drawn.
        let missing: Vec<(f64, f64)> = along(&|i| log_evidence - mean[i])
            .into_iter()
            .zip(&standard_error)
            .filter(|((_, missing), error)| missing > &(3.0 * *error))
            .map(|(point, _)| point)
            .collect();
        gap = gap.line(label.clone(), missing);
        climbs.push(Climb { q: label, samples: sizes().collect(), mean, standard_error });
    }
    drop(progress);
    let figure = Figure::new(
        "The K-sample bound climbs to log p(x), and fast only where q covers the tails",
    )
    .panel_size(460.0, 460.0)
    .panel(bound)
    .panel(gap);
    folder.draw(
        "iwae.png",
        &figure,
        Plate::lines(
            "elbo-importance",
            "Left, the K-sample bound for three q climbs with K towards the dotted line log p(x). \
             Right, what is still missing, on logarithmic axes: for the wide q it is largest at K \
             = 1 and falls along a steep straight line; for the q that fits the peak and for the \
             one that is too narrow it falls much more slowly.",
        ),
    )?;
    Ok(climbs)
}

/// Single draws: the same weights in larger and larger groups.
pub(super) fn single_draws(folder: &Folder, seed: u64) -> Result<()> {
    let (_, q) = proposals()?[1];
    let log_evidence = MODEL.log_evidence(X)?;
    let (mut of_groups, mut of_first) = (
        in_nats("averaged over all groups: never falls", "size of the groups"),
        in_nats("of the first group only: up and down", "size of the group"),
    );
    for draw in 0..8 {
        let mut rng = stream(seed, [purpose::DRAWS, draw]);
        let weights: Vec<f64> =
            (0..64).map(|_| log_weight(&MODEL, X, &q, q.sample(&mut rng))).collect();
        let along = |of: &dyn Fn(usize) -> prob::Result<f64>| -> prob::Result<Vec<(f64, f64)>> {
            sizes().take(7).map(|size| Ok((size as f64, of(size)?))).collect()
        };
        let name = format!("draw {}", draw + 1);
        of_groups = of_groups.line(name.clone(), along(&|size| balanced_average(&weights, size))?);
        of_first = of_first.line(name, along(&|size| importance_weighted(&weights[..size]))?);
    }
    let dress = |chart: Chart| chart.log_x().hline("log p(x)", log_evidence).y_range(-9.0, 0.0);
    let figure = Figure::new("Eight draws of 64 weights: log-mean in groups of 1, 2, 4, … 64")
        .panel_size(460.0, 420.0)
        .panel(dress(of_groups))
        .panel(dress(of_first));
    folder.draw(
        "iwae_draws.png",
        &figure,
        Plate::lines(
            "elbo-importance-draws",
            "Eight draws of 64 weights, a line for each, over the size of the groups. Left, \
             averaged over all groups of a size, every line rises or stays level. Right, of the \
             first group only, the lines go up and down. A dotted line marks log p(x); single \
             lines end above it.",
        ),
    )?;
    Ok(())
}

/// The terms of the bound of the small data set, at its best width of q.
#[derive(Serialize)]
pub(super) struct Parts {
    pub(super) sigma: f64,
    pub(super) elbo: f64,
    pub(super) reconstruction: f64,
    pub(super) mutual_information: f64,
    pub(super) aggregate_kl: f64,
}

/// Five points, their q at the decoder's inverse (where there is one), of one width.
const DATA: [f64; 5] = [-1.6, -0.9, 0.1, 0.9, 1.7];
const MEANS: [f64; 5] = [-1.1, -0.66, -0.31, -0.02, 0.42];

/// The bound of five points, taken apart, against the width of q.
pub(super) fn parts(folder: &Folder) -> Result<Parts> {
    let rows: Vec<Parts> = (0..=60)
        .map(|i| {
            let sigma = 0.03 * 50f64.powf(f64::from(i) / 60.0);
            let posteriors: Vec<Gaussian> = MEANS
                .iter()
                .map(|&mean| Gaussian::new(mean, sigma))
                .collect::<prob::Result<_>>()?;
            let terms = surgery(&MODEL, &DATA, &posteriors)?;
            Ok(Parts {
                sigma,
                elbo: terms.elbo(),
                reconstruction: terms.reconstruction,
                mutual_information: terms.mutual_information,
                aggregate_kl: terms.aggregate_kl,
            })
        })
        .collect::<Result<_>>()?;
    let along = |of: fn(&Parts) -> f64| -> Vec<(f64, f64)> {
        rows.iter().map(|row| (row.sigma, of(row))).collect()
    };
    let most = (DATA.len() as f64).ln();
    let figure = in_nats(
        "Five points: mean ELBO = reconstruction − information − KL(q̄ ‖ prior)",
        "σ of every q(z|x)",
    )
    .log_x()
    .line("reconstruction", along(|row| row.reconstruction))
    .line("I(n; z)", along(|row| row.mutual_information))
    .line("KL(q̄ ‖ p(z))", along(|row| row.aggregate_kl))
    .line("mean ELBO", along(|row| row.elbo))
    .hline(format!("log 5 = {most:.2}: I's ceiling"), most)
    .y_range(-6.0, 2.5)
    .size(960.0, 560.0);
    folder.draw(
        "surgery.png",
        &figure,
        Plate::lines(
            "elbo-surgery",
            "Four curves over the width σ of every q(z|x). Reconstruction is level and then \
             falls; the information I(n; z) falls from its ceiling log 5 towards 0; the KL of the \
             mixture to the prior falls, and rises again at the end. What is left, the mean ELBO, \
             has its maximum at a middle width.",
        ),
    )?;
    rows.into_iter()
        .max_by(|a, b| a.elbo.total_cmp(&b.elbo))
        .ok_or_else(|| anyhow::anyhow!("no width was tried"))
}
