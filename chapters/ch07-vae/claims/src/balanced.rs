//! The importance-weighted bound rises with the number of samples, in every draw.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use claims::{CheckError, Claim, Rng, Subject, Tolerance, claim, domain, one_of, seed, whole};
use rand::Rng as _;

use super::small_runs::{digits, strokes_model};
use ch07_vae::{Samples, balanced_bound};

/// log weights and K ↦ the bound of K samples
type BoundOf = fn(&[f64], usize) -> f64;

/// So many codes are drawn for an image.
const CODES: usize = 100;
/// What divides that.
const PARTICLES: [f64; 9] = [1.0, 2.0, 4.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0];

/// log w₁, …, log w₁₀₀ of a held-out image under a trained model, drawn once for all checks.
fn log_weights(image: usize, mut rng: Rng) -> Result<Vec<f64>, CheckError> {
    static KNOWN: Mutex<BTreeMap<(usize, u64), Vec<f64>>> = Mutex::new(BTreeMap::new());
    let (model, digits) = (strokes_model()?, digits()?);
    let key = (image, rng.clone().random());
    let mut draw = || {
        let x = digits.test_strokes.intensities(&[image]);
        let q = model.encode(x.clone());
        Samples::draw(&*model, x.row(0), &q, CODES, &mut rng).log_weight
    };
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(known.entry(key).or_insert_with(&mut draw).clone())
}

pub(super) fn bound_rises() -> Claim<BoundOf> {
    claim("vae/bound-rises")
        .says(
            "On a trained model, with the same 100 weights in balanced blocks, the bound of K′ samples is at least the \
             bound of K, of which 1 is the ELBO, wherever K divides K′: for every image and in every draw, and not only \
             on average",
        )
        .after("Burda, Grosse & Salakhutdinov 2016, theorem 1; Jensen")
        .for_every(
            domain([
                whole("held-out image", 0..=359),
                one_of("K", &PARTICLES),
                one_of("K′", &PARTICLES),
                seed("the draw"),
            ])
            .such_that("K divides K′ and is smaller", |[_, k, larger, _]| k < larger && larger % k == 0.0)
            .with([[0.0, 1.0, 5.0, 1.0], [36.0, 5.0, 50.0, 1.0], [72.0, 50.0, 100.0, 1.0]]),
        )
        .bound(Tolerance::relative(1e-12), |bound: &Subject<BoundOf>, [image, k, larger, draw], margins| {
            // Weights 1 and 3: the logarithm of their mean is ln 2, and it is reached from both sides.
            let known = [0.0, 3.0_f64.ln()];
            let both = bound.output(|bound| bound(&known, 2));
            margins.at_least("w = 1, 3: the bound of 2", both, 2.0_f64.ln());
            margins.at_least("w = 1, 3: ln 2", 2.0_f64.ln(), both);
            let one = bound.output(|bound| bound(&known, 1));
            margins.at_least("w = 1, 3: the bound of 1", one, 0.5 * 3.0_f64.ln());
            margins.at_least("w = 1, 3: ½ ln 3", 0.5 * 3.0_f64.ln(), one);
            let weights = log_weights(image as usize, margins.rng(draw as u64))?;
            let [lower, upper] =
                [k, larger].map(|k| bound.output(|bound| bound(&weights, k as usize)));
            margins.at_least("", upper, lower);
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
