//! The same model on libtorch, for a GPU; only with the feature `tch`.
//!
//! Nothing of the mathematics is new here. The layers and their names come from the [`Architecture`], a model
//! moves between the two builds number by number, and files are written and read by the plain-Rust
//! [`store`](crate::store). What libtorch brings is another convolution, automatic differentiation and the GPU;
//! that all three compute what the other files write out is this module's claim.
//!
//! # What depends on the seed
//! Everything random is drawn by [`Batch::draw`](crate::Batch::draw) and its like, on the processor, from streams
//! that are named by seed, epoch and image. libtorch's generators are never asked. So the plain-Rust build, libtorch
//! on the processor and a GPU see the same pixels and the same noise, and their losses differ by roundings only.
//!
//! On the processor, with the same number of threads, the same seed gives the same bytes. On a GPU it does not
//! have to: cuDNN chooses its algorithms by itself, and some add with atomic operations, in the order in which
//! threads happen to come. `tch` offers no switch that forbids them.
//!
//! # Precision
//! [`Precision::Mixed`] computes the products in bf16 (8 bits of precision, the exponents of f32, so nothing has to be
//! scaled); parameters, heads, sample, both terms of the loss, and Adam stay in f32. On a GPU even f32 is not quite f32:
//! cuDNN rounds the factors to TF32 (11 bits) unless `NVIDIA_TF32_OVERRIDE=0` is set.
//!
//! [`Architecture`]: crate::Architecture

mod device;
mod error;
mod evaluate;
mod network;
mod prefetch;
mod train;

pub use device::{Choice, DeviceError};
pub use error::TorchError;
pub use evaluate::{average_terms, evaluate};
pub use network::{
    Network, Pass, Precision, Terms, kl_to_standard_normal, log_likelihood, reparameterize,
};
pub use train::{Trainer, upload};
