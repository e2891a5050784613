//! Lab 8: the adversarial game.

use std::f64::consts::FRAC_PI_4;

use autodiff::{F1, Float};
use claims::{CheckError, Rng, Subject, Tolerance};
use lab::{AnyExercise, Call, Lab, exercise};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, array, s};
use prob::eigen::symmetric;
use prob::log_space::softplus;
use prob::{Categorical, compensated_sum};

use crate::numeric::{matrix, number, vector};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

/// Sums of a few terms, in whatever order a student adds them.
const ROUNDINGS: Tolerance =
    Tolerance::relative(1e-9).or_absolute(1e-12).because("the order of the sums is the student's");

/// The exercises, in the order of the student's file.
pub(crate) fn lab() -> Lab {
    Lab::new("ch08", "gan", "The adversarial game")
        .exercise(hinge_losses())
        .exercise(mode_divergence())
        .exercise(spectral_norm())
        .exercise(spectral_norm_backward())
        .exercise(critic_loss())
}

fn hinge_losses() -> impl AnyExercise {
    type Question = (Vector, Vector);
    exercise("hinge_losses")
        .title("The hinge losses")
        .arguments("real, generated")
        .minutes(8)
        .points(1)
        .hints(&[
            "L_D has two means, each over its own list; only L_G needs no maximum.",
            "`(1.0 - logit).max(0.0)` is one real example's share.",
            "For the generated ones it is `(1.0 + logit).max(0.0)`, and L_G is minus their mean \
             logit.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Question, (f64, f64)>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |real: Vector, generated: Vector| {
                // max(0, x) = (x + |x|)/2, so each mean is one of a number and its absolute value.
                let hinge = |logits: &Vector, sign: f64| {
                    let room = logits.mapv(|l| 1.0 - sign * l);
                    let both = compensated_sum(room.iter().map(|x| 0.5 * (x + x.abs())));
                    both / logits.len() as f64
                };
                let discriminator = hinge(&real, 1.0) + hinge(&generated, -1.0);
                let generator =
                    -compensated_sum(generated.iter().copied()) / generated.len() as f64;
                let answer = student.output(|f| f.call(&(real, generated)))?;
                cases.equal("L_D", answer.0, discriminator);
                cases.equal("L_G", answer.1, generator);
                Ok::<_, CheckError>(())
            };
            ask(array![2.0, 0.5], array![-0.5, -2.0])?;
            ask(array![-0.5, 3.0], array![0.75, 2.0, -4.0])?;
            // One example each, and examples at the margin itself.
            ask(array![0.3], array![-0.2])?;
            ask(array![1.0, -1.0, 0.0], array![-1.0, 1.0])?;
            for size in [3, 8] {
                let real = vector(&mut rng, size, -2.0, 3.0);
                ask(real, vector(&mut rng, size + 1, -3.0, 2.0))?;
            }
            Ok(())
        })
        .mistaken(
            "no-margin",
            "The margin is missing: a real example is charged until its logit is above 1, not \
             above 0.",
            |(real, generated)| {
                let on = |x: &Vector, sign: f64| average(&x.mapv(|l| (-sign * l).max(0.0)));
                (on(&real, 1.0) + on(&generated, -1.0), -average(&generated))
            },
        )
        .mistaken(
            "labels-exchanged",
            "You pushed real examples below −1 and generated ones above 1; the discriminator wants \
             it the other way round.",
            |(real, generated)| (hinges(&generated, &real), -average(&generated)),
        )
        .mistaken(
            "sums-for-means",
            "You added where you should average: each of the three terms is a mean over its \
             examples.",
            |(real, generated)| {
                let [n, m] = [real.len() as f64, generated.len() as f64];
                let on_real = hinges(&real, &array![-2.0]);
                let on_generated = hinges(&array![2.0], &generated);
                (n * on_real + m * on_generated, -generated.sum())
            },
        )
        .mistaken(
            "one-mean-for-both",
            "You averaged over real and generated examples together; the loss is the sum of two \
             means, as in (8.9).",
            |(real, generated)| {
                let [n, m] = [real.len() as f64, generated.len() as f64];
                let on_real = hinges(&real, &array![-2.0]);
                let on_generated = hinges(&array![2.0], &generated);
                ((n * on_real + m * on_generated) / (n + m), -average(&generated))
            },
        )
        .mistaken(
            "hinge-for-the-generator",
            "The generator's loss has no hinge; it is minus the mean logit of its examples.",
            |(real, generated)| {
                let generator = average(&generated.mapv(|l| (1.0 - l).max(0.0)));
                (hinges(&real, &generated), generator)
            },
        )
        .mistaken(
            "softplus-for-hinge",
            "You used the losses (8.9) and (8.10) with softplus; here max(0, 1 − ℓ) takes its \
             place, and the generator's loss is linear.",
            |(real, generated)| {
                let soft = |x: &Vector, sign: f64| average(&x.mapv(|l| softplus(-sign * l)));
                (soft(&real, 1.0) + soft(&generated, -1.0), soft(&generated, 1.0))
            },
        )
        .mistaken(
            "generator-sign",
            "The generator's loss has the wrong sign: it wants its logits high, so it minimises \
             minus their mean.",
            |(real, generated)| (hinges(&real, &generated), average(&generated)),
        )
}

