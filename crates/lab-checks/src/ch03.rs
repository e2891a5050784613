//! Lab 3: the evidence lower bound.

use claims::{Subject, Tolerance};
use lab::{AnyExercise, Call, Lab, exercise};
use ndarray::{Array1, Array2, array};
use prob::gaussian::{log_density, standard_log_density};
use prob::{GaussHermite, Gaussian, log_mean_exp};

use crate::numeric::{crossing, matrix, number, numbers, rounded, slope, vector, vertex};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

/// The exercises, in the order of the student's file.
pub(crate) fn lab() -> Lab {
    Lab::new("ch03", "elbo", "The evidence lower bound, further")
        .exercise(importance_bound())
        .exercise(importance_gradient())
        .exercise(em_step())
        .exercise(bernoulli_bound())
        .exercise(jackknife())
}

/// Small log-weights, and how far they are moved down: first not at all, then to where an exponential is 0.
fn weights(rng: &mut claims::Rng) -> Vec<(Vec<f64>, f64)> {
    let mut lists = vec![(vec![0.0, -2.0], 0.0), (vec![-1.0, 0.5, -1.0], 0.0)];
    for count in [3, 4, 6] {
        lists.push((numbers(rng, count, -3.0, 1.0), 0.0));
    }
    for count in [2, 5] {
        lists.push((numbers(rng, count, -3.0, 1.0), 900.0 + number(rng, 0.0, 99.0).round()));
    }
    lists
}

/// log of the mean of the exponentials of small numbers, by the definition.
fn plain_log_mean(log_weights: &[f64]) -> f64 {
    (log_weights.iter().map(|l| l.exp()).sum::<f64>() / log_weights.len() as f64).ln()
}

fn moved(log_weights: &[f64], down: f64) -> Vec<f64> {
    log_weights.iter().map(|l| l - down).collect()
}

/// The same, for as few draws as there may be where one is enough: one.
fn weights_from_one(rng: &mut claims::Rng) -> Vec<(Vec<f64>, f64)> {
    let mut lists = weights(rng);
    lists.extend([(vec![-1.3], 0.0), (vec![0.4], 900.0)]);
    lists
}

/// Log-weights moved down, with two decimals as before.
fn moved_input(log_weights: &[f64], down: f64) -> Vec<f64> {
    log_weights.iter().map(|l| rounded(l - down)).collect()
}

/// log p(x, z) and log q(z) of each draw.
type Logs = (Vec<f64>, Vec<f64>);

