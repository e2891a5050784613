//! The course's data: MNIST, the UCI optical digits, any folder in MNIST's file format (Fashion-MNIST
//! among them) or of PNG and JPEG pictures, and three toy sets whose law is known in closed form.
//!
//! **What it is for.** A chapter asks for a [`Source`] and a batch size and gets numbers: a
//! [`Dataset`] holds two [`Split`]s, a split holds [`Images`] and perhaps labels, and from there
//! [`shuffled`] and [`batches`] give index slices, [`Images::intensities`] gives grey values in
//! [0, 1], [`Images::binarize`] gives fresh black-and-white pixels. [`toy`] gives points in the plane
//! and exam marks.
//!
//! **What it refuses to know.** No model, no chapter, no command line; no clock, no environment
//! variable, no global random generator. Every draw comes from a generator that the caller hands in,
//! so the same seed gives the same bytes. It never downloads anything.
//!
//! **The decision that shaped it.** Pixels stay the bytes that they are in the file and become floats
//! one batch at a time. The 70 000 MNIST images then take 55 MB instead of the 220 MB of `f32`, a whole
//! training fits in 200 MB, and two questions that public code often blurs have one exact answer each:
//! *what is the datum?* (an integer between 0 and [`Images::max`]) and *which binary image was the
//! model trained on?* (a Bernoulli draw whose probability is exactly `pixel / max`, decided by comparing
//! integers, fresh at every visit or fixed once for a whole split). A binary image is then nothing
//! special: it is [`Images`] with `max` 1, whose binarization is itself.
//!
//! What comes from a file is believed only after it was looked at: a header's dimensions reserve no
//! memory until the bytes are there, a picture's sides are limited before it is decoded, the sets that ship with the course are checked against their
//! SHA-256, and everything that can be wrong is a [`DataError`] that says what was expected, what came
//! and what to do.
//!
//! ```
//! use data::{Source, batches, default_root, shuffled};
//! use rand::SeedableRng;
//! use rand_xoshiro::Xoshiro256PlusPlus;
//!
//! let digits = "optdigits".parse::<Source>()?.load(&default_root())?;
//! let images = &digits.train.images;
//! let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
//!
//! let order = shuffled(images.len(), &mut rng);
//! for batch in batches(&order, 128) {
//!     let x = images.binarize::<f32>(batch, &mut rng); // batch × 64, zeros and ones
//!     assert_eq!(x.dim(), (batch.len(), 64));
//! }
//! # Ok::<(), data::DataError>(())
//! ```

mod batches;
mod bernoulli;
mod error;
mod fingerprint;
mod idx;
mod images;
mod known;
mod listing;
mod picture;
mod pictures;
mod source;
pub mod toy;

pub use batches::{batches, shuffled};
pub use error::DataError;
pub use fingerprint::Fingerprint;
pub use idx::{read_images, read_labels};
pub use images::{Dataset, Images, Split, in_words};
pub use known::{default_root, optical_digits};
pub use picture::MOST_SIDE;
pub use source::Source;
