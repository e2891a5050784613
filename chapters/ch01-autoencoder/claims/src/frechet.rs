//! The Fréchet distance between Gaussians, and the matrix square root in it.

use claims::{Check, Claim, Rng, Subject, Tolerance, claim};
use ndarray::{Array1, Array2};
use ndarray_rand::RandomExt;
use prob::Quadrature;
use prob::cholesky::cholesky;
use prob::special::normal_quantile;
use rand::Rng as _;
use rand_distr::StandardNormal;
use score::{GaussianFit, frechet_distance, square_root};

use super::witness::normals;

/// A random orthogonal matrix as a product of reflections I − 2vvᵀ/‖v‖², so that a matrix of known
/// eigenvectors costs no eigensolver.
fn orthogonal(dimension: usize, rng: &mut Rng) -> Array2<f64> {
    let mut q = Array2::eye(dimension);
    for _ in 0..dimension {
        let v = normals((dimension, 1), rng);
        let reflection = Array2::eye(dimension) - v.dot(&v.t()) * (2.0 / (&v * &v).sum());
        q = q.dot(&reflection);
    }
    q
}

/// Q diag(values) Qᵀ, symmetric to the last bit.
fn composed(q: &Array2<f64>, values: &Array1<f64>) -> Array2<f64> {
    let product = (q * values).dot(&q.t());
    (&product + &product.t()) / 2.0
}

fn sigmas(dimension: usize, rng: &mut Rng) -> Array1<f64> {
    (0..dimension).map(|_| 0.3 + 2.0 * rng.random::<f64>()).collect()
}

/// covariance ↦ its square root
type Root = fn(&Array2<f64>) -> prob::Result<Array2<f64>>;

fn root(covariance: &Array2<f64>) -> prob::Result<Array2<f64>> {
    square_root(covariance.view())
}

pub(super) fn matrix_root() -> Claim<Root> {
    claim("autoencoder/square-root")
        .says(
            "A covariance A = Q diag(λ) Qᵀ has one symmetric square root without negative eigenvalues, \
             R = Q diag(√λ) Qᵀ, and R·R = A",
        )
        .after("Horn & Johnson, Matrix Analysis, theorem 7.2.6")
        .exact(Tolerance::absolute(1e-12), |root: &Subject<Root>, cases| {
            let mut rng = cases.rng(0);
            for dimension in [1, 2, 3, 8] {
                let (q, sigma) = (orthogonal(dimension, &mut rng), sigmas(dimension, &mut rng));
                let covariance = composed(&q, &(&sigma * &sigma));
                let measured = root.output(|root| root(&covariance))?;
                let (expected, squared) = (composed(&q, &sigma), measured.dot(&measured));
                let list = |matrix: &Array2<f64>| matrix.iter().copied().collect::<Vec<_>>();
                let label = format!("R of {dimension} × {dimension}");
                cases.all_equal(&label, &list(&measured), &list(&expected));
                cases.all_equal(&format!("{label}, R·R"), &list(&squared), &list(&covariance));
            }
            Ok(())
        })
        .holds_for(root as Root)
        .fails_for(
            "elementwise",
            "The root of each entry was taken: that is no root of the matrix unless it is diagonal; take the \
             roots of the eigenvalues.",
            |covariance| Ok(covariance.mapv(|x| x.abs().sqrt().copysign(x))),
        )
        .fails_for(
            "cholesky",
            "This is the Cholesky factor: L Lᵀ = A, but L·L is another matrix, and L is not symmetric.",
            |covariance| cholesky(covariance.view()),
        )
        .fails_for(
            "eigenvalues-not-rooted",
            "The eigenvalues were put back as they came: take their roots first.",
            |covariance| Ok(covariance.clone()),
        )
        .fails_for(
            "negative-root",
            "−R squares to A as well, but its trace is negative, and the distance then adds what it should \
             subtract: take the roots that are not negative.",
            |covariance| Ok(-root(covariance)?),
        )
        .fails_for(
            "inverse",
            "This is A^(−½), which whitens: R·A·R is then the identity. The distance needs A^½.",
            |covariance| {
                let prob::eigen::Eigen { values, vectors } =
                    prob::eigen::symmetric(covariance.view())?;
                Ok(composed(&vectors, &values.mapv(|value| value.sqrt().recip())))
            },
        )
}