fn log_weights((log_joint, log_q): &Logs) -> Vec<f64> {
    log_joint.iter().zip(log_q).map(|(p, q)| p - q).collect()
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

fn largest(numbers: &[f64]) -> f64 {
    numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn importance_bound() -> impl AnyExercise {
    // Numbers of a thousand are rounded at 1e-13.
    exercise("importance_bound")
        .title("The K-sample bound")
        .arguments("log_joint, log_q")
        .minutes(10)
        .points(1)
        .hints(&[
            "The logarithm of a quotient is a difference. Which quotient is a weight, (3.19)?",
            "Multiply all weights by e^c: what happens to the logarithm of their mean? Which c \
             keeps the largest exponential at 1?",
            "With M the largest log-weight: M + log((1/K) Σ exp(log wₖ − M)).",
        ])
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |student: &Subject<Call<Logs, f64>>, cases| {
                let mut rng = cases.rng(0);
                let mut inputs = vec![((vec![-1.0, -3.0], vec![-1.0, -1.0]), 0.0)];
                for (weights, down) in weights_from_one(&mut rng) {
                    let log_q = numbers(&mut rng, weights.len(), -2.0, -0.5);
                    let log_joint =
                        weights.iter().zip(&log_q).map(|(w, q)| rounded(w + q)).collect();
                    inputs.push(((log_joint, log_q), down));
                }
                for (small, down) in inputs {
                    // The same factor in all weights moves the logarithm of their mean by its own.
                    let input = (moved_input(&small.0, down), small.1.clone());
                    let bound = student.output(|f| f.call(&input))?;
                    cases.equal("", bound, plain_log_mean(&log_weights(&small)) - down);
                }
                Ok(())
            },
        )
        .mistaken(
            "exponentiated-first",
            "You exponentiated the log-weights as they are; far below −700 that is 0 and its \
             logarithm −∞: take the largest out first.",
            |logs: Logs| plain_log_mean(&log_weights(&logs)),
        )
        .mistaken(
            "sum-for-mean",
            "This is the logarithm of the sum; the bound is that of the mean, so subtract log K.",
            |logs: Logs| {
                let weights = log_weights(&logs);
                log_mean_exp(&weights).unwrap_or(f64::NAN) + (weights.len() as f64).ln()
            },
        )
        .mistaken(
            "mean-of-logs",
            "You averaged the logarithms, which is the ELBO for any K; average the weights, and \
             take the logarithm last.",
            |logs: Logs| mean(&log_weights(&logs)),
        )
        .mistaken(
            "largest-not-put-back",
            "You took the largest log-weight out and did not add it again at the end.",
            |logs: Logs| {
                let weights = log_weights(&logs);
                plain_log_mean(&moved(&weights, largest(&weights)))
            },
        )
        .mistaken(
            "joint-for-weight",
            "You used log p(x, z) for log w; draws from q have to be weighted with p(x, z)/q(z), \
             so subtract log q(z).",
            |logs: Logs| log_mean_exp(&logs.0).unwrap_or(f64::NAN),
        )
}

/// The log-weights, and their derivatives in rows.
type Derivatives = (Vec<f64>, Matrix);

fn importance_gradient() -> impl AnyExercise {
    // Differences are off by 1e-13 or so.
    exercise("importance_gradient")
        .title("The gradient of the K-sample bound")
        .arguments("log_weights, gradients")
        .minutes(15)
        .points(2)
        .hints(&[
            "The chain rule: ∂ log s = ∂s/s for the sum s of the weights, and ∂w = w ∂ log w.",
            "Draw k counts with the share wₖ/Σ wᵢ, the w̃ₖ of (3.6).",
            "Subtract the largest log-weight before exponentiating: in w̃ it cancels, and \
             nothing underflows.",
        ])
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-11),
            |student: &Subject<Call<Derivatives, Vector>>, cases| {
                let mut rng = cases.rng(0);
                let by_hand = (vec![0.0, -(3f64.ln())], array![[2.0], [6.0]]);
                let mut inputs = vec![by_hand];
                for (weights, down) in weights_from_one(&mut rng) {
                    let gradients = matrix(&mut rng, (weights.len(), 2), -2.0, 3.0);
                    inputs.push((moved_input(&weights, down), gradients));
                }
                for input in inputs {
                    let gradient = student.output(|f| f.call(&input))?;
                    let (weights, gradients) = &input;
                    // The largest log-weight does not change the derivative; the differences prefer it gone.
                    let near = moved(weights, largest(weights));
                    let along = |column: ndarray::ArrayView1<'_, f64>| {
                        let bound = |t: f64| {
                            let at = near.iter().zip(column).map(|(w, g)| w + t * g);
                            plain_log_mean(&at.collect::<Vec<f64>>())
                        };
                        slope(bound, 0.0)
                    };
                    let expected: Vec<f64> = gradients.columns().into_iter().map(along).collect();
                    cases.equal_lists("answer", &gradient, &expected);
                }
                Ok(())
            },
        )
        .mistaken(
            "equal-shares",
            "All draws count alike, which is the gradient of the ELBO; weigh draw k with wₖ/Σ wᵢ.",
            |(_, gradients): Derivatives| shared(&vec![1.0; gradients.nrows()], &gradients, true),
        )
        .mistaken(
            "not-normalised",
            "You differentiated the mean of the weights and not its logarithm; divide by the \
             mean.",
            |(weights, gradients): Derivatives| {
                let weights: Vec<f64> =
                    weights.iter().map(|w| w.exp() / gradients.nrows() as f64).collect();
                shared(&weights, &gradients, false)
            },
        )
        .mistaken(
            "exponentiated-first",
            "Far below −700 all exponentials are 0, and 0/0 is no number; subtract the largest \
             log-weight first.",
            |(weights, gradients): Derivatives| {
                let weights: Vec<f64> = weights.iter().map(|w| w.exp()).collect();
                shared(&weights, &gradients, true)
            },
        )
        .mistaken(
            "divided-by-the-count",
            "The shares w̃ₖ add up to 1 already; you divided by K once more.",
            |(weights, gradients): Derivatives| {
                let weights: Vec<f64> =
                    moved(&weights, largest(&weights)).iter().map(|w| w.exp()).collect();
                shared(&weights, &gradients, true) / gradients.nrows() as f64
            },
        )
        .mistaken(
            "logs-as-weights",
            "You weighted with the log-weights themselves; the shares are proportional to their \
             exponentials.",
            |(weights, gradients): Derivatives| shared(&weights, &gradients, true),
        )
}

