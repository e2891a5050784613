//! Bounds of several sizes from the same weights. Equation (7.8).

use prob::log_mean_exp;

// ANCHOR: balanced
/// The bound of `particles` samples, averaged over consecutive blocks of the same `log_weights`, equation
/// (7.8). Each weight is in exactly one block. 1 gives the mean of the logarithms, which is the ELBO; all
/// of them give the estimate (7.7).
///
/// If one number of particles divides another, the larger bound is not below the smaller one, *in every
/// draw*: the mean weight of a large block is the mean of the mean weights of the small blocks in it, and
/// the logarithm is concave.
///
/// # Panics
/// If `particles` does not divide the number of weights.
///
/// ```
/// use ch07_vae::balanced_bound;
/// let log_weights = [0.0, 3.0_f64.ln()];
/// assert_eq!(balanced_bound(&log_weights, 1), 0.5 * 3.0_f64.ln());
/// assert!((balanced_bound(&log_weights, 2) - 2.0_f64.ln()).abs() < 1e-15);
/// ```
#[must_use]
pub fn balanced_bound(log_weights: &[f64], particles: usize) -> f64 {
    let blocks = log_weights.chunks_exact(particles);
    assert!(blocks.remainder().is_empty(), "blocks of {particles} leave weights over");
    let count = log_weights.len() / particles;
    blocks.map(|block| log_mean_exp(block).unwrap_or(f64::NAN)).sum::<f64>() / count as f64
}
// ANCHOR_END: balanced
