//! The gradients of the two players, by hand.

use ndarray::{Array2, ArrayView2, Axis, concatenate, s};
use nn::{LayerTape, Linear, Mlp, Scalar, Trace};

use crate::loss::{self, GeneratorLoss};
use crate::{Discriminator, Generator};

/// What one player's way forward and back leaves behind: all that its gradient is made of.
#[derive(Clone, Debug)]
pub struct Pass<S> {
    /// The layers' inputs.
    pub trace: Trace<S>,
    /// ∂L/∂(output before the nonlinearity) of every layer.
    pub deltas: Vec<Array2<S>>,
    /// What the discriminator said of each example, examples × 1; for its own step the real ones first.
    pub logits: Array2<S>,
    /// Whether the way forward added the biases.
    pub with_bias: bool,
}

impl<S: Scalar> Pass<S> {
    /// The inputs and deltas of every layer.
    pub fn tapes(&self) -> impl Iterator<Item = LayerTape<'_, S>> {
        Mlp::tapes(&self.trace, &self.deltas)
            .map(|tape| LayerTape { with_bias: self.with_bias, ..tape })
    }

    /// The gradient of every layer, from the whole batch.
    pub fn gradient(&self) -> Vec<Linear<S>> {
        self.tapes().map(|tape| Linear::gradient_of(&[tape])).collect()
    }
}

impl<S: Scalar> Discriminator<S> {
    // ANCHOR: discriminator_pass
    /// Forward and back through the discriminator's loss, equation (8.9), with `real` and `generated`
    /// examples (images × data) of a batch of `batch` each (a shard of it has fewer).
    ///
    /// `generated` is data here, like `real`: the way back ends at the discriminator's first layer and never
    /// reaches the generator.
    pub fn pass(
        &self,
        real: ArrayView2<'_, S>,
        generated: ArrayView2<'_, S>,
        batch: usize,
    ) -> Pass<S> {
        let both = concatenate(Axis(0), &[real, generated]).expect("examples of one width");
        let trace = self.network.forward(both);
        let logits = trace.output.clone();
        let d_logits = loss::delta(&logits, batch, |row, logit| {
            if row < real.nrows() {
                loss::real_loss_backward(logit)
            } else {
                loss::generated_loss_backward(logit)
            }
        });
        let deltas = self.network.backward(&trace, d_logits);
        Pass { trace, deltas, logits, with_bias: true }
    }
    // ANCHOR_END: discriminator_pass

    /// The discriminator's loss, the mean of −log D(x) − log(1 − D(G(z))), from its pass over a whole batch.
    pub fn loss(pass: &Pass<S>) -> f64 {
        let batch = pass.logits.nrows() / 2;
        let (real, generated) = pass.logits.view().split_at(Axis(0), batch);
        let sum = loss::total(real, loss::real_loss) + loss::total(generated, loss::generated_loss);
        sum / batch as f64
    }
}

impl<S: Scalar> Generator<S> {
    // ANCHOR: generator_pass
    /// Forward through generator and discriminator, and all the way back, equation (8.12), for `noise`
    /// (samples × latent) out of a batch of `batch`.
    ///
    /// The gradient passes *through* the discriminator, whose own parameters get none: they are held fixed.
    pub fn pass(
        &self,
        discriminator: &Discriminator<S>,
        noise: Array2<S>,
        loss: GeneratorLoss,
        batch: usize,
    ) -> Pass<S> {
        let trace = self.network.forward(noise);
        let judged = discriminator.network.forward(trace.output.clone());
        let d_logits = loss::delta(&judged.output, batch, |_, logit| loss.backward(logit));
        let through = discriminator.network.backward(&judged, d_logits);
        let d_generated = discriminator.network.input_gradient(&through);
        let deltas = self.network.backward(&trace, d_generated);
        Pass { trace, deltas, logits: judged.output, with_bias: true }
    }
    // ANCHOR_END: generator_pass

    /// The generator's loss from its pass over a whole batch.
    pub fn loss(pass: &Pass<S>, loss: GeneratorLoss) -> f64 {
        loss::total(&pass.logits, |logit| loss.value(logit)) / pass.logits.nrows() as f64
    }
}

/// The first `real` logits of a discriminator's pass and the rest.
pub(crate) fn split<S>(logits: &Array2<S>, real: usize) -> [ArrayView2<'_, S>; 2] {
    [logits.slice(s![..real, ..]), logits.slice(s![real.., ..])]
}
