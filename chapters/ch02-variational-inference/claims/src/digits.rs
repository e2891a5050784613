//! How a mixture does in many dimensions: measured on the optical digits.

use std::collections::HashMap;
use std::sync::Mutex;

use claims::{CheckError, Claim, Setting, Subject, Verdict, claim};

use ch02_variational_inference::Whitening;
use ch02_variational_inference::digits::{Digits, PerDimension, per_dimension};
use ch02_variational_inference::mixture::Settings;

/// One run at one number of dimensions ↦ nats per dimension that the mixture gains over one Gaussian on
/// held-out images
type Gain = fn(&PerDimension) -> f64;

const DIMENSIONS: [usize; 4] = [2, 8, 32, 64];
const SEEDS: u64 = 8;
const SETTINGS: Settings =
    Settings { components: 10, floor: 1.0, iterations: 30, least_gain: 1e-3 };

/// Eight fits at each number of dimensions.
fn runs_from(seed: u64) -> Result<Vec<Vec<PerDimension>>, CheckError> {
    let digits = Digits::load(&data::default_root(), seed)?;
    let whitening = Whitening::of(digits.train.view())?;
    let at = |dimensions: usize| -> Result<Vec<PerDimension>, CheckError> {
        (0..SEEDS)
            .map(|run| {
                let seed = seed.wrapping_add(run);
                Ok(per_dimension(&digits, &whitening, dimensions, &SETTINGS, seed)?)
            })
            .collect()
    };
    DIMENSIONS.into_iter().map(at).collect()
}

pub(super) fn high_dimension() -> Claim<Gain> {
    // The fits are the same for every falsifier, which differ in what they report of them.
    let done = Mutex::new(HashMap::<u64, Vec<Vec<PerDimension>>>::new());
    claim("variational-inference/mixture-high-dimension")
        .says(
            "Ten Gaussians on the optical digits: per dimension, the held-out log-density gains more over a \
             single Gaussian in 8 principal components than in 2, less again in 32, and less than a tenth of a nat \
             in all 64",
        )
        .settles("gen-gmm-highdim", Verdict::Measured)
        .measured(Setting {
            data: "1437 optical digits with uniform noise in place of rounding, 360 held out; whitened components",
            settings: "ten full covariances with λ = 1, up to 30 iterations of expectation and maximisation",
            runs: SEEDS as u32,
        })
        .trained(move |gain: &Subject<Gain>, runs| {
            let known = done.lock().map(|done| done.get(&runs.seed()).cloned());
            let all = match known {
                Ok(Some(all)) => all,
                _ => runs_from(runs.seed())?,
            };
            let gains = |at: &Vec<PerDimension>| -> Vec<f64> {
                at.iter().map(|run| gain.output(|gain| gain(run))).collect()
            };
            let all_gains: Vec<Vec<f64>> = all.iter().map(gains).collect();
            let [in_2, in_8, in_32, in_64] =
                <[Vec<f64>; 4]>::try_from(all_gains).map_err(|_| "four numbers of dimensions")?;
            let less = |a: &[f64], b: &[f64]| -> Vec<f64> {
                a.iter().zip(b).map(|(a, b)| a - b).collect()
            };
            runs.between("gain in 64 dimensions, nats per dimension", &in_64, -0.1, 0.1);
            runs.above("gain in 2", &in_2, 0.0);
            runs.above("gain in 8, less that in 2", &less(&in_8, &in_2), 0.0);
            runs.below("gain in 32, less that in 8", &less(&in_32, &in_8), 0.0);
            if let Ok(mut done) = done.lock() {
                done.insert(runs.seed(), all);
            }
            Ok(())
        })
        .holds_for((|run| run.test - run.one_gaussian) as Gain)
        .fails_for(
            "training-images",
            "This is the gain on the images that the mixture was fitted to: it is blind to overfitting, which \
             is what many dimensions bring; hold images out.",
            |run| run.train - run.one_gaussian,
        )
        .fails_for(
            "summed-over-dimensions",
            "The gain was summed over the dimensions: more of them then look better whatever they add; \
             divide by their number.",
            |run| (run.test - run.one_gaussian) * run.dimensions as f64,
        )
        .fails_for(
            "without-a-baseline",
            "The log-density itself was reported: its unit is that of the coordinates, so compare it with one \
             Gaussian on the same coordinates.",
            |run| run.test,
        )
}
