//! The evaluation against a model whose evidence is known: z ~ N(0, 1), x|z ~ N(wz + b, σ²).

use approx::assert_relative_eq;
use ch07_vae::{Architecture, Evaluation, Examples, Likelihood, Vae, evaluate};
use ndarray::{Array2, array};
use nn::{Activation, Parameters};
use prob::kl::gaussian as kl_gaussian;
use std::f64::consts::TAU;

const W: f64 = 1.5;
const B: f64 = 0.25;
const SIGMA: f64 = 0.5;
const X: [f64; 3] = [-1.0, 0.5, 2.0];

/// The posterior's variance, 1/(1 + w²/σ²), and its mean as slope and intercept in x.
fn posterior() -> (f64, f64, f64) {
    let variance = 1.0 / (1.0 + W * W / (SIGMA * SIGMA));
    let slope = variance * W / (SIGMA * SIGMA);
    (variance, slope, -slope * B)
}

/// log p(x) = log N(x; b, w² + σ²)
fn log_evidence(x: f64) -> f64 {
    let variance = W * W + SIGMA * SIGMA;
    -0.5 * ((x - B) * (x - B) / variance + (TAU * variance).ln())
}

/// The model with an encoder whose mean is off by `shift` and whose variance by `factor`.
fn evaluation(shift: f64, factor: f64, samples: usize) -> Evaluation {
    let architecture = Architecture {
        pixels: 1,
        hidden: vec![],
        latent: 1,
        activation: Activation::Identity,
        likelihood: Likelihood::Gaussian { sigma: SIGMA },
    };
    let (variance, slope, intercept) = posterior();
    let mut model = Vae::<f32>::zeros(&architecture);
    model.mean.weight[[0, 0]] = slope as f32;
    model.mean.bias[0] = (intercept + shift) as f32;
    model.log_var.bias[0] = (factor * variance).ln() as f32;
    model.decoder.layers[0].weight[[0, 0]] = W as f32;
    model.decoder.layers[0].bias[0] = B as f32;
    let points = Examples::Points(Array2::from_shape_fn((3, 1), |(i, _)| X[i]));
    evaluate(&model, &points, &[0, 1, 2], samples, 1, |_| ())
}

/// With the exact posterior every weight *is* p(x): no noise is left in the estimate, and the
/// number of samples does not matter. 1e-5 is the rounding of f32.
#[test]
fn exact_posterior_gives_the_exact_evidence_from_one_sample() {
    let exact = X.iter().map(|&x| log_evidence(x)).sum::<f64>() / 3.0;
    for samples in [1, 2, 200] {
        let evaluation = evaluation(0.0, 1.0, samples);
        assert_relative_eq!(evaluation.log_evidence.mean, exact, epsilon = 1e-5);
    }
}

/// Elsewhere ELBO = log p(x) − KL(q ‖ posterior), and the importance-weighted estimate still finds
/// log p(x). Both to within 5 of the Monte-Carlo errors that the evaluation itself reports.
#[test]
fn wrong_posterior_costs_its_divergence_and_importance_weights_repair_it() {
    let exact = X.iter().map(|&x| log_evidence(x)).sum::<f64>() / 3.0;
    let (variance, ..) = posterior();
    let (shift, factor) = (0.2, 1.5);
    let gap = kl_gaussian(shift, (factor * variance).ln(), 0.0, variance.ln());

    let evaluation = evaluation(shift, factor, 20_000);
    let elbo_error = evaluation.elbo.monte_carlo_error.expect("many samples");
    assert!(elbo_error < 0.01, "{elbo_error}");
    assert_relative_eq!(evaluation.elbo.mean, exact - gap, epsilon = 5.0 * elbo_error);
    let error = evaluation.log_evidence.monte_carlo_error.expect("many samples");
    assert!(error < 0.005, "{error}");
    assert_relative_eq!(evaluation.log_evidence.mean, exact, epsilon = 5.0 * error);
}

/// One sample has no spread, the closed-form KL no noise.
#[test]
fn errors_are_reported_only_where_they_are_known() {
    let evaluation = evaluation(0.2, 1.5, 1);
    assert_eq!(evaluation.elbo.monte_carlo_error, None);
    assert_eq!(evaluation.kl.monte_carlo_error, Some(0.0));
    assert!(evaluation.elbo.standard_error.is_some_and(|error| error > 0.0));
}

/// The same images, another number of threads: the same bits.
#[test]
fn threads_leave_no_trace_in_an_evaluation() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| evaluation(0.2, 1.5, 300))
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn names_follow_the_layers() {
    let architecture = Architecture {
        pixels: 784,
        hidden: vec![200, 100],
        latent: 5,
        activation: Activation::Tanh,
        likelihood: Likelihood::Bernoulli,
    };
    let model = Vae::<f64>::zeros(&architecture);
    let shapes: Vec<_> = model
        .tensors()
        .filter(|(name, _)| name.ends_with("weight"))
        .map(|(name, tensor)| (name, tensor.shape().to_vec()))
        .collect();
    let expected =
        array![[200, 784], [100, 200], [5, 100], [5, 100], [100, 5], [200, 100], [784, 200]];
    let names = ["fc1", "fc2", "fc_mu", "fc_logvar", "fc4", "fc5", "fc6"];
    for ((name, shape), (expected_name, expected)) in
        shapes.iter().zip(names.iter().zip(expected.rows()))
    {
        assert_eq!(name, &format!("{expected_name}.weight"));
        assert_eq!(shape, &expected.to_vec(), "{name}");
    }
    assert_eq!(shapes.len(), names.len());
}
