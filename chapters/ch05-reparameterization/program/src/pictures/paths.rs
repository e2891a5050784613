//! Functions of noise, and the densities of their draws.

use anyhow::Result;
use ch05_reparameterization::Path;
use figures::{Chart, Figure};
use prob::random::stream;
use rand::Rng;
use rand_distr::{Open01, StandardNormal};
use run::tour::curve;
use run::{Folder, Plate};

use super::super::purpose;

/// Histograms of draws under the density that the change of variables gives.
pub(in super::super) fn paths(folder: &Folder, draws: usize, seed: u64) -> Result<()> {
    let mut rng = stream(seed, [purpose::PATHS]);
    let mut figure = Figure::new("q(z) = Σ p(ε)/|dz/dε| over every ε that leads to z");
    for (title, path, low, high) in [
        (
            "location and scale: 1 + 0.7 ε",
            Path::LocationScale { mean: 1.0, log_var: 2.0 * 0.7f64.ln() },
            -2.0,
            4.0,
        ),
        ("inverse distribution function: −log(1 − u)", Path::InverseCdf { rate: 1.0 }, 0.01, 5.0),
        (
            "composition: exp(0.7 ε)",
            Path::Composition { mean: 0.0, log_var: 2.0 * 0.7f64.ln() },
            0.01,
            5.0,
        ),
        ("not invertible: ε²", Path::Square, 0.05, 4.0),
    ] {
        let uniform = matches!(path, Path::InverseCdf { .. });
        let mut draw =
            || path.draw(if uniform { rng.sample(Open01) } else { rng.sample(StandardNormal) });
        let inside: Vec<f64> =
            (0..draws).map(|_| draw()).filter(|z| (low..high).contains(z)).collect();
        // A histogram has area 1; so has the density once it is divided by the mass that is shown.
        let shown = path.cdf(high) - path.cdf(low);
        let mut chart = Chart::new(title)
            .x("z")
            .y("density of the part shown")
            .histogram("draws", inside, 60)
            .line("Σ p(ε)/|dz/dε|", curve(low, high, 400, |z| path.density(z) / shown));
        if path == Path::Square {
            let one_branch = |z| {
                path.branches(z).first().map_or(0.0, |&(e, slope)| path.noise_density(e) / slope)
            };
            chart = chart
                .dashed(
                    "one branch only: half the mass",
                    curve(low, high, 400, |z| one_branch(z) / shown),
                )
                .y_range(0.0, 2.6);
        }
        figure = figure.panel(chart);
    }
    let figure = figure.columns(2).panel_size(460.0, 330.0);
    folder.draw(
        "paths.png",
        &figure,
        Plate::lines(
            "reparameterization-paths",
            "Four histograms of draws z that are functions of noise, each with the curve Σ \
             p(ε)/|dz/dε| along its outline: location and scale, the inverse distribution \
             function, the exponential of a Gaussian, and ε². In the last a dashed curve of one \
             branch alone has half the height.",
        ),
    )?;
    Ok(())
}
