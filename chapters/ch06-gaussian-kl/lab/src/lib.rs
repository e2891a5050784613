//! # Lab 6: the divergence between Gaussians
//!
//! This is the file to edit. Replace each `todo!()` by your solution, then run `cargo course lab ch06`. If you are stuck,
//! `cargo course hint ch06 1` unfolds a hint for the first exercise, and the next one when you call it again.
//!
//! All logarithms are natural, so divergences are in nats. The second argument of $\mathcal{N}(\cdot, \cdot)$ is a variance,
//! or a covariance matrix.

use ndarray::{Array1, Array2};

/// # From a diagonal to a full covariance
///
/// The encoder of a VAE has independent coordinates, so its divergence from the prior is a sum over coordinates. Let the
/// code's coordinates be correlated: return
///
/// $$\mathrm{KL}\!\left(\mathcal{N}(\mu, \Sigma) \,\|\, \mathcal{N}(0, I)\right)$$
///
/// in nats. Derive it from (6.12), or from the definition (6.1); then see what is left for you to compute from $\Sigma$, and
/// how. The covariance may have forty coordinates with tiny variances, and the result must still be a number.
///
/// - `mean`: $\mu$, of length $D \ge 1$.
/// - `covariance`: $\Sigma$, a $D \times D$ matrix, symmetric and positive definite.
pub fn full_covariance_kl(mean: &Array1<f64>, covariance: &Array2<f64>) -> f64 {
    todo!("exercise 1")
}
