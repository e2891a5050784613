//! The two forms of the ELBO, and the bound.

use claims::{
    Claim, Rng, Subject, Tolerance, Verdict, claim, domain, real, scale, seed, signed, whole,
};
use ndarray::{Array2, ArrayView1, Axis};
use nn::{Activation, Scalar};
use prob::{DiagonalGaussian, GaussHermite};
use rand::Rng as _;

use super::witness::Line;
use super::{MEAN_FOR_SUM, NEGATIVE};
use ch07_vae::{Architecture, Likelihood, Posterior, Vae, kl_to_standard_normal};

const NO_HALF: &str = "The factor ½ is missing: the KL is ½ Σ(μ² + σ² − log σ² − 1).";
const SIGMA_FOR_VARIANCE: &str = "You took σ where the formula has σ²: the network's output is log σ², so σ² is its exponential.";

/// KL(N(μ, diag σ²) ‖ N(0, I)) from means and log-variances.
type Kl = fn(&[f64], &[f64]) -> f64;

fn reference_kl(mean: &[f64], log_var: &[f64]) -> f64 {
    let row = |values: &[f64]| Array2::from_shape_fn((1, values.len()), |(_, j)| values[j]);
    kl_to_standard_normal(&Posterior { mean: row(mean), log_var: row(log_var) })[0]
}

/// ½ Σⱼ term(μⱼ, log σⱼ²)
fn half_sum(mean: &[f64], log_var: &[f64], term: fn(f64, f64) -> f64) -> f64 {
    0.5 * mean.iter().zip(log_var).map(|(&m, &v)| term(m, v)).sum::<f64>()
}

pub(super) fn two_forms() -> Claim<Kl> {
    claim("vae/two-forms")
        .says(
            "E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)) = E_q[log p(x, z) − log q(z|x)], for Gaussian q with independent \
             coordinates and every decoder.",
        )
        .settles("vae-loss", Verdict::Holds)
        .after("Kingma & Welling 2014, equations 2 and 3")
        .for_every(
            domain([
                whole("coordinates of the code", 1..=3),
                real("μ₁", -4.0..=4.0),
                real("log σ₁²", -8.0..=3.0),
                seed("the decoder, the image and the other coordinates"),
            ])
            .with([
                [1.0, 0.0, 0.0, 1.0],
                [1.0, 0.8, -1.0, 1.0],
                [1.0, -1.5, 0.6, 1.0],
                [2.0, 0.3, -4.0, 1.0],
            ]),
        )
        .exact(DIGITS_OF_LOG_Q, |kl: &Subject<Kl>, [coordinates, mean, log_var, number], cases| {
            let coordinates = coordinates as usize;
            let mut rng = cases.rng(number as u64);
            let (model, x) = small_decoder(coordinates, &mut rng);
            let mut others = |range: std::ops::RangeInclusive<f64>| rng.random_range(range);
            let mut q = (vec![mean], vec![log_var]);
            for _ in 1..coordinates {
                q.0.push(others(-4.0..=4.0));
                q.1.push(others(-8.0..=3.0));
            }
            // Exact for the logarithms of Gaussians. What the rule makes of log p(x|z) stands on both sides.
            let rule = GaussHermite::new(4)?;
            let prior = DiagonalGaussian::standard(coordinates)?;
            let density = DiagonalGaussian::new(q.0.clone().into(), q.1.clone().into())?;
            let log_p = |z: ArrayView1<'_, f64>| {
                model.log_likelihood(&x, &model.decode(z.insert_axis(Axis(0)).to_owned()))[0]
            };
            let joint = |z: ArrayView1<'_, f64>| -> prob::Result<f64> {
                Ok(log_p(z) + prior.log_density(z)? - density.log_density(z)?)
            };
            let reconstruction = rule.expectation_diagonal(&density, log_p);
            let expected = rule.expectation_diagonal(&density, |z| joint(z).unwrap_or(f64::NAN));
            let kl = kl.output(|kl| kl(&q.0, &q.1));
            cases.equal("", reconstruction - kl, expected);
            Ok(())
        })
        .holds_for(reference_kl as Kl)
        .fails_for("no-half", NO_HALF, |m, v| 2.0 * reference_kl(m, v))
        .fails_for("sigma-for-variance", SIGMA_FOR_VARIANCE, |m, v| {
            half_sum(m, v, |m, v| m * m + (0.5 * v).exp() - v - 1.0)
        })
        .fails_for("negative", NEGATIVE, |m, v| -reference_kl(m, v))
        .fails_for(
            "softplus-of-log-variance",
            "You put the log-variance through softplus: it may be any real number, and exp makes it positive.",
            |m, v| half_sum(m, v, |m, v| {
                let variance = Scalar::softplus(v);
                m * m + variance - variance.ln() - 1.0
            }),
        )
}

