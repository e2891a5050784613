//! Lab 6: the divergence between Gaussians.

use autodiff::F1;
use claims::{CheckError, Rng, Subject, Tolerance};
use lab::{AnyExercise, Call, Lab, exercise};
use ndarray::{Array1, Array2, Axis, Zip, array};
use prob::{Gaussian, Quadrature, kl};
use rand::Rng as _;
use rand_distr::StandardNormal;

use crate::numeric::{matrix, number, rounded, vector};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

/// Closed forms of a few terms, in whatever order a student adds them.
const ROUNDINGS: Tolerance =
    Tolerance::relative(1e-9).or_absolute(1e-12).because("the order of the sums is the student's");

/// The exercises, in the order of the student's file.
pub(crate) fn lab() -> Lab {
    Lab::new("ch06", "gaussian-kl", "The divergence between Gaussians")
        .exercise(kl_to_wide_prior())
        .exercise(full_covariance())
        .exercise(laplace_kl())
        .exercise(free_bits_gradient())
        .exercise(mixture_kl_bound())
}

fn kl_to_wide_prior() -> impl AnyExercise {
    type Question = (Vector, Vector, f64);
    exercise("kl_to_wide_prior")
        .title("A prior of another width")
        .arguments("mean, log_var, prior_sigma")
        .minutes(8)
        .points(1)
        .hints(&[
            "Start with one coordinate, and put μ₂ = 0 and σ₂ = s into (6.4).",
            "σ² is e^(log σ²), and log(s/σ) is log s − ½ log σ². Nothing else has to be replaced.",
            "Each coordinate gives ½(log s² − log σ² + (σ² + μ²)/s² − 1). By (6.10) the \
             coordinates add.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Question, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |mean: Vector, log_var: Vector, s: f64| {
                // By quadrature: the definition (6.1), coordinate by coordinate.
                let mut expected = 0.0;
                for (&mean, &log_var) in mean.iter().zip(&log_var) {
                    let p = Gaussian::from_log_var(mean, log_var)?;
                    expected += divergence(&p, &Gaussian::new(0.0, s)?)?;
                }
                let answer = student.output(|f| f.call(&(mean, log_var, s)))?;
                cases.equal("", answer, expected);
                Ok::<_, CheckError>(())
            };
            ask(array![0.0], array![0.0], 2.0)?;
            ask(array![1.0], array![-1.0], 0.5)?;
            ask(array![-0.5, 1.5], array![0.3, -0.7], 1.0)?;
            for coordinates in [2, 5] {
                let mean = vector(&mut rng, coordinates, -2.0, 2.0);
                let log_var = vector(&mut rng, coordinates, -2.0, 1.0);
                ask(mean, log_var, number(&mut rng, 0.5, 3.0))?;
            }
            Ok(())
        })
        .mistaken(
            "prior-sigma-as-variance",
            "You used s as if it were a variance; it is a standard deviation, so σ² and μ² are \
             divided by s² and the logarithm is log s².",
            |(mean, log_var, s)| wide_prior(&mean, &log_var, s.sqrt()),
        )
        .mistaken(
            "log-variance-as-log-sigma",
            "You took `log_var` for log σ; it is log σ², so σ² = exp(log_var) and log σ = ½ \
             log_var.",
            |(mean, log_var, s)| wide_prior(&mean, &(2.0 * log_var), s),
        )
        .mistaken(
            "mean-over-coordinates",
            "You averaged over the coordinates; independent coordinates add, so take the sum \
             (6.10).",
            |(mean, log_var, s)| wide_prior(&mean, &log_var, s) / mean.len() as f64,
        )
        .mistaken(
            "prior-log-forgotten",
            "The term log s is missing: with s = 1 it is zero, so it does not stand in (6.5); take \
             it from (6.4).",
            |(mean, log_var, s)| wide_prior(&mean, &log_var, s) - mean.len() as f64 * s.ln(),
        )
        .mistaken(
            "prior-width-ignored",
            "This is the divergence from N(0, I); s does not enter. Start from (6.4) instead of \
             (6.5).",
            |(mean, log_var, _)| wide_prior(&mean, &log_var, 1.0),
        )
        .mistaken(
            "mean-in-other-units",
            "You divided the variance by s² but not the squared mean; the distance of the means \
             counts in units of the second distribution's s as well.",
            |(mean, log_var, s)| {
                wide_prior(&mean, &log_var, s) + 0.5 * mean.dot(&mean) * (1.0 - 1.0 / (s * s))
            },
        )
        .mistaken(
            "directions-swapped",
            "You computed the divergence of the prior from q; the expectation is taken under q, \
             the first argument.",
            |(mean, log_var, s)| {
                let prior = 2.0 * s.ln();
                mean.iter().zip(&log_var).map(|(&m, &v)| kl::gaussian(0.0, prior, m, v)).sum()
            },
        )
}

