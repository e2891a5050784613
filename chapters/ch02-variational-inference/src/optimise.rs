//! Inference by optimisation: equations (2.12) to (2.16).

use ndarray::{Array1, ArrayView1};
use prob::cholesky::log_det;
use prob::{DiagonalGaussian, FullGaussian};
use thiserror::Error;

use crate::LinearGaussian;

// ANCHOR: elbo
/// E_q[log p(x, z) − log q(z)] = log p(x) − KL(q ‖ p(z | x)), equation (2.12), for a diagonal Gaussian q.
///
/// The first form needs no evidence: the expectation of the squared error of mark j is its square at
/// q's mean plus Σᵢ Wⱼᵢ² vᵢ, and the rest is KL(q ‖ p(z)).
///
/// # Errors
/// [`prob::Error::Dimension`] if a length does not fit.
pub fn elbo(
    model: &LinearGaussian,
    x: ArrayView1<'_, f64>,
    q: &DiagonalGaussian,
) -> prob::Result<f64> {
    let at_mean = model.log_likelihood(x, q.mean())?;
    let spread = model.loading().mapv(|w| w * w).dot(&q.log_var().mapv(f64::exp));
    let lost: f64 =
        spread.iter().zip(model.sigma()).map(|(s, sigma)| 0.5 * s / (sigma * sigma)).sum();
    let prior = DiagonalGaussian::standard(model.latent_dimension())?;
    Ok(at_mean - lost - q.kl(&prior)?)
}
// ANCHOR_END: elbo

/// The derivatives of the ELBO with respect to q's means and log-variances, each of length d.
#[derive(Clone, Debug, PartialEq)]
pub struct ElboGradient {
    /// ∂/∂μᵢ
    pub mean: Array1<f64>,
    /// ∂/∂log vᵢ
    pub log_var: Array1<f64>,
}

// ANCHOR: gradient
/// Equation (2.13): with the posterior's precision Λ and mean m, ∂/∂μ = Λ(m − μ) and
/// ∂/∂log vᵢ = ½(1 − Λᵢᵢ vᵢ).
///
/// Λ(m − μ) = Wᵀ diag(1/σ²)(x − b − Wμ) − μ, so that no posterior has to be known.
///
/// # Errors
/// [`prob::Error::Dimension`] if a length does not fit.
pub fn elbo_gradient(
    model: &LinearGaussian,
    x: ArrayView1<'_, f64>,
    q: &DiagonalGaussian,
) -> prob::Result<ElboGradient> {
    crate::model::same_length("x", model.offset().len(), x.len())?;
    crate::model::same_length("q", model.latent_dimension(), q.dimension())?;
    let square = &model.sigma() * &model.sigma();
    let residual = (&x - &model.offset() - model.loading().dot(&q.mean())) / square;
    let precision = model.posterior_precision();
    let variance = q.log_var().mapv(f64::exp);
    Ok(ElboGradient {
        mean: model.loading().t().dot(&residual) - q.mean(),
        log_var: (&precision.diag() * &variance).mapv(|ratio| 0.5 * (1.0 - ratio)),
    })
}
// ANCHOR_END: gradient

/// Why an ascent did not arrive.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum AscentError {
    /// Still climbing after all steps, or thrown about by too large ones.
    #[error(
        "the gradient of the ELBO is still {slope} after {steps} steps: a rate above 2/(largest \
         eigenvalue of the posterior's precision) overshoots, and a much smaller one takes longer"
    )]
    NotConverged {
        /// The largest derivative.
        slope: f64,
        /// Steps taken.
        steps: usize,
    },
    /// The numbers left the range where densities exist.
    #[error(transparent)]
    Density(#[from] prob::Error),
}

// ANCHOR: ascent
/// Gradient ascent on the ELBO from q = `start`, equation (2.14): every q on the way, the last one with no
/// derivative above 1e-9.
///
/// # Errors
/// [`AscentError::NotConverged`] after 20 000 steps.
pub fn ascend(
    start: &DiagonalGaussian,
    rate: f64,
    gradient: impl Fn(&DiagonalGaussian) -> prob::Result<ElboGradient>,
) -> Result<Vec<DiagonalGaussian>, AscentError> {
    const STEPS: usize = 20_000;
    let mut path = vec![start.clone()];
    let mut q = start.clone();
    let mut slope = f64::INFINITY;
    for _ in 0..STEPS {
        let ElboGradient { mean, log_var } = gradient(&q)?;
        slope = mean.iter().chain(&log_var).fold(0.0, |largest: f64, g| largest.max(g.abs()));
        if slope < 1e-9 {
            return Ok(path);
        }
        q = DiagonalGaussian::new(&q.mean() + rate * mean, &q.log_var() + rate * log_var)?;
        path.push(q.clone());
    }
    Err(AscentError::NotConverged { slope, steps: STEPS })
}
// ANCHOR_END: ascent

// ANCHOR: meanfield
/// The diagonal Gaussian nearest to a Gaussian posterior by KL(q ‖ posterior), equation (2.15): the right
/// means, and variances 1/Λᵢᵢ, never more than those of the posterior's marginals, (Λ⁻¹)ᵢᵢ.
///
/// # Errors
/// None for a posterior from [`LinearGaussian::posterior`].
pub fn best_diagonal(
    model: &LinearGaussian,
    x: ArrayView1<'_, f64>,
) -> prob::Result<DiagonalGaussian> {
    let precision = model.posterior_precision();
    let mean = model.posterior(x)?.mean().to_owned();
    DiagonalGaussian::new(mean, precision.diag().mapv(|p| -p.ln()))
}

/// What the best diagonal q still lacks, KL(q ‖ p(z | x)) = ½(Σᵢ log Λᵢᵢ − log det Λ), equation (2.16): it
/// is 0 if and only if Λ is diagonal, and depends on no x.
///
/// # Errors
/// As for [`best_diagonal`].
pub fn diagonal_gap(model: &LinearGaussian) -> prob::Result<f64> {
    let precision = model.posterior_precision();
    let diagonal: f64 = precision.diag().iter().map(|p| p.ln()).sum();
    Ok(0.5 * (diagonal - log_det(precision.view())?))
}
// ANCHOR_END: meanfield

/// KL(q ‖ p(z | x)) in nats.
///
/// # Errors
/// [`prob::Error::Dimension`] if a length does not fit.
pub fn kl_to_posterior(
    model: &LinearGaussian,
    x: ArrayView1<'_, f64>,
    q: &DiagonalGaussian,
) -> prob::Result<f64> {
    FullGaussian::try_from(q)?.kl(&model.posterior(x)?)
}
