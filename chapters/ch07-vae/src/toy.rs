//! The two-dimensional toy set on which D1 trains: its law, a VAE of it, and how far that is from it.
//! Equations (7.37) to (7.39).

use data::toy::grid;
use data::{batches, shuffled};
use ndarray::Array2;
use nn::{Activation, Adam};
use prob::gaussian::standard_log_density;
use prob::random::stream;
use prob::special::normal_cdf;
use rand::Rng;
use rand_distr::StandardNormal;

use crate::{Architecture, Examples, Likelihood, Objective, Trainer, Vae, purpose};

// ANCHOR: grid_law
/// P(round(U + N) ≤ k) for U uniform on [0, 10] and N standard normal, equation (7.37): the distribution function
/// F of U + N at k + ½, F(t) = (G(t) − G(t − 10))/10 with G(t) = tΦ(t) + φ(t), an antiderivative of Φ.
#[must_use]
pub fn rounded_cdf(k: f64) -> f64 {
    let g = |t: f64| t * normal_cdf(t) + standard_log_density(t).exp();
    let t = k + 0.5;
    (g(t) - g(t - 10.0)) / 10.0
}

/// The values k/2 that a coordinate takes, with their probabilities; what is left out is below 1e-24.
pub fn grid_law() -> impl Iterator<Item = (f64, f64)> {
    let symmetric = |k: i32| {
        // From the nearer tail, where nothing cancels.
        let k = f64::from(k.min(10 - k));
        rounded_cdf(k) - rounded_cdf(k - 1.0)
    };
    (-10..=20).map(move |k| (f64::from(k) / 2.0, symmetric(k)))
}
// ANCHOR_END: grid_law

/// The standard deviation of the decoder, half the distance between two lines of the grid. D1 states none,
/// and without one there is no likelihood.
pub const SIGMA: f64 = 0.25;

// ANCHOR: toy_training
/// D1's model, trained as D1 describes: two numbers, a hidden layer of 128, a code of two, batches of 32,
/// Adam.
#[must_use]
pub fn train_on_grid(points: usize, epochs: u64, seed: u64) -> Vae<f32> {
    let architecture = Architecture {
        pixels: 2,
        hidden: vec![128],
        latent: 2,
        activation: Activation::Tanh,
        likelihood: Likelihood::Gaussian { sigma: SIGMA },
    };
    let examples = Examples::Points(grid(points, &mut stream(seed, [purpose::TOY_SET])));
    let start = Vae::new(&architecture, &mut stream(seed, [purpose::WEIGHTS]));
    let mut trainer = Trainer::new(start, Adam::new(1e-3), Objective::elbo(1.0));
    for epoch in 0..epochs {
        let order = shuffled(points, &mut stream(seed, [purpose::ORDER, epoch]));
        for batch in batches(&order, 32) {
            trainer.step(&examples, batch, seed, epoch);
        }
    }
    trainer.model
}

/// Points of the model: z from N(0, I), then x from N(decoder(z), σ²I).
pub fn draw(model: &Vae<f32>, count: usize, rng: &mut impl Rng) -> Vec<[f64; 2]> {
    let z = Array2::from_shape_simple_fn((count, 2), || rng.sample(StandardNormal));
    let means = model.decode(z);
    let mut noisy = |mean: f32| f64::from(mean) + SIGMA * rng.sample::<f64, _>(StandardNormal);
    means.rows().into_iter().map(|mean| [noisy(mean[0]), noisy(mean[1])]).collect()
}
// ANCHOR_END: toy_training

// ANCHOR: energy
fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    let [x, y] = [a[0] - b[0], a[1] - b[1]];
    (x * x + y * y).sqrt()
}

/// What the energy distance from the toy set's law needs to know of that law.
#[derive(Clone, Debug)]
pub struct GridEnergy {
    /// The points of the plane with their probabilities; rarer ones than 1e-6 together are left out.
    atoms: Vec<([f64; 2], f64)>,
    /// E|X − X′|
    within: f64,
}

impl Default for GridEnergy {
    fn default() -> Self {
        let law: Vec<_> = grid_law().filter(|&(_, p)| p > 1e-9).collect();
        let pairs = law.iter().flat_map(|&(x, p)| law.iter().map(move |&(y, q)| ([x, y], p * q)));
        let atoms: Vec<_> = pairs.collect();
        let mut energy = Self { atoms, within: 0.0 };
        energy.within = energy.atoms.iter().map(|&(x, p)| p * energy.mean_distance(x)).sum();
        energy
    }
}

impl GridEnergy {
    /// E|x − X| for X from the set's law.
    fn mean_distance(&self, x: [f64; 2]) -> f64 {
        self.atoms.iter().map(|&(atom, p)| p * distance(x, atom)).sum()
    }

    /// 2E|X − Y| − E|X − X′| − E|Y − Y′|, the *energy distance* of the points' distribution from the law of the
    /// set, equation (7.39), estimated without bias: it is 0 on average if the points have that law, and
    /// otherwise larger (Székely & Rizzo 2013).
    #[must_use]
    pub fn distance(&self, points: &[[f64; 2]]) -> f64 {
        let n = points.len() as f64;
        let between: f64 = points.iter().map(|&y| self.mean_distance(y)).sum();
        let pairs = points.iter().enumerate();
        let among: f64 =
            pairs.flat_map(|(i, &y)| points[..i].iter().map(move |&z| distance(y, z))).sum();
        2.0 * between / n - self.within - 2.0 * among / (n * (n - 1.0))
    }

    /// The energy distance of the law from itself, moved by `shift` along one axis.
    #[must_use]
    pub fn of_shift(&self, shift: f64) -> f64 {
        let moved = self.atoms.iter().map(|&([x, y], p)| p * self.mean_distance([x + shift, y]));
        2.0 * (moved.sum::<f64>() - self.within)
    }
}
// ANCHOR_END: energy
