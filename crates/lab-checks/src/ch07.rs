//! Lab 7: the variational autoencoder.

use autodiff::F1;
use claims::{CheckError, Subject, Tolerance};
use lab::{AnyExercise, Call, Lab, exercise};
use ndarray::{Array1, Array2, ArrayView1, Axis, Zip, array};
use prob::gaussian::{log_density, reparameterize, standard_log_density};
use prob::log_space::sigmoid;
use prob::{DiagonalGaussian, Mixture, log_sum_exp};
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
    Lab::new("ch07", "vae", "The variational autoencoder")
        .exercise(active_units())
        .exercise(effective_sample_size())
        .exercise(mixture_prior_kl())
        .exercise(continuous_bernoulli_quantile())
        .exercise(dreg_gradient())
}

fn active_units() -> impl AnyExercise {
    type Question = (Matrix, f64);
    exercise("active_units")
        .title("Active units")
        .arguments("means, threshold")
        .minutes(8)
        .points(1)
        .hints(&[
            "A coordinate is a column of `means`, and its variance is over the rows.",
            "A coordinate that is always 5 has a large square and no variance: subtract the \
             column's mean first.",
            "`means.var_axis(Axis(0), 0.0)` has the variances with the divisor N. Count those \
             above the threshold.",
        ])
        .exact(COUNT, |student: &Subject<Call<Question, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |means: Matrix, threshold: f64, active: f64| {
                cases.equal("", student.output(|f| f.call(&(means, threshold)))?, active);
                Ok::<_, CheckError>(())
            };
            ask(array![[1.0, 5.0], [3.0, 5.1]], 0.01, 1.0)?;
            // One image varies from no other. A variance that equals the threshold is not above it.
            ask(array![[0.5, -2.0]], 0.01, 0.0)?;
            ask(array![[0.0, 1.0], [2.0, 1.0]], 1.0, 0.0)?;
            ask(array![[-0.2], [0.2]], 0.03, 1.0)?;
            // Another number in one image of four only: no median sees it.
            ask(array![[0.4, 2.0], [0.0, 2.0], [0.0, 2.0], [0.0, 2.0]], 0.02, 1.0)?;
            for _ in 0..3 {
                let threshold = number(&mut rng, 0.01, 0.06);
                let active = rng.random_range(1..4);
                // How many columns of which mean, and between which shares of the threshold their variance lies.
                let kinds: [(usize, f64, f64, f64); 4] = [
                    (active, -0.7, 1.05, 1.2),
                    (2, 1.5, 0.1, 0.7),  // far from 0, and always there
                    (3, 0.0, 0.4, 0.7),  // with a standard deviation above the threshold
                    (2, 0.0, 0.8, 0.95), // above it with the divisor N − 1
                ];
                let mut columns = Vec::new();
                for (count, mean, low, high) in kinds {
                    // Two values, equally often: the variance is the square of half their distance.
                    let half = |_| (threshold * rng.random_range(low..high)).sqrt();
                    columns.extend((0..count).map(half).map(|half| (mean, half)));
                }
                let means = Array2::from_shape_fn((4, columns.len()), |(i, j)| {
                    let (mean, half) = columns[j];
                    let value: f64 = mean + if i % 2 == 0 { half } else { -half };
                    (1e4 * value).round() / 1e4
                });
                ask(means, threshold, active as f64)?;
            }
            Ok(())
        })
        .mistaken(
            "standard-deviation-for-variance",
            "You compared the standard deviation with the threshold; the threshold is for the \
             variance.",
            |(means, threshold)| count(&means.var_axis(Axis(0), 0.0), threshold * threshold),
        )
        .mistaken(
            "divisor-n-minus-1",
            "You divided by N − 1; the variance here is the plain average (7.27), with the divisor \
             N.",
            |(means, threshold)| count(&means.var_axis(Axis(0), 1.0), threshold),
        )
        .mistaken(
            "not-centred",
            "You averaged the squares of μ without subtracting its mean; a coordinate that is \
             large and always the same says nothing of the image.",
            |(means, threshold)| {
                count(&means.mapv(|m| m * m).mean_axis(Axis(0)).unwrap_or_default(), threshold)
            },
        )
        .mistaken(
            "rows-for-columns",
            "You took the variance along the rows; it is over the images, so over each column.",
            |(means, threshold)| count(&means.var_axis(Axis(1), 0.0), threshold),
        )
        .mistaken(
            "inactive-counted",
            "You counted the coordinates at or below the threshold; active are those above.",
            |(means, threshold)| {
                means.ncols() as f64 - count(&means.var_axis(Axis(0), 0.0), threshold)
            },
        )
}

