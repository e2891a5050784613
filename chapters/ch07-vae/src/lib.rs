//! Chapter 7: the variational autoencoder (Kingma & Welling 2014), in the order of the text.
//!
//! | step of the text | where |
//! |---|---|
//! | encoder q(z\|x) (7.1), reparameterized sample (7.2), decoder p(x\|z) (7.3) | [`Vae`] ([`Vae::encode`], [`reparameterize`], [`Vae::decode`]) |
//! | the two terms of the loss (7.4), (7.5) | [`Vae::terms`], [`kl_to_standard_normal`] |
//! | the gradient by hand (7.6) | [`Vae::backward`] |
//! | the training step | [`Trainer::step`] |
//! | importance-weighted estimate of log p(x) (7.7) | [`Samples`], [`evaluate()`] |
//! | the linear VAE, of which everything is known (7.13) to (7.21) | [`linear`], by [`lbfgs`] |
//! | the aggregate posterior and the mutual information (7.22) to (7.25) | [`aggregate`] |
//! | D1's toy set (7.37) to (7.39), its loss and its shapes (7.40), (7.41) | [`toy`], [`d1`] |
//! | the same bound from balanced blocks of weights (7.8) | [`balanced_bound`] |
//! | the noise without a KL (7.26), the outputs' variance (7.27) | [`noise_to_signal`], [`Spread`] |
//! | lines between codes (7.30) | [`between`] |
//! | a linear probe (7.31), code lengths (7.32), (7.33) | [`RidgeClassifier`], [`bits_per_dimension`] |
//! | an autoencoder with noise on its code (7.28), (7.29); a mixture of Gaussians beside a VAE (7.34) to (7.36) | package `ch07-comparisons`, in `comparisons/` |
//! | what the book's interactive figure shows | [`interactive()`](interactive::interactive) |
//! | what is claimed, and proof that the checks can fail | package `claims-ch07`, in `claims/` |
//!
//! Everything is in nats. An *image* is a row of numbers; the loss of a batch is the mean over its
//! images of −ELBO, with sums over pixels and latent coordinates.

pub mod aggregate;
mod balanced;
mod code_length;
mod collapse;
pub mod d1;
mod diversity;
mod evaluate;
mod examples;
mod gradient;
pub mod interactive;
pub mod lbfgs;
pub mod linear;
mod loss;
mod model;
mod objective;
mod probe;
mod report;
pub mod store;
pub mod toy;
mod train;
mod walks;

pub use balanced::balanced_bound;
pub use code_length::{IndependentPixels, bits_per_dimension};
pub use collapse::noise_to_signal;
pub use diversity::{Spread, outputs_over_noise};
pub use evaluate::{Average, EncoderDecoder, Evaluation, Samples, Tally, evaluate};
pub use examples::{Batch, Examples};
pub use gradient::Deltas;
pub use loss::{Terms, kl_backward, kl_to_standard_normal, log_ratio};
pub use model::{
    Architecture, Forward, Likelihood, Posterior, Vae, reparameterize, reparameterize_backward,
};
pub use objective::{
    Bound, Gradient, KlTerm, Objective, ObjectiveError, iwae_bound, normalized_weights,
};
pub use probe::{RidgeClassifier, Standardisation};
pub use report::Report;
pub use train::{Totals, Trainer, average_terms};
pub use walks::{between, walk, walks};

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
    /// The points of the toy set.
    pub const TOY_SET: u64 = 8;
}
