//! Chapter 9: the convolutional VAE, in the order of the text.
//!
//! | step of the text | where |
//! |---|---|
//! | the size of what a window makes (9.1), its patches (9.2) and their way back (9.4) | [`Window`] |
//! | convolution (9.2), (9.3) and its transpose (9.5) | [`Convolution`], [`Transposed`] |
//! | the model's shape | [`Architecture`] |
//! | encoder, sample, decoder | [`Vae`] |
//! | the gradient by hand | [`Vae::gradient`] |
//! | the training step and its learning rate (9.6) | [`Trainer::step`], [`cosine`] |
//! | importance-weighted estimate of log p(x) | [`evaluate()`] |
//!
//! All that has nothing to do with convolutions is chapter 7's: the sample, the KL, the examples, the
//! weights of the importance samples. Everything is in nats.

mod architecture;
mod convolution;
mod evaluate;
mod gradient;
mod model;
pub mod store;
#[cfg(feature = "tch")]
pub mod torch;
mod train;
mod window;

pub use architecture::{Architecture, ArchitectureError, Layer, MOST_PARAMETERS, MOST_SIDE};
pub use ch07_vae::{Batch, purpose};
pub use convolution::{Convolution, Transposed};
pub use evaluate::evaluate;
pub use model::{Forward, Terms, Vae};
pub use nn::cosine;
pub use train::{Trainer, average_terms};
pub use window::{Stage, Window};
