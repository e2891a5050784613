//! The generation score: what each of its figures sees, and what it does not.

use std::sync::Arc;

use claims::{CheckError, Claim, Runs, Setting, Subject, claim};
use ndarray::{Array1, Array2, Axis};
use score::{GaussianFit, frechet_distance};

use super::scene::{JUDGES, Scene, Shown, scenes};

/// a judge's scene, what it is shown ↦ the four figures
type Figures = fn(&Scene, &Shown) -> Result<[f64; 4], CheckError>;

const NAMES: [&str; 4] =
    ["Fréchet distance", "entropy of the classes", "entropy of a prediction", "nearest distance"];
const FRECHET: usize = 0;
const CLASSES: usize = 1;
const PREDICTION: usize = 2;
const NEAREST: usize = 3;

/// On what the scores were looked at.
const ON: Setting = Setting {
    data: "1797 optical digits of 8 × 8 pixels: 1077 to learn from, 360 to compare with, 180 to be shown, as they are or spoiled",
    settings: "the classifier's 500 steps of training",
    runs: JUDGES as u32,
};

const AFTER: &str = "Salimans et al. 2016; Heusel et al. 2017";

fn figures(_: &Scene, shown: &Shown) -> Result<[f64; 4], CheckError> {
    let score = &shown.score;
    Ok([score.frechet, score.class_entropy, score.prediction_entropy, score.nearest_distance])
}

/// The four figures with one of them in another way.
fn with(
    which: usize,
    (scene, shown): (&Scene, &Shown),
    value: impl FnOnce(f64) -> Result<f64, CheckError>,
) -> Result<[f64; 4], CheckError> {
    let mut all = figures(scene, shown)?;
    all[which] = value(all[which])?;
    Ok(all)
}

fn fit(scene: &Scene, images: &Array2<f32>) -> prob::Result<GaussianFit> {
    GaussianFit::new(scene.judge.classifier().predict(images).features.view())
}

/// The mean over images of a figure of their distances to some others, ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b.
fn distances(
    images: &Array2<f32>,
    others: &Array2<f32>,
    figure: impl Fn(&Array1<f32>) -> f32,
) -> f64 {
    let squares = |rows: &Array2<f32>| rows.map_axis(Axis(1), |row| row.dot(&row));
    let squared =
        (images.dot(&others.t()) * -2.0 + squares(others)) + squares(images).insert_axis(Axis(1));
    let all = squared.mapv_into(|square| square.max(0.0).sqrt());
    let sum: f64 = all.rows().into_iter().map(|row| f64::from(figure(&row.to_owned()))).sum();
    sum / images.nrows() as f64
}

fn least(distances: &Array1<f32>) -> f32 {
    distances.iter().copied().fold(f32::INFINITY, f32::min)
}

const MEANS_ONLY: &str = "Only the means of the features were compared: images without any variety in a \
    class have the right means; add the trace term of the covariances.";
const PIXELS: &str = "Pixels were compared in place of features: a shifted stroke is then as wrong as a \
    missing digit; take the classifier's last hidden layer.";
const SWAPPED: &str = "The two entropies were swapped: of the *shares* of the classes it should be large, \
    of a single *prediction* small.";
const BITS: &str =
    "The entropies are in bits: with natural logarithms they are in nats, at most log 10.";
const HELD_OUT: &str = "The nearest image was sought among held-out ones: copies of training images pass; \
    seek it where a model could have copied from.";
const REVERSED: &str = "For each real image the nearest generated one was sought: that is coverage. Begin \
    with the generated image.";
const OTHERS_DRAWN: &str = "The nearest of the other generated images was sought: that is variety among \
    them, and says nothing of real ones.";

fn means_only(scene: &Scene, shown: &Shown) -> Result<[f64; 4], CheckError> {
    with(FRECHET, (scene, shown), |_| {
        let shift = fit(scene, &shown.images)?.mean - &scene.judge.reference().mean;
        Ok(shift.dot(&shift))
    })
}

