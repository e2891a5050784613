//! The gradient of the evidence lower bound from one draw: equations (5.8) to (5.12).

use prob::gaussian::reparameterize;

use crate::{pathwise_gradient, score, score_function_gradient};

// ANCHOR: draw
/// One coordinate of a draw z = mean + σε from q = N(mean, σ²), and what the model says at it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw {
    /// The mean of q.
    pub mean: f64,
    /// log σ² of q.
    pub log_var: f64,
    /// ε
    pub noise: f64,
    /// ∂ log p(x, z)/∂z
    pub slope: f64,
    /// log p(x, z) − log q(z), whose expectation is the bound, equation (5.8).
    pub log_weight: f64,
}

impl Draw {
    /// z = mean + σε
    #[must_use]
    pub fn z(&self) -> f64 {
        reparameterize(self.noise, self.mean, self.log_var)
    }

    /// σ
    #[must_use]
    pub fn sigma(&self) -> f64 {
        (0.5 * self.log_var).exp()
    }
}
// ANCHOR_END: draw

// ANCHOR: total
/// The total derivative of log p(x, z) − log q(z), through z *and* through the parameters of log q,
/// equation (5.9).
///
/// Along the path log q(z) = −½(log 2π + log σ² + ε²): it changes with log σ² only, by −½.
#[must_use]
pub fn total_derivative(draw: &Draw) -> [f64; 2] {
    let [by_mean, by_log_var] = pathwise_gradient(draw.slope, draw.noise, draw.log_var);
    [by_mean, by_log_var + 0.5]
}
// ANCHOR_END: total

// ANCHOR: path-derivative
/// The path derivative, equation (5.11): through z only, with the parameters of log q detached
/// ("sticking the landing", Roeder, Wu & Duvenaud 2017). ∂ log q(z)/∂z = −ε/σ.
#[must_use]
pub fn path_derivative(draw: &Draw) -> [f64; 2] {
    let slope = draw.slope + draw.noise / draw.sigma();
    pathwise_gradient(slope, draw.noise, draw.log_var)
}
// ANCHOR_END: path-derivative

// ANCHOR: others
/// The divergence from the prior N(0, 1) in closed form, and only the likelihood from the draw, equation
/// (5.12): what a variational autoencoder does.
#[must_use]
pub fn closed_kl_derivative(draw: &Draw) -> [f64; 2] {
    let likelihood_slope = draw.slope + draw.z(); // log p(z) = −½z² + constant
    let [by_mean, by_log_var] = pathwise_gradient(likelihood_slope, draw.noise, draw.log_var);
    [by_mean - draw.mean, by_log_var - 0.5 * draw.log_var.exp_m1()]
}

/// The score-function estimator of the same gradient, for comparison. The derivative of log q itself
/// has mean 0 and is left out.
#[must_use]
pub fn score_function_derivative(draw: &Draw) -> [f64; 2] {
    score_function_gradient(draw.log_weight, draw.noise, draw.log_var)
}

/// The same from two draws or more, each with the mean of the others' log-weights as its baseline: the leave-one-out
/// estimator, equation (4.7).
#[must_use]
pub fn leave_one_out_derivative(draws: &[Draw]) -> [f64; 2] {
    let count = draws.len() as f64;
    let sum: f64 = draws.iter().map(|draw| draw.log_weight).sum();
    let term = |draw: &Draw| {
        let others = (sum - draw.log_weight) / (count - 1.0);
        score_function_gradient(draw.log_weight - others, draw.noise, draw.log_var)
    };
    let add = |[a, b]: [f64; 2], [c, d]: [f64; 2]| [a + c, b + d];
    draws.iter().map(term).fold([0.0; 2], add).map(|sum| sum / count)
}

/// What is left of the total derivative when the draw is detached: minus the score, equation (5.10). A
/// number of the right size with mean 0: *not* an estimator of the gradient.
#[must_use]
pub fn detached_derivative(draw: &Draw) -> [f64; 2] {
    score(draw.noise, draw.log_var).map(|score| -score)
}
// ANCHOR_END: others
