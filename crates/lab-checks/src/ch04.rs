//! Lab 4: the score-function estimator.

use claims::{Subject, Tolerance};
use lab::{AnyExercise, Call, Lab, exercise};
use ndarray::{Array1, Array2, Axis, array};
use prob::{GaussHermite, Gaussian, log_mean_exp};

use crate::numeric::{matrix, number, numbers, rounded, slope, vertex};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

/// The exercises, in the order of the student's file.
pub(crate) fn lab() -> Lab {
    Lab::new("ch04", "score-function", "The score-function estimator, further")
        .exercise(exponential_score())
        .exercise(optimal_baselines())
        .exercise(line_baseline())
        .exercise(leave_one_out_optimal())
        .exercise(learning_signals())
}

fn exponential_score() -> impl AnyExercise {
    // Differences are off by 1e-14 or so.
    exercise("exponential_score")
        .title("The score of a waiting time")
        .arguments("log_rate, z")
        .minutes(5)
        .points(1)
        .hints(&[
            "Take the logarithm of q(z) first, then write λ as e^η.",
            "log q(z) = η − e^η z.",
            "Differentiate by η: the first term gives 1, the second keeps its form, because e^η \
             is its own derivative.",
        ])
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-11),
            |student: &Subject<Call<(f64, f64), f64>>, cases| {
                let mut rng = cases.rng(0);
                let mut inputs = vec![(0.0, 3.0), (0.5, 0.0)];
                for _ in 0..4 {
                    inputs.push((number(&mut rng, -1.0, 1.0), number(&mut rng, 0.1, 4.0)));
                }
                for input in inputs {
                    let score = student.output(|f| f.call(&input))?;
                    let (log_rate, z) = input;
                    // The density as the limit of a probability: the survival is e^{−λz}.
                    let log_density = |eta: f64| (eta.exp() * (-eta.exp() * z).exp()).ln();
                    cases.equal("", score, slope(log_density, log_rate));
                }
                Ok(())
            },
        )
        .mistaken(
            "by-the-rate",
            "This is the derivative by λ; the parameter is η = log λ, so multiply by ∂λ/∂η = λ.",
            |(eta, z): (f64, f64)| (-eta).exp() - z,
        )
        .mistaken(
            "by-the-draw",
            "This is the derivative by z, which is called score elsewhere; here it is the \
             derivative by the parameter η.",
            |(eta, _): (f64, f64)| -eta.exp(),
        )
        .mistaken(
            "normalisation-forgotten",
            "The factor λ before the exponential depends on η, too: its logarithm η contributes \
             1.",
            |(eta, z): (f64, f64)| -eta.exp() * z,
        )
        .mistaken(
            "log-forgotten",
            "This is the derivative of q itself; the score is the derivative of log q, so divide \
             by q(z).",
            |(eta, z): (f64, f64)| {
                let rate = eta.exp();
                (1.0 - rate * z) * rate * (-rate * z).exp()
            },
        )
}

type Baselines = (Matrix, Vec<f64>);

