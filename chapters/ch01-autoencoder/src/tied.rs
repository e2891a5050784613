//! One weight matrix for both maps. Equations (1.12) and (1.13).

use ndarray::{Array1, Array2};
use nn::{Activation, Linear, Scalar};
use rand::Rng;

use crate::{Autoencoder, Model};

/// z = f(Wx + b₁), x̂ = g(Wᵀz + b₂).
#[derive(Clone, Debug, PartialEq)]
pub struct Tied<S> {
    /// W, code × pixels.
    pub weight: Array2<S>,
    /// b₁, one number for each coordinate of the code.
    pub encoder_bias: Array1<S>,
    /// b₂, one number for each pixel.
    pub decoder_bias: Array1<S>,
    /// The encoder's nonlinearity f.
    pub f: Activation,
    /// The decoder's nonlinearity g.
    pub g: Activation,
}

impl<S: Scalar> Tied<S> {
    /// From `pixels` to `code` and back; the weight starts as an encoder's would.
    pub fn new(
        pixels: usize,
        code: usize,
        f: Activation,
        g: Activation,
        rng: &mut impl Rng,
    ) -> Self {
        let Linear { weight, bias } = Linear::new(pixels, code, rng);
        Self { weight, encoder_bias: bias, decoder_bias: Array1::zeros(pixels), f, g }
    }

    /// The autoencoder with two matrices that computes the same: W₁ = W, W₂ = Wᵀ.
    pub fn untied(&self) -> Autoencoder<S> {
        let encoder = Linear { weight: self.weight.clone(), bias: self.encoder_bias.clone() };
        let transposed = self.weight.t().as_standard_layout().into_owned();
        let decoder = Linear { weight: transposed, bias: self.decoder_bias.clone() };
        Autoencoder::shallow(encoder, self.f, decoder, self.g)
    }
}

impl<S: Scalar> Model<S> for Tied<S> {
    fn reconstruct(&self, x: &Array2<S>) -> Array2<S> {
        self.untied().reconstruct(x)
    }

    // ANCHOR: tied
    /// W stands in two places, so its derivative is a sum, equation (1.13): ∂W = ∂W₁ + (∂W₂)ᵀ.
    fn gradient(&self, x: &Array2<S>) -> Vec<Vec<S>> {
        let (code, pixels) = self.weight.dim();
        let mut untied = self.untied().gradient(x);
        let decoder_bias = untied.remove(3);
        let decoder = untied.remove(2);
        for i in 0..code {
            for j in 0..pixels {
                untied[0][i * pixels + j] += decoder[j * code + i];
            }
        }
        untied.push(decoder_bias);
        untied
    }
    // ANCHOR_END: tied

    fn parameters_mut(&mut self) -> Vec<&mut [S]> {
        let weight = self.weight.as_slice_mut();
        [weight, self.encoder_bias.as_slice_mut(), self.decoder_bias.as_slice_mut()]
            .map(|slice| slice.expect("parameters are laid out by rows"))
            .into()
    }
}

// ANCHOR: counts
/// How many parameters the two have, equation (1.12): 2DM + D + M with two matrices, DM + D + M with one.
///
/// ```
/// assert_eq!(ch01_autoencoder::parameter_counts(784, 20), [32_164, 16_484]);
/// ```
#[must_use]
pub fn parameter_counts(pixels: usize, code: usize) -> [usize; 2] {
    [2, 1].map(|matrices| matrices * pixels * code + pixels + code)
}
// ANCHOR_END: counts
