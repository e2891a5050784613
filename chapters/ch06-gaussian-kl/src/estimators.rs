//! Estimates of KL(p ‖ q) from draws of p: equations (6.16) to (6.20).
//!
//! With r = q(x)/p(x) and x ~ p, three functions of log r estimate the divergence (Schulman 2020,
//! "Approximating KL Divergence"). For Gaussians log r is a quadratic function of the noise that x was made
//! from, so that all their moments are known exactly.

use num_traits::Float;
use prob::kl::exp_minus_one_minus;
use prob::{Gaussian, number};

// ANCHOR: estimators
/// k₁ = −log r: unbiased, but of either sign.
pub fn k1<T: Float>(log_r: T) -> T {
    -log_r
}

/// k₂ = ½ (log r)²: never negative, small variance, biased.
pub fn k2<T: Float>(log_r: T) -> T {
    number::<T>(0.5) * log_r * log_r
}

/// k₃ = r − 1 − log r: unbiased *and* never negative, because E_p r = 1 and eᵘ ≥ 1 + u. It is the g of
/// the stable closed form, evaluated at log r.
///
/// ```
/// use ch06_gaussian_kl::estimators::{k1, k3};
/// let log_r = 0.1f64;
/// assert!(k1(log_r) < 0.0 && k3(log_r) > 0.0);
/// ```
pub fn k3<T: Float>(log_r: T) -> T {
    exp_minus_one_minus(log_r)
}
// ANCHOR_END: estimators

// ANCHOR: log-ratio
/// log r = log q(x) − log p(x) at x = μ₁ + σ₁ε, as a quadratic in the noise ε, equation (6.17).
///
/// With s = σ₁/σ₂ and d = (μ₁ − μ₂)/σ₂ it is aε² + bε + c with a = ½(1 − s²), b = −d s and
/// c = log s − d²/2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogRatio {
    /// ½(1 − s²)
    pub a: f64,
    /// −d s
    pub b: f64,
    /// log s − d²/2
    pub c: f64,
}

impl LogRatio {
    /// log q/p under p.
    #[must_use]
    pub fn between(p: &Gaussian, q: &Gaussian) -> Self {
        let s = p.sigma() / q.sigma();
        let d = (p.mean() - q.mean()) / q.sigma();
        Self { a: 0.5 * (1.0 - s) * (1.0 + s), b: -d * s, c: s.ln() - 0.5 * d * d }
    }

    /// log r at one value of the noise.
    #[must_use]
    pub fn at(&self, noise: f64) -> f64 {
        (self.a * noise + self.b) * noise + self.c
    }
}
// ANCHOR_END: log-ratio

/// At equal variances k₃ varies less than k₁ exactly where d² is below this: the root of e^y − 1 = 2y.
pub const CROSSING: f64 = 1.256_431_208_626_169_7;

/// A mean and a variance; the variance is infinite where it does not exist.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// The mean.
    pub mean: f64,
    /// The variance of one draw.
    pub variance: f64,
}

// ANCHOR: moments
impl LogRatio {
    /// KL(p ‖ q) = −E log r = −(a + c).
    #[must_use]
    pub fn kl(&self) -> f64 {
        -(self.a + self.c)
    }

    /// KL(q ‖ p) = E_p[r log r]: under the weights r the noise is N(b/(1 − 2a), 1/(1 − 2a)).
    #[must_use]
    pub fn reverse_kl(&self) -> f64 {
        let precision = 1.0 - 2.0 * self.a; // s²
        self.at(self.b / precision) + self.a / precision
    }

    /// The mean and the variance of k₁, equation (6.18): KL and 2a² + b² = ½(1 − s²)² + d²s².
    #[must_use]
    pub fn k1(&self) -> Moments {
        Moments { mean: self.kl(), variance: 2.0 * self.a * self.a + self.b * self.b }
    }

    /// The mean and the variance of k₂, equation (6.19). The mean is ½(KL² + Var log r), not KL.
    #[must_use]
    pub fn k2(&self) -> Moments {
        let [_, _, second, _, fourth] = self.power_moments();
        Moments { mean: 0.5 * second, variance: 0.25 * (fourth - second * second) }
    }

    /// The mean and the variance of k₃, equation (6.20): KL and
    /// χ²(q ‖ p) + Var log r − 2(KL(p ‖ q) + KL(q ‖ p)).
    ///
    /// The variance is finite exactly where 2s² > 1: draws from a p narrower than q/√2 hardly ever see
    /// the places where r is large.
    #[must_use]
    pub fn k3(&self) -> Moments {
        let variance = if 4.0 * self.a < 1.0 {
            self.chi_square() + self.k1().variance - 2.0 * (self.kl() + self.reverse_kl())
        } else {
            f64::INFINITY
        };
        Moments { mean: self.kl(), variance }
    }

    /// χ²(q ‖ p) = E_p r² − 1 = s²/√(2s² − 1) · exp(d²/(2s² − 1)) − 1, where 2s² > 1.
    #[must_use]
    pub fn chi_square(&self) -> f64 {
        let precision = 1.0 - 4.0 * self.a; // 2s² − 1
        let exponent = 2.0 * (self.c + self.b * self.b / precision);
        (exponent - 0.5 * precision.ln()).exp_m1()
    }
}
// ANCHOR_END: moments

impl LogRatio {
    /// E (log r)ᵏ for k = 0 to 4, from the cumulants ½(k−1)!(2a)ᵏ + ½ k! b² (2a)ᵏ⁻² of aε² + bε.
    fn power_moments(&self) -> [f64; 5] {
        let Self { a, b, c } = *self;
        let (a2, b2) = (a * a, b * b);
        let cumulants =
            [a + c, 2.0 * a2 + b2, 8.0 * a * a2 + 6.0 * a * b2, 48.0 * a2 * a2 + 48.0 * a2 * b2];
        let mut moments = [1.0, 0.0, 0.0, 0.0, 0.0];
        for k in 1..5 {
            let mut choose = 1.0; // (k−1 over j)
            for j in 0..k {
                moments[k] += choose * cumulants[j] * moments[k - 1 - j];
                choose *= (k - 1 - j) as f64 / (j + 1) as f64;
            }
        }
        moments
    }
}
