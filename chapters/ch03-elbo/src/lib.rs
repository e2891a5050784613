//! Chapter 3: the evidence lower bound, in the order of the text.
//!
//! Throughout, p(z) = N(0, I) is the prior, p(x|z) a Gaussian decoder with standard deviation `sigma`, and
//! q(z) a Gaussian of our choice, for one given x. Nats; `log_var` is log σ² of q.
//!
//! | step of the text | equations | where |
//! |---|---|---|
//! | the model and the integral | (3.1)–(3.2) | [`Model`], [`Model::log_evidence`] |
//! | the bound as an identity | (3.3)–(3.5) | [`Model::elbo`], [`Model::kl_to_posterior`] |
//! | the bound by Jensen's inequality | (3.6)–(3.7) | [`jensen`] |
//! | its two terms | (3.8)–(3.10) | [`Model::elbo_split`], [`printed_closing_line`] |
//! | everything in closed form | (3.11)–(3.14) | [`LinearGaussian`] |
//! | what may be maximised | (3.15)–(3.18) | [`amortized`] |
//! | more than one sample | (3.19)–(3.23) | [`importance`] |
//! | the bound of a whole data set | (3.24)–(3.25) | [`surgery`] |
//! | what the book's interactive figure shows | (3.2), (3.4), (3.5) | [`interactive()`](interactive::interactive) |
//! | what is claimed, and proof that the checks can fail | all | package `claims-ch03`, in `claims/` |

pub mod amortized;
pub mod importance;
pub mod interactive;
pub mod jensen;
mod linear_gaussian;
mod model;
pub mod surgery;

pub use linear_gaussian::{Gradient, LinearGaussian};
pub use model::{Decoder, Model, printed_closing_line};
