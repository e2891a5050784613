//! What all codes together look like, and what they say about the data. Equations (7.22) to (7.25).
//!
//! The average of q(z|xₙ) over the data is the *aggregate posterior* q(z). The mean KL of the ELBO is what
//! a code says about its image, plus what the aggregate differs from the prior (Hoffman & Johnson 2016).
//! Both parts are integrals over a code of one or two coordinates, and are computed as such.

use ndarray::ArrayView1;
use prob::gaussian::{self, standard_log_density};
use prob::{Error, Gaussian, Quadrature, Result, log_sum_exp};

use crate::Posterior;

/// Nodes of the trapezoidal rule lie this far apart, in standard deviations, …
const STEP: f64 = 0.25;
/// … and this many on each side: up to eight standard deviations, beyond which 1e-15 is left.
const NODES: i32 = 32;

/// The nodes and weights of E f(ε) for ε from N(0, 1). Where f is smooth and the weight vanishes at both
/// ends, this plainest of rules gains digits exponentially as the step shrinks (Trefethen & Weideman 2014).
fn trapezoidal() -> impl Iterator<Item = (f64, f64)> + Clone {
    let node = |k: i32| STEP * f64::from(k);
    (-NODES..=NODES).map(move |k| (node(k), STEP * standard_log_density(node(k)).exp()))
}

/// log N(z; μ, diag σ²) for one row of a posterior.
fn log_density(z: &[f64], mean: ArrayView1<'_, f64>, log_var: ArrayView1<'_, f64>) -> f64 {
    let coordinates = z.iter().zip(mean).zip(log_var);
    coordinates.map(|((&z, &mean), &log_var)| gaussian::log_density(z, mean, log_var)).sum()
}

impl Posterior<f64> {
    /// How many images the codes belong to, N.
    pub fn count(&self) -> usize {
        self.mean.nrows()
    }

    /// log q(z|xₙ).
    pub fn log_density(&self, n: usize, z: &[f64]) -> f64 {
        log_density(z, self.mean.row(n), self.log_var.row(n))
    }

    // ANCHOR: aggregate
    /// log q(z) = log (1/N) Σₙ q(z|xₙ), the aggregate posterior, equation (7.22).
    pub fn log_aggregate(&self, z: &[f64]) -> f64 {
        let components: Vec<f64> = (0..self.count()).map(|n| self.log_density(n, z)).collect();
        log_sum_exp(&components) - (self.count() as f64).ln()
    }

    /// The mean over the images of E f(n, z) with z from q(z|xₙ), in the units of each q(z|xₙ), so that no
    /// narrow code is missed: adaptive quadrature for one coordinate, a grid for two.
    ///
    /// # Errors
    /// If a code has neither one nor two coordinates, or an integral does not converge.
    pub fn mean_expectation(&self, f: impl Fn(usize, &[f64]) -> f64) -> Result<f64> {
        let of_one = |n: usize| {
            let (mean, sigma) = (self.mean.row(n), self.log_var.row(n).mapv(|v| (0.5 * v).exp()));
            let at = |j: usize, noise: f64| mean[j] + sigma[j] * noise;
            match mean.len() {
                1 => {
                    let noise = Gaussian::standard();
                    Ok(Quadrature::default().expectation(&noise, |e| f(n, &[at(0, e)]))?.value)
                }
                2 => Ok(trapezoidal()
                    .flat_map(|first| trapezoidal().map(move |second| (first, second)))
                    .map(|((e0, w0), (e1, w1))| w0 * w1 * f(n, &[at(0, e0), at(1, e1)]))
                    .sum()),
                got => Err(Error::Dimension { name: "code", expected: 2, got }),
            }
        };
        let sum: Result<f64> = (0..self.count()).map(of_one).sum();
        Ok(sum? / self.count() as f64)
    }

    /// I(x; z) = the mean of KL(q(z|xₙ) ‖ q(z)), equation (7.24): what a code says about which image it
    /// is the code of, in nats, if all N are equally likely.
    ///
    /// # Errors
    /// As [`mean_expectation`](Self::mean_expectation).
    pub fn information(&self) -> Result<f64> {
        self.mean_expectation(|n, z| self.log_density(n, z) - self.log_aggregate(z))
    }

    /// KL(q(z) ‖ p(z)), equation (7.25): how far the codes together are from the prior.
    ///
    /// # Errors
    /// As [`mean_expectation`](Self::mean_expectation).
    pub fn aggregate_kl(&self) -> Result<f64> {
        let log_prior = |z: &[f64]| z.iter().map(|&z| standard_log_density(z)).sum::<f64>();
        self.mean_expectation(|_, z| self.log_aggregate(z) - log_prior(z))
    }
    // ANCHOR_END: aggregate
}
