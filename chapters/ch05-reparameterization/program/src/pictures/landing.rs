//! Exact variances against the width of q.

use anyhow::Result;
use ch05_reparameterization::{LinearGaussian, Quadratic};
use figures::{Chart, Figure};
use run::{Folder, Plate};

use super::estimators::MODEL;
use super::log_curve;

type Exact = fn(&LinearGaussian, f64, f64) -> [Quadratic; 2];

/// The standard deviations of three estimators as σ² passes through v/2 and v.
pub(in super::super) fn landing(folder: &Folder) -> Result<()> {
    let (m, v) = (MODEL.posterior_mean(), MODEL.posterior_var());
    let estimators: [(&str, Exact); 3] = [
        ("total", LinearGaussian::total),
        ("closed-form KL", LinearGaussian::closed_kl),
        ("path", LinearGaussian::path),
    ];
    let mut figure = Figure::new("Sticking the landing: path beats total exactly where σ² > v/2");
    for (which, name) in ["by μ", "by log σ²"].into_iter().enumerate() {
        let mut chart = Chart::new(format!("derivative {name}, q centred on the posterior"))
            .x("σ²/v, the variance of q over the posterior's")
            .y("standard deviation of one draw")
            .log_x()
            .y_range(0.0, [4.0, 3.0][which]);
        for (estimator, exact) in estimators {
            let sd = |times: f64| exact(&MODEL, m, (times * v).ln())[which].variance().sqrt();
            chart = chart.line(estimator, log_curve(0.1, 4.0, sd));
        }
        figure = figure.panel(chart.vline("v/2", 0.5).vline("q = posterior", 1.0));
    }
    let figure = figure.columns(2).panel_size(460.0, 400.0);
    folder.draw(
        "landing.png",
        &figure,
        Plate::lines(
            "reparameterization-landing",
            "Standard deviations of three estimators over the variance of q relative to the \
             posterior's. The path derivative's falls to 0 where q is the posterior, the total \
             derivative's does not; the two curves cross at the dotted line v/2.",
        ),
    )?;
    Ok(())
}
