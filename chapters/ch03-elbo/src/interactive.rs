//! What the book's interactive figure `elbo-gap` is made of, and the numbers that it must show.

use prob::{Gaussian, Result, millionths};
use serde_json::{Value, json};

use crate::{Decoder, Model};

/// The standard deviation of x given z.
const SIGMA: f64 = 0.5;

const LINEAR: Decoder = Decoder::Linear { weight: 1.0 };
/// The decoder of the chapter's pictures.
const TANH: Decoder = Decoder::Tanh { scale: 2.0, slope: 1.5, shift: 0.5 };

/// Half a unit of the last digit shown, and a little for the figure's own quadrature.
const TOLERANCE: f64 = 6e-4;

/// The decoder, x, and mean and standard deviation of q: near the posterior, far away, narrow, wide, and for an x that the
/// tanh decoder can hardly reach.
const CASES: [(&str, [f64; 3]); 7] = [
    ("tanh", [1.0, 0.05, 0.2]),
    ("tanh", [1.0, -2.0, 0.4]),
    ("tanh", [2.0, 0.7, 0.6]),
    ("tanh", [-2.5, 1.0, 1.6]),
    ("linear", [1.0, 0.8, 0.45]),
    ("linear", [-1.5, 0.5, 0.2]),
    ("linear", [2.5, 2.0, 1.0]),
];

/// The decoders' weights, and for some states of the controls the bound (3.4), what it misses (3.5), and log p(x).
///
/// # Errors
/// If an integral does not converge.
pub fn interactive() -> Result<Value> {
    let check = |&(name, [x, mean, sigma]): &(&str, [f64; 3])| -> Result<Value> {
        let decoder = if name == "linear" { LINEAR } else { TANH };
        let model = Model { decoder, sigma: SIGMA };
        let q = Gaussian::new(mean, sigma)?;
        Ok(json!({
            "set": { "decoder": name, "x": x, "mean": mean, "sigma": sigma },
            "expect": {
                "elbo": millionths(model.elbo(x, &q)?),
                "kl": millionths(model.kl_to_posterior(x, &q)?),
                "log_evidence": millionths(model.log_evidence(x)?),
            },
            "tolerance": TOLERANCE,
        }))
    };
    Ok(json!({
        "element": "elbo-gap",
        "decoders": { "linear": constants(LINEAR), "tanh": constants(TANH) },
        "checks": CASES.iter().map(check).collect::<Result<Vec<_>>>()?,
    }))
}

fn constants(decoder: Decoder) -> Value {
    match decoder {
        Decoder::Linear { weight } => json!({ "weight": weight, "sigma": SIGMA }),
        Decoder::Tanh { scale, slope, shift } => {
            json!({ "scale": scale, "slope": slope, "shift": shift, "sigma": SIGMA })
        }
    }
}