fn average(x: &Vector) -> f64 {
    x.sum() / x.len() as f64
}

/// The discriminator's hinge loss.
fn hinges(real: &Vector, generated: &Vector) -> f64 {
    average(&real.mapv(|l| (1.0 - l).max(0.0))) + average(&generated.mapv(|l| (1.0 + l).max(0.0)))
}

fn mode_divergence() -> impl AnyExercise {
    type Question = (Matrix, Matrix);
    exercise("mode_divergence")
        .title("How unevenly a generator serves the modes")
        .arguments("points, centres")
        .minutes(15)
        .points(2)
        .hints(&[
            "First the counts: for each point find the centre with the smallest squared distance.",
            "Divide them by the number of points, not by the number of centres.",
            "KL(r ‖ 1/K) is Σ r log(r/(1/K)) = Σ r log(K r). Skip the modes with r = 0.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Question, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |centres: &Matrix, counts: &[usize]| {
                // As many points near each centre, at most a quarter of the least distance of two from it.
                let mut points = Vec::new();
                for (centre, &count) in centres.rows().into_iter().zip(counts) {
                    for _ in 0..count {
                        points.push(centre[0] + number(&mut rng, -0.7, 0.7));
                        points.push(centre[1] + number(&mut rng, -0.7, 0.7));
                    }
                }
                let total: usize = counts.iter().sum();
                let points = Array2::from_shape_vec((total, 2), points)?;
                // log K minus the entropy of the shares that the points were laid out with.
                let counts_as_numbers: Vec<f64> = counts.iter().map(|&n| n as f64).collect();
                let entropy = Categorical::from_weights(&counts_as_numbers)?.entropy();
                let expected = (counts.len() as f64).ln() - entropy;
                let answer = student.output(|f| f.call(&(points, centres.clone())))?;
                cases.equal("", answer, expected);
                Ok::<_, CheckError>(())
            };
            ask(&array![[0.0, 0.0], [4.0, 0.0]], &[3, 1])?;
            // One point and one centre.
            ask(&array![[1.0, -2.0]], &[1])?;
            ask(&array![[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]], &[4, 1, 1])?;
            let ring = Array2::from_shape_fn((8, 2), |(k, axis)| {
                let angle = FRAC_PI_4 * k as f64;
                5.0 * if axis == 0 { angle.cos() } else { angle.sin() }
            });
            ask(&ring, &[3, 1, 4, 1, 5, 9, 2, 6])?;
            ask(&ring, &[10, 0, 0, 20, 0, 5, 0, 1])?;
            ask(&ring, &[0, 0, 12, 0, 0, 0, 0, 0])?;
            // Two points on each side. By the sum of the distances along the axes the first would be nearer to the
            // first centre (4.4 against 4.6), by the larger of the two the second (1.95 against 2.05).
            let points = array![[0.9, 3.5], [1.95, 1.9], [-2.0, 1.0], [1.0, -2.5]];
            let centres = array![[0.0, 0.0], [4.0, 2.0]];
            let answer = student.output(|f| f.call(&(points, centres)))?;
            cases.equal("", answer, 0.0);
            Ok(())
        })
        .mistaken(
            "empty-mode",
            "A mode without points gave 0·log 0, which is not a number; its contribution is 0, so \
             leave it out.",
            |question| over_modes(&question, |r, modes| r * (r * modes).ln()),
        )
        .mistaken(
            "directions-swapped",
            "You computed the divergence of equal shares from r, which is infinite as soon as one \
             mode is missed; the expectation is under r.",
            |question| over_modes(&question, |r, modes| -(r * modes).ln() / modes),
        )
        .mistaken(
            "entropy",
            "This is the entropy of the shares, which is largest for a fair generator; the \
             divergence is log K minus it.",
            |question| over_modes(&question, |r, _| if r > 0.0 { -r * r.ln() } else { 0.0 }),
        )
        .mistaken(
            "bits",
            "You used the logarithm to base 2, which counts bits; nats come from the natural one.",
            |question| {
                over_modes(&question, |r, modes| if r > 0.0 { r * (r * modes).log2() } else { 0.0 })
            },
        )
        .mistaken(
            "mean-over-modes",
            "You averaged over the modes; the shares are the weights already, so take the sum.",
            |question| {
                over_modes(
                    &question,
                    |r, modes| if r > 0.0 { r * (r * modes).ln() / modes } else { 0.0 },
                )
            },
        )
}

