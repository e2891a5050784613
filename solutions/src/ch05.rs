//! Lab 5: reparameterization.

use lab::Functions;
use ndarray::{Array1, Array2};

/// u = 1 − e^{−(z/s)^k}, so (z/s)^k = −log(1 − u) and z = s (−log(1 − u))^{1/k}. With u in place of 1 − u the draws
/// have the same distribution, but fall as u rises: another path, and not F⁻¹. (`ln_1p` keeps the digits of a small
/// u.)
pub fn weibull_path(uniform: f64, scale: f64, shape: f64) -> f64 {
    scale * (-(-uniform).ln_1p()).powf(1.0 / shape)
}

/// Var(t + λS) = Var t + 2λ Cov(t, S) + λ² Var S is a parabola in λ with its minimum at λ = −Cov(t, S)/Var S: minus
/// the slope of the regression of the total derivative on the score. Means are subtracted, since over finitely many
/// draws the score's is not exactly 0. In the linear-Gaussian model the answer is σ²/v, which is 1 where q has the
/// posterior's width: there the path derivative is best.
pub fn best_lambda(total: &[f64], score: &[f64]) -> f64 {
    let mean = |numbers: &[f64]| numbers.iter().sum::<f64>() / numbers.len() as f64;
    let (mean_total, mean_score) = (mean(total), mean(score));
    let pairs = total.iter().zip(score);
    let covariance: f64 = pairs.map(|(t, s)| (t - mean_total) * (s - mean_score)).sum();
    let variance: f64 = score.iter().map(|s| (s - mean_score).powi(2)).sum();
    -covariance / variance
}

/// ∂yₖ/∂lᵢ = yₖ (1\[k = i\] − yᵢ)/τ, the softmax's matrix divided by τ, because l is. With the slope v, Σₖ vₖ
/// ∂yₖ/∂lᵢ = yᵢ (vᵢ − Σₖ vₖ yₖ)/τ: each entry's slope against the average one. The answers add up to 0, since
/// adding a number to all logits changes nothing. The noise is divided by τ, too, or y does not round to a draw
/// from softmax(l).
pub fn relaxed_gradient(
    logits: &[f64],
    uniform: &[f64],
    temperature: f64,
    slope: &[f64],
) -> Vec<f64> {
    let perturbed = logits.iter().zip(uniform).map(|(l, u)| (l - (-u.ln()).ln()) / temperature);
    let perturbed: Vec<f64> = perturbed.collect();
    let largest = perturbed.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let terms: Vec<f64> = perturbed.iter().map(|a| (a - largest).exp()).collect();
    let total: f64 = terms.iter().sum();
    let y: Vec<f64> = terms.iter().map(|term| term / total).collect();
    let average: f64 = y.iter().zip(slope).map(|(y, v)| y * v).sum();
    y.iter().zip(slope).map(|(y, v)| y * (v - average) / temperature).collect()
}

/// F(z) = Σ πₖ Φ((z − μₖ)/σₖ). Its derivative by μₖ is −πₖ N(z; μₖ, σₖ²), and by log σₖ² it is −½ (z − μₖ) πₖ N(z;
/// μₖ, σₖ²). Divide by −q(z), as (5.4) says: with the *responsibility* rₖ = πₖ N(z; μₖ, σₖ²)/q(z),
///
/// ```text
/// ∂z/∂μₖ = rₖ,     ∂z/∂log σₖ² = ½ (z − μₖ) rₖ
/// ```
///
/// For one component r = 1, and these are 1 and ½σε. In place of "which component made this z" stands how probably
/// each did. The log-densities are compared before they are exponentiated, so that a z far out is no trouble.
pub fn mixture_slopes(
    z: f64,
    weights: &[f64],
    means: &[f64],
    log_vars: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    let log_joint = |k: usize| {
        weights[k].ln() - 0.5 * (log_vars[k] + (z - means[k]).powi(2) / log_vars[k].exp())
    };
    let terms: Vec<f64> = (0..weights.len()).map(log_joint).collect();
    let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = terms.iter().map(|term| (term - largest).exp()).sum();
    let by_mean: Vec<f64> = terms.iter().map(|term| (term - largest).exp() / total).collect();
    let by_log_var = by_mean.iter().zip(means).map(|(r, m)| 0.5 * (z - m) * r).collect();
    (by_mean, by_log_var)
}

/// With z − μ = Lε the slope of −log q is (LLᵀ)⁻¹Lε = L⁻ᵀL⁻¹Lε = L⁻ᵀε: the vector y with Lᵀy = ε. Lᵀ is zero below
/// its diagonal, so the last coordinate of y comes first, y_d = ε_d/L_dd, and each earlier one needs only those
/// after it. (To solve Ly = ε instead gives L⁻¹ε, which is right for a diagonal L only.)
///
/// Along the path z moves with μ as it is, and ∂zᵢ/∂Lᵢⱼ = εⱼ. So with g = s + y the answers are g, and gᵢεⱼ on and
/// below the diagonal. At q = posterior s is −Λ(z − m) = −(LLᵀ)⁻¹Lε, the opposite of y, and g is zero. The total
/// derivative has s in place of g, and 1/Lᵢᵢ more on the diagonal: the same mean, and noise at the optimum.
pub fn full_covariance_path(
    factor: &Array2<f64>,
    noise: &Array1<f64>,
    slope: &Array1<f64>,
) -> (Array1<f64>, Array2<f64>) {
    let mut y = noise.clone();
    for i in (0..y.len()).rev() {
        let known: f64 = (i + 1..y.len()).map(|k| factor[[k, i]] * y[k]).sum();
        y[i] = (y[i] - known) / factor[[i, i]];
    }
    let by_mean = slope + y;
    let by_entry = |(i, j)| if j > i { 0.0 } else { by_mean[i] * noise[j] };
    let by_factor = Array2::from_shape_fn(factor.dim(), by_entry);
    (by_mean, by_factor)
}

type Relaxed = (Vec<f64>, Vec<f64>, f64, Vec<f64>);
type Mixture = (f64, Vec<f64>, Vec<f64>, Vec<f64>);
type Draw = (Array2<f64>, Array1<f64>, Array1<f64>);

/// The solutions by the names of the exercises.
#[must_use]
pub fn functions() -> Functions {
    Functions::new()
        .with("weibull_path", |(uniform, scale, shape): (f64, f64, f64)| {
            weibull_path(uniform, scale, shape)
        })
        .with("best_lambda", |(total, score): (Vec<f64>, Vec<f64>)| best_lambda(&total, &score))
        .with("relaxed_gradient", |(logits, uniform, temperature, slope): Relaxed| {
            relaxed_gradient(&logits, &uniform, temperature, &slope)
        })
        .with("mixture_slopes", |(z, weights, means, log_vars): Mixture| {
            mixture_slopes(z, &weights, &means, &log_vars)
        })
        .with("full_covariance_path", |(factor, noise, slope): Draw| {
            full_covariance_path(&factor, &noise, &slope)
        })
}
