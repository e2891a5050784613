//! What moves when the parameter moves.

use anyhow::Result;
use ch05_reparameterization::discrete::Coin;
use figures::{Chart, Figure};
use run::Folder;

use super::curve;

/// Draws at fixed noise as functions of a parameter: a Gaussian's, a coin's, a relaxed coin's.
pub(in super::super) fn motion(folder: &Folder) -> Result<()> {
    let quantiles = [0.1, 0.3, 0.5, 0.7, 0.9];
    let mut panels = [
        Chart::new("z = μ + σε: every draw moves with slope 1").x("μ").y("z, one line for each ε"),
        Chart::new("b = 1 where u < p: no draw moves, but some jump")
            .x("logit")
            .y("b, one line for each u"),
        Chart::new("y = sigmoid((logit + log u/(1 − u))/0.5)")
            .x("logit")
            .y("y, one line for each u"),
    ];
    for (i, u) in quantiles.into_iter().enumerate() {
        let noise = prob::special::normal_quantile(u)?;
        let logistic = (u / (1.0 - u)).ln();
        let coin = |logit| Coin { logit, target: 0.0 };
        // Steps that lie on each other are set a little apart.
        let apart = 0.02 * (i as f64 - 2.0);
        let lines = [
            curve(-2.0, 2.0, |mean| mean + 0.8 * noise),
            // The largest noise is the last to fall below p.
            curve(-4.0, 4.0, |logit| coin(logit).draw(u) + apart),
            // The same noise, counted from the other end, so that a relaxed draw rounds to the draw.
            curve(-4.0, 4.0, |logit| coin(logit).relaxed(0.5, -logistic)),
        ];
        let names = [format!("ε = {noise:.1}"), format!("u = {u}"), format!("u = {:.1}", 1.0 - u)];
        panels = std::array::from_fn(|k| panels[k].clone().line(names[k].clone(), &lines[k]));
    }
    let mut figure =
        Figure::new("The noise stays, the parameter moves: is there a path to follow?");
    for panel in panels {
        figure = figure.panel(panel);
    }
    figure.columns(3).panel_size(430.0, 400.0).save(folder.file("motion.png"))?;
    Ok(())
}
