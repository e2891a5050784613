//! What the benchmarks share: the default run of chapter 7, and its matrix products on their own.
//!
//! **What it is for.** `cargo bench -p benches` measures the training step, its matrix products and
//! its elementwise parts. `arithmetic_rate` relates the step to its products, `peers/epoch.py`
//! relates an epoch to PyTorch's.
//!
//! **What it refuses to know.** How to train or to multiply: it calls the course's own code, and
//! ndarray's product as anybody would call it.
//!
//! **The decision that shaped it.** A rate means little on a machine that also does other things.
//! So whatever is to be compared runs alternately within one run, and the ratio of neighbours is
//! what is reported.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use ch07_vae::{Architecture, Examples, Likelihood, Objective, Trainer, Vae, purpose};
use data::{Dataset, Source, default_root};
use ndarray::Array2;
use ndarray::linalg::general_mat_mul;
use nn::{Activation, Adam};
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Pixels of an MNIST image.
pub const PIXELS: usize = 784;
/// Width of the hidden layers.
pub const HIDDEN: usize = 400;
/// Dimension of the code.
pub const LATENT: usize = 20;
/// Images in a batch.
pub const BATCH: usize = 128;

/// MNIST, from the course's own folder.
///
/// # Errors
/// If the files are missing or damaged.
pub fn mnist() -> Result<Dataset> {
    Source::Mnist.load(&default_root()).context("the benchmarks run on the course's MNIST files")
}

/// A trainer as the default run of chapter 7 starts with it: 784-400-20-400-784, ReLU, Bernoulli
/// pixels, Adam with a learning rate of 1e-3.
pub fn trainer(seed: u64) -> Trainer {
    let architecture = Architecture {
        pixels: PIXELS,
        hidden: vec![HIDDEN],
        latent: LATENT,
        activation: Activation::Relu,
        likelihood: Likelihood::Bernoulli,
    };
    let model = Vae::new(&architecture, &mut stream(seed, [purpose::WEIGHTS]));
    Trainer::new(model, Adam::new(1e-3), Objective::elbo(1.0))
}

/// The order in which an epoch visits its examples.
pub fn order(examples: &Examples, seed: u64, epoch: u64) -> Vec<usize> {
    data::shuffled(examples.len(), &mut stream(seed, [purpose::ORDER, epoch]))
}

/// One epoch; returns its mean ELBO in nats.
pub fn train_epoch(trainer: &mut Trainer, examples: &Examples, seed: u64, epoch: u64) -> f64 {
    let mut elbo = 0.0;
    for batch in data::batches(&order(examples, seed, epoch), BATCH) {
        elbo += trainer.step(examples, batch, seed, epoch).elbo();
    }
    elbo / examples.len() as f64
}

/// A pool of `threads` threads.
///
/// # Errors
/// If the system has no thread to give.
pub fn pool(threads: usize) -> Result<ThreadPool> {
    ThreadPoolBuilder::new().num_threads(threads).build().context("cannot start threads")
}

/// One of the matrix products of a training step: (rows × inner)·(inner × columns).
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// The formula.
    pub name: &'static str,
    /// Rows of the result.
    pub rows: usize,
    /// Length of the sums.
    pub inner: usize,
    /// Columns of the result.
    pub columns: usize,
    /// Whether the left factor lies transposed in memory, as δ does in δᵀx.
    pub left_transposed: bool,
    /// Whether the right factor lies transposed in memory, as W does in x Wᵀ.
    pub right_transposed: bool,
    /// How often a step does it: twice for μ and log σ², which have one shape.
    pub per_step: usize,
}

impl Product {
    /// Floating-point operations, a multiplication and an addition for each term of each sum.
    pub fn flop(&self) -> u64 {
        2 * (self.rows * self.inner * self.columns) as u64
    }
}

/// The matrix products of a training step on a batch, in the order of the computation.
///
/// Index 1 is the encoder's hidden layer, μ stands for both heads, 3 and 4 are the decoder's layers.
pub fn products() -> Vec<Product> {
    let forward = |name, inputs, outputs, per_step| Product {
        name,
        rows: BATCH,
        inner: inputs,
        columns: outputs,
        left_transposed: false,
        right_transposed: true,
        per_step,
    };
    let to_input = |name, inputs, outputs, per_step| Product {
        name,
        rows: BATCH,
        inner: outputs,
        columns: inputs,
        left_transposed: false,
        right_transposed: false,
        per_step,
    };
    let to_weight = |name, inputs, outputs, per_step| Product {
        name,
        rows: outputs,
        inner: BATCH,
        columns: inputs,
        left_transposed: true,
        right_transposed: false,
        per_step,
    };
    vec![
        forward("x·W1ᵀ", PIXELS, HIDDEN, 1),
        forward("h1·Wμᵀ", HIDDEN, LATENT, 2),
        forward("z·W3ᵀ", LATENT, HIDDEN, 1),
        forward("h3·W4ᵀ", HIDDEN, PIXELS, 1),
        to_input("δ4·W4", HIDDEN, PIXELS, 1),
        to_input("δ3·W3", LATENT, HIDDEN, 1),
        to_input("δμ·Wμ", HIDDEN, LATENT, 2),
        to_weight("δ1ᵀ·x", PIXELS, HIDDEN, 1),
        to_weight("δμᵀ·h1", HIDDEN, LATENT, 2),
        to_weight("δ3ᵀ·z", LATENT, HIDDEN, 1),
        to_weight("δ4ᵀ·h3", HIDDEN, PIXELS, 1),
    ]
}