/// By the library of the course.
fn wide_prior(mean: &Vector, log_var: &Vector, s: f64) -> f64 {
    mean.iter().zip(log_var).map(|(&m, &v)| kl::gaussian(m, v, 0.0, 2.0 * s.ln())).sum()
}

/// (6.1) by quadrature.
fn divergence(p: &Gaussian, q: &Gaussian) -> prob::Result<f64> {
    let log_ratio = |x| p.log_density(x) - q.log_density(x);
    Ok(Quadrature::default().expectation(p, log_ratio)?.value)
}

/// A mean and a covariance.
type Moments = (Vector, Matrix);

/// Rotations change neither the trace nor the determinant of Σ, so both are known from the eigenvalues that it was made with.
fn full_covariance() -> impl AnyExercise {
    exercise("full_covariance_kl")
        .title("From a diagonal to a full covariance")
        .arguments("mean, covariance")
        .minutes(20)
        .points(3)
        .hints(&[
            "In (6.12) let the second Gaussian be the standard one. What becomes of L₂, of m and \
             of M?",
            "The trace needs the diagonal of Σ only. The determinant needs all of Σ: eliminate \
             below the diagonal, row by row, and it is the product of what then stands on it.",
            "½(tr Σ + ‖μ‖² − D − log det Σ), where log det Σ is the sum of the logarithms of the \
             pivots. Take the logarithms before you combine them: the product of forty small \
             numbers is 0.",
        ])
        .exact(
            Tolerance::relative(1e-9)
                .because("ways to a determinant differ in how much they round"),
            |student: &Subject<Call<Moments, f64>>, cases| {
                let ln = f64::ln;
                // By hand, then with a Σ of known eigenvalues.
                let mut known: Vec<(Moments, f64)> = vec![
                    ((array![0.0], array![[4.0]]), 3.0 - ln(4.0)),
                    ((array![3.0], array![[1.0]]), 9.0),
                    ((array![0.0, 0.0], array![[2.0, 0.0], [0.0, 5.0]]), 5.0 - ln(10.0)),
                    ((array![1.0, -2.0], array![[2.0, 1.0], [1.0, 2.0]]), 7.0 - ln(3.0)),
                    ((array![0.5, 1.5], array![[0.5, -0.3], [-0.3, 0.5]]), 1.5 - ln(0.16)),
                ];
                for dimension in [3, 8] {
                    let mut rng = cases.rng(dimension);
                    let draw = |_| rng.random_range(0.2..5.0);
                    let eigenvalues: Vector = (0..dimension).map(draw).collect();
                    let mean: Vector = (0..dimension).map(|_| rng.sample(StandardNormal)).collect();
                    let own: f64 = eigenvalues.iter().map(|e| e - ln(*e) - 1.0).sum();
                    let twice = own + mean.dot(&mean);
                    let covariance = turned(&eigenvalues, &mut rng);
                    known.push(((mean, covariance), twice));
                }
                // Σ = v (I + 1 1ᵀ) in 40 coordinates: the variance v along all directions but one, where it is 41 v.
                let (v, ones) = (1e-10, Vector::ones(40));
                let together = Array2::from_elem((40, 40), v) + Array2::from_diag(&(v * &ones));
                known.push(((ones, together), 80.0 * v - 40.0 * ln(v) - ln(41.0)));
                for (moments, twice) in known {
                    cases.equal("", student.output(|f| f.call(&moments))?, 0.5 * twice);
                }
                Ok(())
            },
        )
        .mistaken(
            "diagonal-only",
            "The logarithm was taken of the diagonal of Σ, as if the coordinates were independent. \
             Correlations lower the determinant: compute it from the whole matrix.",
            |(mean, covariance): Moments| {
                from_parts(&mean, &covariance, covariance.diag().ln().sum())
            },
        )
        .mistaken(
            "log-determinant-added",
            "The logarithm of the determinant has the wrong sign. A narrow code is far from the \
             prior: the divergence has to grow when a variance goes to zero.",
            |(mean, covariance): Moments| from_parts(&mean, &covariance, -log_det(&covariance)),
        )
        .mistaken(
            "factor-for-covariance",
            "Half the logarithm of the determinant is missing. If you used a Cholesky factor L: \
             det Σ = (det L)², so log det Σ is twice the sum of the logarithms on L's diagonal.",
            |(mean, covariance): Moments| {
                from_parts(&mean, &covariance, 0.5 * log_det(&covariance))
            },
        )
        .mistaken(
            "determinant-multiplied-out",
            "The formula is right, but the product of the pivots became 0 before its logarithm was \
             taken. Add up logarithms instead.",
            |(mean, covariance): Moments| {
                from_parts(&mean, &covariance, pivots(&covariance).product().ln())
            },
        )
        .mistaken(
            "no-half",
            "The factor ½ in front is missing: every value is twice what it should be.",
            |(mean, covariance): Moments| {
                2.0 * from_parts(&mean, &covariance, log_det(&covariance))
            },
        )
        .mistaken(
            "mean-for-sum",
            "The result was divided by the number of coordinates. Independent coordinates add; \
             nothing is averaged.",
            |(mean, covariance): Moments| {
                from_parts(&mean, &covariance, log_det(&covariance)) / mean.len() as f64
            },
        )
}

