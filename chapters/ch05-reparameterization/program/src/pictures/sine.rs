//! Where the pathwise estimator loses.

use anyhow::Result;
use ch05_reparameterization::{Sine, pathwise_gradient, score_function_gradient};
use figures::{Chart, Figure};
use prob::Estimate;
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;
use run::tour::curve;
use run::{Folder, Plate};
use serde::Serialize;

use super::super::purpose;

/// The crossover at one phase, exactly, and the ratio of the variances that draws have there.
#[derive(Serialize)]
pub(in super::super) struct SineFigures {
    pub(in super::super) phase: f64,
    pub(in super::super) crossover: f64,
    pub(in super::super) measured_ratio: f64,
}

/// At frequency 1, where a = σ.
fn at(radians: f64, phase: f64) -> Sine {
    Sine { frequency: 1.0, mean: 0.5 * phase.acos(), sigma: radians }
}

/// Var pathwise/Var score function, from draws.
fn measured(sine: &Sine, draws: usize, rng: &mut impl Rng) -> Result<f64> {
    let (mut pathwise, mut score) = (Estimate::new(), Estimate::new());
    let log_var = 2.0 * sine.sigma.ln();
    for _ in 0..draws {
        let noise: f64 = rng.sample(StandardNormal);
        let z = sine.mean + sine.sigma * noise;
        pathwise.push(pathwise_gradient(z.cos(), noise, log_var)[0]);
        score.push(score_function_gradient(z.sin(), noise, log_var)[0]);
    }
    Ok(pathwise.variance()? / score.variance()?)
}

/// The function and its slope at two widths, and the ratio of variances for three phases.
pub(in super::super) fn sine(folder: &Folder, draws: usize, seed: u64) -> Result<Vec<SineFigures>> {
    let mut rng = stream(seed, [purpose::SINE]);
    let mut chart = Chart::new(
        "Up to about one radian the path has the smaller variance, beyond it the larger one",
    )
    .x("a = kσ, how many radians of the sine a standard deviation spans")
    .y("variance of the pathwise estimate over the score function's")
    .log_y()
    .y_range(0.01, 10.0);
    let mut dots = Vec::new();
    let mut figures = Vec::new();
    for (name, phase) in [("C = −1", -1.0), ("C = 0", 0.0), ("C = 1", 1.0)] {
        let ratio =
            |a: f64| at(a, phase).pathwise_variance() / at(a, phase).score_function_variance();
        chart = chart.line(name, curve(0.15, 2.5, 400, ratio));
        for a in [0.3, 0.6, 1.4, 1.9, 2.4] {
            dots.push((a, measured(&at(a, phase), draws, &mut rng)?));
        }
        let crossover = Sine::crossover(phase);
        let measured_ratio = measured(&at(crossover, phase), draws, &mut rng)?;
        dots.push((crossover, measured_ratio));
        figures.push(SineFigures { phase, crossover, measured_ratio });
    }
    let chart = chart.points("from draws", dots).point_radius(4.5).hline("equal", 1.0);
    let wave = Chart::new("f = sin(kz), C = cos 2kμ: where q sits on the wave")
        .x("kz")
        .y("f")
        .line("sin kz", curve(-1.0, 5.0, 400, f64::sin))
        .vline("C = 1", 0.0)
        .vline("C = 0", std::f64::consts::FRAC_PI_4)
        .vline("C = −1", std::f64::consts::FRAC_PI_2)
        .y_range(-1.1, 1.1);
    let figure = Figure::new("Steep waves: the slope f′ grows with k, the value f does not")
        .columns(1)
        .panel(wave)
        .panel(chart)
        .panel_size(940.0, 420.0);
    folder.draw(
        "sine.png",
        &figure,
        Plate::lines(
            "reparameterization-sine",
            "Above, one wave of the sine with the three places where q is centred. Below, \
             pathwise variance over the score function's, on a logarithmic axis, for the three \
             places: each curve is below 1 for narrow q and above 1 for wide q, they cross 1 \
             around one radian, and dots from draws lie on them.",
        ),
    )?;
    Ok(figures)
}
