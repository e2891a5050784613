//! Answers questions with the functions of `lib.rs`: what `cargo course lab` talks to. Nothing to edit here.

use ndarray::{Array1, Array2};

fn main() {
    lab::Functions::new()
        .with("kept_share", |(eigenvalues, code): (Vec<f64>, usize)| {
            lab_ch01::kept_share(&eigenvalues, code)
        })
        .with("contractive_penalty", |(w, b, x): (Array2<f64>, Array1<f64>, Array1<f64>)| {
            lab_ch01::contractive_penalty(&w, &b, &x)
        })
        .with("white_code", |(mean, values, vectors): (Array1<f64>, Array1<f64>, Array2<f64>)| {
            lab_ch01::white_code(&mean, &values, &vectors)
        })
        .with("denoising_floor", |(eigenvalues, code, sigma): (Vec<f64>, usize, f64)| {
            lab_ch01::denoising_floor(&eigenvalues, code, sigma)
        })
        .with("contractive_gradient", |(w, b, x): (Array2<f64>, Array1<f64>, Array1<f64>)| {
            lab_ch01::contractive_gradient(&w, &b, &x)
        })
        .serve();
}
