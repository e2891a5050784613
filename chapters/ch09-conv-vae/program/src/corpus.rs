//! The data of a run: a training set and a fixed binary test set.

use anyhow::{Result, bail};
use ch09_conv_vae::purpose;
use ch09_conv_vae::store::Description;
use data::{Fingerprint, Images, Source, default_root, in_words};
use prob::random::stream;
use run::say;

/// The seed of the test set's binarization; chapter 7's, so that both chapters speak of one test set.
const FIXED_SEED: u64 = 2013;

/// Images to learn from, images to be judged by.
pub(super) struct Corpus {
    /// The name or folder.
    pub(super) name: String,
    /// Grey values or colours, binarized at each visit.
    pub(super) train: Images,
    /// Binarized once and for all.
    pub(super) test: Images,
    /// The test images as they were.
    pub(super) test_grey: Images,
    /// Which images these are.
    pub(super) fingerprint: Fingerprint,
}

impl Corpus {
    /// Loads the set with this name, or from this folder.
    pub(super) fn load(name: &str) -> Result<Self> {
        let set = name.parse::<Source>()?.load(&default_root())?;
        set.remarks.iter().for_each(say);
        let fingerprint = Fingerprint::of(&set.train, &set.test);
        let (train, test) = (set.train.images, set.test.images);
        let mut rng = stream(FIXED_SEED, [purpose::TEST_SET]);
        let binary = test.binarized(&mut rng);
        let name = name.to_owned();
        Ok(Self { name, train, test: binary, test_grey: test, fingerprint })
    }

    /// Checks that the set's images are of the size that a model takes.
    pub(super) fn must_fit(&self, description: &Description) -> Result<()> {
        let (found, expected) = (self.train.shape(), description.architecture.image);
        if found != expected {
            bail!(
                "the model takes {}, but {} has {}: choose data like what it learned from with \
                 --data (it was {})",
                in_words((Some(expected), 0)),
                self.name,
                in_words((Some(found), 0)),
                description.data
            );
        }
        Ok(())
    }
}
