//! Densities, divergences, quadrature, Monte-Carlo estimates and statistical tests.

pub mod bernoulli;
mod density;
mod error;
pub mod estimate;
pub mod gaussian;
pub mod kl;
pub mod log_space;
pub mod random;
pub mod special;

pub use bernoulli::Bernoulli;
pub use density::Density;
pub use error::{Error, Result};
pub use estimate::{Estimate, compensated_sum};
pub use gaussian::{DiagonalGaussian, Gaussian};
pub use log_space::{log_mean_exp, log_sum_exp};
