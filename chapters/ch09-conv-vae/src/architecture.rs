//! The shape of a model, for the plain-Rust and the libtorch build alike.

use nn::Activation;
use serde::{Deserialize, Serialize};

use crate::{Stage, Window};

/// The shape of a convolutional VAE.
///
/// The encoder: the stages, each a convolution with the nonlinearity behind it; hidden dense layers
/// with the nonlinearity; two linear heads. The decoder is its mirror image: dense layers with the
/// nonlinearity, then the stages backwards as transposed convolutions, with the nonlinearity behind
/// each but the last, whose output are the logits of the pixels.
///
/// There is no normalisation. At this depth training needs none, and batch normalisation would make
/// p(x|z) depend on the other images of a batch, so that there is no ELBO of one image any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Architecture {
    /// Channels, height and width of an image.
    pub image: (usize, usize, usize),
    /// The convolutions, from the image inwards.
    pub stages: Vec<Stage>,
    /// Widths of the dense layers between the last convolution and the heads.
    pub hidden: Vec<usize>,
    /// Dimension of the code z.
    pub latent: usize,
    /// The nonlinearity.
    pub activation: Activation,
}

/// Why an architecture describes no model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchitectureError {
    /// A window does not fit.
    #[error(
        "convolution {stage} does not fit: a window of {kernel}×{kernel} in steps of {stride} with padding \
         {padding} on images of {height}×{width}; use larger images, fewer stages, or a padding smaller than \
         the window", kernel = .window.kernel, stride = .window.stride, padding = .window.padding
    )]
    Window {
        /// Its number, from 1.
        stage: usize,
        /// The window.
        window: Stage,
        /// Height of the image that it should move over.
        height: usize,
        /// Width of that image.
        width: usize,
    },
    /// An image of a size that the programs are not made for.
    #[error(
        "images of {0}×{1} pixels: the models of this chapter are for images of at least 4×4 and at most \
         {MOST_SIDE}×{MOST_SIDE}"
    )]
    Image(usize, usize),
    /// A layer without inputs or outputs.
    #[error("a layer of width 0, or no stage at all; every width has to be at least 1")]
    Empty,
    /// More parameters than a computer's memory is good for.
    #[error("more than {MOST_PARAMETERS} parameters: choose fewer channels or narrower layers")]
    TooLarge,
}

/// The largest model that the programs are made for; with its gradient and Adam's moments, 1.6 GB. A width with a digit
/// too many ends with a message instead of a machine out of memory.
pub const MOST_PARAMETERS: usize = 100_000_000;

/// The largest height and width of an image.
pub const MOST_SIDE: usize = 64;

/// One layer of a model: its name in files and the shape of its weight there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// `conv1`, `fc_mu`, `deconv1`, …
    pub name: String,
    /// PyTorch's layout: out×in×kernel×kernel for a convolution, in×out×kernel×kernel for a transposed one, out×in for a
    /// dense layer.
    pub weight: Vec<usize>,
    /// Numbers in the bias.
    pub bias: usize,
}

impl Architecture {
    /// The model that trains on a processor: stages that halve the image until its shorter side is at most 8,
    /// 24 channels, then 48 in every further one, a dense layer of 256, a code of 32.
    pub fn small(image: (usize, usize, usize)) -> Self {
        let halvings = halvings(image);
        let stages = (0..halvings).map(|i| halving(if i == 0 { 24 } else { 48 })).collect();
        Self { image, stages, hidden: vec![256], latent: 32, activation: Activation::Relu }
    }

    /// The model that wants a GPU: between the stages that halve the image stand others that look again at
    /// the same resolution; 64 to 256 channels, a dense layer of 512, a code of 64.
    pub fn full(image: (usize, usize, usize)) -> Self {
        let same = |channels| Stage { channels, kernel: 3, stride: 1, padding: 1 };
        let mut stages = vec![same(64)];
        for i in 0..halvings(image) {
            let channels = 256.min(128 << i);
            stages.extend([halving(channels), same(channels)]);
        }
        Self { image, stages, hidden: vec![512], latent: 64, activation: Activation::Relu }
    }

    // ANCHOR: windows
    /// The windows of the convolutions, from the image inwards; the transposed convolutions have the same ones,
    /// from the last to the first.
    ///
    /// # Errors
    /// [`ArchitectureError::Window`] if one does not fit into its image.
    pub fn windows(&self) -> Result<Vec<Window>, ArchitectureError> {
        let mut fine = self.image;
        if ![fine.1, fine.2].iter().all(|side| (4..=MOST_SIDE).contains(side)) {
            return Err(ArchitectureError::Image(fine.1, fine.2));
        }
        let mut windows = Vec::with_capacity(self.stages.len());
        for (i, &stage) in self.stages.iter().enumerate() {
            let (_, height, width) = fine;
            let error = ArchitectureError::Window { stage: i + 1, window: stage, height, width };
            let window = Window::new(fine, stage).ok_or(error)?;
            fine = window.coarse;
            windows.push(window);
        }
        Ok(windows)
    }
    // ANCHOR_END: windows

