//! Where the variety of the outputs comes from. Equation (7.27).

use ndarray::{Array2, Array3, ArrayView3, Axis};
use rand::Rng;
use rand_distr::StandardNormal;

use crate::{Posterior, Vae, reparameterize};

/// The variance of a model's outputs, summed over pixels, and its two parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Over all outputs.
    pub total: f64,
    /// Over the noise at a fixed image, on average over images.
    pub within: f64,
    /// Over images, of the mean output of each.
    pub between: f64,
}

impl Spread {
    // ANCHOR: spread
    /// Var(y) = E[Var(y|x)] + Var(E[y|x]), equation (7.27), for `outputs` images × draws × pixels. All
    /// three with the divisors of plain averages; then the law holds for these numbers and not only for
    /// their expectations. NaN if there is no output.
    #[must_use]
    pub fn of(outputs: ArrayView3<'_, f64>) -> Self {
        let (images, draws, pixels) = outputs.dim();
        let all = outputs.to_shape((images * draws, pixels)).expect("as many numbers");
        let conditional_means = outputs.sum_axis(Axis(1)) / draws as f64;
        Self {
            total: all.var_axis(Axis(0), 0.0).sum(),
            within: outputs.var_axis(Axis(1), 0.0).sum() / images as f64,
            between: conditional_means.var_axis(Axis(0), 0.0).sum(),
        }
    }
    // ANCHOR_END: spread

    /// The share of the variance that the noise makes, from 0 to 1.
    #[must_use]
    pub fn share_within(&self) -> f64 {
        self.within / self.total
    }
}

/// The decoder's mean for `draws` codes of each image, images × draws × pixels. `posterior` is q(z|x),
/// images × latent.
pub fn outputs_over_noise(
    model: &Vae<f32>,
    posterior: &Posterior<f32>,
    draws: usize,
    rng: &mut impl Rng,
) -> Array3<f64> {
    let shape = posterior.mean.dim();
    let outputs: Vec<Array2<f64>> = (0..draws)
        .map(|_| {
            let noise = Array2::from_shape_simple_fn(shape, || rng.sample(StandardNormal));
            model.decode_mean(reparameterize(posterior, &noise)).mapv(f64::from)
        })
        .collect();
    let views: Vec<_> = outputs.iter().map(|outputs| outputs.view()).collect();
    ndarray::stack(Axis(1), &views).expect("all outputs have one shape")
}
