//! The score of images of which it is known what they should get.

use data::{Source, default_root};
use ndarray::{Array2, Axis};
use prob::random::stream;
use rand::Rng;
use score::{Classifier, Judge, ScoreError};

fn optical_digits() -> data::Dataset {
    Source::Optdigits.load(&default_root()).expect("the set is in the repository")
}

/// 98 % of MNIST's test set, so that its features tell digits apart.
#[test]
fn the_classifier_knows_its_digits() {
    let mnist = Source::Mnist.load(&default_root()).expect("the set is in the repository");
    let classifier = Classifier::train(&mnist.train, 1).expect("labels");
    let accuracy = classifier.accuracy(&mnist.test).expect("labels");
    assert!(accuracy >= 0.98, "{accuracy}");
}

#[test]
fn a_seed_decides_every_bit_on_any_number_of_threads() {
    let digits = optical_digits();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| Judge::train(&digits, 3).and_then(|judge| judge.floor()).expect("a score"))
    };
    assert_eq!(on(1), on(3));
}

/// Real images are nearer to real images than noise, blur, one repeated image, or half the classes; and
/// each of the four figures sees what it is there to see.
#[test]
fn each_figure_sees_its_own_kind_of_failure() {
    let digits = optical_digits();
    let judge = Judge::train(&digits, 1).expect("labels");
    assert!(judge.accuracy() > 0.93, "{}", judge.accuracy());
    let floor = judge.floor().expect("a score");
    let n = judge.samples();
    let score = |images: &Array2<f32>| judge.score(images).expect("a score");
    let train = digits.train.images.intensities::<f32>(&(0..n).collect::<Vec<_>>());

    let mut rng = stream(1, []);
    let noise = score(&Array2::from_shape_simple_fn((n, 64), || rng.random()));
    assert!(noise.frechet > 10.0 * floor.frechet, "{noise:?} {floor:?}");
    assert!(noise.nearest_distance > 1.5 * floor.nearest_distance);

    let mean = train.mean_axis(Axis(0)).expect("images");
    let blurred = score(&(0.4 * &train + 0.6 * &mean));
    assert!(blurred.frechet > 3.0 * floor.frechet);
    assert!(blurred.prediction_entropy > 2.0 * floor.prediction_entropy);

    let one = train.select(Axis(0), &vec![0; n]);
    let repeated = score(&one);
    assert!(repeated.class_entropy == 0.0 && repeated.class_shares.contains(&1.0));
    assert!(repeated.frechet > 3.0 * floor.frechet);

    // Images from the training set itself: copies are found out by their distance alone.
    let copies = score(&train);
    assert!(copies.nearest_distance < 1e-2 && floor.nearest_distance > 0.5);
    assert!((floor.class_entropy - 10f64.ln()).abs() < 0.1, "{floor:?}");
}

#[test]
fn bad_images_are_refused_in_words() {
    let judge = Judge::train(&optical_digits(), 1).expect("labels");
    let message = |images: Array2<f32>| judge.score(&images).expect_err("refused").to_string();
    assert!(message(Array2::zeros((5, 63))).contains("63 pixels, those of the judge 64"));
    assert!(message(Array2::zeros((1, 64))).contains("1 images, but a score needs 2"));
    assert!(message(Array2::from_elem((5, 64), 1.5)).contains("pixel of 1.5"));
    assert!(message(Array2::from_elem((5, 64), f32::NAN)).contains("pixel of NaN"));
    let mut unlabelled = optical_digits();
    unlabelled.train.labels = None;
    assert!(matches!(Judge::train(&unlabelled, 1), Err(ScoreError::NoLabels { .. })));
}
