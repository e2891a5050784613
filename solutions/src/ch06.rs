//! Lab 6: the divergence between Gaussians.

use lab::Functions;
use ndarray::{Array1, Array2};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

/// All of them.
#[must_use]
pub fn functions() -> Functions {
    Functions::new()
        .with("kl_to_wide_prior", |(mean, log_var, s): (Vector, Vector, f64)| {
            kl_to_wide_prior(&mean, &log_var, s)
        })
        .with("full_covariance_kl", |(mean, covariance): (Vector, Matrix)| {
            full_covariance_kl(&mean, &covariance)
        })
        .with("laplace_kl", |(m1, b1, m2, b2): (f64, f64, f64, f64)| laplace_kl(m1, b1, m2, b2))
        .with("free_bits_gradient", |(mean, log_var, free): (Matrix, Matrix, f64)| {
            free_bits_gradient(&mean, &log_var, free)
        })
        .with(
            "mixture_kl_bound",
            |(mean, sigma, weights, means, sigmas): (f64, f64, Vector, Vector, Vector)| {
                mixture_kl_bound(mean, sigma, &weights, &means, &sigmas)
            },
        )
}

/// KL( N(μ, diag σ²) ‖ N(0, s² I) ) in nats.
///
/// Put μ₂ = 0 and σ₂ = s into (6.4), write σ² = e^(log σ²), and add the coordinates (6.10). The term log s is zero for the
/// standard normal prior, so it cannot be found by adapting (6.5): it has to come from (6.4). The mean is measured in units
/// of s like everything else. s is a standard deviation; as in the section on notation, taking it for a variance shows
/// everywhere but at s = 1.
pub fn kl_to_wide_prior(mean: &Vector, log_var: &Vector, prior_sigma: f64) -> f64 {
    let prior_log_var = 2.0 * prior_sigma.ln();
    let precision = (-prior_log_var).exp();
    let coordinates = mean.iter().zip(log_var);
    coordinates.map(|(m, v)| 0.5 * (prior_log_var - v + (v.exp() + m * m) * precision - 1.0)).sum()
}

/// KL(N(μ, Σ) ‖ N(0, I)) = ½(tr Σ + ‖μ‖² − D − log det Σ).
///
/// In (6.12) the second Gaussian is standard already, so L₂ = I, m = μ and M = L₁. The trace of Σ is the sum of its diagonal,
/// and correlations enter through the determinant only.
///
/// For that, eliminate. In each step the pivot is the variance that a coordinate has left when the earlier ones are known; the
/// determinant is the product of the pivots. Add up their logarithms: forty variances of 1e-9 have a product of
/// 1e-360, which is 0 in floating-point numbers, and a logarithm of −829, which is fine. A positive definite matrix needs no
/// exchange of rows.
///
/// The logarithms of Σ's own diagonal are those of the variances before anything is known. Using them instead leaves out the
/// total correlation (6.13).
pub fn full_covariance_kl(mean: &Vector, covariance: &Matrix) -> f64 {
    let dimension = mean.len();
    let mut left = covariance.clone();
    let mut log_det = 0.0;
    for k in 0..dimension {
        log_det += left[[k, k]].ln();
        for i in k + 1..dimension {
            let factor = left[[i, k]] / left[[k, k]];
            for j in k + 1..dimension {
                left[[i, j]] -= factor * left[[k, j]];
            }
        }
    }
    0.5 * (covariance.diag().sum() + mean.dot(mean) - dimension as f64 - log_det)
}

/// KL between two Laplace densities in nats.
///
/// log p − log q = log(b₂/b₁) − |x − m₁|/b₁ + |x − m₂|/b₂. The second term averages to −1. For the third, let
/// d = |m₁ − m₂| and, by symmetry, m₂ = m₁ + d. With u = x − m₁, |u − d| = (d − u) + 2(u − d)₊; the first part averages to
/// d, and E(u − d)₊ = ∫_d^∞ (u − d) e^(−u/b₁)/(2b₁) du = ½ b₁ e^(−d/b₁). So E|x − m₂| = d + b₁ e^(−d/b₁).
/// It lies between d, which forgets that x is spread out, and d + b₁, which forgets that deviations towards m₂
/// shorten the way.
pub fn laplace_kl(mean1: f64, scale1: f64, mean2: f64, scale2: f64) -> f64 {
    let distance = (mean1 - mean2).abs();
    let mean_deviation = distance + scale1 * (-distance / scale1).exp();
    (scale2 / scale1).ln() - 1.0 + mean_deviation / scale2
}

/// The gradient of J = Σⱼ max(λ, (1/n) Σᵢ KLᵢⱼ).
///
/// Where the maximum is λ it is a constant, and nothing flows. Where it is the mean, (6.8) holds, times the 1/n of
/// the mean. The decision is one for each column: comparing single images with λ would give a different objective, one
/// that pays a coordinate for the images which use it and leaves the others alone.
pub fn free_bits_gradient(mean: &Matrix, log_var: &Matrix, free: f64) -> (Matrix, Matrix) {
    let n = mean.nrows() as f64;
    let (mut by_mean, mut by_log_var) = (mean / n, log_var.mapv(|v| 0.5 * v.exp_m1() / n));
    for j in 0..mean.ncols() {
        let images = mean.column(j).into_iter().zip(log_var.column(j));
        let charge: f64 = images.map(|(m, v)| 0.5 * (m * m + v.exp() - v - 1.0)).sum();
        if charge / n <= free {
            by_mean.column_mut(j).fill(0.0);
            by_log_var.column_mut(j).fill(0.0);
        }
    }
    (by_mean, by_log_var)
}

/// The minimum over φ of Σ φₖ (log(φₖ/ωₖ) + Dₖ) is −log Σ ωₖ e^(−Dₖ), with Dₖ = KL(q ‖ gₖ).
///
/// Let Z = Σ ωₖ e^(−Dₖ) and ψₖ = ωₖ e^(−Dₖ)/Z, which are probabilities. The right side is
/// Σ φₖ log(φₖ/ψₖ) − log Z = KL(φ ‖ ψ) − log Z, least at φ = ψ. It is a soft minimum of the Dₖ: never above the average Σ ωₖ Dₖ,
/// the bound at φ = ω, nor above −log ωₖ + Dₖ for a component alone, the bound at a φ of one 1 and zeros. The largest term
/// leaves the sum before the exponentials, or Dₖ in the hundreds give log 0.
pub fn mixture_kl_bound(
    mean: f64,
    sigma: f64,
    weights: &Vector,
    means: &Vector,
    sigmas: &Vector,
) -> f64 {
    let divergence = |(m, s): (&f64, &f64)| {
        (s / sigma).ln() + (sigma * sigma + (mean - m).powi(2)) / (2.0 * s * s) - 0.5
    };
    let logs: Vector =
        weights.ln() - means.iter().zip(sigmas).map(divergence).collect::<Array1<_>>();
    let largest = logs.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
    -(largest + logs.mapv(|log| (log - largest).exp()).sum().ln())
}
