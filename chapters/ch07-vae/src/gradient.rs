//! The gradient, by hand.

use ndarray::Array2;
use nn::{LayerTape, Linear, Mlp, Parameters, Scalar};

use crate::objective::normalized_weights;
use crate::{
    Bound, Forward, Gradient, KlTerm, Objective, Terms, Vae, kl_backward, reparameterize_backward,
};

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
        let weights = Weights::new(objective, terms, batch);
        let output = &forward.decoder.output;
        let d_output = self.log_likelihood_backward(forward.x(), output, -weights.common);
        let decoder = self.decoder.backward(&forward.decoder, weights.of_each(d_output));
        let dz = self.decoder.input_gradient(&decoder);
        let (mean, log_var) = sample_backward(forward, dz, objective, &weights);
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

// ANCHOR: sample_backward
/// What each code counts in the gradient.
struct Weights<S> {
    /// 1/n, the share of an image.
    image: S,
    /// The same factor for all codes: 1/(nK) for the ELBO, 1/n for the IWAE bound.
    common: S,
    /// w̃ₖ of every code for the IWAE bound, in the codes' order. They are numbers here and not functions
    /// of the parameters: ∇ log Σ wₖ = Σ w̃ₖ ∇ log wₖ has no derivative of w̃ₖ in it.
    each: Option<Vec<S>>,
}

impl<S: Scalar> Weights<S> {
    fn new(objective: &Objective, terms: &Terms<S>, batch: usize) -> Self {
        let image = S::from_f64(1.0 / batch as f64);
        match objective.bound {
            Bound::Elbo => {
                let share = S::from_f64(1.0 / terms.log_weights.ncols() as f64);
                Self { image, common: image * share, each: None }
            }
            Bound::Iwae => {
                let weights = normalized_weights(&terms.log_weights);
                let felt = |w: S| if w < S::from_f64(NEGLIGIBLE) { S::zero() } else { w };
                Self { image, common: image, each: Some(weights.into_iter().map(felt).collect()) }
            }
        }
    }

    /// The factor of code `row`, without the common one.
    fn of(&self, row: usize) -> S {
        self.each.as_ref().map_or(S::one(), |each| each[row])
    }

    /// Each row times its code's factor.
    fn of_each(&self, mut codes: Array2<S>) -> Array2<S> {
        if let Some(each) = &self.each {
            for (mut row, &weight) in codes.rows_mut().into_iter().zip(each) {
                row.mapv_inplace(|d| d * weight);
            }
        }
        codes
    }
}

/// From ∂L/∂z by the likelihood (codes × latent, its weights included) to ∂L/∂μ and ∂L/∂log σ², images × latent.
fn sample_backward<S: Scalar>(
    forward: &Forward<S>,
    mut dz: Array2<S>,
    objective: &Objective,
    weights: &Weights<S>,
) -> (Array2<S>, Array2<S>) {
    let (zero, half) = (S::zero(), S::from_f64(0.5));
    let (posterior, noise) = (&forward.posterior, &forward.noise);
    let beta = S::from_f64(objective.beta);
    let path = objective.gradient == Gradient::Path;
    // The weight of log p(z) − log q(z|x) at a code, where that is sampled.
    let ratio = |row: usize| match objective.kl {
        KlTerm::Analytic => zero,
        KlTerm::Sampled => beta * weights.common * weights.of(row),
    };
    if path || objective.kl == KlTerm::Sampled {
        let sigma = posterior.sigma();
        for ((row, j), dz) in dz.indexed_iter_mut() {
            // −∂ log p(z)/∂z = z and, through z alone, ∂ log q(z|x)/∂z = −(z − μ)/σ² = −ε/σ.
            let log_q =
                if path { noise[[row, j]] / sigma[[row / forward.codes(), j]] } else { zero };
            // The path gradient of the IWAE bound has w̃² where the total one has w̃.
            let again = if path { weights.of(row) } else { S::one() };
            *dz = again * (*dz + ratio(row) * (forward.z()[[row, j]] - log_q));
        }
    }
    let (mut mean, mut log_var) = reparameterize_backward(posterior, noise, &dz);
    match objective.kl {
        KlTerm::Analytic => {
            let (kl_mean, kl_log_var) = kl_backward(posterior);
            mean.scaled_add(beta * weights.image, &kl_mean);
            log_var.scaled_add(beta * weights.image, &kl_log_var);
        }
        KlTerm::Sampled if path => {}
        // With ε fixed, log q(z|x) is −½ log σ² and what does not depend on μ and σ.
        KlTerm::Sampled => {
            for row in 0..dz.nrows() {
                let entropy = half * ratio(row);
                log_var.row_mut(row / forward.codes()).mapv_inplace(|d| d - entropy);
            }
        }
    }
    (mean, log_var)
}
// ANCHOR_END: sample_backward
