//! What computes a run: the chapter's own code.
//!
//! `libtorch.rs` has the same face, and takes this module's place in the build with libtorch.

use anyhow::Result;
use ch07_vae::Evaluation;
use ch09_conv_vae::{Architecture, Trainer, Vae, average_terms, evaluate};
use clap::Args;
use data::Images;

use super::cli::Model;

/// The flags for training: none. (libtorch asks for a device.)
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct TrainFlags {}

/// The flags for evaluation: none.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct EvaluateFlags {}

impl TrainFlags {
    /// The model to train if none is named.
    pub(super) fn usual_model(self) -> Model {
        Model::Small
    }
}

impl EvaluateFlags {
    /// Evaluates a model, on the current rayon pool.
    pub(super) fn evaluate(
        self,
        (model, _): (&Vae<f32>, &Architecture),
        images: &Images,
        indices: &[usize],
        (samples, seed): (usize, u64),
        progress: impl Fn(usize) + Sync,
    ) -> Result<Evaluation> {
        Ok(evaluate(model, images, indices, samples, seed, progress))
    }
}

/// A model in training, on the current rayon pool.
pub(super) struct Engine {
    trainer: Trainer,
    /// Reconstruction and KL, summed since they were last asked for.
    sums: (f64, f64),
}

impl Engine {
    /// Goes on where a trainer stands.
    pub(super) fn new(
        trainer: Trainer,
        _: &Architecture,
        _: TrainFlags,
        _: Option<usize>,
    ) -> Result<Self> {
        Ok(Self { trainer, sums: (0.0, 0.0) })
    }

    /// Where it computes, for the first line of a run.
    pub(super) fn place(&self) -> String {
        format!("plain Rust, {} threads", rayon::current_num_threads())
    }

    /// One step on the images `indices`.
    pub(super) fn step(
        &mut self,
        images: &Images,
        indices: &[usize],
        learning_rate: f64,
        seed: u64,
        epoch: u64,
    ) -> Result<()> {
        let (reconstruction, kl) = self.trainer.step(images, indices, learning_rate, seed, epoch);
        self.sums = (self.sums.0 + reconstruction, self.sums.1 + kl);
        Ok(())
    }

    /// Reconstruction and KL, summed over all images since this was last asked.
    pub(super) fn take_sums(&mut self) -> Result<(f64, f64)> {
        Ok(std::mem::take(&mut self.sums))
    }

    /// The two terms on average over `images`, with fresh noise.
    pub(super) fn average_terms(
        &self,
        images: &Images,
        seed: u64,
        round: u64,
    ) -> Result<(f64, f64)> {
        Ok(average_terms(&self.trainer.model, images, seed, round))
    }

    /// Steps taken.
    pub(super) fn steps(&self) -> u64 {
        self.trainer.steps
    }

    /// The trainer as it stands, to be saved, looked at and drawn from.
    pub(super) fn with_trainer<T>(&self, look: impl FnOnce(&Trainer) -> T) -> Result<T> {
        Ok(look(&self.trainer))
    }
}
