//! Lab 9: the convolutional VAE.

use autodiff::{F1, Float as _};
use claims::{Subject, Tolerance};
use lab::{AnyExercise, Call, Lab, exercise};
use ndarray::{Array1, Array2, array, s};
use rand::Rng as _;

use crate::numeric::{matrix, number, vector};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

/// Sums of a few terms, in whatever order a student adds them.
const ROUNDINGS: Tolerance =
    Tolerance::relative(1e-9).or_absolute(1e-12).because("the order of the sums is the student's");

/// Whole numbers.
const COUNT: Tolerance = Tolerance::absolute(1e-6).because("a count is off by 1 or right");

/// The exercises, in the order of the student's file.
pub(crate) fn lab() -> Lab {
    Lab::new("ch09", "conv-vae", "The convolutional VAE")
        .exercise(dilated_places())
        .exercise(receptive_field())
        .exercise(enlarge_backward())
        .exercise(dilated_backward())
        .exercise(group_norm_backward())
}

/// n, k, s, p, e
type Side = (usize, usize, usize, usize, usize);

fn dilated_places() -> impl AnyExercise {
    exercise("dilated_places")
        .title("A window with gaps")
        .arguments("side, kernel, stride, padding, dilation")
        .minutes(6)
        .points(1)
        .hints(&[
            "From its first weight to its last a window makes k − 1 steps. How long is each?",
            "So how many pixels does it cover in all, its first and its last included?",
            "Put the number of covered pixels for k into (9.1).",
        ])
        .exact(COUNT, |student: &Subject<Call<Side, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut sides =
                vec![(7, 3, 1, 0, 2), (28, 4, 2, 1, 1), (10, 3, 3, 2, 3), (29, 4, 2, 1, 2)];
            // One weight, which has no gaps; one pixel; one place; a window that only padding makes fit.
            sides.extend([(5, 1, 2, 0, 4), (1, 1, 1, 0, 1), (5, 3, 2, 0, 2), (2, 4, 1, 3, 2)]);
            // In steps of 1 every pixel too many or too few is a place.
            for (padding, dilation) in [(0, 2), (1, 3), (2, 2), (3, 3), (5, 1)] {
                sides.push((
                    rng.random_range(16..30),
                    rng.random_range(2..5),
                    1,
                    padding,
                    dilation,
                ));
            }
            for _ in 0..4 {
                let [kernel, stride] = [rng.random_range(2..6), rng.random_range(1..4)];
                let [padding, dilation] = [rng.random_range(0..5), rng.random_range(1..5)];
                let side = dilation * (kernel - 1) + 1 + rng.random_range(4..20);
                sides.push((side, kernel, stride, padding, dilation));
            }
            for (n, k, s, p, e) in sides {
                // Every beginning at which the last weight still lies on the padded side, one by one.
                let begins = (0..n + 2 * p).step_by(s);
                let places = begins.filter(|begin| begin + (k - 1) * e < n + 2 * p).count();
                let answer = student.output(|f| f.call(&(n, k, s, p, e)))?;
                cases.equal("", answer, places as f64);
            }
            Ok(())
        })
        .mistaken(
            "gap-behind-the-last-weight",
            "You took e·k for the covered pixels; between k weights there are k − 1 gaps, so the \
             window covers e(k − 1) + 1.",
            |(n, k, s, p, e)| places(n + 2 * p, e * k, s),
        )
        .mistaken(
            "dilation-ignored",
            "You used (9.1) as it stands; a window with gaps covers more than k pixels.",
            |(n, k, s, p, _)| places(n + 2 * p, k, s),
        )
        .mistaken(
            "padding-once",
            "You counted the zeros at one end only; p of them lie at each.",
            |(n, k, s, p, e)| places(n + p, e * (k - 1) + 1, s),
        )
        .mistaken(
            "rounded-up",
            "You rounded up; a step that does not fit any more gives no place.",
            |(n, k, s, p, e)| ((n + 2 * p - e * (k - 1) - 1).div_ceil(s) + 1) as f64,
        )
        .mistaken(
            "first-place-forgotten",
            "You counted the steps; there is one place more than steps, the first.",
            |(n, k, s, p, e)| places(n + 2 * p, e * (k - 1) + 1, s) - 1.0,
        )
}

