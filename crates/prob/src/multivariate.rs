//! Gaussians with a full covariance.

use crate::cholesky::{cholesky, solve_lower};
use crate::error::{finite, same_length};
use crate::gaussian::standard_log_density;
use crate::kl::{exp_minus_one_minus, log_ratio};
use crate::special::LOG_TWO_PI;
use crate::{Density, DiagonalGaussian, Error, Gaussian, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rand::Rng;
use rand_distr::StandardNormal;

// ANCHOR: moments
/// The mean of the rows of `data`, N×D, and their covariance (1/N) Σ (xₙ − μ)(xₙ − μ)ᵀ, D×D: the maximum-likelihood fit.
///
/// # Errors
/// [`Error::TooFew`] if there is no row.
pub fn moments(data: ArrayView2<'_, f64>) -> Result<(Array1<f64>, Array2<f64>)> {
    let too_few = Error::TooFew { name: "data", what: "a covariance", least: 1 };
    let mean = data.mean_axis(Axis(0)).ok_or(too_few)?;
    let centred = &data - &mean;
    let covariance = centred.t().dot(&centred) / data.nrows() as f64;
    let symmetric = 0.5 * (&covariance + &covariance.t()); // to the last bit
    Ok((mean, symmetric))
}
// ANCHOR_END: moments

/// N(mean, Σ) with any positive definite covariance Σ of shape D×D.
///
/// Held as its Cholesky factor L, Σ = L Lᵀ: a draw is mean + L ε, a density needs L⁻¹(x − mean), and
/// log det Σ is twice the sum of the logs of L's diagonal.
///
/// ```
/// use ndarray::array;
/// use prob::FullGaussian;
/// let q = FullGaussian::new(array![0.0, 0.0], array![[1.0, 0.8], [0.8, 1.0]].view())?;
/// // What a diagonal approximation cannot see: −½ log(1 − 0.8²) nats.
/// assert!((q.total_correlation() + 0.5 * 0.36f64.ln()).abs() < 1e-14);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FullGaussian {
    mean: Array1<f64>,
    factor: Array2<f64>,
}

impl FullGaussian {
    /// The Gaussian with this mean (length D) and *covariance* (D×D).
    ///
    /// # Errors
    /// Those of [`cholesky`]; [`Error::Dimension`] if the mean's length is not D;
    /// [`Error::TooFew`] for D = 0; [`Error::Parameter`] for a mean that is not finite.
    pub fn new(mean: Array1<f64>, covariance: ArrayView2<'_, f64>) -> Result<Self> {
        same_length("covariance", mean.len(), covariance.nrows())?;
        if mean.is_empty() {
            return Err(Error::TooFew { name: "mean", what: "a density", least: 1 });
        }
        for &m in &mean {
            finite("mean", m)?;
        }
        Ok(Self { mean, factor: cholesky(covariance)? })
    }

