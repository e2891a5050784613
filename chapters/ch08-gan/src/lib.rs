//! Chapter 8: generative adversarial networks (Goodfellow et al. 2014), in the order of the text.
//!
//! | step of the text | where |
//! |---|---|
//! | the value of the game (8.1), the best discriminator (8.3), (8.7), what is left then (8.4), (8.5) | [`game`] |
//! | the two networks (8.2) | [`Generator`], [`Discriminator`], [`Architecture`] |
//! | the losses from logits (8.9)–(8.11) | [`loss`] |
//! | the gradients by hand (8.12) | [`Generator::pass`], [`Discriminator::pass`] |
//! | the algorithm | [`Trainer::step`] |
//! | a whole training, a penalty against steep discriminators, the ring's modes | [`Schedule`], [`Discriminator::penalty`], [`modes`] |
//! | how the players move (8.13)–(8.16) | [`dynamics`] |
//! | four models of the same images, by one score | [`contest`] |
//! | what the book's interactive figure shows | [`interactive()`](interactive::interactive) |
//! | what is claimed, and proof that the checks can fail | package `claims-ch08`, in `claims/` |
//!
//! Everything is in nats. `logit` is ℓ with D = σ(ℓ), the probability that an example is real.

pub mod contest;
pub mod dynamics;
pub mod examples;
pub mod game;
mod gradient;
pub mod interactive;
pub mod loss;
pub mod modes;
pub mod networks;
mod penalty;
mod schedule;
pub mod store;
mod train;

pub use examples::Examples;
pub use gradient::Pass;
pub use loss::GeneratorLoss;
pub use networks::{Architecture, Discriminator, Generator};
pub use schedule::Schedule;
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
