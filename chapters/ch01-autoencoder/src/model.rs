//! The two maps, what they are trained on, and the derivatives. Equations (1.1) to (1.4).

use ndarray::Array2;
use nn::{Activation, Linear, Mlp, Scalar};
use rand::Rng;

/// Something that reconstructs its input and can be trained by gradient descent.
pub trait Model<S: Scalar> {
    /// x̂ for each row of x, images × pixels.
    fn reconstruct(&self, x: &Array2<S>) -> Array2<S>;

    /// The derivatives of [`loss`](Model::loss), one block for each weight matrix (row after row) and each
    /// bias, in the order of [`parameters_mut`](Model::parameters_mut).
    fn gradient(&self, x: &Array2<S>) -> Vec<Vec<S>>;

    /// The parameters, block after block.
    fn parameters_mut(&mut self) -> Vec<&mut [S]>;

    // ANCHOR: loss
    /// J = Σₙ ‖x̂ₙ − xₙ‖², the sum over pixels and images, equation (1.2).
    fn loss(&self, x: &Array2<S>) -> S {
        (self.reconstruct(x) - x).iter().map(|&error| error * error).sum()
    }
    // ANCHOR_END: loss

    /// J divided by the number of images.
    fn loss_per_image(&self, x: &Array2<S>) -> f64 {
        self.loss(x).to_f64() / x.nrows() as f64
    }
}

/// An encoder from images to codes, and a decoder back.
#[derive(Clone, Debug, PartialEq)]
pub struct Autoencoder<S> {
    /// x ↦ z, pixels to code.
    pub encoder: Mlp<S>,
    /// z ↦ x̂, code to pixels.
    pub decoder: Mlp<S>,
}

impl<S: Scalar> Autoencoder<S> {
    /// Encoder of the given `widths` (pixels first, code last) and its mirror image as decoder.
    /// `hidden` stands after every layer but the code and the output, which are linear.
    ///
    /// ```
    /// use ch01_autoencoder::{Autoencoder, Model};
    /// use ndarray::Array2;
    /// use nn::Activation;
    /// let mut rng = prob::random::stream(1, [1]);
    /// let model = Autoencoder::<f64>::new(&[6, 4, 2], Activation::Tanh, &mut rng);
    /// let x = Array2::ones((3, 6));
    /// assert_eq!(model.encode(&x).dim(), (3, 2));
    /// assert_eq!(model.reconstruct(&x).dim(), (3, 6));
    /// ```
    pub fn new(widths: &[usize], hidden: Activation, rng: &mut impl Rng) -> Self {
        let mirrored: Vec<usize> = widths.iter().rev().copied().collect();
        Self {
            encoder: Mlp::new(widths, hidden, Activation::Identity, rng),
            decoder: Mlp::new(&mirrored, hidden, Activation::Identity, rng),
        }
    }

    /// z = f(W₁x + b₁), x̂ = g(W₂z + b₂): one layer each way, equation (1.1).
    pub fn shallow(encoder: Linear<S>, f: Activation, decoder: Linear<S>, g: Activation) -> Self {
        let one = |layer, output| Mlp { layers: vec![layer], hidden: Activation::Identity, output };
        Self { encoder: one(encoder, f), decoder: one(decoder, g) }
    }

    /// The code z of each row of x, images × code.
    pub fn encode(&self, x: &Array2<S>) -> Array2<S> {
        self.encoder.forward(x.clone()).output
    }

    /// The image that each row of z stands for, codes × pixels.
    pub fn decode(&self, z: &Array2<S>) -> Array2<S> {
        self.decoder.forward(z.clone()).output
    }
}

impl<S: Scalar> Model<S> for Autoencoder<S> {
    fn reconstruct(&self, x: &Array2<S>) -> Array2<S> {
        self.decode(&self.encode(x))
    }

    // ANCHOR: gradient
    /// Equations (1.3) and (1.4): ∂J/∂x̂ = 2(x̂ − x) goes back through the decoder; what arrives at the
    /// code goes back through the encoder.
    fn gradient(&self, x: &Array2<S>) -> Vec<Vec<S>> {
        let encoded = self.encoder.forward(x.clone());
        let decoded = self.decoder.forward(encoded.output.clone());
        let two = S::from_f64(2.0);
        let d_output = (&decoded.output - x).mapv_into(|error| two * error);

        let decoder = self.decoder.backward(&decoded, d_output);
        let d_code = self.decoder.input_gradient(&decoder);
        let encoder = self.encoder.backward(&encoded, d_code);

        let tapes = Mlp::tapes(&encoded, &encoder).chain(Mlp::tapes(&decoded, &decoder));
        tapes.flat_map(|tape| blocks(Linear::gradient(tape.input, tape.delta))).collect()
    }
    // ANCHOR_END: gradient

    fn parameters_mut(&mut self) -> Vec<&mut [S]> {
        let layers = self.encoder.layers.iter_mut().chain(&mut self.decoder.layers);
        layers.flat_map(slices).collect()
    }
}

/// A layer's weight and bias as two lists.
pub fn blocks<S: Scalar>(layer: Linear<S>) -> [Vec<S>; 2] {
    [layer.weight.into_iter().collect(), layer.bias.to_vec()]
}

fn slices<S: Scalar>(layer: &mut Linear<S>) -> [&mut [S]; 2] {
    [layer.weight.as_slice_mut(), layer.bias.as_slice_mut()]
        .map(|slice| slice.expect("a layer's parameters are laid out by rows"))
}