/// The rows of a matrix, weighted and added, with the weights normalised or not.
fn shared(weights: &[f64], gradients: &Matrix, normalised: bool) -> Vector {
    let weights = Vector::from(weights.to_vec());
    let total = if normalised { weights.sum() } else { 1.0 };
    weights.dot(gradients) / total
}

/// w, σ and the mean of x².
type Em = (f64, f64, f64);

fn em_step() -> impl AnyExercise {
    // The encoder comes from a bisection on differences, off by 1e-14.
    exercise("em_step")
        .title("One step of EM")
        .arguments("w, sigma, mean_square")
        .minutes(15)
        .points(2)
        .hints(&[
            "The exact encoder is the curve on which (3.17) is 0: a = w/S and e^v = σ²/S, with \
             the present w.",
            "From now on a and e^v are numbers. Which terms of (3.16) still contain w? They are \
             a parabola in w.",
            "Its derivative vanishes where w (a² x̄² + e^v) = a x̄², with x̄² for the mean of x².",
        ])
        .exact(Tolerance::relative(1e-11), |student: &Subject<Call<Em, f64>>, cases| {
            let mut rng = cases.rng(0);
            // By hand, then data that vary less than the noise, and a weight beyond the end.
            let mut inputs = vec![(1.0, 1.0, 5.0), (1.0, 2.0, 1.5), (2.5, 1.0, 5.0)];
            for _ in 0..5 {
                let sigma = number(&mut rng, 0.5, 1.5);
                let mean_square = sigma * sigma + number(&mut rng, 1.0, 4.0);
                let w = number(&mut rng, 0.4, 0.9);
                inputs.push((w, sigma, rounded(mean_square)));
            }
            for input in inputs {
                let next = student.output(|f| f.call(&input))?;
                cases.equal("", next, best_decoder(input));
            }
            Ok(())
        })
        .mistaken(
            "spread-forgotten",
            "You decoded the mean of q only and got 1/a; the spread e^v of the code costs w²e^v \
             in the squared error, and holds w back.",
            |(w, sigma, _): Em| (w * w + sigma * sigma) / w,
        )
        .mistaken(
            "all-the-way",
            "This is the maximum-likelihood weight (3.18), where the steps end; a single step \
             keeps the encoder of the present w.",
            |(_, sigma, mean_square): Em| (mean_square - sigma * sigma).sqrt(),
        )
        .mistaken(
            "kl-minimised",
            "You returned w itself: it does make the divergence (3.17) zero, but the step is to \
             maximise the bound (3.16) over w.",
            |(w, _, _): Em| w,
        )
        .mistaken(
            "prior-spread",
            "You took e^v = 1, the prior's variance; the exact encoder has e^v = σ²/S.",
            |(w, sigma, mean_square): Em| {
                let a = w / (w * w + sigma * sigma);
                a * mean_square / (a * a * mean_square + 1.0)
            },
        )
        .mistaken(
            "noise-for-spread",
            "You took e^v = σ², the noise of the decoder; the exact encoder has e^v = σ²/S.",
            |(w, sigma, mean_square): Em| {
                let a = w / (w * w + sigma * sigma);
                a * mean_square / (a * a * mean_square + sigma * sigma)
            },
        )
}