/// The sum over the modes of something of the share and the number of modes.
fn over_modes((points, centres): &(Matrix, Matrix), of: impl Fn(f64, f64) -> f64) -> f64 {
    let near = |point: ArrayView1<'_, f64>, k: usize| -> f64 {
        point.iter().zip(centres.row(k)).map(|(p, c)| (p - c).powi(2)).sum()
    };
    let mut counts = vec![0.0; centres.nrows()];
    for point in points.rows() {
        let order = |&a: &usize, &b: &usize| near(point, a).total_cmp(&near(point, b));
        counts[(0..centres.nrows()).min_by(order).unwrap_or(0)] += 1.0;
    }
    let modes = centres.nrows() as f64;
    counts.iter().map(|count| of(count / points.nrows() as f64, modes)).sum()
}

fn spectral_norm() -> impl AnyExercise {
    type Question = (Matrix, Vector, usize);
    exercise("spectral_norm")
        .title("The spectral norm, by power iteration")
        .arguments("weight, start, iterations")
        .minutes(15)
        .points(2)
        .hints(&[
            "`weight.t().dot(&u)` is Wᵀu. Write a small function that divides a vector by its \
             length.",
            "In each repetition first v from u, then u from the *new* v.",
            "After the last repetition return `u.dot(&weight.dot(&v))`.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Question, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |weight: Matrix, start: Vector, iterations: usize| {
                let expected = power_iterations(&weight, &start, iterations)?;
                let answer = student.output(|f| f.call(&(weight, start, iterations)))?;
                cases.equal("", answer, expected);
                Ok::<_, CheckError>(())
            };
            let hand = array![[2.0, 0.0], [0.0, 1.0]];
            ask(hand.clone(), array![1.0, 1.0], 1)?;
            ask(hand, array![1.0, 1.0], 2)?;
            // A single number, of which the size remains; one row; a long start of either sign.
            ask(array![[-3.0]], array![0.5], 1)?;
            ask(array![[1.0, -2.0, 0.5]], array![-4.0], 2)?;
            ask(array![[0.5, 1.0], [-1.5, 0.3], [0.2, -0.7]], array![30.0, -20.0, 10.0], 1)?;
            for (m, n, iterations) in [(2, 3, 1), (3, 2, 2), (4, 4, 5)] {
                let weight = matrix(&mut rng, (m, n), -1.0, 1.0);
                let start = vector(&mut rng, m, 0.2, 1.0);
                ask(weight, start, iterations)?;
            }
            Ok(())
        })
        .mistaken(
            "frobenius",
            "This is the root of the sum of all squares; the spectral norm is the largest singular \
             value alone.",
            |(weight, _, _)| weight.mapv(|w| w * w).sum().sqrt(),
        )
        .mistaken(
            "squared",
            "You returned the eigenvalue of W Wᵀ, which is σ²; take its root, or uᵀWv.",
            |(weight, start, iterations)| half_steps(&weight, &start, 2 * iterations).powi(2),
        )
        .mistaken(
            "half-a-step-behind",
            "You returned uᵀWv with the u from before the last update, which is ‖Wᵀu‖; use the u \
             that the last repetition made.",
            |(weight, start, iterations)| half_steps(&weight, &start, 2 * iterations - 1),
        )
        .mistaken(
            "one-too-many",
            "You did one repetition more than you were told.",
            |(weight, start, iterations)| half_steps(&weight, &start, 2 * iterations + 2),
        )
        .mistaken(
            "one-repetition",
            "You did a single repetition, whatever `iterations` says.",
            |(weight, start, _)| half_steps(&weight, &start, 2),
        )
        .mistaken(
            "to-convergence",
            "You went on until nothing changed any more; do exactly as many repetitions as \
             `iterations` says.",
            |(weight, start, _)| half_steps(&weight, &start, 4000),
        )
        .mistaken(
            "own-start",
            "You began with a vector of your own instead of `start`; in training u is kept from \
             step to step.",
            |(weight, start, iterations)| {
                half_steps(
                    &weight,
                    &Array1::from_shape_fn(start.len(), |i| f64::from(i == 0)),
                    2 * iterations,
                )
            },
        )
}

