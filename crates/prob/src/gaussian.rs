//! Gaussian densities: one coordinate, and independent coordinates.
//!
//! The free functions are the formulas, generic over the float so that `f32`, `f64` and dual numbers
//! all go through the same lines; the types [`Gaussian`] and [`DiagonalGaussian`] are `f64` and
//! validated. `log_var` is always log σ², `sigma` always a standard deviation; densities and entropies
//! are in nats. A Gaussian with a full covariance is a
//! [`FullGaussian`](crate::multivariate::FullGaussian).

use crate::error::{finite, positive, same_length};
use crate::special::{normal_cdf, normal_quantile};
use crate::{Density, Error, Result, kl, number};
use ndarray::{Array1, ArrayView1};
use num_traits::Float;
use rand::Rng;
use rand_distr::StandardNormal;

pub use crate::special::LOG_TWO_PI;

/// log N(x; 0, 1) = −½ (log 2π + x²).
pub fn standard_log_density<T: Float>(x: T) -> T {
    -number::<T>(0.5) * (number::<T>(LOG_TWO_PI) + x * x)
}

/// log N(x; mean, σ²) = −½ (log 2π + log σ² + (x − mean)²/σ²), with log σ² = `log_var`.
///
/// ```
/// use prob::gaussian::log_density;
/// // N(x; 1, 2²) at x = 3, one standard deviation from the mean.
/// let expected = -0.5 * (2.0 * std::f64::consts::PI * 4.0).ln() - 0.5;
/// assert!((log_density(3.0, 1.0, 4f64.ln()) - expected).abs() < 1e-15);
/// ```
pub fn log_density<T: Float>(x: T, mean: T, log_var: T) -> T {
    standard_log_density(standardize(x, mean, log_var)) - number::<T>(0.5) * log_var
}

/// (x − mean)/σ: the noise that [`reparameterize`] would turn into x.
pub fn standardize<T: Float>(x: T, mean: T, log_var: T) -> T {
    (x - mean) * (-number::<T>(0.5) * log_var).exp()
}

/// mean + σ·noise, which is N(mean, σ²) when the noise is N(0, 1).
pub fn reparameterize<T: Float>(noise: T, mean: T, log_var: T) -> T {
    mean + (number::<T>(0.5) * log_var).exp() * noise
}

/// ½ (log 2π + 1 + log σ²), the differential entropy of N(·, σ²).
pub fn entropy<T: Float>(log_var: T) -> T {
    number::<T>(0.5) * (number::<T>(LOG_TWO_PI) + T::one() + log_var)
}

/// log N(x; mean, diag σ²): the sum of [`log_density`] over the coordinates. All slices have the
/// dimension's length.
///
/// # Errors
/// [`Error::Dimension`] if the lengths differ.
pub fn diagonal_log_density<T: Float>(x: &[T], mean: &[T], log_var: &[T]) -> Result<T> {
    same_length("mean", x.len(), mean.len())?;
    same_length("log_var", x.len(), log_var.len())?;
    let terms = x.iter().zip(mean).zip(log_var).map(|((&x, &m), &v)| log_density(x, m, v));
    Ok(terms.fold(T::zero(), |sum, term| sum + term))
}

/// Fills `out` with independent N(0, 1) noise.
pub fn fill_standard_normal<T, R>(rng: &mut R, out: &mut [T])
where
    StandardNormal: rand_distr::Distribution<T>,
    R: Rng + ?Sized,
{
    for noise in out {
        *noise = rng.sample(StandardNormal);
    }
}

/// N(mean, sigma²) on the line.
///
/// ```
/// use prob::Gaussian;
/// let q = Gaussian::new(1.0, 2.0)?;
/// let p = Gaussian::standard();
/// assert!((q.kl(&p) - (0.5 * (1.0 + 4.0 - 1.0) - 2f64.ln())).abs() < 1e-15);
/// assert!((q.cdf(1.0) - 0.5).abs() < 1e-16);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaussian {
    mean: f64,
    sigma: f64,
}

impl Gaussian {
    /// The Gaussian with this mean and *standard deviation*.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless the mean is finite and sigma finite and positive.
    pub fn new(mean: f64, sigma: f64) -> Result<Self> {
        Ok(Self { mean: finite("mean", mean)?, sigma: positive("sigma", sigma)? })
    }

    /// The Gaussian with this mean and log-variance, log σ².
    ///
    /// # Errors
    /// [`Error::Parameter`] unless the mean is finite and σ is representable: |log_var| below 1416.
    pub fn from_log_var(mean: f64, log_var: f64) -> Result<Self> {
        Self::new(mean, (0.5 * finite("log_var", log_var)?).exp())
    }

    /// N(0, 1).
    #[must_use]
    pub const fn standard() -> Self {
        Self { mean: 0.0, sigma: 1.0 }
    }

    /// The mean.
    #[must_use]
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard deviation.
    #[must_use]
    pub const fn sigma(&self) -> f64 {
        self.sigma
    }

    /// The log-variance, log σ².
    #[must_use]
    pub fn log_var(&self) -> f64 {
        2.0 * self.sigma.ln()
    }

    /// log N(x; mean, σ²).
    #[must_use]
    pub fn log_density(&self, x: f64) -> f64 {
        standard_log_density((x - self.mean) / self.sigma) - self.sigma.ln()
    }

