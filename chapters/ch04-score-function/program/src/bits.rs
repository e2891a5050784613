//! A model with binary causes, learned by the score function.

use anyhow::Result;
use ch04_score_function::discrete::{BinaryCauses, Bits};
use figures::Chart;
use ndarray::{Array1, Array2};
use ndarray_rand::RandomExt;
use prob::random::stream;
use rand_distr::StandardNormal;
use run::{Folder, Plate, Progress};
use serde::Serialize;

use super::purpose;

const CAUSES: usize = 8;
const PIXELS: usize = 12;
/// Draws of one gradient estimate.
const DRAWS: usize = 4;
const RATE: f64 = 0.05;
/// Runs of the random estimators, for a mean and a range.
const RUNS: u64 = 10;

const EXACT: &str = "exact gradient";
const LEAVE_ONE_OUT: &str = "leave-one-out baseline";
const PLAIN: &str = "no baseline";

/// What the training came to.
#[derive(Serialize)]
pub(super) struct Learned {
    pub(super) log_evidence: f64,
    pub(super) steps: usize,
    pub(super) curves: Vec<Curve>,
}

/// The ELBO after the last step.
#[derive(Serialize)]
pub(super) struct Curve {
    pub(super) gradient: &'static str,
    pub(super) elbo: f64,
    pub(super) lowest: f64,
    pub(super) highest: f64,
}

/// Random loadings, and an x that some causes have made.
fn model(seed: u64) -> BinaryCauses {
    let mut rng = stream(seed, [purpose::MODEL]);
    let w = Array2::random_using((PIXELS, CAUSES), StandardNormal, &mut rng);
    let on: Array1<f64> = (0..CAUSES).map(|k| f64::from(u8::from(k % 3 == 0))).collect();
    let sigma = 1.0;
    let noise = sigma * Array1::random_using(PIXELS, StandardNormal, &mut rng);
    BinaryCauses { x: w.dot(&on) + noise, w, sigma, prior_logit: -0.5 }
}

/// The exact ELBO before each step of gradient ascent.
fn ascend(
    model: &BinaryCauses,
    steps: usize,
    mut gradient: impl FnMut(&Bits) -> Array1<f64>,
) -> Vec<f64> {
    let mut q = Bits { logits: Array1::zeros(CAUSES) };
    (0..=steps)
        .map(|_| {
            let elbo = model.exact_elbo(&q).0;
            let step = gradient(&q);
            q.logits.scaled_add(RATE, &step);
            // Beyond, a bit is as good as decided, and one unlucky step should not carry it to 10³.
            q.logits.mapv_inplace(|logit| logit.clamp(-8.0, 8.0));
            elbo
        })
        .collect()
}

pub(super) fn learn(folder: &Folder, steps: usize, seed: u64) -> Result<Learned> {
    let model = model(seed);
    let log_evidence = model.log_evidence(&Bits { logits: Array1::zeros(CAUSES) });
    let progress = Progress::new(2 * RUNS + 1);
    progress.message(|| "learning eight bits".to_owned());
    let mut curves = Vec::new();
    let mut chart = Chart::new(
        "Eight bits, no path to differentiate: a baseline keeps the score function steady",
    )
    .x("step of gradient ascent, four draws each")
    .y("ELBO in nats, exactly, with the range over ten runs");
    for (name, leave_one_out) in [(LEAVE_ONE_OUT, true), (PLAIN, false)] {
        let runs: Vec<Vec<f64>> = (0..RUNS)
            .map(|number| {
                let mut rng = stream(seed, [purpose::TRAINING, u64::from(leave_one_out), number]);
                progress.advance(1);
                ascend(&model, steps, |q| {
                    model.estimated_gradient(q, DRAWS, leave_one_out, &mut rng)
                })
            })
            .collect();
        let at = |step: usize| runs.iter().map(move |run| run[step]);
        let mean = |step: usize| at(step).sum::<f64>() / RUNS as f64;
        let lowest = |step: usize| at(step).fold(f64::INFINITY, f64::min);
        let highest = |step: usize| at(step).fold(f64::NEG_INFINITY, f64::max);
        let xs = || (0..=steps).map(|step| (step, step as f64));
        chart = chart
            .line(name, xs().map(|(step, x)| (x, mean(step))).collect::<Vec<_>>())
            .band(name, xs().map(|(step, x)| (x, lowest(step), highest(step))).collect::<Vec<_>>());
        curves.push(Curve {
            gradient: name,
            elbo: mean(steps),
            lowest: lowest(steps),
            highest: highest(steps),
        });
    }
    let exact = ascend(&model, steps, |q| model.exact_elbo(q).1);
    progress.advance(1);
    let points: Vec<_> = exact.iter().enumerate().map(|(x, &y)| (x as f64, y)).collect();
    let last = exact[steps];
    curves.push(Curve { gradient: EXACT, elbo: last, lowest: last, highest: last });
    drop(progress);
    let figure = chart.dashed(EXACT, points).hline("log p(x)", log_evidence).size(900.0, 520.0);
    folder.draw(
        "bits.png",
        &figure,
        Plate::lines(
            "score-function-bits",
            "The ELBO of eight bits over the steps of gradient ascent. With the leave-one-out \
             baseline the curve follows the dashed one of the exact gradient, with a narrow band; \
             without a baseline the mean stays lower, and the band of ten runs is wide and \
             ragged. A dotted line above marks log p(x).",
        ),
    )?;
    Ok(Learned { log_evidence, steps, curves })
}
