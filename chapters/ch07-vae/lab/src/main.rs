//! Answers questions with the functions of `lib.rs`: what `cargo course lab` talks to. Nothing to edit here.

use lab::Functions;
use lab_ch07::*;
use ndarray::{Array1, Array2};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

fn main() {
    Functions::new()
        .with("active_units", |(means, threshold): (Matrix, f64)| {
            active_units(&means, threshold) as f64
        })
        .with("effective_sample_size", |log_weights: Vector| effective_sample_size(&log_weights))
        .with(
            "mixture_prior_kl",
            |(mean, log_var, noise, means, log_vars): (Vector, Vector, Matrix, Matrix, Matrix)| {
                mixture_prior_kl(&mean, &log_var, &noise, &means, &log_vars)
            },
        )
        .with("continuous_bernoulli_quantile", |(logit, uniform): (f64, f64)| {
            continuous_bernoulli_quantile(logit, uniform)
        })
        .with(
            "dreg_gradient",
            |(x, a, s, mean, log_var, noise): (f64, f64, f64, f64, f64, Vector)| {
                dreg_gradient(x, a, s, mean, log_var, &noise)
            },
        )
        .serve();
}
