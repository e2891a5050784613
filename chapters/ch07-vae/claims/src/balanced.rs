//! The importance-weighted bound rises with the number of samples, in every draw.

use claims::{CheckError, Claim, Rng, Subject, Tolerance, claim};
use ndarray::s;

use super::small_runs::{digits, strokes_model};
use ch07_vae::{Posterior, Samples, balanced_bound};

/// log weights and K ↦ the bound of K samples
type BoundOf = fn(&[f64], usize) -> f64;

/// Each divides the next, so that blocks of one size fill blocks of the next.
const PARTICLES: [usize; 4] = [1, 5, 50, 100];

/// log w₁, …, log w₁₀₀ of each of 10 held-out images under a trained model.
fn log_weights(rng: &mut Rng) -> Result<Vec<Vec<f64>>, CheckError> {
    let (model, digits) = (strokes_model()?, digits()?);
    let indices: Vec<usize> = (0..10).map(|i| 36 * i).collect();
    let x = digits.test_strokes.intensities(&indices);
    let q = model.encode(x.clone());
    let of_image = |row: usize| {
        let posterior = Posterior {
            mean: q.mean.slice(s![row..=row, ..]).to_owned(),
            log_var: q.log_var.slice(s![row..=row, ..]).to_owned(),
        };
        Samples::draw(&*model, x.row(row), &posterior, PARTICLES[3], rng).log_weight
    };
    Ok((0..indices.len()).map(of_image).collect())
}

pub(super) fn bound_rises() -> Claim<BoundOf> {
    claim("vae/bound-rises")
        .says(
            "On a trained model, with the same weights in balanced blocks: ELBO ≤ bound of 5 ≤ bound of 50 ≤ bound \
             of 100 samples, for every image and in every draw, and not only on average",
        )
        .after("Burda, Grosse & Salakhutdinov 2016, theorem 1; Jensen")
        .bound(Tolerance::relative(1e-12), |bound: &Subject<BoundOf>, margins| {
            // Weights 1 and 3: the logarithm of their mean is ln 2, and it is reached from both sides.
            let known = [0.0, 3.0_f64.ln()];
            let both = bound.output(|bound| bound(&known, 2));
            margins.at_least("w = 1, 3: the bound of 2", both, 2.0_f64.ln());
            margins.at_least("w = 1, 3: ln 2", 2.0_f64.ln(), both);
            let one = bound.output(|bound| bound(&known, 1));
            margins.at_least("w = 1, 3: the bound of 1", one, 0.5 * 3.0_f64.ln());
            margins.at_least("w = 1, 3: ½ ln 3", 0.5 * 3.0_f64.ln(), one);
            for (image, weights) in log_weights(&mut margins.rng(0))?.iter().enumerate() {
                let bounds = PARTICLES.map(|k| bound.output(|bound| bound(weights, k)));
                for (k, pair) in PARTICLES.windows(2).zip(bounds.windows(2)) {
                    let label = format!("image {image}: {} over {} samples", k[1], k[0]);
                    margins.at_least(label, pair[1], pair[0]);
                }
            }
            Ok(())
        })
        .holds_for(balanced_bound as BoundOf)
        .fails_for(
            "first-samples",
            "The bound of K used the first K weights only: another draw for each K, and the order holds on average \
             only; use every weight at every K.",
            |weights, k| balanced_bound(&weights[..k], k),
        )
        .fails_for(
            "mean-of-logs",
            "You averaged the logarithms in a block; that is the ELBO at every K: take the logarithm of the average.",
            |weights, _| balanced_bound(weights, 1),
        )
        .fails_for(
            "sum-for-mean",
            "You took the logarithm of the sum: subtract log K, or the bound grows with K for no reason.",
            |weights, k| balanced_bound(weights, k) + (k as f64).ln(),
        )
        .fails_for(
            "largest-weight",
            "You kept each block's largest weight only: that is above the logarithm of the mean.",
            |weights, k| {
                let largest = |block: &[f64]| block.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let blocks = weights.chunks_exact(k);
                blocks.map(largest).sum::<f64>() / (weights.len() / k) as f64
            },
        )
        .fails_for(
            "worst-weighs-most",
            "The sign of the log-weights is turned: the worst sample weighs most.",
            |weights, k| {
                let turned: Vec<f64> = weights.iter().map(|w| -w).collect();
                -balanced_bound(&turned, k)
            },
        )
}