fn count(values: &Vector, threshold: f64) -> f64 {
    values.iter().filter(|&&value| value > threshold).count() as f64
}

fn effective_sample_size() -> impl AnyExercise {
    exercise("effective_sample_size")
        .title("How many draws count")
        .arguments("log_weights")
        .minutes(10)
        .points(1)
        .hints(&[
            "Multiply all weights by the same number: what happens to the ratio?",
            "So any of them may be taken for 1. Which one keeps all the others from overflowing?",
            "Subtract the largest log-weight from all, then `exp`; what becomes 0 is too small to \
             count.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Vector, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut questions =
                vec![(array![0.0, 3.0_f64.ln()], 0.0), (array![-1.0, -1.0, -1.0], 0.0)];
            questions.extend([(array![0.7], 0.0), (array![0.0], -2000.0)]); // a single draw
            for (draws, level) in [(4, 0.0), (9, 0.0), (2, -2000.0), (5, 900.0)] {
                questions.push((vector(&mut rng, draws, -3.0, 1.0), level));
            }
            for (small, level) in questions {
                // By the definition, before all weights are multiplied by e^level, which changes nothing.
                let weights = small.exp();
                let expected = weights.sum().powi(2) / weights.dot(&weights);
                let log_weights = small + level;
                cases.equal("", student.output(|f| f.call(&log_weights))?, expected);
            }
            Ok(())
        })
        .mistaken(
            "no-shift",
            "You took `exp` of the log-weights as they are: far below zero all weights become 0, \
             far above they become infinite; subtract the largest first.",
            |log_weights| {
                let weights = log_weights.exp();
                weights.sum().powi(2) / weights.dot(&weights)
            },
        )
        .mistaken(
            "largest-weight-only",
            "This is 1/max w̃, which looks at one weight only; the squares of all of them belong \
             in the denominator.",
            |log_weights| 1.0 / normalized(&log_weights).fold(0.0, |a: f64, &b| a.max(b)),
        )
        .mistaken(
            "perplexity",
            "This is the exponential of the weights' entropy, another effective number; here it is \
             1/Σ w̃².",
            |log_weights| {
                let weights = normalized(&log_weights);
                (-weights.mapv(|w| if w > 0.0 { w * w.ln() } else { 0.0 }).sum()).exp()
            },
        )
        .mistaken(
            "as-a-share",
            "You divided by K; the effective sample size is a number of draws between 1 and K, not \
             a share.",
            |log_weights| {
                let weights = normalized(&log_weights);
                1.0 / (weights.dot(&weights) * weights.len() as f64)
            },
        )
        .mistaken(
            "logarithms-for-weights",
            "You put the logarithms into the formula; it is about the weights.",
            |log_weights| log_weights.sum().powi(2) / log_weights.dot(&log_weights),
        )
}

fn normalized(log_weights: &Vector) -> Vector {
    let total = log_sum_exp(&log_weights.to_vec());
    log_weights.mapv(|log| (log - total).exp())
}