/// (3.16) maximised over a and v, then over w.
fn best_decoder((w, sigma, mean_square): Em) -> f64 {
    let bound = |w: f64, a: f64, v: f64| {
        let error = (1.0 - w * a).powi(2) * mean_square + w * w * v.exp();
        -error / (2.0 * sigma * sigma) - 0.5 * (a * a * mean_square + v.exp() - v - 1.0)
    };
    let a = vertex(|a| bound(w, a, 0.0));
    let v = crossing(|v| -slope(|v| bound(w, a, v), v), -6.0, 1.0);
    vertex(|w| bound(w, a, v))
}

/// (W, b), x, (m, log-variances) and the noise.
type Bernoulli = ((Matrix, Vector), Vector, (Vector, Vector), Matrix);

fn bernoulli_bound() -> impl AnyExercise {
    // Sums of a few logarithms: 1e-14, relative to logits of up to a thousand.
    exercise("bernoulli_bound")
        .title("A Bernoulli decoder")
        .arguments("(weight, bias), pixels, (mean, log_var), noise")
        .minutes(25)
        .points(3)
        .hints(&[
            "One draw: z, then the logits W z + b, then Σⱼ log P(xⱼ). Write that as a function \
             of one row of the noise.",
            "1 − sigmoid(l) = sigmoid(−l), so both outcomes are log sigmoid(±l) = −log(1 + e^∓l).",
            "log(1 + e^a) for a large a: take e^a out of the bracket. −log(1 + e^−l) = min(l, 0) \
             − log(1 + e^−|l|).",
            "The divergence is ½ Σ (m² + e^v − v − 1), and the bound has a minus before it.",
        ])
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |student: &Subject<Call<Bernoulli, f64>>, cases| {
                let mut rng = cases.rng(0);
                let one = |x: f64| Vector::from_elem(1, x);
                let decoder = (array![[2.0]], one(0.0));
                let mut inputs =
                    vec![(decoder.clone(), one(1.0), (one(1.0), one(0.0)), array![[0.0]])];
                inputs.push((decoder, one(0.0), (one(1.0), one(-1.0)), array![[0.5], [-1.5]]));
                // Of either sign.
                inputs.push((
                    (array![[-0.8, 0.4], [1.2, -0.3]], array![-0.2, 0.7]),
                    array![0.0, 1.0],
                    (array![-0.9, 0.3], array![0.4, -0.6]),
                    array![[0.5, -1.2], [-0.7, 0.3]],
                ));
                for (pixels, code, scale) in [(2, 1, 1.0), (3, 2, 1.0), (4, 2, 1.0), (3, 2, 600.0)]
                {
                    let mut weight =
                        (matrix(&mut rng, (pixels, code), 0.3, 1.5) * scale).mapv(rounded);
                    weight.row_mut(0).mapv_inplace(|w| -w); // pixel 0 is on, against the odds
                    let bias = vector(&mut rng, pixels, 0.1, 0.5);
                    let x = (0..pixels).map(|j| f64::from(u8::from(j % 2 == 0))).collect();
                    let mean = vector(&mut rng, code, 0.9, 1.4);
                    let log_var = vector(&mut rng, code, -1.5, -0.5);
                    let noise = matrix(&mut rng, (3, code), -0.9, 0.9);
                    inputs.push(((weight, bias), x, (mean, log_var), noise));
                }
                for input in inputs {
                    let measured = student.output(|f| f.call(&input))?;
                    let expected = reconstruction(&input, |l, x| {
                        prob::bernoulli::log_probability_from_logit(x == 1.0, l)
                    });
                    cases.equal("", measured, expected - divergence(&input)?);
                }
                Ok(())
            },
        )
        .mistaken(
            "rounded-to-zero",
            "You took the logarithm of a probability that was rounded to 0, or of an exponential that \
             overflowed; compute log sigmoid(l) from the logit, as min(l, 0) − log(1 + e^−|l|).",
            |input: Bernoulli| {
                let log_probability = |l: f64, x: f64| {
                    let p = 1.0 / (1.0 + (-l).exp());
                    if x == 1.0 { p.ln() } else { (1.0 - p).ln() }
                };
                reconstruction(&input, log_probability) - closed_divergence(&input)
            },
        )
        .mistaken(
            "divergence-added",
            "You added the divergence; the bound (3.8) is the reconstruction minus it.",
            |input: Bernoulli| reconstruction(&input, log_probability) + closed_divergence(&input),
        )
        .mistaken(
            "mean-over-pixels",
            "You averaged over the pixels; a log-likelihood is a sum over them, and only the \
             draws are averaged.",
            |input: Bernoulli| {
                let pixels = input.1.len() as f64;
                reconstruction(&input, log_probability) / pixels - closed_divergence(&input)
            },
        )
        .mistaken(
            "decoder-at-the-mean",
            "You decoded the mean of q and not the draws m + e^{v/2} ε.",
            |mut input: Bernoulli| {
                input.3.fill(0.0);
                reconstruction(&input, log_probability) - closed_divergence(&input)
            },
        )
        .mistaken(
            "variance-for-deviation",
            "You multiplied the noise by the variance e^v; the standard deviation is e^{v/2}.",
            |input: Bernoulli| {
                let kl = closed_divergence(&input);
                let (decoder, x, (m, v), noise) = input;
                reconstruction(&(decoder, x, (m, 2.0 * v), noise), log_probability) - kl
            },
        )
        .mistaken(
            "ones-only",
            "You counted x log sigmoid(l) only; a pixel that is 0 contributes (1 − x) log(1 − \
             sigmoid(l)).",
            |input: Bernoulli| {
                let ones_only = |l: f64, x: f64| x * log_probability(l, 1.0);
                reconstruction(&input, ones_only) - closed_divergence(&input)
            },
        )
}

