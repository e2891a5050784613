//! The run without arguments: every picture, and a summary of what is on them.

use anyhow::Result;
use run::say;
use run::tour::{self, Arguments};
use serde::Serialize;

use super::pictures::{self, Estimators, Fit, NearEqual};

/// The numbers behind the pictures.
#[derive(Serialize)]
struct Summary {
    seed: u64,
    draws: usize,
    integrand: pictures::Integrand,
    fits: Vec<Fit>,
    estimators: Estimators,
    near_equal: Vec<NearEqual>,
}

pub(super) fn tour(arguments: &Arguments) -> Result<()> {
    let folder = arguments.folder(env!("CARGO_PKG_NAME"))?;
    let draws = arguments.scaled(200_000);

    pictures::surface(&folder)?;
    let integrand = pictures::integrand(&folder)?;
    let fits = pictures::fits(&folder)?;
    pictures::landscape(&folder)?;
    let estimators = pictures::estimators(&folder, draws, arguments.seed)?;
    pictures::errors(&folder)?;
    let near_equal = pictures::near_equal(&folder)?;

    say(format!(
        "KL(p ‖ q) of the integrand's picture: {:.6} nats; the other way round {:.6}.",
        integrand.kl, integrand.reverse_kl
    ));
    say("One Gaussian for two modes:");
    for fit in &fits {
        say(format!(
            "  {:30}N({:.3}, {:.3}²)   KL(target ‖ q) {:.3}   KL(q ‖ target) {:.3}",
            fit.name, fit.mean, fit.sigma, fit.forward_kl, fit.reverse_kl
        ));
    }
    say(format!("Estimates of KL(p ‖ q) = {:.4} nats from {draws} draws:", estimators.kl));
    for estimator in &estimators.estimators {
        say(format!(
            "  {:6}mean {:.4} ± {:.4} (exactly {:.4})   standard deviation {:.4} (exactly {:.4})",
            estimator.name,
            estimator.mean,
            estimator.standard_error,
            estimator.exact_mean,
            estimator.sd,
            estimator.exact_sd
        ));
    }
    let summary = Summary { seed: arguments.seed, draws, integrand, fits, estimators, near_equal };
    tour::close(&folder, &pictures::FILES, &summary)?;
    say("\nNext: cargo run -p ch06-gaussian-kl -- -1.5 0.5 0 2");
    Ok(())
}
