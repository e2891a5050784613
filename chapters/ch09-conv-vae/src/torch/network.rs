//! The model of [`Vae`](crate::Vae), in libtorch's words.

use nn::{Activation, Parameters, Scalar};
use tch::kind::Element;
use tch::{Device, Kind, TchError, Tensor};

use crate::{Architecture, ArchitectureError, Layer, Vae, Window};

/// With how many bits the products are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// As the parameters are: f32, or f64 in tests.
    Full,
    /// In bf16, and everything else as the parameters are.
    Mixed,
}

/// A convolutional VAE on a device.
///
/// All parameters lie in one tensor, in the order of [`Architecture::layers`], and the layers are views into it.
/// Then Adam is six operations for the whole model instead of six for each of its tensors, a copy in bf16 is
/// one more, and a model is loaded and saved in one piece.
#[derive(Debug)]
pub struct Network {
    /// θ, one long row.
    pub parameters: Tensor,
    /// With how many bits the products are computed.
    pub precision: Precision,
    architecture: Architecture,
    layers: Vec<Layer>,
    windows: Vec<Window>,
}

/// The two terms of the ELBO for each image of a batch, in nats.
#[derive(Debug)]
pub struct Terms {
    /// log p(x|z) at the one sample of z.
    pub reconstruction: Tensor,
    /// KL(q(z|x) ‖ p(z)).
    pub kl: Tensor,
}

impl Network {
    /// A plain-Rust model, copied to a device.
    ///
    /// # Errors
    /// If libtorch cannot hold it there.
    ///
    /// # Panics
    /// If the model is not of this architecture.
    pub fn from_model<S: Scalar + Element>(
        architecture: &Architecture,
        model: &Vae<S>,
        device: Device,
        precision: Precision,
    ) -> Result<Self, TchError> {
        let shape = |error: ArchitectureError| TchError::Shape(error.to_string());
        let layers = architecture.layers().map_err(shape)?;
        let names = layers
            .iter()
            .flat_map(|Layer { name, .. }| [format!("{name}.weight"), format!("{name}.bias")]);
        assert!(names.eq(model.tensors().map(|(name, _)| name)), "a model of this architecture");
        Ok(Self {
            parameters: to_device(model, device)?.f_set_requires_grad(true)?,
            precision,
            architecture: architecture.clone(),
            layers,
            windows: architecture.windows().map_err(shape)?,
        })
    }

    /// The plain-Rust model with these parameters.
    ///
    /// # Errors
    /// If `S` is not the parameters' type, or the device fails.
    pub fn to_model<S: Scalar + Element>(&self) -> Result<Vae<S>, TchError> {
        from_device(&self.architecture, &self.parameters)
    }

    /// Where the parameters are.
    pub fn device(&self) -> Device {
        self.parameters.device()
    }

    /// Dimension of the code z.
    pub fn latent(&self) -> usize {
        self.architecture.latent
    }

    /// The layers, ready for a pass of training.
    ///
    /// # Errors
    /// If the device's memory is full; so all methods of this module.
    pub fn pass(&self) -> Result<Pass<'_>, TchError> {
        self.pass_with(self.precision)
    }

    /// The layers, ready for a pass with nothing rounded: a model is judged by this one.
    pub fn exact_pass(&self) -> Result<Pass<'_>, TchError> {
        self.pass_with(Precision::Full)
    }

    fn pass_with(&self, precision: Precision) -> Result<Pass<'_>, TchError> {
        let exact = self.views(&self.parameters)?;
        let rounded = match precision {
            Precision::Full => exact.iter().map(Affine::shallow_clone).collect(),
            Precision::Mixed => self.views(&self.parameters.f_to_kind(Kind::BFloat16)?)?,
        };
        let heads = self.windows.len() + self.architecture.hidden.len();
        Ok(Pass { network: self, exact, rounded, heads })
    }

    /// Weights and biases, in the shapes of PyTorch, as views into a tensor like `parameters`.
    fn views(&self, parameters: &Tensor) -> Result<Vec<Affine>, TchError> {
        let sizes =
            self.layers.iter().flat_map(|layer| [layer.weight.iter().product(), layer.bias]);
        let sizes: Vec<i64> = sizes.map(size).collect();
        let parts = parameters.f_split_with_sizes(sizes, 0)?;
        let layers = self.layers.iter().zip(parts.chunks_exact(2)).map(|(layer, parts)| {
            let shape: Vec<i64> = layer.weight.iter().copied().map(size).collect();
            Ok(Affine { weight: parts[0].f_view(&shape[..])?, bias: parts[1].shallow_clone() })
        });
        layers.collect()
    }
}