fn optimal_baselines() -> impl AnyExercise {
    // The vertex of a parabola from three of its values is off by some roundings.
    exercise("optimal_baselines")
        .title("The best baseline for each parameter")
        .arguments("scores, values")
        .minutes(10)
        .points(1)
        .hints(&[
            "Replace both expectations of (4.11) by means over the draws. What happens to the \
             two 1/L?",
            "It is a weighted mean of f. Which weight does a draw have?",
            "In each column, Σ fᵢ Sᵢ² over Σ Sᵢ².",
        ])
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |student: &Subject<Call<Baselines, Vector>>, cases| {
                let mut rng = cases.rng(0);
                let mut inputs = vec![
                    (array![[1.0], [2.0]], vec![1.0, 4.0]),
                    // One draw, and draws without a score by one of the parameters.
                    (array![[1.5, -0.5]], vec![2.0]),
                    (array![[0.0, 2.0], [-1.0, 0.0], [0.5, -0.5]], vec![3.0, -1.0, 0.5]),
                ];
                for (draws, parameters) in [(2, 2), (3, 2), (5, 3), (8, 2)] {
                    let scores = matrix(&mut rng, (draws, parameters), 0.2, 2.0);
                    let sign = |i: usize| if i.is_multiple_of(2) { 1.0 } else { -1.0 };
                    let signs = Vector::from_shape_fn(draws, sign).insert_axis(Axis(1));
                    inputs.push((scores * signs, numbers(&mut rng, draws, -4.0, 3.0)));
                }
                for input in inputs {
                    let baselines = student.output(|f| f.call(&input))?;
                    let (scores, values) = &input;
                    // The b with the least second moment of (f − b) S.
                    let best = |column: ndarray::ArrayView1<'_, f64>| {
                        let term = |b: f64, (s, f): (&f64, &f64)| ((f - b) * s).powi(2);
                        vertex(|b| column.iter().zip(values).map(|pair| term(b, pair)).sum())
                    };
                    let expected: Vec<f64> = scores.columns().into_iter().map(best).collect();
                    cases.equal_lists("b*", &baselines, &expected);
                }
                Ok(())
            },
        )
        .mistaken(
            "plain-mean",
            "This is the mean of f for every parameter; draws with a large score have to count \
             more.",
            |(scores, values): Baselines| {
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                Vector::from_elem(scores.ncols(), mean)
            },
        )
        .mistaken(
            "score-not-squared",
            "You weighted f with S; the weights are S², because the variance is a mean of \
             squares.",
            |(scores, values): Baselines| {
                Vector::from(values).dot(&scores) / scores.sum_axis(Axis(0))
            },
        )
        .mistaken(
            "regression",
            "You divided E[f S] by E[S²], the slope of a regression of f on S; the numerator of \
             (4.11) is E[f S²].",
            |(scores, values): Baselines| {
                Vector::from(values).dot(&scores) / scores.mapv(|s| s * s).sum_axis(Axis(0))
            },
        )
        .mistaken(
            "not-normalised",
            "This is E[f S²]; divide it by E[S²], or the baseline is in the wrong units.",
            |(scores, values): Baselines| {
                let draws = values.len() as f64;
                Vector::from(values).dot(&scores.mapv(|s| s * s)) / draws
            },
        )
        .mistaken(
            "one-for-all",
            "You used one baseline for all parameters, with the squared scores of all; each \
             column has a best one of its own.",
            |(scores, values): Baselines| {
                let squares = scores.mapv(|s| s * s);
                let of_draw = squares.sum_axis(Axis(1));
                let one = Vector::from(values).dot(&of_draw) / squares.sum();
                Vector::from_elem(scores.ncols(), one)
            },
        )
}

/// μ, σ, the draws, their values, and the line.
type Line = (f64, f64, Vec<f64>, Vec<f64>, [f64; 2]);

