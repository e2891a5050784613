//! Where the pathwise estimator fails: equations (5.19) to (5.23).
//!
//! b ~ Bernoulli(p) with p = sigmoid(logit), and the gradient of E f(b) by the logit, f(b) = (b − target)².

use prob::log_space::sigmoid;

/// f(b) = (b − target)², at 0 and 1 and between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coin {
    /// The logit of P(b = 1).
    pub logit: f64,
    /// Where f is 0.
    pub target: f64,
}

// ANCHOR: coin
impl Coin {
    /// P(b = 1)
    #[must_use]
    pub fn probability(&self) -> f64 {
        sigmoid(self.logit)
    }

    /// f
    #[must_use]
    pub fn value(&self, b: f64) -> f64 {
        (b - self.target).powi(2)
    }

    /// f′
    #[must_use]
    pub fn slope(&self, b: f64) -> f64 {
        2.0 * (b - self.target)
    }

    /// ∂E f(b)/∂logit = p(1 − p)(f(1) − f(0)), equation (5.19).
    #[must_use]
    pub fn gradient(&self) -> f64 {
        let p = self.probability();
        p * (1.0 - p) * (self.value(1.0) - self.value(0.0))
    }

    /// b = 1 where the uniform noise is below p: a function of noise, but a step.
    #[must_use]
    pub fn draw(&self, uniform: f64) -> f64 {
        f64::from(uniform < self.probability())
    }

    /// f′(b) ∂b/∂logit, equation (5.20): the draw does not move until it jumps, so this is 0 whatever the
    /// noise.
    #[must_use]
    pub fn pathwise(&self, uniform: f64) -> f64 {
        let slope_of_the_step = 0.0;
        self.slope(self.draw(uniform)) * slope_of_the_step
    }

    /// f(b) ∂ log P(b)/∂logit = f(b)(b − p), equation (5.21).
    #[must_use]
    pub fn score_function(&self, uniform: f64) -> f64 {
        let b = self.draw(uniform);
        self.value(b) * (b - self.probability())
    }
}
// ANCHOR_END: coin

// ANCHOR: relaxed
impl Coin {
    /// The relaxed coin y = sigmoid((logit + log(u/(1 − u)))/τ), equation (5.22): the two-way
    /// Gumbel-softmax (Jang, Gu & Poole 2017) or binary concrete distribution (Maddison, Mnih & Teh 2017).
    /// `noise` is log(u/(1 − u)) for a uniform u, a standard logistic number: the difference of two
    /// Gumbel-distributed ones. y rounds to a draw of the coin.
    #[must_use]
    pub fn relaxed(&self, temperature: f64, noise: f64) -> f64 {
        sigmoid((self.logit + noise) / temperature)
    }

    /// f′(y) ∂y/∂logit = f′(y) y(1 − y)/τ: unbiased for the gradient of E f(y), which is another one.
    #[must_use]
    pub fn gumbel_softmax(&self, temperature: f64, noise: f64) -> f64 {
        let y = self.relaxed(temperature, noise);
        self.slope(y) * y * (1.0 - y) / temperature
    }

    /// The bias of that estimator to first order in the temperature, equation (5.23): τ p(1 − p)(2p − 1).
    #[must_use]
    pub fn bias_at_low_temperature(&self, temperature: f64) -> f64 {
        let p = self.probability();
        temperature * p * (1.0 - p) * (2.0 * p - 1.0)
    }

    /// Its second moment to first order in 1/τ: p(1 − p) · 4(1/20 − t/6 + t²/6)/τ with t the target. What
    /// a low temperature saves in bias it costs in variance.
    #[must_use]
    pub fn second_moment_at_low_temperature(&self, temperature: f64) -> f64 {
        let (p, t) = (self.probability(), self.target);
        4.0 * p * (1.0 - p) * (0.05 - t / 6.0 + t * t / 6.0) / temperature
    }
}
// ANCHOR_END: relaxed