/// What n iterations give, in the eigenvectors of A = W Wᵀ, where they only multiply by powers of the eigenvalues:
/// σ² = uᵀA²ⁿu / uᵀA²ⁿ⁻¹u for the starting u.
fn power_iterations(weight: &Matrix, start: &Vector, iterations: usize) -> prob::Result<f64> {
    let eigen = symmetric(weight.dot(&weight.t()).view())?;
    let power = 2 * iterations as i32;
    let largest = eigen.values.iter().copied().fold(0.0, f64::max);
    let parts = eigen.vectors.t().dot(start);
    let moment = |power: i32| -> f64 {
        let terms = parts.iter().zip(&eigen.values);
        terms.map(|(c, value)| c * c * (value / largest).powi(power)).sum()
    };
    Ok((largest * moment(power) / moment(power - 1)).sqrt())
}

/// The length of what W or Wᵀ makes of the unit vector after so many half steps: first Wᵀu, then Wv, and so on.
fn half_steps(weight: &Matrix, start: &Vector, steps: usize) -> f64 {
    let (mut x, mut length) = (start / start.dot(start).sqrt(), 0.0);
    for step in 0..steps {
        let next = if step % 2 == 0 { weight.t().dot(&x) } else { weight.dot(&x) };
        length = next.dot(&next).sqrt();
        x = next / length;
    }
    length
}

