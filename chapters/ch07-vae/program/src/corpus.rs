//! The data of a run: a training set and a fixed test set.

use anyhow::{Result, bail};
use ch07_vae::store::Description;
use ch07_vae::{Examples, Likelihood, purpose};
use data::{Fingerprint, Images, Source, default_root, in_words, toy};
use prob::random::stream;
use run::say;

/// The name of the two-dimensional toy set.
pub(super) const GRID: &str = "grid2d";

/// The seed of all that is fixed: the binarization of the test set and the toy points.
const FIXED_SEED: u64 = 2013;

/// Examples to learn from, examples to be judged by.
pub(super) struct Corpus {
    /// The name or folder.
    pub(super) name: String,
    pub(super) train: Examples,
    /// Binary images are binarized once and for all.
    pub(super) test: Examples,
    /// Class numbers of the test images, if the set has them.
    pub(super) test_labels: Option<Vec<u8>>,
    /// Channels, height and width; `None` for points.
    pub(super) image_shape: Option<(usize, usize, usize)>,
    /// Which images these are; `None` for points, which the program makes itself.
    pub(super) fingerprint: Option<Fingerprint>,
}

impl Corpus {
    /// Loads the set with this name, or from this folder, as data for this likelihood.
    pub(super) fn load(name: &str, likelihood: Likelihood) -> Result<Self> {
        if name == GRID {
            return Ok(Self::grid());
        }
        let set = Source::named(name, &[GRID])?.load(&default_root())?;
        set.remarks.iter().for_each(say);
        let image_shape = Some(set.train.images.shape());
        let fingerprint = Some(Fingerprint::of(&set.train, &set.test));
        let (train, test) = match likelihood {
            Likelihood::Bernoulli => {
                let mut rng = stream(FIXED_SEED, [purpose::TEST_SET]);
                let test = Images::binarized(&set.test.images, &mut rng);
                (Examples::Images(set.train.images), Examples::Images(test))
            }
            Likelihood::ContinuousBernoulli | Likelihood::Gaussian { .. } => {
                (Examples::Grey(set.train.images), Examples::Grey(set.test.images))
            }
        };
        let (name, test_labels) = (name.to_owned(), set.test.labels);
        Ok(Self { name, train, test, test_labels, image_shape, fingerprint })
    }

    /// Document D1's toy set: 10 000 points to learn from, as many others to be judged by.
    fn grid() -> Self {
        let points =
            |part: u64| toy::grid(10_000, &mut stream(FIXED_SEED, [purpose::TEST_SET, part]));
        Self {
            name: GRID.to_owned(),
            train: Examples::Points(points(0)),
            test: Examples::Points(points(1)),
            test_labels: None,
            image_shape: None,
            fingerprint: None,
        }
    }

    /// Checks that the set's images are of the size that a model takes.
    pub(super) fn must_fit(&self, description: &Description) -> Result<()> {
        let found = (self.image_shape, self.train.pixels());
        let expected = (description.image_shape, description.architecture.pixels);
        if found != expected {
            bail!(
                "the model takes {}, but {} has {}: choose data like what it learned from with \
                 --data (it was {})",
                in_words(expected),
                self.name,
                in_words(found),
                description.data
            );
        }
        Ok(())
    }
}
