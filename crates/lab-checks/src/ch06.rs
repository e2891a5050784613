//! Lab 6: the divergence between Gaussians.

use claims::{Rng, Subject, Tolerance};
use lab::{AnyExercise, Call, Lab, exercise};
use ndarray::{Array1, Array2, Axis, array};
use rand::Rng as _;
use rand_distr::StandardNormal;

/// The exercises, in the order of the student's file.
pub(crate) fn lab() -> Lab {
    Lab::new("ch06", "gaussian-kl", "The divergence between Gaussians").exercise(full_covariance())
}

/// A mean and a covariance.
type Moments = (Array1<f64>, Array2<f64>);

/// Rotations change neither the trace nor the determinant of Σ, so both are known from the eigenvalues that it was made with.
fn full_covariance() -> impl AnyExercise {
    exercise("full_covariance_kl")
        .title("From a diagonal to a full covariance")
        .minutes(20)
        .points(3)
        .hints(&[
            "In (6.12) let the second Gaussian be the standard one. What becomes of L₂, of m and of M?",
            "The trace needs the diagonal of Σ only. The determinant needs all of Σ: eliminate below the diagonal, row by row, \
             and it is the product of what then stands on it.",
            "½(tr Σ + ‖μ‖² − D − log det Σ), where log det Σ is the sum of the logarithms of the pivots. Take the \
             logarithms before you combine them: the product of forty small numbers is 0.",
        ])
        .exact(
            Tolerance::relative(1e-9).because("ways to a determinant differ in how much they round"),
            |student: &Subject<Call<Moments, f64>>, cases| {
                let ln = f64::ln;
                // By hand, then with a Σ of known eigenvalues.
                let mut known: Vec<(String, Moments, f64)> = vec![
                    ("μ = 0, Σ = 4".into(), (array![0.0], array![[4.0]]), 3.0 - ln(4.0)),
                    ("μ = 3, Σ = 1".into(), (array![3.0], array![[1.0]]), 9.0),
                    (
                        "μ = (0, 0), Σ = [[2, 0], [0, 5]]".into(),
                        (array![0.0, 0.0], array![[2.0, 0.0], [0.0, 5.0]]),
                        5.0 - ln(10.0),
                    ),
                    (
                        "μ = (1, −2), Σ = [[2, 1], [1, 2]]".into(),
                        (array![1.0, -2.0], array![[2.0, 1.0], [1.0, 2.0]]),
                        7.0 - ln(3.0),
                    ),
                ];
                for (dimension, size) in [(3, 1.0), (8, 1.0), (40, 1e-10)] {
                    let mut rng = cases.rng(dimension);
                    let draw = |_| size * rng.random_range(0.2..5.0);
                    let eigenvalues: Array1<f64> = (0..dimension).map(draw).collect();
                    let mean: Array1<f64> =
                        (0..dimension).map(|_| rng.sample(StandardNormal)).collect();
                    let own: f64 = eigenvalues.iter().map(|e| e - ln(*e) - 1.0).sum();
                    let twice = own + mean.dot(&mean);
                    let covariance = turned(&eigenvalues, &mut rng);
                    let label = format!("D = {dimension}, variances around {size:e}, correlated");
                    known.push((label, (mean, covariance), twice));
                }
                for (label, moments, twice) in known {
                    cases.equal(label, student.output(|f| f.call(&moments))?, 0.5 * twice);
                }
                Ok(())
            },
        )
        .mistaken(
            "diagonal-only",
            "The logarithm was taken of the diagonal of Σ, as if the coordinates were independent. Correlations lower the \
             determinant: compute it from the whole matrix.",
            |(mean, covariance): Moments| from_parts(&mean, &covariance, covariance.diag().ln().sum()),
        )
        .mistaken(
            "log-determinant-added",
            "The logarithm of the determinant has the wrong sign. A narrow code is far from the prior: the divergence has to \
             grow when a variance goes to zero.",
            |(mean, covariance): Moments| from_parts(&mean, &covariance, -log_det(&covariance)),
        )
        .mistaken(
            "factor-for-covariance",
            "Half the logarithm of the determinant is missing. If you used a Cholesky factor L: det Σ = (det L)², so log det Σ \
             is twice the sum of the logarithms on L's diagonal.",
            |(mean, covariance): Moments| from_parts(&mean, &covariance, 0.5 * log_det(&covariance)),
        )
        .mistaken(
            "determinant-multiplied-out",
            "The formula is right, but the product of the pivots became 0 before its logarithm was taken. Add up logarithms \
             instead.",
            |(mean, covariance): Moments| from_parts(&mean, &covariance, pivots(&covariance).product().ln()),
        )
        .mistaken(
            "no-half",
            "The factor ½ in front is missing: every value is twice what it should be.",
            |(mean, covariance): Moments| 2.0 * from_parts(&mean, &covariance, log_det(&covariance)),
        )
        .mistaken(
            "mean-for-sum",
            "The result was divided by the number of coordinates. Independent coordinates add; nothing is averaged.",
            |(mean, covariance): Moments| {
                from_parts(&mean, &covariance, log_det(&covariance)) / mean.len() as f64
            },
        )
}

/// ½(tr Σ + ‖μ‖² − D − log det Σ), for any opinion about the last.
fn from_parts(mean: &Array1<f64>, covariance: &Array2<f64>, log_det: f64) -> f64 {
    0.5 * (covariance.diag().sum() + mean.dot(mean) - mean.len() as f64 - log_det)
}

fn log_det(covariance: &Array2<f64>) -> f64 {
    pivots(covariance).ln().sum()
}

/// The pivots of Gaussian elimination: the squares of the diagonal of the Cholesky factor.
fn pivots(covariance: &Array2<f64>) -> Array1<f64> {
    let factor = prob::cholesky::cholesky(covariance.view()).expect("a covariance of ours");
    factor.diag().map(|l| l * l)
}

/// A matrix with these eigenvalues: mirrored at two random planes, which mixes all coordinates.
fn turned(eigenvalues: &Array1<f64>, rng: &mut Rng) -> Array2<f64> {
    let mut matrix = Array2::from_diag(eigenvalues);
    for _ in 0..2 {
        let normal: Array1<f64> = eigenvalues.map(|_| rng.sample(StandardNormal));
        let column = normal.view().insert_axis(Axis(1));
        let mirror =
            Array2::eye(normal.len()) - 2.0 / normal.dot(&normal) * &column.dot(&column.t());
        matrix = mirror.dot(&matrix).dot(&mirror);
    }
    0.5 * (&matrix + &matrix.t())
}
