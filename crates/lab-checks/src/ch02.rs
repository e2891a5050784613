//! Lab 2: variational inference.

use std::f64::consts::{LN_2, PI};

use claims::{Subject, Tolerance};
use lab::{AnyExercise, Call, Lab, exercise};
use ndarray::{Array1, Array2, array};
use prob::cholesky::cholesky;

use crate::numeric::{
    crossing, lower, lower_triangle, matrix_gradient, number, numbers, precision, rounded, slope,
    solve, vector, vertex,
};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

/// The exercises, in the order of the student's file.
pub(crate) fn lab() -> Lab {
    Lab::new("ch02", "variational-inference", "Variational inference, further")
        .exercise(one_more_mark())
        .exercise(missing_mark())
        .exercise(coordinate_round())
        .exercise(laplace())
        .exercise(full_covariance_gradient())
}

/// m, Λ, w, b, σ and x.
type OneMark = (f64, f64, f64, f64, f64, f64);

fn one_more_mark() -> impl AnyExercise {
    exercise("one_more_mark")
        .title("One more mark")
        .arguments("mean, precision, loading, bias, sigma, x")
        .minutes(8)
        .points(1)
        .hints(&[
            "Bayes' rule (2.3) with N(m, 1/Λ) in place of the prior: multiply two Gaussians, as \
             functions of z.",
            "Add the two quadratic exponents. Minus the second derivative is the new precision: \
             Λ and what (2.5) says of one mark.",
            "The new mean times the new precision is Λm + w(x − b)/σ².",
        ])
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |student: &Subject<Call<OneMark, (f64, f64)>>, cases| {
                let mut rng = cases.rng(0);
                let mut inputs = vec![
                    (0.0, 1.0, 10.0, 60.0, 10.0, 80.0),
                    (1.0, 2.0, 8.0, 50.0, 6.0, 54.0),
                    // An exam that a high ability harms, one that says nothing, and a bias below 0.
                    (-0.5, 0.8, -6.0, 55.0, 7.0, 40.0),
                    (0.7, 2.5, 0.0, 50.0, 6.0, 54.0),
                    (0.4, 1.5, 2.0, -3.0, 0.5, -1.0),
                ];
                for _ in 0..4 {
                    inputs.push((
                        number(&mut rng, 0.3, 1.5),
                        number(&mut rng, 1.5, 4.0),
                        number(&mut rng, 4.0, 12.0),
                        number(&mut rng, 40.0, 60.0),
                        number(&mut rng, 4.0, 12.0),
                        number(&mut rng, 30.0, 90.0),
                    ));
                }
                for input in inputs {
                    let (mean, precision) = student.output(|f| f.call(&input))?;
                    let [expected_mean, variance] = after_one_mark(input);
                    cases.equal("m", mean, expected_mean);
                    cases.equal("Λ", precision, 1.0 / variance);
                }
                Ok(())
            },
        )
        .mistaken(
            "sigma-for-variance",
            "You divided by σ where the variance σ² belongs.",
            |(m, lambda, w, b, sigma, x): OneMark| {
                let after = lambda + w * w / sigma;
                ((lambda * m + w * (x - b) / sigma) / after, after)
            },
        )
        .mistaken(
            "prior-counted-again",
            "You added the prior's precision 1 once more; what was known before, Λ, already \
             contains it.",
            |(m, lambda, w, b, sigma, x): OneMark| {
                let after = 1.0 + lambda + w * w / (sigma * sigma);
                ((lambda * m + w * (x - b) / (sigma * sigma)) / after, after)
            },
        )
        .mistaken(
            "estimate-forgotten",
            "The mean that was known before is gone; weigh it with its precision and add Λm to \
             w(x − b)/σ².",
            |(_, lambda, w, b, sigma, x): OneMark| {
                let after = lambda + w * w / (sigma * sigma);
                (w * (x - b) / (sigma * sigma) / after, after)
            },
        )
        .mistaken(
            "surprise-about-the-bias",
            "You corrected m by the whole of x − b; what is new in a mark is its difference from \
             what was expected, x − b − wm.",
            |(m, lambda, w, b, sigma, x): OneMark| {
                let after = lambda + w * w / (sigma * sigma);
                (m + w * (x - b) / (sigma * sigma) / after, after)
            },
        )
}

/// Mean and variance of z given x, from the covariance of the two: a regression of the ability on the mark.
fn after_one_mark((m, lambda, w, b, sigma, x): OneMark) -> [f64; 2] {
    let of_z = 1.0 / lambda;
    let (of_both, of_x) = (w * of_z, w * w * of_z + sigma * sigma);
    [m + of_both / of_x * (x - b - w * m), of_z - of_both * of_both / of_x]
}

