//! Chapter 8: generative adversarial networks (Goodfellow et al. 2014), in the order of the text.
//!
//! | step of the text | where |
//! |---|---|
//! | the two networks (8.2) | [`Generator`], [`Discriminator`], [`Architecture`] |
//! | the losses from logits (8.9)–(8.11) | [`loss`] |
//! | the gradients by hand (8.12) | [`Generator::pass`], [`Discriminator::pass`] |
//! | the algorithm | [`Trainer::step`] |
//!
//! Everything is in nats. `logit` is ℓ with D = σ(ℓ), the probability that an example is real.

pub mod examples;
mod gradient;
pub mod loss;
pub mod networks;
mod train;

pub use examples::Examples;
pub use gradient::Pass;
pub use loss::GeneratorLoss;
pub use networks::{Architecture, Discriminator, Generator};
pub use train::{Figures, Settings, Trainer};

/// What a random stream is for; the first coordinate of its position, so that no two purposes
/// share their numbers.
pub mod purpose {
    /// Initial weights.
    pub const WEIGHTS: u64 = 1;
    /// Which examples the discriminator sees.
    pub const DATA: u64 = 2;
    /// The noise of the discriminator's step.
    pub const DISCRIMINATOR_NOISE: u64 = 3;
    /// The noise of the generator's step: fresh, not the discriminator's.
    pub const GENERATOR_NOISE: u64 = 4;
    /// The noise of what is drawn to be looked at or scored.
    pub const SAMPLE: u64 = 5;
    /// The points of a data set that is made and not loaded.
    pub const DATA_SET: u64 = 6;
}
