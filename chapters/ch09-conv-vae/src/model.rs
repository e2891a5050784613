//! The model: convolutions, a dense middle with the reparameterized sample, transposed convolutions.

use ch07_vae::{Posterior, kl_to_standard_normal, reparameterize};
use ndarray::{
    Array1, Array2, ArrayBase, ArrayRef2, ArrayView2, ArrayViewD, ArrayViewMutD, Ix2, IxDyn,
    RawData,
};
use nn::{Activation, Linear, Mlp, Parameters, Scalar, Trace, likelihood};
use rand::Rng;

use crate::convolution::uniform;
use crate::{Architecture, ArchitectureError, Convolution, Transposed, Window};

/// A convolutional variational autoencoder with Bernoulli pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Vae<S> {
    /// x → maps, each followed by the nonlinearity.
    pub convolutions: Vec<Convolution<S>>,
    /// The last maps → h, dense.
    pub encoder: Mlp<S>,
    /// h → μ.
    pub mean: Linear<S>,
    /// h → log σ².
    pub log_var: Linear<S>,
    /// z → maps, dense.
    pub decoder: Mlp<S>,
    /// maps → logits, with the nonlinearity between them.
    pub transposed: Vec<Transposed<S>>,
    /// The nonlinearity.
    pub activation: Activation,
    /// The layers' names in files.
    pub(crate) names: Vec<String>,
}

/// All that a forward pass computes, kept for the loss and for the backward pass.
#[derive(Clone, Debug)]
pub struct Forward<S> {
    /// The data, images × pixels (channel by channel).
    pub x: Array2<S>,
    /// Maps from the image (the input of the first convolution) to the output of the last one.
    pub inward: Vec<Array2<S>>,
    /// The dense layers behind them; `encoder.output` is h.
    pub encoder: Trace<S>,
    /// q(z|x).
    pub posterior: Posterior<S>,
    /// ε ~ N(0, I), images × latent.
    pub noise: Array2<S>,
    /// The decoder's dense layers; `decoder.inputs[0]` is z.
    pub decoder: Trace<S>,
    /// Maps: the input of each transposed convolution.
    pub outward: Vec<Array2<S>>,
    /// The parameters of p(x|z), images × pixels.
    pub logits: Array2<S>,
}

/// The two terms of the ELBO for each image of a batch, in nats, as in chapter 7.
#[derive(Clone, Debug)]
pub struct Terms<S> {
    /// log p(x|z) at the one sample of z.
    pub reconstruction: Array1<S>,
    /// KL(q(z|x) ‖ p(z)).
    pub kl: Array1<S>,
}

impl<S: Scalar> Terms<S> {
    /// ELBO = E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)), with one sample for the mean.
    pub fn elbo(&self) -> Array1<S> {
        &self.reconstruction - &self.kl
    }
}

impl<S: Scalar> Vae<S> {
    /// A model with random weights and no biases.
    ///
    /// Where a rectifier follows, weights have the variance 2/fan (He et al. 2015), so that signals neither fade nor
    /// grow from layer to layer; where none does, in the two heads and for the logits, a sixth of that,
    /// as PyTorch's dense layers have it.
    ///
    /// # Errors
    /// If there is no model of this architecture.
    pub fn new(architecture: &Architecture, rng: &mut impl Rng) -> Result<Self, ArchitectureError> {
        let mut model = Self::zeros(architecture)?;
        // The variance of a uniform number on ±b is b²/3.
        let rectified = |fan: usize| (6.0 / fan as f64).sqrt();
        let linear = |fan: usize| (1.0 / fan as f64).sqrt();
        for layer in &mut model.convolutions {
            let bound = rectified(Convolution::<S>::fan_in(&layer.window));
            *layer = Convolution::new(layer.window.clone(), bound, rng);
        }
        for layer in model.encoder.layers.iter_mut().chain(&mut model.decoder.layers) {
            let bound = rectified(layer.inputs());
            layer.weight.map_inplace(|weight| *weight = uniform(bound, rng));
        }
        for head in [&mut model.mean, &mut model.log_var] {
            let bound = linear(head.inputs());
            head.weight.map_inplace(|weight| *weight = uniform(bound, rng));
        }
        let last = model.transposed.len() - 1;
        for (i, layer) in model.transposed.iter_mut().enumerate() {
            let fan = Transposed::<S>::fan_in(&layer.window);
            let bound = if i < last { rectified(fan) } else { linear(fan) };
            *layer = Transposed::new(layer.window.clone(), bound, rng);
        }
        Ok(model)
    }

