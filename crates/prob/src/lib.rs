//! Probability for the course: densities, divergences, quadrature, Monte-Carlo estimates, and statistical
//! tests that know their own error rates.
//!
//! # What it is for
//! Every mathematical claim of the course is checked against something independent: a closed form against
//! an integral, an estimator against its exact mean, a sampler against its distribution function. This
//! crate has both sides of such comparisons, and the rule for deciding them.
//!
//! - [`gaussian`], [`multivariate`], [`bernoulli`], [`categorical`], [`mixture`]: log-densities, entropies,
//!   samples. Nats throughout; `log_var` is always log σ², `sigma` a standard deviation.
//! - [`kl`]: closed-form Kullback-Leibler divergences that keep their digits also where the two
//!   distributions nearly agree.
//! - [`quadrature`]: integrals with an error estimate.
//! - [`estimate`]: means and variances of draws, with the standard errors of both.
//! - [`inference`]: tests with a stated false-alarm rate and power, planned before the first draw.
//! - [`random`]: generators by position, so that no result depends on the number of threads.
//! - [`log_space`], [`special`], [`cholesky`]: what the others stand on.
//!
//! # What it refuses to know
//! No file, no clock, no terminal, no environment variable, no global generator, no thread; no chapter and no
//! claim. Randomness comes in as an argument. Bad input comes back as an [`Error`] that says what was
//! expected, what came and what to do; nothing panics. The number formulas in [`kl`] and the free functions
//! of [`gaussian`] and [`bernoulli`] are generic over the float instead of validated, so that dual numbers
//! can pass through them as witnesses of a gradient: NaN in, NaN out.
//!
//! # The decision that shaped it
//! *An error is bounded or it is not reported as small.* A test whose level is 5 % may lean on the normal
//! approximation; one that may raise a false alarm once in 10⁸ runs may not, because there the approximation
//! is wrong by orders of magnitude, and most of all for the heavy-tailed estimators that the course is about.
//! So every error rate here follows from a finite-sample inequality that is cited where it is used, the
//! number of draws is computed from the rates and the smallest effect of interest, and the crate's own tests
//! measure both rates. The same attitude makes a quadrature that misses its tolerance an error, and a
//! divergence of 1e-20 a number with fifteen digits.

pub mod bernoulli;
pub mod categorical;
pub mod cholesky;
mod density;
pub mod eigen;
mod error;
pub mod estimate;
pub mod gaussian;
pub mod inference;
pub mod kl;
pub mod log_space;
pub mod mixture;
pub mod multivariate;
mod number;
pub mod quadrature;
pub mod random;
mod search;
pub mod special;

pub use bernoulli::Bernoulli;
pub use categorical::Categorical;
pub use density::Density;
pub use error::{Error, Result};
pub use estimate::{Estimate, compensated_sum};
pub use gaussian::{DiagonalGaussian, Gaussian};
pub use log_space::{log_mean_exp, log_sum_exp};
pub use mixture::Mixture;
pub use multivariate::FullGaussian;
pub use number::{millionths, number};
pub use quadrature::{GaussHermite, Integral, Quadrature};
