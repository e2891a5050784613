//! More than one sample: the importance-weighted bound, equations (3.19) to (3.23).
//!
//! Burda, Grosse & Salakhutdinov 2016, *Importance Weighted Autoencoders*.

use prob::{Error, Gaussian, Quadrature, Result, log_mean_exp};

use crate::Model;

// ANCHOR: weights
/// log w(z) = log p(x, z) − log q(z), equation (3.19). Under q the weight has the mean p(x).
#[must_use]
pub fn log_weight(model: &Model, x: f64, q: &Gaussian, z: f64) -> f64 {
    model.log_joint(x, z) - q.log_density(z)
}

/// One draw of the K-sample bound: log (1/K) Σ wₖ, equation (3.20).
///
/// # Errors
/// If there is no weight.
pub fn importance_weighted(log_weights: &[f64]) -> Result<f64> {
    log_mean_exp(log_weights)
}
// ANCHOR_END: weights

// ANCHOR: balanced
/// The average of the K-sample bound over disjoint groups of `size` of the weights, equation (3.21).
///
/// Every weight is in exactly one group, so that the mean of the groups' means is the mean of all, and by
/// Jensen's inequality this average is at most the bound from all weights: not in expectation only, but for
/// these very weights.
///
/// # Errors
/// If `size` is 0 or does not divide the number of weights.
///
/// ```
/// let log_weights = [-1.0, -3.0, 0.5, -2.0];
/// let average = |size| ch03_elbo::importance::balanced_average(&log_weights, size);
/// assert!(average(1)? < average(2)? && average(2)? < average(4)?);
/// # Ok::<(), prob::Error>(())
/// ```
pub fn balanced_average(log_weights: &[f64], size: usize) -> Result<f64> {
    if size == 0 || log_weights.is_empty() || !log_weights.len().is_multiple_of(size) {
        let expected = "a divisor of the number of weights";
        return Err(Error::Parameter { name: "size", value: size as f64, expected });
    }
    let groups = log_weights.chunks(size).map(importance_weighted);
    let sum: Result<f64> = groups.sum();
    Ok(sum? / (log_weights.len() / size) as f64)
}
// ANCHOR_END: balanced

// ANCHOR: second_moment
/// E_q\[(w/p(x))²\] = ∫ p(z|x)²/q(z) dz for a Gaussian posterior N(m, v) and q = N(μ, s²), equation (3.22):
/// s² exp((μ − m)²/(2s² − v)) / √(v(2s² − v)), and infinite unless s² > v/2.
///
/// Minus 1 it is the relative variance of one weight; divided by K, that of their mean.
#[must_use]
pub fn relative_second_moment(posterior: &Gaussian, q: &Gaussian) -> f64 {
    let (v, square) = (posterior.sigma().powi(2), q.sigma().powi(2));
    let room = 2.0 * square - v;
    if room <= 0.0 {
        return f64::INFINITY;
    }
    let shift = q.mean() - posterior.mean();
    square / (v * room).sqrt() * (shift * shift / room).exp()
}
// ANCHOR_END: second_moment

// ANCHOR: shifted
/// q is the Gaussian posterior, shifted by `tau` of its standard deviations. Then
/// log w = log p(x) − tau²/2 + tau·ε with ε ~ N(0, 1): the weights are log-normal, and much is exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shifted {
    /// The shift, in standard deviations of the posterior.
    pub tau: f64,
}

impl Shifted {
    /// log p(x) minus the bound for one sample: KL(q ‖ p(z|x)) = tau²/2.
    #[must_use]
    pub fn gap(&self) -> f64 {
        0.5 * self.tau * self.tau
    }

    /// The same for two samples, equation (3.23). Because
    /// log ½(w₁ + w₂) = ½(log w₁ + log w₂) + log cosh ½(log w₁ − log w₂), it is smaller by
    /// E log cosh(tau·ε/√2).
    ///
    /// # Errors
    /// If the integral does not converge.
    pub fn gap_of_two(&self) -> Result<f64> {
        let log_cosh =
            |noise: f64| (self.tau * noise * std::f64::consts::FRAC_1_SQRT_2).cosh().ln();
        let gain = Quadrature::default().expectation(&Gaussian::standard(), log_cosh)?.value;
        Ok(self.gap() - gain)
    }

    /// The same for many samples, up to a term in 1/K³: μ₂/(2K) − (μ₃/3 − 3μ₂²/4)/K², with the central
    /// moments of w/p(x) (the delta method; Nowozin 2018).
    #[must_use]
    pub fn gap_of_many(&self, samples: usize) -> f64 {
        let [second, third, _] = self.central_moments();
        let k = samples as f64;
        second / (2.0 * k) - (third / 3.0 - 0.75 * second * second) / (k * k)
    }

    /// The second, third and fourth central moments of w/p(x), from E(w/p(x))ⁿ = exp(n(n − 1)tau²/2).
    #[must_use]
    pub fn central_moments(&self) -> [f64; 3] {
        let raw = |n: f64| (0.5 * n * (n - 1.0) * self.tau * self.tau).exp();
        let (two, three, four) = (raw(2.0), raw(3.0), raw(4.0));
        [two - 1.0, three - 3.0 * two + 2.0, four - 4.0 * three + 6.0 * two - 3.0]
    }
}
// ANCHOR_END: shifted
