//! Lab 7: the variational autoencoder.

use lab::Functions;
use ndarray::{Array1, Array2, ArrayView1, Axis};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

/// All of them.
#[must_use]
pub fn functions() -> Functions {
    Functions::new()
        .with("active_units", |(means, threshold): (Matrix, f64)| {
            active_units(&means, threshold) as f64
        })
        .with("effective_sample_size", |log_weights: Vector| effective_sample_size(&log_weights))
        .with(
            "mixture_prior_kl",
            |(mean, log_var, noise, means, log_vars): (Vector, Vector, Matrix, Matrix, Matrix)| {
                mixture_prior_kl(&mean, &log_var, &noise, &means, &log_vars)
            },
        )
        .with("continuous_bernoulli_quantile", |(logit, uniform): (f64, f64)| {
            continuous_bernoulli_quantile(logit, uniform)
        })
        .with(
            "dreg_gradient",
            |(x, a, s, mean, log_var, noise): (f64, f64, f64, f64, f64, Vector)| {
                dreg_gradient(x, a, s, mean, log_var, &noise)
            },
        )
}

/// The number of coordinates whose mean varies over the data by more than a threshold.
///
/// For each column, the average squared distance from the column's mean. The mean has to be subtracted: a coordinate that
/// is always 5 says nothing of the image, though its square is large. Nor is the distance from 0 in one image evidence of
/// anything; what counts is that images differ.
pub fn active_units(means: &Matrix, threshold: f64) -> usize {
    means.var_axis(Axis(0), 0.0).iter().filter(|&&variance| variance > threshold).count()
}

/// (Σ w)² / Σ w², from log-weights.
///
/// A common factor of all weights cancels, so the largest may be taken for 1: subtract the largest log-weight before the
/// exponential. Nothing overflows then, and what underflows is too small to count. With the normalized weights of (7.10) the
/// same number is 1/Σ w̃². Other summaries measure something else: 1/max w̃ looks at one weight only, and the exponential
/// of the weights' entropy is larger unless all non-zero weights are equal.
pub fn effective_sample_size(log_weights: &Vector) -> f64 {
    let largest = log_weights.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
    let weights = log_weights.mapv(|log| (log - largest).exp());
    weights.sum().powi(2) / weights.dot(&weights)
}

/// The mean of log q(z | x) − log p(z) over draws from q, for a mixture p.
///
/// Each component's log-density is a sum over the coordinates; the mixture adds *densities*, so a log-sum-exp over the
/// components comes next, with −log K for their equal weights. A mixture in each coordinate by itself would be another
/// prior, one with K^d bumps. Averaging the logarithms over components is Jensen's lower bound of log p, and so an
/// overestimate of the KL. In log q the noise stands already: (z − μ)/σ = ε.
pub fn mixture_prior_kl(
    mean: &Vector,
    log_var: &Vector,
    noise: &Matrix,
    prior_means: &Matrix,
    prior_log_vars: &Matrix,
) -> f64 {
    // −½ Σ [(distance/s)² + log s²]: the constant −½ d log 2π is the same in q and p.
    let log_density =
        |z: ArrayView1<'_, f64>, mean: ArrayView1<'_, f64>, log_var: ArrayView1<'_, f64>| {
            let coordinates = z.iter().zip(mean).zip(log_var);
            -0.5 * coordinates.map(|((z, m), v)| (z - m).powi(2) * (-v).exp() + v).sum::<f64>()
        };
    let log_ratio = |noise: ArrayView1<'_, f64>| {
        let z = mean + &(log_var.mapv(|v| (0.5 * v).exp()) * noise);
        let components = prior_means.rows().into_iter().zip(prior_log_vars.rows());
        let logs: Vector = components.map(|(m, v)| log_density(z.view(), m, v)).collect();
        let largest = logs.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        let log_prior = largest + logs.mapv(|log| (log - largest).exp()).mean().unwrap_or(0.0).ln();
        log_density(z.view(), mean.view(), log_var.view()) - log_prior
    };
    noise.rows().into_iter().map(log_ratio).sum::<f64>() / noise.nrows() as f64
}

/// The x with F(x) = u for the density proportional to e^(l x) on [0, 1].
///
/// F(x) = (e^(l x) − 1)/(e^l − 1), so x = log(1 + u (e^l − 1))/l. With `exp_m1` and `ln_1p` nothing cancels at small l; at
/// l = 0 the density is uniform. For positive l the same draw is seen from the other end: if x belongs to (l, u), then 1 − x
/// belongs to (−l, 1 − u). So only e^(−|l|) is ever computed, which cannot overflow.
pub fn continuous_bernoulli_quantile(logit: f64, uniform: f64) -> f64 {
    let from_the_left = |l: f64, u: f64| (u * l.exp_m1()).ln_1p() / l;
    if logit == 0.0 {
        uniform
    } else if logit < 0.0 {
        from_the_left(logit, uniform)
    } else {
        1.0 - from_the_left(-logit, 1.0 - uniform)
    }
}

/// Σ w̃² (∂ log w/∂z) (∂z/∂φ) for one latent number and one pixel.
///
/// log w = log p(z) + log p(x | z) − log q(z | x), and with μ, σ in log q held fixed its slope in z is
/// −z + a (x − a z)/s² + (z − μ)/σ². The last term is ε/σ: leaving out the score does not mean leaving out all of log q.
/// Then ∂z/∂μ = 1 and ∂z/∂ log σ² = ½ σ ε. The squares of the normalized weights are what is left of w̃ after the score's
/// share has been taken away (7.12); with w̃ itself the estimate is biased for K > 1.
pub fn dreg_gradient(
    pixel: f64,
    slope: f64,
    noise_sigma: f64,
    mean: f64,
    log_var: f64,
    noise: &Vector,
) -> [f64; 2] {
    let sigma = (0.5 * log_var).exp();
    let codes = noise.mapv(|e| mean + sigma * e);
    let residuals = codes.mapv(|z| (pixel - slope * z) / noise_sigma);
    // Up to a constant that all weights share.
    let log_weights = 0.5 * (noise * noise - &codes * &codes - &residuals * &residuals);
    let largest = log_weights.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
    let weights = log_weights.mapv(|log| (log - largest).exp());
    let weights = &weights / weights.sum();

    let paths = residuals * (slope / noise_sigma) - codes + noise / sigma;
    let moved = &weights * &weights * paths;
    [moved.sum(), 0.5 * sigma * moved.dot(noise)]
}
