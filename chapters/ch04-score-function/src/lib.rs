//! Chapter 4: the score-function estimator of a gradient, in the order of the text.
//!
//! Throughout, q = N(μ, σ²) is the distribution that is differentiated through, f the function whose
//! expectation is wanted, S = ∂ log q(z) the score. `sigma` is a standard deviation, `log_var` is log σ².
//!
//! | step of the text | equations | where |
//! |---|---|---|
//! | the score, its mean of zero, and when it is not | (4.1)–(4.4) | [`Parameter`], [`score`], [`moving_support_gradient`] |
//! | the gradient of the ELBO | (4.5) | [`LinearGaussian`] |
//! | estimators | (4.6)–(4.9) | [`score_function_gradient`], [`baseline_gradient`], [`leave_one_out_gradient`], [`pathwise_gradient`] |
//! | how much they vary, exactly | (4.10)–(4.14) | [`SumOfSquares`] |
//! | where the size comes from | (4.15)–(4.18) | [`origin`] |
//! | how many samples | (4.19) | [`samples_for`] |
//! | discrete latent variables | (4.20)–(4.22) | [`discrete`] |
//! | what the book's interactive figure shows | (4.6), (4.9), (4.10), (4.13) | [`interactive()`](interactive::interactive) |
//! | what is claimed, and proof that the checks can fail | all | package `claims-ch04`, in `claims/` |

pub mod discrete;
mod elbo;
mod estimators;
pub mod interactive;
pub mod origin;
mod samples;
mod score;
mod sum_of_squares;

pub use elbo::LinearGaussian;
pub use estimators::{
    baseline_gradient, in_sample_factor, in_sample_gradient, leave_one_out_baselines,
    leave_one_out_gradient, pathwise_gradient, score_function_gradient,
};
pub use samples::samples_for;
pub use score::{Parameter, expected_uniform_score, moving_support_gradient, score};
pub use sum_of_squares::SumOfSquares;
