//! Both objectives over a parameter of the model and one of the encoder.

use anyhow::Result;
use ch03_elbo::amortized::{
    Parameters, maximum, mean_elbo, mean_kl_to_posterior, mean_log_evidence, with_posterior,
};
use figures::{Chart, Figure, HeatMap};
use run::tour::curve;
use run::{Folder, Plate};
use serde::Serialize;

use super::in_nats;

const SIGMA: f64 = 0.6;
const MEAN_SQUARE: f64 = 2.0;

/// What the two objectives choose.
#[derive(Serialize)]
pub(super) struct Theta {
    pub(super) w_by_elbo: f64,
    pub(super) elbo_there: f64,
    pub(super) elbo_at_zero: f64,
    pub(super) kl_at_zero: f64,
}

/// w and a free, the variance of q the posterior's at that w.
fn at(w: f64, a: f64) -> Parameters<f64> {
    Parameters { a, ..with_posterior(w, SIGMA) }
}

pub(super) fn theta(folder: &Folder) -> Result<Theta> {
    let best = maximum(SIGMA, MEAN_SQUARE)?;
    let (w, a) = ((0.0, 2.4), (-0.4, 1.2));
    let panel = |title: &str, map: HeatMap| {
        Chart::new(title).x("θ: the decoder's weight w").y("φ: the encoder's slope a").heat_map(map)
    };
    let exact = curve(w.0, w.1, 400, |w| with_posterior(w, SIGMA).a);
    let kl = HeatMap::from_fn(w, a, |w, a| mean_kl_to_posterior(at(w, a), SIGMA, MEAN_SQUARE))
        .label("nats")
        .color_range(0.0, 4.0)
        .contours([0.05, 0.5, 2.0]);
    let elbo = HeatMap::from_fn(w, a, |w, a| mean_elbo(at(w, a), SIGMA, MEAN_SQUARE))
        .label("nats")
        .color_range(-5.0, -1.7)
        .contours([-4.0, -3.0, -2.2, -1.85]);
    let choice = [(best.w, best.a)];
    let panel_kl = panel("mean KL(q ‖ p(z|x)): 0 all along a curve", kl)
        .points("w = 0, q = prior", [(0.0, 0.0)])
        .line("KL = 0", exact.clone())
        .point_radius(6.0);
    let panel_elbo = panel("mean ELBO: one maximum", elbo)
        .dashed("KL = 0", exact)
        .points("maximum likelihood", choice)
        .point_radius(6.0);
    let figure = Figure::new(
        "Over θ the KL decides nothing: any w can have it 0. The ELBO finds the right one",
    )
    .panel_size(460.0, 420.0)
    .panel(panel_kl)
    .panel(panel_elbo);
    folder.draw(
        "argmax_theta.png",
        &figure,
        Plate::lines(
            "elbo-argmax",
            "Two coloured maps over the decoder's weight w and the encoder's slope a. Left, the \
             mean KL is 0 along a whole curve, and a point marks w = 0 on it. Right, the mean \
             ELBO has a single maximum, a point on the same curve, now dashed.",
        ),
    )?;

    let evidence = |w: f64| mean_log_evidence(w, SIGMA, MEAN_SQUARE);
    let figure =
        in_nats("With q held fixed the ELBO touches log p(x) where q is exact", "w, with q fixed")
            .line("mean log p(x)", curve(w.0, w.1, 400, evidence))
            .line(
                "mean ELBO, q fixed",
                curve(w.0, w.1, 400, |w| {
                    let fixed = with_posterior(0.7, SIGMA);
                    mean_elbo(Parameters { w, ..fixed }, SIGMA, MEAN_SQUARE)
                }),
            )
            .vline("q is exact here: w = 0.7", 0.7)
            .y_range(-4.5, -1.5)
            .size(860.0, 520.0);
    folder.draw(
        "theta_step.png",
        &figure,
        Plate::lines(
            "elbo-theta-step",
            "Two curves over the decoder's weight w. The mean ELBO with q held fixed lies below \
             mean log p(x) everywhere and touches it only at the dotted line where q is exact; \
             its maximum is not that of log p(x).",
        ),
    )?;
    Ok(Theta {
        w_by_elbo: best.w,
        elbo_there: mean_elbo(best, SIGMA, MEAN_SQUARE),
        elbo_at_zero: mean_elbo(at(0.0, 0.0), SIGMA, MEAN_SQUARE),
        kl_at_zero: mean_kl_to_posterior(at(0.0, 0.0), SIGMA, MEAN_SQUARE),
    })
}