    /// P(X ≤ x), accurate in the lower tail.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        normal_cdf((x - self.mean) / self.sigma)
    }

    /// The x with P(X ≤ x) = `probability`; ∓∞ at 0 and 1.
    ///
    /// # Errors
    /// [`Error::Parameter`] outside [0, 1].
    pub fn quantile(&self, probability: f64) -> Result<f64> {
        Ok(self.mean + self.sigma * normal_quantile(probability)?)
    }

    /// The differential entropy, ½ log(2πe σ²).
    #[must_use]
    pub fn entropy(&self) -> f64 {
        entropy(self.log_var())
    }

    /// KL(self ‖ other) in nats, the expectation under `self` of the log-ratio of the densities.
    #[must_use]
    pub fn kl(&self, other: &Self) -> f64 {
        kl::gaussian_from_sigma(self.mean, self.sigma, other.mean, other.sigma)
    }

    /// One draw.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let noise: f64 = rng.sample(StandardNormal);
        self.mean + self.sigma * noise
    }
}

impl Density for Gaussian {
    type Point = f64;

    fn log_density(&self, x: &f64) -> Result<f64> {
        Ok(Gaussian::log_density(self, *x))
    }

    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        Gaussian::sample(self, rng)
    }

    fn check_same_space(&self, _other: &Self) -> Result<()> {
        Ok(())
    }
}

/// N(mean, diag σ²): independent coordinates, each with its own mean and log-variance.
#[derive(Debug, Clone, PartialEq)]
pub struct DiagonalGaussian {
    mean: Array1<f64>,
    log_var: Array1<f64>,
}

impl DiagonalGaussian {
    /// The diagonal Gaussian with these means and log-variances, both of length D.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the lengths differ, [`Error::TooFew`] if they are 0 and
    /// [`Error::Parameter`] if a value is not finite.
    ///
    /// ```
    /// use ndarray::array;
    /// use prob::DiagonalGaussian;
    /// let q = DiagonalGaussian::new(array![0.5, -1.0], array![0.0, 0.2])?;
    /// let p = DiagonalGaussian::standard(2)?;
    /// assert!(q.kl(&p)? > 0.0);
    /// assert!(DiagonalGaussian::new(array![0.5], array![0.0, 0.2]).is_err());
    /// # Ok::<(), prob::Error>(())
    /// ```
    pub fn new(mean: Array1<f64>, log_var: Array1<f64>) -> Result<Self> {
        same_length("log_var", mean.len(), log_var.len())?;
        if mean.is_empty() {
            return Err(Error::TooFew { name: "mean", what: "a density", least: 1 });
        }
        for &m in &mean {
            finite("mean", m)?;
        }
        for &v in &log_var {
            finite("log_var", v)?;
        }
        // Owned one-dimensional arrays are contiguous unless someone reversed or strided them.
        Ok(Self {
            mean: mean.as_standard_layout().into_owned(),
            log_var: log_var.as_standard_layout().into_owned(),
        })
    }

    /// N(0, I) in `dimension` coordinates.
    ///
    /// # Errors
    /// [`Error::TooFew`] for dimension 0.
    pub fn standard(dimension: usize) -> Result<Self> {
        Self::new(Array1::zeros(dimension), Array1::zeros(dimension))
    }

    /// The number of coordinates.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// The means, length D.
    #[must_use]
    pub fn mean(&self) -> ArrayView1<'_, f64> {
        self.mean.view()
    }

    /// The log-variances log σ², length D.
    #[must_use]
    pub fn log_var(&self) -> ArrayView1<'_, f64> {
        self.log_var.view()
    }

    /// log N(x; mean, diag σ²) for x of length D.
    ///
    /// # Errors
    /// [`Error::Dimension`] if x has another length.
    pub fn log_density(&self, x: ArrayView1<'_, f64>) -> Result<f64> {
        same_length("x", self.dimension(), x.len())?;
        let coordinates = x.iter().zip(&self.mean).zip(&self.log_var);
        Ok(coordinates.map(|((&x, &m), &v)| log_density(x, m, v)).sum())
    }

    /// The differential entropy: the sum of the coordinates' entropies.
    #[must_use]
    pub fn entropy(&self) -> f64 {
        self.log_var.iter().map(|&v| entropy(v)).sum()
    }

    /// KL(self ‖ other) in nats: the sum of the coordinates' divergences.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the dimensions differ.
    pub fn kl(&self, other: &Self) -> Result<f64> {
        same_length("other", self.dimension(), other.dimension())?;
        let ours = self.mean.iter().zip(&self.log_var);
        let theirs = other.mean.iter().zip(&other.log_var);
        Ok(ours.zip(theirs).map(|((&m1, &v1), (&m2, &v2))| kl::gaussian(m1, v1, m2, v2)).sum())
    }

    /// One draw, of length D.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Array1<f64> {
        let coordinates = self.mean.iter().zip(&self.log_var);
        coordinates.map(|(&m, &v)| reparameterize(rng.sample(StandardNormal), m, v)).collect()
    }
}

impl Density for DiagonalGaussian {
    type Point = Array1<f64>;

    fn log_density(&self, x: &Array1<f64>) -> Result<f64> {
        DiagonalGaussian::log_density(self, x.view())
    }

    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Array1<f64> {
        DiagonalGaussian::sample(self, rng)
    }

    fn check_same_space(&self, other: &Self) -> Result<()> {
        same_length("component", self.dimension(), other.dimension())
    }
}