/// w, b, σ and x of the exams taken; w, b and σ of the one missed.
type Exams = (Vec<f64>, Vec<f64>, Vec<f64>, Vec<f64>, [f64; 3]);

fn missing_mark() -> impl AnyExercise {
    // Elimination in at most five well-conditioned equations: some roundings.
    exercise("missing_mark")
        .title("The mark of an exam that was missed")
        .arguments("loadings, bias, sigma, marks, missing")
        .minutes(15)
        .points(2)
        .hints(&[
            "Two steps: from the marks to the ability, then from the ability to the missing mark.",
            "The first step is (2.5) with d = 1, where everything is a number: Λ = 1 + Σ w²/σ².",
            "The missing mark is w z + b + noise, with z ~ N(m, 1/Λ) independent of the noise. \
             Variances of independent terms add.",
        ])
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |student: &Subject<Call<Exams, (f64, f64)>>, cases| {
                let one = (vec![10.0], vec![60.0], vec![10.0], vec![80.0], [8.0, 50.0, 6.0]);
                let mut rng = cases.rng(0);
                let signs = (
                    vec![-5.0, 4.0],
                    vec![50.0, -2.0],
                    vec![5.0, 0.5],
                    vec![62.0, -3.5],
                    [-4.0, -1.0, 2.0],
                );
                let mut inputs = vec![one, signs];
                for exams in 1..6 {
                    inputs.push((
                        numbers(&mut rng, exams, 3.0, 12.0),
                        numbers(&mut rng, exams, 40.0, 60.0),
                        numbers(&mut rng, exams, 4.0, 12.0),
                        numbers(&mut rng, exams, 62.0, 95.0),
                        [
                            number(&mut rng, 3.0, 12.0),
                            number(&mut rng, 40.0, 60.0),
                            number(&mut rng, 4.0, 12.0),
                        ],
                    ));
                }
                for input in inputs {
                    let (mean, variance) = student.output(|f| f.call(&input))?;
                    let (expected_mean, expected_variance) = conditional(&input);
                    cases.equal("the mean", mean, expected_mean);
                    cases.equal("the variance", variance, expected_variance);
                }
                Ok(())
            },
        )
        .mistaken(
            "noise-left-out",
            "The variance holds only what is unknown of the ability; the missing exam has noise \
             of its own, so add its σ².",
            |exams: Exams| {
                let [w, b, _] = exams.4;
                let (m, lambda) = ability(&exams, 1.0, 2);
                (w * m + b, w * w / lambda)
            },
        )
        .mistaken(
            "ability-taken-for-known",
            "You took the ability for known, z = m; it has the variance 1/Λ, which the exam's \
             loading turns into w²/Λ.",
            |exams: Exams| {
                let [w, b, sigma] = exams.4;
                let (m, _) = ability(&exams, 1.0, 2);
                (w * m + b, sigma * sigma)
            },
        )
        .mistaken(
            "prior-left-out",
            "The prior's 1 is missing in Λ, so few marks are believed too much: Λ = 1 + Σ w²/σ².",
            |exams: Exams| {
                let [w, b, sigma] = exams.4;
                let (m, lambda) = ability(&exams, 0.0, 2);
                (w * m + b, w * w / lambda + sigma * sigma)
            },
        )
        .mistaken(
            "sigma-for-variance",
            "In the step from the marks to the ability you divided by σ; the noise enters as its \
             variance σ².",
            |exams: Exams| {
                let [w, b, sigma] = exams.4;
                let (m, lambda) = ability(&exams, 1.0, 1);
                (w * m + b, w * w / lambda + sigma * sigma)
            },
        )
        .mistaken(
            "bias-left-out",
            "You predicted wm and left out the exam's average mark b.",
            |exams: Exams| {
                let [w, _, sigma] = exams.4;
                let (m, lambda) = ability(&exams, 1.0, 2);
                (w * m, w * w / lambda + sigma * sigma)
            },
        )
}

/// (2.5) for one ability, with the prior's precision and the power of σ as given.
fn ability((w, b, sigma, x, _): &Exams, prior: f64, power: i32) -> (f64, f64) {
    let share = |j: usize| w[j] / sigma[j].powi(power);
    let precision = prior + (0..x.len()).map(|j| w[j] * share(j)).sum::<f64>();
    ((0..x.len()).map(|j| share(j) * (x[j] - b[j])).sum::<f64>() / precision, precision)
}

