//! The Fréchet distance between Gaussians.

use ndarray::{Array1, Array2, ArrayView2};
use prob::eigen::{self, Eigen};
use prob::multivariate::moments;

/// Mean and covariance of a set of feature vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianFit {
    /// The mean, one number for each feature.
    pub mean: Array1<f64>,
    /// The covariance with divisor n, features × features.
    pub covariance: Array2<f64>,
}

impl GaussianFit {
    /// The maximum-likelihood fit to `features` (n × d).
    ///
    /// # Errors
    /// [`prob::Error::TooFew`] below two rows.
    pub fn new(features: ArrayView2<'_, f32>) -> prob::Result<Self> {
        if features.nrows() < 2 {
            return Err(prob::Error::TooFew { name: "features", what: "a covariance", least: 2 });
        }
        let (mean, covariance) = moments(features.mapv(f64::from).view())?;
        Ok(Self { mean, covariance })
    }
}

/// The symmetric square root of a covariance: V diag(√λ) Vᵀ. Eigenvalues that rounding has made
/// negative count as 0.
///
/// # Errors
/// [`prob::Error::NotSymmetric`] and others of [`eigen::symmetric`].
pub fn square_root(covariance: ArrayView2<'_, f64>) -> prob::Result<Array2<f64>> {
    let Eigen { values, vectors } = eigen::symmetric(covariance)?;
    let root = (&vectors * &values.mapv(|value| value.max(0.0).sqrt())).dot(&vectors.t());
    Ok((&root + &root.t()) / 2.0)
}

/// The squared Fréchet (2-Wasserstein) distance between two Gaussians,
/// ‖m₁ − m₂‖² + tr(C₁ + C₂ − 2(C₁^½ C₂ C₁^½)^½) (Dowson & Landau 1982; Heusel et al. 2017, who made it a
/// score of generated images). 0 exactly for equal means and covariances; in squared units of the features.
///
/// # Errors
/// [`prob::Error::Dimension`] if the dimensions differ; those of [`square_root`].
///
/// ```
/// use ndarray::array;
/// use score::{GaussianFit, frechet_distance};
/// let line = |m, v| GaussianFit { mean: array![m], covariance: array![[v]] };
/// // In one dimension (m₁ − m₂)² + (σ₁ − σ₂)².
/// let distance = frechet_distance(&line(1.0, 4.0), &line(0.0, 9.0))?;
/// assert!((distance - 2.0).abs() < 1e-12);
/// # Ok::<(), prob::Error>(())
/// ```
pub fn frechet_distance(a: &GaussianFit, b: &GaussianFit) -> prob::Result<f64> {
    let (expected, got) = (a.mean.len(), b.mean.len());
    if expected != got {
        return Err(prob::Error::Dimension { name: "b", expected, got });
    }
    let shift = &a.mean - &b.mean;
    let root = square_root(a.covariance.view())?;
    let product = root.dot(&b.covariance).dot(&root);
    let cross = square_root(((&product + &product.t()) / 2.0).view())?;
    let trace = a.covariance.diag().sum() + b.covariance.diag().sum() - 2.0 * cross.diag().sum();
    // Of equal Gaussians rounding may leave a distance slightly below 0.
    Ok((shift.dot(&shift) + trace).max(0.0))
}
