//! The divergence is not negative, zero only between equals, and not symmetric.

use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, real, scale, seed, whole};
use prob::{Categorical, kl};
use rand::Rng as _;

/// KL(p ‖ q) for the three kinds of distributions.
#[derive(Clone, Copy)]
pub(super) struct Divergences {
    /// (μ₁, σ₁, μ₂, σ₂)
    gaussian: fn(f64, f64, f64, f64) -> f64,
    /// The coins' probabilities.
    bernoulli: fn(f64, f64) -> f64,
    /// Two tables of probabilities.
    categorical: fn(&[f64], &[f64]) -> f64,
}

const RIGHT: Divergences =
    Divergences { gaussian: kl::gaussian_from_sigma, bernoulli: kl::bernoulli, categorical };

fn categorical(p: &[f64], q: &[f64]) -> f64 {
    kl::categorical(p, q).unwrap_or(f64::NAN)
}

const NEGATIVE: &str = "The sign is turned: E_p[log q − log p] is never positive; the divergence is \
    E_p[log p − log q].";

/// Lower bounds that are positive unless the distributions are equal: Pinsker's inequality, and for Gaussians the
/// larger of the terms that the mean and the spread have alone.
pub(super) fn nonnegative() -> Claim<Divergences> {
    claim("variational-inference/kl-nonnegative")
        .says(
            "KL(p ‖ q) ≥ ½‖p − q‖₁², and for Gaussians ≥ ½((μ₁ − μ₂)/σ₂)² and ≥ log σ₂/σ₁ + ½(σ₁²/σ₂² − 1): \
             never negative, and zero only where p = q",
        )
        .settles("kl-nonneg", Verdict::Holds)
        .after("Cover & Thomas 2006, Lemma 11.6.1 (Pinsker's inequality)")
        .for_every(
            domain([
                real("μ₁", -5.0..=5.0),
                scale("σ₁", 1e-2..=1e2),
                real("μ₂", -5.0..=5.0),
                scale("σ₂", 1e-2..=1e2),
                real("p", 0.0..=1.0),
                real("q", 1e-3..=0.999),
                whole("length of the tables", 2..=8),
                seed("the tables"),
            ])
            // Near ½ Pinsker's inequality is nearly an equality: ½(2·0.004)² of 3.2e-5.
            .with([[1.0, 2.0, 1.0, 2.0, 0.502, 0.498, 5.0, 1.0]]),
        )
        .bound(
            Tolerance::relative(1e-12).or_absolute(1e-14),
            |of: &Subject<Divergences>, [m1, s1, m2, s2, p, q, length, seed], margins| {
                let by_mean = 0.5 * ((m1 - m2) / s2).powi(2);
                let by_spread = (s2 / s1).ln() + 0.5 * ((s1 / s2).powi(2) - 1.0);
                let measured = of.output(|of| (of.gaussian)(m1, s1, m2, s2));
                margins.at_least("Gaussians", measured, by_mean.max(by_spread));
                let measured = of.output(|of| (of.bernoulli)(p, q));
                margins.at_least("coins", measured, 2.0 * (p - q).powi(2));
                let mut rng = margins.rng(seed as u64);
                let mut table = || -> Result<Vec<f64>, prob::Error> {
                    let weight = |_| rng.random::<f64>() + 0.02;
                    let weights: Vec<f64> = (0..length as usize).map(weight).collect();
                    Ok(Categorical::from_weights(&weights)?.probabilities().to_vec())
                };
                let (p, q) = (table()?, table()?);
                let l1: f64 = p.iter().zip(&q).map(|(p, q)| (p - q).abs()).sum();
                let measured = of.output(|of| (of.categorical)(&p, &q));
                margins.at_least("tables", measured, 0.5 * l1.powi(2));
                let measured = of.output(|of| (of.categorical)(&p, &p));
                margins.at_least("equal tables", measured, 0.0);
                Ok(())
            },
        )
        .holds_for(RIGHT)
        .fails_for(
            "negative",
            NEGATIVE,
            Divergences {
                gaussian: |m1, s1, m2, s2| -kl::gaussian_from_sigma(m1, s1, m2, s2),
                bernoulli: |p, q| -kl::bernoulli(p, q),
                categorical: |p, q| -categorical(p, q),
            },
        )
        .fails_for(
            "mean-for-sum",
            "The terms of the table were averaged: the divergence is their sum, each weighted by pᵢ already.",
            Divergences {
                bernoulli: |p, q| 0.5 * kl::bernoulli(p, q),
                categorical: |p, q| categorical(p, q) / p.len() as f64,
                ..RIGHT
            },
        )
        .fails_for(
            "likeliest-outcome",
            "log p/q was taken at p's likeliest outcome alone; it may be negative there. Average over all, \
             weighted by p.",
            Divergences {
                bernoulli: |p, q| if p > 0.5 { (p / q).ln() } else { ((1.0 - p) / (1.0 - q)).ln() },
                ..RIGHT
            },
        )
        .fails_for(
            "spread-ignored",
            "The Gaussians were compared at their means alone; a different spread is a difference, too.",
            Divergences { gaussian: |m1, _, m2, s2| 0.5 * ((m1 - m2) / s2).powi(2), ..RIGHT },
        )
        .fails_for(
            "base-10",
            "The logarithm has base 10: in nats it is the natural one.",
            Divergences {
                bernoulli: |p, q| kl::bernoulli(p, q) / 10f64.ln(),
                categorical: |p, q| categorical(p, q) / 10f64.ln(),
                gaussian: |m1, s1, m2, s2| kl::gaussian_from_sigma(m1, s1, m2, s2) / 10f64.ln(),
            },
        )
}

