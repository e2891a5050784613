//! The multilayer perceptron: dense layers with nonlinearities between them.

use ndarray::{Array2, ArrayViewD, ArrayViewMutD};
use rand::Rng;

use crate::{Activation, LayerTape, Linear, Parameters, Scalar};

/// Dense layers in a row; `hidden` stands after each of them but the last, `output` after the last.
///
/// ```
/// use ndarray::Array2;
/// use nn::{Activation, Mlp};
/// # use rand::SeedableRng;
/// let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1);
/// let net = Mlp::<f64>::new(&[3, 8, 2], Activation::Tanh, Activation::Identity, &mut rng);
/// let trace = net.forward(Array2::ones((5, 3)));
/// assert_eq!(trace.output.dim(), (5, 2));
/// let deltas = net.backward(&trace, Array2::ones((5, 2))); // L = sum of all outputs
/// assert_eq!(deltas[0].dim(), (5, 8));
/// assert_eq!(net.input_gradient(&deltas).dim(), (5, 3));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mlp<S> {
    /// The dense layers, from input to output.
    pub layers: Vec<Linear<S>>,
    /// The nonlinearity after each layer but the last.
    pub hidden: Activation,
    /// The nonlinearity after the last layer.
    pub output: Activation,
}

/// What a forward pass leaves behind for the backward pass.
#[derive(Clone, Debug)]
pub struct Trace<S> {
    /// The input of each layer, images × features.
    pub inputs: Vec<Array2<S>>,
    /// The output of the whole network, images × outputs.
    pub output: Array2<S>,
}

impl<S: Scalar> Mlp<S> {
    /// Layers of the given `widths` (inputs first, outputs last) with PyTorch's initialisation.
    pub fn new(
        widths: &[usize],
        hidden: Activation,
        output: Activation,
        rng: &mut impl Rng,
    ) -> Self {
        let layers = widths.windows(2).map(|w| Linear::new(w[0], w[1], rng)).collect();
        Self { layers, hidden, output }
    }

    /// A network of these widths with all parameters zero: room for what a file holds.
    pub fn zeros(widths: &[usize], hidden: Activation, output: Activation) -> Self {
        let layers = widths.windows(2).map(|w| Linear::zeros(w[0], w[1])).collect();
        Self { layers, hidden, output }
    }

    /// The layers, to be changed, from input to output.
    pub fn layers_mut(&mut self) -> Vec<&mut Linear<S>> {
        self.layers.iter_mut().collect()
    }

    /// The nonlinearity after layer `i`.
    fn activation(&self, i: usize) -> Activation {
        if i + 1 < self.layers.len() { self.hidden } else { self.output }
    }

    // ANCHOR: mlp
    /// hᵢ₊₁ = f(hᵢ Wᵢᵀ + bᵢ), from h₀ = x (images × inputs) to the output.
    pub fn forward(&self, x: Array2<S>) -> Trace<S> {
        let mut inputs = Vec::with_capacity(self.layers.len());
        let mut h = x;
        for (i, layer) in self.layers.iter().enumerate() {
            let mut next = layer.forward(&h);
            self.activation(i).forward(&mut next);
            inputs.push(h);
            h = next;
        }
        Trace { inputs, output: h }
    }

    /// δᵢ = ∂L/∂(hᵢ Wᵢᵀ + bᵢ) for every layer, given ∂L/∂output: from the last layer to the first,
    /// δᵢ = (δᵢ₊₁ Wᵢ₊₁) ⊙ f′.
    pub fn backward(&self, trace: &Trace<S>, d_output: Array2<S>) -> Vec<Array2<S>> {
        let mut deltas = Vec::with_capacity(self.layers.len());
        let mut delta = d_output;
        for i in (0..self.layers.len()).rev() {
            let output = trace.inputs.get(i + 1).unwrap_or(&trace.output);
            self.activation(i).backward(output, &mut delta);
            let next = if i > 0 { self.layers[i].backward(&delta) } else { Array2::zeros((0, 0)) };
            deltas.push(std::mem::replace(&mut delta, next));
        }
        deltas.reverse();
        deltas
    }

    /// ∂L/∂x = δ₀ W₀. Not part of [`Mlp::backward`]: a network that reads data has no use for it.
    pub fn input_gradient(&self, deltas: &[Array2<S>]) -> Array2<S> {
        self.layers[0].backward(&deltas[0])
    }
    // ANCHOR_END: mlp

    /// The pairs of input and δ that each layer's gradient is made of.
    pub fn tapes<'a>(
        trace: &'a Trace<S>,
        deltas: &'a [Array2<S>],
    ) -> impl Iterator<Item = LayerTape<'a, S>> {
        trace.inputs.iter().zip(deltas).map(|(input, delta)| LayerTape {
            input,
            delta,
            with_bias: true,
        })
    }
}

/// PyTorch's names: `fc1.weight`, `fc1.bias`, `fc2.weight` and so on.
impl<S: Scalar> Parameters for Mlp<S> {
    type Scalar = S;

    fn tensors(&self) -> impl Iterator<Item = (String, ArrayViewD<'_, S>)> {
        self.layers.iter().zip(1..).flat_map(|(layer, i)| layer.named(&format!("fc{i}")))
    }

    fn tensors_mut(&mut self) -> impl Iterator<Item = (String, ArrayViewMutD<'_, S>)> {
        self.layers.iter_mut().zip(1..).flat_map(|(layer, i)| layer.named_mut(&format!("fc{i}")))
    }
}