/// The mean over the draws of Σⱼ log P(xⱼ).
fn reconstruction(
    ((weight, bias), pixels, (mean, log_var), noise): &Bernoulli,
    log_probability: impl Fn(f64, f64) -> f64,
) -> f64 {
    let of_draw = |noise: ndarray::ArrayView1<'_, f64>| -> f64 {
        let z = mean + &log_var.mapv(|v| (0.5 * v).exp()) * &noise;
        let logits = weight.dot(&z) + bias;
        logits.iter().zip(pixels).map(|(&l, &x)| log_probability(l, x)).sum()
    };
    noise.rows().into_iter().map(of_draw).sum::<f64>() / noise.nrows() as f64
}

fn log_probability(logit: f64, pixel: f64) -> f64 {
    prob::bernoulli::log_probability_from_logit(pixel == 1.0, logit)
}

/// KL(q ‖ N(0, I)) by a quadrature that is exact for the quadratic under the expectation.
fn divergence((_, _, (mean, log_var), _): &Bernoulli) -> prob::Result<f64> {
    let rule = GaussHermite::new(4)?;
    let of = |(&m, &v): (&f64, &f64)| -> prob::Result<f64> {
        let q = Gaussian::from_log_var(m, v)?;
        Ok(rule.expectation(&q, |z| log_density(z, m, v) - standard_log_density(z)))
    };
    mean.iter().zip(log_var).map(of).sum()
}

fn closed_divergence((_, _, (mean, log_var), _): &Bernoulli) -> f64 {
    mean.iter().zip(log_var).map(|(&m, &v)| prob::kl::gaussian_standard(m, v)).sum()
}

