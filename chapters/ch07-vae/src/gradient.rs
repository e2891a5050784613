//! The gradient, by hand.

use ndarray::Array2;
use nn::{LayerTape, Linear, Mlp, Parameters, Scalar, likelihood};

use crate::objective::normalized_weights;
use crate::{Bound, Forward, Gradient, KlTerm, Likelihood, Objective, Terms, Vae, kl_backward};

/// δ = ∂L/∂(output before the nonlinearity) of every layer, images × outputs.
#[derive(Clone, Debug)]
pub struct Deltas<S> {
    /// The encoder's layers.
    pub encoder: Vec<Array2<S>>,
    /// ∂L/∂μ
    pub mean: Array2<S>,
    /// ∂L/∂ log σ²
    pub log_var: Array2<S>,
    /// The decoder's layers.
    pub decoder: Vec<Array2<S>>,
}

impl<S: Scalar> Vae<S> {
    // ANCHOR: backward
    /// The backward pass of the loss L = −(1/n) Σ bound, equation (7.6), where n = `batch` is the number of
    /// images that the mean is over (a shard of a batch has fewer rows than the batch).
    ///
    /// From the loss back to the data: through the likelihood, the decoder, the sample
    /// z = μ + σε (∂z/∂μ = 1, ∂z/∂log σ² = ½σε), the KL, the two heads and the encoder.
    /// `terms` are those of the same forward pass.
    pub fn backward(
        &self,
        forward: &Forward<S>,
        terms: &Terms<S>,
        objective: &Objective,
        batch: usize,
    ) -> Deltas<S> {
        let scale = S::from_f64(1.0 / batch as f64);
        let weights = Weights::new(objective, terms);

        let mut d_output = self.likelihood_backward(forward, -scale * weights.common);
        if let Some(weights) = &weights.each {
            for (mut row, &weight) in d_output.rows_mut().into_iter().zip(weights) {
                row.mapv_inplace(|d| d * weight);
            }
        }
        let decoder = self.decoder.backward(&forward.decoder, d_output);
        let dz = self.decoder.input_gradient(&decoder);

        let (mean, log_var) = sample_backward(forward, dz, objective, &weights, scale);
        let dh = self.mean.backward(&mean) + &self.log_var.backward(&log_var);
        let encoder = self.encoder.backward(&forward.encoder, dh);
        Deltas { encoder, mean, log_var, decoder }
    }
    // ANCHOR_END: backward

    /// The inputs and deltas of every layer, in the order of [`Vae::layers`].
    pub fn tapes<'a>(
        forward: &'a Forward<S>,
        deltas: &'a Deltas<S>,
    ) -> impl Iterator<Item = LayerTape<'a, S>> {
        let h = &forward.encoder.output;
        let heads = [&deltas.mean, &deltas.log_var];
        Mlp::tapes(&forward.encoder, &deltas.encoder)
            .chain(heads.map(|delta| LayerTape { input: h, delta, with_bias: true }))
            .chain(Mlp::tapes(&forward.decoder, &deltas.decoder))
    }

    /// ∂ log p(x|z)/∂output times `scale`, codes × pixels.
    fn likelihood_backward(&self, forward: &Forward<S>, scale: S) -> Array2<S> {
        let (x, output) = (forward.x(), &forward.decoder.output);
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

    /// The gradient of L with respect to every parameter, in the shape of a model.
    pub fn gradient(&self, forward: &Forward<S>, objective: &Objective) -> Self {
        let batch = forward.x().nrows();
        let deltas = self.backward(forward, &self.terms(forward), objective, batch);
        let mut gradient = self.zeros_like();
        for (layer, tape) in gradient.layers_mut().into_iter().zip(Self::tapes(forward, &deltas)) {
            *layer = Linear::gradient(tape.input, tape.delta);
        }
        gradient
    }
}

/// A code with a smaller share of the weight changes no digit of the gradient. As zero it costs nothing, but its products
/// would be subnormal in single precision, on which a processor computes many times slower.
const NEGLIGIBLE: f64 = 1e-16;

/// What each code counts in the gradient.
struct Weights<S> {
    /// The same factor for all: 1/K for the ELBO, 1 for the IWAE bound.
    common: S,
    /// w̃ₖ of every code for the IWAE bound, in the codes' order. They are numbers here and not functions
    /// of the parameters: ∇ log Σ wₖ = Σ w̃ₖ ∇ log wₖ has no derivative of w̃ₖ in it.
    each: Option<Vec<S>>,
}

impl<S: Scalar> Weights<S> {
    fn new(objective: &Objective, terms: &Terms<S>) -> Self {
        match objective.bound {
            Bound::Elbo => {
                Self { common: S::from_f64(1.0 / terms.log_weights.ncols() as f64), each: None }
            }
            Bound::Iwae => {
                let weights = normalized_weights(&terms.log_weights);
                let felt = |w: S| if w < S::from_f64(NEGLIGIBLE) { S::zero() } else { w };
                Self { common: S::one(), each: Some(weights.into_iter().map(felt).collect()) }
            }
        }
    }

    /// The factor of code `row`, without the common one.
    fn of(&self, row: usize) -> S {
        self.each.as_ref().map_or(S::one(), |each| each[row])
    }
}

// ANCHOR: sample_backward
/// From ∂L/∂z (codes × latent, its weights included) to ∂L/∂μ and ∂L/∂log σ², images × latent.
fn sample_backward<S: Scalar>(
    forward: &Forward<S>,
    dz: Array2<S>,
    objective: &Objective,
    weights: &Weights<S>,
    scale: S,
) -> (Array2<S>, Array2<S>) {
    let (zero, half) = (S::zero(), S::from_f64(0.5));
    let posterior = &forward.posterior;
    let sigma = posterior.log_var.mapv(|log_var| (half * log_var).exp());
    let kl_weight = S::from_f64(objective.beta) * scale;

    let (mut mean, mut log_var) = match objective.kl {
        KlTerm::Analytic => {
            let (mean, log_var) = kl_backward(posterior);
            (mean.mapv_into(|d| d * kl_weight), log_var.mapv_into(|d| d * kl_weight))
        }
        KlTerm::Sampled => {
            (Array2::zeros(posterior.mean.dim()), Array2::zeros(posterior.mean.dim()))
        }
    };
    let path = objective.gradient == Gradient::Path;
    for (row, dz) in dz.rows().into_iter().enumerate() {
        let image = row / forward.codes();
        // The weight of log p(z) − log q(z|x) at this code, where that is sampled.
        let ratio = match objective.kl {
            KlTerm::Analytic => zero,
            KlTerm::Sampled => kl_weight * weights.common * weights.of(row),
        };
        // The path gradient of the IWAE bound has w̃² where the total one has w̃.
        let again = if path { weights.of(row) } else { S::one() };
        for (j, &dz) in dz.iter().enumerate() {
            let (z, noise, sigma) =
                (forward.z()[[row, j]], forward.noise[[row, j]], sigma[[image, j]]);
            // −∂ log p(z)/∂z = z and, through z alone, ∂ log q(z|x)/∂z = −(z − μ)/σ² = −ε/σ.
            let log_q = if path { noise / sigma } else { zero };
            let dz = again * (dz + ratio * (z - log_q));
            mean[[image, j]] += dz;
            // With ε fixed, log q(z|x) is −½ log σ² and what does not depend on μ and σ.
            let entropy = if path { zero } else { half * ratio };
            log_var[[image, j]] += dz * half * sigma * noise - entropy;
        }
    }
    (mean, log_var)
}
// ANCHOR_END: sample_backward