fn line_baseline() -> impl AnyExercise {
    // Products of a few numbers; the quadrature sums eight of them.
    exercise("line_baseline")
        .title("A baseline that is a line")
        .arguments("mean, sigma, z, values, line")
        .minutes(15)
        .points(2)
        .hints(&[
            "By (4.1), E[b(z) S(z)] is the derivative of E b(z) with respect to μ. Which \
             function of μ is E b(z)?",
            "E[c₀ + c₁ z] = c₀ + c₁ μ. Subtracting b under the expectation takes its derivative \
             away.",
            "One draw: (f − c₀ − c₁ z)(z − μ)/σ², and what was taken away added again.",
        ])
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |student: &Subject<Call<Line, Vec<f64>>>, cases| {
                let mut rng = cases.rng(0);
                let by_hand = (0.0, 1.0, vec![2.0], vec![4.0], [-1.0, 2.0]);
                let estimate = student.output(|f| f.call(&by_hand))?;
                cases.equal_lists("answer", &estimate, &[4.0]);
                let rule = GaussHermite::new(8)?;
                for sign in [1.0, -1.0, 1.0, -1.0] {
                    let mean = sign * number(&mut rng, 0.5, 2.0);
                    let sigma = number(&mut rng, 1.2, 2.0);
                    let line = [number(&mut rng, -2.0, 2.0), sign * number(&mut rng, 0.5, 2.0)];
                    // Where f is the line itself nothing is left to chance: c₁ in every draw.
                    let z = numbers(&mut rng, 3, -2.0, 4.0);
                    let values: Vec<f64> = z.iter().map(|z| line[0] + line[1] * z).collect();
                    let exact = student.output(|f| f.call(&(mean, sigma, z, values, line)))?;
                    cases.equal_lists("answer", &exact, &[line[1]; 3]);
                    // For f = z³ the mean over q is 3(μ² + σ²); eight nodes are exact for it.
                    let q = Gaussian::new(mean, sigma)?;
                    let nodes: Vec<f64> =
                        rule.nodes().iter().map(|x| q.mean() + q.sigma() * x).collect();
                    let cubes: Vec<f64> = nodes.iter().map(|z| z.powi(3)).collect();
                    let estimates =
                        student.output(|f| f.call(&(mean, sigma, nodes, cubes, line)))?;
                    let average: f64 =
                        estimates.iter().zip(rule.weights()).map(|(e, weight)| e * weight).sum();
                    let gradient = 3.0 * (mean * mean + sigma * sigma);
                    cases.equal("the mean of the answers over q, for f = z³,", average, gradient);
                }
                Ok(())
            },
        )
        .mistaken(
            "nothing-added-back",
            "You subtracted the line and added nothing; its mean against the score is c₁, which \
             is now missing from the gradient.",
            |input: Line| estimates(&input, |_, _| 0.0),
        )
        .mistaken(
            "its-mean-added",
            "You added E b(z) = c₀ + c₁μ; what is missing is E[b(z) S(z)], its derivative with \
             respect to μ.",
            |input: Line| estimates(&input, |[c0, c1], mean| c0 + c1 * mean),
        )
        .mistaken(
            "subtracted-again",
            "You subtracted E[b S]; subtracting b took it away already, so it has to be added.",
            |input: Line| estimates(&input, |[_, c1], _| -c1),
        )
        .mistaken(
            "sigma-for-variance",
            "You divided z − μ by σ; the score for μ is (z − μ)/σ², (4.2).",
            |input: Line| {
                let (mean, sigma, ..) = input;
                estimates(&(mean, sigma.sqrt(), input.2, input.3, input.4), |[_, c1], _| c1)
            },
        )
}

/// (f − c₀ − c₁z) S for each draw, and what is added.
fn estimates(
    (mean, sigma, z, values, line): &Line,
    added: impl Fn([f64; 2], f64) -> f64,
) -> Vec<f64> {
    let [c0, c1] = *line;
    let left = |(z, f): (&f64, &f64)| (f - c0 - c1 * z) * (z - mean) / (sigma * sigma);
    z.iter().zip(values).map(|pair| left(pair) + added(*line, *mean)).collect()
}

type Draws = (Vec<f64>, Vec<f64>);

