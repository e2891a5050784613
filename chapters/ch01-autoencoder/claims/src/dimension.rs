//! How many numbers an image needs, measured.

use claims::{CheckError, Claim, Setting, Subject, Verdict, claim};
use data::{Images, Source, default_root, shuffled};
use ndarray::Array2;
use ndarray_rand::RandomExt;
use prob::random::stream;
use rand::Rng as _;
use rand_distr::StandardNormal;
use std::sync::OnceLock;

use ch01_autoencoder::dimension::{levina_bickel, neighbour_distances, two_nn};

/// distances to the nearest neighbours ↦ dimension, by the ratio of two and by all of them
type Estimates = fn(&[Vec<f64>]) -> [f64; 2];

fn estimates(distances: &[Vec<f64>]) -> [f64; 2] {
    [two_nn(distances), levina_bickel(distances)]
}

const POINTS: usize = 1000;
const RUNS: usize = 8;
const NEIGHBOURS: usize = 20;

/// Points of a `dimension`-dimensional sheet in 64 coordinates: sines of a few angles, so that the sheet is
/// curved, without an edge, and everywhere alike.
fn torus(dimension: usize, seed: u64) -> Array2<f32> {
    let mut rng = stream(seed, [dimension as u64]);
    let mix: Array2<f32> = Array2::random_using((2 * dimension, 64), StandardNormal, &mut rng);
    let mut circles = Array2::zeros((POINTS, 2 * dimension));
    for mut row in circles.rows_mut() {
        for k in 0..dimension {
            let (sine, cosine) = (std::f32::consts::TAU * rng.random::<f32>()).sin_cos();
            (row[2 * k], row[2 * k + 1]) = (cosine, sine);
        }
    }
    // Orthonormal rows keep every distance.
    let basis = ch01_autoencoder::orthonormal(&mix.t().mapv(f64::from)).unwrap_or_default();
    circles.dot(&basis.t().mapv(|x| x as f32))
}

const SQUARED: &str = "Squared distances were used: the logarithm of a ratio doubles, and the dimension \
    comes out halved. Take roots first.";
const INVERTED: &str =
    "The mean of the logarithms was reported: it is the inverse of the dimension.";
const ITSELF: &str = "Each point was counted as its own first neighbour: leave it out.";

fn squared(distances: &[Vec<f64>]) -> Vec<Vec<f64>> {
    distances.iter().map(|r| r.iter().map(|r| r * r).collect()).collect()
}

/// Almost: at distance 0 the logarithm would be infinite, and code like this adds a small constant.
fn with_itself(distances: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let row =
        |r: &Vec<f64>| std::iter::once(1e-6).chain(r[..r.len() - 1].iter().copied()).collect();
    distances.iter().map(row).collect()
}

pub(super) fn control() -> Claim<Estimates> {
    claim("autoencoder/dimension-control")
        .says(
            "On curved sheets of known dimension in 64 coordinates two estimators of intrinsic dimension \
             are right to within 12 % at dimension 2 and 20 % at dimension 5",
        )
        .settles("ae-manifold", Verdict::Measured)
        .after("Levina & Bickel 2004; Facco, d'Errico, Rodriguez & Laio 2017")
        .measured(Setting {
            data: "1000 points of a flat torus in 64 coordinates, without noise",
            settings: "two neighbours of each point, and 20",
            runs: RUNS as u32,
        })
        .trained(|estimates: &Subject<Estimates>, runs| {
            for (dimension, share) in [(2, 0.12), (5, 0.2)] {
                let mut figures = [[0.0; RUNS]; 2];
                for k in 0..RUNS {
                    let seed = runs.seed().wrapping_mul(RUNS as u64).wrapping_add(k as u64);
                    let distances = neighbour_distances(&torus(dimension, seed), NEIGHBOURS);
                    let [two, many] = estimates.output(|estimates| estimates(&distances));
                    (figures[0][k], figures[1][k]) = (two, many);
                }
                let exact = dimension as f64;
                for (name, figures) in ["two neighbours", "20 neighbours"].iter().zip(&figures) {
                    let label = format!("dimension {dimension}, {name}");
                    runs.between(label, figures, (1.0 - share) * exact, (1.0 + share) * exact);
                }
            }
            Ok(())
        })
        .holds_for(estimates as Estimates)
        .fails_for("squared-distances", SQUARED, |distances| estimates(&squared(distances)))
        .fails_for("inverted", INVERTED, |distances| estimates(distances).map(f64::recip))
        .fails_for("own-neighbour", ITSELF, |distances| estimates(&with_itself(distances)))
        .fails_for(
            "ambient",
            "The coordinates were counted: a sheet in 64 coordinates has its own dimension.",
            |_| [64.0, 64.0],
        )
}

fn mnist() -> Result<&'static Images, CheckError> {
    static MNIST: OnceLock<Result<Images, String>> = OnceLock::new();
    let load = || Source::Mnist.load(&default_root()).map(|set| set.train.images);
    let images = MNIST.get_or_init(|| load().map_err(|error| error.to_string()));
    images.as_ref().map_err(|error| error.clone().into())
}

pub(super) fn digits() -> Claim<Estimates> {
    claim("autoencoder/dimension-of-mnist")
        .says(
            "Among 1 000 MNIST digits at a time, the two estimators give an intrinsic dimension between 9 and \
             15, far below the 784 pixels, and the one by two neighbours gives more than the other",
        )
        .settles("ae-manifold", Verdict::Measured)
        .after("Levina & Bickel 2004; Facco, d'Errico, Rodriguez & Laio 2017")
        .measured(Setting {
            data: "disjoint sets of 1000 training images of MNIST",
            settings: "two neighbours of each image, and 20",
            runs: RUNS as u32,
        })
        .trained(|estimates: &Subject<Estimates>, runs| {
            let images = mnist()?;
            let order = shuffled(images.len(), &mut stream(runs.seed(), [1]));
            let mut figures = [[0.0; RUNS]; 3];
            for (k, part) in order.chunks(POINTS).take(RUNS).enumerate() {
                let distances = neighbour_distances(&images.intensities(part), NEIGHBOURS);
                let [two, many] = estimates.output(|estimates| estimates(&distances));
                for (figure, value) in figures.iter_mut().zip([two, many, two - many]) {
                    figure[k] = value;
                }
            }
            runs.between("two neighbours", &figures[0], 9.0, 15.0);
            runs.between("20 neighbours", &figures[1], 9.0, 15.0);
            runs.above("two neighbours, less 20", &figures[2], 0.0);
            Ok(())
        })
        .holds_for(estimates as Estimates)
        .fails_for("squared-distances", SQUARED, |distances| estimates(&squared(distances)))
        .fails_for("own-neighbour", ITSELF, |distances| estimates(&with_itself(distances)))
        .fails_for(
            "pixels",
            "The pixels were counted: most of the 784 never vary on their own.",
            |_| [784.0, 784.0],
        )
}
