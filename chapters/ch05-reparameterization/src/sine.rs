//! Where the pathwise estimator loses: equations (5.16) to (5.18).

// ANCHOR: sine
/// E sin(kz) over z ~ N(mean, σ²), and the two estimators of its derivative by the mean, exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sine {
    /// k
    pub frequency: f64,
    /// The mean of z.
    pub mean: f64,
    /// The standard deviation of z.
    pub sigma: f64,
}

impl Sine {
    /// a = kσ: how many radians of the sine a standard deviation spans.
    #[must_use]
    pub fn radians(&self) -> f64 {
        self.frequency * self.sigma
    }

    /// C = cos 2kμ
    #[must_use]
    pub fn phase(&self) -> f64 {
        (2.0 * self.frequency * self.mean).cos()
    }

    /// The gradient, k cos(kμ) exp(−a²/2).
    #[must_use]
    pub fn gradient(&self) -> f64 {
        let a = self.radians();
        self.frequency * (self.frequency * self.mean).cos() * (-0.5 * a * a).exp()
    }

    /// The variance of k cos(kz), equation (5.16).
    #[must_use]
    pub fn pathwise_variance(&self) -> f64 {
        let (a, k) = (self.radians(), self.frequency);
        let second = 0.5 * k * k * (1.0 + self.phase() * (-2.0 * a * a).exp());
        second - self.gradient().powi(2)
    }

    /// The variance of sin(kz) ε/σ, equation (5.17).
    #[must_use]
    pub fn score_function_variance(&self) -> f64 {
        let a2 = self.radians().powi(2);
        let damped = self.phase() * (-2.0 * a2).exp();
        let second = 0.5 * (1.0 - damped * (1.0 - 4.0 * a2)) / self.sigma.powi(2);
        second - self.gradient().powi(2)
    }

    /// The a at which both variances are equal, equation (5.18): the root of
    /// a² − 1 + C exp(−2a²)(1 − 3a²), for C = cos 2kμ between −1 and 1. Beyond it the pathwise estimator
    /// varies more than the score function's.
    ///
    /// ```
    /// use ch05_reparameterization::Sine;
    /// assert!((Sine::crossover(0.0) - 1.0).abs() < 1e-15);
    /// ```
    #[must_use]
    pub fn crossover(phase: f64) -> f64 {
        // Negative at a = ½ and positive at a = 2, whatever the phase, with one change of sign between.
        let gap = |a2: f64| a2 - 1.0 + phase * (-2.0 * a2).exp() * (1.0 - 3.0 * a2);
        let (mut low, mut high) = (0.25f64, 4.0f64);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if gap(middle) < 0.0 { low = middle } else { high = middle }
        }
        (0.5 * (low + high)).sqrt()
    }
}
// ANCHOR_END: sine