/// One layer's parameters.
#[derive(Debug)]
struct Affine {
    weight: Tensor,
    bias: Tensor,
}

impl Affine {
    fn shallow_clone(&self) -> Self {
        Self { weight: self.weight.shallow_clone(), bias: self.bias.shallow_clone() }
    }

    fn linear(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_linear(&self.weight, Some(&self.bias))
    }
}

/// The layers of a [`Network`] as one pass uses them.
#[derive(Debug)]
pub struct Pass<'a> {
    network: &'a Network,
    /// As the parameters are, for the heads.
    exact: Vec<Affine>,
    /// Of the products' kind, for all other layers.
    rounded: Vec<Affine>,
    /// Where the heads stand among the layers.
    heads: usize,
}

impl Pass<'_> {
    // ANCHOR: torch_encode
    /// The encoder: μ and log σ² of q(z|x). `x` is images × pixels, channel by channel.
    pub fn encode(&self, x: &Tensor) -> Result<(Tensor, Tensor), TchError> {
        let Network { windows, architecture, .. } = self.network;
        let (channels, height, width) = architecture.image;
        let mut h = x
            .f_view([-1, size(channels), size(height), size(width)])?
            .f_to_kind(self.rounded[0].weight.kind())?;
        for (window, layer) in windows.iter().zip(&self.rounded) {
            let (stride, padding) = (size(window.stride), size(window.padding));
            h = h.f_conv2d(&layer.weight, Some(&layer.bias), stride, padding, 1, 1)?;
            h = self.activate(h)?;
        }
        h = h.f_flatten(1, -1)?;
        for layer in &self.rounded[windows.len()..self.heads] {
            h = self.activate(layer.linear(&h)?)?;
        }
        let (mean, log_var) = (&self.exact[self.heads], &self.exact[self.heads + 1]);
        let h = h.f_to_kind(mean.weight.kind())?;
        Ok((mean.linear(&h)?, log_var.linear(&h)?))
    }
    // ANCHOR_END: torch_encode

    // ANCHOR: torch_decode
    /// The decoder: the logits of p(x|z), images × pixels. `z` is images × latent.
    pub fn decode(&self, z: &Tensor) -> Result<Tensor, TchError> {
        let Network { windows, architecture, .. } = self.network;
        let dense = self.heads + 2..self.heads + 2 + architecture.hidden.len() + 1;
        let mut h = z.f_to_kind(self.rounded[0].weight.kind())?;
        for layer in &self.rounded[dense.clone()] {
            h = self.activate(layer.linear(&h)?)?;
        }
        let (channels, height, width) = windows[windows.len() - 1].coarse;
        h = h.f_view([-1, size(channels), size(height), size(width)])?;
        for (i, (window, layer)) in windows.iter().rev().zip(&self.rounded[dense.end..]).enumerate()
        {
            let (rows, columns) = window.output_padding();
            let (stride, padding) = (size(window.stride), size(window.padding));
            let bias = Some(&layer.bias);
            let rest = [size(rows), size(columns)];
            if i > 0 {
                h = self.activate(h)?;
            }
            h = h.f_conv_transpose2d(&layer.weight, bias, stride, padding, rest, 1, 1)?;
        }
        h.f_flatten(1, -1)?.f_to_kind(z.kind())
    }
    // ANCHOR_END: torch_decode

    /// The two terms of the ELBO of the images `x`, with codes drawn by `noise`, images × latent.
    pub fn terms(&self, x: &Tensor, noise: &Tensor) -> Result<Terms, TchError> {
        let (mean, log_var) = self.encode(x)?;
        let z = reparameterize(&mean, &log_var, noise)?;
        let reconstruction = log_likelihood(x, &self.decode(&z)?)?;
        Ok(Terms { reconstruction, kl: kl_to_standard_normal(&mean, &log_var)? })
    }

    fn activate(&self, x: Tensor) -> Result<Tensor, TchError> {
        match self.network.architecture.activation {
            Activation::Identity => Ok(x),
            Activation::Tanh => x.f_tanh(),
            Activation::Relu => x.f_relu(),
            // `leaky_relu` is bound without its slope; a PReLU is one whose slope is a tensor.
            Activation::LeakyRelu => {
                let mut at_minus_one = ndarray::array![[-1.0]];
                Activation::LeakyRelu.forward(&mut at_minus_one);
                x.f_prelu(&Tensor::f_full([1], -at_minus_one[[0, 0]], (x.kind(), x.device()))?)
            }
            Activation::Sigmoid => x.f_sigmoid(),
            // ln(1 + eˣ) = −ln σ(−x), to the last digit; `softplus` stops at x = 20.
            Activation::Softplus => x.f_neg()?.f_log_sigmoid()?.f_neg(),
        }
    }
}

