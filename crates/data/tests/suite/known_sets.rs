//! The sets that ship with the course, against figures published about them.

use approx::assert_abs_diff_eq;
use data::{DataError, Dataset, Images, Source, default_root, optical_digits};
use ndarray::{Array1, Axis};
use ndarray_stats::CorrelationExt;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use sha2::{Digest, Sha256};
use std::fs;
use std::sync::LazyLock;

static MNIST: LazyLock<Dataset> =
    LazyLock::new(|| Source::Mnist.load(&default_root()).expect("MNIST ships with the course"));

static OPTDIGITS: LazyLock<Dataset> = LazyLock::new(|| {
    Source::Optdigits.load(&default_root()).expect("optdigits ship with the course")
});

/// Sum of pixels and of squared pixels.
fn sums(images: &Images) -> (u64, u64) {
    images.pixels().iter().fold((0, 0), |(sum, squares), &pixel| {
        let pixel = u64::from(pixel);
        (sum + pixel, squares + pixel * pixel)
    })
}

#[test]
fn mnist_is_the_published_one() {
    let Dataset { name, train, test, .. } = &*MNIST;
    assert_eq!(name, "mnist");
    assert_eq!((train.images.len(), test.images.len()), (60_000, 10_000));
    assert_eq!((train.images.shape(), train.images.max()), ((1, 28, 28), 255));
    assert_eq!(train.labels.as_ref().unwrap()[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(test.labels.as_ref().unwrap()[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    let counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
    assert_eq!(train.class_counts().unwrap(), counts);
    let counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];
    assert_eq!(test.class_counts().unwrap(), counts);
}

/// Mean 0.1307 and standard deviation 0.3081, the constants in every MNIST script, to their four digits;
/// the integer sums behind them exactly (computed once by a separate program from the raw bytes).
#[test]
fn mnist_has_its_well_known_mean_and_deviation() {
    let (sum, squares) = sums(&MNIST.train.images);
    assert_eq!((sum, squares), (1_567_298_545, 342_590_800_147));
    assert_eq!(sums(&MNIST.test.images), (264_923_200, 58_095_386_156));
    let n = 47_040_000.0 * 255.0;
    let mean = sum as f64 / n;
    assert_abs_diff_eq!(mean, 0.1307, epsilon = 0.00005);
    let deviation = (squares as f64 / (n * 255.0) - mean * mean).sqrt();
    assert_abs_diff_eq!(deviation, 0.3081, epsilon = 0.00005);
    // 784 roundings of numbers below 1 average to less than 1e-13.
    let by_pixel = MNIST.train.images.mean_intensity();
    assert_abs_diff_eq!(by_pixel.mean().unwrap(), mean, epsilon = 1e-13);
    assert_eq!(by_pixel[0], 0.0, "the corner pixel is never on");
}

/// The number of pixels on in a binarization is a sum of independent Bernoulli variables with known mean and
/// variance V = Σ p(1 − p). Bernstein's inequality, P(|error| ≥ t) ≤ 2 exp(−t²/(2V + 2t/3)), solved for
/// α = 1e-12, bounds the error for all seeds but one in 10¹². Here t is 0.12 % of the pixels that are on;
/// pixel/256 for pixel/255 would lose 0.39 % of them.
#[test]
fn binarized_mnist_has_the_right_number_of_pixels_on() {
    let images = &MNIST.train.images;
    let (sum, squares) = sums(images);
    let expected = sum as f64 / 255.0;
    let variance = expected - squares as f64 / 65_025.0;
    let log = (2.0_f64 / 1e-12).ln();
    let t = log / 3.0 + ((log / 3.0).powi(2) + 2.0 * variance * log).sqrt();
    assert!(t < 1.5e-3 * expected, "t = {t}");

    let binary = images.binarized(&mut Xoshiro256PlusPlus::seed_from_u64(1));
    let (on, on_squared) = sums(&binary);
    assert_eq!(on, on_squared, "pixels are 0 or 1");
    assert!((on as f64 - expected).abs() < t, "{on} on, expected {expected} ± {t}");
    // Black stays black, white stays white.
    for (&grey, &bit) in images.pixels().iter().zip(binary.pixels()) {
        assert!((grey != 0 || bit == 0) && (grey != 255 || bit == 1));
    }
}

/// The fixed binarization of a seed is part of what results are compared on: its bytes may not change. The hash
/// was confirmed by a second implementation of generator and rule, in Python from the definitions.
#[test]
fn the_fixed_test_set_is_the_same_bytes_for_ever() {
    let fixed = MNIST.test.images.binarized(&mut Xoshiro256PlusPlus::seed_from_u64(2_013));
    let bytes: Vec<u8> = fixed.pixels().iter().copied().collect();
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, "0203f2a8245842b7792058befb2b41cd0575c7695afdf79557f03d0c32fc3bd8");
}

/// Eigenvalues of the population covariance of pixels/16 over all 1 797 images, from scikit-learn's copy
/// of the data and NumPy's eigensolver: the largest, and the sum of the others.
#[test]
fn the_optical_digits_have_the_covariance_that_numpy_finds() {
    const FIRST: f64 = 0.698_856_702_264_098_9;
    const OTHERS: f64 = 3.994_419_615_558_624_7;
    let all = optical_digits(&default_root()).unwrap();
    let order: Vec<usize> = (0..all.images.len()).collect();
    let x = all.images.intensities::<f64>(&order);
    let mean = all.images.mean_intensity();
    assert_abs_diff_eq!(x.mean_axis(Axis(0)).unwrap(), mean, epsilon = 1e-13);
    let covariance = x.t().cov(0.0).unwrap();
    // A sum of 64 numbers below 1, each with relative rounding near 1e-14.
    assert_abs_diff_eq!(covariance.diag().sum(), FIRST + OTHERS, epsilon = 1e-12);
    // The second eigenvalue is 0.91 of the first: the Rayleigh quotient's error falls by 0.836 a step, and
    // 200 steps take it below 1e-15.
    let mut v = Array1::<f64>::ones(64);
    for _ in 0..200 {
        v = covariance.dot(&v);
        v /= v.dot(&v).sqrt();
    }
    assert_abs_diff_eq!(v.dot(&covariance.dot(&v)), FIRST, epsilon = 1e-12);
}

#[test]
fn the_optical_digits_are_cut_evenly_and_without_loss() {
    let all = optical_digits(&default_root()).unwrap();
    let counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180];
    assert_eq!(all.class_counts().unwrap(), counts);
    assert_eq!((all.images.shape(), all.images.max()), ((1, 8, 8), 16));

    let Dataset { train, test, .. } = &*OPTDIGITS;
    assert_eq!((train.images.len(), test.images.len()), (1_437, 360));
    for (part, whole) in test.class_counts().unwrap().into_iter().zip(counts) {
        assert!(part == whole / 5 || part == whole / 5 + 1, "{part} of {whole}");
    }
    assert_eq!(test.labels.as_ref().unwrap()[0], 0, "the first 0 of the file is a test image");
    assert_eq!(test.images.image(0), all.images.image(0));
    let rows = |images: &Images| -> Vec<Vec<u8>> {
        (0..images.len()).map(|index| images.image(index).to_vec()).collect()
    };
    let mut parts = [rows(&train.images), rows(&test.images)].concat();
    let mut whole = rows(&all.images);
    parts.sort();
    whole.sort();
    assert_eq!(parts, whole);
}

#[test]
fn a_file_that_is_not_the_published_one_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let (from, to) = (default_root().join("optdigits"), root.path().join("optdigits"));
    let load = || Source::Optdigits.load(root.path()).unwrap_err();

    assert!(matches!(load(), DataError::MissingFolder { found: "nothing", .. }));
    fs::create_dir(&to).unwrap();
    let text = load().to_string();
    assert!(text.contains("digits8x8-labels") && text.contains("git checkout -- data"), "{text}");

    // Sound in every respect, but the images of one class order with another's labels: the hash tells.
    let labels = to.join("digits8x8-labels-idx1-ubyte.gz");
    fs::copy(default_root().join("mnist/t10k-labels-idx1-ubyte.gz"), &labels).unwrap();
    let text = load().to_string();
    for part in [labels.to_str().unwrap(), "ce71631c", "ff7bcfd4", "git checkout -- data"] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }

    fs::copy(from.join("digits8x8-labels-idx1-ubyte.gz"), &labels).unwrap();
    let images = fs::read(from.join("digits8x8-images-idx3-ubyte.gz")).unwrap();
    fs::write(to.join("digits8x8-images-idx3-ubyte.gz"), &images[..20_000]).unwrap();
    assert!(matches!(load(), DataError::TruncatedGzip { .. }));
}
