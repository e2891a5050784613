//! The model in which everything has a closed form: equations (3.11) to (3.14).

use ndarray::{Array1, Array2, ArrayView1};
use num_traits::Float;
use prob::cholesky::inverse;
use prob::gaussian::{LOG_TWO_PI, diagonal_log_density};
use prob::{Error, FullGaussian, Result, kl, number};

/// z ~ N(0, I) in d coordinates and x | z ~ N(W z + b, sigma² I) in D, equation (3.11).
///
/// ```
/// use ch03_elbo::LinearGaussian;
/// use ndarray::array;
/// // D3's own example: at q = posterior the bound is the evidence.
/// let model = LinearGaussian::new(array![[1.0]], array![0.0], 1.0)?;
/// let x = array![1.0];
/// let elbo = model.elbo(x.view(), &[0.5], &[0.5f64.ln()])?;
/// assert!((elbo - model.log_evidence(x.view())?).abs() < 1e-15);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LinearGaussian {
    /// W, of shape D×d.
    pub weight: Array2<f64>,
    /// b, of length D.
    pub bias: Array1<f64>,
    /// The decoder's standard deviation.
    pub sigma: f64,
}

/// The derivatives of the bound with respect to the parameters of q, each of length d.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// By the means.
    pub mean: Array1<f64>,
    /// By the log-variances log σ².
    pub log_var: Array1<f64>,
}

impl LinearGaussian {
    /// The model with these weights (D×d), biases (D) and this standard deviation.
    ///
    /// # Errors
    /// If the lengths differ or `sigma` is not a positive number.
    pub fn new(weight: Array2<f64>, bias: Array1<f64>, sigma: f64) -> Result<Self> {
        same_length("bias", weight.nrows(), bias.len())?;
        if !(sigma.is_finite() && sigma > 0.0) {
            let expected = "a finite number greater than 0";
            return Err(Error::Parameter { name: "sigma", value: sigma, expected });
        }
        Ok(Self { weight, bias, sigma })
    }

    /// d, the number of latent coordinates.
    #[must_use]
    pub fn latent(&self) -> usize {
        self.weight.ncols()
    }

    // ANCHOR: evidence
    /// log p(x) with p(x) = N(b, W Wᵀ + σ² I), equation (3.12).
    ///
    /// # Errors
    /// If x has another length than D.
    pub fn log_evidence(&self, x: ArrayView1<'_, f64>) -> Result<f64> {
        let noise = Array2::from_diag_elem(self.weight.nrows(), self.sigma * self.sigma);
        let covariance = self.weight.dot(&self.weight.t()) + noise;
        FullGaussian::new(self.bias.clone(), covariance.view())?.log_density(x)
    }

    /// Λ = I + WᵀW/σ², the precision of the posterior, d×d: it does not depend on x.
    #[must_use]
    pub fn posterior_precision(&self) -> Array2<f64> {
        let information = self.weight.t().dot(&self.weight) / (self.sigma * self.sigma);
        Array2::eye(self.latent()) + information
    }

    /// p(z|x) = N(Λ⁻¹ Wᵀ(x − b)/σ², Λ⁻¹), equation (3.13).
    ///
    /// # Errors
    /// If x has another length than D.
    pub fn posterior(&self, x: ArrayView1<'_, f64>) -> Result<FullGaussian> {
        let residual = self.residual(x)?;
        let covariance = inverse(self.posterior_precision().view())?;
        let pull = self.weight.t().dot(&residual) / (self.sigma * self.sigma);
        FullGaussian::new(covariance.dot(&pull), covariance.view())
    }
    // ANCHOR_END: evidence

    /// log p(x, z) for z of length d.
    ///
    /// # Errors
    /// If a length does not fit.
    pub fn log_joint(&self, x: ArrayView1<'_, f64>, z: ArrayView1<'_, f64>) -> Result<f64> {
        let decoded = self.weight.dot(&z) + &self.bias;
        let log_var = Array1::from_elem(decoded.len(), 2.0 * self.sigma.ln());
        let likelihood = diagonal_log_density(&x.to_vec(), &decoded.to_vec(), &log_var.to_vec())?;
        let zeros = vec![0.0; z.len()];
        Ok(likelihood + diagonal_log_density(&z.to_vec(), &zeros, &zeros)?)
    }

