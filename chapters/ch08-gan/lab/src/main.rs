//! Answers questions with the functions of `lib.rs`: what `cargo course lab` talks to. Nothing to edit here.

use lab::Functions;
use lab_ch08::*;
use ndarray::{Array1, Array2};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;
/// x, G(z), t
type Examples = (Matrix, Matrix, Vector);
/// W, b, w
type Critic = (Matrix, Vector, Vector);

fn main() {
    Functions::new()
        .with("hinge_losses", |(real, generated): (Vector, Vector)| hinge_losses(&real, &generated))
        .with("mode_divergence", |(points, centres): (Matrix, Matrix)| {
            mode_divergence(&points, &centres)
        })
        .with("spectral_norm", |(weight, start, iterations): (Matrix, Vector, usize)| {
            spectral_norm(&weight, &start, iterations)
        })
        .with(
            "spectral_norm_backward",
            |(weight, left, right, gradient): (Matrix, Vector, Vector, Matrix)| {
                spectral_norm_backward(&weight, &left, &right, &gradient)
            },
        )
        .with("critic_loss", |(examples, critic, penalty): (Examples, Critic, f64)| {
            let ((real, generated, mix), (weight, bias, output)) = (examples, critic);
            critic_loss(&real, &generated, &mix, &weight, &bias, &output, penalty)
        })
        .serve();
}