pub(super) fn bound() -> Claim<Kl> {
    claim("vae/bound")
        .says(
            "log p(x) ≥ ELBO for every Gaussian q, with equality at the posterior, in linear models of one or more \
             coordinates, whose log p(x) is known.",
        )
        .after("Jordan et al. 1999; Kingma & Welling 2014")
        .for_every(
            domain([
                signed("w", 0.05..=20.0),
                scale("s", 0.05..=10.0),
                real("x", -5.0..=5.0),
                signed("μ − the posterior's", 1e-3..=3.0),
                scale("σ² ÷ the posterior's", 1e-3..=1e3),
                whole("coordinates", 1..=4),
            ])
            .with([
                [1.5, 0.5, -1.0, 0.0, 1.0, 2.0],
                [1.5, 0.5, 2.0, 0.4, 1.0, 2.0],
                [1.5, 0.5, 2.0, 0.0, 2.0, 2.0],
                [1.5, 0.5, -1.0, -0.2, 0.5, 2.0],
            ]),
        )
        .bound(Tolerance::relative(1e-11).or_absolute(1e-11), |kl: &Subject<Kl>, case, margins| {
            let [w, s, x, shift, factor, coordinates] = case;
            // Each xᵢ depends on its own coordinate of z, so that everything is known.
            let model = Line { w, s, ..Line::default() };
            let xs: Vec<f64> = (0..coordinates as usize).map(|i| x - i as f64).collect();
            let codes: Vec<(f64, f64)> =
                xs.iter().map(|&x| model.posterior(x, shift, factor)).collect();
            let means: Vec<f64> = codes.iter().map(|code| code.0).collect();
            let log_vars: Vec<f64> = codes.iter().map(|code| code.1.ln()).collect();
            let kl = kl.output(|kl| kl(&means, &log_vars));
            let both = xs.iter().zip(&codes);
            let reconstruction: f64 = both.map(|(&x, &q)| model.reconstruction(x, q)).sum();
            let evidence: f64 = xs.iter().map(|&x| model.log_evidence(x)).sum();
            let elbo = reconstruction - kl;
            margins.at_least("", evidence, elbo);
            if shift == 0.0 && factor == 1.0 {
                margins.at_least("at the posterior", elbo, evidence);
            }
            Ok(())
        })
        .holds_for(reference_kl as Kl)
        .fails_for("negative", NEGATIVE, |m, v| -reference_kl(m, v))
        .fails_for("mean-for-sum", MEAN_FOR_SUM, |m, v| reference_kl(m, v) / m.len() as f64)
        .fails_for(
            "without-kl",
            "The KL is missing: the reconstruction term alone is no bound on log p(x).",
            |_, _| 0.0,
        )
}

/// The digits that are lost where log q is evaluated: z − μ, from numbers of the size of μ, in units of a small σ.
const DIGITS_OF_LOG_Q: Tolerance = Tolerance::relative(1e-12).or_absolute(1e-12);

/// A decoder from some coordinates to six pixels, and an image.
fn small_decoder(latent: usize, rng: &mut Rng) -> (Vae<f64>, Array2<f64>) {
    let architecture = Architecture {
        pixels: 6,
        hidden: vec![5],
        latent,
        activation: Activation::Tanh,
        likelihood: Likelihood::Bernoulli,
    };
    let model = Vae::new(&architecture, rng);
    let image = Array2::from_shape_simple_fn((1, 6), || f64::from(rng.random::<bool>()));
    (model, image)
}