fn pixels(scene: &Scene, shown: &Shown) -> Result<[f64; 4], CheckError> {
    with(FRECHET, (scene, shown), |_| {
        let test = &scene.digits.test.images;
        let real: Array2<f32> = test.intensities(&(0..scene.samples()).collect::<Vec<_>>());
        Ok(frechet_distance(
            &GaussianFit::new(shown.images.view())?,
            &GaussianFit::new(real.view())?,
        )?)
    })
}

fn swapped(scene: &Scene, shown: &Shown) -> Result<[f64; 4], CheckError> {
    let mut all = figures(scene, shown)?;
    all.swap(CLASSES, PREDICTION);
    Ok(all)
}

fn bits(scene: &Scene, shown: &Shown) -> Result<[f64; 4], CheckError> {
    let mut all = figures(scene, shown)?;
    for which in [CLASSES, PREDICTION] {
        all[which] /= std::f64::consts::LN_2;
    }
    Ok(all)
}

fn held_out(scene: &Scene, shown: &Shown) -> Result<[f64; 4], CheckError> {
    let test = &scene.digits.test.images;
    let others = test.intensities(&(0..test.len()).collect::<Vec<_>>());
    with(NEAREST, (scene, shown), |_| Ok(distances(&shown.images, &others, least)))
}

fn reversed(scene: &Scene, shown: &Shown) -> Result<[f64; 4], CheckError> {
    with(NEAREST, (scene, shown), |_| Ok(distances(&scene.train, &shown.images, least)))
}

/// The second smallest: the smallest is the image's distance to itself.
fn others_drawn(scene: &Scene, shown: &Shown) -> Result<[f64; 4], CheckError> {
    let second = |distances: &Array1<f32>| {
        let mut sorted = distances.to_vec();
        sorted.sort_by(f32::total_cmp);
        sorted[1]
    };
    with(NEAREST, (scene, shown), |_| Ok(distances(&shown.images, &shown.images, second)))
}

/// With what a figure is compared, judge by judge.
#[derive(Clone, Copy)]
enum Beside {
    Nothing,
    /// Divided by the figure of real images.
    Ratio,
    /// Less the figure of real images.
    Difference,
}

/// Which figure of some images should lie where.
struct Range {
    which: usize,
    beside: Beside,
    low: f64,
    high: f64,
}

const fn times_the_floor(which: usize, low: f64, high: f64) -> Range {
    Range { which, beside: Beside::Ratio, low, high }
}

const fn over_the_floor(which: usize, low: f64, high: f64) -> Range {
    Range { which, beside: Beside::Difference, low, high }
}

const fn itself(which: usize, low: f64, high: f64) -> Range {
    Range { which, beside: Beside::Nothing, low, high }
}

type Pick = fn(&Scene) -> &Shown;

/// Figures of what the judges are shown.
fn compare(
    figures: &Subject<Figures>,
    runs: &mut Runs<'_>,
    sets: &[(&str, Pick, &[Range])],
) -> claims::Check {
    let scenes = scenes(runs)?;
    let of = |pick: Pick| -> Result<Vec<[f64; 4]>, CheckError> {
        let one = |scene: &Arc<Scene>| figures.output(|figures| figures(scene, pick(scene)));
        scenes.iter().map(one).collect()
    };
    let floor = of(|scene| &scene.real)?;
    for (name, pick, ranges) in sets {
        let all = of(*pick)?;
        for &Range { which, beside, low, high } in *ranges {
            // A Fréchet distance spreads in proportion to its size, and so its logarithm is averaged.
            let scale: fn(f64) -> f64 = if which == FRECHET { f64::ln } else { |x| x };
            let log = if which == FRECHET { "logarithm of the " } else { "" };
            let pairs =
                all.iter().zip(&floor).map(|(figures, floor)| (figures[which], floor[which]));
            let (values, unit): (Vec<f64>, _) = match beside {
                Beside::Nothing => (pairs.map(|(figure, _)| scale(figure)).collect(), ""),
                Beside::Ratio => (
                    pairs.map(|(figure, floor)| scale(figure / floor)).collect(),
                    ", in units of the floor",
                ),
                Beside::Difference => {
                    (pairs.map(|(figure, floor)| figure - floor).collect(), ", less the floor")
                }
            };
            let label = format!("{name}: {log}{}{unit}", NAMES[which]);
            runs.between(label, &values, scale(low), scale(high));
        }
    }
    Ok(())
}