fn spectral_norm_backward() -> impl AnyExercise {
    type Question = (Matrix, Vector, Vector, Matrix);
    exercise("spectral_norm_backward")
        .title("Back through the spectral norm")
        .arguments("weight, left, right, gradient")
        .minutes(25)
        .points(3)
        .hints(&[
            "σ = max uᵀWv over unit vectors. At a maximum the derivative by u and v is zero, so \
             only the W in the middle counts: ∂σ/∂Wᵢⱼ = uᵢ vⱼ.",
            "Let G = ∂L/∂W̄. A change dW changes the loss by Σ Gᵢⱼ dW̄ᵢⱼ, and by the quotient rule \
             dW̄ = dW/σ − W dσ/σ².",
            "Put dσ = Σ uᵢ vⱼ dWᵢⱼ into it and collect what multiplies dWᵢⱼ: G/σ, minus a number \
             times u vᵀ.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Question, Matrix>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |question: Question| {
                let expected = back_by_dual_numbers(&question);
                let answer = student.output(|f| f.call(&question))?;
                cases.equal_matrices("answer", &answer, &expected);
                Ok::<_, CheckError>(())
            };
            let weight = array![[2.0, 0.0], [0.0, 1.0]];
            let gradient = array![[0.0, 0.0], [0.0, 1.0]];
            let first = array![1.0, 0.0];
            ask((weight, first.clone(), first, gradient))?;
            // A single number, which the division leaves with its sign only; then a row.
            ask((array![[-2.0]], array![1.0], array![-1.0], array![[3.0]]))?;
            ask((array![[3.0, 4.0]], array![-1.0], array![-0.6, -0.8], array![[1.0, 0.5]]))?;
            for (rows, columns) in [(2, 3), (4, 3)] {
                // W = U diag(s) Vᵀ with known singular values, and so with known u and v.
                let [mut left, right] = [rows, columns].map(|side| orthogonal(&mut rng, side));
                let sigma = number(&mut rng, 1.5, 3.0);
                let first = left.column(0).to_owned();
                for k in 0..rows {
                    left.column_mut(k).mapv_inplace(|x| x * sigma * 0.4_f64.powi(k as i32));
                }
                let shared = rows.min(columns);
                let weight = left.slice(s![.., ..shared]).dot(&right.slice(s![.., ..shared]).t());
                let gradient = matrix(&mut rng, (rows, columns), -1.0, 1.0);
                ask((weight, first, right.column(0).to_owned(), gradient))?;
            }
            Ok(())
        })
        .mistaken(
            "sigma-held-fixed",
            "You treated σ as a constant; it depends on W, and its derivative ∂σ/∂W = u vᵀ takes a \
             part of the gradient away.",
            |(weight, left, right, gradient)| gradient / left.dot(&weight.dot(&right)),
        )
        .mistaken(
            "wrong-sign",
            "The second part has the wrong sign: the derivative of 1/σ is −1/σ².",
            |question| back(&question, |sigma| -1.0 / sigma, |sigma| 1.0 / sigma),
        )
        .mistaken(
            "weight-for-normalized-weight",
            "You took the sum of G times W where W̄ = W/σ belongs: dW̄ = dW/σ − W dσ/σ², with the \
             square of σ.",
            |question| back(&question, |_| 1.0, |sigma| 1.0 / sigma),
        )
        .mistaken(
            "not-divided",
            "The whole has to be divided by σ once more: W̄ moves by 1/σ of what W moves.",
            |question| back(&question, |sigma| 1.0 / sigma, |_| 1.0),
        )
        .mistaken(
            "along-the-weight",
            "You took the part along W away, as if σ were the root of the sum of squares; the \
             derivative of the spectral norm is u vᵀ.",
            |(weight, left, right, gradient)| {
                let sigma = left.dot(&weight.dot(&right));
                let along = (&gradient * &weight).sum() / (&weight * &weight).sum();
                (gradient - along * weight) / sigma
            },
        )
}

/// (G − c u vᵀ ⟨G, W⟩) · f, with c and f functions of σ.
fn back(
    (weight, left, right, gradient): &(Matrix, Vector, Vector, Matrix),
    share: impl Fn(f64) -> f64,
    factor: impl Fn(f64) -> f64,
) -> Matrix {
    let sigma = left.dot(&weight.dot(right));
    let along = share(sigma) * (gradient * weight).sum();
    Array2::from_shape_fn(weight.dim(), |(i, j)| {
        factor(sigma) * (gradient[[i, j]] - along * left[i] * right[j])
    })
}

/// Each derivative of Σ G W/σ(W) by dual numbers that go through the power iteration itself. The second singular value is
/// at most half of the first in all cases, so that an iteration leaves a quarter of the error: 60 are plenty.
fn back_by_dual_numbers((weight, _, right, gradient): &(Matrix, Vector, Vector, Matrix)) -> Matrix {
    let unit = |x: Array1<F1>| {
        let length = x.iter().fold(F1::cst(0.0), |sum, &x| sum + x * x).sqrt();
        (x.mapv(|x| x / length), length)
    };
    let loss = |weight: &Array2<F1>| {
        let (mut v, mut sigma) = (right.mapv(F1::cst), F1::cst(0.0));
        for _ in 0..60 {
            let (u, _) = unit(product(weight.view(), &v));
            (v, sigma) = unit(product(weight.t(), &u));
        }
        let products = weight.iter().zip(gradient);
        products.fold(F1::cst(0.0), |sum, (&w, &g)| sum + w * g) / sigma
    };
    Array2::from_shape_fn(weight.dim(), |at| {
        let mut moved = weight.mapv(F1::cst);
        moved[at] = F1::var(weight[at]);
        loss(&moved).dx
    })
}

