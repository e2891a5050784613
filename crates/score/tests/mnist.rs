//! The score on real digits, and on what should be worse.

use data::{Source, default_root, shuffled};
use ndarray::{Array2, Axis};
use prob::random::stream;
use rayon::ThreadPoolBuilder;
use score::{Classifier, Judge, SAMPLES, Schedule, ScoreError};

fn mean_of_two(x: &Array2<f32>) -> Array2<f32> {
    let mut other = x.clone();
    other.invert_axis(Axis(0));
    (x + &other) / 2.0
}

/// 98 % on the test set; the floor is near 0, and damaged digits are worse in the figure that is made for
/// the damage.
#[test]
fn real_digits_are_near_the_floor_and_damaged_ones_are_not() {
    let mnist = Source::Mnist.load(&default_root()).expect("MNIST");
    let classifier = Classifier::train(&mnist.train, Schedule::default()).expect("labels");
    let accuracy = classifier.accuracy(&mnist.test).expect("labels");
    assert!(accuracy >= 0.98, "{accuracy}");

    let order = shuffled(mnist.test.images.len(), &mut stream(1, [1]));
    let half = |part: &[usize]| mnist.test.images.intensities::<f32>(part);
    let (reference, other) = (half(&order[..SAMPLES]), half(&order[SAMPLES..]));
    let judge = Judge::new(classifier, reference.clone()).expect("the right shape");

    let itself = judge.score(&reference).expect("the right shape");
    assert!(itself.frechet.abs() < 1e-3 && itself.nearest_distance < 0.05, "{itself:?}");
    let floor = judge.score(&other).expect("the right shape");
    assert!(floor.class_entropy > 2.28 && floor.prediction_entropy < 0.2, "{floor:?}");

    let blended = judge.score(&mean_of_two(&other)).expect("the right shape");
    assert!(blended.frechet > 10.0 * floor.frechet, "{blended:?} {floor:?}");
    assert!(blended.prediction_entropy > 2.0 * floor.prediction_entropy);

    // One digit again and again: sharp and near to a real image, but of one class.
    let collapsed = Array2::from_shape_fn(other.dim(), |(_, pixel)| reference[[0, pixel]]);
    let collapsed = judge.score(&collapsed).expect("the right shape");
    assert!(collapsed.class_entropy < 1e-9 && collapsed.frechet > 10.0 * floor.frechet);

    let few = judge.score(&other.slice(ndarray::s![..10, ..]).to_owned());
    assert!(matches!(few, Err(ScoreError::Shape { images: 10, .. })));
}

#[test]
fn the_seed_and_not_the_number_of_threads_decides_the_classifier() {
    let digits = Source::Optdigits.load(&default_root()).expect("the optical digits");
    let train = |seed, threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let schedule = Schedule { epochs: 3, seed };
        pool.install(|| Classifier::train(&digits.train, schedule)).expect("labels")
    };
    let x = digits.test.images.intensities(&[0, 1, 2, 3]);
    let answers = |seed, threads| train(seed, threads).look(&x);
    assert_eq!(answers(1, 1), answers(1, 3));
    assert_ne!(answers(1, 1), answers(2, 1));
}