    /// Sets the logits' biases to the logit of each channel's mean, so that training does not begin with
    /// learning how dark the images are. A channel that is always on or off counts as nearly so.
    ///
    /// # Panics
    /// If there is not one mean for each channel.
    pub fn start_from_means(&mut self, means: &[f64]) {
        let last = self.transposed.last_mut().expect("at least one stage");
        likelihood::set_logits_of_means(&mut last.bias, means);
    }

    /// A model with all parameters zero: room for what a file holds.
    ///
    /// # Errors
    /// If there is no model of this architecture.
    pub fn zeros(architecture: &Architecture) -> Result<Self, ArchitectureError> {
        let layers = architecture.layers()?;
        let windows = architecture.windows()?;
        let activation = architecture.activation;
        let dense = |widths: &[usize]| Mlp::zeros(widths, activation, activation);
        let inward = architecture.encoder_widths(&windows);
        let head = || Linear::zeros(inward[inward.len() - 1], architecture.latent);
        Ok(Self {
            convolutions: windows.iter().cloned().map(Convolution::zeros).collect(),
            encoder: dense(&inward),
            mean: head(),
            log_var: head(),
            decoder: dense(&architecture.decoder_widths(&windows)),
            transposed: windows.into_iter().rev().map(Transposed::zeros).collect(),
            activation,
            names: layers.into_iter().map(|layer| layer.name).collect(),
        })
    }

    /// Dimension of the code z.
    pub fn latent(&self) -> usize {
        self.mean.outputs()
    }

    // ANCHOR: encode
    /// The encoder: the parameters of q(z|x). `x` is images × pixels, channel by channel.
    pub fn encode(&self, x: &Array2<S>) -> Posterior<S> {
        self.heads(&self.inward(x).1.output)
    }

    /// From the data through the convolutions and the dense layers behind them.
    fn inward(&self, x: &Array2<S>) -> (Vec<Array2<S>>, Trace<S>) {
        let mut maps = vec![channels_last(x, self.image().0)];
        for (i, layer) in self.convolutions.iter().enumerate() {
            let mut next = layer.forward(&maps[i]);
            self.activation.forward(&mut next);
            maps.push(next);
        }
        let last = channels_first(&maps[self.convolutions.len()], x.nrows());
        (maps, self.encoder.forward(last))
    }

    fn heads(&self, h: &Array2<S>) -> Posterior<S> {
        Posterior { mean: self.mean.forward(h), log_var: self.log_var.forward(h) }
    }
    // ANCHOR_END: encode

    // ANCHOR: decode
    /// The decoder: the logits of p(x|z), images × pixels. `z` is images × latent.
    pub fn decode(&self, z: Array2<S>) -> Array2<S> {
        self.outward(z).2
    }

    /// From the code to the inputs of all layers and the logits.
    fn outward(&self, z: Array2<S>) -> (Trace<S>, Vec<Array2<S>>, Array2<S>) {
        let images = z.nrows();
        let dense = self.decoder.forward(z);
        let mut maps = vec![channels_last(&dense.output, self.transposed[0].window.coarse.0)];
        let mut output = self.transposed[0].forward(&maps[0]);
        for layer in &self.transposed[1..] {
            self.activation.forward(&mut output);
            let next = layer.forward(&output);
            maps.push(std::mem::replace(&mut output, next));
        }
        let logits = channels_first(&output, images);
        (dense, maps, logits)
    }
    // ANCHOR_END: decode

    /// The probabilities of the pixels, given the code.
    pub fn decode_mean(&self, z: Array2<S>) -> Array2<S> {
        let mut logits = self.decode(z);
        Activation::Sigmoid.forward(&mut logits);
        logits
    }

    /// The whole way from data to the logits of p(x|z), with one sample of z for each image.
    pub fn forward(&self, x: Array2<S>, noise: Array2<S>) -> Forward<S> {
        let (inward, encoder) = self.inward(&x);
        let posterior = self.heads(&encoder.output);
        let (decoder, outward, logits) = self.outward(reparameterize(&posterior, &noise));
        Forward { x, inward, encoder, posterior, noise, decoder, outward, logits }
    }

    /// The two terms of the ELBO after a forward pass.
    pub fn terms(&self, forward: &Forward<S>) -> Terms<S> {
        Terms {
            reconstruction: self.log_likelihood(&forward.x, &forward.logits),
            kl: kl_to_standard_normal(&forward.posterior),
        }
    }

    /// log p(x|z) for each image; both arrays are images × pixels.
    pub fn log_likelihood(&self, x: &ArrayRef2<S>, logits: &ArrayRef2<S>) -> Array1<S> {
        likelihood::bernoulli_from_logits(x, logits)
    }

    /// Channels, height and width of an image.
    pub fn image(&self) -> (usize, usize, usize) {
        self.convolutions[0].window.fine
    }