/// The same without the ability: marks have the joint covariance (2.4), and a Gaussian conditioned on some of its
/// coordinates has the mean b + cᵀC⁻¹(x − b) and the variance w² + σ² − cᵀC⁻¹c.
fn conditional((w, b, sigma, x, [w0, b0, sigma0]): &Exams) -> (f64, f64) {
    let count = x.len();
    let covariance = Matrix::from_shape_fn((count, count), |(i, j)| {
        w[i] * w[j] + if i == j { sigma[i] * sigma[i] } else { 0.0 }
    });
    let with_missing: Vector = w.iter().map(|w| w0 * w).collect();
    let weights = solve(&covariance, &with_missing);
    let surprise: Vector = x.iter().zip(b).map(|(x, b)| x - b).collect();
    (b0 + weights.dot(&surprise), w0 * w0 + sigma0 * sigma0 - weights.dot(&with_missing))
}

/// Λ, m and where the round starts.
type Round = (Matrix, Vector, Vector);

fn coordinate_round() -> impl AnyExercise {
    // The vertex of a parabola from three of its values is off by some roundings.
    exercise("coordinate_round")
        .title("One round of coordinate ascent")
        .arguments("precision, mean, start")
        .minutes(15)
        .points(2)
        .hints(&[
            "Set one coordinate of (2.13), Λ(m − μ), to zero and solve it for that coordinate of \
             μ.",
            "μᵢ = mᵢ − (Σ over the others of Λᵢⱼ (μⱼ − mⱼ))/Λᵢᵢ.",
            "Write each new coordinate into a copy of μ before you turn to the next.",
        ])
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |student: &Subject<Call<Round, Vector>>, cases| {
                let mut rng = cases.rng(0);
                let by_hand = (array![[2.0, 1.0], [1.0, 2.0]], array![0.0, 0.0], array![1.0, 1.0]);
                let one = (array![[2.0]], array![1.0], array![3.0]);
                let mut inputs = vec![by_hand, one];
                for size in [2, 3, 4] {
                    inputs.push((
                        precision(&mut rng, size).mapv(rounded),
                        vector(&mut rng, size, -1.0, 1.0),
                        vector(&mut rng, size, -3.0, 3.0),
                    ));
                }
                for input in inputs {
                    let mu = student.output(|f| f.call(&input))?;
                    cases.equal_lists("μ", &mu, &maximised(&input));
                }
                Ok(())
            },
        )
        .mistaken(
            "old-values",
            "You used the values from before the round for all coordinates; each step has to see \
             the newest values of the others.",
            |(lambda, m, start): Round| &start + (lambda.dot(&(&m - &start)) / lambda.diag()),
        )
        .mistaken(
            "gradient-step",
            "You moved each coordinate by its derivative, a step with rate 1; divide by the \
             curvature Λᵢᵢ to land on the maximum.",
            |input: Round| swept(&input, |_, slope| slope),
        )
        .mistaken(
            "away-from-the-maximum",
            "The correction has the wrong sign: where the others are too large and Λᵢⱼ > 0, this \
             coordinate has to become smaller.",
            |input: Round| {
                let (lambda, m, mut mu) = input;
                for i in 0..mu.len() {
                    let off = &mu - &m;
                    let others = lambda.row(i).dot(&off) - lambda[[i, i]] * off[i];
                    mu[i] = m[i] + others / lambda[[i, i]];
                }
                mu
            },
        )
        .mistaken(
            "own-error-kept",
            "The sum over the others contains the coordinate itself; leave j = i out, or add to \
             μᵢ instead of to mᵢ.",
            |input: Round| {
                let (lambda, m, mut mu) = input;
                for i in 0..mu.len() {
                    mu[i] = m[i] - lambda.row(i).dot(&(&mu - &m)) / lambda[[i, i]];
                }
                mu
            },
        )
}

/// Coordinate after coordinate, moved by a function of its curvature and its derivative.
fn swept((lambda, m, start): &Round, step: impl Fn(f64, f64) -> f64) -> Vector {
    let mut mu = start.clone();
    for i in 0..mu.len() {
        mu[i] += step(lambda[[i, i]], lambda.row(i).dot(&(m - &mu)));
    }
    mu
}

/// Each coordinate set to the vertex of the bound as a function of it.
fn maximised((lambda, m, start): &Round) -> Vector {
    let mut mu = start.clone();
    for i in 0..mu.len() {
        let bound = |value: f64| {
            let mut off = &mu - m;
            off[i] = value - m[i];
            -0.5 * off.dot(&lambda.dot(&off))
        };
        let best = vertex(bound);
        mu[i] = best;
    }
    mu
}

/// best, a, σ and x.
type Nerves = (f64, f64, f64, f64);

