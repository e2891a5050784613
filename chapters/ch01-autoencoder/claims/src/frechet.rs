//! The Fréchet distance between Gaussians, and the matrix square root in it.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use claims::{CheckError, Claim, Rng, Subject, Tolerance, claim, domain, real, scale, seed, whole};
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
pub(super) fn orthogonal(dimension: usize, rng: &mut Rng) -> Array2<f64> {
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
        .for_every(domain([
            whole("n", 1..=8),
            scale("largest standard deviation ÷ smallest", 1.0..=1e3),
            scale("largest standard deviation", 0.1..=10.0),
            seed("an n × n covariance"),
        ]))
        .exact(
            Tolerance::absolute(1e-11).because("a small eigenvalue has an error that goes with the largest"),
            |root: &Subject<Root>, [dimension, condition, largest, seed], cases| {
                let (dimension, mut rng) = (dimension as usize, cases.rng(seed as u64));
                let q = orthogonal(dimension, &mut rng);
                let steps = (dimension.max(2) - 1) as f64;
                let sigma: Array1<f64> = (0..dimension)
                    .map(|k| largest * condition.powf(-(k as f64) / steps))
                    .collect();
                let covariance = composed(&q, &(&sigma * &sigma));
                let measured = root.output(|root| root(&covariance))?;
                let (expected, squared) = (composed(&q, &sigma), measured.dot(&measured));
                let list = |matrix: &Array2<f64>| matrix.iter().copied().collect::<Vec<_>>();
                cases.all_equal("R", &list(&measured), &list(&expected));
                cases.all_equal("R·R", &list(&squared), &list(&covariance));
                Ok(())
            },
        )
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

/// The 2-Wasserstein distance of N(mean, sigma²) and N(0, 1) is ∫₀¹ (F⁻¹(u) − G⁻¹(u))² du, with the quantiles F⁻¹ and G⁻¹.
/// Computed once for each pair.
fn by_quantiles(mean: f64, sigma: f64) -> Result<f64, CheckError> {
    static KNOWN: Mutex<Option<HashMap<[u64; 2], f64>>> = Mutex::new(None);
    let known = || KNOWN.lock().map_err(|_| "another check of the distance has failed");
    let key = [mean, sigma].map(f64::to_bits);
    if let Some(distance) = known()?.get_or_insert_default().get(&key) {
        return Ok(*distance);
    }
    let between = |u: f64| normal_quantile(u).map_or(f64::NAN, |z| (mean + sigma * z - z).powi(2));
    // Of two symmetric halves, so that the quantile keeps its digits at both ends.
    let mirrored = |u: f64| normal_quantile(u).map_or(f64::NAN, |z| (mean - sigma * z + z).powi(2));
    let half = |f: &dyn Fn(f64) -> f64| Quadrature::default().integrate(f, 0.0, 0.5);
    let distance = half(&between)?.value + half(&mirrored)?.value;
    known()?.get_or_insert_default().insert(key, distance);
    Ok(distance)
}

/// Two Gaussians whose covariances have the same eigenvectors, and Σ(σ₁ − σ₂)² along these.
fn commuting(dimension: usize, rng: &mut Rng) -> ([GaussianFit; 2], f64) {
    let q = orthogonal(dimension, rng);
    let [s, t] = [(); 2].map(|()| sigmas(dimension, rng));
    let fits = [&s, &t].map(|sigma| GaussianFit {
        mean: Array1::random_using(dimension, StandardNormal, rng),
        covariance: composed(&q, &(sigma * sigma)),
    });
    (fits, square(&(&s - &t)))
}

fn two_by_two(rng: &mut Rng) -> GaussianFit {
    let (q, sigma) = (orthogonal(2, rng), sigmas(2, rng));
    GaussianFit {
        mean: Array1::random_using(2, StandardNormal, rng),
        covariance: composed(&q, &(&sigma * &sigma)),
    }
}

/// tr (C₁^½ C₂ C₁^½)^½ in two dimensions: (√κ₁ + √κ₂)² = κ₁ + κ₂ + 2√(κ₁κ₂) for the eigenvalues κ of C₁C₂.
fn cross_term(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    let product = a.dot(b);
    let determinant = product[[0, 0]] * product[[1, 1]] - product[[0, 1]] * product[[1, 0]];
    (product.diag().sum() + 2.0 * determinant.sqrt()).sqrt()
}

fn square(x: &Array1<f64>) -> f64 {
    x.dot(x)
}

pub(super) fn distance() -> Claim<Distance> {
    let claim = claim("autoencoder/frechet-distance")
        .says(
            "Between Gaussians the squared 2-Wasserstein distance is \
             ‖m₁ − m₂‖² + tr(C₁ + C₂ − 2(C₁^½ C₂ C₁^½)^½): on a line the integral over the quantiles, for \
             covariances that commute Σ(σ₁ − σ₂)², for 2 × 2 ones by traces and determinants",
        )
        .after("Dowson & Landau 1982")
        .for_every(
            domain([
                real("m on a line", -5.0..=5.0),
                scale("σ on a line", 0.1..=10.0),
                whole("dimensions of the covariances that commute", 2..=6),
                seed("the Gaussians in more dimensions"),
            ])
            .with([[1.0, 0.5, 2.0, 1.0], [0.0, 2.0, 5.0, 1.0], [-3.0, 1.0, 5.0, 2.0]])
            .cases(140),
        )
        .exact(
            Tolerance::relative(1e-10)
                .or_absolute(1e-11)
                .because("the witness on a line is a quadrature of eleven digits"),
            |distance: &Subject<Distance>, [mean, sigma, dimension, seed], cases| {
                let measured = |a: &GaussianFit, b: &GaussianFit| {
                    distance.output(|distance| distance(a, b))
                };
                let on_a_line = measured(&line(mean, sigma), &line(0.0, 1.0))?;
                cases.equal("on a line", on_a_line, by_quantiles(mean, sigma)?);

                let mut rng = cases.rng(seed as u64);
                let ([a, b], spread) = commuting(dimension as usize, &mut rng);
                let expected = square(&(&a.mean - &b.mean)) + spread;
                cases.equal("covariances that commute", measured(&a, &b)?, expected);

                let [a, b] = [(); 2].map(|()| two_by_two(&mut rng));
                let spreads = a.covariance.diag().sum() + b.covariance.diag().sum();
                let cross = cross_term(&a.covariance, &b.covariance);
                let expected = square(&(&a.mean - &b.mean)) + spreads - 2.0 * cross;
                cases.equal("2 × 2", measured(&a, &b)?, expected);
                Ok(())
            },
        )
        .holds_for(frechet_distance as Distance);
    with_mistakes(claim)
}

/// The file's digits make a covariance that is symmetric to the last but one.
fn gaussian(mean: &Array1<f64>, covariance: &Array2<f64>) -> GaussianFit {
    GaussianFit { mean: mean.clone(), covariance: (covariance + &covariance.t()) / 2.0 }
}

/// The other program's pairs, read once.
fn pairs() -> Result<&'static [reference::Frechet], CheckError> {
    static PAIRS: OnceLock<Result<Vec<reference::Frechet>, String>> = OnceLock::new();
    let pairs = PAIRS.get_or_init(|| reference::frechet().map_err(|error| error.to_string()));
    pairs.as_deref().map_err(|error| error.clone().into())
}

pub(super) fn reference_values() -> Claim<Distance> {
    let claim = claim("autoencoder/frechet-reference")
        .says(
            "For three pairs of Gaussians in up to six dimensions the Fréchet distance is, to eleven digits, what another program finds \
             from the eigenvalues of C₁C₂, which is not symmetric; whichever of the two comes first",
        )
        .after("Dowson & Landau 1982; numpy's eigvals")
        // The other program's small eigenvalues have nine digits left, and a root halves them.
        .for_every(domain([whole("pair", 0..=2), whole("which comes first", 1..=2)]))
        .exact(Tolerance::relative(1e-11), |distance: &Subject<Distance>, [pair, first], cases| {
            let case = pairs()?.get(pair as usize).ok_or("there are three pairs")?;
            let a = gaussian(&case.mean1, &case.covariance1);
            let b = gaussian(&case.mean2, &case.covariance2);
            let (a, b) = if first == 1.0 { (a, b) } else { (b, a) };
            let measured = distance.output(|distance| distance(&a, &b))?;
            cases.equal(format!("{} dimensions", case.mean1.len()), measured, case.frechet);
            Ok(())
        })
        .holds_for(frechet_distance as Distance);
    with_mistakes(claim)
}