fn mixture_prior_kl() -> impl AnyExercise {
    exercise("mixture_prior_kl")
        .title("A mixture for a prior")
        .arguments("mean, log_var, noise, prior_means, prior_log_vars")
        .minutes(20)
        .points(3)
        .hints(&[
            "Write one function for the log-density of a Gaussian with independent coordinates: a \
             sum over coordinates of −½(log 2π + log s² + (z − m)²/s²). q and every component need \
             it.",
            "For one draw z: K log-densities, one for each component; then the logarithm of the \
             mean of their exponentials.",
            "Take the largest of the K out before the exponentials, then average log q − log p \
             over the draws.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Sampled, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |question: Sampled| {
                let expected = sampled_kl(&question)?;
                cases.equal("", student.output(|f| f.call(&question))?, expected);
                Ok::<_, CheckError>(())
            };
            let hand = (array![0.0], array![0.0], array![[0.0]], array![[-1.0], [1.0]]);
            ask((hand.0, hand.1, hand.2, hand.3, Array2::zeros((2, 1))))?;
            for (d, draws, components) in
                [(1, 1, 1), (1, 1, 2), (3, 2, 1), (2, 3, 3), (4, 5, 2), (400, 2, 3)]
            {
                let mean = vector(&mut rng, d, -1.0, 1.0);
                let log_var = vector(&mut rng, d, -1.5, 0.5);
                let noise = matrix(&mut rng, (draws, d), -2.0, 2.0);
                let means = matrix(&mut rng, (components, d), -2.0, 2.0);
                let log_vars = matrix(&mut rng, (components, d), -1.0, 1.0);
                ask((mean, log_var, noise, means, log_vars))?;
            }
            Ok(())
        })
        .mistaken(
            "mean-of-logarithms",
            "You averaged the components' log-densities; a mixture is the mean of the densities, \
             so the logarithm comes after it.",
            |question| over_draws(&question, |logs| logs.iter().sum::<f64>() / logs.len() as f64),
        )
        .mistaken(
            "weights-forgotten",
            "You added the K densities without the weight 1/K: log K is missing, and p does not \
             integrate to 1.",
            |question| over_draws(&question, log_sum_exp),
        )
        .mistaken(
            "underflow",
            "The densities underflow to 0 in many coordinates, and log 0 is no number; take the \
             largest log-density out before the exponentials.",
            |question| {
                over_draws(&question, |logs| {
                    let sum: f64 = logs.iter().map(|log| log.exp()).sum();
                    (sum / logs.len() as f64).ln()
                })
            },
        )
        .mistaken(
            "mixture-in-each-coordinate",
            "You mixed in each coordinate by itself; a component is a density of all coordinates \
             together, so sum over coordinates first, then mix.",
            |(mean, log_var, noise, means, log_vars)| {
                let column = |j: usize| {
                    let at = |x: &Matrix| x.column(j).to_owned().insert_axis(Axis(1));
                    let at1 = |x: &Vector| array![x[j]];
                    let question =
                        (at1(&mean), at1(&log_var), at(&noise), at(&means), at(&log_vars));
                    over_draws(&question, log_mean)
                };
                (0..mean.len()).map(column).sum()
            },
        )
        .mistaken(
            "variance-times-noise",
            "You drew z = μ + σ² ⊙ ε; the noise is multiplied by the standard deviation exp(½ log \
             σ²) (7.2).",
            |(mean, log_var, mut noise, means, log_vars)| {
                for mut row in noise.rows_mut() {
                    row *= &log_var.mapv(|v| (0.5 * v).exp());
                }
                over_draws(&(mean, log_var, noise, means, log_vars), log_mean)
            },
        )
        .mistaken(
            "sum-over-draws",
            "You added over the draws; each draw estimates the whole KL, so take their mean.",
            |question| over_draws(&question, log_mean) * question.2.nrows() as f64,
        )
}

/// μ, log σ², ε, mₖ, log sₖ²
type Sampled = (Vector, Vector, Matrix, Matrix, Matrix);

/// The mean of log q − log p over the draws, by the library's densities.
fn sampled_kl((mean, log_var, noise, means, log_vars): &Sampled) -> prob::Result<f64> {
    let q = DiagonalGaussian::new(mean.clone(), log_var.clone())?;
    let mut components = Vec::new();
    for (mean, log_var) in means.rows().into_iter().zip(log_vars.rows()) {
        components.push(DiagonalGaussian::new(mean.to_owned(), log_var.to_owned())?);
    }
    let p = Mixture::new(&vec![1.0 / components.len() as f64; components.len()], components)?;
    let mut sum = 0.0;
    for noise in noise.rows() {
        let z = Zip::from(noise)
            .and(mean)
            .and(log_var)
            .map_collect(|&e, &m, &v| reparameterize(e, m, v));
        sum += q.log_density(z.view())? - p.log_density(&z)?;
    }
    Ok(sum / noise.nrows() as f64)
}
/// The same with log p made of the components' log-densities in a way of one's own.
fn over_draws(
    (mean, log_var, noise, means, log_vars): &Sampled,
    log_prior: impl Fn(&[f64]) -> f64,
) -> f64 {
    let log_density = |z: &Vector, mean: ArrayView1<'_, f64>, log_var: ArrayView1<'_, f64>| {
        let coordinates = z.iter().zip(mean).zip(log_var);
        coordinates.map(|((&z, &m), &v)| log_density(z, m, v)).sum::<f64>()
    };
    let of = |noise: ArrayView1<'_, f64>| {
        let z = mean + &(log_var.mapv(|v| (0.5 * v).exp()) * noise);
        let components = means.rows().into_iter().zip(log_vars.rows());
        let logs: Vec<f64> = components.map(|(m, v)| log_density(&z, m, v)).collect();
        log_density(&z, mean.view(), log_var.view()) - log_prior(&logs)
    };
    noise.rows().into_iter().map(of).sum::<f64>() / noise.nrows() as f64
}