/// ½(tr Σ + ‖μ‖² − D − log det Σ), for any opinion about the last.
fn from_parts(mean: &Vector, covariance: &Matrix, log_det: f64) -> f64 {
    0.5 * (covariance.diag().sum() + mean.dot(mean) - mean.len() as f64 - log_det)
}

fn log_det(covariance: &Matrix) -> f64 {
    pivots(covariance).ln().sum()
}

/// The pivots of Gaussian elimination: the squares of the diagonal of the Cholesky factor.
fn pivots(covariance: &Matrix) -> Vector {
    let factor = prob::cholesky::cholesky(covariance.view()).expect("a covariance of ours");
    factor.diag().map(|l| l * l)
}

/// A matrix with these eigenvalues: mirrored at two random planes, which mixes all coordinates.
fn turned(eigenvalues: &Vector, rng: &mut Rng) -> Matrix {
    let mut matrix = Array2::from_diag(eigenvalues);
    for _ in 0..2 {
        let normal: Vector = eigenvalues.map(|_| rng.sample(StandardNormal));
        let column = normal.view().insert_axis(Axis(1));
        let mirror =
            Array2::eye(normal.len()) - 2.0 / normal.dot(&normal) * &column.dot(&column.t());
        matrix = mirror.dot(&matrix).dot(&mirror);
    }
    0.5 * (&matrix + &matrix.t())
}