/// Floating-point operations that a training step spends on each image in matrix products.
///
/// The forward pass takes 2·Σ inputs·outputs over the layers. The backward pass takes that twice,
/// once for the weights' gradients and once for the inputs', less the input gradient of the first
/// layer, which nobody needs: 2·(3·Σ inputs·outputs − first inputs·outputs).
pub fn flop_per_image(model: &Vae<f32>) -> u64 {
    let sizes = model.layers().into_iter().map(|layer| layer.weight.len() as u64);
    let first = model.layers()[0].weight.len() as u64;
    2 * (3 * sizes.sum::<u64>() - first)
}

/// A product with its factors and room for the result.
#[derive(Clone, Debug)]
pub struct Operands {
    left: Array2<f32>,
    right: Array2<f32>,
    result: Array2<f32>,
    product: Product,
}

impl Operands {
    /// Factors filled with normal numbers.
    pub fn new(product: Product, rng: &mut impl Rng) -> Self {
        let Product { rows, inner, columns, left_transposed, right_transposed, .. } = product;
        let mut normal = |rows, columns, transposed| {
            let shape = if transposed { (columns, rows) } else { (rows, columns) };
            Array2::from_shape_simple_fn(shape, || rng.sample(StandardNormal))
        };
        Self {
            left: normal(rows, inner, left_transposed),
            right: normal(inner, columns, right_transposed),
            result: Array2::zeros((rows, columns)),
            product,
        }
    }

    /// The plain product, into memory that is already there.
    pub fn multiply(&mut self) {
        let (mut left, mut right) = (self.left.view(), self.right.view());
        if self.product.left_transposed {
            left.swap_axes(0, 1);
        }
        if self.product.right_transposed {
            right.swap_axes(0, 1);
        }
        general_mat_mul(1.0, &left, &right, 0.0, &mut self.result);
    }

    /// The result of the last [`Operands::multiply`].
    pub fn result(&self) -> &Array2<f32> {
        &self.result
    }
}

/// Every thread of the pool, on operands of its own, goes `times` through the products that a step
/// does; returns the time of the slowest thread.
///
/// No thread waits for another or shares a product with it: that is as fast as plain products of
/// these shapes can be on so many threads.
pub fn time_products(pool: &ThreadPool, products: &[Product], times: u64) -> Duration {
    let barrier = Barrier::new(pool.current_num_threads());
    let elapsed = pool.broadcast(|thread| {
        let mut rng = stream(0, [thread.index() as u64]);
        let mut operands: Vec<Operands> = products
            .iter()
            .flat_map(|&product| std::iter::repeat_n(product, product.per_step))
            .map(|product| Operands::new(product, &mut rng))
            .collect();
        barrier.wait();
        let start = Instant::now();
        for _ in 0..times {
            operands.iter_mut().for_each(Operands::multiply);
        }
        let elapsed = start.elapsed();
        std::hint::black_box(&operands);
        elapsed
    });
    elapsed.into_iter().max().expect("a pool has a thread")
}

/// The middle value; of an even number of values, the mean of the two in the middle.
///
/// # Panics
/// If there is no value, or one is NaN.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    assert!(!values.is_empty(), "a median of nothing");
    values.sort_by(|a, b| a.partial_cmp(b).expect("a number"));
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { 0.5 * (values[middle - 1] + values[middle]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list of products and the formula know nothing of each other; both must count the same.
    #[test]
    fn the_products_add_up_to_the_formula() {
        let listed: u64 = products().iter().map(|p| p.per_step as u64 * p.flop()).sum();
        assert_eq!(listed, BATCH as u64 * flop_per_image(&trainer(1).model));
    }

    /// Against sums written out. Normal factors and at most 784 terms: 1e-3 is fifty times the
    /// rounding error to expect, √784·√784·2⁻²⁴ ≈ 5e-5 with every term rounded once, and far below
    /// the size √784 of an entry, which a wrong layout would miss.
    #[test]
    fn a_product_multiplies_what_its_layout_says() {
        for product in products() {
            let mut operands = Operands::new(product, &mut stream(3, [0]));
            operands.multiply();
            let (i, j) = (product.rows - 1, product.columns / 2);
            let left = |k| operands.left[if product.left_transposed { [k, i] } else { [i, k] }];
            let right = |k| operands.right[if product.right_transposed { [j, k] } else { [k, j] }];
            let sum: f64 = (0..product.inner).map(|k| f64::from(left(k) * right(k))).sum();
            let error = (f64::from(operands.result()[[i, j]]) - sum).abs();
            assert!(error < 1e-3, "{}: off by {error}", product.name);
        }
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
