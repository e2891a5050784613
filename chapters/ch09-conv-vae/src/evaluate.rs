//! How good a model is: the ELBO, and an importance-weighted estimate of log p(x), as in chapter 7.

use ch07_vae::{EncoderDecoder, Evaluation, Examples, Posterior};
use data::Images;
use ndarray::{Array1, Array2, ArrayRef2};

use crate::Vae;

impl EncoderDecoder for Vae<f32> {
    const BLOCK: usize = 64;

    fn encode(&self, x: Array2<f32>) -> Posterior<f32> {
        self.encode(&x)
    }

    fn decode(&self, z: Array2<f32>) -> Array2<f32> {
        self.decode(z)
    }

    fn log_likelihood(&self, x: &ArrayRef2<f32>, output: &ArrayRef2<f32>) -> Array1<f32> {
        self.log_likelihood(x, output)
    }
}

/// Evaluates a model on the images `indices` (which are taken as binary; binarize them before), as
/// [chapter 7 does](ch07_vae::evaluate()).
///
/// # Panics
/// If there is no image or no sample, or the images are not of the model's size.
pub fn evaluate(
    model: &Vae<f32>,
    images: &Images,
    indices: &[usize],
    samples: usize,
    seed: u64,
    progress: impl Fn(usize) + Sync,
) -> Evaluation {
    ch07_vae::evaluate(model, &Examples::Grey(images.clone()), indices, samples, seed, progress)
}
