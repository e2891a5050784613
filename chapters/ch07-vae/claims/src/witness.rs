//! What the checks compare with: a model of which everything is known, and derivatives by dual numbers.

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::sync::{Mutex, PoisonError};

use autodiff::F1;
use ndarray::Array2;
use ndarray_rand::RandomExt;
use nn::{Activation, Parameters};
use rand::Rng;
use rand_distr::StandardNormal;

use ch07_vae::{Architecture, Likelihood, Objective, Vae};

/// z ~ N(0, 1), x|z ~ N(wz + b, s²): a model of which everything is known.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) w: f64,
    pub(super) b: f64,
    pub(super) s: f64,
}

impl Default for Line {
    fn default() -> Self {
        Self { w: 1.5, b: 0.25, s: 0.5 }
    }
}

impl Line {
    pub(super) fn log_evidence(self, x: f64) -> f64 {
        let variance = self.w * self.w + self.s * self.s;
        -0.5 * ((x - self.b).powi(2) / variance + (TAU * variance).ln())
    }

    pub(super) fn log_likelihood(self, x: f64, z: f64) -> f64 {
        let residual = x - self.b - self.w * z;
        -0.5 * (residual * residual / (self.s * self.s) + (TAU * self.s * self.s).ln())
    }

    /// Mean and variance of p(z|x), the mean shifted and the variance multiplied.
    pub(super) fn posterior(self, x: f64, shift: f64, factor: f64) -> (f64, f64) {
        let variance = 1.0 / (1.0 + (self.w / self.s).powi(2));
        (variance * self.w * (x - self.b) / (self.s * self.s) + shift, factor * variance)
    }

    /// E_q[log p(x|z)] for q = N(mean, variance): the residual's variance adds to its square.
    pub(super) fn reconstruction(self, x: f64, (mean, variance): (f64, f64)) -> f64 {
        self.log_likelihood(x, mean) - 0.5 * (self.w / self.s).powi(2) * variance
    }
}

/// Every parameter in one list.
pub(super) fn flat(model: &Vae<f64>) -> Vec<f64> {
    model.tensors().flat_map(|(_, tensor)| tensor.iter().copied().collect::<Vec<_>>()).collect()
}

/// What was computed, under the objective, the architecture and all numbers that it was computed from.
type Known = Mutex<BTreeMap<(String, Vec<u64>), Vec<f64>>>;

/// A small model with some images, and the noise of some codes for each.
pub(super) struct Small {
    pub(super) architecture: Architecture,
    pub(super) model: Vae<f64>,
    pub(super) x: Array2<f64>,
    pub(super) noise: Array2<f64>,
}

/// What is free about a small model.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) likelihood: Likelihood,
    pub(super) hidden: usize,
    pub(super) activation: Activation,
    pub(super) latent: usize,
    pub(super) images: usize,
    pub(super) codes: usize,
}

impl Shape {
    /// One hidden layer, and three images of one code. tanh has no kinks to keep away from.
    pub(super) fn new(likelihood: Likelihood, latent: usize) -> Self {
        let activation = Activation::Tanh;
        Self { likelihood, hidden: 1, activation, latent, images: 3, codes: 1 }
    }
}

impl Small {
    pub(super) fn new(shape: Shape, mut rng: impl Rng) -> Self {
        let Shape { likelihood, hidden, activation, latent, images, codes } = shape;
        let hidden = vec![4; hidden];
        let architecture = Architecture { pixels: 5, hidden, latent, activation, likelihood };
        let model = Vae::new(&architecture, &mut rng);
        let x = Array2::from_shape_simple_fn((images, 5), || match likelihood {
            Likelihood::ContinuousBernoulli => rng.random(),
            _ => f64::from(rng.random::<bool>()),
        });
        let noise = Array2::random_using((codes * images, latent), StandardNormal, &mut rng);
        Self { architecture, model, x, noise }
    }

    /// The derivative of the loss −(1/n) Σ bound by dual numbers: a forward pass for each parameter, no
    /// backward pass.
    pub(super) fn by_dual_numbers(&self, objective: &Objective) -> Vec<f64> {
        self.remembered(objective, "derivative", || self.derivative(objective))
    }

    fn derivative(&self, objective: &Objective) -> Vec<f64> {
        let values = flat(&self.model);
        let loss = |active: usize| {
            let mut parameters = values
                .iter()
                .enumerate()
                .map(|(i, &value)| if i == active { F1::var(value) } else { F1::cst(value) });
            let mut dual = Vae::<F1>::zeros(&self.architecture);
            for (_, mut tensor) in dual.tensors_mut() {
                tensor.iter_mut().zip(&mut parameters).for_each(|(slot, value)| *slot = value);
            }
            let (x, noise) = (self.x.mapv(F1::cst), self.noise.mapv(F1::cst));
            let bound = dual.terms(&dual.forward(x, noise)).bound(objective);
            -bound.iter().copied().sum::<F1>().dx / self.x.nrows() as f64
        };
        (0..values.len()).map(loss).collect()
    }
    /// What was computed of this model once, for every implementation that is compared with it.
    pub(super) fn remembered(
        &self,
        objective: &Objective,
        what: &str,
        compute: impl FnOnce() -> Vec<f64>,
    ) -> Vec<f64> {
        static KNOWN: Known = Mutex::new(BTreeMap::new());
        let name = format!("{what} {objective} {:?}", self.architecture);
        let numbers = flat(&self.model).into_iter().chain(self.x.iter().copied());
        let numbers = numbers.chain(self.noise.iter().copied()).map(f64::to_bits).collect();
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry((name, numbers)).or_insert_with(compute).clone()
    }
}
