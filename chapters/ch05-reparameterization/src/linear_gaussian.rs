//! A model in which everything is known: equations (5.13) to (5.15).

use prob::gaussian::log_density;
use prob::inference::variance::CentralMoments;
use prob::kl;

use crate::Draw;

// ANCHOR: model
/// z ~ N(0, 1) and x | z ~ N(weight·z, noise_var), seen at one x. All scalars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearGaussian {
    /// What was observed.
    pub x: f64,
    /// How x follows z.
    pub weight: f64,
    /// The variance of x around weight·z.
    pub noise_var: f64,
}

impl LinearGaussian {
    /// log p(x, z)
    #[must_use]
    pub fn log_joint(&self, z: f64) -> f64 {
        log_density(z, 0.0, 0.0) + log_density(self.x, self.weight * z, self.noise_var.ln())
    }

    /// ∂ log p(x, z)/∂z
    #[must_use]
    pub fn slope(&self, z: f64) -> f64 {
        self.weight * (self.x - self.weight * z) / self.noise_var - z
    }

    /// The variance v of the posterior: 1/v = 1 + weight²/noise_var.
    #[must_use]
    pub fn posterior_var(&self) -> f64 {
        1.0 / (1.0 + self.weight * self.weight / self.noise_var)
    }

    /// The posterior's mean m = v · weight · x/noise_var.
    #[must_use]
    pub fn posterior_mean(&self) -> f64 {
        self.posterior_var() * self.weight * self.x / self.noise_var
    }

    /// log p(x), with x ~ N(0, weight² + noise_var).
    #[must_use]
    pub fn log_evidence(&self) -> f64 {
        log_density(self.x, 0.0, (self.weight * self.weight + self.noise_var).ln())
    }

    /// The bound at q = N(mean, exp(log_var)): log p(x) − KL(q ‖ posterior).
    #[must_use]
    pub fn elbo(&self, mean: f64, log_var: f64) -> f64 {
        let (m, v) = (self.posterior_mean(), self.posterior_var());
        self.log_evidence() - kl::gaussian(mean, log_var, m, v.ln())
    }

    /// Its gradient, equation (5.13): −(mean − m)/v and ½(1 − σ²/v).
    #[must_use]
    pub fn elbo_gradient(&self, mean: f64, log_var: f64) -> [f64; 2] {
        let (m, v) = (self.posterior_mean(), self.posterior_var());
        [-(mean - m) / v, 0.5 * (1.0 - log_var.exp() / v)]
    }

    /// The draw that one value of the noise gives.
    #[must_use]
    pub fn draw(&self, mean: f64, log_var: f64, noise: f64) -> Draw {
        let empty = Draw { mean, log_var, noise, slope: 0.0, log_weight: 0.0 };
        let z = empty.z();
        let log_weight = self.log_joint(z) - log_density(z, mean, log_var);
        Draw { slope: self.slope(z), log_weight, ..empty }
    }
}
// ANCHOR_END: model

// ANCHOR: quadratic
/// aε² + bε + c with ε ~ N(0, 1). In the linear-Gaussian model every estimator of this chapter but the
/// score function's is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quadratic {
    /// The coefficient of ε².
    pub a: f64,
    /// The coefficient of ε.
    pub b: f64,
    /// The constant.
    pub c: f64,
}

impl Quadratic {
    /// E = a + c
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.a + self.c
    }

    /// Var = 2a² + b²
    #[must_use]
    pub fn variance(&self) -> f64 {
        2.0 * self.a * self.a + self.b * self.b
    }

    /// The variance, and the fourth central moment 3 Var² + 48a²(a² + b²).
    #[must_use]
    pub fn moments(&self) -> CentralMoments {
        let (a2, b2, variance) = (self.a * self.a, self.b * self.b, self.variance());
        CentralMoments { variance, fourth: 3.0 * variance * variance + 48.0 * a2 * (a2 + b2) }
    }
}

impl LinearGaussian {
    /// The two components of the total derivative, equation (5.14). With d = mean − m:
    /// −(d + σε)/v and ½ − ½σε(d + σε)/v.
    #[must_use]
    pub fn total(&self, mean: f64, log_var: f64) -> [Quadratic; 2] {
        let (sigma, v) = ((0.5 * log_var).exp(), self.posterior_var());
        let d = mean - self.posterior_mean();
        [
            Quadratic { a: 0.0, b: -sigma / v, c: -d / v },
            Quadratic { a: -0.5 * sigma * sigma / v, b: -0.5 * sigma * d / v, c: 0.5 },
        ]
    }

    /// The two components of the path derivative, equation (5.15): the same with the score added.
    ///
    /// The noise that q itself brings is multiplied by 1 − v/σ², and so |1 − v/σ²| < 1, that is σ² > v/2,
    /// is exactly where this estimator varies less than the total derivative.
    #[must_use]
    pub fn path(&self, mean: f64, log_var: f64) -> [Quadratic; 2] {
        let (sigma, v) = ((0.5 * log_var).exp(), self.posterior_var());
        let [by_mean, by_log_var] = self.total(mean, log_var);
        let kept = 1.0 - v / (sigma * sigma);
        [
            Quadratic { b: by_mean.b * kept, ..by_mean },
            Quadratic { a: by_log_var.a * kept, b: by_log_var.b, c: 0.0 },
        ]
    }

    /// The two components with the divergence from the prior in closed form: only the likelihood's
    /// curvature 1/v − 1 carries noise.
    #[must_use]
    pub fn closed_kl(&self, mean: f64, log_var: f64) -> [Quadratic; 2] {
        let (sigma, curvature) = ((0.5 * log_var).exp(), 1.0 / self.posterior_var() - 1.0);
        let [mean_slope, _] = self.elbo_gradient(mean, log_var);
        let likelihood_slope = mean_slope + mean;
        [
            Quadratic { a: 0.0, b: -sigma * curvature, c: mean_slope },
            Quadratic {
                a: -0.5 * sigma * sigma * curvature,
                b: 0.5 * sigma * likelihood_slope,
                c: -0.5 * log_var.exp_m1(),
            },
        ]
    }
}
// ANCHOR_END: quadratic