fn product(matrix: ArrayView2<'_, F1>, vector: &Array1<F1>) -> Array1<F1> {
    matrix.map_axis(Axis(1), |row| {
        row.iter().zip(vector).fold(F1::cst(0.0), |sum, (&a, &b)| sum + a * b)
    })
}

/// A product of two reflections.
fn orthogonal(rng: &mut Rng, side: usize) -> Matrix {
    let mut reflection = || {
        let a = vector(rng, side, 0.2, 1.0);
        let square = a.dot(&a);
        Array2::from_shape_fn((side, side), |(i, j)| f64::from(i == j) - 2.0 * a[i] * a[j] / square)
    };
    reflection().dot(&reflection())
}

fn critic_loss() -> impl AnyExercise {
    exercise("critic_loss")
        .title("A critic with a gradient penalty")
        .arguments("real, generated, mix, weight, bias, output, penalty")
        .minutes(35)
        .points(4)
        .hints(&[
            "Begin without the penalty: L is small where the critic is low on generated and high \
             on real examples.",
            "The derivative of tanh(a) is 1 − tanh²(a). So ∂f/∂xⱼ = Σₖ wₖ (1 − hₖ²) Wₖⱼ with h = \
             tanh(W x + b).",
            "One gradient for each x̂ᵢ: its length, minus 1, squared; then the mean over i, times \
             λ.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Critic, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |critic: Critic| {
                let penalty = slopes_by_dual_numbers(&critic);
                let excess = penalty.iter().map(|slope| (length(slope) - 1.0).powi(2));
                let expected = difference(&critic) + critic.2 * mean(excess);
                cases.equal("", student.output(|f| f.call(&critic))?, expected);
                Ok::<_, CheckError>(())
            };
            let zero = array![[0.0]];
            let hand = (
                (zero.clone(), zero, array![0.5]),
                (array![[1.0]], array![0.0], array![2.0]),
                10.0,
            );
            ask(hand)?;
            let (real, generated) = (array![[1.0]], array![[-0.5]]);
            let hand =
                ((real, generated, array![0.25]), (array![[0.5]], array![0.1], array![1.0]), 2.0);
            ask(hand)?;
            // At both ends between real and generated; then without a penalty.
            let examples = (array![[1.0], [0.5]], array![[-0.5], [0.25]], array![0.0, 1.0]);
            let critic = (array![[0.8], [-0.5]], array![0.1, -0.2], array![1.0, -0.7]);
            ask((examples.clone(), critic.clone(), 2.0))?;
            ask((examples, critic, 0.0))?;
            for (n, d, h) in [(2, 2, 2), (6, 3, 4)] {
                let real = matrix(&mut rng, (n, d), -0.3, 1.5);
                let generated = matrix(&mut rng, (n, d), -1.5, 0.3);
                let mix = vector(&mut rng, n, 0.1, 0.4);
                let weight = matrix(&mut rng, (h, d), 0.1, 0.8);
                let (bias, output) =
                    (vector(&mut rng, h, -0.5, 0.5), vector(&mut rng, h, 0.2, 1.0));
                let penalty = number(&mut rng, 1.0, 3.0);
                ask(((real, generated, mix), (weight, bias, output), penalty))?;
            }
            Ok(())
        })
        .mistaken(
            "sign-of-the-critic",
            "You minimise the critic on real examples and raise it on generated ones; it should be \
             high on real ones, so their mean is subtracted.",
            |critic| critic.2 * penalty(&critic, between, two_sided) - difference(&critic),
        )
        .mistaken(
            "one-sided",
            "You charge only slopes above 1; this penalty is two-sided, a slope below 1 costs as \
             well.",
            |critic| {
                difference(&critic)
                    + critic.2
                        * penalty(&critic, between, |square| (square.sqrt() - 1.0).max(0.0).powi(2))
            },
        )
        .mistaken(
            "square-for-length",
            "You subtracted 1 from the squared length; take the root first.",
            |critic| {
                difference(&critic)
                    + critic.2 * penalty(&critic, between, |square| (square - 1.0).powi(2))
            },
        )
        .mistaken(
            "penalty-on-real-examples",
            "You took the gradient at the real examples; the penalty is at the points x̂ between \
             real and generated ones.",
            |critic| {
                difference(&critic)
                    + critic.2 * penalty(&critic, |c, i| c.0.0.row(i).to_owned(), two_sided)
            },
        )
        .mistaken(
            "mix-exchanged",
            "You gave the share t to the generated example; here x̂ = t x + (1 − t) G(z).",
            |critic| {
                let exchanged = |c: &Critic, i: usize| {
                    let (real, generated, mix) = &c.0;
                    &real.row(i) * (1.0 - mix[i]) + &generated.row(i) * mix[i]
                };
                difference(&critic) + critic.2 * penalty(&critic, exchanged, two_sided)
            },
        )
        .mistaken(
            "length-of-the-mean",
            "You averaged the gradients before taking their length; each point has a penalty of \
             its own, and the mean comes last.",
            |critic| {
                let (count, width) = critic.0.0.dim();
                let sum = (0..count).fold(Array1::zeros(width), |sum, i| {
                    sum + slope(&critic, &between(&critic, i))
                });
                let mean_slope = sum / count as f64;
                difference(&critic) + critic.2 * two_sided(mean_slope.dot(&mean_slope))
            },
        )
        .mistaken(
            "slope-of-tanh-forgotten",
            "The factor 1 − tanh² is missing: the gradient has to pass through the nonlinearity.",
            |critic| {
                let (weight, _, output) = &critic.1;
                let flat = output.dot(weight);
                difference(&critic) + critic.2 * two_sided(flat.dot(&flat))
            },
        )
}