fn laplace_kl() -> impl AnyExercise {
    type Question = (f64, f64, f64, f64);
    exercise("laplace_kl")
        .title("Two Laplace densities")
        .arguments("mean1, scale1, mean2, scale2")
        .minutes(20)
        .points(3)
        .hints(&[
            "Subtract the logarithms first, as in (6.2): what remains is log(b₂/b₁) − |x − m₁|/b₁ \
             + |x − m₂|/b₂.",
            "Under the first density |x − m₁| averages to b₁. For |x − m₂|, put d = |m₁ − m₂| and \
             split the integral where x passes m₂; the average is larger than d, and tends to b₁ \
             as d → 0.",
            "E|x − m₂| = d + b₁ e^(−d/b₁). Check it at d = 0 and for large d.",
            "So the divergence is log(b₂/b₁) − 1 + (that average)/b₂.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Question, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |m1: f64, b1: f64, m2: f64, b2: f64| {
                let log_density = |x: f64, m: f64, b: f64| -(x - m).abs() / b - (2.0 * b).ln();
                let integrand = |x: f64| {
                    let log_p = log_density(x, m1, b1);
                    log_p.exp() * (log_p - log_density(x, m2, b2))
                };
                // By quadrature, between the kinks; 40 scales from m₁ on there are 1e-17 of the mass.
                let mut points =
                    vec![m1 - 40.0 * b1, m1.min(m2), m1.max(m2), m1.max(m2) + 40.0 * b1];
                points.dedup();
                let expected = Quadrature::default().integrate_between(integrand, &points)?.value;
                let answer = student.output(|f| f.call(&(m1, b1, m2, b2)))?;
                cases.equal("", answer, expected);
                Ok::<_, CheckError>(())
            };
            ask(0.0, 1.0, 1.0, 1.0)?;
            ask(1.0, 2.0, 0.0, 1.0)?;
            ask(0.0, 0.5, 3.0, 2.0)?;
            // At one place, and the same density twice.
            ask(0.7, 2.0, 0.7, 1.0)?;
            ask(-1.5, 0.8, -1.5, 0.8)?;
            ask(1.2, 1.7, -0.4, 0.9)?;
            for _ in 0..3 {
                let (m1, m2) = (number(&mut rng, -2.0, 0.0), number(&mut rng, 0.0, 2.0));
                ask(m1, number(&mut rng, 0.5, 1.0), m2, number(&mut rng, 1.2, 2.0))?;
            }
            Ok(())
        })
        .mistaken(
            "distances-added",
            "You took E|x − m₂| for |m₁ − m₂| + b₁; the two deviations partly cancel where x lies \
             beyond m₂, so do the integral in two pieces.",
            |(m1, b1, m2, b2)| (b2 / b1).ln() - 1.0 + ((m1 - m2).abs() + b1) / b2,
        )
        .mistaken(
            "spread-forgotten",
            "You took E|x − m₂| for |m₁ − m₂|, as if x were always m₁; a positive term that decays \
             with the distance is missing.",
            |(m1, b1, m2, b2)| (b2 / b1).ln() - 1.0 + (m1 - m2).abs() / b2,
        )
        .mistaken(
            "no-absolute-value",
            "You used m₁ − m₂ with its sign; the density is symmetric, so only the distance |m₁ − \
             m₂| may enter.",
            |(m1, b1, m2, b2)| {
                (b2 / b1).ln() - 1.0 + ((m1 - m2) + b1 * (-(m1 - m2) / b1).exp()) / b2
            },
        )
        .mistaken(
            "directions-swapped",
            "You computed the divergence of the second density from the first; the expectation is \
             taken under the first.",
            |(m1, b1, m2, b2)| laplace(m2, b2, m1, b1),
        )
        .mistaken(
            "decay-in-units-of-b2",
            "The exponential decays with the wrong scale; x is drawn from the first density, so \
             the distance counts in units of b₁ there.",
            |(m1, b1, m2, b2)| {
                let d = (m1 - m2).abs();
                (b2 / b1).ln() - 1.0 + (d + b1 * (-d / b2).exp()) / b2
            },
        )
        .mistaken(
            "log-ratio-upside-down",
            "The logarithm of the scales has the wrong sign: −log b₁ comes from log p, and +log b₂ \
             because log q is subtracted.",
            |(m1, b1, m2, b2)| laplace(m1, b1, m2, b2) - 2.0 * (b2 / b1).ln(),
        )
}

fn laplace(m1: f64, b1: f64, m2: f64, b2: f64) -> f64 {
    let d = (m1 - m2).abs();
    (b2 / b1).ln() - 1.0 + (d + b1 * (-d / b1).exp()) / b2
}