    /// Weight, bias and window of every layer, in the order of the computation.
    fn layers(&self) -> Vec<(ArrayView2<'_, S>, &Array1<S>, Option<&Window>)> {
        let heads = [&self.mean, &self.log_var];
        let middle = self.encoder.layers.iter().chain(heads).chain(&self.decoder.layers);
        let convolutions = self.convolutions.iter();
        let transposed = self.transposed.iter();
        convolutions
            .map(|layer| (layer.weight.view(), &layer.bias, Some(&layer.window)))
            .chain(middle.map(|layer| (layer.weight.view(), &layer.bias, None)))
            .chain(transposed.map(|layer| (layer.weight.view(), &layer.bias, Some(&layer.window))))
            .collect()
    }

    /// The same, to be changed.
    fn layers_mut(&mut self) -> Vec<(&mut Array2<S>, &mut Array1<S>, Option<&Window>)> {
        let heads = [&mut self.mean, &mut self.log_var];
        let middle = self.encoder.layers.iter_mut().chain(heads).chain(&mut self.decoder.layers);
        let convolutions = self.convolutions.iter_mut();
        let transposed = self.transposed.iter_mut();
        convolutions
            .map(|layer| (&mut layer.weight, &mut layer.bias, Some(&layer.window)))
            .chain(middle.map(|layer| (&mut layer.weight, &mut layer.bias, None)))
            .chain(
                transposed.map(|layer| (&mut layer.weight, &mut layer.bias, Some(&layer.window))),
            )
            .collect()
    }
}

/// In PyTorch's layout.
impl<S: Scalar> Parameters for Vae<S> {
    type Scalar = S;

    fn tensors(&self) -> impl Iterator<Item = (String, ArrayViewD<'_, S>)> {
        self.names.iter().zip(self.layers()).flat_map(|(name, (weight, bias, window))| {
            let weight = in_files(weight, window);
            [(format!("{name}.weight"), weight), (format!("{name}.bias"), bias.view().into_dyn())]
        })
    }

    fn tensors_mut(&mut self) -> impl Iterator<Item = (String, ArrayViewMutD<'_, S>)> {
        let names = self.names.clone();
        names.into_iter().zip(self.layers_mut()).flat_map(|(name, (weight, bias, window))| {
            let weight = in_files(weight.view_mut(), window);
            [
                (format!("{name}.weight"), weight),
                (format!("{name}.bias"), bias.view_mut().into_dyn()),
            ]
        })
    }
}

// ANCHOR: layout
/// A weight in PyTorch's layout. A convolution's is coarse × fine channels × kernel × kernel in files; here the
/// channels of a window's pixel lie side by side, coarse × (kernel · kernel · fine channels).
fn in_files<R: RawData>(weight: ArrayBase<R, Ix2>, window: Option<&Window>) -> ArrayBase<R, IxDyn> {
    let Some(window) = window else { return weight.into_dyn() };
    let shape = (weight.nrows(), window.kernel, window.kernel, window.fine.0);
    let weight = weight.into_shape_with_order(shape).expect("a weight has as many numbers");
    weight.permuted_axes([0, 3, 1, 2]).into_dyn()
}
// ANCHOR_END: layout

/// Images × (channels · height · width), PyTorch's order, to maps: (images · height · width) × channels.
pub(crate) fn channels_last<S: Scalar>(images: &Array2<S>, channels: usize) -> Array2<S> {
    let places = images.ncols() / channels;
    let maps = transpose_each(images, channels, places);
    maps.into_shape_with_order((images.nrows() * places, channels)).expect("as many numbers")
}

/// Maps to images × (channels · height · width).
pub(crate) fn channels_first<S: Scalar>(maps: &Array2<S>, images: usize) -> Array2<S> {
    let (rows, channels) = maps.dim();
    let places = rows / images.max(1);
    let images_first = transpose_each(maps, places, channels);
    images_first.into_shape_with_order((images, places * channels)).expect("as many numbers")
}

/// Every stretch of rows × columns numbers, transposed.
fn transpose_each<S: Scalar>(numbers: &Array2<S>, rows: usize, columns: usize) -> Array1<S> {
    let from = numbers.as_slice().expect("images and maps are contiguous");
    if rows == 1 || columns == 1 {
        return Array1::from(from.to_vec());
    }
    let mut to = Array1::zeros(from.len());
    let stretches = to.as_slice_mut().expect("a new array").chunks_exact_mut(rows * columns);
    for (to, from) in stretches.zip(from.chunks_exact(rows * columns)) {
        for (column, to) in to.chunks_exact_mut(rows).enumerate() {
            for (row, to) in to.iter_mut().enumerate() {
                *to = from[row * columns + column];
            }
        }
    }
    to
}