pub(super) fn asymmetric() -> Claim<Divergences> {
    claim("variational-inference/kl-asymmetric")
        .says("There are distributions for which KL(p ‖ q) and KL(q ‖ p) are different numbers: it is no distance")
        .settles("kl-nonneg", Verdict::Holds)
        .there_is()
        .exact(Tolerance::relative(1e-13), |of: &Subject<Divergences>, cases| {
            let ln = f64::ln;
            let coins = |p, q| of.output(|of| (of.bernoulli)(p, q));
            cases.equal("coins ½ from ⅒: log 5/3", coins(0.5, 0.1), ln(5.0 / 3.0));
            cases.equal("coins ⅒ from ½", coins(0.1, 0.5), 0.1 * ln(0.2) + 0.9 * ln(1.8));
            let normals = |s1, s2| of.output(|of| (of.gaussian)(0.0, s1, 0.0, s2));
            cases.equal("N(0, 1) from N(0, 4): log 2 − 3/8", normals(1.0, 2.0), ln(2.0) - 0.375);
            cases.equal("N(0, 4) from N(0, 1): 3/2 − log 2", normals(2.0, 1.0), 1.5 - ln(2.0));
            let (half, third) = ([0.25, 0.25, 0.5], [1.0 / 3.0; 3]);
            let tables = |p: &[f64], q: &[f64]| of.output(|of| (of.categorical)(p, q));
            cases.equal("¼ ¼ ½ from ⅓ ⅓ ⅓: log 3 − 3/2 log 2", tables(&half, &third), ln(3.0) - 1.5 * ln(2.0));
            cases.equal("⅓ ⅓ ⅓ from ¼ ¼ ½: 5/3 log 2 − log 3", tables(&third, &half), 5.0 / 3.0 * ln(2.0) - ln(3.0));
            Ok(())
        })
        .holds_for(RIGHT)
        .fails_for(
            "swapped",
            "The two distributions are swapped: the expectation is taken under the first.",
            Divergences {
                gaussian: |m1, s1, m2, s2| kl::gaussian_from_sigma(m2, s2, m1, s1),
                bernoulli: |p, q| kl::bernoulli(q, p),
                categorical: |p, q| categorical(q, p),
            },
        )
        .fails_for(
            "symmetrised",
            "The two directions were averaged: that is Jeffreys' divergence, which is symmetric; KL is not, \
             and variational inference uses one direction.",
            Divergences {
                gaussian: |m1, s1, m2, s2| {
                    0.5 * (kl::gaussian_from_sigma(m1, s1, m2, s2)
                        + kl::gaussian_from_sigma(m2, s2, m1, s1))
                },
                bernoulli: |p, q| 0.5 * (kl::bernoulli(p, q) + kl::bernoulli(q, p)),
                categorical: |p, q| 0.5 * (categorical(p, q) + categorical(q, p)),
            },
        )
        .fails_for("negative", NEGATIVE, Divergences {
            gaussian: |m1, s1, m2, s2| -kl::gaussian_from_sigma(m1, s1, m2, s2),
            bernoulli: |p, q| -kl::bernoulli(p, q),
            categorical: |p, q| -categorical(p, q),
        })
}
