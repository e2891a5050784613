//! The run: every picture, and a summary of what is on them.

use anyhow::Result;
use run::say;
use run::tour::{self, Arguments};
use serde::Serialize;

use super::densities::{self, Component, Gain, Misspecified};
use super::inference::{self, Ascent, Cost, MeanField, Student, TwoModes};

/// What a run leaves, in the order of the text.
const FILES: [(&str, &str); 8] = [
    ("posterior.png", "an ability after one, three and five marks"),
    ("whose_density.png", "the data's density and the best that the model has"),
    ("cost.png", "what it costs to integrate z out, by a grid and by draws"),
    ("ascent.png", "the way up the ELBO to the exact posterior"),
    ("mean_field.png", "a diagonal q under a correlated posterior"),
    ("two_modes.png", "one Gaussian for two modes, by each divergence"),
    ("mixture.png", "a density by EM, and draws from it"),
    ("high_dimension.png", "mixtures on digits, in 2 to 64 dimensions"),
];

/// The numbers behind the pictures.
#[derive(Serialize)]
struct Summary {
    seed: u64,
    fits: u64,
    student: Student,
    misspecified: Misspecified,
    cost: Vec<Cost>,
    ascent: Ascent,
    mean_field: MeanField,
    two_modes: TwoModes,
    mixture: Vec<Component>,
    high_dimension: Vec<Gain>,
}

pub(super) fn tour(arguments: &Arguments) -> Result<()> {
    let folder = arguments.folder(env!("CARGO_PKG_NAME"))?;
    let (seed, fits) = (arguments.seed, arguments.choose(5, 1));

    let student = inference::student(&folder, seed)?;
    let misspecified = densities::misspecified(&folder)?;
    let cost = inference::cost(&folder)?;
    let ascent = inference::ascent(&folder, &student)?;
    let mean_field = inference::mean_field(&folder)?;
    let two_modes = inference::two_modes(&folder)?;
    let mixture = densities::mixture(&folder, seed)?;
    let high_dimension = densities::high_dimension(&folder, seed, fits)?;
    let summary = Summary {
        seed,
        fits,
        student,
        misspecified,
        cost,
        ascent,
        mean_field,
        two_modes,
        mixture,
        high_dimension,
    };
    tell(&summary);
    tour::close(&folder, &FILES, &summary)
}

/// The summary in words.
fn tell(summary: &Summary) {
    let Summary { student, ascent, mean_field, misspecified, .. } = summary;
    let marks: Vec<String> = student.marks.iter().map(|mark| format!("{mark:.0}")).collect();
    say(format!(
        "A student with ability {:.2} has the marks {}.\n\
         Exact posterior N({:.4}, {:.4}²); log p(x) = {:.4} nats.\n\
         Ascent on the ELBO: {} steps to N({:.4}, {:.4}²), {:.0e} nats from it.",
        student.ability,
        marks.join(", "),
        student.posterior_mean,
        student.posterior_sigma,
        student.log_evidence,
        ascent.steps,
        ascent.end_mean,
        ascent.end_variance.sqrt(),
        ascent.kl_to_posterior,
    ));
    say(format!(
        "Two abilities, correlation {:.2} in the posterior: standard deviations {:.3} and {:.3}; the best \
         diagonal q has {:.3} and {:.3}, and misses {:.3} nats.",
        mean_field.correlation,
        mean_field.posterior_sigma[0],
        mean_field.posterior_sigma[1],
        mean_field.diagonal_sigma[0],
        mean_field.diagonal_sigma[1],
        mean_field.kl,
    ));
    say(format!(
        "Two groups under a model of one: {:.4} nats a mark instead of {:.4}, which no inference makes good.",
        misspecified.under_the_model, misspecified.under_the_data,
    ));
    say("One Gaussian for two modes:");
    for fit in &summary.two_modes.fits {
        say(format!(
            "  {:29}N({:6.3}, {:.3}²)   KL(p ‖ q) {:7.3}   KL(q ‖ p) {:.3}",
            fit.name, fit.mean, fit.sigma, fit.forward_kl, fit.reverse_kl
        ));
    }
    say("Ten Gaussians on digits, nats per dimension over one Gaussian:");
    for gain in &summary.high_dimension {
        say(format!(
            "  {:2} dimensions: {:6.3} on training images, {:6.3} on held-out ones ({:.3} to {:.3})",
            gain.dimensions,
            gain.training,
            gain.held_out,
            gain.held_out_lowest,
            gain.held_out_highest
        ));
    }
}
