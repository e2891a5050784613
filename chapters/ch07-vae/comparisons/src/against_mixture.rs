//! A VAE beside a mixture of Gaussians, on the same digits, in few dimensions and in all. Equations (7.34)
//! to (7.36).
//!
//! Both are fitted to the same principal components of the same training images (chapter 2), and judged on
//! the same held-out ones: by log-density per dimension, and by the score of what they draw.

use std::f64::consts::TAU;

use ch02_variational_inference::Whitening;
use ch02_variational_inference::digits::Digits;
use ch02_variational_inference::mixture::{Settings, fit, mean_log_density};
use data::{default_root, shuffled};
use ndarray::{Array1, Array2, Axis};
use nn::{Activation, Adam};
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;
use score::{Judge, Score, ScoreError};

use ch07_vae::{
    Architecture, Evaluation, Examples, Likelihood, Objective, Totals, Trainer, Vae, evaluate,
    purpose,
};

/// Codes of an image in the estimate of its log-density.
const SAMPLES: usize = 64;
const BATCH: usize = 32;
const EPOCHS: u64 = 40;
const RATE: f64 = 3e-3;
/// The mixture of chapter 2's measurement.
const MIXTURE: Settings = Settings { components: 10, floor: 1.0, iterations: 30, least_gain: 1e-3 };

/// How one model does.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Mean log-density of the held-out images, nats per dimension.
    pub test: f64,
    /// The same of training images.
    pub train: f64,
    /// The score of what it draws, as images.
    pub drawn: Score,
}

/// Both at one number of dimensions.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// D
    pub dimensions: usize,
    /// Ten Gaussians with full covariances.
    pub mixture: Standing,
    /// The VAE. Its log-densities are estimated by importance weighting, equation (7.7), and too small on
    /// average; of the training images as many are used as are held out.
    pub vae: Standing,
    /// The VAE's ELBO on held-out images, nats per dimension.
    pub elbo: f64,
    /// The part of the VAE's figures that is the change of units, (1/D) Σ log sᵢ of equation (7.34).
    pub change_of_units: f64,
    /// One Gaussian's log-density of held-out images, nats per dimension.
    pub one_gaussian: f64,
    /// The score of real held-out images of which only these components are kept: what a perfect model gets.
    pub real: Score,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// The files.
    #[error(transparent)]
    Data(#[from] data::DataError),
    /// The mixture.
    #[error(transparent)]
    Density(#[from] prob::Error),
    /// The score.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// The training.
    #[error(
        "the VAE in {dimensions} dimensions has parameters that are not finite: lower its learning rate"
    )]
    Diverged {
        /// D
        dimensions: usize,
    },
}

/// The ground that both are compared on: digits, their components and a judge of the optical digits.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    digits: Digits,
    whitening: Whitening,
    judge: &'a Judge,
    seed: u64,
}

impl<'a> Ground<'a> {
    /// Reads the optical digits and finds their components. The seed decides the noise that makes whole
    /// numbers continuous, both fits and all draws.
    ///
    /// # Errors
    /// If the files are missing or damaged.
    pub fn new(judge: &'a Judge, seed: u64) -> Result<Self, ComparisonError> {
        let digits = Digits::load(&default_root(), seed)?;
        let whitening = Whitening::of(digits.train.view())?;
        Ok(Self { digits, whitening, judge, seed })
    }

    /// Fits both models in so many dimensions.
    ///
    /// # Errors
    /// If a fit fails.
    pub fn compare(&self, dimensions: usize) -> Result<Comparison, ComparisonError> {
        let [train, test] = [&self.digits.train, &self.digits.test]
            .map(|data| self.whitening.coordinates(data.view(), dimensions));
        let per_dimension = 1.0 / dimensions as f64;
        let mut rng = stream(self.seed, [purpose::SAMPLE, dimensions as u64]);

        let mixture = fit(train.view(), &MIXTURE, &mut rng)?.mixture;
        let one = fit(train.view(), &Settings { components: 1, ..MIXTURE }, &mut rng)?.mixture;
        let mut drawn = Array2::zeros((self.judge.samples(), dimensions));
        drawn.rows_mut().into_iter().for_each(|mut row| row.assign(&mixture.sample(&mut rng)));
        let mixture = Standing {
            test: per_dimension * mean_log_density(test.view(), &mixture)?,
            train: per_dimension * mean_log_density(train.view(), &mixture)?,
            drawn: self.score(&drawn)?,
        };

        // ANCHOR: change_of_units
        // A VAE with one σ needs directions that vary more than others: it is given the components in
        // units of the first one's standard deviation, y = s x, and log p(x) = log p(y) + Σ log sᵢ.
        let scale = self.scales(dimensions);
        let change_of_units = per_dimension * scale.mapv(f64::ln).sum();
        let density = |of_y: f64| per_dimension * of_y + change_of_units;
        // ANCHOR_END: change_of_units
        let model = self.train(&(&train * &scale))?;
        let [on_test, on_train] =
            [&test, &train].map(|points| self.evaluate(&model, points * &scale));
        let (means, sigma) = draw(&model, self.judge.samples(), &mut rng);
        let noisy = means.mapv(|mean| mean + sigma * rng.sample::<f64, _>(StandardNormal));
        let vae = Standing {
            test: density(on_test.log_evidence.mean),
            train: density(on_train.log_evidence.mean),
            drawn: self.score(&(noisy / &scale))?,
        };

        let real = self.judge.real().mapv(|pixel| 16.0 * f64::from(pixel) + 0.5);
        Ok(Comparison {
            dimensions,
            mixture,
            vae,
            elbo: density(on_test.elbo.mean),
            change_of_units,
            one_gaussian: per_dimension * mean_log_density(test.view(), &one)?,
            real: self.score(&self.whitening.coordinates(real.view(), dimensions))?,
        })
    }

