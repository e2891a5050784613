//! Importance weights and the estimate of log p(x).

use std::f64::consts::TAU;

use claims::{Claim, Expected, Subject, Tolerance, claim};
use prob::log_mean_exp;
use rand::Rng;
use rand_distr::StandardNormal;

use super::witness::Line;

/// An estimate of log p(x) from the logarithms of importance weights.
type Average = fn(&[f64]) -> f64;

pub(super) fn importance_weights() -> Claim<Average> {
    claim("vae/importance-weights")
        .says(
            "The importance-weighted estimate is the logarithm of the mean weight, log (1/K) Σ w.",
        )
        .after("Burda, Grosse & Salakhutdinov 2016, equation 8")
        .exact(Tolerance::relative(1e-12), |average: &Subject<Average>, cases| {
            for weights in [&[0.02_f64, 0.5, 0.1][..], &[1.5, 0.003], &[0.7, 0.7, 0.7, 0.01, 2.0]] {
                let log_weights: Vec<f64> = weights.iter().map(|w| w.ln()).collect();
                let mean: f64 = weights.iter().sum::<f64>() / weights.len() as f64;
                let measured = average.output(|average| average(&log_weights));
                cases.equal(format!("w = {weights:?}"), measured, mean.ln());
                // The same far below what exp can represent.
                let shifted: Vec<f64> = log_weights.iter().map(|w| w - 1000.0).collect();
                let measured = average.output(|average| average(&shifted));
                cases.equal(format!("w = {weights:?} e⁻¹⁰⁰⁰"), measured, mean.ln() - 1000.0);
            }
            Ok(())
        })
        .holds_for((|w| log_mean_exp(w).unwrap_or(f64::NAN)) as Average)
        .fails_for(
            "mean-of-logs",
            "You averaged the logarithms; that is the ELBO. The logarithm is taken of the average.",
            |w| w.iter().sum::<f64>() / w.len() as f64,
        )
        .fails_for(
            "sum-for-mean",
            "You took the logarithm of the sum: subtract log K, or the estimate grows with K.",
            prob::log_sum_exp,
        )
        .fails_for(
            "worst-weighs-most",
            "The sign of the log-weights is turned: the worst sample weighs most.",
            |w| -log_mean_exp(&w.iter().map(|w| -w).collect::<Vec<_>>()).unwrap_or(f64::NAN),
        )
        .fails_for(
            "without-shift",
            "exp underflowed: take out the largest log-weight before, and add it after.",
            |w| (w.iter().map(|w| w.exp()).sum::<f64>() / w.len() as f64).ln(),
        )
}

/// log w = log p(x|z) + log p(z) − log q(z|x) at z = μ + σε, for q = N(μ, variance).
type LogWeight = fn(Line, f64, (f64, f64), f64) -> f64;

pub(super) fn unbiased_weights() -> Claim<LogWeight> {
    claim("vae/unbiased-weights")
        .says("The weights p(x, z)/q(z|x) with z from q(z|x) have mean p(x).")
        .after("Burda, Grosse & Salakhutdinov 2016")
        .statistical(1, |log_weight: &Subject<LogWeight>, draws| {
            let (model, x) = (Line::default(), 1.0);
            let (shift, factor) = (0.15, 1.5);
            let q = model.posterior(x, shift, factor);
            // w/p(x) = p(z|x)/q(z); its second moment under q = N(m + d, f v), posterior N(m, v), is
            // f/√(2f − 1) exp(d²/((2f − 1) v)), finite for f > ½.
            let (_, v) = model.posterior(x, 0.0, 1.0);
            let spread = 2.0 * factor - 1.0;
            let second = factor / spread.sqrt() * (shift * shift / (spread * v)).exp();
            let expected = Expected { mean: 1.0, sd: (second - 1.0).sqrt(), effect: 0.02 };
            draws.mean("w/p(x)", expected, |rng| {
                let noise: f64 = rng.sample(StandardNormal);
                let log_w = log_weight.output(|log_weight| log_weight(model, x, q, noise));
                (log_w - model.log_evidence(x)).exp()
            })
        })
        .holds_for(log_weight as LogWeight)
        .fails_for(
            "without-entropy",
            "log q(z|x) lacks −½ log σ²: a density has a normalising constant.",
            |model, x, q, noise| log_weight(model, x, q, noise) - 0.5 * q.1.ln(),
        )
        .fails_for(
            "without-prior",
            "The weight lacks the prior: it is p(x|z) p(z)/q(z|x).",
            |model, x, q, noise| {
                let z = q.0 + q.1.sqrt() * noise;
                log_weight(model, x, q, noise) + 0.5 * (z * z + TAU.ln())
            },
        )
        .fails_for(
            "variance-for-sigma",
            "You drew z = μ + σ²ε: the noise is scaled by the standard deviation.",
            |model, x, (mean, variance), noise| {
                let z = mean + variance * noise;
                model.log_likelihood(x, z) - 0.5 * z * z + 0.5 * (noise * noise + variance.ln())
            },
        )
}

fn log_weight(model: Line, x: f64, (mean, variance): (f64, f64), noise: f64) -> f64 {
    let z = mean + variance.sqrt() * noise;
    model.log_likelihood(x, z) - 0.5 * z * z + 0.5 * (noise * noise + variance.ln())
}