fn free_bits_gradient() -> impl AnyExercise {
    type Question = (Matrix, Matrix, f64);
    type Answer = (Matrix, Matrix);
    exercise("free_bits_gradient")
        .title("Free bits")
        .arguments("mean, log_var, free")
        .minutes(20)
        .points(3)
        .hints(&[
            "First compute the mean of KLᵢⱼ over the batch: D numbers. Each decides for its whole \
             column.",
            "A column whose mean is below λ is constant in J there: all of its derivatives are \
             zero.",
            "A column above λ has the derivatives (6.8), times the 1/n of the mean.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Question, Answer>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |mean: &Matrix, log_var: &Matrix, free: f64| {
                let expected = free_bits_by_dual_numbers(mean, log_var, free);
                let answer = student.output(|f| f.call(&(mean.clone(), log_var.clone(), free)))?;
                cases.equal_matrices("∂J/∂μ", &answer.0, &expected.0);
                cases.equal_matrices("∂J/∂log σ²", &answer.1, &expected.1);
                Ok::<_, CheckError>(())
            };
            ask(&array![[2.0, 0.1]], &array![[0.0, 0.0]], 0.5)?;
            // One image with one coordinate; then so large a λ that all is free.
            ask(&array![[-1.0]], &array![[0.4]], 0.3)?;
            ask(&array![[1.5, -0.4], [0.6, 0.9]], &array![[-0.5, 0.3], [0.2, -0.8]], 50.0)?;
            // Column 0 is paid for, but not by its last image; column 1 is free, in total and image by image.
            let mean = array![[1.5, 0.1], [-1.5, 0.2], [0.1, 0.0]];
            let log_var = array![[-0.5, 0.1], [0.5, -0.1], [0.1, 0.2]];
            ask(&mean, &log_var, 0.6)?;
            // λ a little below and a little above what each column costs: no other number than that cost lies between.
            for (shape, spread) in [((3, 3), 1.5), ((4, 2), 0.6)] {
                let mean = matrix(&mut rng, shape, -spread, spread);
                let log_var = matrix(&mut rng, shape, -spread, 0.8 * spread);
                for cost in divergences(&mean, &log_var).sum_axis(Axis(0)) / shape.0 as f64 {
                    for share in [0.98, 1.02] {
                        ask(&mean, &log_var, (1e4 * share * cost).round() / 1e4)?;
                    }
                }
            }
            Ok(())
        })
        .mistaken(
            "no-floor",
            "This is the gradient of the KL itself; where a coordinate's mean lies below λ, J is \
             constant and the gradient is zero.",
            |(mean, log_var, _)| free_bits(&mean, &log_var, |_, _| true),
        )
        .mistaken(
            "floor-per-image",
            "You compared each image's KL with λ; the mean over the batch is inside the maximum, \
             so a column is charged or free as a whole.",
            |(mean, log_var, free)| {
                let divergence = divergences(&mean, &log_var);
                free_bits(&mean, &log_var, |i, j| divergence[[i, j]] > free)
            },
        )
        .mistaken(
            "floor-on-the-total",
            "You compared the sum over the coordinates with D·λ; each coordinate has its own \
             maximum.",
            |(mean, log_var, free)| {
                let total = divergences(&mean, &log_var).sum() / mean.nrows() as f64;
                free_bits(&mean, &log_var, |_, _| total > free * mean.ncols() as f64)
            },
        )
        .mistaken(
            "sum-over-the-batch",
            "The factor 1/n is missing: J contains the mean over the batch, so each image \
             contributes its n-th part.",
            |(mean, log_var, free)| {
                let (by_mean, by_log_var) = paid_columns(&mean, &log_var, free);
                let n = mean.nrows() as f64;
                (n * by_mean, n * by_log_var)
            },
        )
        .mistaken(
            "minimum-for-maximum",
            "You charge the coordinates below λ and free those above, which is the gradient of Σ \
             min(λ, …); it is the other way round.",
            |(mean, log_var, free)| {
                let divergence = divergences(&mean, &log_var);
                let column = divergence.sum_axis(Axis(0)) / mean.nrows() as f64;
                free_bits(&mean, &log_var, |_, j| column[j] < free)
            },
        )
        .mistaken(
            "derivative-by-sigma-squared",
            "The second gradient is with respect to σ², not to log σ²; by the chain rule it lacks \
             the factor σ² (6.8).",
            |(mean, log_var, free)| {
                let (by_mean, by_log_var) = paid_columns(&mean, &log_var, free);
                (by_mean, by_log_var * log_var.mapv(|v| (-v).exp()))
            },
        )
}

fn divergences(mean: &Matrix, log_var: &Matrix) -> Matrix {
    Zip::from(mean).and(log_var).map_collect(|&m, &v| kl::gaussian_standard(m, v))
}

/// The gradient of the mean KL over the batch, where `paid` says so.
fn free_bits(
    mean: &Matrix,
    log_var: &Matrix,
    paid: impl Fn(usize, usize) -> bool,
) -> (Matrix, Matrix) {
    let n = mean.nrows() as f64;
    let share = |(i, j): (usize, usize)| if paid(i, j) { 1.0 / n } else { 0.0 };
    let by_mean = Array2::from_shape_fn(mean.dim(), |at| share(at) * mean[at]);
    let by_log_var = Array2::from_shape_fn(mean.dim(), |at| share(at) * 0.5 * log_var[at].exp_m1());
    (by_mean, by_log_var)
}

