//! The run: every picture, and a summary of what is on them.

use anyhow::Result;
use run::tour::{self, Arguments};
use run::{say, thousands};
use serde::Serialize;

use super::pictures::{self, Ascent, EstimatorFigures, SineFigures, Temperature};

/// The numbers behind the pictures.
#[derive(Serialize)]
struct Summary {
    seed: u64,
    draws: usize,
    estimators: Vec<EstimatorFigures>,
    ascents: Vec<Ascent>,
    sine: Vec<SineFigures>,
    gumbel_softmax: Vec<Temperature>,
}

/// Draws the pictures and says what is on them.
pub(crate) fn execute(arguments: &Arguments) -> Result<()> {
    let folder = arguments.folder(env!("CARGO_PKG_NAME"))?;
    let (draws, seed) = (arguments.scaled(200_000), arguments.seed);

    pictures::motion(&folder)?;
    pictures::paths(&folder, draws, seed)?;
    let estimators = pictures::estimators(&folder, draws, seed)?;
    say(format!("∂ELBO/∂μ from {} draws:", thousands(draws as u64)));
    for row in &estimators {
        say(format!(
            "  {:26}mean {:7.4} ± {:.4} (exactly {:.4})   standard deviation {:.4}",
            row.name, row.mean, row.standard_error, row.exact_gradient, row.sd
        ));
    }
    pictures::landing(&folder)?;
    let ascents = pictures::ascent(&folder, arguments.scaled(500), seed)?;
    say("KL(q ‖ posterior) in nats after the same ascent with each, the median of the runs:");
    for row in &ascents {
        match row.final_kl {
            Some(kl) => say(format!("  {:26}{kl:.3e}", row.name)),
            None => {
                say(format!("  {:26}lost: half of the runs left the range of numbers", row.name))
            }
        }
    }
    let sine = pictures::sine(&folder, draws, seed)?;
    say("sin(kz): a = kσ where both variances are equal, and the ratio of theirs from draws:");
    for row in &sine {
        say(format!(
            "  C = {:2}   a = {:.4}   ratio {:.3}",
            row.phase, row.crossover, row.measured_ratio
        ));
    }
    let gumbel_softmax = pictures::coin(&folder)?;
    let summary = Summary { seed, draws, estimators, ascents, sine, gumbel_softmax };
    tour::close(&folder, &pictures::FILES, &summary)
}