pub(super) fn floor() -> Claim<Figures> {
    claim("autoencoder/score-floor")
        .says(
            "Real optical digits held against other real ones, 180 each, set the floor of the score: a Fréchet distance \
             of 4 to 13 on geometric average and not 0, classes nearly even, predictions of 0.07 to 0.16 nats, \
             the nearest training image 1.04 to 1.13 away; of 45 images the Fréchet distance is larger",
        )
        .after(AFTER)
        .measured(ON)
        .trained(|figures: &Subject<Figures>, runs| {
            compare(
                figures,
                runs,
                &[
                    (
                        "real",
                        |scene| &scene.real,
                        &[
                            itself(FRECHET, 4.0, 13.0),
                            itself(CLASSES, 2.25, 10f64.ln()),
                            itself(PREDICTION, 0.07, 0.16),
                            itself(NEAREST, 1.04, 1.13),
                        ],
                    ),
                    ("45 real", |scene| &scene.few, &[times_the_floor(FRECHET, 1.0, 6.0)]),
                ],
            )
        })
        .holds_for(figures as Figures)
        .fails_for(
            "against-itself",
            "The images were compared with themselves: that is 0 for any set. Hold two disjoint sets of real \
             images against each other.",
            |scene, shown| with(FRECHET, (scene, shown), |_| Ok(0.0)),
        )
        .fails_for("pixels", PIXELS, pixels)
        .fails_for("bits", BITS, bits)
        .fails_for(
            "sum-over-images",
            "The predictions' entropies were summed over the images: more images then look worse; take the mean.",
            |scene, shown| {
                with(PREDICTION, (scene, shown), |mean| Ok(mean * shown.images.nrows() as f64))
            },
        )
        .fails_for(
            "per-pixel",
            "The root of the *mean* squared difference was taken: the Euclidean distance sums over the pixels.",
            |scene, shown| {
                with(NEAREST, (scene, shown), |distance| {
                    Ok(distance / (shown.images.ncols() as f64).sqrt())
                })
            },
        )
}

pub(super) fn missing_classes() -> Claim<Figures> {
    claim("autoencoder/score-missing-classes")
        .says(
            "If only the digits 0 to 4 are generated, perfectly, the entropy of the classes falls by more than half a \
             nat and the Fréchet distance is 3 to 12 times the floor; the predictions' entropy rises by at most 30 %, and \
             the nearest distance falls",
        )
        .after(AFTER)
        .measured(ON)
        .trained(|figures: &Subject<Figures>, runs| {
            let ranges = [
                times_the_floor(FRECHET, 3.0, 12.0),
                over_the_floor(CLASSES, -0.75, -0.5),
                times_the_floor(PREDICTION, 0.6, 1.3),
                times_the_floor(NEAREST, 0.9, 1.0),
            ];
            compare(figures, runs, &[("digits 0 to 4", |scene| &scene.half_of_the_classes, &ranges)])
        })
        .holds_for(figures as Figures)
        .fails_for("pixels", PIXELS, pixels)
        .fails_for("swapped-entropies", SWAPPED, swapped)
        .fails_for("bits", BITS, bits)
}

pub(super) fn repetition() -> Claim<Figures> {
    claim("autoencoder/score-repetition")
        .says(
            "Of one real image, repeated, the entropy of the classes is 0; of one for each class it is within 0.3 \
             nats of that of real images, and the nearest distance within 20 % of theirs: the Fréchet distance, 2.5 to 12 \
             times the floor, sees that a class holds more than one image",
        )
        .after(AFTER)
        .measured(ON)
        .trained(|figures: &Subject<Figures>, runs| {
            let ranges = [
                times_the_floor(FRECHET, 2.5, 12.0),
                itself(FRECHET, 20.0, 80.0),
                over_the_floor(CLASSES, -0.3, 0.3),
                times_the_floor(NEAREST, 0.8, 1.2),
            ];
            compare(
                figures,
                runs,
                &[
                    ("one image", |scene| &scene.one_image, &[itself(CLASSES, -1e-12, 1e-12)]),
                    ("one image a class", |scene| &scene.one_image_a_class, &ranges),
                ],
            )
        })
        .holds_for(figures as Figures)
        .fails_for("means-only", MEANS_ONLY, means_only)
        .fails_for("swapped-entropies", SWAPPED, swapped)
        .fails_for("other-draws", OTHERS_DRAWN, others_drawn)
        .fails_for("reversed", REVERSED, reversed)
}

