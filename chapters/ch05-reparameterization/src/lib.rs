//! Chapter 5: gradients of expectations by writing the draw as a function of noise, in the order of the text.
//!
//! Throughout, z ~ q(z) is made from noise ε that knows no parameter, and φ = (mean, log σ²) are the parameters
//! of a Gaussian q. Nats; `sigma` is a standard deviation, `log_var` is log σ². A gradient is always
//! `[∂/∂mean, ∂/∂log σ²]`.
//!
//! | step of the text | equations | where |
//! |---|---|---|
//! | draws as functions of noise, their densities and slopes | (5.1)–(5.4) | [`Path`] |
//! | one gradient, two estimators | (5.5)–(5.7) | [`pathwise_gradient`], [`score_function_gradient`] |
//! | the bound's gradient from one draw | (5.8)–(5.12) | [`Draw`], [`total_derivative`], [`path_derivative`], [`closed_kl_derivative`], [`score_function_derivative`], [`leave_one_out_derivative`] |
//! | a model in which everything is known | (5.13)–(5.15) | [`LinearGaussian`], [`Quadratic`] |
//! | where the pathwise estimator loses | (5.16)–(5.18) | [`Sine`] |
//! | where it fails, and what a relaxation costs | (5.19)–(5.23) | [`discrete`] |
//! | what is claimed, and proof that the checks can fail | all | package `claims-ch05`, in `claims/` |

pub mod discrete;
mod draw;
mod gradients;
mod linear_gaussian;
mod path;
mod sine;

pub use draw::{
    Draw, closed_kl_derivative, detached_derivative, leave_one_out_derivative, path_derivative,
    score_function_derivative, total_derivative,
};
pub use gradients::{pathwise_gradient, score, score_function_gradient};
pub use linear_gaussian::{LinearGaussian, Quadratic};
pub use path::{Path, exponential};
pub use sine::Sine;
