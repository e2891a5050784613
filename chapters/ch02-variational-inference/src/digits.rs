//! Mixtures on real images: how much they gain over one Gaussian, in few dimensions and in all.

use std::path::Path;

use data::{DataError, Images, Source};
use ndarray::Array2;
use prob::random::stream;
use rand::Rng;
use thiserror::Error;

use crate::Whitening;
use crate::mixture::{Settings, fit, mean_log_density};

/// The optical digits as continuous data, each split N×64.
#[derive(Clone, Debug)]
pub struct Digits {
    /// For fitting.
    pub train: Array2<f64>,
    /// Held out.
    pub test: Array2<f64>,
}

/// What can go wrong with them.
#[derive(Debug, Error)]
pub enum DigitsError {
    /// The files.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The densities.
    #[error(transparent)]
    Density(#[from] prob::Error),
}

impl Digits {
    /// Reads them and adds to every pixel, a whole number from 0 to 16, a uniform number from [0, 1).
    ///
    /// Without it a pixel that is always 0 has no variance, and a density of it no bound: the log-density
    /// of rounded data can be made as large as one likes. With it the mean log-density is at most the log-probability
    /// of the whole numbers (Theis, van den Oord & Bethge 2016, section 3.1).
    ///
    /// # Errors
    /// If the files below `root` are missing or damaged.
    pub fn load(root: &Path, seed: u64) -> Result<Self, DataError> {
        let set = Source::Optdigits.load(root)?;
        let spread = |images: &Images, part: u64| {
            let mut rng = stream(seed, [part]);
            images.pixels().mapv(|pixel| f64::from(pixel) + rng.random::<f64>())
        };
        Ok(Self { train: spread(&set.train.images, 0), test: spread(&set.test.images, 1) })
    }
}

/// Mean log-densities of one mixture in so many whitened principal components, nats *per dimension*.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct PerDimension {
    /// D
    pub dimensions: usize,
    /// On the images that it was fitted to.
    pub train: f64,
    /// On held-out images.
    pub test: f64,
    /// One Gaussian, on the held-out images.
    pub one_gaussian: f64,
}

/// Fits a mixture and a single Gaussian in the first `dimensions` whitened principal components.
///
/// # Errors
/// Those of [`fit`].
pub fn per_dimension(
    digits: &Digits,
    whitening: &Whitening,
    dimensions: usize,
    settings: &Settings,
    seed: u64,
) -> prob::Result<PerDimension> {
    let train = whitening.coordinates(digits.train.view(), dimensions);
    let test = whitening.coordinates(digits.test.view(), dimensions);
    let scale = 1.0 / train.ncols() as f64;
    let mut rng = stream(seed, [2, dimensions as u64]);
    let mixture = fit(train.view(), settings, &mut rng)?.mixture;
    let one = fit(train.view(), &Settings { components: 1, ..*settings }, &mut rng)?.mixture;
    Ok(PerDimension {
        dimensions: train.ncols(),
        train: scale * mean_log_density(train.view(), &mixture)?,
        test: scale * mean_log_density(test.view(), &mixture)?,
        one_gaussian: scale * mean_log_density(test.view(), &one)?,
    })
}