fn jackknife() -> impl AnyExercise {
    // K bounds of up to a thousand, each rounded at 1e-13, times K.
    exercise("jackknife")
        .title("The gap, estimated away")
        .arguments("log_weights")
        .minutes(20)
        .points(3)
        .hints(&[
            "Write both numbers as log p(x) − c/K and log p(x) − c/(K − 1). Two equations, two \
             unknowns.",
            "Multiply the first by K and the second by K − 1: then both miss c.",
            "K · (bound from all) − (K − 1) · (mean of the bounds from all but one). Each of the \
             latter is a mean over K − 1 weights.",
        ])
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |student: &Subject<Call<Vec<f64>, f64>>, cases| {
                let mut rng = cases.rng(0);
                for (small, down) in weights(&mut rng) {
                    let input = moved_input(&small, down);
                    let measured = student.output(|f| f.call(&input))?;
                    // Two bounds lie on a straight line in 1/K, which is continued to 1/K = 0.
                    let count = small.len() as f64;
                    let (near, far) = (1.0 / count, 1.0 / (count - 1.0));
                    let (all, fewer) = (plain_log_mean(&small), left_out(&small, count - 1.0));
                    let expected = all + (all - fewer) / (far - near) * near;
                    cases.equal("", measured, expected - down);
                }
                Ok(())
            },
        )
        .mistaken(
            "zero-for-the-missing-one",
            "With one draw left out you still divided by K, as if its weight were 0; the mean of \
             K − 1 weights is divided by K − 1.",
            |weights: Vec<f64>| {
                let count = weights.len() as f64;
                corrected(&weights, left_out(&moved(&weights, largest(&weights)), count), count)
            },
        )
        .mistaken(
            "factors-exchanged",
            "The factors stand at the wrong bounds: K belongs to the bound from all draws, K − 1 \
             to the mean of the others.",
            |weights: Vec<f64>| {
                let (top, count) = (largest(&weights), weights.len() as f64);
                let near = moved(&weights, top);
                count * left_out(&near, count - 1.0) - (count - 1.0) * plain_log_mean(&near) + top
            },
        )
        .mistaken(
            "not-scaled",
            "You added the difference of the two bounds once; the one draw fewer changes the gap \
             only by about c/K², so the difference has to be multiplied by K − 1.",
            |weights: Vec<f64>| {
                let count = weights.len() as f64;
                let near = moved(&weights, largest(&weights));
                corrected(&weights, left_out(&near, count - 1.0), 2.0)
            },
        )
        .mistaken(
            "last-one-only",
            "You left out the last draw only; average over which of the K draws is left out, or \
             the answer depends on their order.",
            |weights: Vec<f64>| {
                let count = weights.len() as f64;
                let near = moved(&weights, largest(&weights));
                corrected(&weights, plain_log_mean(&near[..near.len() - 1]), count)
            },
        )
        .mistaken(
            "exponentiated-first",
            "Far below −700 all exponentials are 0 and their logarithm −∞; take the largest \
             log-weight out first.",
            |weights: Vec<f64>| {
                let count = weights.len() as f64;
                count * plain_log_mean(&weights) - (count - 1.0) * left_out(&weights, count - 1.0)
            },
        )
}

/// The mean over all draws of the logarithm of (the sum of the other weights)/divisor.
fn left_out(log_weights: &[f64], divisor: f64) -> f64 {
    let weights: Vec<f64> = log_weights.iter().map(|l| l.exp()).collect();
    let without = |k: usize| -> f64 {
        let others = weights.iter().enumerate().filter(|(i, _)| *i != k);
        (others.map(|(_, w)| w).sum::<f64>() / divisor).ln()
    };
    (0..weights.len()).map(without).sum::<f64>() / weights.len() as f64
}

/// factor · (bound from all) − (factor − 1) · fewer, where `fewer` is for weights divided by the largest.
fn corrected(log_weights: &[f64], fewer: f64, factor: f64) -> f64 {
    let top = largest(log_weights);
    factor * plain_log_mean(&moved(log_weights, top)) - (factor - 1.0) * fewer + top
}