fn paid_columns(mean: &Matrix, log_var: &Matrix, free: f64) -> (Matrix, Matrix) {
    let column = divergences(mean, log_var).sum_axis(Axis(0)) / mean.nrows() as f64;
    free_bits(mean, log_var, |_, j| column[j] > free)
}

/// Each derivative by dual numbers, which follow the definition of J and know nothing of (6.8).
fn free_bits_by_dual_numbers(mean: &Matrix, log_var: &Matrix, free: f64) -> (Matrix, Matrix) {
    let objective = |mean: &Array2<F1>, log_var: &Array2<F1>| -> F1 {
        let n = F1::cst(mean.nrows() as f64);
        let column = |j: usize| {
            let charges = mean.column(j).into_iter().zip(log_var.column(j));
            charges.fold(F1::cst(0.0), |sum, (&m, &v)| sum + kl::gaussian_standard(m, v) / n)
        };
        let charged = |j| if column(j) > F1::cst(free) { column(j) } else { F1::cst(free) };
        (0..mean.ncols()).map(charged).fold(F1::cst(0.0), |sum, charge| sum + charge)
    };
    let (means, log_vars) = (mean.mapv(F1::cst), log_var.mapv(F1::cst));
    let derivative = |in_mean: bool, at: (usize, usize)| {
        let (mut means, mut log_vars) = (means.clone(), log_vars.clone());
        let moved = if in_mean { &mut means[at] } else { &mut log_vars[at] };
        *moved = F1::var(moved.x);
        objective(&means, &log_vars).dx
    };
    let by_mean = Array2::from_shape_fn(mean.dim(), |at| derivative(true, at));
    (by_mean, Array2::from_shape_fn(mean.dim(), |at| derivative(false, at)))
}

fn mixture_kl_bound() -> impl AnyExercise {
    type Question = (f64, f64, Vector, Vector, Vector);
    exercise("mixture_kl_bound")
        .title("One Gaussian against a mixture")
        .arguments("mean, sigma, weights, means, sigmas")
        .minutes(30)
        .points(4)
        .hints(&[
            "Write Dₖ for KL(q ‖ gₖ). The right side is Σ φₖ log(φₖ/(ωₖ e^(−Dₖ))): almost the \
             divergence of φ from the numbers ωₖ e^(−Dₖ), which only lack that they add up to 1.",
            "Divide these numbers by their sum Z. What remains is a divergence of two lists of \
             probabilities, at best zero, and −log Z.",
            "The minimum is −log Σ ωₖ e^(−Dₖ). For large Dₖ every term underflows; put the largest \
             one outside, as in every log-sum-exp.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Question, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |q: Gaussian, parts: &[(f64, f64, f64)]| {
                let mut priced = Vec::new();
                for &(weight, mean, sigma) in parts {
                    priced.push((weight, divergence(&q, &Gaussian::new(mean, sigma)?)?));
                }
                let column =
                    |f: fn(&(f64, f64, f64)) -> f64| parts.iter().map(f).collect::<Array1<_>>();
                let (weights, means, sigmas) = (column(|p| p.0), column(|p| p.1), column(|p| p.2));
                let question = (q.mean(), q.sigma(), weights, means, sigmas);
                cases.equal("", student.output(|f| f.call(&question))?, least_bound(&priced));
                Ok::<_, CheckError>(())
            };
            ask(Gaussian::new(0.0, 1.0)?, &[(0.5, 0.0, 1.0), (0.5, 2.0, 1.0)])?;
            ask(Gaussian::new(0.0, 1.0)?, &[(0.2, -1.0, 0.7), (0.8, 1.0, 2.0)])?;
            ask(Gaussian::new(1.5, 0.8)?, &[(0.5, 0.0, 1.0), (0.5, 2.0, 1.0)])?;
            // A single component: the bound is the divergence itself.
            ask(Gaussian::new(-0.6, 1.3)?, &[(1.0, 0.5, 0.9)])?;
            for _ in 0..3 {
                let cut = number(&mut rng, 0.2, 0.4);
                let mut part = |weight, at: f64| {
                    (weight, number(&mut rng, at - 0.5, at + 0.5), number(&mut rng, 0.6, 1.8))
                };
                let parts = [part(cut, -1.5), part(rounded(0.9 - cut), 0.5), part(0.1, 2.0)];
                let [mean, sigma] = [number(&mut rng, -1.5, 1.5), number(&mut rng, 0.5, 1.5)];
                ask(Gaussian::new(mean, sigma)?, &parts)?;
            }
            // Far away: e^(−800) is no number that a float can hold.
            ask(Gaussian::new(-1.0, 1.0)?, &[(0.3, 39.0, 1.0), (0.7, 39.02, 1.0)])
        })
        .mistaken(
            "average-of-divergences",
            "You averaged the divergences with the weights ω, which is the bound at φ = ω; \
             minimise over φ.",
            |(mean, sigma, weights, means, sigmas)| {
                let terms = divergences_from(mean, sigma, &means, &sigmas);
                weights.iter().zip(&terms).map(|(w, k)| w * k).sum()
            },
        )
        .mistaken(
            "underflow",
            "The sum of e^(−KL) underflows to zero where all divergences are large; take the \
             largest term out of the logarithm before the exponentials.",
            |(mean, sigma, weights, means, sigmas)| {
                let terms = divergences_from(mean, sigma, &means, &sigmas);
                let sum: f64 = weights.iter().zip(&terms).map(|(w, k)| w * (-k).exp()).sum();
                -sum.ln()
            },
        )
        .mistaken(
            "nearest-component",
            "You took the best single component, −log ωₖ + KL(q ‖ gₖ), which is the bound at a φ \
             of one 1 and zeros; a φ that shares is better.",
            |(mean, sigma, weights, means, sigmas)| {
                let terms = divergences_from(mean, sigma, &means, &sigmas);
                let alone = weights.iter().zip(&terms).map(|(w, k)| k - w.ln());
                alone.fold(f64::INFINITY, f64::min)
            },
        )
        .mistaken(
            "weights-forgotten",
            "The weights ω are missing inside the sum: a component counts by how much of the \
             mixture it is.",
            |(mean, sigma, weights, means, sigmas)| {
                let terms = divergences_from(mean, sigma, &means, &sigmas);
                soft_minimum(&weights.mapv(|_| 1.0 / weights.len() as f64), &terms)
            },
        )
        .mistaken(
            "directions-swapped",
            "You used KL(gₖ ‖ q); the expectation is under q in the divergence and in every part \
             of its bound.",
            |(mean, sigma, weights, means, sigmas)| {
                let terms: Vec<f64> = means
                    .iter()
                    .zip(&sigmas)
                    .map(|(&m, &s)| kl::gaussian_from_sigma(m, s, mean, sigma))
                    .collect();
                soft_minimum(&weights, &terms)
            },
        )
}

