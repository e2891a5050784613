//! What the tests share: PyTorch's fixture.
#![allow(dead_code, unreachable_pub)] // each test binary uses its part

use ch09_conv_vae::{Architecture, Forward, Stage, Vae};
use ndarray::{Array2, ArrayD};
use nn::checkpoint::Checkpoint;
use nn::{Activation, Parameters};

/// The model of `conv_vae.safetensors`.
pub fn reference_architecture() -> Architecture {
    let halving = |channels| Stage { channels, kernel: 4, stride: 2, padding: 1 };
    Architecture {
        image: (1, 28, 28),
        stages: vec![halving(8), halving(16)],
        hidden: Vec::new(),
        latent: 8,
        activation: Activation::Relu,
    }
}

/// PyTorch's model with its inputs and outputs.
pub struct Reference {
    file: Checkpoint,
}

impl Reference {
    pub fn open() -> Self {
        let file = Checkpoint::from_bytes("conv_vae.safetensors".as_ref(), reference::CONV_VAE);
        Self { file: file.expect("the fixture") }
    }

    /// A tensor's numbers.
    pub fn values(&self, name: &str) -> Vec<f64> {
        let mut array = ArrayD::zeros(self.file.shape(name).expect("a tensor of the fixture"));
        self.file.read(name, array.view_mut()).expect("a tensor of the fixture");
        array.into_iter().collect()
    }

    /// A tensor with a row for each image.
    pub fn images(&self, name: &str) -> Array2<f64> {
        let values = self.values(name);
        Array2::from_shape_vec((2, values.len() / 2), values).expect("two images")
    }

    /// The model whose tensors are called `prefix.conv1.weight` and so on.
    pub fn model(&self, prefix: &str) -> Vae<f64> {
        let mut model = Vae::zeros(&reference_architecture()).expect("a sound architecture");
        for (name, target) in model.tensors_mut() {
            self.file.read(&format!("{prefix}.{name}"), target).expect("a parameter");
        }
        model
    }

    pub fn forward(&self, model: &Vae<f64>) -> Forward<f64> {
        model.forward(self.images("input.x"), self.images("input.eps"))
    }
}

/// All parameters in one list.
pub fn flat(model: &Vae<f64>) -> Vec<f64> {
    model.parameters().concat()
}
