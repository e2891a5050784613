//! The chapter's claims.

use std::f64::consts::TAU;

use autodiff::F1;
use claims::{AnyClaim, Claim, Expected, Subject, Tolerance, Verdict, claim};
use ndarray::{Array1, Array2, array};
use nn::{Activation, Linear, Scalar};
use prob::quadrature::Quadrature;
use prob::random::stream;
use prob::{Gaussian, log_mean_exp};
use rand::Rng;
use rand_distr::StandardNormal;

use crate::{Architecture, Deltas, Forward, Likelihood, Posterior, Vae, kl_to_standard_normal};

/// The claims of chapter 7, in the order of the text.
#[must_use]
pub fn claims() -> Vec<Box<dyn AnyClaim>> {
    vec![
        Box::new(two_forms()),
        Box::new(bound()),
        Box::new(gradient()),
        Box::new(importance_weights()),
        Box::new(unbiased_weights()),
    ]
}

// --- the two forms of the ELBO, and the bound ---------------------------------------------------

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

const NO_HALF: &str = "The factor ½ is missing: the KL is ½ Σ(μ² + σ² − log σ² − 1).";
const SIGMA_FOR_VARIANCE: &str = "You took σ where the formula has σ²: the network's output is log σ², so σ² is its exponential.";
const NEGATIVE: &str =
    "The KL has the wrong sign: it is never negative, and the ELBO subtracts it.";
const MEAN_FOR_SUM: &str = "You averaged the KL over the coordinates of z: it is their sum, or its weight in the loss is wrong.";

