//! Answers questions with the functions of `lib.rs`: what `cargo course lab` talks to. Nothing to edit here.

use ndarray::{Array1, Array2};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;
type Bernoulli = ((Matrix, Vector), Vector, (Vector, Vector), Matrix);

fn main() {
    lab::Functions::new()
        .with("importance_bound", |(log_joint, log_q): (Vec<f64>, Vec<f64>)| {
            lab_ch03::importance_bound(&log_joint, &log_q)
        })
        .with("importance_gradient", |(log_weights, gradients): (Vec<f64>, Matrix)| {
            lab_ch03::importance_gradient(&log_weights, &gradients)
        })
        .with("em_step", |(w, sigma, mean_square): (f64, f64, f64)| {
            lab_ch03::em_step(w, sigma, mean_square)
        })
        .with("bernoulli_bound", |((w, b), x, (mean, log_var), noise): Bernoulli| {
            lab_ch03::bernoulli_bound((&w, &b), &x, (&mean, &log_var), &noise)
        })
        .with("jackknife", |log_weights: Vec<f64>| lab_ch03::jackknife(&log_weights))
        .serve();
}