    /// The number of coordinates, D.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// The mean, length D.
    #[must_use]
    pub fn mean(&self) -> ArrayView1<'_, f64> {
        self.mean.view()
    }

    /// The Cholesky factor L of the covariance, D×D and lower triangular.
    #[must_use]
    pub fn factor(&self) -> ArrayView2<'_, f64> {
        self.factor.view()
    }

    /// The covariance L Lᵀ, D×D.
    #[must_use]
    pub fn covariance(&self) -> Array2<f64> {
        self.factor.dot(&self.factor.t())
    }

    /// log N(x; mean, Σ) for x of length D.
    ///
    /// # Errors
    /// [`Error::Dimension`] if x has another length.
    pub fn log_density(&self, x: ArrayView1<'_, f64>) -> Result<f64> {
        same_length("x", self.dimension(), x.len())?;
        let noise = solve_lower(self.factor.view(), (&x - &self.mean).view());
        Ok(noise.iter().map(|&e| standard_log_density(e)).sum::<f64>() - self.half_log_det())
    }

    /// The differential entropy, ½ (D log 2πe + log det Σ).
    #[must_use]
    pub fn entropy(&self) -> f64 {
        0.5 * self.dimension() as f64 * (LOG_TWO_PI + 1.0) + self.half_log_det()
    }

    /// KL(self ‖ other) = ½ (tr Σ₂⁻¹Σ₁ − D − log det Σ₂⁻¹Σ₁ + (μ₁−μ₂)ᵀ Σ₂⁻¹ (μ₁−μ₂)).
    ///
    /// With M = L₂⁻¹ L₁, lower triangular, the trace is ‖M‖² and the determinant ∏ mᵢᵢ²; so the
    /// divergence is ½ (Σᵢ g(log mᵢᵢ²) + Σ_{i>j} mᵢⱼ² + ‖L₂⁻¹(μ₁−μ₂)‖²) with the g of
    /// [`kl`](crate::kl): a sum of non-negative terms.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the dimensions differ.
    pub fn kl(&self, other: &Self) -> Result<f64> {
        same_length("other", self.dimension(), other.dimension())?;
        let mut twice = 0.0;
        for j in 0..self.dimension() {
            let column = solve_lower(other.factor.view(), self.factor.column(j));
            let log_diagonal = log_ratio(self.factor[[j, j]], other.factor[[j, j]]);
            twice += exp_minus_one_minus(2.0 * log_diagonal);
            twice += column.iter().skip(j + 1).map(|m| m * m).sum::<f64>();
        }
        let shift = solve_lower(other.factor.view(), (&self.mean - &other.mean).view());
        Ok(0.5 * (twice + shift.dot(&shift)))
    }

    /// KL from this Gaussian to the product of its marginals, −½ log det R with the correlation
    /// matrix R: the nats that any diagonal approximation of it has to miss.
    #[must_use]
    pub fn total_correlation(&self) -> f64 {
        // A marginal's σᵢ is the norm of L's row i, at least its diagonal element.
        let rows = self.factor.rows().into_iter().enumerate();
        rows.map(|(i, row)| {
            let off: f64 = row.iter().take(i).map(|l| (l / row[i]) * (l / row[i])).sum();
            0.5 * off.ln_1p()
        })
        .sum()
    }

    /// The distribution of coordinate `index` alone.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is no such coordinate.
    pub fn marginal(&self, index: usize) -> Result<Gaussian> {
        if index >= self.dimension() {
            let (expected, got) = (self.dimension(), index);
            return Err(Error::Dimension { name: "index (it counts from 0)", expected, got });
        }
        let row = self.factor.row(index);
        Gaussian::new(self.mean[index], row.dot(&row).sqrt())
    }

    /// The distribution of A x + b, with A of shape E×D and of full row rank, b of length E.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the shapes do not fit, [`Error::NotPositiveDefinite`] if A loses a
    /// dimension.
    pub fn affine(&self, a: ArrayView2<'_, f64>, b: ArrayView1<'_, f64>) -> Result<Self> {
        same_length("columns of a", self.dimension(), a.ncols())?;
        same_length("b", a.nrows(), b.len())?;
        let map = a.dot(&self.factor);
        Self::new(a.dot(&self.mean) + b, map.dot(&map.t()).view())
    }

    /// One draw, mean + L ε, of length D.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Array1<f64> {
        let noise: Array1<f64> =
            (0..self.dimension()).map(|_| rng.sample::<f64, _>(StandardNormal)).collect();
        &self.mean + &self.factor.dot(&noise)
    }

    fn half_log_det(&self) -> f64 {
        self.factor.diag().iter().map(|l| l.ln()).sum()
    }
}

impl TryFrom<&DiagonalGaussian> for FullGaussian {
    type Error = Error;

    fn try_from(q: &DiagonalGaussian) -> Result<Self> {
        let sigma = q.log_var().mapv(|v| (0.5 * v).exp());
        for &s in &sigma {
            crate::error::positive("sigma", s)?;
        }
        Ok(Self { mean: q.mean().to_owned(), factor: Array2::from_diag(&sigma) })
    }
}

impl Density for FullGaussian {
    type Point = Array1<f64>;

    fn log_density(&self, x: &Array1<f64>) -> Result<f64> {
        FullGaussian::log_density(self, x.view())
    }

    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Array1<f64> {
        FullGaussian::sample(self, rng)
    }

    fn check_same_space(&self, other: &Self) -> Result<()> {
        same_length("component", self.dimension(), other.dimension())
    }
}
