//! Chapter 1: the autoencoder, in the order of the text.
//!
//! D is the number of pixels of an image and M < D the length of its code. A batch is an array
//! *images × pixels*, and the loss is the **sum** of squared errors over pixels and images; a figure *per
//! image* is that sum divided by the number of images.
//!
//! | step of the text | equations | where |
//! |---|---|---|
//! | the two maps, the loss, its derivatives | (1.1)–(1.4) | [`Autoencoder`], [`Model`] |
//! | gradient descent | (1.5) | [`train`](train()), [`Schedule`] |
//! | the linear optimum: principal components | (1.6)–(1.9) | [`Pca`], [`linear_optimum`], [`sigma_points`] |
//! | what a small excess says of the subspace | (1.10)–(1.11) | [`subspace`] |
//! | one weight matrix for both maps | (1.12)–(1.13) | [`Tied`], [`parameter_counts`] |
//! | any points on one line, and what forbids it | (1.14)–(1.15) | [`memory`] |
//! | how many numbers an image needs | (1.16)–(1.17) | [`dimension`] |
//! | drawing codes | (1.18) | [`CodeGaussian`] |
//! | how good the draws are | (1.19) | [`score`] |
//! | what is claimed, and proof that the checks can fail | all | package `claims-ch01`, in `claims/` |

mod codes;
pub mod dimension;
pub mod memory;
mod model;
mod over_seeds;
mod pca;
pub mod subspace;
mod tied;
mod train;

pub use codes::CodeGaussian;
pub use model::{Autoencoder, Model, blocks};
pub use over_seeds::{OverSeeds, SEEDS};
pub use pca::{Pca, linear, linear_optimum, orthonormal, sigma_points};
pub use tied::{Tied, parameter_counts};
pub use train::{Schedule, train};