fn divergences_from(mean: f64, sigma: f64, means: &Vector, sigmas: &Vector) -> Vec<f64> {
    let parts = means.iter().zip(sigmas);
    parts.map(|(&m, &s)| kl::gaussian_from_sigma(mean, sigma, m, s)).collect()
}

/// −log Σ ω e^(−D)
fn soft_minimum(weights: &Vector, terms: &[f64]) -> f64 {
    let logs: Vec<f64> = weights.iter().zip(terms).map(|(w, k)| w.ln() - k).collect();
    -prob::log_sum_exp(&logs)
}

/// The least of Σ φ (log(φ/ω) + D) over φ, found by search: the first part against the best of all the others,
/// whose share among themselves is the same question with one part less.
fn least_bound(priced: &[(f64, f64)]) -> f64 {
    let [(first_weight, first), rest @ ..] = priced else { return f64::INFINITY };
    let total: f64 = priced.iter().map(|(weight, _)| weight).sum();
    if rest.is_empty() {
        return *first;
    }
    let (weight, others) = (first_weight / total, least_bound(rest));
    // φ = sigmoid(t): beyond |t| = 40 it is 0 or 1 up to rounding.
    let bound = |t: f64| {
        let (on, off) = (1.0 / (1.0 + (-t).exp()), 1.0 / (1.0 + t.exp()));
        on * ((on / weight).ln() + first) + off * ((off / (1.0 - weight)).ln() + others)
    };
    bound(lowest(bound, -40.0, 40.0))
}

/// Where a function with a single minimum has it, by golden section.
fn lowest(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let ratio = 0.5 * (5.0_f64.sqrt() - 1.0);
    for _ in 0..80 {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        if f(left) <= f(right) { high = right } else { low = left }
    }
    0.5 * (low + high)
}
