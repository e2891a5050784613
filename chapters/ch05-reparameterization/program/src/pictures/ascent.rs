//! The same stochastic ascent with each estimator.

use anyhow::Result;
use ch05_reparameterization::{Draw, leave_one_out_derivative};
use figures::Chart;
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;
use run::{Folder, Plate, Progress};
use serde::Serialize;

use super::super::purpose;
use super::estimators::{ESTIMATORS, MODEL};

const RATE: f64 = 0.02;

/// KL(q ‖ posterior) in nats after the last step, the median over runs; none where half of the runs left
/// the range of numbers.
#[derive(Serialize)]
pub(in super::super) struct Ascent {
    pub(in super::super) name: &'static str,
    pub(in super::super) final_kl: Option<f64>,
}

/// The gap to the evidence after every step, its median over runs. All estimators see the same noise, two draws a step; all
/// but one look at the first.
fn gaps(
    estimator: impl Fn(&[Draw; 2]) -> [f64; 2],
    steps: usize,
    runs: usize,
    seed: u64,
) -> Vec<f64> {
    let mut by_step = vec![Vec::with_capacity(runs); steps + 1];
    for run in 0..runs {
        let mut rng = stream(seed, [purpose::ASCENT, run as u64]);
        let (mut mean, mut log_var) = (0.0, 0.0); // the prior
        for gaps in &mut by_step {
            let gap = MODEL.log_evidence() - MODEL.elbo(mean, log_var);
            gaps.push(if gap.is_finite() { gap } else { f64::INFINITY });
            let draws = [(); 2].map(|()| MODEL.draw(mean, log_var, rng.sample(StandardNormal)));
            let [by_mean, by_log_var] = estimator(&draws);
            mean += RATE * by_mean;
            log_var += RATE * by_log_var;
        }
    }
    let median = |mut gaps: Vec<f64>| {
        gaps.sort_by(f64::total_cmp);
        gaps.get(gaps.len() / 2).copied().unwrap_or(f64::NAN)
    };
    by_step.into_iter().map(median).collect()
}

/// One line for each estimator.
pub(in super::super) fn ascent(folder: &Folder, runs: usize, seed: u64) -> Result<Vec<Ascent>> {
    const STEPS: usize = 1200;
    let mut chart = Chart::new("One step size: two of the six estimators land")
        .x("step of gradient ascent on the bound")
        .y(format!("KL(q ‖ posterior) in nats, median of {runs} runs"))
        .log_y()
        .y_range(1e-9, 1e2);
    let progress = Progress::new(ESTIMATORS.len() as u64 + 1);
    let (mut lines, mut ends) = (Vec::new(), Vec::new());
    let mut ascend = |name: &'static str, gaps: &dyn Fn() -> Vec<f64>| {
        progress.message(|| format!("ascent with the {name}"));
        let gaps = gaps();
        progress.advance(1);
        let inside: Vec<(f64, f64)> = gaps
            .iter()
            .enumerate()
            .map(|(step, &gap)| (step as f64, gap))
            .filter(|(_, gap)| (1e-12..1e6).contains(gap))
            .collect();
        lines.push((name, inside));
        ends.push(Ascent { name, final_kl: gaps.last().copied().filter(|kl| kl.is_finite()) });
    };
    for (name, estimator) in ESTIMATORS {
        ascend(name, &|| gaps(|[draw, _]| estimator(draw), STEPS, runs, seed));
    }
    ascend("leave one out, two draws", &|| {
        gaps(|draws| leave_one_out_derivative(draws), STEPS, runs, seed)
    });
    for (name, inside) in lines {
        chart = chart.line(name, inside);
    }
    let figure = chart.size(940.0, 560.0);
    folder.draw(
        "ascent.png",
        &figure,
        Plate::lines(
            "reparameterization-ascent",
            "KL to the posterior on a logarithmic axis over the steps of the same ascent. With \
             the path derivative, and with the score function from two draws that are each other's \
             baseline, it falls along a straight line out of the picture; with the closed-form KL, the total derivative and the score function it stops falling at \
             three levels, in this order; with the draw detached it never falls.",
        ),
    )?;
    Ok(ends)
}