    /// The layers in the order of the computation, with their names and shapes in files: `conv1`, …; `fc1`, …;
    /// `fc_mu`, `fc_logvar`; `fc_dec` (or `fc_dec1`, … if there are several); `deconv1`, ….
    ///
    /// # Errors
    /// If there is no such model.
    pub fn layers(&self) -> Result<Vec<Layer>, ArchitectureError> {
        let Self { image: (channels, height, width), stages, hidden, latent, .. } = self;
        let widths = [channels, height, width, latent].into_iter().chain(hidden);
        if stages.is_empty() || widths.copied().any(|width| width == 0) {
            return Err(ArchitectureError::Empty);
        }
        let windows = self.windows()?;
        let mut layers = Vec::new();
        let spatial = |name: &str, i: usize, window: &Window, bias: usize| Layer {
            name: format!("{name}{}", i + 1),
            weight: vec![window.coarse.0, window.fine.0, window.kernel, window.kernel],
            bias,
        };
        for (i, window) in windows.iter().enumerate() {
            layers.push(spatial("conv", i, window, window.coarse.0));
        }
        let dense = |name: String, inputs: usize, outputs: usize| Layer {
            name,
            weight: vec![outputs, inputs],
            bias: outputs,
        };
        let inward = self.encoder_widths(&windows);
        for (i, pair) in inward.windows(2).enumerate() {
            layers.push(dense(format!("fc{}", i + 1), pair[0], pair[1]));
        }
        for name in ["fc_mu", "fc_logvar"] {
            layers.push(dense(name.to_owned(), inward[inward.len() - 1], *latent));
        }
        let outward = self.decoder_widths(&windows);
        for (i, pair) in outward.windows(2).enumerate() {
            let number = if outward.len() > 2 { (i + 1).to_string() } else { String::new() };
            layers.push(dense(format!("fc_dec{number}"), pair[0], pair[1]));
        }
        for (i, window) in windows.iter().rev().enumerate() {
            layers.push(spatial("deconv", i, window, window.fine.0));
        }
        if parameters(&layers).is_none_or(|count| count > MOST_PARAMETERS) {
            return Err(ArchitectureError::TooLarge);
        }
        Ok(layers)
    }

    /// From the last maps to the heads.
    pub(crate) fn encoder_widths(&self, windows: &[Window]) -> Vec<usize> {
        let maps = windows.last().map_or(0, |window| window.places() * window.coarse.0);
        [&maps].into_iter().chain(&self.hidden).copied().collect()
    }

    /// From the code to the maps that the transposed convolutions begin with.
    pub(crate) fn decoder_widths(&self, windows: &[Window]) -> Vec<usize> {
        let inward = self.encoder_widths(windows);
        [self.latent].iter().chain(inward.iter().rev()).copied().collect()
    }

    /// How many numbers the model learns.
    ///
    /// # Errors
    /// If there is no such model.
    pub fn parameter_count(&self) -> Result<usize, ArchitectureError> {
        parameters(&self.layers()?).ok_or(ArchitectureError::TooLarge)
    }

    /// Numbers in an image.
    pub fn pixels(&self) -> usize {
        self.image.0 * self.image.1 * self.image.2
    }
}

/// The parameters of all layers; `None` if there are more than a computer can count.
fn parameters(layers: &[Layer]) -> Option<usize> {
    layers.iter().try_fold(0_usize, |sum, layer| {
        let weight = layer.weight.iter().try_fold(1_usize, |n, &side| n.checked_mul(side))?;
        sum.checked_add(weight)?.checked_add(layer.bias)
    })
}

/// A stage that halves an image: windows of 4×4 in steps of 2 cover it evenly, each pixel by four windows. (A
/// window of 3×3 would cover every second pixel twice as often, which the transpose paints as a
/// checkerboard; Odena, Dumoulin & Olah 2016.)
fn halving(channels: usize) -> Stage {
    Stage { channels, kernel: 4, stride: 2, padding: 1 }
}

/// How often to halve an image so that its shorter side is at most 8, but twice at least.
fn halvings((_, height, width): (usize, usize, usize)) -> usize {
    let mut side = height.min(width) / 4;
    let mut count = 2;
    while side > 8 {
        side /= 2;
        count += 1;
    }
    count
}
