//! Lab 5: reparameterization.

use lab::Functions;

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

/// Along the path of one draw, log w changes with z by s(z) − ∂log q/∂z = s + ε/σ, as in (5.11): parameters of log
/// q held fixed. Each draw has the share w̃ₖ², and ∂z/∂φ = (1, ½σε).
///
/// Why the square? The gradient is Σ w̃ₖ (path derivative of draw k − score of draw k). The score's part is E[w̃ₖ
/// S(zₖ)], a score-function estimate of how E w̃ₖ changes with zₖ's distribution, and by (5.5) as good as
/// E[∂w̃ₖ/∂zₖ · ∂zₖ/∂φ]. Since ∂w̃ₖ/∂zₖ = (w̃ₖ − w̃ₖ²) ∂log wₖ/∂zₖ, subtracting it leaves w̃ₖ². With w̃ₖ alone the
/// term would be dropped, as (5.11) may do for one draw, where w̃ = 1, and the result is biased.
pub fn doubly_reparameterized(
    log_weights: &[f64],
    slopes: &[f64],
    noise: &[f64],
    log_var: f64,
) -> [f64; 2] {
    let largest = log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = log_weights.iter().map(|l| (l - largest).exp()).sum();
    let sigma = (0.5 * log_var).exp();
    let mut gradient = [0.0; 2];
    for ((l, slope), noise) in log_weights.iter().zip(slopes).zip(noise) {
        let share = ((l - largest).exp() / total).powi(2);
        let along_path = share * (slope + noise / sigma);
        gradient[0] += along_path;
        gradient[1] += along_path * 0.5 * sigma * noise;
    }
    gradient
}

type Relaxed = (Vec<f64>, Vec<f64>, f64, Vec<f64>);
type Mixture = (f64, Vec<f64>, Vec<f64>, Vec<f64>);
type Draws = (Vec<f64>, Vec<f64>, Vec<f64>, f64);

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
        .with("doubly_reparameterized", |(log_weights, slopes, noise, log_var): Draws| {
            doubly_reparameterized(&log_weights, &slopes, &noise, log_var)
        })
}
