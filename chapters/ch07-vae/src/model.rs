//! The model: an encoder, a reparameterized sample and a decoder.

use std::fmt;

use ndarray::{Array2, ArrayRef2, ArrayViewD, ArrayViewMutD};
use nn::{Activation, Linear, Mlp, Parameters, Scalar, Trace, likelihood};
use rand::Rng;
use serde::{Deserialize, Serialize};

/// The decoder's distribution p(x|z) of the data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likelihood {
    /// Binary pixels; the decoder's output is their logits.
    Bernoulli,
    /// Grey values in [0, 1] with density C λˣ (1 − λ)¹⁻ˣ, where C makes it integrate to 1
    /// (Loaiza-Ganem & Cunningham 2019); the decoder's output is the logit of λ.
    ContinuousBernoulli,
    /// Real numbers with one fixed standard deviation; the decoder's output is their mean.
    Gaussian {
        /// σ, in the units of the data.
        sigma: f64,
    },
}

impl fmt::Display for Likelihood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bernoulli => f.write_str("Bernoulli"),
            Self::ContinuousBernoulli => f.write_str("continuous Bernoulli"),
            Self::Gaussian { sigma } => write!(f, "Gaussian with σ = {sigma}"),
        }
    }
}

/// The shape of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Architecture {
    /// Numbers in one example: pixels, or coordinates.
    pub pixels: usize,
    /// Widths of the encoder's hidden layers; the decoder has the same in reverse.
    pub hidden: Vec<usize>,
    /// Dimension of the code z.
    pub latent: usize,
    /// The nonlinearity after each hidden layer.
    pub activation: Activation,
    /// The decoder's distribution.
    pub likelihood: Likelihood,
}

impl Architecture {
    /// The layers in the order of the computation: PyTorch's name, outputs, inputs.
    ///
    /// `fc1`, … for the encoder; then `fc_mu` and `fc_logvar`, which share one number; then on with
    /// the decoder: `fc1`, `fc_mu`, `fc_logvar`, `fc3`, `fc4` for one hidden layer.
    pub fn layers(&self) -> Vec<(String, usize, usize)> {
        let inward: Vec<usize> = [self.pixels].iter().chain(&self.hidden).copied().collect();
        let outward: Vec<usize> =
            [self.latent].iter().chain(inward.iter().rev()).copied().collect();
        let dense = |first: usize, widths: &[usize]| -> Vec<_> {
            let pairs = widths.windows(2).enumerate();
            pairs.map(|(i, w)| (format!("fc{}", first + i), w[1], w[0])).collect()
        };
        let head = |name: &str| (name.to_owned(), self.latent, inward[inward.len() - 1]);
        let mut layers = dense(1, &inward);
        layers.extend([head("fc_mu"), head("fc_logvar")]);
        layers.extend(dense(inward.len() + 1, &outward));
        layers
    }
}

/// A variational autoencoder with dense layers.
///
/// The encoder's last hidden layer feeds two linear maps, one for the mean of q(z|x) and one for
/// the logarithm of its variance.
#[derive(Clone, Debug, PartialEq)]
pub struct Vae<S> {
    /// x → h, ending in a nonlinearity.
    pub encoder: Mlp<S>,
    /// h → μ.
    pub mean: Linear<S>,
    /// h → log σ².
    pub log_var: Linear<S>,
    /// z → the parameters of p(x|z).
    pub decoder: Mlp<S>,
    /// What those parameters mean.
    pub likelihood: Likelihood,
    /// The layers' names in files.
    names: Vec<String>,
}

/// q(z|x) = N(μ, diag σ²) for a batch; both arrays are images × latent.
#[derive(Clone, Debug)]
pub struct Posterior<S> {
    /// μ
    pub mean: Array2<S>,
    /// log σ²
    pub log_var: Array2<S>,
}

impl<S: Scalar> Posterior<S> {
    /// σ = exp(½ log σ²), images × latent.
    #[must_use]
    pub fn sigma(&self) -> Array2<S> {
        self.log_var.mapv(|log_var| (S::from_f64(0.5) * log_var).exp())
    }
}

