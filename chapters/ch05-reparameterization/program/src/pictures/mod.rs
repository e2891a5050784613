//! The pictures, one file each.

mod ascent;
mod coin;
mod estimators;
mod landing;
mod motion;
mod paths;
mod sine;

pub(super) use ascent::{Ascent, ascent};
pub(super) use coin::{Temperature, coin};
pub(super) use estimators::{EstimatorFigures, estimators};
pub(super) use landing::landing;
pub(super) use motion::motion;
pub(super) use paths::paths;
pub(super) use sine::{SineFigures, sine};

use run::tour::curve;

/// Every picture, and what is on it.
pub(super) const FILES: [(&str, &str); 7] = [
    ("motion.png", "how draws move with a parameter: along lines, or in steps"),
    ("paths.png", "four functions of noise, and the densities of their draws"),
    ("estimators.png", "all estimators of one gradient, and the exact value"),
    ("landing.png", "total against path derivative, exactly, on both sides of σ² = v/2"),
    ("ascent.png", "the same ascent with each estimator"),
    ("sine.png", "where the pathwise estimator loses"),
    ("coin.png", "Gumbel-softmax: bias and spread against temperature"),
];

/// Points of a curve, evenly spaced on a logarithmic axis.
fn log_curve(low: f64, high: f64, f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    curve(low.ln(), high.ln(), 400, |log| f(log.exp()))
        .into_iter()
        .map(|(x, y)| (x.exp(), y))
        .collect()
}
