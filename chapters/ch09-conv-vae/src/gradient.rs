//! The gradient, by hand.

use ch07_vae::{kl_backward, reparameterize_backward};
use ndarray::Array2;
use nn::{Linear, Mlp, Scalar, Trace, likelihood};

use crate::model::{channels_first, channels_last};
use crate::{Forward, Vae};

impl<S: Scalar> Vae<S> {
    // ANCHOR: gradient
    /// The gradient of the loss L = (1/n) Σ [−log p(x|z) + β KL] with respect to every parameter, in the shape
    /// of a model; n = `batch` is the number of images that the mean is over (a shard of a batch has
    /// fewer rows than the batch).
    ///
    /// From the loss back to the data: through the likelihood and the transposed convolutions, the dense
    /// middle with the sample as in chapter 7, and the convolutions.
    pub fn gradient(&self, forward: &Forward<S>, batch: usize, beta: f64) -> Self {
        let (images, scale) = (forward.x.nrows(), S::from_f64(1.0 / batch as f64));

        let d_logits =
            likelihood::bernoulli_from_logits_backward(&forward.x, &forward.logits, -scale);
        let mut delta = channels_last(&d_logits, self.image().0);
        let mut transposed = Vec::with_capacity(self.transposed.len());
        for (i, layer) in self.transposed.iter().enumerate().rev() {
            let input = &forward.outward[i];
            transposed.push(layer.gradient(input, &delta));
            delta = layer.backward(&delta);
            if i > 0 {
                self.activation.backward(input, &mut delta); // input 0 is the dense layers' affair
            }
        }
        transposed.reverse();

        let decoder = self.decoder.backward(&forward.decoder, channels_first(&delta, images));
        let dz = self.decoder.input_gradient(&decoder);
        let (mut mean, mut log_var) =
            reparameterize_backward(&forward.posterior, &forward.noise, &dz);
        let (kl_mean, kl_log_var) = kl_backward(&forward.posterior);
        mean.scaled_add(S::from_f64(beta) * scale, &kl_mean);
        log_var.scaled_add(S::from_f64(beta) * scale, &kl_log_var);
        let dh = self.mean.backward(&mean) + &self.log_var.backward(&log_var);
        // Without hidden layers the heads read the last maps themselves.
        let (encoder, d_maps) = if self.encoder.layers.is_empty() {
            (Vec::new(), dh)
        } else {
            let encoder = self.encoder.backward(&forward.encoder, dh);
            let d_maps = self.encoder.input_gradient(&encoder);
            (encoder, d_maps)
        };

        let mut delta = channels_last(&d_maps, self.transposed[0].window.coarse.0);
        let mut convolutions = Vec::with_capacity(self.convolutions.len());
        for (i, layer) in self.convolutions.iter().enumerate().rev() {
            self.activation.backward(&forward.inward[i + 1], &mut delta);
            convolutions.push(layer.gradient(&forward.inward[i], &delta));
            if i > 0 {
                delta = layer.backward(&delta);
            }
        }
        convolutions.reverse();

        let h = &forward.encoder.output;
        Self {
            convolutions,
            encoder: dense(&self.encoder, &forward.encoder, &encoder),
            mean: Linear::gradient(h, &mean),
            log_var: Linear::gradient(h, &log_var),
            decoder: dense(&self.decoder, &forward.decoder, &decoder),
            transposed,
            activation: self.activation,
            names: self.names.clone(),
        }
    }
    // ANCHOR_END: gradient
}

/// The gradient of dense layers.
fn dense<S: Scalar>(net: &Mlp<S>, trace: &Trace<S>, deltas: &[Array2<S>]) -> Mlp<S> {
    let layers = Mlp::tapes(trace, deltas).map(|tape| Linear::gradient(tape.input, tape.delta));
    Mlp { layers: layers.collect(), hidden: net.hidden, output: net.output }
}
