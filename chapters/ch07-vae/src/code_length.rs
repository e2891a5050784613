//! A bound as a code length. Equations (7.32) and (7.33).

use std::f64::consts::LN_2;

use ndarray::{Array1, Array2, Axis};

// ANCHOR: bits
/// Nats for a whole image as bits for one of its `dimensions` pixels, equation (7.32).
#[must_use]
pub fn bits_per_dimension(nats: f64, dimensions: usize) -> f64 {
    nats / (dimensions as f64 * LN_2)
}

/// Pixels that know nothing of each other: what there is to beat.
#[derive(Clone, Debug, PartialEq)]
pub struct IndependentPixels {
    /// P(pixel is on), one number for each pixel, never 0 or 1.
    pub on: Array1<f64>,
}

impl IndependentPixels {
    /// P(on) = (times on + ½)/(n + 1) for binary images `x`, images × pixels, equation (7.33). The halves
    /// (Krichevsky & Trofimov 1981) leave a price for the pixel that training never saw on; without them
    /// one such pixel in a test image costs infinitely many bits.
    #[must_use]
    pub fn fit(x: &Array2<f64>) -> Self {
        Self { on: (x.sum_axis(Axis(0)) + 0.5) / (x.nrows() as f64 + 1.0) }
    }

    /// −log p(x) of each image in nats: exact, no bound.
    #[must_use]
    pub fn code_length(&self, x: &Array2<f64>) -> Array1<f64> {
        x.map_axis(Axis(1), |row| {
            let each = row.iter().zip(&self.on);
            each.map(|(&x, &on)| -(x * on.ln() + (1.0 - x) * (1.0 - on).ln())).sum()
        })
    }
}
// ANCHOR_END: bits
