//! A figure over several training runs.

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
        /// The 97.5 % point of Student's t with four degrees of freedom.
        const T: f64 = 2.776_445_105_197_8;
        let n = SEEDS as f64;
        let mean = figures.iter().sum::<f64>() / n;
        let squares: f64 = figures.iter().map(|figure| (figure - mean).powi(2)).sum();
        let half = T * (squares / (n - 1.0) / n).sqrt();
        Self { mean, low: mean - half, high: mean + half }
    }
}
