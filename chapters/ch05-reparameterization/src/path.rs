//! Draws as functions of noise: equations (5.1) to (5.4).

use num_traits::Float;
use prob::gaussian::{reparameterize, standard_log_density};
use prob::number;
use prob::special::normal_cdf;

// ANCHOR: path
/// A draw z = g(ε) of some distribution, as a function of noise ε that knows no parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Path {
    /// z = mean + σε with ε ~ N(0, 1), equation (5.1): N(mean, σ²).
    LocationScale {
        /// The mean.
        mean: f64,
        /// log σ²
        log_var: f64,
    },
    /// z = F⁻¹(ε) with ε uniform on (0, 1), equation (5.2); here −log(1 − ε)/rate, the exponential
    /// distribution.
    InverseCdf {
        /// The reciprocal of the mean.
        rate: f64,
    },
    /// z = exp(mean + σε) with ε ~ N(0, 1), a second step after the first: the log-normal distribution.
    Composition {
        /// The mean of log z.
        mean: f64,
        /// The logarithm of the variance of log z.
        log_var: f64,
    },
    /// z = ε² with ε ~ N(0, 1), which is *not* invertible: the chi-square distribution with one degree of
    /// freedom. Two values of the noise lead to each z.
    Square,
}

impl Path {
    /// g(ε)
    #[must_use]
    pub fn draw(self, noise: f64) -> f64 {
        match self {
            Self::LocationScale { mean, log_var } => reparameterize(noise, mean, log_var),
            Self::InverseCdf { rate } => exponential(noise, rate),
            Self::Composition { mean, log_var } => reparameterize(noise, mean, log_var).exp(),
            Self::Square => noise * noise,
        }
    }

    /// Every noise that leads to z, with |dz/dε| there.
    #[must_use]
    pub fn branches(self, z: f64) -> Vec<(f64, f64)> {
        match self {
            Self::LocationScale { mean, log_var } => {
                let sigma = (0.5 * log_var).exp();
                vec![((z - mean) / sigma, sigma)]
            }
            Self::InverseCdf { rate } => {
                let survival = (-rate * z).exp(); // 1 − ε
                vec![(1.0 - survival, 1.0 / (rate * survival))]
            }
            Self::Composition { mean, log_var } => {
                let sigma = (0.5 * log_var).exp();
                vec![((z.ln() - mean) / sigma, sigma * z)]
            }
            Self::Square => [-1.0, 1.0].map(|sign| (sign * z.sqrt(), 2.0 * z.sqrt())).to_vec(),
        }
    }

    /// The density of the noise.
    #[must_use]
    pub fn noise_density(self, noise: f64) -> f64 {
        match self {
            Self::InverseCdf { .. } => f64::from((0.0..1.0).contains(&noise)),
            _ => standard_log_density(noise).exp(),
        }
    }

    /// The density of z by the change of variables, equation (5.3): Σ p(ε)/|dz/dε| over all ε that lead
    /// to z. For an invertible g the sum has one term: |q(z) dz| = |p(ε) dε|.
    ///
    /// ```
    /// use ch05_reparameterization::Path;
    /// let path = Path::LocationScale { mean: 1.0, log_var: 0.0 };
    /// assert!((path.density(1.0) - 0.398_942_280_401_432_7).abs() < 1e-15);
    /// ```
    #[must_use]
    pub fn density(self, z: f64) -> f64 {
        self.branches(z).iter().map(|&(noise, slope)| self.noise_density(noise) / slope).sum()
    }
}
// ANCHOR_END: path

// ANCHOR: implicit
impl Path {
    /// F(z) = P(draw ≤ z).
    #[must_use]
    pub fn cdf(self, z: f64) -> f64 {
        match self {
            Self::LocationScale { mean, log_var } => {
                normal_cdf((z - mean) * (-0.5 * log_var).exp())
            }
            Self::InverseCdf { rate } => -(-rate * z).exp_m1(),
            Self::Composition { mean, log_var } => {
                normal_cdf((z.ln() - mean) * (-0.5 * log_var).exp())
            }
            Self::Square => 2.0 * normal_cdf(z.sqrt()) - 1.0,
        }
    }

    /// ∂z/∂θ for each parameter, at constant noise: (∂/∂mean, ∂/∂log σ²), or ∂/∂rate, or nothing.
    ///
    /// It is the derivative at constant F(z), so that it needs no inverse, equation (5.4):
    /// ∂z/∂θ = −(∂F(z)/∂θ)/q(z).
    #[must_use]
    pub fn slopes(self, z: f64) -> Vec<f64> {
        let by_parameter: Vec<f64> = match self {
            Self::LocationScale { mean, log_var } => gaussian_cdf_slopes(z, mean, log_var).to_vec(),
            Self::InverseCdf { rate } => vec![z * (-rate * z).exp()],
            Self::Composition { mean, log_var } => {
                gaussian_cdf_slopes(z.ln(), mean, log_var).to_vec()
            }
            Self::Square => Vec::new(),
        };
        by_parameter.iter().map(|slope| -slope / self.density(z)).collect()
    }
}
// ANCHOR_END: implicit

/// ∂Φ((y − mean)/σ)/∂(mean, log σ²)
fn gaussian_cdf_slopes(y: f64, mean: f64, log_var: f64) -> [f64; 2] {
    let sigma = (0.5 * log_var).exp();
    let noise = (y - mean) / sigma;
    let density = standard_log_density(noise).exp();
    [-density / sigma, -0.5 * density * noise]
}

/// The inverse distribution function of the exponential distribution: −ln(1 − u)/λ for 0 ≤ u < 1.
pub fn exponential<T: Float>(uniform: T, rate: T) -> T {
    -(number::<T>(1.0) - uniform).ln() / rate
}
