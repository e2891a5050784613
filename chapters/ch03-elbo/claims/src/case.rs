//! Models, data and approximate posteriors that checks are run on.

use claims::{CheckError, Rng};
use ndarray::{Array1, Array2};
use ndarray_rand::RandomExt;
use prob::{DiagonalGaussian, FullGaussian, GaussHermite, Gaussian, Result};
use rand::Rng as _;
use rand_distr::StandardNormal;

use ch03_elbo::{Decoder, LinearGaussian, Model};

/// A linear-Gaussian model, an x, and a q = N(mean, diag exp(log_var)).
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) model: LinearGaussian,
    pub(super) x: Array1<f64>,
    pub(super) mean: Vec<f64>,
    pub(super) log_var: Vec<f64>,
}

/// (D, d) of random cases: no coordinate count is 1 on both sides, so that sums and means differ.
pub(super) const SHAPES: [(usize, usize); 4] = [(2, 2), (1, 3), (3, 2), (5, 2)];

impl Case {
    pub(super) fn random(rng: &mut Rng, (observed, latent): (usize, usize)) -> Result<Self> {
        let mut normals = |count: usize| Array1::<f64>::random_using(count, StandardNormal, rng);
        let (bias, x) = (normals(observed), normals(observed));
        let (mean, log_var) = (normals(latent).to_vec(), (0.7 * normals(latent)).to_vec());
        let weight = Array2::random_using((observed, latent), StandardNormal, rng);
        let sigma = rng.random_range(0.5..0.9);
        Ok(Self { model: LinearGaussian::new(weight, bias, sigma)?, x, mean, log_var })
    }

    pub(super) fn elbo(&self) -> Result<f64> {
        self.model.elbo(self.x.view(), &self.mean, &self.log_var)
    }

    pub(super) fn reconstruction(&self) -> Result<f64> {
        self.model.reconstruction(self.x.view(), &self.mean, &self.log_var)
    }

    pub(super) fn squared_error(&self) -> Result<f64> {
        self.model.squared_error(self.x.view(), &self.mean, &self.log_var)
    }

    pub(super) fn log_evidence(&self) -> Result<f64> {
        self.model.log_evidence(self.x.view())
    }

    pub(super) fn kl_to_prior(&self) -> Result<f64> {
        prob::kl::diagonal_gaussian_standard(&self.mean, &self.log_var)
    }

    pub(super) fn q(&self) -> Result<DiagonalGaussian> {
        DiagonalGaussian::new(self.mean.clone().into(), self.log_var.clone().into())
    }

    pub(super) fn kl_to_posterior(&self) -> Result<f64> {
        FullGaussian::try_from(&self.q()?)?.kl(&self.model.posterior(self.x.view())?)
    }

    pub(super) fn kl_from_posterior(&self) -> Result<f64> {
        self.model.posterior(self.x.view())?.kl(&FullGaussian::try_from(&self.q()?)?)
    }

    /// The same q, reconstructed from its mean alone.
    pub(super) fn without_spread(&self) -> Self {
        Self { log_var: vec![f64::NEG_INFINITY; self.log_var.len()], ..self.clone() }
    }

    /// The same numbers with σ's square root for σ.
    pub(super) fn sigma_as_variance(&self) -> Self {
        let model = LinearGaussian { sigma: self.model.sigma.sqrt(), ..self.model.clone() };
        Self { model, ..self.clone() }
    }

    /// E_q\[log p(x, z) − log q(z)\]: three nodes a coordinate are exact, because it is quadratic.
    pub(super) fn elbo_by_definition(&self) -> std::result::Result<f64, CheckError> {
        let q = self.q()?;
        let rule = GaussHermite::new(3)?;
        Ok(rule.expectation_diagonal(&q, |z| {
            let log_weight = || -> Result<f64> {
                Ok(self.model.log_joint(self.x.view(), z)? - q.log_density(z)?)
            };
            log_weight().unwrap_or(f64::NAN)
        }))
    }
}

/// A tanh decoder, an x from near its range, and a q.
pub(super) fn random_nonlinear(rng: &mut Rng) -> Result<(Model, f64, Gaussian)> {
    let mut uniform = |low: f64, high: f64| rng.random_range(low..high);
    let decoder = Decoder::Tanh {
        scale: uniform(0.5, 2.0),
        slope: uniform(0.5, 2.0),
        shift: uniform(-1.0, 1.0),
    };
    let model = Model { decoder, sigma: uniform(0.4, 0.8) };
    let x = uniform(-2.0, 2.0);
    Ok((model, x, Gaussian::new(uniform(-1.5, 1.5), uniform(0.3, 1.5))?))
}

/// z ~ N(0, 1), x | z ~ N(weight·z, sigma²), with its evidence and posterior in closed form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) weight: f64,
    pub(super) sigma: f64,
    pub(super) x: f64,
}

/// D3's own example: z ~ N(0, 1), x | z ~ N(z, 1), x = 1.
pub(super) const D3: Line = Line { weight: 1.0, sigma: 1.0, x: 1.0 };

/// Examples beside D3's, in which no two of weight, σ and x agree.
pub(super) const LINES: [Line; 3] =
    [D3, Line { weight: -1.7, sigma: 0.6, x: 0.8 }, Line { weight: 0.4, sigma: 1.3, x: -2.1 }];

impl Line {
    pub(super) fn model(self) -> Model {
        Model { decoder: Decoder::Linear { weight: self.weight }, sigma: self.sigma }
    }

    fn variance(self) -> f64 {
        self.weight * self.weight + self.sigma * self.sigma
    }

    pub(super) fn log_evidence(self) -> f64 {
        prob::gaussian::log_density(self.x, 0.0, self.variance().ln())
    }

    pub(super) fn posterior(self) -> Result<Gaussian> {
        let variance = self.variance();
        Gaussian::new(self.weight * self.x / variance, self.sigma / variance.sqrt())
    }
}
