//! A model whose ELBO is known exactly, to hold estimators of its gradient against: equation (4.5).

use prob::Gaussian;
use prob::gaussian::log_density;

use crate::Parameter;

/// z ~ N(0, 1) and x | z ~ N(wz + b, s²), with one observation x.
///
/// ```
/// use ch04_score_function::LinearGaussian;
/// let model = LinearGaussian { w: 1.5, b: 0.2, sigma: 0.8, x: 1.0 };
/// // At the posterior the ratio p(x, z)/q(z) does not depend on z: it is p(x).
/// let q = model.posterior()?;
/// assert!((model.log_ratio(&q, 0.3) - model.log_evidence()).abs() < 1e-14);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearGaussian {
    /// How strongly z acts on x.
    pub w: f64,
    /// x where z is 0.
    pub b: f64,
    /// The standard deviation s of x about wz + b.
    pub sigma: f64,
    /// What was observed.
    pub x: f64,
}

impl LinearGaussian {
    /// log p(x, z) = log N(z; 0, 1) + log N(x; wz + b, s²)
    #[must_use]
    pub fn log_joint(&self, z: f64) -> f64 {
        let log_var = 2.0 * self.sigma.ln();
        log_density(z, 0.0, 0.0) + log_density(self.x, self.w * z + self.b, log_var)
    }

    // ANCHOR: log-ratio
    /// log p(x, z) − log q(z): the f of the ELBO's gradient, equation (4.5).
    #[must_use]
    pub fn log_ratio(&self, q: &Gaussian, z: f64) -> f64 {
        self.log_joint(z) - q.log_density(z)
    }
    // ANCHOR_END: log-ratio

    /// The gradient of the ELBO in closed form: w(x − wμ − b)/s² − μ for the mean,
    /// ½(1 − σ²(1 + w²/s²)) for the log-variance.
    #[must_use]
    pub fn elbo_gradient(&self, parameter: Parameter, q: &Gaussian) -> f64 {
        let precision = 1.0 / (self.sigma * self.sigma);
        match parameter {
            Parameter::Mean => {
                self.w * (self.x - self.w * q.mean() - self.b) * precision - q.mean()
            }
            Parameter::LogVar => {
                0.5 * (1.0 - q.sigma() * q.sigma() * (1.0 + self.w * self.w * precision))
            }
        }
    }

    /// p(z | x), with the variance v = 1/(1 + w²/s²) and the mean v w(x − b)/s².
    ///
    /// # Errors
    /// If the model's numbers make no Gaussian.
    pub fn posterior(&self) -> prob::Result<Gaussian> {
        let precision = 1.0 / (self.sigma * self.sigma);
        let variance = 1.0 / (1.0 + self.w * self.w * precision);
        Gaussian::new(variance * self.w * (self.x - self.b) * precision, variance.sqrt())
    }

    /// log p(x) = log N(x; b, w² + s²)
    #[must_use]
    pub fn log_evidence(&self) -> f64 {
        log_density(self.x, self.b, (self.w * self.w + self.sigma * self.sigma).ln())
    }
}
