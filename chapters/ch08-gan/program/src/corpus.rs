//! The data of a run, and what generated examples are held against.

use anyhow::{Result, bail};
use ch08_gan::store::Description;
use ch08_gan::{Examples, purpose};
use data::toy::Ring;
use data::{DataError, Dataset, Fingerprint, Source, default_root, in_words};
use ndarray::{Array2, Axis, s};
use prob::random::stream;
use rand_distr::{Distribution, Normal};
use run::say;
use score::{Judge, Score, ScoreError};

/// The names of the sets that are made and not loaded.
pub(super) const LINE: &str = "gaussian1d";
pub(super) const RING: &str = "ring";

/// The mean and σ of the points on the line: away from where generators begin, and narrower.
pub(super) const LINE_MEAN: f64 = 2.0;
pub(super) const LINE_SIGMA: f64 = 0.5;

/// The seed of all that is fixed: the points of the toy sets, and the judge of images.
const FIXED_SEED: u64 = 2013;

/// Points of a toy set. More would not change the picture: a mode gets 6 250 of them.
const POINTS: usize = 50_000;

/// Pairs of examples that a spread is measured on.
const PAIRS: usize = 1000;

/// Examples to learn from.
pub(super) struct Corpus {
    /// The name or folder.
    pub(super) name: String,
    pub(super) train: Examples,
    pub(super) kind: Kind,
    /// The mean distance between two examples.
    pub(super) spread: f64,
    /// Which images these are; `None` for points, which the program makes itself.
    pub(super) fingerprint: Option<Fingerprint>,
}

/// What the examples are, with what judges them.
pub(super) enum Kind {
    /// Points on the line.
    Line,
    /// Points in the plane.
    Ring(Ring),
    /// Images; without labels, or with too few of them, there is no judge.
    Images {
        /// Channels, height and width.
        shape: (usize, usize, usize),
        judge: Option<Box<Scorer>>,
    },
}

/// A judge, and what it makes of real images.
pub(super) struct Scorer {
    pub(super) judge: Judge,
    pub(super) floor: Score,
}

impl Corpus {
    /// Loads the set with this name, or from this folder, and trains the judge of its images.
    pub(super) fn load(name: &str) -> Result<Self> {
        Self::load_if(name, |_| Ok(()))
    }

    /// The same, if the images are `wanted`; the judge takes its time and is not trained for others.
    pub(super) fn load_if(
        name: &str,
        wanted: impl FnOnce(&Fingerprint) -> Result<()>,
    ) -> Result<Self> {
        let mut rng = stream(FIXED_SEED, [purpose::DATA_SET]);
        let (train, kind, fingerprint) = match name {
            LINE => {
                let normal = Normal::new(LINE_MEAN, LINE_SIGMA)?;
                let point = || normal.sample(&mut rng);
                let points = Array2::from_shape_simple_fn((POINTS, 1), point);
                (Examples::Points(points), Kind::Line, None)
            }
            RING => {
                let ring = Ring::default();
                (Examples::Points(ring.sample(POINTS, &mut rng).0), Kind::Ring(ring), None)
            }
            _ => {
                let set = load_images(name)?;
                let fingerprint = Fingerprint::of(&set.train, &set.test);
                wanted(&fingerprint)?;
                let (shape, judge) = (set.train.images.shape(), judge_of(&set)?);
                let kind = Kind::Images { shape, judge };
                (Examples::Images(set.train.images), kind, Some(fingerprint))
            }
        };
        let spread = spread(&train.draw(0..2 * PAIRS, FIXED_SEED, [purpose::SAMPLE, 0, 0]));
        Ok(Self { name: name.to_owned(), train, kind, spread, fingerprint })
    }

    /// Channels, height and width; `None` for points.
    pub(super) fn image_shape(&self) -> Option<(usize, usize, usize)> {
        match self.kind {
            Kind::Images { shape, .. } => Some(shape),
            Kind::Line | Kind::Ring(_) => None,
        }
    }

    /// Checks that the set's examples are of the size that a pair of networks was made for.
    pub(super) fn must_fit(&self, description: &Description) -> Result<()> {
        let found = (self.image_shape(), self.train.width());
        let expected = (description.image_shape, description.architecture.data);
        if found != expected {
            bail!(
                "the run to go on with learned from {}, but {} now has {}: put its data back, or start \
                 anew without --resume",
                in_words(expected),
                self.name,
                in_words(found)
            );
        }
        Ok(())
    }
}

/// The images of this name or folder.
pub(super) fn load_images(name: &str) -> Result<Dataset> {
    let set = source(name)?.load(&default_root())?;
    set.remarks.iter().for_each(say);
    Ok(set)
}

/// Where the images of this name or folder come from.
pub(super) fn source(name: &str) -> Result<Source, DataError> {
    Source::named(name, &[RING, LINE])
}

/// The judge of a set's images, if it has what a judge has to learn.
fn judge_of(set: &Dataset) -> Result<Option<Box<Scorer>>> {
    say(format!("Training the judge of {}: a classifier whose features are compared …", set.name));
    match train_judge(set) {
        Ok(scorer) => Ok(Some(Box::new(scorer))),
        Err(error @ (ScoreError::NoLabels { .. } | ScoreError::TooFew { .. })) => {
            say(format!("No score in this run: {error}"));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The judge that every run on a set has in common.
pub(super) fn train_judge(set: &Dataset) -> Result<Scorer, ScoreError> {
    let judge = Judge::train(set, FIXED_SEED)?;
    Ok(Scorer { floor: judge.floor()?, judge })
}

/// The mean distance between the examples of the first half and those of the second.
pub(super) fn spread(examples: &Array2<f32>) -> f64 {
    let half = examples.nrows() / 2;
    let (first, second) = (examples.slice(s![..half, ..]), examples.slice(s![half..2 * half, ..]));
    let squares = (&first - &second).map_axis(Axis(1), |miss| f64::from(miss.dot(&miss)));
    squares.mapv(f64::sqrt).mean().unwrap_or(f64::NAN)
}