/// z = μ + σ ε with σ = exp(½ log σ²).
///
/// # Errors
/// If libtorch fails, for want of memory as a rule.
pub fn reparameterize(mean: &Tensor, log_var: &Tensor, noise: &Tensor) -> Result<Tensor, TchError> {
    mean.f_add(&log_var.f_mul_scalar(0.5)?.f_exp()?.f_mul(noise)?)
}

/// KL(N(μ, diag σ²) ‖ N(0, I)) = ½ Σⱼ (μⱼ² + σⱼ² − log σⱼ² − 1) for each image.
///
/// # Errors
/// If libtorch fails, for want of memory as a rule.
pub fn kl_to_standard_normal(mean: &Tensor, log_var: &Tensor) -> Result<Tensor, TchError> {
    let summands = mean.f_square()?.f_add(&log_var.f_exp()?)?.f_sub(log_var)?.f_sub_scalar(1.0)?;
    sum_over_columns(&summands)?.f_mul_scalar(0.5)
}

/// log p(x|z) = Σ x·logit − ln(1 + e^logit) over an image's pixels.
///
/// # Errors
/// If libtorch fails, for want of memory as a rule.
pub fn log_likelihood(x: &Tensor, logits: &Tensor) -> Result<Tensor, TchError> {
    sum_over_columns(&x.f_mul(logits)?.f_add(&logits.f_neg()?.f_log_sigmoid()?)?)
}

/// Σⱼ of each row.
pub(super) fn sum_over_columns(rows: &Tensor) -> Result<Tensor, TchError> {
    rows.f_sum_dim_intlist(-1, false, rows.kind())
}

/// All parameters of a model in one row, on a device.
pub(super) fn to_device<S: Scalar + Element>(
    model: &Vae<S>,
    device: Device,
) -> Result<Tensor, TchError> {
    let numbers: Vec<S> = model
        .tensors()
        .flat_map(|(_, tensor)| tensor.iter().copied().collect::<Vec<_>>())
        .collect();
    Tensor::f_from_slice(&numbers)?.f_to_device(device)
}

/// The model whose parameters a row holds.
pub(super) fn from_device<S: Scalar + Element>(
    architecture: &Architecture,
    parameters: &Tensor,
) -> Result<Vae<S>, TchError> {
    let mut model = Vae::zeros(architecture).map_err(|error| TchError::Shape(error.to_string()))?;
    let mut numbers = vec![S::zero(); model.parameter_count()];
    let count = numbers.len();
    parameters.f_detach()?.f_to_device(Device::Cpu)?.f_copy_data(&mut numbers, count)?;
    let mut rest = numbers.into_iter();
    for (_, mut tensor) in model.tensors_mut() {
        tensor.iter_mut().zip(&mut rest).for_each(|(parameter, number)| *parameter = number);
    }
    Ok(model)
}

/// A size in libtorch's type.
pub(super) fn size(size: usize) -> i64 {
    i64::try_from(size).expect("no model has 2⁶³ numbers")
}