/// All that a forward pass computes, kept for the loss and for the backward pass. Each image has K
/// codes, one after the other: K = 1 for the usual objective.
#[derive(Clone, Debug)]
pub struct Forward<S> {
    /// The encoder's layers; `encoder.output` is h, `encoder.inputs[0]` the data x (with no hidden
    /// layer, h is x).
    pub encoder: Trace<S>,
    /// q(z|x).
    pub posterior: Posterior<S>,
    /// ε ~ N(0, I), codes × latent.
    pub noise: Array2<S>,
    /// The decoder's layers, codes × …; `decoder.inputs[0]` is z and `decoder.output` the parameters
    /// of p(x|z).
    pub decoder: Trace<S>,
}

impl<S> Forward<S> {
    /// The data that went in.
    pub fn x(&self) -> &Array2<S> {
        self.encoder.inputs.first().unwrap_or(&self.encoder.output)
    }

    /// The codes z, codes × latent.
    pub fn z(&self) -> &Array2<S> {
        self.decoder.inputs.first().unwrap_or(&self.decoder.output)
    }

    /// How many codes K each image has.
    pub fn codes(&self) -> usize {
        self.noise.nrows() / self.posterior.mean.nrows()
    }
}

impl<S: Scalar> Vae<S> {
    /// A model with PyTorch's default initialisation.
    pub fn new(architecture: &Architecture, rng: &mut impl Rng) -> Self {
        Self::from_layers(architecture, |outputs, inputs| Linear::new(inputs, outputs, rng))
    }

    /// A model with all parameters zero: room for what a file holds, or for a gradient.
    pub fn zeros(architecture: &Architecture) -> Self {
        Self::from_layers(architecture, |outputs, inputs| Linear::zeros(inputs, outputs))
    }

    fn from_layers(
        architecture: &Architecture,
        mut layer: impl FnMut(usize, usize) -> Linear<S>,
    ) -> Self {
        let Architecture { activation, likelihood, .. } = *architecture;
        let (names, mut layers): (Vec<_>, Vec<_>) = architecture
            .layers()
            .into_iter()
            .map(|(name, outputs, inputs)| (name, layer(outputs, inputs)))
            .unzip();
        let decoder = layers.split_off(architecture.hidden.len() + 2);
        let log_var = layers.pop().expect("two heads");
        let mean = layers.pop().expect("two heads");
        Self {
            encoder: Mlp { layers, hidden: activation, output: activation },
            mean,
            log_var,
            decoder: Mlp { layers: decoder, hidden: activation, output: Activation::Identity },
            likelihood,
            names,
        }
    }

    /// Sets the decoder's last bias to the logits of the pixels' means, so that an untrained model
    /// already draws each pixel as often as the data has it on. Means are kept between 0.001 and
    /// 0.999. Meant for Bernoulli pixels; `means` has one number for each.
    ///
    /// # Panics
    /// If there is not one mean for each pixel.
    pub fn start_from_means(&mut self, means: &[f64]) {
        let last = self.decoder.layers.last_mut().expect("a decoder has a layer");
        likelihood::set_logits_of_means(&mut last.bias, means);
    }

    // ANCHOR: encode
    /// The encoder: the parameters of q(z|x) = N(μ(x), diag σ²(x)), equation (7.1).
    pub fn encode(&self, x: Array2<S>) -> Posterior<S> {
        self.heads(&self.encoder.forward(x).output)
    }

    fn heads(&self, h: &Array2<S>) -> Posterior<S> {
        Posterior { mean: self.mean.forward(h), log_var: self.log_var.forward(h) }
    }
    // ANCHOR_END: encode

    // ANCHOR: decode
    /// The decoder: the parameters of p(x|z), equation (7.3): logits for Bernoulli pixels, means
    /// for Gaussian ones. `z` is images × latent.
    pub fn decode(&self, z: Array2<S>) -> Array2<S> {
        self.decoder.forward(z).output
    }

