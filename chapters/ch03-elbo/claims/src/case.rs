//! Models, data and approximate posteriors that checks are run on.

use claims::{Cases, CheckError, Domain, domain, one_of, real, scale, seed, whole};
use ndarray::{Array1, Array2};
use ndarray_rand::RandomExt;
use prob::{DiagonalGaussian, FullGaussian, GaussHermite, Gaussian, Result};
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

/// Linear-Gaussian models with an x and a diagonal q.
pub(super) fn any_case() -> Domain<6> {
    let shape = |observed: f64, latent: f64| [observed, latent, 0.7, 1.0, 0.0, 0.0];
    domain([
        whole("D", 1..=5),
        whole("d", 1..=3),
        scale("σ", 0.1..=3.0),
        scale("size of W's entries", 0.1..=3.0),
        real("middle of q's log σ²", -4.0..=3.0),
        seed("W, b, x and q"),
    ])
    .with([shape(2.0, 2.0), shape(1.0, 3.0), shape(3.0, 2.0), shape(5.0, 2.0)])
}

impl Case {
    /// The case of [`any_case`] with these values.
    pub(super) fn at(
        [observed, latent, sigma, size, middle, seed]: [f64; 6],
        cases: &Cases<'_>,
    ) -> Result<Self> {
        let rng = &mut cases.rng(seed as u64);
        let (observed, latent) = (observed as usize, latent as usize);
        let mut normals = |count: usize| Array1::<f64>::random_using(count, StandardNormal, rng);
        let (bias, x) = (normals(observed), normals(observed));
        let (mean, log_var) = (2.0 * normals(latent), middle + 0.7 * normals(latent));
        let weight = size * Array2::random_using((observed, latent), StandardNormal, rng);
        let model = LinearGaussian::new(weight, bias, sigma)?;
        Ok(Self { model, x, mean: mean.to_vec(), log_var: log_var.to_vec() })
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

/// Decoders w z and w tanh(c z + d), with an x and a q. Named are the posteriors of [`LINES`] and the model of the
/// chapter's pictures.
pub(super) fn any_decoder() -> Domain<8> {
    let posterior = |line: Line| {
        let [mean, sigma] = line.moments();
        [0.0, line.weight, 0.0, 0.0, line.sigma, line.x, mean, sigma]
    };
    domain([
        one_of("decoder (0 linear, 1 tanh)", &[0.0, 1.0]),
        real("w", -3.0..=3.0),
        real("c", 0.0..=3.0),
        real("d", -2.0..=2.0),
        scale("σ", 0.2..=2.0),
        real("x", -4.0..=4.0),
        real("mean of q", -3.0..=3.0),
        scale("σ of q", 0.1..=3.0),
    ])
    .with(LINES.map(posterior))
    .with([[1.0, 2.0, 1.5, 0.5, 0.5, 1.0, 0.05, 0.2], [1.0, 2.0, 1.5, 0.5, 0.5, -2.5, 1.0, 1.6]])
}

/// The case of [`any_decoder`] with these values.
pub(super) fn decoder_case(
    [kind, weight, slope, shift, sigma, x, mean, sigma_of_q]: [f64; 8],
) -> Result<(Model, f64, Gaussian)> {
    let decoder = match kind {
        0.0 => Decoder::Linear { weight },
        _ => Decoder::Tanh { scale: weight, slope, shift },
    };
    Ok((Model { decoder, sigma }, x, Gaussian::new(mean, sigma_of_q)?))
}

/// z ~ N(0, 1), x | z ~ N(weight·z, sigma²), with its evidence and posterior in closed form.
#[derive(Clone, Copy, Debug, PartialEq)]
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

    /// Mean and standard deviation of the posterior.
    pub(super) fn moments(self) -> [f64; 2] {
        let variance = self.variance();
        [self.weight * self.x / variance, self.sigma / variance.sqrt()]
    }

    pub(super) fn posterior(self) -> Result<Gaussian> {
        let [mean, sigma] = self.moments();
        Gaussian::new(mean, sigma)
    }
}
