//! The two networks: noise to data, and data to a logit.

use ndarray::Array2;
use nn::{Activation, Mlp, Parameters, Scalar};
use rand::Rng;
use serde::{Deserialize, Serialize};

/// The shape of a pair of networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Architecture {
    /// Numbers in one example: pixels, or coordinates.
    pub data: usize,
    /// Dimension of the noise z.
    pub latent: usize,
    /// Widths of the generator's hidden layers; the discriminator has the same in reverse. Two of them
    /// make the three-layer networks of the text.
    pub hidden: Vec<usize>,
    /// The nonlinearity after each hidden layer of both networks.
    pub activation: Activation,
    /// The nonlinearity after the generator's last layer: the identity for points, the logistic function
    /// for pixels between 0 and 1.
    pub generator_output: Activation,
}

impl Architecture {
    /// The generator's widths, from noise to data.
    pub fn generator_widths(&self) -> Vec<usize> {
        [self.latent].iter().chain(&self.hidden).chain([&self.data]).copied().collect()
    }

    /// The discriminator's widths, from data to one logit.
    pub fn discriminator_widths(&self) -> Vec<usize> {
        [self.data].iter().chain(self.hidden.iter().rev()).chain([&1]).copied().collect()
    }
}

// ANCHOR: networks
/// G: noise z to an example x = G(z). Its distribution is never written down; one can only draw from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator<S> {
    /// The layers.
    pub network: Mlp<S>,
}

/// D: an example to the logit ℓ of the probability D(x) = σ(ℓ) that x is real, equation (8.2).
///
/// It ends in the logit and not in the probability: log D and log(1 − D) are computed from ℓ without
/// ever rounding a probability to 0 or 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Discriminator<S> {
    /// The layers.
    pub network: Mlp<S>,
}

impl<S: Scalar> Generator<S> {
    /// x = G(z): noise (samples × latent) to examples (samples × data).
    pub fn generate(&self, noise: Array2<S>) -> Array2<S> {
        self.network.forward(noise).output
    }
}

impl<S: Scalar> Discriminator<S> {
    /// ℓ(x): examples (images × data) to logits (images × 1).
    pub fn logits(&self, x: Array2<S>) -> Array2<S> {
        self.network.forward(x).output
    }
}
// ANCHOR_END: networks

impl<S: Scalar> Generator<S> {
    /// A generator with PyTorch's default initialisation.
    pub fn new(architecture: &Architecture, rng: &mut impl Rng) -> Self {
        let Architecture { activation, generator_output, .. } = *architecture;
        let widths = architecture.generator_widths();
        Self { network: Mlp::new(&widths, activation, generator_output, rng) }
    }

    /// A generator with all parameters zero: room for what a file holds.
    pub fn zeros(architecture: &Architecture) -> Self {
        let Architecture { activation, generator_output, .. } = *architecture;
        let widths = architecture.generator_widths();
        Self { network: Mlp::zeros(&widths, activation, generator_output) }
    }

    /// A generator of the same shape with all parameters zero.
    pub fn zeros_like(&self) -> Self {
        Self { network: self.network.zeros_like() }
    }
}

impl<S: Scalar> Discriminator<S> {
    /// A discriminator with PyTorch's default initialisation.
    pub fn new(architecture: &Architecture, rng: &mut impl Rng) -> Self {
        let (widths, activation) = (architecture.discriminator_widths(), architecture.activation);
        Self { network: Mlp::new(&widths, activation, Activation::Identity, rng) }
    }

    /// A discriminator with all parameters zero: room for what a file holds.
    pub fn zeros(architecture: &Architecture) -> Self {
        let (widths, activation) = (architecture.discriminator_widths(), architecture.activation);
        Self { network: Mlp::zeros(&widths, activation, Activation::Identity) }
    }

    /// A discriminator of the same shape with all parameters zero.
    pub fn zeros_like(&self) -> Self {
        Self { network: self.network.zeros_like() }
    }
}
