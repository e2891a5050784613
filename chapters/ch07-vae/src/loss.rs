//! The two terms of the loss.

use ndarray::{Array1, Array2, ArrayRef2, Axis, Zip};
use nn::{Scalar, likelihood};

use crate::{Forward, Likelihood, Posterior, Vae};

/// The two terms of the ELBO for each image of a batch, in nats.
#[derive(Clone, Debug)]
pub struct Terms<S> {
    /// log p(x|z) at the one sample of z: the reconstruction term.
    pub reconstruction: Array1<S>,
    /// KL(q(z|x) ‖ p(z)).
    pub kl: Array1<S>,
}

impl<S: Scalar> Terms<S> {
    /// ELBO = E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)), equation (7.4), with one sample for the mean.
    pub fn elbo(&self) -> Array1<S> {
        &self.reconstruction - &self.kl
    }
}

// ANCHOR: kl
/// KL(N(μ, diag σ²) ‖ N(0, I)) = ½ Σⱼ (μⱼ² + σⱼ² − log σⱼ² − 1) for each image, equation (7.5).
pub fn kl_to_standard_normal<S: Scalar>(posterior: &Posterior<S>) -> Array1<S> {
    let (half, one) = (S::from_f64(0.5), S::one());
    Zip::from(&posterior.mean)
        .and(&posterior.log_var)
        .map_collect(|&mean, &log_var| half * (mean * mean + log_var.exp() - log_var - one))
        .sum_axis(Axis(1))
}

/// The derivatives of the KL with respect to μ and to log σ²: μ and ½(σ² − 1), part of equation (7.6).
pub fn kl_backward<S: Scalar>(posterior: &Posterior<S>) -> (Array2<S>, Array2<S>) {
    let (half, one) = (S::from_f64(0.5), S::one());
    let d_log_var = posterior.log_var.mapv(|log_var| half * (log_var.exp() - one));
    (posterior.mean.clone(), d_log_var)
}
// ANCHOR_END: kl

impl<S: Scalar> Vae<S> {
    // ANCHOR: terms
    /// The two terms of the ELBO after a forward pass.
    pub fn terms(&self, forward: &Forward<S>) -> Terms<S> {
        Terms {
            reconstruction: self.log_likelihood(forward.x(), &forward.decoder.output),
            kl: kl_to_standard_normal(&forward.posterior),
        }
    }

    /// log p(x|z) for each image, given the decoder's `output`; both arrays are images × pixels.
    pub fn log_likelihood(&self, x: &ArrayRef2<S>, output: &ArrayRef2<S>) -> Array1<S> {
        match self.likelihood {
            Likelihood::Bernoulli => likelihood::bernoulli_from_logits(x, output),
            Likelihood::Gaussian { sigma } => {
                likelihood::gaussian(x, output, S::from_f64(2.0 * sigma.ln()))
            }
        }
    }
    // ANCHOR_END: terms
}
