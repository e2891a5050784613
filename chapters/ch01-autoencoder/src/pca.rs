//! The best linear autoencoder: principal components. Equations (1.6) to (1.9).

use ndarray::{Array1, Array2, Axis, concatenate, s};
use ndarray_rand::RandomExt;
use nn::{Activation, Linear};
use prob::multivariate::moments;
use prob::random::stream;
use prob::{Result, eigen};
use rand_distr::StandardNormal;

use crate::Autoencoder;

/// The principal components of a set of images.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// μ, the mean image.
    pub mean: Array1<f64>,
    /// λ₁ ≥ λ₂ ≥ …, the eigenvalues of the covariance with 1/N.
    pub values: Array1<f64>,
    /// The eigenvector of λᵢ in column i, pixels × components.
    pub vectors: Array2<f64>,
    /// The sum of *all* eigenvalues: the trace of the covariance.
    pub total: f64,
}

impl Pca {
    // ANCHOR: pca
    /// All components of `x`, images × pixels, equation (1.6).
    ///
    /// # Errors
    /// If there is no image, or a pixel is not finite.
    pub fn fit(x: &Array2<f64>) -> Result<Self> {
        let (mean, covariance) = moments(x.view())?;
        let total = covariance.diag().sum();
        let eigen::Eigen { values, vectors } = eigen::symmetric(covariance.view())?;
        Ok(Self { mean, values, vectors, total })
    }
    // ANCHOR_END: pca

    /// The first `count` components by subspace iteration, for images with many pixels: multiply a basis
    /// by Σ, make it orthonormal, repeat; then diagonalise Σ within it (Golub & Van Loan, *Matrix
    /// Computations*, section 8.2.4). Twice as many directions as asked for take part, which is what
    /// makes the wanted ones converge.
    ///
    /// # Errors
    /// If a pixel is not finite, or the images span fewer than twice `count` directions.
    pub fn leading(x: &Array2<f64>, count: usize) -> Result<Self> {
        const ROUNDS: usize = 40;
        let (mean, covariance) = moments(x.view())?;
        let pixels = covariance.nrows();
        let mut rng = stream(0, [pixels as u64, count as u64]);
        let size = (pixels, (2 * count).min(pixels));
        let mut basis = Array2::random_using(size, StandardNormal, &mut rng);
        for _ in 0..ROUNDS {
            basis = orthonormal(&covariance.dot(&basis))?;
        }
        let within = basis.t().dot(&covariance.dot(&basis));
        let symmetric = (&within + &within.t()) / 2.0;
        let eigen::Eigen { values, vectors } = eigen::symmetric(symmetric.view())?;
        Ok(Self {
            mean,
            values: values.slice(s![..count]).to_owned(),
            vectors: basis.dot(&vectors.slice(s![.., ..count])),
            total: covariance.diag().sum(),
        })
    }

    // ANCHOR: floor
    /// The least squared error per image that M numbers allow a linear autoencoder, equation (1.8): the sum
    /// of the discarded eigenvalues.
    #[must_use]
    pub fn discarded(&self, code: usize) -> f64 {
        if self.values.len() == self.vectors.nrows() {
            self.values.iter().skip(code).sum() // nothing cancels
        } else {
            self.total - self.values.iter().take(code).sum::<f64>()
        }
    }
    // ANCHOR_END: floor

    /// V_M, the first M eigenvectors, pixels × M.
    #[must_use]
    pub fn subspace(&self, code: usize) -> Array2<f64> {
        self.vectors.slice(s![.., ..code]).to_owned()
    }
}

/// An orthonormal basis of the span of the columns: Q = B (BᵀB)^(−½).
///
/// # Errors
/// If an element is not finite. Columns that depend on each other give directions that are not.
pub fn orthonormal(basis: &Array2<f64>) -> Result<Array2<f64>> {
    let gram = basis.t().dot(basis);
    let symmetric = (&gram + &gram.t()) / 2.0;
    let eigen::Eigen { values, vectors } = eigen::symmetric(symmetric.view())?;
    let roots: Array1<f64> = values.mapv(|value| value.sqrt().recip());
    Ok(basis.dot(&(&vectors * &roots)))
}

// ANCHOR: linear_optimum
/// A linear autoencoder that attains the floor, equation (1.9): W₁ = A V_Mᵀ, b₁ = −W₁μ, W₂ = V_M A⁻¹,
/// b₂ = μ. Every invertible A (`mixing`, M × M, with its inverse) gives the same reconstructions, which is
/// why training finds the principal *subspace* and not the components.
#[must_use]
pub fn linear_optimum(pca: &Pca, mixing: &Array2<f64>, inverse: &Array2<f64>) -> Autoencoder<f64> {
    let basis = pca.subspace(mixing.nrows());
    let w1 = mixing.dot(&basis.t());
    let b1 = -w1.dot(&pca.mean);
    linear(w1, b1, basis.dot(inverse), pca.mean.clone())
}
// ANCHOR_END: linear_optimum

/// The linear autoencoder z = W₁x + b₁, x̂ = W₂z + b₂.
pub fn linear(
    w1: Array2<f64>,
    b1: Array1<f64>,
    w2: Array2<f64>,
    b2: Array1<f64>,
) -> Autoencoder<f64> {
    let by_rows = |weight: Array2<f64>| weight.as_standard_layout().into_owned();
    let encoder = Linear { weight: by_rows(w1), bias: b1 };
    let decoder = Linear { weight: by_rows(w2), bias: b2 };
    Autoencoder::shallow(encoder, Activation::Identity, decoder, Activation::Identity)
}

// ANCHOR: sigma_points
/// 2D points with the mean and the covariance of the data, μ ± √(Dλᵢ) vᵢ.
///
/// The loss of a *linear* autoencoder is quadratic in x, so it knows the data by these moments only: its
/// loss per image, gradient and training are the same on these few points as on all images.
///
/// # Panics
/// If not all components are known.
#[must_use]
pub fn sigma_points(pca: &Pca) -> Array2<f64> {
    let pixels = pca.mean.len();
    assert_eq!(pca.values.len(), pixels, "sigma points need every component");
    let lengths = pca.values.mapv(|value| (pixels as f64 * value.max(0.0)).sqrt());
    let offsets = (&pca.vectors * &lengths).reversed_axes();
    concatenate![Axis(0), &offsets + &pca.mean, &pca.mean - &offsets]
}
// ANCHOR_END: sigma_points
