//! What computes a training run.

use anyhow::Result;
use ch09_conv_vae::{Trainer, average_terms};
use data::Images;

/// A model in training, wherever it is computed.
pub(super) enum Engine {
    /// By the chapter's own code, on the threads of the current rayon pool.
    Rust {
        /// The model with Adam's moments.
        trainer: Box<Trainer>,
        /// Reconstruction and KL, summed since they were last asked for.
        sums: (f64, f64),
    },
}

impl Engine {
    /// On the processor, in plain Rust.
    pub(super) fn rust(trainer: Trainer) -> Self {
        Self::Rust { trainer: Box::new(trainer), sums: (0.0, 0.0) }
    }

    /// Where it computes, for the first line of a run.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Rust { .. } => format!("plain Rust, {} threads", rayon::current_num_threads()),
        }
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
        match self {
            Self::Rust { trainer, sums } => {
                let (reconstruction, kl) =
                    trainer.step(images, indices, learning_rate, seed, epoch);
                *sums = (sums.0 + reconstruction, sums.1 + kl);
                Ok(())
            }
        }
    }

    /// Reconstruction and KL, summed over all images since this was last asked.
    pub(super) fn take_sums(&mut self) -> Result<(f64, f64)> {
        match self {
            Self::Rust { sums, .. } => Ok(std::mem::take(sums)),
        }
    }

    /// The two terms on average over `images`, with fresh noise.
    pub(super) fn average_terms(
        &self,
        images: &Images,
        seed: u64,
        round: u64,
    ) -> Result<(f64, f64)> {
        match self {
            Self::Rust { trainer, .. } => Ok(average_terms(&trainer.model, images, seed, round)),
        }
    }

    /// Steps taken.
    pub(super) fn steps(&self) -> u64 {
        match self {
            Self::Rust { trainer, .. } => trainer.steps,
        }
    }

    /// The trainer as it stands, to be saved, looked at and drawn from.
    pub(super) fn with_trainer<T>(&self, look: impl FnOnce(&Trainer) -> T) -> Result<T> {
        match self {
            Self::Rust { trainer, .. } => Ok(look(trainer)),
        }
    }
}
