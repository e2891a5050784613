//! What a training step maximises, and by which estimate of its gradient.

use std::fmt;

use ndarray::{Array2, ArrayRef2, Axis};
use nn::Scalar;
use serde::{Deserialize, Serialize};

/// A lower bound on log p(x), estimated from K codes zₖ ~ q(z|x) of each image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// The mean over the codes of log p(x|z) − KL, equation (7.4).
    Elbo,
    /// log (1/K) Σₖ wₖ, equation (7.9) (Burda, Grosse & Salakhutdinov 2016).
    Iwae,
}

/// Which of the two unbiased estimates of the same gradient reaches the encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gradient {
    /// The derivative of the estimate with the noise ε held fixed.
    Total,
    /// Only what comes through the sample z: the score ∂ log q(z|x)/∂(μ, σ), whose mean is 0, is left
    /// out ("sticking the landing", Roeder, Wu & Duvenaud 2017). For the IWAE bound what comes
    /// through zₖ then weighs w̃ₖ² instead of w̃ₖ (Tucker et al. 2019).
    Path,
}

/// How the ELBO's second term is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KlTerm {
    /// The closed form (7.5).
    Analytic,
    /// log q(z|x) − log p(z) at the code that was drawn.
    Sampled,
}

/// What a training step maximises.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// The bound.
    pub bound: Bound,
    /// Codes K drawn for each image.
    pub particles: usize,
    /// The estimate of the gradient.
    pub gradient: Gradient,
    /// The KL term of the ELBO; the IWAE bound has none of its own, its weights are sampled.
    pub kl: KlTerm,
    /// The weight of the KL term; 1 is the ELBO.
    pub beta: f64,
}

impl Objective {
    /// The usual objective: one code, the KL in closed form with weight `beta`.
    #[must_use]
    pub fn elbo(beta: f64) -> Self {
        Self {
            bound: Bound::Elbo,
            particles: 1,
            gradient: Gradient::Total,
            kl: KlTerm::Analytic,
            beta,
        }
    }

    /// The importance-weighted bound with K `particles`.
    #[must_use]
    pub fn iwae(particles: usize) -> Self {
        Self { bound: Bound::Iwae, particles, kl: KlTerm::Sampled, ..Self::elbo(1.0) }
    }

    /// The same with the path gradient, and with the sampled KL that it needs.
    #[must_use]
    pub fn path(self) -> Self {
        Self { gradient: Gradient::Path, kl: KlTerm::Sampled, ..self }
    }

    /// Checks that the parts go together.
    ///
    /// # Errors
    /// Without a particle; for the path gradient of a KL in closed form, and for an IWAE bound with a
    /// closed form or another weight than 1 in it.
    pub fn check(&self) -> Result<(), ObjectiveError> {
        match *self {
            Self { particles: 0, .. } => Err(ObjectiveError::NoParticle),
            Self { gradient: Gradient::Path, kl: KlTerm::Analytic, .. } => {
                Err(ObjectiveError::PathOfClosedForm)
            }
            Self { bound: Bound::Iwae, kl: KlTerm::Analytic, .. } => {
                Err(ObjectiveError::IwaeOfClosedForm)
            }
            Self { bound: Bound::Iwae, beta, .. } if beta != 1.0 => {
                Err(ObjectiveError::WeightedIwae { beta })
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { particles, gradient, kl, beta, .. } = self;
        match self.bound {
            Bound::Iwae => write!(f, "IWAE bound with K = {particles}")?,
            Bound::Elbo => {
                f.write_str("ELBO")?;
                if *particles > 1 {
                    write!(f, " with {particles} codes an image")?;
                }
                if *kl == KlTerm::Sampled {
                    f.write_str(", sampled KL")?;
                }
                write!(f, ", β = {beta}")?;
            }
        }
        if *gradient == Gradient::Path { f.write_str(", path gradient") } else { Ok(()) }
    }
}

/// Parts of an objective that do not go together.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ObjectiveError {
    /// K = 0.
    #[error("an objective needs at least one code for each image, got 0 particles")]
    NoParticle,
    /// `--gradient path` with `--kl analytic`.
    #[error(
        "the path gradient leaves out the score of log q(z|x), which a KL in closed form does not \
         contain: choose the sampled KL with it, or the total gradient"
    )]
    PathOfClosedForm,
    /// `--objective iwae` with `--kl analytic`.
    #[error(
        "the IWAE bound is the logarithm of a mean of sampled weights and has no KL term to put in \
         closed form: choose the sampled KL with it, or the ELBO"
    )]
    IwaeOfClosedForm,
    /// `--objective iwae` with `--beta`.
    #[error(
        "the IWAE bound has no KL term to weigh with β = {beta}: leave β at 1, or choose the ELBO"
    )]
    WeightedIwae {
        /// The weight that was asked for.
        beta: f64,
    },
}

// ANCHOR: normalized_weights
/// w̃ₖ = wₖ / Σⱼ wⱼ for each image from log wₖ (images × K): what a code counts in the gradient of the
/// IWAE bound, since ∇ log (1/K) Σ wₖ = Σ w̃ₖ ∇ log wₖ. The largest weight is taken out first, so that
/// exp cannot overflow.
pub fn normalized_weights<S: Scalar>(log_weights: &ArrayRef2<S>) -> Array2<S> {
    let mut weights = log_weights.to_owned();
    for mut row in weights.rows_mut() {
        let largest = row.iter().fold(row[0], |a, &b| if b > a { b } else { a });
        row.mapv_inplace(|log_w| (log_w - largest).exp());
        let sum = row.sum();
        row.mapv_inplace(|w| w / sum);
    }
    weights
}

/// log (1/K) Σₖ wₖ for each image, equation (7.9).
pub fn iwae_bound<S: Scalar>(log_weights: &ArrayRef2<S>) -> ndarray::Array1<S> {
    let log_k = S::from_f64((log_weights.ncols() as f64).ln());
    log_weights.map_axis(Axis(1), |row| {
        let largest = row.iter().fold(row[0], |a, &b| if b > a { b } else { a });
        largest + row.iter().map(|&log_w| (log_w - largest).exp()).sum::<S>().ln() - log_k
    })
}
// ANCHOR_END: normalized_weights
