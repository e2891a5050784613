//! The bound of one x: identity, Jensen's inequality, and the line that is no bound.

use anyhow::Result;
use ch03_elbo::{Decoder, Model, jensen, printed_closing_line};
use figures::{Chart, Figure};
use prob::Gaussian;
use run::tour::{curve, try_curve};
use run::{Folder, Plate};
use serde::Serialize;

use super::{in_nats, named};

/// The tanh decoder of the pictures, and the x.
pub(super) const MODEL: Model =
    Model { decoder: Decoder::Tanh { scale: 2.0, slope: 1.5, shift: 0.5 }, sigma: 0.5 };
pub(super) const X: f64 = 1.0;

/// log p(x), and the best q of those on the picture.
#[derive(Serialize)]
pub(super) struct Identity {
    pub(super) log_evidence: f64,
    pub(super) best_mean: f64,
    pub(super) best_elbo: f64,
    pub(super) kl_left: f64,
}

/// The standard deviation of every q on the first picture.
const SIGMA: f64 = 0.35;

/// For every q the bound and the divergence add up to log p(x).
pub(super) fn identity(folder: &Folder) -> Result<Identity> {
    let q = |mean: f64| Gaussian::new(mean, SIGMA);
    let log_evidence = MODEL.log_evidence(X)?;
    let elbo = try_curve(-0.9, 1.1, 160, |mean| MODEL.elbo(X, &q(mean)?))?;
    let kl = try_curve(-0.9, 1.1, 160, |mean| MODEL.kl_to_posterior(X, &q(mean)?))?;
    let highest = |best: (f64, f64), at: &(f64, f64)| if at.1 > best.1 { *at } else { best };
    let (best_mean, best_elbo) = elbo.iter().fold((f64::NAN, f64::NEG_INFINITY), highest);
    let gap: Vec<(f64, f64, f64)> = elbo.iter().map(|&(m, e)| (m, e, log_evidence)).collect();
    let best = q(best_mean)?;
    let log_posterior = MODEL.log_posterior(X)?;
    let densities = Chart::new("The prior, the posterior of x = 1, and the best q of this width")
        .x("z")
        .y("density")
        .area("posterior p(z|x)", curve(-3.0, 3.0, 400, |z| log_posterior(z).exp()))
        .line("best q", curve(-3.0, 3.0, 400, |z| best.log_density(z).exp()))
        .dashed("prior p(z)", curve(-3.0, 3.0, 400, |z| Gaussian::standard().log_density(z).exp()));
    let sum = in_nats("ELBO + KL(q ‖ p(z|x)) = log p(x), whatever q", "mean of q")
        .band("KL(q ‖ p(z|x))", gap)
        .line("ELBO", elbo)
        .hline(named(log_evidence), log_evidence)
        .vline("where both are best", best_mean)
        .y_range(-9.0, 0.0);
    let figure = Figure::new("The bound and what it misses: one rises exactly as the other falls")
        .columns(1)
        .panel_size(860.0, 350.0)
        .panel(densities)
        .panel(sum);
    folder.draw(
        "identity.png",
        &figure,
        Plate::lines(
            "elbo-gap",
            "Above, three densities over z: the wide prior, the posterior, a narrow peak with a long tail to the right, and the best \
             Gaussian q, which lies a little to the right of the peak and misses the tail. Below, over the mean of q, the ELBO under \
             the dotted line log p(x); the band between them is KL(q ‖ p(z|x)), narrowest where the ELBO is highest.",
        ),
    )?;
    let kl_left = kl.iter().map(|&(_, kl)| kl).fold(f64::INFINITY, f64::min);
    Ok(Identity { log_evidence, best_mean, best_elbo, kl_left })
}

/// Two weights, the logarithm, and a chord.
pub(super) fn jensen(folder: &Folder) -> Result<f64> {
    let (low, high) = (0.2f64, 3.0f64);
    let gap = jensen::gap(&[low.ln(), high.ln()])?;
    let (middle, mean_of_logs) = (0.5 * (low + high), 0.5 * (low.ln() + high.ln()));
    let figure =
        Chart::new(format!("log of the mean − mean of the logs = {gap:.3}, never negative"))
            .x("weight w")
            .y("log w")
            .line("log w", curve(0.12, 3.6, 400, f64::ln))
            .dashed("chord", [(low, low.ln()), (high, high.ln())])
            .line("the gap", [(middle, mean_of_logs), (middle, middle.ln())])
            .points("log of the mean", [(middle, middle.ln())])
            .points("mean of the logs", [(middle, mean_of_logs)])
            .point_radius(6.0)
            .vline("mean weight", middle)
            .y_range(-2.2, 1.5)
            .size(860.0, 520.0);
    folder.draw(
        "jensen.png",
        &figure,
        Plate::lines(
            "elbo-jensen",
            "The curve log w, and a dashed chord that joins two of its points from below. Above \
             the chord's midpoint, the mean of the logs, lies the log of the mean on the curve; a \
             vertical segment between the two points is the gap.",
        ),
    )?;
    Ok(gap)
}

/// D3's own example at its worst: q = posterior.
#[derive(Serialize)]
pub(super) struct ClosingLine {
    pub(super) log_evidence: f64,
    pub(super) elbo_at_posterior: f64,
    pub(super) printed_at_posterior: f64,
}

/// The bound and the printed closing line for z ~ N(0, 1), x | z ~ N(z, 1), x = 1.
pub(super) fn closing_line(folder: &Folder) -> Result<ClosingLine> {
    let model = Model { decoder: Decoder::Linear { weight: 1.0 }, sigma: 1.0 };
    let posterior = Gaussian::new(0.5, 0.5f64.sqrt())?;
    let q = |mean: f64| Gaussian::new(mean, posterior.sigma());
    let log_evidence = model.log_evidence(X)?;
    let printed = |q: &Gaussian| printed_closing_line(&model, X, q);
    let numbers = ClosingLine {
        log_evidence,
        elbo_at_posterior: model.elbo_split(X, &posterior)?,
        printed_at_posterior: printed(&posterior)?,
    };
    let figure = in_nats(
        "With the posterior in the last line's KL the \"bound\" exceeds log p(x)",
        "mean of q",
    )
    .line(
        "ELBO: E log p(x|z) − KL(q ‖ p(z))",
        try_curve(-0.6, 1.9, 120, |m| model.elbo_split(X, &q(m)?))?,
    )
    .line(
        "as printed: E log p(x|z) − KL(q ‖ p(z|x))",
        try_curve(-0.6, 1.9, 120, |m| printed(&q(m)?))?,
    )
    .hline(named(log_evidence), log_evidence)
    .vline("q = posterior", posterior.mean())
    .y_range(-2.6, -1.0)
    .size(960.0, 540.0);
    folder.draw(
        "closing_line.png",
        &figure,
        Plate::lines(
            "elbo-closing-line",
            "Two curves over the mean of q and a dotted line at log p(x). The ELBO stays below \
             the line everywhere; the expression as printed in the documents rises above it and \
             is highest near the posterior.",
        ),
    )?;
    Ok(numbers)
}
