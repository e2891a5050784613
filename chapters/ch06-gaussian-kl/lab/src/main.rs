//! Answers questions with the functions of `lib.rs`: what `cargo course lab` talks to. Nothing to edit here.

use lab::Functions;
use lab_ch06::*;
use ndarray::{Array1, Array2};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

fn main() {
    Functions::new()
        .with("kl_to_wide_prior", |(mean, log_var, s): (Vector, Vector, f64)| {
            kl_to_wide_prior(&mean, &log_var, s)
        })
        .with("full_covariance_kl", |(mean, covariance): (Vector, Matrix)| {
            full_covariance_kl(&mean, &covariance)
        })
        .with("laplace_kl", |(m1, b1, m2, b2): (f64, f64, f64, f64)| laplace_kl(m1, b1, m2, b2))
        .with("free_bits_gradient", |(mean, log_var, free): (Matrix, Matrix, f64)| {
            free_bits_gradient(&mean, &log_var, free)
        })
        .with(
            "mixture_kl_bound",
            |(mean, sigma, weights, means, sigmas): (f64, f64, Vector, Vector, Vector)| {
                mixture_kl_bound(mean, sigma, &weights, &means, &sigmas)
            },
        )
        .serve();
}
