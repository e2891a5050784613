//! The score itself.

use data::{Dataset, shuffled};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use prob::categorical::entropy;
use prob::random::stream;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::classifier::{Classifier, entropies};
use crate::frechet::{GaussianFit, frechet_distance};

/// How many images a score is made of.
pub const SAMPLES: usize = 2000;

/// How many real images are searched for the nearest one.
const NEIGHBOURS: usize = 10_000;

/// The random stream that chooses real images.
const CHOICE: u64 = 3;

/// What can go wrong with a score.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// The data has no labels to learn.
    #[error("the data set {name} has no labels: the score needs a classifier, so give labels too")]
    NoLabels {
        /// The data set.
        name: String,
    },
    /// Too few images.
    #[error("{what} has {found} images, but a score needs {expected}: draw more")]
    TooFew {
        /// Which set.
        what: &'static str,
        /// At least so many.
        expected: usize,
        /// So many came.
        found: usize,
    },
    /// Images of another size.
    #[error(
        "the images have {found} pixels, those of the judge {expected}: use one data set for both"
    )]
    Size {
        /// Pixels of the real images.
        expected: usize,
        /// Pixels that came.
        found: usize,
    },
    /// A pixel that is no number in [0, 1].
    #[error(
        "image {image} has a pixel of {value}, expected a number from 0 to 1: clamp the images"
    )]
    Value {
        /// The image, from 0.
        image: usize,
        /// The pixel.
        value: f32,
    },
    /// The covariances could not be compared.
    #[error(transparent)]
    Covariance(#[from] prob::Error),
}

/// How good a set of images is.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Squared Fréchet distance between Gaussian fits of the features, to those of real test images.
    /// Smaller is better, down to the floor.
    pub frechet: f64,
    /// The share of each predicted class.
    pub class_shares: Vec<f64>,
    /// How even the classes are: the entropy of their shares in nats, at most log(classes).
    pub class_entropy: f64,
    /// How sure the classifier is of an image, on average: the entropy of its prediction, in nats.
    pub prediction_entropy: f64,
    /// Mean Euclidean distance of an image to the nearest of 10 000 real training images.
    pub nearest_distance: f64,
}

/// A classifier with the real images that generated ones are held against.
#[derive(Clone, Debug)]
pub struct Judge {
    classifier: Classifier,
    accuracy: f64,
    /// Two disjoint sets of real test images: one to compare with, one to set the floor.
    reference: GaussianFit,
    other: Array2<f32>,
    /// Real training images, real × pixels.
    neighbours: Array2<f32>,
}

impl Judge {
    /// Trains the classifier on a data set and sets its real images apart, some seconds for MNIST.
    /// The same seed gives the same bits on any number of threads.
    ///
    /// # Errors
    /// If the set has no labels, or fewer than 4 test images.
    pub fn train(data: &Dataset, seed: u64) -> Result<Self, ScoreError> {
        let no_labels = || ScoreError::NoLabels { name: data.name.clone() };
        let classifier = Classifier::train(&data.train, seed).ok_or_else(no_labels)?;
        let accuracy = classifier.accuracy(&data.test).ok_or_else(no_labels)?;
        let found = data.test.images.len();
        if found < 4 {
            return Err(ScoreError::TooFew { what: "the test set", expected: 4, found });
        }
        let order = shuffled(found, &mut stream(seed, [CHOICE, 0]));
        let half = SAMPLES.min(found / 2);
        let reference = data.test.images.intensities(&order[..half]);
        let other = data.test.images.intensities(&order[half..2 * half]);
        let mut near = shuffled(data.train.images.len(), &mut stream(seed, [CHOICE, 1]));
        near.truncate(NEIGHBOURS);
        Ok(Self {
            accuracy,
            reference: GaussianFit::new(classifier.predict(&reference).features.view())?,
            other,
            neighbours: data.train.images.intensities(&near),
            classifier,
        })
    }

    /// The share of the test set that the classifier gets right.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.accuracy
    }

    /// The classifier.
    #[must_use]
    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// The real test images that the floor is made of, images × pixels.
    #[must_use]
    pub fn real(&self) -> &Array2<f32> {
        &self.other
    }

    /// The Gaussian fit to the features of real test images that others are compared with.
    #[must_use]
    pub fn reference(&self) -> &GaussianFit {
        &self.reference
    }

    /// How many images a score should be made of, so that it can be compared with the floor: [`SAMPLES`],
    /// or half the test set where that is smaller.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.other.nrows()
    }

    /// What real images get: other test images, as many as [`Judge::samples`].
    ///
    /// # Errors
    /// If the covariances cannot be compared.
    pub fn floor(&self) -> Result<Score, ScoreError> {
        self.score(&self.other)
    }

    /// Scores images (n × pixels, values in [0, 1]).
    ///
    /// # Errors
    /// If they are fewer than two, of another size, or have values that are no intensities.
    pub fn score(&self, images: &Array2<f32>) -> Result<Score, ScoreError> {
        let (found, pixels) = images.dim();
        let expected = self.classifier.pixels();
        if pixels != expected {
            return Err(ScoreError::Size { expected, found: pixels });
        }
        if found < 2 {
            return Err(ScoreError::TooFew { what: "the set of images", expected: 2, found });
        }
        if let Some(((image, _), &value)) =
            images.indexed_iter().find(|(_, value)| !(0.0..=1.0).contains(*value))
        {
            return Err(ScoreError::Value { image, value });
        }
        let predictions = self.classifier.predict(images);
        let mut counts = vec![0_u32; self.classifier.classes()];
        predictions.classes().into_iter().for_each(|class| counts[class] += 1);
        let class_shares: Vec<f64> =
            counts.iter().map(|&count| f64::from(count) / found as f64).collect();
        Ok(Score {
            frechet: frechet_distance(
                &GaussianFit::new(predictions.features.view())?,
                &self.reference,
            )?,
            class_entropy: entropy(class_shares.iter().copied()),
            class_shares,
            prediction_entropy: entropies(&predictions.probabilities).sum() / found as f64,
            nearest_distance: nearest(images, &self.neighbours).sum() / found as f64,
        })
    }
}

/// The distance of each image to the nearest of some others: ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b, so that the
/// work is a matrix product.
fn nearest(images: &Array2<f32>, others: &Array2<f32>) -> Array1<f64> {
    let squares = |rows: ArrayView2<'_, f32>| rows.map_axis(Axis(1), |row| row.dot(&row));
    let other_squares = squares(others.view());
    let chunks: Vec<_> = images.axis_chunks_iter(Axis(0), 64).collect();
    let parts: Vec<Vec<f64>> = chunks
        .par_iter()
        .map(|chunk| {
            let products = chunk.dot(&others.t());
            let own = squares(chunk.view());
            products
                .rows()
                .into_iter()
                .zip(&own)
                .map(|(row, own)| {
                    let squared = row.iter().zip(&other_squares).map(|(p, o)| own + o - 2.0 * p);
                    f64::from(squared.fold(f32::INFINITY, f32::min).max(0.0)).sqrt()
                })
                .collect()
        })
        .collect();
    parts.into_iter().flatten().collect()
}
