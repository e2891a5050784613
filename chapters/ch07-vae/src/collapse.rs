//! How much of a code is noise. Equation (7.26).

use ndarray::{Array1, Axis};
use nn::Scalar;

use crate::Posterior;

// ANCHOR: noise_to_signal
/// rⱼ = √(mean σⱼ²) / sd(μⱼ) for each latent coordinate, over the images of `posterior`, equation (7.26).
///
/// The standard deviation alone says nothing: multiply a coordinate of the code by 1000 and divide the
/// decoder's weights by as much, and nothing has changed but σ. This ratio is the same on every scale. 0 is
/// a point (an autoencoder's code), and far above 1 the coordinate tells images apart by noise alone.
///
/// ```
/// use ch07_vae::{Posterior, noise_to_signal};
/// use ndarray::array;
/// let q = Posterior { mean: array![[1.0_f64], [-1.0]], log_var: array![[0.25_f64.ln()], [0.25_f64.ln()]] };
/// assert!((noise_to_signal(&q)[0] - 0.5).abs() < 1e-15);
/// ```
#[must_use]
pub fn noise_to_signal<S: Scalar>(posterior: &Posterior<S>) -> Array1<f64> {
    let images = posterior.mean.nrows() as f64;
    let means = posterior.mean.mapv(Scalar::to_f64);
    let variances = posterior.log_var.mapv(|log_var| log_var.to_f64().exp());
    let noise = variances.sum_axis(Axis(0)) / images;
    let signal = means.var_axis(Axis(0), 0.0);
    (noise / signal).mapv_into(f64::sqrt)
}
// ANCHOR_END: noise_to_signal