/// (9.1), and 0 where the window does not fit.
fn places(length: usize, covered: usize, stride: usize) -> f64 {
    length.checked_sub(covered).map_or(0.0, |rest| (rest / stride + 1) as f64)
}

fn receptive_field() -> impl AnyExercise {
    type Stages = Vec<(usize, usize)>;
    exercise("receptive_field")
        .title("What one number sees")
        .arguments("stages")
        .minutes(10)
        .points(1)
        .hints(&[
            "Walk from the image on. Keep two numbers: how many pixels one number sees, and how \
             far neighbours lie apart.",
            "At first both are 1. What does a window of k neighbours see that its first neighbour \
             does not?",
            "It adds k − 1 distances to the first number; then its stride multiplies the second.",
        ])
        .exact(COUNT, |student: &Subject<Call<Stages, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut all = vec![
                vec![],
                vec![(3, 1), (3, 1)],
                vec![(4, 2), (4, 2)],
                vec![(5, 3), (3, 1), (2, 2)],
                // One stage; windows of one pixel, which see nothing more and still move on.
                vec![(4, 3)],
                vec![(1, 2), (3, 1)],
                vec![(3, 2), (1, 3), (2, 1)],
            ];
            for stages in 2..5 {
                all.push(
                    (0..stages).map(|_| (rng.random_range(2..6), rng.random_range(2..4))).collect(),
                );
            }
            for stages in all {
                // The first and the last pixel that the number at place 0 of the last map leads back to.
                let (mut first, mut last) = (0, 0);
                for (kernel, stride) in stages.iter().rev() {
                    (first, last) = (first * stride, last * stride + kernel - 1);
                }
                let answer = student.output(|f| f.call(&stages))?;
                cases.equal("", answer, (last - first + 1) as f64);
            }
            Ok(())
        })
        .mistaken(
            "strides-ignored",
            "You added up k − 1 as if all strides were 1; behind a stage with stride s neighbours \
             lie s times as far apart.",
            |stages: Stages| field(&stages, |_, _| 1),
        )
        .mistaken(
            "own-stride-included",
            "You multiplied by a stage's own stride before adding its window; its stride counts \
             from the next stage on.",
            |stages: Stages| {
                field(&stages, |stages, i| stages[..=i].iter().map(|stage| stage.1).product())
            },
        )
        .mistaken(
            "from-the-wrong-end",
            "You multiplied by the strides of the stages behind; what counts are those between the \
             image and the stage.",
            |stages: Stages| {
                field(&stages, |stages, i| stages[i + 1..].iter().map(|stage| stage.1).product())
            },
        )
        .mistaken(
            "product-of-windows",
            "You multiplied the windows' sides; neighbouring windows overlap, and each stage only \
             adds to what is seen.",
            |stages: Stages| stages.iter().map(|stage| stage.0 as f64).product(),
        )
        .mistaken(
            "last-stride-only",
            "You used the stride of the stage before alone; distances multiply over all stages \
             before.",
            |stages: Stages| field(&stages, |stages, i| if i == 0 { 1 } else { stages[i - 1].1 }),
        )
}

fn field(stages: &[(usize, usize)], apart: impl Fn(&[(usize, usize)], usize) -> usize) -> f64 {
    let added = stages.iter().enumerate().map(|(i, stage)| (stage.0 - 1) * apart(stages, i));
    (1 + added.sum::<usize>()) as f64
}

