//! Gumbel-softmax: bias and spread against temperature, by quadrature.

use anyhow::Result;
use ch05_reparameterization::discrete::Coin;
use figures::{Chart, Figure};
use prob::Quadrature;
use prob::log_space::sigmoid;
use run::{Folder, Plate};
use serde::Serialize;

/// The gradient of a relaxed coin at one temperature.
#[derive(Clone, Copy, Serialize)]
pub(in super::super) struct Temperature {
    pub(in super::super) temperature: f64,
    pub(in super::super) mean: f64,
    pub(in super::super) sd: f64,
    pub(in super::super) exact_gradient: f64,
}

const COIN: Coin = Coin { logit: -1.0, target: 0.45 };

/// E h(noise) over standard logistic noise.
fn expectation(h: impl Fn(f64) -> f64) -> Result<f64> {
    let centre = -COIN.logit;
    let ends = [centre - 50.0, centre - 1.0, centre, centre + 1.0, centre + 50.0];
    let integrand = |noise: f64| sigmoid(noise) * sigmoid(-noise) * h(noise);
    Ok(Quadrature::default().integrate_between(integrand, &ends)?.value)
}

fn at(temperature: f64) -> Result<Temperature> {
    let mean = expectation(|noise| COIN.gumbel_softmax(temperature, noise))?;
    let second = expectation(|noise| COIN.gumbel_softmax(temperature, noise).powi(2))?;
    let sd = (second - mean * mean).max(0.0).sqrt();
    Ok(Temperature { temperature, mean, sd, exact_gradient: COIN.gradient() })
}

/// Bias, spread, and the error of an average of a hundred draws.
pub(in super::super) fn coin(folder: &Folder) -> Result<Vec<Temperature>> {
    const DRAWS: f64 = 100.0;
    let rows: Vec<Temperature> = (0..=80)
        .map(|i| at(10f64.powf(-1.7 + 2.3 * f64::from(i) / 80.0)))
        .collect::<Result<_>>()?;
    let points = |f: &dyn Fn(&Temperature) -> f64| -> Vec<(f64, f64)> {
        rows.iter().map(|row| (row.temperature, f(row))).collect()
    };
    let exact = COIN.gradient();
    let p = COIN.probability();
    // Two outcomes: f(1)(1 − p) with probability p, −f(0)p otherwise.
    let second =
        p * (COIN.value(1.0) * (1.0 - p)).powi(2) + (1.0 - p) * (COIN.value(0.0) * p).powi(2);
    let score_sd = (second - exact * exact).sqrt();
    let means = Chart::new("What the estimate is on average")
        .x("temperature τ")
        .y("gradient by the logit")
        .log_x()
        .line("Gumbel-softmax", points(&|row| row.mean))
        .dashed(
            "first order in τ",
            points(&|row| exact + COIN.bias_at_low_temperature(row.temperature)),
        )
        .hline("exact; score function", exact)
        .y_range(-0.05, 0.03);
    let errors = Chart::new("The error of an average of 100 draws")
        .x("temperature τ")
        .y("root mean square error")
        .log_x()
        .log_y()
        .line(
            "Gumbel-softmax",
            points(&|row| ((row.mean - exact).powi(2) + row.sd * row.sd / DRAWS).sqrt()),
        )
        .dashed("its bias", points(&|row| (row.mean - exact).abs().max(1e-9)))
        .dashed("its spread", points(&|row| row.sd / DRAWS.sqrt()))
        .hline("score function", score_sd / DRAWS.sqrt())
        .y_range(1e-3, 0.1);
    let figure = Figure::new("A coin relaxed: cold is noisy, warm is wrong, here even in its sign")
        .columns(1)
        .panel_size(860.0, 340.0)
        .panel(means)
        .panel(errors);
    folder.draw(
        "coin.png",
        &figure,
        Plate::lines(
            "reparameterization-coin",
            "Above, the mean gradient of a relaxed coin over the temperature: close to the exact \
             dotted line when cold, then below zero, which is the wrong sign. Below, on \
             logarithmic axes, its error for an average of many draws: spread dominates when \
             cold, bias when warm, and even where the error is least it lies above the score \
             function's dotted line.",
        ),
    )?;
    Ok(rows)
}