    /// The score of whitened coordinates, as images: the components undone, the middle of the added noise
    /// taken off, sixteen steps of grey.
    fn score(&self, coordinates: &Array2<f64>) -> Result<Score, ScoreError> {
        let pixels = self.whitening.data(coordinates.view());
        self.judge.score(&pixels.mapv(|pixel| ((pixel - 0.5) / 16.0).clamp(0.0, 1.0) as f32))
    }

    /// s: the components' standard deviations, divided by the first one's.
    fn scales(&self, dimensions: usize) -> Array1<f64> {
        let steps = self.whitening.data(Array2::eye(dimensions).view())
            - self.whitening.data(Array2::zeros((1, dimensions)).view());
        let sigma = steps.map_axis(Axis(1), |row| row.dot(&row).sqrt());
        &sigma / sigma[0]
    }

    /// The VAE's figures on as many of the points as there are held-out images.
    fn evaluate(&self, model: &Vae<f32>, points: Array2<f64>) -> Evaluation {
        let indices: Vec<usize> = (0..self.digits.test.nrows()).collect();
        evaluate(model, &Examples::Points(points), &indices, SAMPLES, self.seed, |_| ())
    }

    // ANCHOR: learned_sigma
    /// A VAE with Gaussian coordinates and one σ. After each epoch σ² is set to where the ELBO is largest for
    /// this encoder and these means, equation (7.35): the mean squared residual, as it was met in the epoch.
    fn train(&self, y: &Array2<f64>) -> Result<Vae<f32>, ComparisonError> {
        let (count, dimensions) = y.dim();
        let architecture = Architecture {
            pixels: dimensions,
            hidden: vec![64],
            latent: dimensions.min(8),
            activation: Activation::Tanh,
            likelihood: Likelihood::Gaussian { sigma: 1.0 },
        };
        let seed = self.seed;
        let model =
            Vae::new(&architecture, &mut stream(seed, [purpose::WEIGHTS, dimensions as u64]));
        let mut trainer = Trainer::new(model, Adam::new(RATE), Objective::elbo(1.0));
        let examples = Examples::Points(y.clone());
        let numbers = (count * dimensions) as f64;
        let mut variance = 1.0_f64;
        for epoch in 0..EPOCHS {
            let order = shuffled(count, &mut stream(seed, [purpose::ORDER, epoch]));
            let batches = order.chunks(BATCH);
            let total: Totals =
                batches.map(|batch| trainer.step(&examples, batch, seed, epoch)).sum();
            variance = best_variance(variance, total.reconstruction, numbers);
            trainer.model.likelihood = Likelihood::Gaussian { sigma: variance.sqrt() };
        }
        match trainer.not_finite() {
            Some(_) => Err(ComparisonError::Diverged { dimensions }),
            None => Ok(trainer.model),
        }
    }
}

/// The σ² at which so many numbers are most probable, equation (7.35), from log p(y|z) at another σ² and the same means.
pub fn best_variance(variance: f64, log_likelihood: f64, numbers: f64) -> f64 {
    // log p(y|z) = −½ D log 2πσ² − ‖y − ŷ‖²/2σ², summed over the images.
    let exponents = log_likelihood + 0.5 * numbers * (TAU * variance).ln();
    variance * (-2.0 * exponents / numbers)
}
// ANCHOR_END: learned_sigma

/// The decoder's means ŷ(z) at `count` codes z ~ N(0, I), and its σ: with noise of that size they are draws
/// from p(y).
fn draw(model: &Vae<f32>, count: usize, rng: &mut impl Rng) -> (Array2<f64>, f64) {
    let shape = (count, model.mean.outputs());
    let z = Array2::from_shape_simple_fn(shape, || rng.sample::<f32, _>(StandardNormal));
    let sigma = match model.likelihood {
        Likelihood::Gaussian { sigma } => sigma,
        Likelihood::Bernoulli | Likelihood::ContinuousBernoulli => 0.0,
    };
    (model.decode_mean(z).mapv(f64::from), sigma)
}
