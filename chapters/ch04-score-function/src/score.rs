//! The score, and the identity that everything rests on: equations (4.1) to (4.4).

use prob::Gaussian;

/// Which parameter of q = N(μ, σ²) a derivative is taken with respect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// μ
    Mean,
    /// log σ²
    LogVar,
}

impl Parameter {
    /// Both, in the order of the text.
    pub const BOTH: [Self; 2] = [Self::Mean, Self::LogVar];

    /// The Fisher information I = E S²: 1/σ² for the mean, ½ for the log-variance. Equation (4.3).
    #[must_use]
    pub fn fisher_information(self, sigma: f64) -> f64 {
        match self {
            Self::Mean => 1.0 / (sigma * sigma),
            Self::LogVar => 0.5,
        }
    }

    /// As a reader knows it: `μ` or `log σ²`.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Mean => "μ",
            Self::LogVar => "log σ²",
        }
    }
}

// ANCHOR: score
/// The score S = ∂ log q(z), equation (4.2): (z − μ)/σ² for the mean, ½((z − μ)²/σ² − 1) for the
/// log-variance.
///
/// ```
/// use ch04_score_function::{Parameter, score};
/// let q = prob::Gaussian::new(1.0, 2.0)?;
/// // One standard deviation above the mean: a larger mean would make this draw more probable, another
/// // variance would not.
/// assert_eq!(score(Parameter::Mean, &q, 3.0), 0.5);
/// assert_eq!(score(Parameter::LogVar, &q, 3.0), 0.0);
/// # Ok::<(), prob::Error>(())
/// ```
#[must_use]
pub fn score(parameter: Parameter, q: &Gaussian, z: f64) -> f64 {
    let noise = (z - q.mean()) / q.sigma();
    match parameter {
        Parameter::Mean => noise / q.sigma(),
        Parameter::LogVar => 0.5 * (noise * noise - 1.0),
    }
}
// ANCHOR_END: score

// ANCHOR: moving-support
/// E S under the uniform distribution on [0, φ], whose density is 1/φ: every draw has the score −1/φ,
/// and so has their mean. The support moves with φ, and the mean score is not 0.
#[must_use]
pub fn expected_uniform_score(phi: f64) -> f64 {
    -1.0 / phi
}

/// d/dφ E f under the uniform distribution on [0, φ], equation (4.4): (f(φ) − E f)/φ.
///
/// −E f/φ is what the score-function rule gives. f(φ)/φ is what it misses: the mass that enters at the
/// end of the support, by Leibniz's rule.
#[must_use]
pub fn moving_support_gradient(phi: f64, f_at_end: f64, mean_of_f: f64) -> f64 {
    (f_at_end - mean_of_f) / phi
}
// ANCHOR_END: moving-support
