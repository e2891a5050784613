//! Any number of points on one line, and what forbids it. Equations (1.14) and (1.15).

use ndarray::{Array1, Array2, Axis};
use nn::{Activation, Linear, Mlp};

use crate::Autoencoder;

// ANCHOR: memorise
/// An autoencoder with a code of a *single* number that gives back every row of `x` (points × pixels),
/// equation (1.14).
///
/// The encoder is a projection on `direction`, under which no two points coincide. The decoder is one
/// hidden layer of rectifiers, a polygon through the points in the order of their codes:
/// x̂(z) = x₍₁₎ + Σₖ cₖ max(z − z₍ₖ₎, 0), where cₖ is the *change* of slope at z₍ₖ₎.
#[must_use]
pub fn memorise(x: &Array2<f64>, direction: &Array1<f64>) -> Autoencoder<f64> {
    let code = x.dot(direction);
    let mut order: Vec<usize> = (0..x.nrows()).collect();
    order.sort_by(|&a, &b| code[a].total_cmp(&code[b]));
    polygon(&x.select(Axis(0), &order), &code.select(Axis(0), &order), direction)
}

/// The autoencoder whose decoder joins the rows of `x`, which have ascending codes.
pub fn polygon(x: &Array2<f64>, code: &Array1<f64>, direction: &Array1<f64>) -> Autoencoder<f64> {
    let knots = x.nrows() - 1;
    let slope = |k: usize| (&x.row(k + 1) - &x.row(k)) / (code[k + 1] - code[k]);
    let mut changes = Array2::zeros((x.ncols(), knots));
    for k in 0..knots {
        let change = if k == 0 { slope(0) } else { slope(k) - slope(k - 1) };
        changes.column_mut(k).assign(&change);
    }
    let projection =
        Linear { weight: direction.clone().insert_axis(Axis(0)), bias: Array1::zeros(1) };
    let distances = Linear {
        weight: Array2::ones((knots, 1)),
        bias: code.iter().take(knots).map(|z| -z).collect(),
    };
    let sum = Linear { weight: changes, bias: x.row(0).to_owned() };
    Autoencoder {
        encoder: Mlp {
            layers: vec![projection],
            hidden: Activation::Identity,
            output: Activation::Identity,
        },
        decoder: Mlp {
            layers: vec![distances, sum],
            hidden: Activation::Relu,
            output: Activation::Identity,
        },
    }
}
// ANCHOR_END: memorise

// ANCHOR: antipodes
/// An angle θ at which a *continuous* encoder of the circle to a line gives opposite points one code,
/// equation (1.15): h(θ) = z(θ) − z(θ + π) changes sign between θ and θ + π, so it is 0 in between (the
/// theorem of Borsuk and Ulam in its smallest case). Found by bisection.
pub fn antipodes(encoder: impl Fn(f64) -> f64) -> f64 {
    use std::f64::consts::PI;
    let h = |angle: f64| encoder(angle) - encoder(angle + PI);
    let (mut low, mut high) = (0.0, PI);
    let positive = h(low) > 0.0;
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if (h(middle) > 0.0) == positive { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
// ANCHOR_END: antipodes
