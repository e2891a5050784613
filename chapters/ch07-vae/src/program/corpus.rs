//! The data of a run: a training set and a fixed test set.

use anyhow::{Result, bail};
use ch07_vae::{Examples, Vae, purpose};
use data::{Images, Source, default_root, toy};
use prob::random::stream;

/// The name of the two-dimensional toy set.
pub(super) const GRID: &str = "grid2d";

/// The seed of all that is fixed: the binarization of the test set and the toy points.
const FIXED_SEED: u64 = 2013;

/// Examples to learn from, examples to be judged by.
pub(super) struct Corpus {
    /// The name or folder.
    pub(super) name: String,
    pub(super) train: Examples,
    /// Binarized once and for all.
    pub(super) test: Examples,
    /// Class numbers of the test images, if the set has them.
    pub(super) test_labels: Option<Vec<u8>>,
    /// Channels, height and width; `None` for points.
    pub(super) image_shape: Option<(usize, usize, usize)>,
}

impl Corpus {
    /// Loads the set with this name, or from this folder.
    pub(super) fn load(name: &str) -> Result<Self> {
        if name == GRID {
            return Ok(Self::grid());
        }
        let set = name.parse::<Source>()?.load(&default_root())?;
        let mut rng = stream(FIXED_SEED, [purpose::TEST_SET]);
        Ok(Self {
            name: name.to_owned(),
            image_shape: Some(set.train.images.shape()),
            train: Examples::Images(set.train.images),
            test: Examples::Images(Images::binarized(&set.test.images, &mut rng)),
            test_labels: set.test.labels,
        })
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
        }
    }

    /// Checks that the set's images are of the size that a model takes.
    pub(super) fn must_fit(&self, model: &Vae<f32>) -> Result<()> {
        let (found, expected) = (self.train.pixels(), model.layers()[0].inputs());
        if found != expected {
            bail!(
                "the model takes examples of {expected} numbers, those of {} have {found}: \
                 choose the data that it learned from with --data",
                self.name
            );
        }
        Ok(())
    }
}
