//! The two forms of the ELBO, and the bound.

use claims::{Claim, Subject, Tolerance, Verdict, claim};
use ndarray::{Array2, array};
use nn::{Activation, Scalar};
use prob::Gaussian;
use prob::quadrature::Quadrature;
use prob::random::stream;

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
        .says("E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)) = E_q[log p(x, z) − log q(z|x)].")
        .settles("vae-loss", Verdict::Holds)
        .after("Kingma & Welling 2014, equations 2 and 3")
        .exact(Tolerance::relative(1e-12), |kl: &Subject<Kl>, cases| {
            let (model, x) = small_decoder();
            let log_p = |z: f64| model.log_likelihood(&x, &model.decode(array![[z]]))[0];
            for (mean, log_var) in [(0.0, 0.0), (0.8, -1.0), (-1.5, 0.6), (0.3, -4.0)] {
                let q = Gaussian::from_log_var(mean, log_var)?;
                let prior = Gaussian::standard();
                let quadrature = Quadrature::default();
                let reconstruction = quadrature.expectation(&q, log_p)?.value;
                let joint = |z: f64| log_p(z) + prior.log_density(z) - q.log_density(z);
                let expected = quadrature.expectation(&q, joint)?.value;
                let kl = kl.output(|kl| kl(&[mean], &[log_var]));
                cases.equal(format!("μ = {mean}, log σ² = {log_var}"), reconstruction - kl, expected);
            }
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
        .says("log p(x) ≥ ELBO for every q, with equality at the posterior.")
        .after("Jordan et al. 1999; Kingma & Welling 2014")
        .bound(Tolerance::absolute(1e-12), |kl: &Subject<Kl>, margins| {
            // x₁, x₂ depend each on its own coordinate of z, so that everything is known.
            let model = Line::default();
            for x in [[-1.0, 0.5], [2.0, 0.0]] {
                let evidence = model.log_evidence(x[0]) + model.log_evidence(x[1]);
                for (shift, factor) in [(0.0, 1.0), (0.4, 1.0), (0.0, 2.0), (-0.2, 0.5)] {
                    let codes = x.map(|x| model.posterior(x, shift, factor));
                    let kl = kl.output(|kl| kl(&codes.map(|c| c.0), &codes.map(|c| c.1.ln())));
                    let reconstruction: f64 =
                        (0..2).map(|i| model.reconstruction(x[i], codes[i])).sum();
                    let label = format!("x = {x:?}, μ {shift:+}, σ² ·{factor}");
                    margins.at_least(label, evidence, reconstruction - kl);
                }
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

/// A decoder from one coordinate to six pixels, and an image.
fn small_decoder() -> (Vae<f64>, Array2<f64>) {
    let architecture = Architecture {
        pixels: 6,
        hidden: vec![5],
        latent: 1,
        activation: Activation::Tanh,
        likelihood: Likelihood::Bernoulli,
    };
    (Vae::new(&architecture, &mut stream(7, [])), array![[1.0, 0.0, 0.0, 1.0, 1.0, 0.0]])
}