/// two Gaussians ↦ the squared distance
type Distance = fn(&GaussianFit, &GaussianFit) -> prob::Result<f64>;

/// ‖m₁ − m₂‖², tr C₁ + tr C₂ and tr (C₁^½ C₂ C₁^½)^½, from which mistaken distances are made.
fn parts(a: &GaussianFit, b: &GaussianFit) -> prob::Result<[f64; 3]> {
    let shift = &a.mean - &b.mean;
    let (shift, traces) =
        (shift.dot(&shift), a.covariance.diag().sum() + b.covariance.diag().sum());
    Ok([shift, traces, 0.5 * (shift + traces - frechet_distance(a, b)?)])
}

/// The mistakes that both claims about the distance reject.
fn with_mistakes(claim: claims::Holding<Distance>) -> Claim<Distance> {
    claim
        .fails_for(
            "no-factor-2",
            "The cross term was subtracted once: (σ₁ − σ₂)² has 2σ₁σ₂, so subtract it twice.",
            |a, b| parts(a, b).map(|[shift, traces, cross]| shift + traces - cross),
        )
        .fails_for(
            "elementwise-root",
            "The root of each entry of C₁C₂ was taken: the term is the trace of a matrix square root.",
            |a, b| {
                let [shift, traces, _] = parts(a, b)?;
                let roots = a.covariance.dot(&b.covariance).mapv(|x| x.abs().sqrt());
                Ok(shift + traces - 2.0 * roots.diag().sum())
            },
        )
        .fails_for(
            "root-of-the-trace",
            "The root of the trace of C₁C₂ was taken, in place of the trace of the root: they agree in one \
             dimension only.",
            |a, b| {
                let [shift, traces, _] = parts(a, b)?;
                Ok(shift + traces - 2.0 * a.covariance.dot(&b.covariance).diag().sum().sqrt())
            },
        )
        .fails_for(
            "product-of-roots",
            "tr C₁^½ C₂^½ was taken: that is right for covariances that commute, and too small for others.",
            |a, b| {
                let [shift, traces, _] = parts(a, b)?;
                let product = root(&a.covariance)?.dot(&root(&b.covariance)?);
                Ok(shift + traces - 2.0 * product.diag().sum())
            },
        )
        .fails_for(
            "no-means",
            "The means were left out: add ‖m₁ − m₂‖².",
            |a, b| parts(a, b).map(|[_, traces, cross]| traces - 2.0 * cross),
        )
        .fails_for(
            "distance-of-means-not-squared",
            "‖m₁ − m₂‖ was added to squared terms: square it.",
            |a, b| parts(a, b).map(|[shift, traces, cross]| shift.sqrt() + traces - 2.0 * cross),
        )
        .fails_for(
            "sums-for-traces",
            "All entries of the covariances were summed: only the variances on the diagonal count.",
            |a, b| {
                let [shift, _, cross] = parts(a, b)?;
                Ok(shift + a.covariance.sum() + b.covariance.sum() - 2.0 * cross)
            },
        )
        .fails_for(
            "root-of-the-whole",
            "The root was taken of the whole: the figure in use is the squared distance.",
            |a, b| frechet_distance(a, b).map(f64::sqrt),
        )
}

fn line(mean: f64, sigma: f64) -> GaussianFit {
    GaussianFit {
        mean: Array1::from_elem(1, mean),
        covariance: Array2::from_elem((1, 1), sigma * sigma),
    }
}

/// The 2-Wasserstein distance on a line is ∫₀¹ (F⁻¹(u) − G⁻¹(u))² du, with the quantiles F⁻¹ and G⁻¹.
fn on_a_line(distance: &Subject<Distance>, cases: &mut claims::Cases<'_>) -> Check {
    for (mean, sigma) in [(1.0, 0.5), (0.0, 2.0), (-3.0, 1.0)] {
        let between =
            |u: f64| normal_quantile(u).map_or(f64::NAN, |z| (mean + sigma * z - z).powi(2));
        // Of two symmetric halves, so that the quantile keeps its digits at both ends.
        let mirrored =
            |u: f64| normal_quantile(u).map_or(f64::NAN, |z| (mean - sigma * z + z).powi(2));
        let half = |f: &dyn Fn(f64) -> f64| Quadrature::default().integrate(f, 0.0, 0.5);
        let expected = half(&between)?.value + half(&mirrored)?.value;
        let (a, b) = (line(mean, sigma), line(0.0, 1.0));
        let measured = distance.output(|distance| distance(&a, &b))?;
        cases.equal(format!("N({mean}, {sigma}²) and N(0, 1), by quantiles"), measured, expected);
    }
    Ok(())
}

