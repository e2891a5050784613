//! The numbers that the book's interactive figure `kl-explorer` must show.

use prob::millionths;
use serde_json::{Value, json};

use crate::gaussian_kl;

/// Half a unit of the last digit shown.
const TOLERANCE: f64 = 6e-4;

/// μ₁, σ₁, μ₂, σ₂: apart, one inside of the other, equal, and at the sliders' ends.
const CASES: [[f64; 4]; 6] = [
    [-0.6, 1.2, 0.9, 0.7],
    [0.0, 1.0, 0.0, 0.4],
    [1.3, 0.75, 1.3, 0.75],
    [-3.0, 2.5, 3.0, 0.4],
    [3.0, 0.4, -3.0, 0.4],
    [0.5, 2.0, -1.5, 2.5],
];

/// For some states of the controls the divergence in both directions, by (6.4).
#[must_use]
pub fn interactive() -> Value {
    let check = |[mean1, sigma1, mean2, sigma2]: [f64; 4]| {
        json!({
            "set": { "mean1": mean1, "sigma1": sigma1, "mean2": mean2, "sigma2": sigma2 },
            "expect": {
                "forward": millionths(gaussian_kl(mean1, sigma1, mean2, sigma2)),
                "reverse": millionths(gaussian_kl(mean2, sigma2, mean1, sigma1)),
            },
            "tolerance": TOLERANCE,
        })
    };
    json!({ "element": "kl-explorer", "checks": CASES.map(check) })
}