fn leave_one_out_optimal() -> impl AnyExercise {
    // Sums of a few products; a vertex from three values is off by some roundings.
    exercise("leave_one_out_optimal")
        .title("The best of baselines, left out")
        .arguments("scores, values")
        .minutes(20)
        .points(3)
        .hints(&[
            "Begin with (4.7), and replace the mean of the others by another number that is \
             computed from the others.",
            "bᵢ = Σ fⱼ Sⱼ²/Σ Sⱼ², both sums over j ≠ i.",
            "Two loops do it. Or compute both sums over all draws once, and subtract draw i from \
             each.",
        ])
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |student: &Subject<Call<Draws, f64>>, cases| {
                let mut rng = cases.rng(0);
                let mut inputs = vec![(vec![1.0, -2.0], vec![1.0, 4.0])];
                for count in [3, 4, 6] {
                    let sign = |i: usize| if i.is_multiple_of(2) { 1.0 } else { -1.0 };
                    let sizes = numbers(&mut rng, count, 0.3, 2.0);
                    let scores = sizes.iter().enumerate().map(|(i, s)| sign(i) * s).collect();
                    inputs.push((scores, numbers(&mut rng, count, -3.0, 5.0)));
                }
                for input in inputs {
                    let estimate = student.output(|f| f.call(&input))?;
                    cases.equal("", estimate, with_baselines(&input));
                }
                // A coin with P(1) = p, three tosses: the mean over all outcomes is the gradient.
                let p = number(&mut rng, 0.2, 0.8);
                let values = [number(&mut rng, -3.0, -1.0), number(&mut rng, 1.0, 4.0)];
                let mut mean = 0.0;
                for outcome in 0..8usize {
                    let tosses = [outcome & 1, outcome >> 1 & 1, outcome >> 2 & 1];
                    let probability: f64 = tosses.map(|z| [1.0 - p, p][z]).iter().product();
                    let scores = tosses.map(|z| z as f64 - p).to_vec();
                    let draws = (scores, tosses.map(|z| values[z]).to_vec());
                    mean += probability * student.output(|f| f.call(&draws))?;
                }
                let gradient = p * (1.0 - p) * (values[1] - values[0]);
                let label = format!(
                    "the mean of the answers over all outcomes of three tosses, P(1) = {p}, f = {values:?}"
                );
                cases.equal(label, mean, gradient);
                Ok(())
            },
        )
        .mistaken(
            "own-draw-kept",
            "Each draw is part of its own baseline, which biases the gradient as in (4.8); leave \
             it out of both sums.",
            |(scores, values): Draws| {
                let squares: f64 = scores.iter().map(|s| s * s).sum();
                let top: f64 = scores.iter().zip(&values).map(|(s, f)| f * s * s).sum();
                centred(&scores, &values, |_| top / squares)
            },
        )
        .mistaken(
            "plain-mean-of-the-others",
            "This is (4.7) with the mean of the others; the best constant weighs each of them \
             with its squared score.",
            |(scores, values): Draws| {
                let total: f64 = values.iter().sum();
                let others = values.len() as f64 - 1.0;
                centred(&scores, &values, |i| (total - values[i]) / others)
            },
        )
        .mistaken(
            "own-draw-in-the-denominator",
            "You left draw i out of the sum of fⱼ Sⱼ² but not out of the sum of Sⱼ²; leave it \
             out of both.",
            |(scores, values): Draws| {
                let squares: f64 = scores.iter().map(|s| s * s).sum();
                let top: f64 = scores.iter().zip(&values).map(|(s, f)| f * s * s).sum();
                centred(&scores, &values, |i| (top - values[i] * scores[i].powi(2)) / squares)
            },
        )
        .mistaken(
            "no-baseline",
            "Nothing was subtracted: this is the mean of fᵢ Sᵢ, unbiased but as noisy as ever.",
            |(scores, values): Draws| centred(&scores, &values, |_| 0.0),
        )
        .mistaken(
            "sum-for-mean",
            "You added the L terms; the estimate is their mean.",
            |draws: Draws| with_baselines(&draws) * draws.0.len() as f64,
        )
}

/// The mean of (fᵢ − bᵢ) Sᵢ.
fn centred(scores: &[f64], values: &[f64], baseline: impl Fn(usize) -> f64) -> f64 {
    let terms = (0..scores.len()).map(|i| (values[i] - baseline(i)) * scores[i]);
    terms.sum::<f64>() / scores.len() as f64
}

/// The same with each baseline where the others' second moment is least.
fn with_baselines((scores, values): &Draws) -> f64 {
    let moment = |left_out: usize, b: f64| -> f64 {
        let others = (0..scores.len()).filter(|&j| j != left_out);
        others.map(|j| ((values[j] - b) * scores[j]).powi(2)).sum()
    };
    centred(scores, values, |i| vertex(|b| moment(i, b)))
}

