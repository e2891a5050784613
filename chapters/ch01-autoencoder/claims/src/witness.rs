//! What several checks lean on: data, and derivatives by two other ways.

use std::sync::OnceLock;

use autodiff::F1;
use claims::{CheckError, Rng};
use data::{Source, Split, default_root, optical_digits};
use ndarray::{Array, Array2, Dimension};
use ndarray_rand::RandomExt;
use nn::{Activation, Linear, Mlp};
use rand_distr::StandardNormal;

use ch01_autoencoder::{Autoencoder, Model, Pca};

/// The optical digits, images × 64, values in [0, 1].
pub(super) struct Digits {
    /// All 1 797 of them.
    pub(super) all: Array2<f64>,
    /// The components of all of them.
    pub(super) pca: Pca,
    pub(super) train: Array2<f32>,
    pub(super) test: Array2<f32>,
    /// The components of the training images.
    pub(super) train_pca: Pca,
}

fn grey(split: &Split) -> Array2<f64> {
    let indices: Vec<usize> = (0..split.images.len()).collect();
    split.images.intensities(&indices)
}

fn single(x: &Array2<f64>) -> Array2<f32> {
    x.mapv(|value| value as f32)
}

fn load() -> Result<Digits, CheckError> {
    let root = default_root();
    let all = grey(&optical_digits(&root)?);
    let split = Source::Optdigits.load(&root)?;
    let (train, test) = (grey(&split.train), grey(&split.test));
    let train_pca = Pca::fit(&train)?;
    Ok(Digits { pca: Pca::fit(&all)?, all, train: single(&train), test: single(&test), train_pca })
}

/// Read and decomposed once for all checks.
pub(super) fn digits() -> Result<&'static Digits, CheckError> {
    static DIGITS: OnceLock<Result<Digits, String>> = OnceLock::new();
    let digits = DIGITS.get_or_init(|| load().map_err(|error| error.to_string()));
    digits.as_ref().map_err(|error| error.clone().into())
}

pub(super) fn normals(shape: (usize, usize), rng: &mut Rng) -> Array2<f64> {
    Array2::random_using(shape, StandardNormal, rng)
}

/// An autoencoder for four pixels whose derivatives exist everywhere, and a batch to reconstruct.
pub(super) fn smooth(
    [layers, activation, code, images, _]: [f64; 5],
    rng: &mut Rng,
) -> (Autoencoder<f64>, Array2<f64>) {
    const PIXELS: usize = 4;
    let code = code as usize;
    let smooth = [Activation::Tanh, Activation::Sigmoid, Activation::Softplus];
    let f = smooth[activation as usize - 1];
    let model = if layers == 1.0 {
        let (encoder, decoder) = (Linear::new(PIXELS, code, rng), Linear::new(code, PIXELS, rng));
        Autoencoder::shallow(encoder, f, decoder, Activation::Tanh)
    } else {
        Autoencoder::new(&[PIXELS, 3, code], f, rng)
    };
    (model, normals((images as usize, PIXELS), rng))
}

fn constants<D: Dimension>(values: &Array<f64, D>) -> Array<F1, D> {
    values.mapv(F1::cst)
}

fn dual_network(net: &Mlp<f64>) -> Mlp<F1> {
    let layers = net.layers.iter();
    let dual = |layer: &Linear<f64>| Linear {
        weight: constants(&layer.weight),
        bias: constants(&layer.bias),
    };
    Mlp { layers: layers.map(dual).collect(), hidden: net.hidden, output: net.output }
}

/// The same autoencoder in dual numbers.
pub(super) fn dual(model: &Autoencoder<f64>) -> Autoencoder<F1> {
    Autoencoder { encoder: dual_network(&model.encoder), decoder: dual_network(&model.decoder) }
}

/// The derivatives of the loss by dual numbers, one pass a parameter: nothing of `gradient` is used.
pub(super) fn by_dual_numbers<M: Model<F1>>(mut model: M, x: &Array2<f64>) -> Vec<Vec<f64>> {
    let x = constants(x);
    let lengths: Vec<usize> = model.parameters_mut().iter().map(|block| block.len()).collect();
    let mut derivative = |block: usize, i: usize| {
        model.parameters_mut()[block][i].dx = 1.0;
        let slope = model.loss(&x).dx;
        model.parameters_mut()[block][i].dx = 0.0;
        slope
    };
    let of_block =
        |(block, &length): (usize, &usize)| (0..length).map(|i| derivative(block, i)).collect();
    lengths.iter().enumerate().map(of_block).collect()
}

/// The derivatives of the loss by central differences, (J(θ + h) − J(θ − h))/2h.
pub(super) fn by_differences<M: Model<f64>>(mut model: M, x: &Array2<f64>) -> Vec<Vec<f64>> {
    const H: f64 = 1e-5; // truncation h² and rounding ε/h are about equal
    let lengths: Vec<usize> = model.parameters_mut().iter().map(|block| block.len()).collect();
    let mut loss_at = |block: usize, i: usize, h: f64| {
        model.parameters_mut()[block][i] += h;
        let loss = model.loss(x);
        model.parameters_mut()[block][i] -= h;
        loss
    };
    let mut slope =
        |block: usize, i: usize| (loss_at(block, i, H) - loss_at(block, i, -H)) / (2.0 * H);
    let of_block =
        |(block, &length): (usize, &usize)| (0..length).map(|i| slope(block, i)).collect();
    lengths.iter().enumerate().map(of_block).collect()
}
