//! The bound of a whole data set: equations (3.24) and (3.25).
//!
//! Hoffman & Johnson 2016, *ELBO surgery: yet another way to carve up the variational evidence lower
//! bound*.

use prob::gaussian::standard_log_density;
use prob::{Gaussian, Mixture, Quadrature, Result};

use crate::Model;

// ANCHOR: surgery
/// The mean of the bound over N data points is `reconstruction − mutual_information − aggregate_kl`,
/// equation (3.24).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surgery {
    /// The mean of E_q\[log p(x|z)\].
    pub reconstruction: f64,
    /// I(n; z), what a code tells about which of the N points it was drawn for: between 0 and log N.
    pub mutual_information: f64,
    /// KL(q̄ ‖ p(z)), with q̄ the mixture of all q(z|xₙ): how far the codes taken together are from the
    /// prior.
    pub aggregate_kl: f64,
}

impl Surgery {
    /// The mean of the bound.
    #[must_use]
    pub fn elbo(&self) -> f64 {
        self.reconstruction - self.mutual_information - self.aggregate_kl
    }
}

/// q̄(z) = (1/N) Σ q(z|xₙ), the aggregate posterior.
///
/// # Errors
/// If there is no data point.
pub fn aggregate(posteriors: &[Gaussian]) -> Result<Mixture<Gaussian>> {
    let weights = vec![1.0 / posteriors.len() as f64; posteriors.len()];
    Mixture::new(&weights, posteriors.to_vec())
}

/// Takes the bound apart, each term by an integral of its own; `posteriors[n]` is q(z|xₙ).
///
/// # Errors
/// If the lengths differ, there is no data, or an integral does not converge.
pub fn surgery(model: &Model, data: &[f64], posteriors: &[Gaussian]) -> Result<Surgery> {
    let (expected, got) = (data.len(), posteriors.len());
    if got != expected {
        return Err(prob::Error::Dimension { name: "posteriors", expected, got });
    }
    let n = data.len() as f64;
    let of_data: Result<f64> =
        data.iter().zip(posteriors).map(|(&x, q)| model.reconstruction(x, q)).sum();
    Ok(Surgery {
        reconstruction: of_data? / n,
        mutual_information: mutual_information(posteriors)?,
        aggregate_kl: aggregate_kl(posteriors)?,
    })
}

/// I(n; z) = (1/N) Σ KL(q(z|xₙ) ‖ q̄), equation (3.25).
///
/// # Errors
/// If there is no data point or an integral does not converge.
pub fn mutual_information(posteriors: &[Gaussian]) -> Result<f64> {
    let all = aggregate(posteriors)?;
    mean_over(posteriors, |q, z| q.log_density(z) - log_density(&all, z))
}

/// KL(q̄ ‖ p(z)).
///
/// # Errors
/// If there is no data point or an integral does not converge.
pub fn aggregate_kl(posteriors: &[Gaussian]) -> Result<f64> {
    let all = aggregate(posteriors)?;
    mean_over(posteriors, |_, z| log_density(&all, z) - standard_log_density(z))
}
// ANCHOR_END: surgery

/// log of a mixture's density; NaN, which the quadrature refuses, where there is none.
pub fn log_density(mixture: &Mixture<Gaussian>, z: f64) -> f64 {
    mixture.log_density(&z).unwrap_or(f64::NAN)
}

/// (1/N) Σ E_{q_n}\[f(q_n, z)\]
///
/// # Errors
/// If an integral does not converge.
pub fn mean_over(posteriors: &[Gaussian], f: impl Fn(&Gaussian, f64) -> f64) -> Result<f64> {
    let sum: Result<f64> = posteriors
        .iter()
        .map(|q| Ok(Quadrature::default().expectation(q, |z| f(q, z))?.value))
        .sum();
    Ok(sum? / posteriors.len() as f64)
}