pub(super) fn blur() -> Claim<Figures> {
    claim("autoencoder/score-blur")
        .says(
            "If every image is the mean of its class, the entropy of the classes moves by less than 0.05, the predictions \
             have at most 20 % of the floor's entropy and the nearest distance is smaller: two of the four figures reward the \
             blur, and only the Fréchet distance rises, to 1.4 to 3.5 times the floor",
        )
        .after(AFTER)
        .measured(ON)
        .trained(|figures: &Subject<Figures>, runs| {
            let ranges = [
                times_the_floor(FRECHET, 1.4, 3.5),
                itself(FRECHET, 10.0, 26.0),
                over_the_floor(CLASSES, -0.05, 0.05),
                times_the_floor(PREDICTION, 0.0, 0.2),
                times_the_floor(NEAREST, 0.85, 1.0),
            ];
            compare(figures, runs, &[("class means", |scene| &scene.class_means, &ranges)])
        })
        .holds_for(figures as Figures)
        .fails_for("means-only", MEANS_ONLY, means_only)
        .fails_for("pixels", PIXELS, pixels)
        .fails_for("other-draws", OTHERS_DRAWN, others_drawn)
}

pub(super) fn ghosts() -> Claim<Figures> {
    claim("autoencoder/score-ghosts")
        .says(
            "Of two digits shining through each other the predictions have three to eight times the entropy of \
             those of real images, and the nearest distance and the Fréchet distance rise as well; the entropy of the \
             classes moves by less than a tenth of a nat",
        )
        .after(AFTER)
        .measured(ON)
        .trained(|figures: &Subject<Figures>, runs| {
            let ranges = [
                times_the_floor(FRECHET, 1.0, 8.0),
                over_the_floor(CLASSES, -0.1, 0.1),
                times_the_floor(PREDICTION, 3.0, 8.0),
                times_the_floor(NEAREST, 1.0, 1.5),
            ];
            compare(figures, runs, &[("ghosts", |scene| &scene.ghosts, &ranges)])
        })
        .holds_for(figures as Figures)
        .fails_for("swapped-entropies", SWAPPED, swapped)
        .fails_for(
            "of-the-mean-prediction",
            "The predictions were averaged before the entropy was taken: that is the entropy of the classes \
             again; take the entropy of each prediction, then the mean.",
            |scene, shown| {
                with(PREDICTION, (scene, shown), |_| {
                    let probabilities = scene.judge.classifier().predict(&shown.images).probabilities;
                    let mean = probabilities.mean_axis(Axis(0)).unwrap_or_default();
                    Ok(mean.iter().map(|&p| f64::from(-p * p.ln())).sum())
                })
            },
        )
        .fails_for("other-draws", OTHERS_DRAWN, others_drawn)
}