fn learning_signals() -> impl AnyExercise {
    // Numbers of a thousand are rounded at 1e-13, and there are up to five of them.
    exercise("learning_signals")
        .title("Learning signals for several draws")
        .arguments("log_weights")
        .minutes(25)
        .points(3)
        .hints(&[
            "Write a function for the log-mean of weights given by their logs, and call it on \
             two lists for each draw.",
            "The second list is the first with entry k replaced. The list keeps its length K.",
            "What stands in for log wₖ is (Σ log wᵢ − log wₖ)/(K − 1): a mean of logarithms, not \
             the logarithm of a mean.",
        ])
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-11),
            |student: &Subject<Call<Vec<f64>, Vec<f64>>>, cases| {
                let mut rng = cases.rng(0);
                let mut inputs = vec![(vec![0.0, -2.0], 0.0)];
                for count in [3, 4, 5] {
                    inputs.push((numbers(&mut rng, count, -3.0, 1.0), 0.0));
                }
                inputs.push((numbers(&mut rng, 4, -3.0, 1.0), 900.0));
                for (small, down) in inputs {
                    let input: Vec<f64> = small.iter().map(|l| rounded(l - down)).collect();
                    let signals = student.output(|f| f.call(&input))?;
                    // In products: the others' geometric mean stands in. A common factor cancels.
                    let weights: Vec<f64> = small.iter().map(|l| l.exp()).collect();
                    let (sum, product) =
                        (weights.iter().sum::<f64>(), weights.iter().product::<f64>());
                    let root = 1.0 / (small.len() as f64 - 1.0);
                    let signal = |w: &f64| (sum / (sum - w + (product / w).powf(root))).ln();
                    let expected: Vec<f64> = weights.iter().map(signal).collect();
                    cases.equal_lists("answer", &signals, &expected);
                }
                Ok(())
            },
        )
        .mistaken(
            "arithmetic-mean",
            "The others' arithmetic mean stood in, so the baseline is the bound from the other \
             draws; take the mean of their log-weights.",
            |weights: Vec<f64>| {
                signals(&weights, |others, _| log_mean_exp(others).unwrap_or(f64::NAN))
            },
        )
        .mistaken(
            "own-weight-kept",
            "The mean contains the draw's own log-weight, so the baseline depends on the draw; \
             average the others only.",
            |weights: Vec<f64>| {
                signals(&weights, |others, own| {
                    (others.iter().sum::<f64>() + own) / (others.len() as f64 + 1.0)
                })
            },
        )
        .mistaken(
            "sign",
            "This is the baseline minus the bound; a draw that did better than the others must \
             get a positive signal.",
            |weights: Vec<f64>| signals(&weights, mean_of).iter().map(|s| -s).collect(),
        )
        .mistaken(
            "baseline-for-signal",
            "You returned the baselines; the signal is the bound minus the baseline.",
            |weights: Vec<f64>| {
                let bound = log_mean_exp(&weights).unwrap_or(f64::NAN);
                signals(&weights, mean_of).iter().map(|signal| bound - signal).collect()
            },
        )
        .mistaken(
            "log-weight-against-the-others",
            "You subtracted the others' mean from the draw's own log-weight; both belong into \
             the bound, with all K weights, before they are compared.",
            |weights: Vec<f64>| {
                let total: f64 = weights.iter().sum();
                let others = weights.len() as f64 - 1.0;
                weights.iter().map(|w| w - (total - w) / others).collect()
            },
        )
}

/// For each draw the bound minus the bound with something in the place of its log-weight, made of the others and
/// its own.
fn signals(log_weights: &[f64], stand_in: impl Fn(&[f64], f64) -> f64) -> Vec<f64> {
    let bound = |weights: &[f64]| log_mean_exp(weights).unwrap_or(f64::NAN);
    let signal = |k: usize| {
        let mut others = log_weights.to_vec();
        let own = others.remove(k);
        let mut replaced = log_weights.to_vec();
        replaced[k] = stand_in(&others, own);
        bound(log_weights) - bound(&replaced)
    };
    (0..log_weights.len()).map(signal).collect()
}

/// The mean of the others' log-weights.
fn mean_of(others: &[f64], _own: f64) -> f64 {
    others.iter().sum::<f64>() / others.len() as f64
}