    // ANCHOR: elbo
    /// E_q‖x − W z − b‖² = ‖x − b − W m‖² + Σⱼ ‖Wⱼ‖² σⱼ² for q = N(m, diag σ²): the expected squared
    /// reconstruction error, of the means and of the spread.
    ///
    /// # Errors
    /// If a length does not fit.
    pub fn squared_error<T: Float>(
        &self,
        x: ArrayView1<'_, f64>,
        mean: &[T],
        log_var: &[T],
    ) -> Result<T> {
        let residual = self.residual(x)?;
        same_length("mean", self.latent(), mean.len())?;
        same_length("log_var", self.latent(), log_var.len())?;
        let mut sum = T::zero();
        for (row, &r) in self.weight.rows().into_iter().zip(&residual) {
            let decoded =
                row.iter().zip(mean).fold(T::zero(), |sum, (&w, &m)| sum + number::<T>(w) * m);
            let miss = number::<T>(r) - decoded;
            let spread = row
                .iter()
                .zip(log_var)
                .fold(T::zero(), |sum, (&w, &v)| sum + number::<T>(w * w) * v.exp());
            sum = sum + miss * miss + spread;
        }
        Ok(sum)
    }

    /// E_q\[log p(x|z)\] = −E_q‖x − W z − b‖²/(2σ²) − (D/2) log 2πσ²: minus the error, up to a constant.
    ///
    /// # Errors
    /// If a length does not fit.
    pub fn reconstruction<T: Float>(
        &self,
        x: ArrayView1<'_, f64>,
        mean: &[T],
        log_var: &[T],
    ) -> Result<T> {
        let pixels = self.weight.nrows() as f64;
        let constant = 0.5 * pixels * (LOG_TWO_PI + 2.0 * self.sigma.ln());
        let error = self.squared_error(x, mean, log_var)?;
        Ok(-error / number(2.0 * self.sigma * self.sigma) - number(constant))
    }

    /// The bound for q = N(mean, diag exp(log_var)), equation (3.14), in any float.
    ///
    /// # Errors
    /// If a length does not fit.
    pub fn elbo<T: Float>(&self, x: ArrayView1<'_, f64>, mean: &[T], log_var: &[T]) -> Result<T> {
        let regularizer = kl::diagonal_gaussian_standard(mean, log_var)?;
        Ok(self.reconstruction(x, mean, log_var)? - regularizer)
    }
    // ANCHOR_END: elbo

    // ANCHOR: gradient
    /// The bound's gradient by hand: Wᵀ(x − b − W m)/σ² − m, and ½(1 − σⱼ² Λⱼⱼ) by the log-variances.
    ///
    /// # Errors
    /// If a length does not fit.
    pub fn elbo_gradient(
        &self,
        x: ArrayView1<'_, f64>,
        mean: ArrayView1<'_, f64>,
        log_var: ArrayView1<'_, f64>,
    ) -> Result<Gradient> {
        same_length("mean", self.latent(), mean.len())?;
        same_length("log_var", self.latent(), log_var.len())?;
        let miss = self.residual(x)? - self.weight.dot(&mean);
        let pull = self.weight.t().dot(&miss) / (self.sigma * self.sigma);
        let precision = self.posterior_precision();
        let by_log_var =
            log_var.iter().zip(precision.diag()).map(|(v, l)| 0.5 * (1.0 - v.exp() * l));
        Ok(Gradient { mean: pull - mean, log_var: by_log_var.collect() })
    }

    /// The mean and log-variances at which that gradient is 0: the posterior's mean, and variances
    /// 1/Λⱼⱼ, which are smaller than the posterior's wherever its coordinates are correlated.
    ///
    /// # Errors
    /// If x has another length than D.
    pub fn best_q(&self, x: ArrayView1<'_, f64>) -> Result<(Array1<f64>, Array1<f64>)> {
        let log_var = self.posterior_precision().diag().mapv(|l| -l.ln());
        Ok((self.posterior(x)?.mean().to_owned(), log_var))
    }
    // ANCHOR_END: gradient

    fn residual(&self, x: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
        same_length("x", self.bias.len(), x.len())?;
        Ok(&x - &self.bias)
    }
}

fn same_length(name: &'static str, expected: usize, got: usize) -> Result<()> {
    if got == expected { Ok(()) } else { Err(Error::Dimension { name, expected, got }) }
}
