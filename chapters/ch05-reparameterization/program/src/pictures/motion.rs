//! What moves when the parameter moves.

use anyhow::Result;
use ch05_reparameterization::discrete::Coin;
use figures::{Chart, Figure};
use run::tour::curve;
use run::{Folder, Plate};

/// Draws at fixed noise as functions of a parameter: a Gaussian's, a coin's, a relaxed coin's.
pub(in super::super) fn motion(folder: &Folder) -> Result<()> {
    let mut panels = [
        Chart::new("z = μ + 0.8 ε: slope 1").x("μ").y("z"),
        Chart::new("b = 1 where u < p: steps").x("logit").y("b"),
        Chart::new("relaxed coin: slopes again").x("logit").y("y"),
    ];
    for (i, u) in [0.1, 0.3, 0.5, 0.7, 0.9].into_iter().enumerate() {
        let noise = prob::special::normal_quantile(u)?;
        let coin = |logit| Coin { logit, target: 0.0 };
        // Steps that lie on each other are set a little apart.
        let apart = 0.02 * (i as f64 - 2.0);
        // The relaxed coin rounds to 1 where logit + noise > 0, which is where u < p.
        let logistic = ((1.0 - u) / u).ln();
        let lines = [
            curve(-2.0, 2.0, 400, |mean| mean + 0.8 * noise),
            curve(-4.0, 4.0, 400, |logit| coin(logit).draw(u) + apart),
            curve(-4.0, 4.0, 400, |logit| coin(logit).relaxed(0.5, logistic)),
        ];
        panels = std::array::from_fn(|k| panels[k].clone().line(format!("u = {u}"), &lines[k]));
    }
    let figure = Figure::new("The noise stays, the parameter moves: is there a path to follow?");
    let figure = panels.into_iter().fold(figure, Figure::panel);
    let figure = figure.columns(3).panel_size(300.0, 420.0);
    folder.draw(
        "motion.png",
        &figure,
        Plate::lines(
            "reparameterization-motion",
            "Draws at five fixed values of the noise as functions of a parameter. A Gaussian draw \
             follows parallel straight lines of slope 1; a coin jumps from 0 to 1 in steps; a \
             relaxed coin follows smooth S-shaped curves.",
        ),
    )?;
    Ok(())
}