/// (x, G(z), t), (W, b, w), λ
type Critic = ((Matrix, Matrix, Vector), (Matrix, Vector, Vector), f64);

fn between(critic: &Critic, i: usize) -> Vector {
    let (real, generated, mix) = &critic.0;
    &real.row(i) * mix[i] + &generated.row(i) * (1.0 - mix[i])
}

fn two_sided(square: f64) -> f64 {
    (square.sqrt() - 1.0).powi(2)
}

fn length(slope: &[f64]) -> f64 {
    slope.iter().map(|s| s * s).sum::<f64>().sqrt()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    compensated_sum(values) / count
}

/// mean f(G(z)) − mean f(x), number by number.
fn difference(critic: &Critic) -> f64 {
    let value = |x: ArrayView1<'_, f64>| value(critic, &x.to_vec());
    let of = |examples: &Matrix| mean(examples.rows().into_iter().map(value));
    of(&critic.0.1) - of(&critic.0.0)
}

/// f(x) for any kind of number.
fn value<T: Float>((_, (weight, bias, output), _): &Critic, x: &[T]) -> T {
    let number = |x: f64| T::from(x).unwrap_or_else(T::nan);
    let mut sum = T::zero();
    for k in 0..output.len() {
        let input =
            x.iter().zip(weight.row(k)).fold(number(bias[k]), |a, (&x, &w)| a + x * number(w));
        sum = sum + number(output[k]) * input.tanh();
    }
    sum
}

/// ∇f at each x̂, by dual numbers.
fn slopes_by_dual_numbers(critic: &Critic) -> Vec<Vec<f64>> {
    let slope = |i: usize| {
        let x = between(critic, i);
        let along = |j: usize| {
            let mut x: Vec<F1> = x.iter().map(|&x| F1::cst(x)).collect();
            x[j] = F1::var(x[j].x);
            value(critic, &x).dx
        };
        (0..x.len()).map(along).collect()
    };
    (0..critic.0.0.nrows()).map(slope).collect()
}

fn slope(critic: &Critic, x: &Vector) -> Vector {
    let (weight, bias, output) = &critic.1;
    let hidden = (weight.dot(x) + bias).tanh();
    (hidden.mapv(|h| 1.0 - h * h) * output).dot(weight)
}

/// The mean over the examples of something of the squared slope.
fn penalty(
    critic: &Critic,
    point: impl Fn(&Critic, usize) -> Vector,
    of: impl Fn(f64) -> f64,
) -> f64 {
    mean((0..critic.0.0.nrows()).map(|i| {
        let slope = slope(critic, &point(critic, i));
        of(slope.dot(&slope))
    }))
}
