//! What may be maximised, and what may not: equations (3.15) to (3.18).
//!
//! One model for a whole data set: z ~ N(0, 1), x | z ~ N(w z, sigma²), and for every x the same rule
//! q(z|x) = N(a x, exp(log_var)). The data enter through the mean of x², `mean_square`, only.

use num_traits::Float;
use prob::gaussian::log_density;
use prob::{Error, Result, kl, number};

/// The parameters of model and encoder, θ and φ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters<T> {
    /// θ: the decoder's weight.
    pub w: T,
    /// φ: the encoder's slope, the mean of q(z|x) over x.
    pub a: T,
    /// φ: the log-variance of q.
    pub log_var: T,
}

// ANCHOR: objectives
/// The mean of log p_θ(x) over the data, equation (3.15): x ~ N(0, w² + sigma²).
pub fn mean_log_evidence<T: Float>(w: T, sigma: f64, mean_square: f64) -> T {
    // A log-density is linear in x², so its mean is its value at the root mean square.
    let variance = w * w + number(sigma * sigma);
    log_density(number(mean_square.sqrt()), T::zero(), variance.ln())
}

/// The mean of the bound over the data, equation (3.16).
pub fn mean_elbo<T: Float>(at: Parameters<T>, sigma: f64, mean_square: f64) -> T {
    let Parameters { w, a, log_var } = at;
    let miss = T::one() - w * a;
    let error = number::<T>(mean_square) * miss * miss + w * w * log_var.exp();
    let root = number(mean_square.sqrt());
    let constant = log_density(T::zero(), T::zero(), number(2.0 * sigma.ln()));
    constant
        - error / number(2.0 * sigma * sigma)
        - kl::gaussian(a * root, log_var, T::zero(), T::zero())
}

/// The mean of KL(q(z|x) ‖ p_θ(z|x)) over the data, equation (3.17): the posterior is
/// N(w x/(w² + sigma²), sigma²/(w² + sigma²)).
pub fn mean_kl_to_posterior<T: Float>(at: Parameters<T>, sigma: f64, mean_square: f64) -> T {
    let Parameters { w, a, log_var } = at;
    let variance = w * w + number(sigma * sigma);
    let root = number(mean_square.sqrt());
    let posterior_log_var = number::<T>(2.0 * sigma.ln()) - variance.ln();
    kl::gaussian(a * root, log_var, w / variance * root, posterior_log_var)
}
// ANCHOR_END: objectives

// ANCHOR: maximum
/// Model and encoder that maximise the mean of the bound, equation (3.18): the maximum-likelihood
/// w² = mean x² − sigma², with the exact posterior.
///
/// # Errors
/// If the mean of x² is not above sigma²: then w = 0 is the maximum.
pub fn maximum(sigma: f64, mean_square: f64) -> Result<Parameters<f64>> {
    let square = mean_square - sigma * sigma;
    if square.is_nan() || square <= 0.0 {
        let expected = "a mean of x² above sigma²";
        return Err(Error::Parameter { name: "mean_square", value: mean_square, expected });
    }
    Ok(with_posterior(square.sqrt(), sigma))
}

/// The encoder that is exact for a given w: at each of these KL(q(z|x) ‖ p_θ(z|x)) is 0.
#[must_use]
pub fn with_posterior(w: f64, sigma: f64) -> Parameters<f64> {
    let variance = w * w + sigma * sigma;
    Parameters { w, a: w / variance, log_var: (sigma * sigma / variance).ln() }
}
// ANCHOR_END: maximum

/// ∂/∂w of the mean of the bound, by hand: (a·mean x²·(1 − w a) − w exp(log_var))/sigma².
#[must_use]
pub fn mean_elbo_slope(at: Parameters<f64>, sigma: f64, mean_square: f64) -> f64 {
    let Parameters { w, a, log_var } = at;
    (a * mean_square * (1.0 - w * a) - w * log_var.exp()) / (sigma * sigma)
}
