//! Lab 3: the evidence lower bound.

use lab::Functions;
use ndarray::{Array1, Array2};

/// The log-mean of numbers given by their logarithms, with the largest taken out first and put back at the end.
fn log_mean_exp(log_terms: &[f64]) -> f64 {
    let largest = log_terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = log_terms.iter().map(|l| (l - largest).exp()).sum();
    largest + (sum / log_terms.len() as f64).ln()
}

/// log wₖ = log p(x, zₖ) − log q(zₖ). A factor common to all weights comes out of the logarithm of their mean as a
/// summand: take out the largest, so that the largest exponential is 1 and cannot underflow, and add its logarithm
/// afterwards. The mean stands *inside* the logarithm, and it is a mean: without the division the figure grows by
/// log K.
pub fn importance_bound(log_joint: &[f64], log_q: &[f64]) -> f64 {
    let log_weights: Vec<f64> = log_joint.iter().zip(log_q).map(|(p, q)| p - q).collect();
    log_mean_exp(&log_weights)
}

/// ∂ log Σ wₖ = Σ ∂wₖ / Σ wᵢ, and ∂wₖ = wₖ ∂ log wₖ. So the gradient is the mean of the gradients with the
/// *normalised* weights w̃ₖ = wₖ/Σ wᵢ of (3.6): the better a draw explains x, the more it counts. In w̃ a common
/// factor cancels, so again the largest may be taken out. Equal shares 1/K would be the gradient of the ELBO.
pub fn importance_gradient(log_weights: &[f64], gradients: &Array2<f64>) -> Array1<f64> {
    let largest = log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Array1<f64> = log_weights.iter().map(|l| (l - largest).exp()).collect();
    weights.dot(gradients) / weights.sum()
}

/// The exact encoder has a = w/S and e^v = σ²/S with S = w² + σ². In (3.16) only −((1 − wa)² x̄² + w² e^v)/(2σ²)
/// contains the decoder's w; its derivative vanishes at w (a² x̄² + e^v) = a x̄². Without e^v, the spread of the
/// codes, w would be 1/a: least squares on codes that are taken for known, which overshoots. To go to √(x̄² − σ²)
/// at once is the limit of the steps, not a step.
pub fn em_step(w: f64, sigma: f64, mean_square: f64) -> f64 {
    let s = w * w + sigma * sigma;
    let (slope, variance) = (w / s, sigma * sigma / s);
    slope * mean_square / (slope * slope * mean_square + variance)
}

/// log P(x) is log sigmoid(l) for x = 1 and log sigmoid(−l) for x = 0, because 1 − sigmoid(l) = sigmoid(−l). Both
/// are −log(1 + e^∓l), which is computed as min(±l, 0) − log(1 + e^−|l|): the exponential never overflows, and
/// nothing is rounded to log 0. Sum over the pixels, average over the draws only, and *subtract* the divergence ½ Σ
/// (m² + e^v − v − 1).
pub fn bernoulli_bound(
    (weight, bias): (&Array2<f64>, &Array1<f64>),
    pixels: &Array1<f64>,
    (mean, log_var): (&Array1<f64>, &Array1<f64>),
    noise: &Array2<f64>,
) -> f64 {
    let log_sigmoid = |l: f64| l.min(0.0) - (-l.abs()).exp().ln_1p();
    let sigma = log_var.mapv(|v| (0.5 * v).exp());
    let reconstruction = |noise: ndarray::ArrayView1<'_, f64>| -> f64 {
        let logits = weight.dot(&(mean + &sigma * &noise)) + bias;
        logits.iter().zip(pixels).map(|(&l, &x)| log_sigmoid(if x == 1.0 { l } else { -l })).sum()
    };
    let total: f64 = noise.rows().into_iter().map(reconstruction).sum();
    let kl: f64 = mean.iter().zip(log_var).map(|(m, v)| 0.5 * (m * m + v.exp() - v - 1.0)).sum();
    total / noise.nrows() as f64 - kl
}

/// Let L_K be the bound and L̄ the average of those with one draw left out. If L_K = log p − c/K and L̄ = log p −
/// c/(K − 1), then K L_K − (K − 1) L̄ = log p: the factors make both errors c. A mean over K − 1 draws is divided
/// by K − 1. The result is no bound any more: what remains is of the order 1/K², of either sign.
pub fn jackknife(log_weights: &[f64]) -> f64 {
    let count = log_weights.len();
    let without = |left_out: usize| {
        let mut others = log_weights.to_vec();
        others.remove(left_out);
        log_mean_exp(&others)
    };
    let average = (0..count).map(without).sum::<f64>() / count as f64;
    count as f64 * log_mean_exp(log_weights) - (count as f64 - 1.0) * average
}

type Matrix = Array2<f64>;
type Vector = Array1<f64>;
type Bernoulli = ((Matrix, Vector), Vector, (Vector, Vector), Matrix);

/// The solutions by the names of the exercises.
#[must_use]
pub fn functions() -> Functions {
    Functions::new()
        .with("importance_bound", |(log_joint, log_q): (Vec<f64>, Vec<f64>)| {
            importance_bound(&log_joint, &log_q)
        })
        .with("importance_gradient", |(log_weights, gradients): (Vec<f64>, Matrix)| {
            importance_gradient(&log_weights, &gradients)
        })
        .with("em_step", |(w, sigma, mean_square): (f64, f64, f64)| em_step(w, sigma, mean_square))
        .with("bernoulli_bound", |((w, b), x, (mean, log_var), noise): Bernoulli| {
            bernoulli_bound((&w, &b), &x, (&mean, &log_var), &noise)
        })
        .with("jackknife", |log_weights: Vec<f64>| jackknife(&log_weights))
}
