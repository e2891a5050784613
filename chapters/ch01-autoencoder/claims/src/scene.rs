//! A judge of the optical digits, and sets of images of which it is known what is wrong with them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use claims::{CheckError, Runs};
use data::{Dataset, default_root, optical_digits, shuffled};
use ndarray::{Array1, Array2, Axis, stack};
use prob::random::stream;
use rand::Rng as _;
use rand_distr::StandardNormal;
use score::{Judge, Score};

/// Judges that are trained, and shown images; each with others.
pub(super) const JUDGES: u64 = 8;

/// How many of the 1 797 digits the classifier learns, and how many it is tested on. The others are real
/// images that nothing has seen.
const TRAIN: usize = 1077;
const TEST: usize = 360;

/// Images of which it is known what is wrong with them.
pub(super) struct Shown {
    pub(super) images: Array2<f32>,
    pub(super) score: Score,
}

/// One judge, and what it is shown: 180 images each, made of real ones that it has not seen.
pub(super) struct Scene {
    pub(super) judge: Judge,
    pub(super) digits: Dataset,
    /// What the judge has learned from, images × 64.
    pub(super) train: Array2<f32>,
    /// Nothing is wrong: the floor.
    pub(super) real: Shown,
    /// A quarter of them.
    pub(super) few: Shown,
    /// Real images of the digits 0 to 4.
    pub(super) half_of_the_classes: Shown,
    /// One real image, over and over.
    pub(super) one_image: Shown,
    /// One real image of each class, over and over.
    pub(super) one_image_a_class: Shown,
    /// For each real image the mean of all training images of its class: what a model draws that knows what
    /// to draw, and regresses to the mean.
    pub(super) class_means: Shown,
    /// Two real images, one shining through the other.
    pub(super) ghosts: Shown,
    /// Real images under noise of standard deviation 0.2, cut off at 0 and 1.
    pub(super) noisy: Shown,
    /// Images that the classifier has learned.
    pub(super) copies: Shown,
}

impl Scene {
    fn new(seed: u64) -> Result<Self, CheckError> {
        let all = optical_digits(&default_root())?;
        let order = shuffled(all.images.len(), &mut stream(seed, [1]));
        let (train, others) = order.split_at(TRAIN);
        let (test, fresh) = others.split_at(TEST);
        let digits = Dataset::new("optical digits", all.select(train)?, all.select(test)?)?;
        let judge = Judge::train(&digits, seed)?;
        let labels = all.labels.as_deref().ok_or("the optical digits have labels")?;

        let n = judge.samples();
        let show = |images: Array2<f32>| -> Result<Shown, CheckError> {
            Ok(Shown { score: judge.score(&images)?, images })
        };
        let repeated = |indices: Vec<usize>| {
            all.images.intensities::<f32>(&indices.into_iter().cycle().take(n).collect::<Vec<_>>())
        };
        let of_class = |class: u8, among: &[usize]| -> Vec<usize> {
            among.iter().copied().filter(|&i| labels[i] == class).collect()
        };
        let means: Vec<Array1<f32>> = (0..10)
            .filter_map(|class| {
                all.images.intensities::<f32>(&of_class(class, train)).mean_axis(Axis(0))
            })
            .collect();
        let mean_of = |&i: &usize| means[usize::from(labels[i])].view();
        let [real, behind] = [&fresh[..n], &fresh[n..2 * n]].map(|i| all.images.intensities(i));
        let mut rng = stream(seed, [2]);
        let noise = |pixel: &f32| pixel + 0.2 * rng.sample::<f32, _>(StandardNormal);
        Ok(Self {
            train: all.images.intensities(train),
            few: show(all.images.intensities(&fresh[..n / 4]))?,
            half_of_the_classes: show(repeated(
                fresh.iter().copied().filter(|&i| labels[i] < 5).collect(),
            ))?,
            one_image: show(repeated(vec![fresh[0]]))?,
            one_image_a_class: show(repeated(
                (0..10).filter_map(|class| of_class(class, fresh).first().copied()).collect(),
            ))?,
            class_means: show(stack(
                Axis(0),
                &fresh[..n].iter().map(mean_of).collect::<Vec<_>>(),
            )?)?,
            ghosts: show(0.5 * &real + 0.5 * &behind)?,
            noisy: show(
                Array2::from_shape_vec(real.dim(), real.iter().map(noise).collect())?
                    .mapv_into(|pixel| pixel.clamp(0.0, 1.0)),
            )?,
            copies: show(all.images.intensities(&train[..n]))?,
            real: show(real)?,
            digits,
            judge,
        })
    }

    /// Images of a score.
    pub(super) fn samples(&self) -> usize {
        self.judge.samples()
    }
}

/// The scenes of [`JUDGES`] seeds, each judge trained once for all checks.
pub(super) fn scenes(runs: &Runs<'_>) -> Result<Vec<Arc<Scene>>, CheckError> {
    static KNOWN: Mutex<Option<HashMap<u64, Arc<Scene>>>> = Mutex::new(None);
    let of_seed = |k: u64| {
        let seed = runs.seed().wrapping_mul(JUDGES).wrapping_add(k);
        let known = || KNOWN.lock().map_err(|_| "another check of the score has failed");
        if let Some(scene) = known()?.get_or_insert_default().get(&seed) {
            return Ok(Arc::clone(scene));
        }
        let scene = Arc::new(Scene::new(seed)?);
        known()?.get_or_insert_default().insert(seed, Arc::clone(&scene));
        Ok(scene)
    };
    (0..JUDGES).map(of_seed).collect()
}
