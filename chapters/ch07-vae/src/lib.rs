//! Chapter 7: the variational autoencoder (Kingma & Welling 2014), in the order of the text.
//!
//! | step of the text | where |
//! |---|---|
//! | encoder q(z\|x) (7.1), reparameterized sample (7.2), decoder p(x\|z) (7.3) | [`Vae`] ([`Vae::encode`], [`reparameterize`], [`Vae::decode`]) |
//! | the two terms of the loss (7.4), (7.5) | [`Vae::terms`], [`kl_to_standard_normal`] |
//! | the gradient by hand (7.6) | [`Vae::backward`] |
//! | the training step | [`Trainer::step`] |
//! | importance-weighted estimate of log p(x) (7.7) | [`Samples`], [`evaluate()`] |
//! | the linear VAE, of which everything is known (7.20) to (7.28) | [`linear`], by [`lbfgs`] |
//!
//! Everything is in nats. An *image* is a row of numbers; the loss of a batch is the mean over its
//! images of −ELBO, with sums over pixels and latent coordinates.

pub mod claims;
mod evaluate;
mod examples;
mod gradient;
pub mod lbfgs;
pub mod linear;
mod loss;
mod model;
mod objective;
pub mod store;
mod train;

pub use evaluate::{Evaluation, Figure, Samples, Tally, evaluate};
pub use examples::{Batch, Examples};
pub use gradient::Deltas;
pub use loss::{Terms, kl_backward, kl_to_standard_normal, log_ratio};
pub use model::{Architecture, Forward, Likelihood, Posterior, Vae, reparameterize};
pub use objective::{
    Bound, Gradient, KlTerm, Objective, ObjectiveError, iwae_bound, normalized_weights,
};
pub use train::{Totals, Trainer, average_terms, shards_of};

/// What a random stream is for; the first coordinate of its position, so that no two purposes
/// share their numbers.
pub mod purpose {
    /// Initial weights.
    pub const WEIGHTS: u64 = 1;
    /// The order of the examples in an epoch.
    pub const ORDER: u64 = 2;
    /// Binarization and noise of one example in one epoch of training.
    pub const TRAIN: u64 = 3;
    /// The importance samples of one test example.
    pub const EVALUATE: u64 = 4;
    /// The fixed binarization of the test set.
    pub const TEST_SET: u64 = 5;
    /// Draws from the prior.
    pub const SAMPLE: u64 = 6;
    /// The noise of a test after an epoch.
    pub const TEST: u64 = 7;
}
