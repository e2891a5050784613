//! A gradient penalty, for data on which the plain algorithm fails.
//!
//! Digits lie on thin surfaces among all images, and so does what a generator makes: a discriminator can part
//! the two with ever steeper logits, and what it then sends back says little of where to go. R₁ = ½γ E‖∇ₓℓ(x)‖²
//! over real examples keeps it shallow there (Mescheder, Geiger & Nowozin 2018, who show that with it the players
//! converge near the equilibrium, where without it they circle).

use ndarray::{Array2, Axis, s};
use nn::{Activation, Scalar, Trace};

use crate::{Discriminator, Pass};

impl<S: Scalar> Discriminator<S> {
    // ANCHOR: penalty
    /// R₁ = ½γ · mean ‖∇ₓℓ(x)‖² over the first `real` examples of a pass, forward and back. `batch` is what the mean
    /// is over (a shard has fewer). The result's `logits` are the ‖∇ₓℓ(x)‖², and its tapes give the gradient
    /// with respect to the weights.
    ///
    /// Between two kinks of its leaky ReLUs ℓ is linear, ∇ₓℓ = W₁ᵀF₁W₂ᵀF₂⋯ with the slopes F of the way back. So
    /// v·∇ₓℓ, for a fixed direction v, is what becomes of v on the way *forward* with those slopes, and its
    /// derivative with respect to Wᵢ is the δ on the way back times v on the way forward. R₁'s direction is
    /// v = γ∇ₓℓ/n. No bias takes part.
    ///
    /// # Panics
    /// If the hidden activation is smooth: its curvature would belong here, too.
    pub fn penalty(&self, pass: &Pass<S>, real: usize, gamma: f64, batch: usize) -> Pass<S> {
        let activation = self.network.hidden;
        let piecewise_linear = [Activation::Identity, Activation::Relu, Activation::LeakyRelu];
        assert!(piecewise_linear.contains(&activation), "a piecewise linear discriminator");
        let rows = |x: &Array2<S>| x.slice(s![..real, ..]).to_owned();
        let trace = Trace {
            inputs: pass.trace.inputs.iter().map(rows).collect(),
            output: rows(&pass.trace.output),
        };
        let deltas = self.network.backward(&trace, Array2::ones((real, 1)));
        let gradient = self.network.input_gradient(&deltas);
        let squares = gradient.map_axis(Axis(1), |row| row.dot(&row)).insert_axis(Axis(1));

        let scale = S::from_f64(gamma / batch as f64);
        let mut moved = vec![gradient.mapv_into(|g| scale * g)];
        for (layer, output) in self.network.layers.iter().zip(&trace.inputs[1..]) {
            let mut next = moved[moved.len() - 1].dot(&layer.weight.t());
            activation.backward(output, &mut next);
            moved.push(next);
        }
        let trace = Trace { inputs: moved, output: trace.output };
        Pass { trace, deltas, logits: squares, with_bias: false }
    }
    // ANCHOR_END: penalty
}

#[cfg(test)]
mod tests {
    use autodiff::F1;
    use nn::{Linear, Mlp};
    use prob::random::stream;
    use rand::Rng;

    use super::*;

    const GAMMA: f64 = 3.0;

    fn discriminator() -> Discriminator<f64> {
        let mut rng = stream(4, [1]);
        let widths = [3, 6, 5, 1];
        Discriminator {
            network: Mlp::new(&widths, Activation::LeakyRelu, Activation::Identity, &mut rng),
        }
    }

    fn examples<S: Scalar>() -> Array2<S> {
        let mut rng = stream(4, [2]);
        Array2::from_shape_simple_fn((8, 3), || S::from_f64(rng.random_range(-2.0..2.0)))
    }

    /// The penalty's value: the squared lengths of input gradients that `Mlp::backward` computes.
    fn value<S: Scalar>(discriminator: &Discriminator<S>) -> S {
        let (real, generated) = (examples::<S>(), examples::<S>());
        let n = real.nrows();
        let pass = discriminator.pass(real.view(), generated.view(), n);
        let squares = discriminator.penalty(&pass, n, GAMMA, n).logits;
        S::from_f64(0.5 * GAMMA / n as f64) * squares.sum()
    }

    fn dual(layer: &Linear<f64>) -> Linear<F1> {
        Linear { weight: layer.weight.mapv(F1::cst), bias: layer.bias.mapv(F1::cst) }
    }

    /// Dual numbers differentiate the value, of which they see the forward computation only.
    #[test]
    fn the_gradient_agrees_with_dual_numbers() {
        let discriminator = discriminator();
        let (real, generated) = (examples::<f64>(), examples::<f64>());
        let n = real.nrows();
        let pass = discriminator.pass(real.view(), generated.view(), n);
        let gradient = discriminator.penalty(&pass, n, GAMMA, n).gradient();
        let Mlp { layers, hidden, output } = discriminator.network;
        let layers: Vec<_> = layers.iter().map(dual).collect();
        let original = Discriminator { network: Mlp { layers, hidden, output } };
        for (i, layer) in gradient.iter().enumerate() {
            for ((row, column), &by_hand) in layer.weight.indexed_iter() {
                let mut moved = original.clone();
                moved.network.layers[i].weight[[row, column]].dx = 1.0;
                let witness = value(&moved).dx;
                // A few hundred roundings of numbers of order one.
                assert!((witness - by_hand).abs() < 1e-12, "fc{}: {witness} {by_hand}", i + 1);
            }
            for (row, &by_hand) in layer.bias.indexed_iter() {
                let mut moved = original.clone();
                moved.network.layers[i].bias[row].dx = 1.0;
                assert_eq!(value(&moved).dx, 0.0);
                assert!(by_hand.abs() < 1e-15, "fc{}: {by_hand}", i + 1);
            }
        }
    }

    /// A shard's penalty is its share of the batch's.
    #[test]
    fn a_shard_is_a_part_of_its_batch() {
        let discriminator = discriminator();
        let x = examples::<f64>();
        let n = x.nrows();
        let of = |from: usize, to: usize| {
            let part = x.slice(s![from..to, ..]);
            let pass = discriminator.pass(part, part, n);
            discriminator.penalty(&pass, to - from, GAMMA, n).gradient()
        };
        let (whole, first, second) = (of(0, n), of(0, 3), of(3, n));
        for ((whole, first), second) in whole.iter().zip(&first).zip(&second) {
            let miss = &whole.weight - &first.weight - &second.weight;
            assert!(miss.iter().all(|miss| miss.abs() < 1e-14)); // roundings of numbers below one
        }
    }
}
