//! All estimators of one gradient, side by side.

use anyhow::Result;
use ch05_reparameterization::{
    Draw, LinearGaussian, closed_kl_derivative, detached_derivative, path_derivative,
    score_function_derivative, total_derivative,
};
use figures::{Chart, Figure};
use prob::Estimate;
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;
use run::{Folder, Plate};
use serde::Serialize;

use super::super::purpose;

/// The model of the pictures: its posterior is N(m, v) with v = 1/4.
pub(super) const MODEL: LinearGaussian = LinearGaussian { x: 2.0, weight: 1.5, noise_var: 0.75 };

pub(super) type Estimator = fn(&Draw) -> [f64; 2];

/// By the names that the pictures call them.
pub(super) const ESTIMATORS: [(&str, Estimator); 5] = [
    ("score function", score_function_derivative),
    ("total derivative", total_derivative),
    ("closed-form KL", closed_kl_derivative),
    ("path derivative", path_derivative),
    ("draw detached", detached_derivative),
];

/// What the draws of one estimator came to: the derivative of the bound by the mean of q.
#[derive(Serialize)]
pub(in super::super) struct EstimatorFigures {
    pub(in super::super) name: &'static str,
    pub(in super::super) mean: f64,
    pub(in super::super) standard_error: f64,
    pub(in super::super) sd: f64,
    pub(in super::super) exact_gradient: f64,
}

/// The score function's with the bound as its baseline.
fn with_baseline(draw: &Draw) -> [f64; 2] {
    let baseline = MODEL.elbo(draw.mean, draw.log_var);
    score_function_derivative(&Draw { log_weight: draw.log_weight - baseline, ..*draw })
}

/// Histograms of single draws of each estimator, at a q that is near the posterior and not there yet.
pub(in super::super) fn estimators(
    folder: &Folder,
    draws: usize,
    seed: u64,
) -> Result<Vec<EstimatorFigures>> {
    let (mean, log_var) = (MODEL.posterior_mean() - 0.25, (0.8 * MODEL.posterior_var()).ln());
    let [exact_gradient, _] = MODEL.elbo_gradient(mean, log_var);
    let mut rng = stream(seed, [purpose::ESTIMATORS]);
    let draws: Vec<Draw> =
        (0..draws).map(|_| MODEL.draw(mean, log_var, rng.sample(StandardNormal))).collect();
    let mut all = ESTIMATORS.to_vec();
    all.insert(1, ("score function, baseline", with_baseline));

    let mut figure =
        Figure::new("One gradient, one set of draws, six estimators: five have the right mean");
    let mut figures = Vec::new();
    for (name, estimator) in all {
        let values: Vec<f64> = draws.iter().map(|draw| estimator(draw)[0]).collect();
        let estimate: Estimate = values.iter().copied().collect();
        let (mean, sd) = (estimate.mean(), estimate.variance()?.sqrt());
        // The rest of the tails would flatten everything else.
        let (low, high) = (-8.0, 10.0);
        let shown: Vec<f64> = values.into_iter().filter(|v| (low..high).contains(v)).collect();
        // Bins of one width in all panels, whatever the range of the values.
        let width = shown.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            - shown.iter().copied().fold(f64::INFINITY, f64::min);
        let bins = (width / 0.12).ceil().max(1.0) as usize;
        figure = figure.panel(
            Chart::new(format!("{name}: mean {mean:.2}, sd {sd:.2}"))
                .x("one draw of ∂ELBO/∂μ")
                .y("density")
                .histogram("", shown, bins)
                .vline(format!("exact: {exact_gradient:.2}"), exact_gradient)
                .x_range(low, high)
                .y_range(0.0, 1.0),
        );
        let standard_error = estimate.standard_error()?;
        figures.push(EstimatorFigures { name, mean, standard_error, sd, exact_gradient });
    }
    let figure = figure.columns(3).panel_size(300.0, 280.0);
    folder.draw(
        "estimators.png",
        &figure,
        Plate::lines(
            "reparameterization-estimators",
            "Six histograms of single estimates of one gradient on a common axis, each with a \
             dotted line at the exact value. Five have their mean on the line: the score function \
             with a long tail, narrower with a baseline, then the total derivative, the \
             closed-form KL, and the path derivative, narrowest of all. The sixth, with the draw \
             detached, is a smooth hill around 0.",
        ),
    )?;
    Ok(figures)
}
