//! Layers, losses and optimisers with their backward passes written out, and checkpoints.
//!
//! **What it is for.** Every network of the course is made of the few pieces in this crate. Each
//! piece shows its forward pass and, directly under it, the backward pass that the chapter derives:
//! no framework hides the chain rule.
//!
//! **What it refuses to know.** No model, no data set, no chapter, no terminal. A random generator
//! comes in as an argument; the only input and output are [`checkpoint`] and, on top of it, [`store`].
//!
//! **The decision that shaped it.** Everything is generic over [`Scalar`]. The same lines train in
//! `f32`, are compared with reference programs in `f64`, and run on dual numbers
//! (`autodiff::F1`, with the feature `autodiff`), which differentiate the forward pass without knowing
//! the backward one. That makes them an independent witness that the backward passes are right.
//!
//! A batch is an `Array2` of shape *images × features*. A *delta* (δ) is the derivative of the loss
//! with respect to a layer's output, of the same shape as that output.
//!
//! # Example
//! One gradient step on a linear map, from scratch:
//! ```
//! use ndarray::array;
//! use nn::{Linear, Sgd};
//!
//! let mut layer = Linear { weight: array![[1.0, 2.0]], bias: array![0.5] };
//! let x = array![[3.0, -1.0]];
//! let y = layer.forward(&x);
//! assert_eq!(y, array![[1.5]]);
//!
//! let delta = &y - &array![[1.0]]; // derivative of ½(y − 1)² with respect to y
//! let gradient = Linear::gradient(&x, &delta);
//! Sgd { learning_rate: 0.1 }.update(layer.weight.as_slice_mut().unwrap(),
//!                                   gradient.weight.as_slice().unwrap());
//! assert_eq!(layer.weight, array![[1.0 - 0.1 * 1.5, 2.0 + 0.1 * 0.5]]);
//! ```

mod activation;
pub mod checkpoint;
mod elementwise;
pub mod likelihood;
mod linear;
mod mlp;
mod optimizer;
mod parameters;
mod scalar;
pub mod store;

pub use activation::{Activation, UnknownActivation};
pub use linear::{LayerTape, Linear};
pub use mlp::{Mlp, Trace};
pub use optimizer::{
    Adam, AdamStep, SHARD, Sgd, cosine, shards_of, update_layers, update_parameters,
};
pub use parameters::Parameters;
pub use scalar::Scalar;
