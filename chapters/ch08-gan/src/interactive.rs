//! The numbers that the book's interactive figure `optimal-discriminator` must show.

use prob::{Gaussian, Result};
use serde_json::{Value, json};

use crate::GeneratorLoss::{NonSaturating, Saturating};
use crate::dynamics::generator_gradient;
use crate::game::{jensen_shannon, value_at_optimum};

/// Half a unit of the last digit shown, and a little for the figure's own quadrature.
const TOLERANCE: f64 = 6e-4;

/// Mean and standard deviation of what is generated: the data's own, near, far, narrow and wide.
const CASES: [[f64; 2]; 6] =
    [[0.0, 1.0], [0.5, 1.0], [4.0, 1.0], [-2.0, 0.4], [0.0, 2.5], [-4.0, 2.5]];

/// For some states of the controls the value of the game against the best discriminator (8.4), the divergences, and both slopes by
/// the generator's mean (8.13). The data are N(0, 1).
///
/// # Errors
/// If an integral does not converge.
pub fn interactive() -> Result<Value> {
    let data = Gaussian::standard();
    let check = |&[theta, sigma]: &[f64; 2]| -> Result<Value> {
        let generated = Gaussian::new(theta, sigma)?;
        let [saturating, non_saturating] = [Saturating, NonSaturating]
            .map(|loss| generator_gradient(&data, &generated, loss).map(|[by_mean, _]| by_mean));
        Ok(json!({
            "set": { "theta": theta, "sigma": sigma },
            "expect": {
                "value": millionths(value_at_optimum(&data, &generated)?),
                "jsd": millionths(jensen_shannon(&data, &generated)?),
                "kl": millionths(generated.kl(&data)),
                "saturating": millionths(saturating?),
                "non_saturating": millionths(non_saturating?),
            },
            "tolerance": TOLERANCE,
        }))
    };
    let checks = CASES.iter().map(check).collect::<Result<Vec<_>>>()?;
    Ok(json!({ "element": "optimal-discriminator", "checks": checks }))
}

/// More digits than a page shows, fewer than processors differ in; and no −0.
fn millionths(value: f64) -> f64 {
    (value * 1e6).round() / 1e6 + 0.0
}
