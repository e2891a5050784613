//! Exact moments of the estimators for f(z) = z₁² + … + z_D²: equations (4.10) to (4.14).

use prob::inference::variance::CentralMoments;
use prob::{GaussHermite, Gaussian};

use crate::{Parameter, score};

/// f(z) = Σ zᵢ² with D independent coordinates zᵢ ~ q = N(μ, σ²), differentiated with respect to a
/// parameter of the *first* coordinate.
///
/// The simplest f for which everything is known: a sum of terms, of which each parameter of q concerns one. (The
/// terms of a log-likelihood each depend on *all* of z.)
///
/// ```
/// use ch04_score_function::{Parameter, SumOfSquares};
/// let one = SumOfSquares { q: prob::Gaussian::new(1.0, 1.0)?, dimension: 1 };
/// // μ⁴/σ² + 14μ² + 15σ², against 4σ² for the pathwise estimator.
/// assert_eq!(one.variance(Parameter::Mean, 0.0), 30.0);
/// assert_eq!(one.pathwise_variance(Parameter::Mean), 4.0);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SumOfSquares {
    /// The distribution of every coordinate.
    pub q: Gaussian,
    /// D, at least 1.
    pub dimension: usize,
}

// ANCHOR: parabola
impl SumOfSquares {
    /// E f = D(μ² + σ²)
    #[must_use]
    pub fn mean(&self) -> f64 {
        let (m2, s2) = self.squares();
        self.dimension as f64 * (m2 + s2)
    }

    /// ∂ E f: 2μ for the mean, σ² for the log-variance.
    #[must_use]
    pub fn gradient(&self, parameter: Parameter) -> f64 {
        match parameter {
            Parameter::Mean => 2.0 * self.q.mean(),
            Parameter::LogVar => self.squares().1,
        }
    }

    /// b* = E[f S²]/E[S²], equation (4.11): μ² + 3σ² for the mean, μ² + 5σ² for the log-variance, and
    /// μ² + σ² more for every further coordinate.
    #[must_use]
    pub fn optimal_baseline(&self, parameter: Parameter) -> f64 {
        let (m2, s2) = self.squares();
        let own = match parameter {
            Parameter::Mean => m2 + 3.0 * s2,
            Parameter::LogVar => m2 + 5.0 * s2,
        };
        own + self.others() * (m2 + s2)
    }

    /// What the optimal baseline leaves, equation (4.12): 8μ² + 6σ² + (D−1)(4μ² + 2σ²) for the mean,
    /// 10μ²σ² + 6σ⁴ + (D−1)(2μ²σ² + σ⁴) for the log-variance. Linear in D.
    #[must_use]
    pub fn least_variance(&self, parameter: Parameter) -> f64 {
        let (m2, s2) = self.squares();
        let (own, each_other) = match parameter {
            Parameter::Mean => (8.0 * m2 + 6.0 * s2, 4.0 * m2 + 2.0 * s2),
            Parameter::LogVar => (10.0 * m2 * s2 + 6.0 * s2 * s2, 2.0 * m2 * s2 + s2 * s2),
        };
        own + self.others() * each_other
    }

    /// The variance of (f − b) S, equation (4.10): a parabola in b with its minimum at b* and the
    /// Fisher information as its steepness. With b = 0 it is quadratic in D, because b* is linear.
    #[must_use]
    pub fn variance(&self, parameter: Parameter, baseline: f64) -> f64 {
        let excess = baseline - self.optimal_baseline(parameter);
        self.least_variance(parameter)
            + parameter.fisher_information(self.q.sigma()) * excess * excess
    }

    /// The variance of the pathwise estimator, equation (4.13): 4σ² for the mean, μ²σ² + 2σ⁴ for the
    /// log-variance. The other coordinates do not enter.
    #[must_use]
    pub fn pathwise_variance(&self, parameter: Parameter) -> f64 {
        let (m2, s2) = self.squares();
        match parameter {
            Parameter::Mean => 4.0 * s2,
            Parameter::LogVar => m2 * s2 + 2.0 * s2 * s2,
        }
    }

    /// The variance of the leave-one-out estimator from L draws, equation (4.14), *times L*, so that it
    /// compares with one draw of the others: V + (g² + I Var f)/(L − 1), with V the variance at the
    /// baseline E f, g the gradient and I the Fisher information.
    #[must_use]
    pub fn leave_one_out_variance(&self, parameter: Parameter, draws: usize) -> f64 {
        let (m2, s2) = self.squares();
        let g = self.gradient(parameter);
        let information = parameter.fisher_information(self.q.sigma());
        let variance_of_f = self.dimension as f64 * (4.0 * m2 * s2 + 2.0 * s2 * s2);
        self.variance(parameter, self.mean())
            + (g * g + information * variance_of_f) / (draws as f64 - 1.0)
    }
}
// ANCHOR_END: parabola

impl SumOfSquares {
    /// The variance and the fourth central moment of (f − b) S, by a quadrature that is exact.
    ///
    /// Given ε = (z₁ − μ)/σ the estimator is (z₁² + R − b) S(ε), with R the sum over the other
    /// coordinates, a multiple of a noncentral chi-square variable with known cumulants. What remains is
    /// the expectation of a polynomial of degree 16 in ε, for which 12 nodes are more than enough.
    ///
    /// # Errors
    /// Never for a validated q; the rule's constructor has an error type.
    pub fn moments(&self, parameter: Parameter, baseline: f64) -> prob::Result<CentralMoments> {
        let rule = GaussHermite::new(12)?;
        let [mean, second, third, fourth] = self.moments_of_the_others();
        let g = self.gradient(parameter);
        // E (c + s r)ᵏ with r = R − E R, so that E r = 0.
        let given_noise = |z: f64| {
            let s = score(parameter, &self.q, z);
            let c = (z * z + mean - baseline) * s - g;
            let (s2, c2) = (s * s, c * c);
            let square = c2 + s2 * second;
            let fourth_power =
                c2 * c2 + 6.0 * c2 * s2 * second + 4.0 * c * s * s2 * third + s2 * s2 * fourth;
            (square, fourth_power)
        };
        Ok(CentralMoments {
            variance: rule.expectation(&self.q, |z| given_noise(z).0),
            fourth: rule.expectation(&self.q, |z| given_noise(z).1),
        })
    }

    /// Mean and central moments 2 to 4 of R = z₂² + … + z_D², from the cumulants
    /// κₙ = (D−1) 2ⁿ⁻¹ (n−1)! σ²ⁿ (1 + nμ²/σ²).
    fn moments_of_the_others(&self) -> [f64; 4] {
        let (m2, s2) = self.squares();
        let others = self.others();
        let second = others * 2.0 * s2 * (s2 + 2.0 * m2);
        let third = others * 8.0 * s2 * s2 * (s2 + 3.0 * m2);
        let fourth_cumulant = others * 48.0 * s2 * s2 * s2 * (s2 + 4.0 * m2);
        [others * (m2 + s2), second, third, fourth_cumulant + 3.0 * second * second]
    }

    /// μ² and σ².
    fn squares(&self) -> (f64, f64) {
        (self.q.mean() * self.q.mean(), self.q.sigma() * self.q.sigma())
    }

    /// D − 1
    fn others(&self) -> f64 {
        self.dimension as f64 - 1.0
    }
}