fn laplace() -> impl AnyExercise {
    // Differences of a polynomial of degree four are exact up to roundings, which the second one raises to 1e-12.
    exercise("laplace")
        .title("Laplace's approximation")
        .arguments("best, loss, sigma, x")
        .minutes(25)
        .points(3)
        .hints(&[
            "Write log p(x, z) out as in (2.19), without the expectations, with ℓ = best − x: \
             two constants, −½z², and −(ℓ − az²)²/(2σ²).",
            "Its derivative is z times something; the something vanishes at z² = ℓ/a − σ²/(2a²).",
            "The second derivative is −1 + 2aℓ/σ² − 6a²z²/σ². Put the mode in: −4a²z²/σ² is \
             left, and v is one over minus that.",
            "log p(x, z*) + ½ log 2πv is one mode's share of the evidence; the other's is as \
             large.",
        ])
        .exact(
            Tolerance::relative(1e-10).or_absolute(1e-10),
            |student: &Subject<Call<Nerves, [f64; 3]>>, cases| {
                let mut rng = cases.rng(0);
                // By hand, in marks, and with modes that nearly touch.
                let mut inputs =
                    vec![(0.0, 1.0, 1.0, -2.5), (80.0, 9.0, 7.0, 60.0), (-1.0, 1.5, 0.8, -1.6)];
                for _ in 0..4 {
                    let best = number(&mut rng, 70.0, 90.0).round();
                    let loss = number(&mut rng, 6.0, 10.0);
                    let sigma = number(&mut rng, 4.0, 8.0);
                    inputs.push((best, loss, sigma, best - number(&mut rng, 12.0, 30.0).round()));
                }
                for input in inputs {
                    let measured = student.output(|f| f.call(&input))?;
                    let names = ["z*", "v", "log p(x)"];
                    for ((name, value), right) in names.iter().zip(measured).zip(by_slopes(input)) {
                        cases.equal(*name, value, right);
                    }
                }
                Ok(())
            },
        )
        .mistaken(
            "one-mode",
            "The evidence counts one mode only; −z* has as large a share, so log 2 is missing.",
            |nerves: Nerves| {
                let (mode, v) = mode_and_variance(nerves);
                [mode, v, log_joint(nerves, mode) + 0.5 * (2.0 * PI * v).ln()]
            },
        )
        .mistaken(
            "curvature-for-variance",
            "You returned the curvature 1/v where the variance v is asked for; take the \
             reciprocal.",
            |nerves: Nerves| {
                let (mode, v) = mode_and_variance(nerves);
                let v = 1.0 / v;
                [mode, v, log_joint(nerves, mode) + 0.5 * (2.0 * PI * v).ln() + LN_2]
            },
        )
        .mistaken(
            "prior-left-out",
            "You expanded the likelihood alone, whose mode is √(ℓ/a); the joint density contains \
             the prior −½z², too.",
            |nerves: Nerves| {
                let (best, loss, sigma, x) = nerves;
                let mode = ((best - x) / loss).sqrt();
                let v = sigma * sigma / (4.0 * loss * (best - x));
                [mode, v, log_joint(nerves, mode) + 0.5 * (2.0 * PI * v).ln() + LN_2]
            },
        )
        .mistaken(
            "height-for-integral",
            "You added the two heights p(x, z*); the evidence is an integral, and a Gaussian of \
             that height has the width √(2πv).",
            |nerves: Nerves| {
                let (mode, v) = mode_and_variance(nerves);
                [mode, v, log_joint(nerves, mode) + LN_2]
            },
        )
        .mistaken(
            "root-forgotten",
            "The width of a Gaussian is √(2πv), so its logarithm is ½ log 2πv; the ½ is missing.",
            |nerves: Nerves| {
                let (mode, v) = mode_and_variance(nerves);
                [mode, v, log_joint(nerves, mode) + (2.0 * PI * v).ln() + LN_2]
            },
        )
}

/// log p(x, z) of (2.17).
fn log_joint((best, loss, sigma, x): Nerves, z: f64) -> f64 {
    let log_density =
        |x: f64, sigma: f64| -0.5 * ((2.0 * PI).ln() + (x / sigma).powi(2)) - sigma.ln();
    log_density(z, 1.0) + log_density(x - best + loss * z * z, sigma)
}

/// Where the slope of log p(x, z) is zero, one over minus its curvature there, and both modes' share of the
/// evidence.
fn by_slopes(nerves: Nerves) -> [f64; 3] {
    let rising = |z: f64| slope(|z| log_joint(nerves, z), z);
    let mode = crossing(|z| -rising(z), 0.2, 10.0);
    let variance = -1.0 / slope(rising, mode);
    let one = log_joint(nerves, mode) + 0.5 * (2.0 * PI * variance).ln();
    [mode, variance, (2.0 * one.exp()).ln()]
}

