//! An autoencoder with noise on its code: half of the way to a VAE. Equations (7.28) and (7.29).

use std::cell::Cell;

use ch01_autoencoder::{Autoencoder, Model, Schedule, train};
use ndarray::{Array1, Array2, Axis};
use nn::{Linear, Mlp, Scalar, Trace};
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;

/// What the scale of the code is tied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeScale {
    /// To nothing.
    Free,
    /// Each coordinate has mean 0 and variance 1 over the batch.
    Standardised,
}

/// An autoencoder that has to reconstruct from a code with noise on it.
#[derive(Clone, Debug, PartialEq)]
pub struct NoisyAutoencoder<S> {
    /// The two maps.
    pub autoencoder: Autoencoder<S>,
    /// The standard deviation of the noise.
    pub sigma: f64,
    /// What the code's scale is tied to.
    pub scale: CodeScale,
}

/// The moments of a code over some images, one number for each coordinate.
#[derive(Clone, Debug, PartialEq)]
struct Moments<S> {
    mean: Array1<S>,
    sigma: Array1<S>,
}

impl<S: Scalar> Moments<S> {
    fn of(code: &Array2<S>) -> Self {
        let images = S::from_f64(code.nrows() as f64);
        let mean = code.sum_axis(Axis(0)).mapv_into(|sum| sum / images);
        let squares = (code - &mean).mapv_into(|deviation| deviation * deviation);
        let sigma = squares.sum_axis(Axis(0)).mapv_into(|sum| (sum / images).sqrt());
        Self { mean, sigma }
    }
}

/// A forward pass.
struct Pass<S> {
    encoder: Trace<S>,
    /// The code before the noise, standardised or not.
    clean: Array2<S>,
    moments: Moments<S>,
    decoder: Trace<S>,
}

impl<S: Scalar> NoisyAutoencoder<S> {
    // ANCHOR: noisy
    /// The code before the noise, equation (7.28), with the moments of these same images, images × code.
    pub fn encode(&self, x: &Array2<S>) -> Array2<S> {
        let code = self.autoencoder.encode(x);
        let moments = Moments::of(&code);
        self.scaled(code, &moments)
    }

    fn scaled(&self, code: Array2<S>, Moments { mean, sigma }: &Moments<S>) -> Array2<S> {
        match self.scale {
            CodeScale::Free => code,
            CodeScale::Standardised => (code - mean) / sigma,
        }
    }

    fn pass(&self, x: &Array2<S>, noise: &Array2<S>) -> Pass<S> {
        let encoder = self.autoencoder.encoder.forward(x.clone());
        let moments = Moments::of(&encoder.output);
        let clean = self.scaled(encoder.output.clone(), &moments);
        let sigma = S::from_f64(self.sigma);
        let noisy = &clean + &noise.mapv(|noise| sigma * noise);
        Pass { encoder, clean, moments, decoder: self.autoencoder.decoder.forward(noisy) }
    }

    /// J = Σₙ ‖x̂ₙ − xₙ‖² from the code with noise, with `noise` ~ N(0, I), images × code.
    pub fn loss(&self, x: &Array2<S>, noise: &Array2<S>) -> S {
        let output = self.pass(x, noise).decoder.output;
        (output - x).iter().map(|&error| error * error).sum()
    }

    /// The derivatives of the loss, in the order of [`Autoencoder::parameters_mut`](Model::parameters_mut). Nothing flows into the noise. Standardising
    /// subtracts and divides by what depends on the code itself, equation (7.29).
    pub fn gradient(&self, x: &Array2<S>, noise: &Array2<S>) -> Vec<Vec<S>> {
        let Autoencoder { encoder, decoder } = &self.autoencoder;
        let pass = self.pass(x, noise);
        let two = S::from_f64(2.0);
        let d_output = (&pass.decoder.output - x).mapv_into(|error| two * error);
        let decoded = decoder.backward(&pass.decoder, d_output);
        let d_code = self.through_scale(&pass, decoder.input_gradient(&decoded));
        let encoded = encoder.backward(&pass.encoder, d_code);
        Mlp::tapes(&pass.encoder, &encoded)
            .chain(Mlp::tapes(&pass.decoder, &decoded))
            .map(|tape| Linear::gradient(tape.input, tape.delta))
            .flat_map(|layer| [layer.weight.into_iter().collect(), layer.bias.to_vec()])
            .collect()
    }

    fn through_scale(&self, pass: &Pass<S>, delta: Array2<S>) -> Array2<S> {
        if self.scale == CodeScale::Free {
            return delta;
        }
        let images = S::from_f64(delta.nrows() as f64);
        let mean = |values: &Array2<S>| values.sum_axis(Axis(0)).mapv_into(|sum| sum / images);
        let along = &pass.clean * &mean(&(&delta * &pass.clean));
        (&delta - &mean(&delta) - along) / &pass.moments.sigma
    }
    // ANCHOR_END: noisy

    // ANCHOR: fold
    /// The autoencoder with the standardisation over the images `x` made part of its encoder's last layer,
    /// W ← W/s and b ← (b − m)/s: for images that come alone and have no moments of their own.
    pub fn fold(self, x: &Array2<S>) -> Autoencoder<S> {
        let mut autoencoder = self.autoencoder;
        if self.scale == CodeScale::Standardised {
            let Moments { mean, sigma } = Moments::of(&autoencoder.encode(x));
            if let Some(last) = autoencoder.encoder.layers.last_mut() {
                last.weight = &last.weight / &sigma.view().insert_axis(Axis(1));
                last.bias = (&last.bias - &mean) / &sigma;
            }
        }
        autoencoder
    }
    // ANCHOR_END: fold

    /// Trains with fresh noise at every visit of an image, and shows the model to `after_epoch` with the
    /// number of epochs done.
    pub fn train(
        self,
        x: &Array2<S>,
        schedule: &Schedule,
        mut after_epoch: impl FnMut(usize, &Self),
    ) -> Self {
        let mut training = Training { model: self, seed: schedule.seed, step: Cell::new(0) };
        train(&mut training, x, schedule, |epoch, training| after_epoch(epoch, &training.model));
        training.model
    }
}

/// A model with the noise of its steps, which are named by their number.
struct Training<S> {
    model: NoisyAutoencoder<S>,
    seed: u64,
    step: Cell<u64>,
}

/// The stream of the noise.
const NOISE: u64 = 0xae02;

impl<S: Scalar> Training<S> {
    fn noise(&self, images: usize) -> Array2<S> {
        let mut rng = stream(self.seed, [NOISE, self.step.get()]);
        self.step.set(self.step.get() + 1);
        let layers = &self.model.autoencoder.encoder.layers;
        let code = layers.last().map_or(0, Linear::outputs);
        Array2::from_shape_simple_fn((images, code), || S::from_f64(rng.sample(StandardNormal)))
    }
}

impl<S: Scalar> Model<S> for Training<S> {
    fn reconstruct(&self, x: &Array2<S>) -> Array2<S> {
        self.model.pass(x, &self.noise(x.nrows())).decoder.output
    }

    fn gradient(&self, x: &Array2<S>) -> Vec<Vec<S>> {
        self.model.gradient(x, &self.noise(x.nrows()))
    }

    fn parameters_mut(&mut self) -> Vec<&mut [S]> {
        self.model.autoencoder.parameters_mut()
    }
}