fn log_mean(logs: &[f64]) -> f64 {
    log_sum_exp(logs) - (logs.len() as f64).ln()
}

fn continuous_bernoulli_quantile() -> impl AnyExercise {
    exercise("continuous_bernoulli_quantile")
        .title("Drawing a grey pixel")
        .arguments("logit, uniform")
        .minutes(20)
        .points(3)
        .hints(&[
            "∫₀ˣ e^(l t) dt = (e^(l x) − 1)/l, and F is this divided by its value at x = 1.",
            "Solved for x: log(1 + u(e^l − 1))/l. `exp_m1` and `ln_1p` keep the digits at small l; \
             l = 0 is a case of its own.",
            "For large positive l, exchange black and white: 1 − x belongs to −l and 1 − u.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<(f64, f64), f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |logit: f64, uniform: f64| {
                let answer = student.output(|f| f.call(&(logit, uniform)))?;
                let expected = quantile_by_bisection(logit, uniform);
                cases.equal("", answer, expected);
                Ok::<_, CheckError>(())
            };
            ask(4.0_f64.ln(), 1.0 / 3.0)?;
            for logit in [-3.0, 2.0, -0.5, 20.0] {
                ask(number(&mut rng, logit - 0.2, logit + 0.2), number(&mut rng, 0.1, 0.4))?;
                ask(number(&mut rng, logit - 0.2, logit + 0.2), number(&mut rng, 0.6, 0.95))?;
            }
            for logit in [0.0, 1e-17, -1e-5, 1e-5, -800.0, 800.0] {
                ask(logit, number(&mut rng, 0.1, 0.4))?;
                ask(logit, number(&mut rng, 0.6, 0.95))?;
            }
            Ok(())
        })
        .mistaken(
            "formula-as-derived",
            "The formula is right and its evaluation is not: at l = 0 it is 0/0, near 0 the \
             difference e^l − 1 cancels, and for l in the hundreds e^l overflows.",
            |(l, u)| (1.0 + u * (l.exp() - 1.0)).ln() / l,
        )
        .mistaken(
            "only-zero-treated",
            "You treat l = 0 apart, but next to it the difference e^l − 1 cancels, and for l in \
             the hundreds e^l overflows: `exp_m1` and `ln_1p` cure the first, and computing \
             e^(−|l|) only cures the second.",
            |(l, u)| if l == 0.0 { u } else { (1.0 + u * (l.exp() - 1.0)).ln() / l },
        )
        .mistaken(
            "uniform-too-far",
            "You return u for all small l; at l = −10⁻⁵ that is wrong in the sixth digit already. \
             Treat l = 0 alone apart, and let `exp_m1` and `ln_1p` keep the digits next to it.",
            |(l, u)| if l.abs() < 1e-3 { u } else { right_everywhere(l, u) },
        )
        .mistaken(
            "zero-forgotten",
            "At l = 0 you divide 0 by 0; the density is uniform there, so x = u.",
            |(l, u)| {
                if l > 0.0 { 1.0 - left(-l, 1.0 - u) } else { left(l, u) }
            },
        )
        .mistaken(
            "overflow",
            "For l in the hundreds e^l overflows; exchange black and white there, so that only \
             e^(−|l|) is computed.",
            |(l, u)| if l == 0.0 { u } else { left(l, u) },
        )
        .mistaken(
            "probability-for-logit",
            "You used λ = sigmoid(l) where the formula has the logit l itself.",
            |(l, u)| right_everywhere(sigmoid(l), u),
        )
        .mistaken(
            "upper-tail",
            "You solved P(pixel > x) = u; the distribution function is the probability of being at \
             most x.",
            |(l, u)| right_everywhere(l, 1.0 - u),
        )
        .mistaken(
            "black-or-white",
            "You drew a Bernoulli pixel, 0 or 1; the continuous Bernoulli has a density on all of \
             [0, 1].",
            |(l, u)| if u < sigmoid(l) { 1.0 } else { 0.0 },
        )
}