/// The mode and Laplace's variance of the joint density.
fn mode_and_variance(nerves: Nerves) -> (f64, f64) {
    let [mode, variance, _] = by_slopes(nerves);
    (mode, variance)
}

fn full_covariance_gradient() -> impl AnyExercise {
    // Differences are off by 1e-12 at most.
    exercise("full_covariance_gradient")
        .title("A q with a full covariance")
        .arguments("precision, factor")
        .minutes(25)
        .points(3)
        .hints(&[
            "The determinant of a triangular matrix is the product of its diagonal. What is ½ \
             log det(L Lᵀ) then?",
            "tr(Λ L Lᵀ) is the sum of Λᵢₖ Lₖⱼ Lᵢⱼ. Each entry of L occurs twice, and Λ is \
             symmetric.",
            "The first term gives −ΛL, the second 1/Lᵢᵢ on the diagonal. What does the answer \
             contain above the diagonal?",
        ])
        .exact(
            Tolerance::relative(1e-10).or_absolute(1e-10),
            |student: &Subject<Call<(Matrix, Matrix), Matrix>>, cases| {
                let mut rng = cases.rng(0);
                let mut inputs = vec![(array![[2.0]], array![[1.0]])];
                inputs.push((array![[3.0]], array![[0.5]]));
                for size in [2, 3, 4] {
                    let lambda = precision(&mut rng, size).mapv(rounded);
                    inputs.push((lambda, lower_triangle(&mut rng, size)));
                }
                for input in inputs {
                    let measured = student.output(|f| f.call(&input))?;
                    let (lambda, factor) = &input;
                    cases.equal_matrices("answer", &measured, &by_differences(lambda, factor)?);
                }
                Ok(())
            },
        )
        .mistaken(
            "upper-half",
            "Entries above the diagonal of L are always 0 and may not move; set their \
             derivatives to 0.",
            |(lambda, l): (Matrix, Matrix)| {
                Matrix::from_diag(&l.diag().mapv(f64::recip)) - lambda.dot(&l)
            },
        )
        .mistaken(
            "entropy-left-out",
            "The entropy's derivative 1/Lᵢᵢ is missing; without it the best q is a point.",
            |(lambda, l): (Matrix, Matrix)| lower(&-lambda.dot(&l)),
        )
        .mistaken(
            "entropy-doubled",
            "½ log det(L Lᵀ) is Σ log Lᵢᵢ, because the determinant of L counts twice and is \
             halved again; its derivative is 1/Lᵢᵢ, not 2/Lᵢᵢ.",
            |(lambda, l): (Matrix, Matrix)| {
                Matrix::from_diag(&l.diag().mapv(|l| 2.0 / l)) - lower(&lambda.dot(&l))
            },
        )
        .mistaken(
            "half-kept",
            "The ½ stayed before ΛL; L occurs twice in tr(Λ L Lᵀ), so the derivative of −½ tr(Λ \
             L Lᵀ) is −ΛL.",
            |(lambda, l): (Matrix, Matrix)| {
                Matrix::from_diag(&l.diag().mapv(f64::recip)) - 0.5 * lower(&lambda.dot(&l))
            },
        )
        .mistaken(
            "by-the-covariance",
            "This is the derivative by the covariance, ½((L Lᵀ)⁻¹ − Λ); the chain rule to L is \
             missing, multiply by 2L from the right.",
            |(lambda, l): (Matrix, Matrix)| {
                let covariance = l.dot(&l.t());
                let columns = (0..l.nrows())
                    .map(|j| solve(&covariance, &Matrix::eye(l.nrows()).column(j).to_owned()));
                let mut inverse = Matrix::zeros(l.dim());
                for (mut column, solution) in inverse.columns_mut().into_iter().zip(columns) {
                    column.assign(&solution);
                }
                lower(&(0.5 * (inverse - lambda)))
            },
        )
}

/// The derivatives of −½ tr(Λ C) + ½ log det C with C = L Lᵀ, whose determinant comes from a Cholesky factor of C.
fn by_differences(lambda: &Matrix, factor: &Matrix) -> prob::Result<Matrix> {
    let bound = |l: &Matrix| {
        let covariance = l.dot(&l.t());
        let log_det = cholesky(covariance.view())
            .map_or(f64::NAN, |l| l.diag().iter().map(|x| 2.0 * x.ln()).sum::<f64>());
        0.5 * log_det - 0.5 * lambda.dot(&covariance).diag().sum()
    };
    Ok(lower(&matrix_gradient(bound, factor)))
}