pub(super) fn noise() -> Claim<Figures> {
    claim("autoencoder/score-noise")
        .says(
            "Under noise of standard deviation 0.2 the nearest distance grows by 35 to 50 %, the entropy of a \
             prediction is 1.4 to 2.6 times the floor, and the Fréchet distance rises; the entropy of the classes moves by \
             less than 0.05",
        )
        .after(AFTER)
        .measured(ON)
        .trained(|figures: &Subject<Figures>, runs| {
            let ranges = [
                times_the_floor(FRECHET, 1.0, 4.0),
                over_the_floor(CLASSES, -0.05, 0.05),
                times_the_floor(PREDICTION, 1.4, 2.6),
                times_the_floor(NEAREST, 1.35, 1.5),
            ];
            compare(figures, runs, &[("noisy", |scene| &scene.noisy, &ranges)])
        })
        .holds_for(figures as Figures)
        .fails_for("swapped-entropies", SWAPPED, swapped)
        .fails_for(
            "squared",
            "Squared distances were averaged: take the root of each first, as noise counts in pixels.",
            |scene, shown| {
                with(NEAREST, (scene, shown), |_| {
                    Ok(distances(&shown.images, &scene.train, |d| least(d) * least(d)))
                })
            },
        )
        .fails_for(
            "mean-of-all",
            "The mean distance to all real images was taken: half of them show other digits; take the nearest.",
            |scene, shown| {
                with(NEAREST, (scene, shown), |_| {
                    Ok(distances(&shown.images, &scene.train, |d| d.mean().unwrap_or(f32::NAN)))
                })
            },
        )
}

pub(super) fn copies() -> Claim<Figures> {
    claim("autoencoder/score-copies")
        .says(
            "Of copies of training images the nearest distance is 0, which is no praise, and none of the other three gives them \
             away: on average the Fréchet distance is less than twice that of new real images, a prediction's entropy at most \
             1.1 times theirs, and the entropy of the classes moves by less than 0.05",
        )
        .after(AFTER)
        .measured(ON)
        .trained(|figures: &Subject<Figures>, runs| {
            let ranges = [
                times_the_floor(FRECHET, 0.2, 2.0),
                over_the_floor(CLASSES, -0.05, 0.05),
                times_the_floor(PREDICTION, 0.3, 1.1),
                // ‖a − b‖² by ‖a‖² + ‖b‖² − 2 a·b has an error of 1e-6 in single precision, its root of 1e-3.
                itself(NEAREST, -5e-3, 5e-3),
            ];
            compare(figures, runs, &[("copies", |scene| &scene.copies, &ranges)])
        })
        .holds_for(figures as Figures)
        .fails_for("held-out-neighbours", HELD_OUT, held_out)
        .fails_for("reversed", REVERSED, reversed)
        .fails_for("other-draws", OTHERS_DRAWN, others_drawn)
        .fails_for(
            "compared-with-copied",
            "The Fréchet distance was taken to the very images that were copied: hold images out for it.",
            |scene, shown| {
                with(FRECHET, (scene, shown), |_| {
                    Ok(frechet_distance(&fit(scene, &shown.images)?, &fit(scene, &scene.copies.images)?)?)
                })
            },
        )
}

/// a judge's scene ↦ the share of digits that the classifier gets right
type Accuracy = fn(&Scene) -> Option<f64>;

pub(super) fn classifier() -> Claim<Accuracy> {
    claim("autoencoder/score-classifier")
        .says(
            "The classifier behind the score, 500 steps on 1 077 optical digits, gets 95 to 99 % of 360 \
             held-out ones right",
        )
        .after("Heusel et al. 2017, whose features are those of a classifier, too")
        .measured(ON)
        .trained(|accuracy: &Subject<Accuracy>, runs| {
            let of = |scene: &Arc<Scene>| {
                accuracy.output(|accuracy| accuracy(scene).unwrap_or(f64::NAN))
            };
            let shares: Vec<f64> = scenes(runs)?.iter().map(of).collect();
            runs.between("share of held-out digits", &shares, 0.95, 0.99);
            Ok(())
        })
        .holds_for((|scene| Some(scene.judge.accuracy())) as Accuracy)
        .fails_for(
            "training-digits",
            "This is the share of the digits that the classifier has learned: hold digits out.",
            |scene| scene.judge.classifier().accuracy(&scene.digits.train),
        )
        .fails_for(
            "share-wrong",
            "This is the share of errors: take 1 minus it.",
            |scene| Some(1.0 - scene.judge.accuracy()),
        )
        .fails_for(
            "untrained",
            "The first class is what everything was taken for: the classifier has not been asked.",
            |scene| {
                let labels = scene.digits.test.labels.as_ref()?;
                let first = labels.iter().filter(|&&label| label == 0).count();
                Some(first as f64 / labels.len() as f64)
            },
        )
}
