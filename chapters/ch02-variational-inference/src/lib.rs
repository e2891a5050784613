//! Chapter 2: latent variables and variational inference, in the order of the text.
//!
//! A student has an ability z that nobody sees, and marks x that everybody does. How probable are the
//! marks, and what do they say of the ability? Here every answer has a closed form, so that each way to do
//! without one can be judged exactly. Nats; `sigma` is a standard deviation, `log_var` is log σ².
//!
//! | step of the text | equations | where |
//! |---|---|---|
//! | the model, its evidence and its posterior | (2.1)–(2.5) | [`LinearGaussian`] |
//! | whose density log p(x) is | (2.6) | [`expected_log_evidence`] |
//! | two ways to integrate, and their cost | (2.7)–(2.11) | [`integration`] |
//! | optimise instead | (2.12)–(2.16) | [`elbo`], [`elbo_gradient`], [`ascend`], [`best_diagonal`], [`diagonal_gap`] |
//! | which divergence, where the posterior has two modes | (2.17)–(2.21) | [`Nerves`] |
//! | the classical density: a mixture | (2.22)–(2.26) | [`mixture`], [`Whitening`], [`digits`] |
//! | what is claimed, and proof that the checks can fail | all | package `claims-ch02`, in `claims/` |

pub mod digits;
pub mod integration;
pub mod mixture;
mod model;
mod nerves;
mod optimise;
mod principal;
mod true_density;

pub use model::LinearGaussian;
pub use nerves::Nerves;
pub use optimise::{
    AscentError, ElboGradient, ascend, best_diagonal, diagonal_gap, elbo, elbo_gradient,
    kl_to_posterior,
};
pub use principal::Whitening;
pub use true_density::{expected_log_density, expected_log_evidence};
