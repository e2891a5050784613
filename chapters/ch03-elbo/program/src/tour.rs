//! The run: every picture, and a summary of what is on them.

use anyhow::Result;
use run::say;
use run::tour::{self, Arguments};
use serde::Serialize;

use super::bound::{self, ClosingLine, Identity};
use super::samples::{self, Climb, Parts};
use super::theta::{self, Theta};

/// What a run leaves, in the order of the text.
const FILES: [(&str, &str); 8] = [
    ("identity.png", "posterior and q; the bound and the divergence that it misses"),
    ("jensen.png", "the log of a mean above the mean of the logs"),
    ("closing_line.png", "the bound, and a printed last line that exceeds log p(x)"),
    ("argmax_theta.png", "KL and ELBO over a parameter of the model and one of the encoder"),
    ("theta_step.png", "the bound with q fixed, below log p(x), touching where q is exact"),
    ("iwae.png", "the K-sample bound against K, for three q"),
    ("iwae_draws.png", "single draws: monotone over balanced groups, not over one group"),
    ("surgery.png", "the bound of five points, taken apart"),
];

/// The numbers behind the pictures.
#[derive(Serialize)]
struct Summary {
    seed: u64,
    identity: Identity,
    jensen_gap: f64,
    closing_line: ClosingLine,
    theta: Theta,
    importance_weighted: Vec<Climb>,
    surgery_at_best_width: Parts,
}

pub(crate) fn execute(arguments: &Arguments) -> Result<()> {
    let folder = arguments.folder(env!("CARGO_PKG_NAME"))?;
    let summary = Summary {
        seed: arguments.seed,
        identity: bound::identity(&folder)?,
        jensen_gap: bound::jensen(&folder)?,
        closing_line: bound::closing_line(&folder)?,
        theta: theta::theta(&folder)?,
        importance_weighted: samples::climb(&folder, arguments)?,
        surgery_at_best_width: {
            samples::single_draws(&folder, arguments.seed)?;
            samples::parts(&folder)?
        },
    };
    tell(&summary);
    tour::close(&folder, &FILES, &summary)
}

fn tell(summary: &Summary) {
    let Identity { log_evidence, best_elbo, kl_left, .. } = summary.identity;
    say(format!(
        "A tanh decoder: log p(x) = {log_evidence:.4} = {best_elbo:.4} (best ELBO) + {kl_left:.4} (KL that is left)."
    ));
    let line = &summary.closing_line;
    say(format!(
        "z ~ N(0, 1), x | z ~ N(z, 1), x = 1: log p(x) = {:.5}, the ELBO at the posterior {:.5}, the printed line {:.5}.",
        line.log_evidence, line.elbo_at_posterior, line.printed_at_posterior
    ));
    let theta = &summary.theta;
    say(format!(
        "Over θ: the ELBO chooses w = {:.3} at {:.4} nats; w = 0 has KL {:.4} as well, and an ELBO of {:.4}.",
        theta.w_by_elbo, theta.elbo_there, theta.kl_at_zero, theta.elbo_at_zero
    ));
    say("The K-sample bound, mean ± standard error:");
    for climb in &summary.importance_weighted {
        let at = |i: usize| {
            format!(
                "K = {} {:.4} ± {:.4}",
                climb.samples[i], climb.mean[i], climb.standard_error[i]
            )
        };
        let last = climb.samples.len() - 1;
        say(format!("  {:28}{}   {}   {}", climb.q, at(0), at(last / 2), at(last)));
    }
    let parts = &summary.surgery_at_best_width;
    say(format!(
        "Five points at their best width σ = {:.3}: ELBO {:.4} = {:.4} − {:.4} (information) − {:.4} (KL of the mixture).",
        parts.sigma, parts.elbo, parts.reconstruction, parts.mutual_information, parts.aggregate_kl
    ));
}
