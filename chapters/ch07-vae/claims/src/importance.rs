//! Importance weights and the estimate of log p(x).

use std::f64::consts::TAU;

use claims::{Claim, Expected, Subject, Tolerance, claim, domain, scale, seed, signed, whole};
use prob::log_mean_exp;
use rand::Rng;
use rand_distr::StandardNormal;

use super::witness::Line;

/// An estimate of log p(x) from the logarithms of importance weights.
type Average = fn(&[f64]) -> f64;

pub(super) fn importance_weights() -> Claim<Average> {
    claim("vae/importance-weights")
        .says(
            "The importance-weighted estimate is the logarithm of the mean weight, log (1/K) Σ w, also where exp \
             overflows or underflows.",
        )
        .after("Burda, Grosse & Salakhutdinov 2016, equation 8")
        .for_every(
            domain([
                whole("K", 1..=200),
                signed("the largest log w", 1e-3..=1e6),
                scale("by how much the least is smaller, at most", 1e-6..=600.0),
                seed("the weights"),
            ])
            .with([[3.0, -1000.0, 4.0, 1.0], [2.0, 0.0, 6.0, 2.0], [5.0, -1000.0, 5.0, 3.0]]),
        )
        .exact(Tolerance::relative(1e-12).or_absolute(1e-12), |average: &Subject<Average>, case, cases| {
            let [count, largest, spread, number] = case;
            let mut rng = cases.rng(number as u64);
            let mut below: Vec<f64> =
                (0..count as usize).map(|_| rng.random_range(-spread..=0.0)).collect();
            below[0] = 0.0;
            // In units of the largest weight, so that nothing has to be taken out before.
            let mean = below.iter().map(|u| u.exp()).sum::<f64>() / count;
            let log_weights: Vec<f64> = below.iter().map(|u| largest + u).collect();
            let measured = average.output(|average| average(&log_weights));
            cases.equal("", measured, largest + mean.ln());
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
        .says(
            "The weights p(x, z)/q(z|x) with z from q(z|x) have mean p(x): in a linear model, for codes that are off, \
             too narrow and too wide.",
        )
        .after("Burda, Grosse & Salakhutdinov 2016")
        .for_every(domain([whole("row of x, μ − the posterior's, σ² ÷ the posterior's", 0..=2)]))
        .statistical(1, |log_weight: &Subject<LogWeight>, [row], draws| {
            const ROWS: [(f64, f64, f64); 3] = [(1.0, 0.15, 1.5), (-2.0, 0.0, 0.8), (3.0, -0.2, 2.0)];
            let (x, shift, factor) = ROWS[row as usize];
            let model = Line::default();
            let q = model.posterior(x, shift, factor);
            // w/p(x) = p(z|x)/q(z); its second moment under q = N(m + d, f v), posterior N(m, v), is
            // f/√(2f − 1) exp(d²/((2f − 1) v)), finite for f > ½.
            let (_, v) = model.posterior(x, 0.0, 1.0);
            let spread = 2.0 * factor - 1.0;
            let second = factor / spread.sqrt() * (shift * shift / (spread * v)).exp();
            let expected = Expected { mean: 1.0, sd: (second - 1.0).sqrt(), effect: 0.03 };
            draws.mean(format!("w/p(x), x = {x}, μ {shift:+}, σ² ·{factor}"), expected, |rng| {
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
