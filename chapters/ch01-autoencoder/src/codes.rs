//! Drawing codes. Equation (1.18).

use ndarray::{Array1, Array2};
use ndarray_rand::RandomExt;
use prob::Result;
use rand::Rng;
use rand_distr::StandardNormal;

use crate::Pca;

/// The Gaussian with the mean and the covariance of a set of codes: a fairer place to draw from than
/// N(0, I), because nothing ties an autoencoder's codes to any scale.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeGaussian {
    mean: Array1<f64>,
    /// Σ^½, symmetric.
    root: Array2<f64>,
}

impl CodeGaussian {
    /// N(0, I) for codes of length `code`.
    #[must_use]
    pub fn standard(code: usize) -> Self {
        Self { mean: Array1::zeros(code), root: Array2::eye(code) }
    }

    /// Fitted to codes, images × code.
    ///
    /// # Errors
    /// If a code is not finite.
    pub fn fit(codes: &Array2<f64>) -> Result<Self> {
        let Pca { mean, values, vectors, .. } = Pca::fit(codes)?;
        let roots = values.mapv(|value| value.max(0.0).sqrt());
        Ok(Self { mean, root: (&vectors * &roots).dot(&vectors.t()) })
    }

    /// The standard deviation of each coordinate of the code.
    #[must_use]
    pub fn sigma(&self) -> Array1<f64> {
        self.root.rows().into_iter().map(|row| row.dot(&row).sqrt()).collect()
    }

    // ANCHOR: draw
    /// z = μ + Σ^½ ε with ε ~ N(0, I), `count` × code.
    pub fn draw(&self, count: usize, rng: &mut impl Rng) -> Array2<f64> {
        let shape = (count, self.mean.len());
        let noise = Array2::random_using(shape, StandardNormal, rng);
        noise.dot(&self.root) + &self.mean
    }
    // ANCHOR_END: draw
}
