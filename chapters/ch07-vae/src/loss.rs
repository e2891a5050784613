//! The two terms of the loss, and the importance weights.

use ndarray::{Array1, Array2, ArrayRef2, Axis, Zip};
use nn::{Scalar, likelihood};

use crate::objective::iwae_bound;
use crate::{Bound, Forward, KlTerm, Likelihood, Objective, Posterior, Vae};

/// The parts of the bounds for each image of a batch, in nats.
#[derive(Clone, Debug)]
pub struct Terms<S> {
    /// log p(x|z), the mean over the image's codes: the reconstruction term.
    pub reconstruction: Array1<S>,
    /// KL(q(z|x) ‖ p(z)) in closed form.
    pub kl: Array1<S>,
    /// log wₖ = log p(x|zₖ) + log p(zₖ) − log q(zₖ|x), images × codes.
    pub log_weights: Array2<S>,
}

impl<S: Scalar> Terms<S> {
    /// ELBO = E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)), equation (7.4), with the codes' mean for E_q.
    pub fn elbo(&self) -> Array1<S> {
        &self.reconstruction - &self.kl
    }

    // ANCHOR: bound
    /// The estimate of `objective` for each image: what a step increases.
    pub fn bound(&self, objective: &Objective) -> Array1<S> {
        let beta = S::from_f64(objective.beta);
        let weighted = |kl: &Array1<S>| {
            Zip::from(&self.reconstruction).and(kl).map_collect(|&r, &kl| r - beta * kl)
        };
        match (objective.bound, objective.kl) {
            (Bound::Iwae, _) => iwae_bound(&self.log_weights),
            (Bound::Elbo, KlTerm::Analytic) => weighted(&self.kl),
            (Bound::Elbo, KlTerm::Sampled) => {
                weighted(&(&self.reconstruction - &mean_over_codes(&self.log_weights)))
            }
        }
    }
    // ANCHOR_END: bound
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

// ANCHOR: log_ratio
/// log p(z) − log q(z|x) for each code: ½ Σⱼ (εⱼ² − zⱼ² + log σⱼ²) at z = μ + σε. The constants ½ log 2π of
/// the two densities cancel. `noise` and `z` are codes × latent; the codes of an image follow each other.
pub fn log_ratio<S: Scalar>(
    posterior: &Posterior<S>,
    noise: &ArrayRef2<S>,
    z: &ArrayRef2<S>,
) -> Array1<S> {
    let half = S::from_f64(0.5);
    let log_det = posterior.log_var.sum_axis(Axis(1));
    let codes = noise.nrows() / log_det.len();
    let squares = |row: ndarray::ArrayView1<'_, S>| row.iter().map(|&v| v * v).sum::<S>();
    let rows = noise.rows().into_iter().zip(z.rows()).enumerate();
    rows.map(|(row, (noise, z))| half * (squares(noise) - squares(z) + log_det[row / codes]))
        .collect()
}
// ANCHOR_END: log_ratio

impl<S: Scalar> Vae<S> {
    // ANCHOR: terms
    /// The terms of the bounds after a forward pass.
    pub fn terms(&self, forward: &Forward<S>) -> Terms<S> {
        let log_likelihood = self.log_likelihood(forward.x(), &forward.decoder.output);
        let log_weights =
            &log_likelihood + &log_ratio(&forward.posterior, &forward.noise, forward.z());
        let by_image = |values: Array1<S>| {
            let shape = (forward.x().nrows(), forward.codes());
            values.into_shape_with_order(shape).expect("as many codes for each image")
        };
        Terms {
            reconstruction: mean_over_codes(&by_image(log_likelihood)),
            kl: kl_to_standard_normal(&forward.posterior),
            log_weights: by_image(log_weights),
        }
    }

    /// log p(x|z) for each code, given the decoder's `output` (codes × pixels); `x` is images × pixels.
    pub fn log_likelihood(&self, x: &ArrayRef2<S>, output: &ArrayRef2<S>) -> Array1<S> {
        match self.likelihood {
            Likelihood::Bernoulli => likelihood::bernoulli_from_logits(x, output),
            Likelihood::ContinuousBernoulli => {
                likelihood::continuous_bernoulli_from_logits(x, output)
            }
            Likelihood::Gaussian { sigma } => {
                likelihood::gaussian(x, output, S::from_f64(2.0 * sigma.ln()))
            }
        }
    }
    // ANCHOR_END: terms

    /// ∂ log p(x|z)/∂output times `scale`, codes × pixels.
    pub(crate) fn log_likelihood_backward(
        &self,
        x: &Array2<S>,
        output: &Array2<S>,
        scale: S,
    ) -> Array2<S> {
        match self.likelihood {
            Likelihood::Bernoulli => likelihood::bernoulli_from_logits_backward(x, output, scale),
            Likelihood::ContinuousBernoulli => {
                likelihood::continuous_bernoulli_from_logits_backward(x, output, scale)
            }
            Likelihood::Gaussian { sigma } => {
                likelihood::gaussian_backward(x, output, S::from_f64(2.0 * sigma.ln()), scale)
            }
        }
    }
}

/// Images × codes to one mean for each image.
fn mean_over_codes<S: Scalar>(values: &Array2<S>) -> Array1<S> {
    let share = S::from_f64(1.0 / values.ncols() as f64);
    values.map_axis(Axis(1), |row| row.sum() * share)
}