    /// The mean of p(x|z): probabilities for Bernoulli pixels.
    pub fn decode_mean(&self, z: Array2<S>) -> Array2<S> {
        let output = self.decode(z);
        match self.likelihood {
            Likelihood::Bernoulli => output.mapv_into(S::sigmoid),
            Likelihood::ContinuousBernoulli => {
                output.mapv_into(likelihood::continuous_bernoulli_mean)
            }
            Likelihood::Gaussian { .. } => output,
        }
    }
    // ANCHOR_END: decode

    // ANCHOR: forward
    /// The whole way from data (images × pixels) to the parameters of p(x|z), with one sample of z for
    /// each row of `noise`: as many for each image, one image after the other.
    pub fn forward(&self, x: Array2<S>, noise: Array2<S>) -> Forward<S> {
        let encoder = self.encoder.forward(x);
        let posterior = self.heads(&encoder.output);
        let z = reparameterize(&posterior, &noise);
        let decoder = self.decoder.forward(z);
        Forward { encoder, posterior, noise, decoder }
    }
    // ANCHOR_END: forward

    /// The layers in the order of the computation: encoder, mean, log-variance, decoder.
    pub fn layers(&self) -> Vec<&Linear<S>> {
        let heads = [&self.mean, &self.log_var];
        self.encoder.layers.iter().chain(heads).chain(&self.decoder.layers).collect()
    }

    /// The layers, to be changed, in the order of [`Vae::layers`].
    pub fn layers_mut(&mut self) -> Vec<&mut Linear<S>> {
        let heads = [&mut self.mean, &mut self.log_var];
        self.encoder.layers.iter_mut().chain(heads).chain(&mut self.decoder.layers).collect()
    }
}

impl<S: Scalar> Parameters for Vae<S> {
    type Scalar = S;

    fn tensors(&self) -> impl Iterator<Item = (String, ArrayViewD<'_, S>)> {
        self.names.iter().zip(self.layers()).flat_map(|(name, layer)| layer.named(name))
    }

    fn tensors_mut(&mut self) -> impl Iterator<Item = (String, ArrayViewMutD<'_, S>)> {
        let names = self.names.clone();
        names.into_iter().zip(self.layers_mut()).flat_map(|(name, layer)| layer.named_mut(&name))
    }
}

// ANCHOR: reparameterize
/// z = μ + σ ε, equation (7.2), with σ = exp(½ log σ²).
///
/// `noise` is codes × latent; the codes of an image follow each other, as many for each image.
///
/// # Panics
/// If the number of codes is no multiple of the number of images.
pub fn reparameterize<S: Scalar>(posterior: &Posterior<S>, noise: &ArrayRef2<S>) -> Array2<S> {
    let (images, latent) = posterior.mean.dim();
    assert_eq!(noise.nrows() % images, 0, "as many codes for each image");
    let (sigma, codes) = (posterior.sigma(), noise.nrows() / images);
    Array2::from_shape_fn((noise.nrows(), latent), |(row, j)| {
        posterior.mean[[row / codes, j]] + sigma[[row / codes, j]] * noise[[row, j]]
    })
}

/// From ∂L/∂z (codes × latent) to ∂L/∂μ and ∂L/∂log σ² (images × latent), through the sample alone:
/// ∂z/∂μ = 1 and ∂z/∂log σ² = ½ σ ε, summed over the codes of an image.
pub fn reparameterize_backward<S: Scalar>(
    posterior: &Posterior<S>,
    noise: &ArrayRef2<S>,
    dz: &ArrayRef2<S>,
) -> (Array2<S>, Array2<S>) {
    let (sigma, codes) = (posterior.sigma(), noise.nrows() / posterior.mean.nrows());
    let [mut mean, mut log_var] = [(); 2].map(|()| Array2::zeros(posterior.mean.dim()));
    for ((row, j), &dz) in dz.indexed_iter() {
        let at = [row / codes, j];
        mean[at] += dz;
        log_var[at] += dz * S::from_f64(0.5) * sigma[at] * noise[[row, j]];
    }
    (mean, log_var)
}
// ANCHOR_END: reparameterize
