//! Chapter 7's VAE beside the models of the chapters before it.
//!
//! | what is compared | where |
//! |---|---|
//! | an autoencoder (chapter 1) with noise on its code (7.28), (7.29) | [`NoisyAutoencoder`] |
//! | a mixture of Gaussians (chapter 2) beside a VAE (7.34) to (7.36) | [`against_mixture`] |
//! | straight lines between codes, an autoencoder's and a VAE's (7.30) | `cargo run -p ch07-comparisons`, in `program/` |
//!
//! **The decision that shaped it.** Only this package of the chapter knows chapters 1 and 2 and the score of generated images;
//! the chapter's own library and program do without.

pub mod against_mixture;
mod noisy_code;

pub use noisy_code::{CodeScale, NoisyAutoencoder};
