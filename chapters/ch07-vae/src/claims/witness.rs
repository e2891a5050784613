//! A model of which everything is known.

use std::f64::consts::TAU;

/// z ~ N(0, 1), x|z ~ N(wz + b, s²): a model of which everything is known.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) w: f64,
    pub(super) b: f64,
    pub(super) s: f64,
}

impl Default for Line {
    fn default() -> Self {
        Self { w: 1.5, b: 0.25, s: 0.5 }
    }
}

impl Line {
    pub(super) fn log_evidence(self, x: f64) -> f64 {
        let variance = self.w * self.w + self.s * self.s;
        -0.5 * ((x - self.b).powi(2) / variance + (TAU * variance).ln())
    }

    pub(super) fn log_likelihood(self, x: f64, z: f64) -> f64 {
        let residual = x - self.b - self.w * z;
        -0.5 * (residual * residual / (self.s * self.s) + (TAU * self.s * self.s).ln())
    }

    /// Mean and variance of p(z|x), the mean shifted and the variance multiplied.
    pub(super) fn posterior(self, x: f64, shift: f64, factor: f64) -> (f64, f64) {
        let variance = 1.0 / (1.0 + (self.w / self.s).powi(2));
        (variance * self.w * (x - self.b) / (self.s * self.s) + shift, factor * variance)
    }

    /// E_q[log p(x|z)] for q = N(mean, variance): the residual's variance adds to its square.
    pub(super) fn reconstruction(self, x: f64, (mean, variance): (f64, f64)) -> f64 {
        self.log_likelihood(x, mean) - 0.5 * (self.w / self.s).powi(2) * variance
    }
}