fn enlarge_backward() -> impl AnyExercise {
    exercise("enlarge_backward")
        .title("The way back through an enlargement")
        .arguments("delta, factor")
        .minutes(10)
        .points(1)
        .hints(&[
            "Write the enlargement as a list of copies. Which pixels of y is x[0, 0] copied to?",
            "The transpose of a copy is to add. So the derivatives of all of these pixels belong \
             to x[0, 0].",
            "Begin with zeros, and add each δ[i, j] to the answer at [i/f, j/f].",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<(Matrix, usize), Matrix>>, cases| {
            let mut rng = cases.rng(0);
            let hand = array![[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]];
            let mut questions = vec![(hand, 2)];
            // A factor of 1 copies nothing more than once.
            for (height, width, factor) in
                [(1, 1, 1), (2, 3, 1), (1, 1, 3), (2, 2, 2), (2, 3, 3), (3, 1, 2)]
            {
                let shape = (height * factor, width * factor);
                questions.push((matrix(&mut rng, shape, -3.0, 3.0), factor));
            }
            for (delta, factor) in questions {
                // ∂L/∂x[a, b] by its meaning: what L = Σ δ y becomes for an x with a single 1.
                let (rows, columns) = (delta.nrows() / factor, delta.ncols() / factor);
                let expected = Array2::from_shape_fn((rows, columns), |(a, b)| {
                    let lit = |i: usize, j: usize| f64::from(i / factor == a && j / factor == b);
                    delta.indexed_iter().map(|((i, j), d)| d * lit(i, j)).sum()
                });
                let answer = student.output(|f| f.call(&(delta, factor)))?;
                cases.equal_matrices("answer", &answer, &expected);
            }
            Ok(())
        })
        .mistaken(
            "mean-for-sum",
            "You averaged over the squares; a number that was copied f² times gets the sum of all \
             f² derivatives.",
            |(delta, factor)| squares(&delta, factor) / (factor * factor) as f64,
        )
        .mistaken(
            "one-corner",
            "You read one pixel of each square; all f² copies act on the loss, so add them.",
            |(delta, factor)| delta.slice(s![..;factor, ..;factor]).to_owned(),
        )
        .mistaken(
            "last-one-kept",
            "You assigned where you should add, so that only the last pixel of each square is \
             left: += for =.",
            |(delta, factor)| delta.slice(s![factor - 1..;factor, factor - 1..;factor]).to_owned(),
        )
        .mistaken(
            "tiles-for-squares",
            "You added pixels that are h or w apart, the way back of laying the map side by side f \
             times; here each number was copied to neighbouring pixels.",
            |(delta, factor)| {
                let (h, w) = (delta.nrows() / factor, delta.ncols() / factor);
                let mut result = Array2::zeros((h, w));
                for ((i, j), d) in delta.indexed_iter() {
                    result[[i % h, j % w]] += d;
                }
                result
            },
        )
}

fn squares(delta: &Matrix, factor: usize) -> Matrix {
    Array2::from_shape_fn((delta.nrows() / factor, delta.ncols() / factor), |(a, b)| {
        let (i, j) = (a * factor, b * factor);
        delta.slice(s![i..i + factor, j..j + factor]).sum()
    })
}

/// x, w, δ, [s, e, p]
type Dilated = (Vector, Vector, Vector, [usize; 3]);

fn dilated_backward() -> impl AnyExercise {
    exercise("dilated_backward")
        .title("Stride, padding and gaps, backward")
        .arguments("x, window, delta, steps")
        .minutes(25)
        .points(3)
        .hints(&[
            "Write the forward pass as two loops, over i and t. Each turn multiplies one weight \
             with one pixel and adds the product to yᵢ.",
            "Walk the same two loops. Where the forward pass did y[i] += w[t]·x[j], add δ[i]·w[t] \
             to the answer for x[j] and δ[i]·x[j] to the answer for w[t].",
            "Indices are unsigned: compare i·s + t·e with p before you subtract, and leave out \
             what is outside of the image.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Dilated, (Vector, Vector)>>, cases| {
            let mut rng = cases.rng(0);
            let hand = (array![1.0, 2.0, 3.0, 4.0], array![1.0, -1.0], array![1.0, 10.0]);
            let mut questions = vec![(hand.0, hand.1, hand.2, [1, 2, 0])];
            // One pixel and one weight; then padding that no pixel reaches; then a kernel of one.
            for (n, k, steps) in [
                (1, 1, [1, 1, 0]),
                (2, 2, [1, 1, 2]),
                (5, 1, [2, 3, 0]),
                (4, 2, [2, 1, 0]),
                (5, 3, [1, 1, 1]),
                (11, 3, [2, 2, 1]),
                (14, 3, [2, 3, 3]),
            ] {
                let [s, e, p] = steps;
                let m = (n + 2 * p - e * (k - 1) - 1) / s + 1;
                let [x, w, delta] = [n, k, m].map(|length| vector(&mut rng, length, -1.0, 3.0));
                questions.push((x, w, delta, steps));
            }
            for question in questions {
                let (x, w, delta, [s, e, p]) = &question;
                // L = Σ δ y is linear in x and in w, so a derivative is its value at a single 1.
                let loss =
                    |x: &Vector, w: &Vector| delta.dot(&forward(x, w, delta.len(), [*s, *e, *p]));
                let one = |length: usize, at: usize| {
                    Array1::from_shape_fn(length, |j| f64::from(j == at))
                };
                let by_x: Vector = (0..x.len()).map(|j| loss(&one(x.len(), j), w)).collect();
                let by_w: Vector = (0..w.len()).map(|t| loss(x, &one(w.len(), t))).collect();
                let answer = student.output(|f| f.call(&question))?;
                cases.equal_lists("∂L/∂x", &answer.0, &by_x);
                cases.equal_lists("∂L/∂w", &answer.1, &by_w);
            }
            Ok(())
        })
        .mistaken(
            "overwritten",
            "You assigned where you should add (= for +=): a pixel lies in several windows, and \
             gets the sum of what they send.",
            |question| backward(&question, place, |sum, part| *sum = part),
        )
        .mistaken(
            "overwritten-weight-by-weight",
            "You assigned where you should add (= for +=): a pixel lies in several windows, and \
             gets the sum of what they send.",
            |question| {
                let (mut by_x, by_window) = both_added(&question, place);
                let (x, window, delta, steps) = &question;
                for t in 0..window.len() {
                    for i in 0..delta.len() {
                        if let Some(j) = place(i, t, *steps).filter(|&j| j < x.len()) {
                            by_x[j] = delta[i] * window[t];
                        }
                    }
                }
                (by_x, by_window)
            },
        )
        .mistaken(
            "window-turned",
            "You turned the window round; on the way back δᵢ wₜ goes to the very pixel that wₜ was \
             multiplied with.",
            |(x, w, delta, steps)| {
                let turned = w.iter().rev().copied().collect();
                let (_, by_window) = both_added(&(x.clone(), w, delta.clone(), steps), place);
                let (by_x, _) = both_added(&(x, turned, delta, steps), place);
                (by_x, by_window)
            },
        )
        .mistaken("stride-forgotten", "The stride is missing: place i begins at i·s.", |question| {
            both_added(&question, |i, t, [_, e, p]| (i + t * e).checked_sub(p))
        })
        .mistaken(
            "dilation-forgotten",
            "The dilation is missing: weight t lies t·e pixels behind the window's beginning.",
            |question| both_added(&question, |i, t, [s, _, p]| (i * s + t).checked_sub(p)),
        )
        .mistaken(
            "padding-forgotten",
            "The padding is missing: the first window begins p pixels before the image, so \
             subtract p from the index.",
            |question| both_added(&question, |i, t, [s, e, _]| Some(i * s + t * e)),
        )
        .mistaken(
            "answers-exchanged",
            "Your two answers are in the wrong order, or each is multiplied with the other's \
             numbers: ∂L/∂x has n numbers, each a sum of δ·w.",
            |question| {
                let (by_x, by_w) = both_added(&question, place);
                (by_w, by_x)
            },
        )
}

/// The pixel that weight t meets at place i.
fn place(i: usize, t: usize, [stride, dilation, padding]: [usize; 3]) -> Option<usize> {
    (i * stride + t * dilation).checked_sub(padding)
}

/// y, with the zeros around the image written down, and every stretch cut out of it.
fn forward(x: &Vector, window: &Vector, places: usize, [s, e, p]: [usize; 3]) -> Vector {
    let mut padded = vec![0.0; p];
    padded.extend(x);
    padded.extend(vec![0.0; p]);
    let under = |i: usize| padded[i * s..].iter().step_by(e);
    (0..places).map(|i| under(i).zip(window).map(|(x, w)| x * w).sum()).collect()
}

fn both_added(
    question: &Dilated,
    place: impl Fn(usize, usize, [usize; 3]) -> Option<usize>,
) -> (Vector, Vector) {
    backward(question, place, |sum, part| *sum += part)
}

fn backward(
    (x, window, delta, steps): &Dilated,
    place: impl Fn(usize, usize, [usize; 3]) -> Option<usize>,
    to_x: impl Fn(&mut f64, f64),
) -> (Vector, Vector) {
    let (mut by_x, mut by_window) = (Array1::zeros(x.len()), Array1::zeros(window.len()));
    for i in 0..delta.len() {
        for t in 0..window.len() {
            if let Some(j) = place(i, t, *steps).filter(|&j| j < x.len()) {
                to_x(&mut by_x[j], delta[i] * window[t]);
                by_window[t] += delta[i] * x[j];
            }
        }
    }
    (by_x, by_window)
}

/// x, γ, groups, ϵ, δ
type Normalized = (Matrix, Vector, usize, f64, Matrix);

fn group_norm_backward() -> impl AnyExercise {
    exercise("group_norm_backward")
        .title("Group normalisation, backward")
        .arguments("x, gamma, groups, epsilon, delta")
        .minutes(35)
        .points(4)
        .hints(&[
            "Begin with g = γδ, the derivative by x̃. Each x acts on every x̃ of its group: \
             through its own numerator, through m, and through v.",
            "With N numbers in the group, ∂m/∂xᵢ = 1/N, and for s = √(v + ϵ) the derivative ∂s/∂xᵢ \
             is x̃ᵢ/N.",
            "As in (7.29): (gᵢ − mean(g) − x̃ᵢ mean(g x̃))/s, with means over all places and \
             channels of the group.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Normalized, Matrix>>, cases| {
            let mut rng = cases.rng(0);
            let edge = 1.5_f64.sqrt();
            let (x, delta) = (array![[-edge], [0.0], [edge]], array![[1.0], [0.0], [0.0]]);
            let mut questions = vec![(x, array![1.0], 1, 1e-13, delta)];
            // Groups of one channel, of one number even, and of several.
            for (places, channels, groups) in
                [(1, 1, 1), (2, 2, 2), (1, 4, 2), (3, 2, 1), (4, 4, 2), (5, 6, 2)]
            {
                let shape = (places, channels);
                let x = matrix(&mut rng, shape, -2.0, 2.0) + &vector(&mut rng, channels, -1.0, 1.0);
                let gamma = vector(&mut rng, channels, -1.0, 2.0);
                let delta = matrix(&mut rng, shape, -1.0, 1.5);
                let epsilon = number(&mut rng, 0.1, 0.3);
                questions.push((x, gamma, groups, epsilon, delta));
            }
            for question in questions {
                let expected = by_dual_numbers(&question);
                let answer = student.output(|f| f.call(&question))?;
                cases.equal_matrices("answer", &answer, &expected);
            }
            Ok(())
        })
        .mistaken(
            "mean-held-fixed",
            "The part that flows through the group's mean is missing: subtract mean(γδ).",
            |question| normalized_backward(&question, &Parts { mean: 0.0, ..Parts::ALL }),
        )
        .mistaken(
            "variance-held-fixed",
            "The part that flows through the group's variance is missing: subtract x̃ mean(γδ x̃).",
            |question| normalized_backward(&question, &Parts { variance: 0.0, ..Parts::ALL }),
        )
        .mistaken(
            "not-divided",
            "The result has to be divided by √(v + ϵ): the layer divides x by it.",
            |question| normalized_backward(&question, &Parts { divided: false, ..Parts::ALL }),
        )
        .mistaken(
            "scale-forgotten",
            "γ is missing: the derivative by x̃ is γδ.",
            |(x, gamma, groups, epsilon, delta)| {
                let ones = Array1::ones(gamma.len());
                normalized_backward(&(x, ones, groups, epsilon, delta), &Parts::ALL)
            },
        )
        .mistaken(
            "scale-at-the-end",
            "You multiplied by γ at the end; the means over the group are those of γδ, and γ \
             differs between its channels.",
            |(x, gamma, groups, epsilon, delta)| {
                let ones = Array1::ones(gamma.len());
                normalized_backward(&(x, ones, groups, epsilon, delta), &Parts::ALL) * &gamma
            },
        )
        .mistaken(
            "channel-by-channel",
            "You took mean and variance of each channel by itself; they are those of all channels \
             of the group together.",
            |(x, gamma, _, epsilon, delta)| {
                let channels = gamma.len();
                normalized_backward(&(x, gamma, channels, epsilon, delta), &Parts::ALL)
            },
        )
        .mistaken(
            "all-channels-together",
            "You took one mean and one variance for all channels; each group has its own.",
            |(x, gamma, _, epsilon, delta)| {
                normalized_backward(&(x, gamma, 1, epsilon, delta), &Parts::ALL)
            },
        )
}

/// Which parts of the derivative there are.
struct Parts {
    mean: f64,
    variance: f64,
    divided: bool,
}

impl Parts {
    const ALL: Self = Self { mean: 1.0, variance: 1.0, divided: true };
}

fn normalized_backward((x, gamma, groups, epsilon, delta): &Normalized, parts: &Parts) -> Matrix {
    let channels = x.ncols() / groups;
    let mut result = Array2::zeros(x.dim());
    for group in 0..*groups {
        let columns = group * channels..(group + 1) * channels;
        let of = |f: &dyn Fn(usize, usize) -> f64| -> f64 {
            let all = (0..x.nrows()).flat_map(|i| columns.clone().map(move |j| (i, j)));
            all.map(|(i, j)| f(i, j)).sum::<f64>() / (x.nrows() * channels) as f64
        };
        let mean = of(&|i, j| x[[i, j]]);
        let sigma = (of(&|i, j| (x[[i, j]] - mean).powi(2)) + epsilon).sqrt();
        let normalized = |i: usize, j: usize| (x[[i, j]] - mean) / sigma;
        let g = |i: usize, j: usize| gamma[j] * delta[[i, j]];
        let (flat, along) = (of(&g), of(&|i, j| g(i, j) * normalized(i, j)));
        for i in 0..x.nrows() {
            for j in columns.clone() {
                let moved = g(i, j) - parts.mean * flat - parts.variance * normalized(i, j) * along;
                result[[i, j]] = if parts.divided { moved / sigma } else { moved };
            }
        }
    }
    result
}

/// Each derivative of Σ δ γ x̃ by dual numbers along the forward pass.
fn by_dual_numbers((x, gamma, groups, epsilon, delta): &Normalized) -> Matrix {
    let channels = x.ncols() / groups;
    let zero = F1::cst(0.0);
    let loss = |x: &Array2<F1>| {
        let mut loss = zero;
        for first in (0..x.ncols()).step_by(channels) {
            let group = x.slice(s![.., first..first + channels]);
            let count = F1::cst(group.len() as f64);
            let mean = group.iter().fold(zero, |sum, &x| sum + x) / count;
            let variance = group.iter().fold(zero, |sum, &x| sum + (x - mean) * (x - mean)) / count;
            for ((i, j), &x) in group.indexed_iter() {
                let weight = F1::cst(delta[[i, first + j]] * gamma[first + j]);
                loss += weight * (x - mean) / (variance + F1::cst(*epsilon)).sqrt();
            }
        }
        loss
    };
    Array2::from_shape_fn(x.dim(), |at| {
        let mut moved = x.mapv(F1::cst);
        moved[at] = F1::var(x[at]);
        loss(&moved).dx
    })
}
