//! The generation score: how good generated images are, measured in four ways.
//!
//! **What it is for.** Autoencoder, VAE, GAN and mixture are compared on one ground: a [`Judge`] that has
//! learned the real digits scores a set of images, [`Judge::score`]. No single number will do:
//!
//! | figure | what it sees | what it misses |
//! |---|---|---|
//! | Fréchet distance of the features | wrong proportions, missing kinds, blur | which of these it was |
//! | class shares | kinds that are never generated | how the images look |
//! | prediction entropy | images between the kinds | a single perfect image, repeated |
//! | distance to the nearest real image | images like none that exist | it rewards blur, and copies |
//!
//! Beside every score belongs the [floor](Judge::floor): what real images get against real images, which
//! is not 0 for a finite sample. Compare sets of one size, [`SAMPLES`]: the Fréchet distance of fits to
//! samples is biased upward, and the more so the smaller they are.
//!
//! **What it refuses to know.** How the images were made, files, the terminal.
//!
//! **The decision that shaped it.** The features come from a classifier that is trained here, in
//! seconds, on the data at hand, and not from a large network trained on photographs: nothing is
//! downloaded, a seed decides every bit, and a reader can look into it. So the numbers compare models
//! within this course, and with no published Fréchet distance.

mod classifier;
mod frechet;
mod judge;

pub use classifier::{Classifier, Predictions};
pub use frechet::{GaussianFit, frechet_distance, square_root};
pub use judge::{Judge, SAMPLES, Score, ScoreError};
