//! Lab 4: the score-function estimator.

use lab::Functions;
use ndarray::{Array1, Array2};

/// log q(z) = η − e^η z, and its derivative by η is 1 − e^η z. By λ instead of η it would be 1/λ − z, the same
/// divided by λ; by z it is −λ, which is another thing of the same name.
pub fn exponential_score(log_rate: f64, z: f64) -> f64 {
    1.0 - log_rate.exp() * z
}

/// Σ f S²/Σ S² in each column: the 1/L of the two means cancel. It is a mean of f in which a draw counts as much as
/// its squared score, and it minimises the mean of (f − b)² S². Without squares, Σ f S/Σ S divides by something
/// whose mean is 0.
pub fn optimal_baselines(scores: &Array2<f64>, values: &[f64]) -> Array1<f64> {
    let squares = scores.mapv(|s| s * s);
    let weighted = Array1::from(values.to_vec()).dot(&squares);
    weighted / squares.sum_axis(ndarray::Axis(0))
}

/// With S = (z − μ)/σ², E[c₀ S] = 0 and E[c₁ z S] = c₁ E[(z − μ)²]/σ² = c₁, since E[μ S] = 0. Or by (4.1): E b =
/// c₀ + c₁μ has the derivative c₁ by μ. That is what subtracting b takes away, and so it is added back: (f − c₀ −
/// c₁z) S + c₁. If f is the line itself, every draw gives the exact answer.
pub fn line_baseline(
    mean: f64,
    sigma: f64,
    z: &[f64],
    values: &[f64],
    [c0, c1]: [f64; 2],
) -> Vec<f64> {
    let score = |z: f64| (z - mean) / (sigma * sigma);
    z.iter().zip(values).map(|(&z, f)| (f - c0 - c1 * z) * score(z) + c1).collect()
}

/// bᵢ = Σ_{j≠i} fⱼ Sⱼ²/Σ_{j≠i} Sⱼ². Given the other draws it is a constant, independent of zᵢ, so (4.6) holds for
/// each term and the mean is unbiased. If fᵢ Sᵢ² stays in both sums, the baseline knows its own draw, and the
/// estimate is biased as in (4.8).
pub fn leave_one_out_optimal(scores: &[f64], values: &[f64]) -> f64 {
    let term = |i: usize| {
        let others = (0..scores.len()).filter(|&j| j != i);
        let (top, bottom) = others.fold((0.0, 0.0), |(top, bottom), j| {
            let square = scores[j] * scores[j];
            (top + values[j] * square, bottom + square)
        });
        (values[i] - top / bottom) * scores[i]
    };
    (0..scores.len()).map(term).sum::<f64>() / scores.len() as f64
}

/// The mean of the others' log-weights is the logarithm of their *geometric* mean. With the arithmetic mean in its
/// place the baseline would be the bound from the other K − 1 draws. The draw's own weight may enter its baseline
/// in no way, or the baseline depends on the draw. Both bounds are means of K weights: divided by K both times, it
/// cancels.
pub fn learning_signals(log_weights: &[f64]) -> Vec<f64> {
    let log_sum_exp = |terms: &[f64]| {
        let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        largest + terms.iter().map(|l| (l - largest).exp()).sum::<f64>().ln()
    };
    let (all, total) = (log_sum_exp(log_weights), log_weights.iter().sum::<f64>());
    let signal = |k: usize| {
        let mut replaced = log_weights.to_vec();
        replaced[k] = (total - log_weights[k]) / (log_weights.len() as f64 - 1.0);
        all - log_sum_exp(&replaced)
    };
    (0..log_weights.len()).map(signal).collect()
}

type Line = (f64, f64, Vec<f64>, Vec<f64>, [f64; 2]);

/// The solutions by the names of the exercises.
#[must_use]
pub fn functions() -> Functions {
    Functions::new()
        .with("exponential_score", |(log_rate, z): (f64, f64)| exponential_score(log_rate, z))
        .with("optimal_baselines", |(scores, values): (Array2<f64>, Vec<f64>)| {
            optimal_baselines(&scores, &values)
        })
        .with("line_baseline", |(mean, sigma, z, values, line): Line| {
            line_baseline(mean, sigma, &z, &values, line)
        })
        .with("leave_one_out_optimal", |(scores, values): (Vec<f64>, Vec<f64>)| {
            leave_one_out_optimal(&scores, &values)
        })
        .with("learning_signals", |log_weights: Vec<f64>| learning_signals(&log_weights))
}