pub(super) fn distance() -> Claim<Distance> {
    let claim = claim("autoencoder/frechet-distance")
        .says(
            "Between Gaussians the squared 2-Wasserstein distance is \
             ‖m₁ − m₂‖² + tr(C₁ + C₂ − 2(C₁^½ C₂ C₁^½)^½): on a line the integral over the quantiles, for \
             covariances that commute Σ(σ₁ − σ₂)², for 2 × 2 ones by traces and determinants",
        )
        .after("Dowson & Landau 1982")
        .exact(Tolerance::relative(1e-12), |distance: &Subject<Distance>, cases| {
            on_a_line(distance, cases)?;
            let mut rng = cases.rng(0);
            let normal = |rng: &mut Rng, dimension: usize| {
                Array1::random_using(dimension, StandardNormal, rng)
            };
            for dimension in [2, 5] {
                let q = orthogonal(dimension, &mut rng);
                let [s, t] = [(); 2].map(|()| sigmas(dimension, &mut rng));
                let [a, b] = [&s, &t].map(|sigma| GaussianFit {
                    mean: normal(&mut rng, dimension),
                    covariance: composed(&q, &(sigma * sigma)),
                });
                let square = |x: &Array1<f64>| x.dot(x);
                let measured = distance.output(|distance| distance(&a, &b))?;
                let expected = square(&(&a.mean - &b.mean)) + square(&(&s - &t));
                cases.equal(format!("{dimension} commuting dimensions"), measured, expected);
            }
            let [a, b] = [(); 2].map(|()| {
                let (q, sigma) = (orthogonal(2, &mut rng), sigmas(2, &mut rng));
                GaussianFit { mean: normal(&mut rng, 2), covariance: composed(&q, &(&sigma * &sigma)) }
            });
            // (√κ₁ + √κ₂)² = κ₁ + κ₂ + 2√(κ₁κ₂) for the eigenvalues κ of C₁C₂.
            let product = a.covariance.dot(&b.covariance);
            let determinant = product[[0, 0]] * product[[1, 1]] - product[[0, 1]] * product[[1, 0]];
            let cross = (product.diag().sum() + 2.0 * determinant.sqrt()).sqrt();
            let expected = (&a.mean - &b.mean).mapv(|x| x * x).sum() + a.covariance.diag().sum()
                + b.covariance.diag().sum()
                - 2.0 * cross;
            let measured = distance.output(|distance| distance(&a, &b))?;
            cases.equal("2 dimensions that do not commute", measured, expected);
            Ok(())
        })
        .holds_for(frechet_distance as Distance);
    with_mistakes(claim)
}

/// The file's digits make a covariance that is symmetric to the last but one.
fn gaussian(mean: &Array1<f64>, covariance: &Array2<f64>) -> GaussianFit {
    GaussianFit { mean: mean.clone(), covariance: (covariance + &covariance.t()) / 2.0 }
}

pub(super) fn reference_values() -> Claim<Distance> {
    let claim = claim("autoencoder/frechet-reference")
        .says(
            "In up to six dimensions it is, to seven digits, what another program finds from the eigenvalues \
             of C₁C₂, which is not symmetric; whichever of the two comes first",
        )
        .after("Dowson & Landau 1982; numpy's eigvals")
        // The other program's small eigenvalues have nine digits left, and a root halves them.
        .exact(Tolerance::relative(1e-11), |distance: &Subject<Distance>, cases| {
            for case in reference::frechet()? {
                let a = gaussian(&case.mean1, &case.covariance1);
                let b = gaussian(&case.mean2, &case.covariance2);
                let label = format!("{} dimensions", case.mean1.len());
                for (order, a, b) in [("", &a, &b), (", the other way round", &b, &a)] {
                    let measured = distance.output(|distance| distance(a, b))?;
                    cases.equal(format!("{label}{order}"), measured, case.frechet);
                }
            }
            Ok(())
        })
        .holds_for(frechet_distance as Distance);
    with_mistakes(claim)
}
