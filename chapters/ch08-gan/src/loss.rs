//! The losses from logits, and their derivatives.

use ndarray::Array2;
use nn::Scalar;
use serde::{Deserialize, Serialize};

// ANCHOR: discriminator_loss
/// −log D = softplus(−ℓ): what a *real* example of logit ℓ costs the discriminator, equation (8.9).
pub fn real_loss<S: Scalar>(logit: S) -> S {
    (-logit).softplus()
}

/// d(−log D)/dℓ = −(1 − D), with 1 − D = σ(−ℓ).
pub fn real_loss_backward<S: Scalar>(logit: S) -> S {
    -(-logit).sigmoid()
}

/// −log(1 − D) = softplus(ℓ): what a *generated* example costs the discriminator, equation (8.9).
pub fn generated_loss<S: Scalar>(logit: S) -> S {
    logit.softplus()
}

/// d(−log(1 − D))/dℓ = D.
pub fn generated_loss_backward<S: Scalar>(logit: S) -> S {
    logit.sigmoid()
}
// ANCHOR_END: discriminator_loss

// ANCHOR: generator_loss
/// What the generator descends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeneratorLoss {
    /// log(1 − D(G(z))), the game's own; it *saturates*: flat where the discriminator is sure.
    Saturating,
    /// −log D(G(z)), the usual replacement (Goodfellow et al. 2014, section 3): steep just there.
    NonSaturating,
}

impl GeneratorLoss {
    /// The loss of one generated example of logit ℓ, equation (8.10): −softplus(ℓ), or softplus(−ℓ).
    pub fn value<S: Scalar>(self, logit: S) -> S {
        match self {
            Self::Saturating => -logit.softplus(),
            Self::NonSaturating => (-logit).softplus(),
        }
    }

    /// Its derivative with respect to ℓ, equation (8.11): −D, or −(1 − D).
    pub fn backward<S: Scalar>(self, logit: S) -> S {
        match self {
            Self::Saturating => -logit.sigmoid(),
            Self::NonSaturating => -(-logit).sigmoid(),
        }
    }
}
// ANCHOR_END: generator_loss

/// The sum of a function of the logits, in `f64` and in order.
pub(crate) fn total<'a, S: Scalar>(
    logits: impl IntoIterator<Item = &'a S>,
    f: impl Fn(S) -> S,
) -> f64 {
    logits.into_iter().map(|&logit| f(logit).to_f64()).sum()
}

/// δ for a column of logits: a loss's derivative at each, divided by the size of the batch that the mean
/// is over.
pub(crate) fn delta<S: Scalar>(
    logits: &Array2<S>,
    batch: usize,
    derivative: impl Fn(usize, S) -> S,
) -> Array2<S> {
    let scale = S::from_f64(1.0 / batch as f64);
    Array2::from_shape_fn(logits.dim(), |(row, column)| {
        scale * derivative(row, logits[[row, column]])
    })
}
