//! The run: every picture, and a summary of what is on them.

use anyhow::Result;
use run::tour::{self, Arguments};
use run::{say, thousands};
use serde::Serialize;

use super::bits::{self, Learned};
use super::pictures::{self, Bias, Measured, Samples};

/// The numbers behind the pictures.
#[derive(Serialize)]
struct Summary {
    seed: u64,
    estimators: Vec<Measured>,
    samples_for_one_percent: Vec<Samples>,
    in_sample_bias: Vec<Bias>,
    bits: Learned,
}

pub(crate) fn execute(arguments: &Arguments) -> Result<()> {
    let folder = arguments.folder(env!("CARGO_PKG_NAME"))?;
    let seed = arguments.seed;

    say("One derivative of E Σz², three estimators …");
    let estimators = pictures::histograms(&folder, arguments.scaled(200_000), seed)?;
    say("… in 1 to 300 dimensions …");
    let samples = pictures::growth(&folder, arguments.scaled(20_000), seed)?;
    pictures::origin(&folder)?;
    pictures::baseline(&folder, arguments.scaled(200_000), seed)?;
    say("… with baselines from the draws themselves …");
    let bias = pictures::in_sample(&folder, arguments.scaled(200_000), seed)?;
    say("… and bits, for which there is no other.\n");
    let bits = bits::learn(&folder, arguments.choose(800, 200), seed)?;

    tell_estimators(&estimators);
    tell_samples(&samples);
    tell_bias(&bias);
    tell_bits(&bits);

    let summary =
        Summary { seed, estimators, samples_for_one_percent: samples, in_sample_bias: bias, bits };
    tour::close(&folder, &pictures::FILES, &summary)
}

fn tell_estimators(estimators: &[Measured]) {
    say("∂E f/∂μ₁ for f = Σz² with ten coordinates N(1, 0.5²), one draw an estimate:");
    for e in estimators {
        say(format!(
            "  {:18}mean {:7.4} ± {:.4} (exactly {})   standard deviation {:7.3} (exactly {:.3})",
            e.estimator, e.mean, e.standard_error, e.exact_mean, e.sd, e.exact_sd
        ));
    }
}

fn tell_samples(samples: &[Samples]) {
    say("\nDraws for a standard error of 1 % of the gradient, exactly:");
    say("  parameter      D      no baseline   optimal baseline      pathwise");
    for row in samples {
        let number = |n: f64| thousands(n as u64);
        say(format!(
            "  {:9}{:>7}{:>17}{:>19}{:>14}",
            row.parameter,
            row.dimension,
            number(row.no_baseline),
            number(row.optimal_baseline),
            number(row.pathwise)
        ));
    }
}

fn tell_bias(bias: &[Bias]) {
    say("\nMean over gradient, the baseline being the mean of f over L draws:");
    for row in bias {
        say(format!(
            "  L = {:2}   with the draw itself {:.4} (exactly {:.4})   without {:.4} ± {:.4}",
            row.draws, row.in_sample, row.in_sample_exact, row.leave_one_out, row.standard_error
        ));
    }
}

fn tell_bits(bits: &Learned) {
    say(format!(
        "\nELBO of eight bits after {} steps; log p(x) = {:.3} nats:",
        bits.steps, bits.log_evidence
    ));
    for curve in &bits.curves {
        say(format!(
            "  {:24}{:.3}   (runs from {:.3} to {:.3})",
            curve.gradient, curve.elbo, curve.lowest, curve.highest
        ));
    }
}
