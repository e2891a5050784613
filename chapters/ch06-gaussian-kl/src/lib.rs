//! Chapter 6: the Kullback-Leibler divergence between Gaussians, in the order of the text.
//!
//! Throughout, p = N(μ₁, σ₁²) is the distribution that the expectation is taken under and
//! q = N(μ₂, σ₂²) the one it is compared with. Nats; `sigma` is a standard deviation, `log_var` is log σ².
//!
//! | step of the text | equations | where |
//! |---|---|---|
//! | definition, the one integral, the result | (6.1)–(6.6) | [`kl_by_definition`], [`expected_square`], [`gaussian_kl`], [`kl_to_standard`] |
//! | log-variances and the gradient by hand | (6.7)–(6.9) | [`gaussian_kl_from_log_var`], [`kl_to_standard_gradient`], [`gaussian_kl_gradient`] |
//! | many coordinates | (6.10)–(6.13) | [`diagonal_kl`], [`full_covariance_kl`], [`Whitened`] |
//! | nearly equal, and very different | (6.14)–(6.15) | [`stable_kl`], [`kl_for_training`], [`adam_step`] |
//! | estimates from samples | (6.16)–(6.20) | [`estimators`] |
//! | which divergence to minimise | (6.21)–(6.22) | [`fits`] |
//! | what the book's interactive figure shows | (6.4) | [`interactive()`](interactive::interactive) |
//! | what is claimed, and proof that the checks can fail | all | package `claims-ch06`, in `claims/` |

mod additive;
mod closed_form;
pub mod estimators;
pub mod fits;
mod gradient;
pub mod interactive;
mod stable;

pub use additive::{Whitened, diagonal_kl, full_covariance_kl};
pub use closed_form::{
    expected_square, gaussian_kl, gaussian_kl_from_log_var, kl_by_definition, kl_by_noise,
    kl_to_standard, notation_gap,
};
pub use gradient::{Gradient, gaussian_kl_gradient, kl_to_standard_gradient};
pub use stable::{KlError, Training, adam_step, kl_for_training, stable_kl};