fn two_forms() -> Claim<Kl> {
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

fn bound() -> Claim<Kl> {
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

/// z ~ N(0, 1), x|z ~ N(wz + b, s²): a model of which everything is known.
#[derive(Clone, Copy)]
struct Line {
    w: f64,
    b: f64,
    s: f64,
}

impl Default for Line {
    fn default() -> Self {
        Self { w: 1.5, b: 0.25, s: 0.5 }
    }
}

impl Line {
    fn log_evidence(self, x: f64) -> f64 {
        let variance = self.w * self.w + self.s * self.s;
        -0.5 * ((x - self.b).powi(2) / variance + (TAU * variance).ln())
    }

    fn log_likelihood(self, x: f64, z: f64) -> f64 {
        let residual = x - self.b - self.w * z;
        -0.5 * (residual * residual / (self.s * self.s) + (TAU * self.s * self.s).ln())
    }

    /// Mean and variance of p(z|x), the mean shifted and the variance multiplied.
    fn posterior(self, x: f64, shift: f64, factor: f64) -> (f64, f64) {
        let variance = 1.0 / (1.0 + (self.w / self.s).powi(2));
        (variance * self.w * (x - self.b) / (self.s * self.s) + shift, factor * variance)
    }

    /// E_q[log p(x|z)] for q = N(mean, variance): the residual's variance adds to its square.
    fn reconstruction(self, x: f64, (mean, variance): (f64, f64)) -> f64 {
        self.log_likelihood(x, mean) - 0.5 * (self.w / self.s).powi(2) * variance
    }
}

// --- the gradient -------------------------------------------------------------------------------

/// The gradient of the batch mean of −ELBO, every parameter in one list.
type Gradient = fn(&Vae<f64>, &Forward<f64>) -> Vec<f64>;

fn gradient() -> Claim<Gradient> {
    claim("vae/gradient")
        .says("The gradient of the whole model, by hand, is the derivative of the loss.")
        .settles("vae-loss", Verdict::Holds)
        .exact(Tolerance::relative(1e-12).or_absolute(1e-15), |gradient: &Subject<Gradient>, cases| {
            for likelihood in [Likelihood::Bernoulli, Likelihood::Gaussian { sigma: 0.5 }] {
                let (architecture, model, x, noise) = small_model(likelihood, cases.rng(0));
                let forward = model.forward(x.clone(), noise.clone());
                let measured = gradient.output(|gradient| gradient(&model, &forward));
                let expected = by_dual_numbers(&architecture, &model, &x, &noise);
                cases.all_equal(&format!("{likelihood}"), &measured, &expected);
            }
            Ok(())
        })
        .holds_for((|model, forward| flat(&model.gradient(forward, 1.0))) as Gradient)
        .fails_for("negative-kl", NEGATIVE, |model, forward| flat(&model.gradient(forward, -1.0)))
        .fails_for("mean-for-sum", MEAN_FOR_SUM, |model, forward| {
            flat(&model.gradient(forward, 1.0 / model.mean.outputs() as f64))
        })
        .fails_for(
            "mean-over-pixels",
            "You averaged the reconstruction over pixels: a log-likelihood is their sum, and the KL now \
             weighs as many times too much as there are pixels.",
            |model, forward| {
                let pixels = forward.x().ncols() as f64;
                let mut gradient = flat(&model.gradient(forward, pixels));
                gradient.iter_mut().for_each(|g| *g /= pixels);
                gradient
            },
        )
        .fails_for(
            "sum-over-batch",
            "The loss is the mean over the batch; you summed, so the step grows with the batch.",
            |model, forward| {
                let batch = forward.x().nrows() as f64;
                flat(&model.gradient(forward, 1.0)).iter().map(|g| g * batch).collect()
            },
        )
        .fails_for(
            "detached-sample",
            "No gradient flows through the sample: with z = μ + σε it reaches μ and σ.",
            |model, forward| with_heads(model, forward, |_, _, _| (0.0, 0.0)),
        )
        .fails_for(
            "no-path-to-sigma",
            "The gradient reaches μ through the sample but not σ: ∂z/∂log σ² = ½σε.",
            |model, forward| with_heads(model, forward, |dz, _, _| (dz, 0.0)),
        )
        .fails_for(
            "sigma-for-log-variance",
            "∂z/∂log σ² is ½σε; you used ∂z/∂σ = ε.",
            |model, forward| with_heads(model, forward, |dz, _, noise| (dz, dz * noise)),
        )
}

/// The gradient with another way back through the sample: (∂L/∂z, log σ², ε) to the parts of ∂L/∂μ and
/// ∂L/∂log σ² that come from the reconstruction.
fn with_heads(
    model: &Vae<f64>,
    forward: &Forward<f64>,
    through_sample: fn(f64, f64, f64) -> (f64, f64),
) -> Vec<f64> {
    let batch = forward.x().nrows();
    // With and without the KL: what is left is what the KL adds.
    let (whole, reconstruction) =
        (model.backward(forward, batch, 1.0), model.backward(forward, batch, 0.0));
    let dz = model.decoder.input_gradient(&whole.decoder);
    let mut deltas = Deltas {
        mean: &whole.mean - &reconstruction.mean,
        log_var: &whole.log_var - &reconstruction.log_var,
        ..whole
    };
    for ((index, &dz), &noise) in dz.indexed_iter().zip(&forward.noise) {
        let (mean, log_var) = through_sample(dz, forward.posterior.log_var[index], noise);
        deltas.mean[index] += mean;
        deltas.log_var[index] += log_var;
    }
    let dh = model.mean.backward(&deltas.mean) + &model.log_var.backward(&deltas.log_var);
    deltas.encoder = model.encoder.backward(&forward.encoder, dh);
    Vae::tapes(forward, &deltas)
        .map(|tape| Linear::gradient(tape.input, tape.delta))
        .flat_map(|layer| layer.weight.into_iter().chain(layer.bias))
        .collect()
}

fn flat(model: &Vae<f64>) -> Vec<f64> {
    model.tensors().flat_map(|(_, tensor)| tensor.iter().copied().collect::<Vec<_>>()).collect()
}

type Inputs = (Architecture, Vae<f64>, Array2<f64>, Array2<f64>);

/// A model with three images and noise. tanh has no kinks to keep away from.
fn small_model(likelihood: Likelihood, mut rng: impl Rng) -> Inputs {
    let architecture = Architecture {
        pixels: 5,
        hidden: vec![4],
        latent: 2,
        activation: Activation::Tanh,
        likelihood,
    };
    let model = Vae::new(&architecture, &mut rng);
    let x = Array2::from_shape_simple_fn((3, 5), || f64::from(rng.random::<bool>()));
    let noise = Array2::from_shape_simple_fn((3, 2), || rng.sample(StandardNormal));
    (architecture, model, x, noise)
}

/// The derivative of the loss by dual numbers: a forward pass for each parameter, no backward pass.
fn by_dual_numbers(
    architecture: &Architecture,
    model: &Vae<f64>,
    x: &Array2<f64>,
    noise: &Array2<f64>,
) -> Vec<f64> {
    let values = flat(model);
    let loss = |active: usize| {
        let mut parameters = values
            .iter()
            .enumerate()
            .map(|(i, &value)| if i == active { F1::var(value) } else { F1::cst(value) });
        let mut dual = Vae::<F1>::zeros(architecture);
        for (_, mut tensor) in dual.tensors_mut() {
            tensor.iter_mut().zip(&mut parameters).for_each(|(slot, value)| *slot = value);
        }
        let terms = dual.terms(&dual.forward(x.mapv(F1::cst), noise.mapv(F1::cst)));
        let elbo: Array1<F1> = terms.elbo();
        -elbo.iter().copied().sum::<F1>().dx / x.nrows() as f64
    };
    (0..values.len()).map(loss).collect()
}

// --- importance weights -------------------------------------------------------------------------

/// An estimate of log p(x) from the logarithms of importance weights.
type Average = fn(&[f64]) -> f64;

fn importance_weights() -> Claim<Average> {
    claim("vae/importance-weights")
        .says(
            "The importance-weighted estimate is the logarithm of the mean weight, log (1/K) Σ w.",
        )
        .after("Burda, Grosse & Salakhutdinov 2016, equation 8")
        .exact(Tolerance::relative(1e-12), |average: &Subject<Average>, cases| {
            for weights in [&[0.02, 0.5, 0.1][..], &[1.5, 0.003], &[0.7, 0.7, 0.7, 0.01, 2.0]] {
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

fn unbiased_weights() -> Claim<LogWeight> {
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
