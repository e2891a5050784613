//! What the book's interactive figure `gradient-histograms` is made of, and the numbers that it must show.

use prob::random::stream;
use prob::{Estimate, Gaussian, Result};
use rand::Rng;
use rand_distr::StandardNormal;
use serde_json::{Value, json};

use crate::{Parameter, SumOfSquares, baseline_gradient, pathwise_gradient};

/// Draws in the figure's file.
const DRAWS: usize = 4096;
/// The coordinates of the larger of the two cases.
const COORDINATES: usize = 10;
/// Seed and position of their stream.
const SEED: u64 = 1;
const NOISE: u64 = 0x1ce;

/// Half a unit of the last digit shown.
const TOLERANCE: f64 = 6e-4;

/// μ, σ, D, draws in one estimate, with a baseline or without.
const CASES: [(f64, f64, usize, usize, bool); 6] = [
    (1.0, 0.5, 10, 1, true),
    (1.0, 0.5, 10, 16, false),
    (-0.7, 0.3, 1, 1, false),
    (-0.7, 0.3, 1, 64, true),
    (1.5, 1.0, 10, 4, true),
    (0.0, 0.2, 10, 64, false),
];

/// The noise of one draw of all coordinates, as far as the figure needs it: with z = μ + σε in every coordinate,
/// Σz² over the others is (D − 1)μ² + 2μσ Σε + σ² Σε².
struct Noise {
    first: f64,
    others_sum: f64,
    others_squares: f64,
}

impl Noise {
    /// The draw's first coordinate, and f.
    fn draw(&self, case: &SumOfSquares) -> (f64, f64) {
        let (mean, sigma) = (case.q.mean(), case.q.sigma());
        let z = mean + sigma * self.first;
        if case.dimension == 1 {
            return (z, z * z);
        }
        let others = (case.dimension - 1) as f64;
        let rest = others * mean * mean
            + 2.0 * mean * sigma * self.others_sum
            + sigma * sigma * self.others_squares;
        (z, z * z + rest)
    }
}

/// Draws, rounded as a file for a page should be: the rounded ones are the figure's draws, here and there.
fn noise() -> Vec<Noise> {
    let mut rng = stream(SEED, [NOISE]);
    (0..DRAWS)
        .map(|_| {
            let all: [f64; COORDINATES] = std::array::from_fn(|_| rng.sample(StandardNormal));
            let [first, others @ ..] = all;
            Noise {
                first: rounded(first, 1e3),
                others_sum: rounded(others.iter().sum(), 1e3),
                others_squares: rounded(others.iter().map(|e| e * e).sum(), 1e3),
            }
        })
        .collect()
}

/// The draws, and for some states of the controls mean and standard deviation of both estimators, as measured over the draws
/// and by (4.10) and (4.13).
///
/// # Errors
/// Never for these cases; the densities' constructor has an error type.
pub fn interactive() -> Result<Value> {
    let noise = noise();
    let checks = CASES.iter().map(|case| check(&noise, case)).collect::<Result<Vec<_>>>()?;
    let column = |of: fn(&Noise) -> f64| noise.iter().map(of).collect::<Vec<_>>();
    Ok(json!({
        "element": "gradient-histograms",
        "noise": column(|draw| draw.first),
        "others_sum": column(|draw| draw.others_sum),
        "others_squares": column(|draw| draw.others_squares),
        "checks": checks,
    }))
}

fn check(
    noise: &[Noise],
    &(mean, sigma, dimension, samples, baseline): &(f64, f64, usize, usize, bool),
) -> Result<Value> {
    let case = SumOfSquares { q: Gaussian::new(mean, sigma)?, dimension };
    let parameter = Parameter::Mean;
    let b = if baseline { case.optimal_baseline(parameter) } else { 0.0 };
    let (mut score, mut path) = (Estimate::new(), Estimate::new());
    for group in noise.chunks_exact(samples) {
        let [mut by_score, mut by_path] = [0.0; 2];
        for (z, f) in group.iter().map(|draw| draw.draw(&case)) {
            by_score += baseline_gradient(parameter, &case.q, z, f, b);
            by_path += pathwise_gradient(parameter, &case.q, z, 2.0 * z);
        }
        score.push(by_score / samples as f64);
        path.push(by_path / samples as f64);
    }
    let formula = |variance: f64| rounded((variance / samples as f64).sqrt(), 1e6);
    Ok(json!({
        "set": {
            "mean": mean,
            "sigma": sigma,
            "coordinates": dimension.to_string(),
            "samples": samples.to_string(),
            "baseline": baseline,
        },
        "expect": {
            "gradient": rounded(case.gradient(parameter), 1e6),
            "score_mean": rounded(score.mean(), 1e6),
            "score_sd": rounded(score.variance()?.sqrt(), 1e6),
            "score_formula": formula(case.variance(parameter, b)),
            "path_mean": rounded(path.mean(), 1e6),
            "path_sd": rounded(path.variance()?.sqrt(), 1e6),
            "path_formula": formula(case.pathwise_variance(parameter)),
        },
        "tolerance": TOLERANCE,
    }))
}

/// To whole parts of a unit.
fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