fn left(l: f64, u: f64) -> f64 {
    (u * l.exp_m1()).ln_1p() / l
}

fn right_everywhere(l: f64, u: f64) -> f64 {
    match l {
        l if l > 0.0 => 1.0 - left(-l, 1.0 - u),
        l if l < 0.0 => left(l, u),
        _ => u,
    }
}

/// Where the distribution function is u, found by halving.
fn quantile_by_bisection(l: f64, u: f64) -> f64 {
    let cdf = |x: f64| match l {
        0.0 => x,
        l if l > 0.0 => (-l * (1.0 - x)).exp() * (-l * x).exp_m1() / (-l).exp_m1(),
        l => (l * x).exp_m1() / l.exp_m1(),
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if cdf(middle) < u { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

fn dreg_gradient() -> impl AnyExercise {
    exercise("dreg_gradient")
        .title("The doubly reparameterized gradient, by hand")
        .arguments("pixel, slope, noise_sigma, mean, log_var, noise")
        .minutes(35)
        .points(4)
        .hints(&[
            "log w = log p(z) + log p(x | z) − log q(z | x) has three parts, all Gaussian. \
             Differentiate each by z with all parameters fixed.",
            "The third part gives +(z − μ)/σ², which is ε/σ. It stays: what (7.12) leaves out is \
             the derivative of log q by μ and σ at a fixed z.",
            "By (7.2), ∂z/∂μ = 1 and ∂z/∂ log σ² = ½ σ ε.",
            "The weights w̃ come from the log-weights as in (7.10), with the largest taken out; \
             then they are squared.",
        ])
        .exact(ROUNDINGS, |student: &Subject<Call<Toy, [f64; 2]>>, cases| {
            let mut rng = cases.rng(0);
            let mut ask = |toy: Toy| {
                let expected = weighed(&toy, |w| w * w, path_by_dual_numbers);
                let answer = student.output(|f| f.call(&toy))?;
                cases.equal_lists("answer", &answer, &expected);
                Ok::<_, CheckError>(())
            };
            ask((2.0, 1.0, 1.0, 0.0, 0.0, array![1.0]))?;
            ask((1.0, 1.0, 1.0, 0.5, -1.0, array![-1.0, 0.5]))?;
            ask((-0.7, -1.2, 0.6, 0.8, 0.5, array![0.4, -1.1, 1.3]))?;
            for draws in [2, 5] {
                let [x, s] = [number(&mut rng, 1.0, 2.0), number(&mut rng, 0.5, 0.9)];
                let [a, mean, log_var] = [
                    number(&mut rng, 0.5, 1.5),
                    number(&mut rng, -1.0, -0.5),
                    number(&mut rng, -1.0, -0.5),
                ];
                ask((x, a, s, mean, log_var, vector(&mut rng, draws, -1.5, 1.5)))?;
            }
            // A pixel far from what the code says: the weights lie far below the smallest float.
            ask((80.0, 1.0, 1.0, 0.0, 0.0, vector(&mut rng, 3, -1.5, 1.5)))
        })
        .mistaken(
            "weights-not-squared",
            "You weighed the paths with w̃; without the score the estimate is unbiased only with \
             the squares w̃² (7.12).",
            |toy| weighed(&toy, |w| w, path),
        )
        .mistaken(
            "score-left-in",
            "This is the total gradient (7.10), with the score in it: a right estimate of the same \
             thing, but not the doubly reparameterized one that was asked for.",
            |toy| weighed(&toy, |w| w, path_and_score),
        )
        .mistaken(
            "all-of-log-q-left-out",
            "You dropped log q altogether; only its derivative by μ and σ at a fixed z goes, and \
             ε/σ, its derivative through z, stays.",
            |toy| weighed(&toy, |w| w * w, path_without_log_q),
        )
        .mistaken(
            "half-forgotten",
            "∂z/∂ log σ² is ½ σ ε, since σ = exp(½ log σ²); the ½ is missing in the second number.",
            |toy| {
                let [by_mean, by_log_var] = weighed(&toy, |w| w * w, path);
                [by_mean, 2.0 * by_log_var]
            },
        )
        .mistaken(
            "equal-weights",
            "You averaged over the draws; a draw counts with w̃², by how well it explains the \
             pixel.",
            |toy| {
                let draws = toy.5.len() as f64;
                weighed(&toy, |_| 1.0 / draws, path)
            },
        )
        .mistaken(
            "no-shift",
            "You took `exp` of the log-weights as they are; far below zero all become 0, and 0/0 \
             is no weight.",
            |toy| {
                let sum: f64 = toy.5.iter().map(|&e| log_weight(&toy, e).exp()).sum();
                toy.5.iter().fold([0.0; 2], |[a, b], &e| {
                    let weight = (log_weight(&toy, e).exp() / sum).powi(2);
                    let [by_mean, by_log_var] = path(&toy, e);
                    [a + weight * by_mean, b + weight * by_log_var]
                })
            },
        )
}

/// x, a, s, μ, log σ², ε
type Toy = (f64, f64, f64, f64, f64, Vector);

fn log_weight(&(x, a, s, mean, log_var, _): &Toy, noise: f64) -> f64 {
    let z = reparameterize(noise, mean, log_var);
    standard_log_density(z) + log_density(x, a * z, 2.0 * s.ln()) - log_density(z, mean, log_var)
}

/// Σ of something of w̃ times a path, over the draws.
fn weighed(toy: &Toy, of: impl Fn(f64) -> f64, path: impl Fn(&Toy, f64) -> [f64; 2]) -> [f64; 2] {
    let weights = normalized(&toy.5.mapv(|e| log_weight(toy, e)));
    weights.iter().zip(&toy.5).fold([0.0; 2], |[a, b], (&w, &e)| {
        let [by_mean, by_log_var] = path(toy, e);
        [a + of(w) * by_mean, b + of(w) * by_log_var]
    })
}

/// (∂ log w/∂z)(∂z/∂φ), written out.
fn path(&(x, a, s, mean, log_var, _): &Toy, noise: f64) -> [f64; 2] {
    let sigma = (0.5 * log_var).exp();
    let z = mean + sigma * noise;
    let slope = -z + a * (x - a * z) / (s * s) + noise / sigma;
    [slope, slope * 0.5 * sigma * noise]
}

/// With the score besides, −∂ log q/∂μ = −ε/σ and −∂ log q/∂ log σ² = −½(ε² − 1) at a fixed z.
fn path_and_score(toy: &Toy, noise: f64) -> [f64; 2] {
    let [by_mean, by_log_var] = path(toy, noise);
    [by_mean - noise / (0.5 * toy.4).exp(), by_log_var - 0.5 * (noise * noise - 1.0)]
}

/// Without the part ε/σ of the slope.
fn path_without_log_q(toy: &Toy, noise: f64) -> [f64; 2] {
    let [by_mean, by_log_var] = path(toy, noise);
    [by_mean - noise / (0.5 * toy.4).exp(), by_log_var - 0.5 * noise * noise]
}

/// The path by dual numbers: φ moves z, and what log q knows of φ stands still.
fn path_by_dual_numbers(&(x, a, s, mean, log_var, _): &Toy, noise: f64) -> [f64; 2] {
    let log_weight = |z: F1| {
        standard_log_density(z) + log_density(F1::cst(x), F1::cst(a) * z, F1::cst(2.0 * s.ln()))
            - log_density(z, F1::cst(mean), F1::cst(log_var))
    };
    let noise = F1::cst(noise);
    let by_mean = log_weight(reparameterize(noise, F1::var(mean), F1::cst(log_var)));
    let by_log_var = log_weight(reparameterize(noise, F1::cst(mean), F1::var(log_var)));
    [by_mean.dx, by_log_var.dx]
}
