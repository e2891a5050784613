//! The gradient, by hand.

use ndarray::{Array2, Zip};
use nn::{LayerTape, Linear, Mlp, Scalar, likelihood};

use crate::{Forward, Likelihood, Vae, kl_backward};

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
    /// The backward pass of the loss L = (1/n) Σ [−log p(x|z) + β KL], equation (7.6), where n = `batch` is the
    /// number of images that the mean is over (a shard of a batch has fewer rows than the batch).
    ///
    /// From the loss back to the data: through the likelihood, the decoder, the sample
    /// z = μ + σε (∂z/∂μ = 1, ∂z/∂log σ² = ½σε), the KL, the two heads and the encoder.
    pub fn backward(&self, forward: &Forward<S>, batch: usize, beta: f64) -> Deltas<S> {
        let scale = S::from_f64(1.0 / batch as f64);
        let half = S::from_f64(0.5);

        let (x, output) = (forward.x(), &forward.decoder.output);
        let d_output = match self.likelihood {
            Likelihood::Bernoulli => likelihood::bernoulli_from_logits_backward(x, output, -scale),
            Likelihood::Gaussian { sigma } => {
                likelihood::gaussian_backward(x, output, S::from_f64(2.0 * sigma.ln()), -scale)
            }
        };
        let decoder = self.decoder.backward(&forward.decoder, d_output);
        let dz = self.decoder.input_gradient(&decoder);

        let weight = S::from_f64(beta) * scale;
        let (kl_mean, kl_log_var) = kl_backward(&forward.posterior);
        let mean = Zip::from(&dz).and(&kl_mean).map_collect(|&dz, &kl| dz + weight * kl);
        let log_var = Zip::from(&dz)
            .and(&forward.posterior.log_var)
            .and(&forward.noise)
            .and(&kl_log_var)
            .map_collect(|&dz, &log_var, &noise, &kl| {
                dz * half * (half * log_var).exp() * noise + weight * kl
            });

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
            .chain(heads.map(|delta| LayerTape { input: h, delta }))
            .chain(Mlp::tapes(&forward.decoder, &deltas.decoder))
    }

    /// The gradient of L with respect to every parameter, in the shape of a model.
    pub fn gradient(&self, forward: &Forward<S>, beta: f64) -> Self {
        let deltas = self.backward(forward, forward.x().nrows(), beta);
        let mut gradient = self.zeros_like();
        for (layer, tape) in gradient.layers_mut().into_iter().zip(Self::tapes(forward, &deltas)) {
            *layer = Linear::gradient(tape.input, tape.delta);
        }
        gradient
    }
}
