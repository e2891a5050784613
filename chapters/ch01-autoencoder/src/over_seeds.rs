//! A figure over several training runs.

use prob::inference::student;
use serde::Serialize;

/// How many runs a measured figure is taken from.
pub const SEEDS: usize = 5;

/// The mean of a figure over [`SEEDS`] runs, and Student's 95 % interval for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OverSeeds {
    /// The mean of the runs.
    pub mean: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl OverSeeds {
    /// From one figure a run.
    #[must_use]
    pub fn of(figures: &[f64; SEEDS]) -> Self {
        let mean = figures.iter().sum::<f64>() / SEEDS as f64;
        let interval = student::mean_interval(figures, 0.95);
        let (low, high) = interval.map_or((f64::NAN, f64::NAN), |ends| (ends.lower, ends.upper));
        Self { mean, low, high }
    }
}
