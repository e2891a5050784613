//! Lab 5: reparameterization.

use claims::{Subject, Tolerance};
use lab::{AnyExercise, Call, Lab, exercise};
use ndarray::Array1;
use prob::gaussian::log_density;
use prob::special::normal_cdf;
use prob::{GaussHermite, log_mean_exp};

use crate::numeric::{
    crossing, equal_vectors, gradient, list, number, numbers, rounded, slope, vertex,
};

type Vector = Array1<f64>;

/// The exercises, in the order of the student's file.
pub(crate) fn lab() -> Lab {
    Lab::new("ch05", "reparameterization", "Reparameterization, further")
        .exercise(weibull_path())
        .exercise(best_lambda())
        .exercise(relaxed_gradient())
        .exercise(mixture_slopes())
        .exercise(doubly_reparameterized())
}

/// u, s and k.
type Weibull = (f64, f64, f64);

fn weibull_path() -> impl AnyExercise {
    // The bisection ends at the last digits of F, of which a power 1/k ≤ 2.5 loses one at most.
    exercise("weibull_path")
        .title("A path for a Weibull distribution")
        .minutes(5)
        .points(1)
        .hints(&[
            "Write u = F(z) down and solve it for z, from the outside inwards.",
            "e^{−(z/s)^k} = 1 − u. Take the logarithm.",
            "(z/s)^k = −log(1 − u). Undo the power, then the scale.",
        ])
        .exact(Tolerance::relative(1e-12), |student: &Subject<Call<Weibull, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut inputs = vec![(0.75, 1.0, 1.0), (1.0 - (-3f64).exp(), 2.0, 0.5)];
            for _ in 0..5 {
                inputs.push((
                    number(&mut rng, 0.1, 0.45),
                    number(&mut rng, 1.5, 4.0),
                    number(&mut rng, 1.5, 3.0),
                ));
            }
            for input in inputs {
                let z = student.output(|f| f.call(&input))?;
                let (uniform, scale, shape) = input;
                let cdf = |z: f64| -(-(z / scale).powf(shape)).exp_m1();
                let expected = crossing(|z| cdf(z) - uniform, 0.0, 100.0);
                cases.equal(format!("u = {uniform}, s = {scale}, k = {shape}"), z, expected);
            }
            Ok(())
        })
        .mistaken(
            "falling",
            "You wrote log u for log(1 − u): draws of the right distribution, but this z falls \
             as u rises and is not F⁻¹(u).",
            |(u, s, k): Weibull| s * (-u.ln()).powf(1.0 / k),
        )
        .mistaken(
            "power-not-inverted",
            "You raised to the power k; to undo (z/s)^k take the power 1/k.",
            |(u, s, k): Weibull| s * (-(-u).ln_1p()).powf(k),
        )
        .mistaken(
            "divided-by-the-scale",
            "You divided by s as if it were a rate; z/s is what the power gives, so multiply by \
             s.",
            |(u, s, k): Weibull| (-(-u).ln_1p()).powf(1.0 / k) / s,
        )
        .mistaken(
            "scale-inside-the-power",
            "You multiplied by s before taking the root; the power belongs to z/s, so take the \
             root first.",
            |(u, s, k): Weibull| (s * -(-u).ln_1p()).powf(1.0 / k),
        )
}

type Pairs = (Vec<f64>, Vec<f64>);

fn best_lambda() -> impl AnyExercise {
    // The vertex of a parabola from three of its values is off by some roundings.
    exercise("best_lambda")
        .title("The best mixture of two estimators")
        .minutes(10)
        .points(1)
        .hints(&[
            "Expand the variance of a sum: Var(t + λS) = Var t + … It is a parabola in λ.",
            "Its minimum is at −Cov(t, S)/Var S.",
            "Subtract the means first: over a few draws the score's mean is not 0. Whether you \
             divide by L or L − 1 cancels.",
        ])
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |student: &Subject<Call<Pairs, f64>>, cases| {
                let mut rng = cases.rng(0);
                let mut inputs = vec![(vec![3.0, 1.0], vec![-1.0, 1.0])];
                for count in [2, 3, 5, 8] {
                    let rising = |(i, x): (usize, f64)| rounded(x + 1.5 * i as f64);
                    let score = numbers(&mut rng, count, -1.0, 0.0);
                    let total = numbers(&mut rng, count, 0.5, 2.0);
                    let score = score.into_iter().enumerate().map(rising).collect();
                    inputs.push((total, score));
                }
                for input in inputs {
                    let lambda = student.output(|f| f.call(&input))?;
                    let label = format!("total {}, score {}", list(&input.0), list(&input.1));
                    let spread = |lambda: f64| {
                        let sums: Vector =
                            input.0.iter().zip(&input.1).map(|(t, s)| t + lambda * s).collect();
                        sums.var(0.0)
                    };
                    cases.equal(label, lambda, vertex(spread));
                }
                Ok(())
            },
        )
        .mistaken(
            "sign",
            "The sign is wrong: λ has to take away what total and score have in common, so it is \
             minus their covariance over the variance.",
            |pairs: Pairs| -regression(&pairs),
        )
        .mistaken(
            "means-not-subtracted",
            "You used the mean of products; over these draws neither mean is 0, so subtract both \
             before multiplying.",
            |(total, score): Pairs| {
                let product: f64 = total.iter().zip(&score).map(|(t, s)| t * s).sum();
                -product / score.iter().map(|s| s * s).sum::<f64>()
            },
        )
        .mistaken(
            "other-way-round",
            "You divided by the variance of the total derivative; λ multiplies the score, so \
             divide by the score's.",
            |pairs: Pairs| {
                let (total, score): (Vector, Vector) =
                    (pairs.0.clone().into(), pairs.1.clone().into());
                regression(&pairs) * score.var(0.0) / total.var(0.0)
            },
        )
        .mistaken(
            "correlation",
            "This is minus the correlation, a number without units; λ is the covariance over the \
             variance of the score alone.",
            |pairs: Pairs| {
                let (total, score): (Vector, Vector) =
                    (pairs.0.clone().into(), pairs.1.clone().into());
                regression(&pairs) * (score.var(0.0) / total.var(0.0)).sqrt()
            },
        )
}

/// −Cov(total, score)/Var(score)
fn regression((total, score): &Pairs) -> f64 {
    let (total, score): (Vector, Vector) = (total.clone().into(), score.clone().into());
    let centred = &score - score.mean().unwrap_or(0.0);
    -(&total - total.mean().unwrap_or(0.0)).dot(&centred) / centred.dot(&centred)
}

/// l, u, τ and ∂f/∂y.
type Relaxed = (Vec<f64>, Vec<f64>, f64, Vec<f64>);

fn relaxed_gradient() -> impl AnyExercise {
    // Differences are off by 1e-14 or so.
    exercise("relaxed_gradient")
        .title("The relaxed coin, with more than two sides")
        .minutes(20)
        .points(2)
        .hints(&[
            "Compute y first. Then differentiate yₖ = e^{aₖ}/Σ e^{aⱼ} by aᵢ, once for i = k and \
             once for another i.",
            "∂yₖ/∂aᵢ = yₖ (1 − yₖ) for i = k, and −yₖ yᵢ otherwise. And a = (l + g)/τ brings a \
             factor 1/τ.",
            "Add up with the slope v: yᵢ (vᵢ − Σₖ vₖ yₖ)/τ.",
        ])
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-11),
            |student: &Subject<Call<Relaxed, Vec<f64>>>, cases| {
                let mut rng = cases.rng(0);
                let half = vec![0.5, 0.5];
                let mut inputs = vec![(vec![0.0, 0.0], half, 0.5, vec![1.0, 0.0])];
                for sides in [2, 3, 4] {
                    inputs.push((
                        numbers(&mut rng, sides, -1.0, 1.0),
                        numbers(&mut rng, sides, 0.15, 0.85),
                        number(&mut rng, 0.6, 0.9),
                        numbers(&mut rng, sides, 0.5, 2.0),
                    ));
                }
                for input in inputs {
                    let measured = student.output(|f| f.call(&input))?;
                    let (logits, uniform, temperature, slope) = &input;
                    let label = format!(
                        "l = {}, u = {}, τ = {temperature}, slope {}",
                        list(logits),
                        list(uniform),
                        list(slope)
                    );
                    // f = Σ vₖ yₖ has this slope everywhere.
                    let f = |logits: &Vector| {
                        let y = softmax(
                            logits.iter().zip(&gumbel(uniform)).map(|(l, g)| (l + g) / temperature),
                        );
                        y.iter().zip(slope).map(|(y, v)| y * v).sum()
                    };
                    let expected = gradient(f, &logits.clone().into());
                    equal_vectors(cases, "answer", &label, &measured, &expected);
                }
                Ok(())
            },
        )
        .mistaken(
            "temperature-forgotten",
            "The logits enter divided by τ, so the derivative has a factor 1/τ, which is missing.",
            |input: Relaxed| {
                let temperature = input.2;
                pulled_back(&input, &draw(&input)).iter().map(|g| g * temperature).collect()
            },
        )
        .mistaken(
            "own-entry-only",
            "You took yᵢ(1 − yᵢ) and nothing else; a logit also takes from all other entries, \
             ∂yₖ/∂lᵢ = −yₖ yᵢ/τ.",
            |input: Relaxed| {
                let of = |(y, v): (f64, &f64)| y * (1.0 - y) * v / input.2;
                draw(&input).into_iter().zip(&input.3).map(of).collect()
            },
        )
        .mistaken(
            "gumbel-sign",
            "The noise has the wrong sign: Gumbel noise is −log(−log u), so that a u near 1 \
             makes it large.",
            |input: Relaxed| {
                let flipped = input.0.iter().zip(gumbel(&input.1)).map(|(l, g)| (l - g) / input.2);
                pulled_back(&input, &softmax(flipped))
            },
        )
        .mistaken(
            "noise-not-divided",
            "You divided only the logits by τ; the noise is inside the bracket, too, or y does \
             not round to a draw from softmax(l).",
            |input: Relaxed| {
                let apart = input.0.iter().zip(gumbel(&input.1)).map(|(l, g)| l / input.2 + g);
                pulled_back(&input, &softmax(apart))
            },
        )
        .mistaken(
            "noise-forgotten",
            "There is no noise in your y: this is the gradient through softmax(l/τ), which is no \
             draw.",
            |input: Relaxed| {
                let plain = input.0.iter().map(|l| l / input.2);
                pulled_back(&input, &softmax(plain))
            },
        )
}

/// −log(−log u)
fn gumbel(uniform: &[f64]) -> Vec<f64> {
    uniform.iter().map(|u| -(-u.ln()).ln()).collect()
}

fn softmax(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let terms: Vec<f64> = numbers.map(f64::exp).collect();
    let total: f64 = terms.iter().sum();
    terms.iter().map(|term| term / total).collect()
}

/// y = softmax((l + g)/τ)
fn draw((logits, uniform, temperature, _): &Relaxed) -> Vec<f64> {
    softmax(logits.iter().zip(gumbel(uniform)).map(|(l, g)| (l + g) / temperature))
}

/// The slope, pulled back to the logits through a relaxed draw.
fn pulled_back((.., temperature, slope): &Relaxed, y: &[f64]) -> Vec<f64> {
    let average: f64 = y.iter().zip(slope).map(|(y, v)| y * v).sum();
    y.iter().zip(slope).map(|(y, v)| y * (v - average) / temperature).collect()
}

/// z, the weights, the means and the log-variances.
type Mixture = (f64, Vec<f64>, Vec<f64>, Vec<f64>);
/// By the means, and by the log-variances.
type Slopes = (Vec<f64>, Vec<f64>);

fn mixture_slopes() -> impl AnyExercise {
    // A bisection to the last digits of F, then differenced: 1e-13 or so.
    exercise("mixture_slopes")
        .title("How a draw from a mixture moves")
        .minutes(20)
        .points(2)
        .hints(&[
            "F is a sum: Σ πₖ Φ((z − μₖ)/σₖ). Differentiate it by one mean.",
            "∂F/∂μₖ = −πₖ N(z; μₖ, σₖ²), and (5.4) divides by the density of the whole mixture. \
             What is this quotient called in (2.24)?",
            "By log σₖ² the argument (z − μₖ)/σₖ changes by minus half of itself. That gives ½ \
             (z − μₖ) times the same quotient.",
        ])
        .exact(
            Tolerance::relative(1e-10).or_absolute(1e-10),
            |student: &Subject<Call<Mixture, Slopes>>, cases| {
                let mut rng = cases.rng(0);
                let halves = vec![0.5, 0.5];
                let mut inputs = vec![(0.0, halves, vec![-1.0, 1.0], vec![0.0, 0.0])];
                for weights in [vec![0.3, 0.7], vec![0.2, 0.5, 0.3], vec![0.4, 0.1, 0.2, 0.3]] {
                    let count = weights.len();
                    let means = (0..count).map(|k| k as f64 - 1.0 + number(&mut rng, -0.3, 0.3));
                    let means = means.map(rounded).collect();
                    let log_vars = numbers(&mut rng, count, -0.6, 0.6);
                    inputs.push((number(&mut rng, -0.5, 0.9), weights, means, log_vars));
                }
                for input in inputs {
                    let (by_mean, by_log_var) = student.output(|f| f.call(&input))?;
                    let (z, weights, means, log_vars) = &input;
                    let label = format!(
                        "z = {z}, π = {}, μ = {}, log σ² = {}",
                        list(weights),
                        list(means),
                        list(log_vars)
                    );
                    let (expected_mean, expected_log_var) = by_inversion(&input);
                    equal_vectors(cases, "∂z/∂μ", &label, &by_mean, &expected_mean);
                    equal_vectors(cases, "∂z/∂log σ²", &label, &by_log_var, &expected_log_var);
                }
                Ok(())
            },
        )
        .mistaken(
            "weights-for-responsibilities",
            "You took πₖ, how often a component is picked; what counts is how probably it made \
             this z: πₖ N(z; μₖ, σₖ²)/q(z).",
            |input: Mixture| with_shares(&input, input.1.clone()),
        )
        .mistaken(
            "winner-takes-all",
            "You let z move with its most probable component only, as the sampler that picks one \
             would; by (5.4) every component has its share.",
            |input: Mixture| {
                let shares = responsibilities(&input);
                let most = shares.iter().copied().fold(0.0, f64::max);
                with_shares(&input, shares.iter().map(|&r| f64::from(r == most)).collect())
            },
        )
        .mistaken(
            "sign",
            "The minus of (5.4) is missing: F falls as a mean rises, so z has to rise.",
            |input: Mixture| {
                with_shares(&input, responsibilities(&input).iter().map(|r| -r).collect())
            },
        )
        .mistaken(
            "not-divided",
            "This is −∂F/∂θ; (5.4) divides it by the density q(z) of the mixture.",
            |input: Mixture| with_shares(&input, joint_densities(&input)),
        )
        .mistaken(
            "half-forgotten",
            "By the means all is right; the other parameter is log σ², not log σ, so its \
             derivative has a factor ½.",
            |input: Mixture| {
                let (by_mean, by_log_var) = with_shares(&input, responsibilities(&input));
                (by_mean, by_log_var.iter().map(|slope| 2.0 * slope).collect())
            },
        )
}

/// πₖ N(z; μₖ, σₖ²)
fn joint_densities((z, weights, means, log_vars): &Mixture) -> Vec<f64> {
    let of = |k: usize| weights[k] * log_density(*z, means[k], log_vars[k]).exp();
    (0..weights.len()).map(of).collect()
}

/// The same over their sum.
fn responsibilities(input: &Mixture) -> Vec<f64> {
    let joint = joint_densities(input);
    let total: f64 = joint.iter().sum();
    joint.iter().map(|p| p / total).collect()
}

/// The slopes, if component k had this share in them.
fn with_shares((z, _, means, _): &Mixture, shares: Vec<f64>) -> Slopes {
    let by_log_var = shares.iter().zip(means).map(|(r, m)| 0.5 * (z - m) * r).collect();
    (shares, by_log_var)
}

/// Both by inverting F at nearby parameters, with u = F(z) held fixed.
fn by_inversion((z, weights, means, log_vars): &Mixture) -> (Vector, Vector) {
    let cdf = |z: f64, means: &Vector, log_vars: &Vector| -> f64 {
        let of = |k: usize| weights[k] * normal_cdf((z - means[k]) * (-0.5 * log_vars[k]).exp());
        (0..weights.len()).map(of).sum()
    };
    let (means, log_vars): (Vector, Vector) = (means.clone().into(), log_vars.clone().into());
    let u = cdf(*z, &means, &log_vars);
    let drawn = |m: &Vector, v: &Vector| crossing(|z| cdf(z, m, v) - u, -20.0, 20.0);
    (gradient(|m| drawn(m, &log_vars), &means), gradient(|v| drawn(&means, v), &log_vars))
}

/// The log-weights, the slopes of log p(x, z), the noise, and log σ².
type Draws = (Vec<f64>, Vec<f64>, Vec<f64>, f64);

fn doubly_reparameterized() -> impl AnyExercise {
    // Sums of a few products. The quadrature of the means, with 20 × 20 nodes, is off by 1e-11 at most.
    exercise("doubly_reparameterized")
        .title("Sticking the landing with several draws")
        .minutes(25)
        .points(3)
        .hints(&[
            "Three factors for each draw. The last, ∂z/∂φ, stands in (5.6).",
            "∂ log w/∂z is the bracket in (5.11): s(z) + ε/σ.",
            "w̃ₖ is exp(log wₖ − M)/Σ exp(log wᵢ − M) with the largest log-weight M. Square it, \
             do not normalise it again, and add up.",
        ])
        .exact(
            Tolerance::relative(1e-9)
                .or_absolute(1e-9)
                .because("what the quadrature of the means misses varies, from 1e-14 to 1e-11"),
            |student: &Subject<Call<Draws, [f64; 2]>>, cases| {
                let mut rng = cases.rng(0);
                let by_hand = (vec![0.0, 0.0], vec![1.0, 0.0], vec![1.0, -1.0], 0.0);
                let mut inputs = vec![(by_hand, 0.0)];
                for (count, down) in [(1, 0.0), (2, 0.0), (4, 0.0), (3, 900.0)] {
                    let weights = numbers(&mut rng, count, -2.0, 1.0);
                    let slopes = numbers(&mut rng, count, 0.5, 2.0);
                    let noise = numbers(&mut rng, count, 0.3, 1.5);
                    inputs.push(((weights, slopes, noise, number(&mut rng, -1.5, -0.3)), down));
                }
                for (small, down) in inputs {
                    let mut input = small.clone();
                    input.0.iter_mut().for_each(|l| *l = rounded(*l - down));
                    let measured = student.output(|f| f.call(&input))?;
                    let (weights, slopes, noise, log_var) = &input;
                    let label = format!(
                        "log w = {}, s = {}, ε = {}, log σ² = {log_var}",
                        list(weights),
                        list(slopes),
                        list(noise)
                    );
                    let expected = with_squares(&small);
                    equal_vectors(cases, "answer", &label, &measured, &expected);
                }
                let (mean, log_var) = (number(&mut rng, 0.2, 0.6), number(&mut rng, -0.9, -0.5));
                let label = format!("all pairs of draws, μ = {mean}, log σ² = {log_var}");
                let (measured, expected) = on_average(student, mean, log_var)?;
                equal_vectors(cases, "mean of the answers", &label, &measured, &expected);
                Ok(())
            },
        )
        .mistaken(
            "weight-not-squared",
            "You weighted with w̃ₖ; this drops a score whose mean is not 0 for several draws, \
             and is biased: the share is w̃ₖ².",
            |draws: Draws| combined(&draws, &shares(&draws.0), true),
        )
        .mistaken(
            "normalised-again",
            "You divided the squares by their sum; the shares are w̃ₖ² as they are, and add up \
             to less than 1.",
            |draws: Draws| {
                let squares = squared(&shares(&draws.0));
                let total: f64 = squares.iter().sum();
                let shares: Vec<f64> = squares.iter().map(|s| s / total).collect();
                combined(&draws, &shares, true)
            },
        )
        .mistaken(
            "slope-of-the-joint",
            "You used s(z), the slope of log p(x, z); log w contains −log q(z), too, so add ε/σ.",
            |draws: Draws| combined(&draws, &squared(&shares(&draws.0)), false),
        )
        .mistaken(
            "half-forgotten",
            "By μ all is right; by log σ² a draw moves by ½σε, and the ½ is missing.",
            |draws: Draws| {
                let [by_mean, by_log_var] = combined(&draws, &squared(&shares(&draws.0)), true);
                [by_mean, 2.0 * by_log_var]
            },
        )
        .mistaken(
            "exponentiated-first",
            "Far below −700 all weights are 0, and 0/0 is no number; subtract the largest \
             log-weight first.",
            |draws: Draws| {
                let total: f64 = draws.0.iter().map(|l| l.exp()).sum();
                let shares: Vec<f64> = draws.0.iter().map(|l| l.exp() / total).collect();
                combined(&draws, &squared(&shares), true)
            },
        )
}

/// w̃ₖ
fn shares(log_weights: &[f64]) -> Vec<f64> {
    let mean = log_mean_exp(log_weights).unwrap_or(f64::NAN);
    log_weights.iter().map(|l| (l - mean).exp() / log_weights.len() as f64).collect()
}

fn squared(shares: &[f64]) -> Vec<f64> {
    shares.iter().map(|share| share * share).collect()
}

/// Σ shareₖ (slope along the path) ∂z/∂φ, with the slope of log w or that of log p(x, z) alone.
fn combined((_, slopes, noise, log_var): &Draws, shares: &[f64], of_weight: bool) -> [f64; 2] {
    let sigma = (0.5 * log_var).exp();
    let mut sum = [0.0; 2];
    for ((share, slope), noise) in shares.iter().zip(slopes).zip(noise) {
        let along = share * (slope + if of_weight { noise / sigma } else { 0.0 });
        sum[0] += along;
        sum[1] += along * 0.5 * sigma * noise;
    }
    sum
}

/// The same by differences: at *held* shares and parameters of log q, log w is moved along each draw's path.
/// `log_weights` must not be too small for a float.
fn with_squares((log_weights, slopes, noise, log_var): &Draws) -> [f64; 2] {
    let weights: Vec<f64> = log_weights.iter().map(|l| l.exp()).collect();
    let total: f64 = weights.iter().sum();
    let moved = |mean: f64, moved_log_var: f64| -> f64 {
        let of_draw = |k: usize| {
            // z begins at σε, where a linear log p(x, z) has the slope s.
            let z = mean + (0.5 * moved_log_var).exp() * noise[k];
            (weights[k] / total).powi(2) * (slopes[k] * z - log_density(z, 0.0, *log_var))
        };
        (0..weights.len()).map(of_draw).sum()
    };
    [slope(|mean| moved(mean, *log_var), 0.0), slope(|v| moved(0.0, v), *log_var)]
}

/// The mean over two draws, by quadrature, and what it should be: the gradient of the two-sample bound, by
/// differences of its quadrature. z ~ N(0, 1), x | z ~ N(z, 1), x = 1.
fn on_average(
    student: &Subject<Call<Draws, [f64; 2]>>,
    mean: f64,
    log_var: f64,
) -> Result<([f64; 2], [f64; 2]), claims::CheckError> {
    let rule = GaussHermite::new(20)?;
    let nodes: Vec<(f64, f64)> =
        rule.nodes().iter().copied().zip(rule.weights().iter().copied()).collect();
    let log_weight = |z: f64, mean: f64, log_var: f64| {
        log_density(z, 0.0, 0.0) + log_density(1.0, z, 0.0) - log_density(z, mean, log_var)
    };
    let draw = |noise: f64, mean: f64, log_var: f64| mean + (0.5 * log_var).exp() * noise;
    let bound = |mean: f64, log_var: f64| -> f64 {
        let mut bound = 0.0;
        for &(first, share) in &nodes {
            for &(second, other) in &nodes {
                let logs = [first, second]
                    .map(|noise| log_weight(draw(noise, mean, log_var), mean, log_var));
                bound += share * other * log_mean_exp(&logs).unwrap_or(f64::NAN);
            }
        }
        bound
    };
    let mut average = [0.0; 2];
    for &(first, share) in &nodes {
        for &(second, other) in &nodes {
            let noise = vec![first, second];
            let z = [first, second].map(|noise| draw(noise, mean, log_var));
            let logs = z.map(|z| log_weight(z, mean, log_var)).to_vec();
            let slopes = z.map(|z| 1.0 - 2.0 * z).to_vec(); // of −½z² − ½(1 − z)²
            let gradient = student.output(|f| f.call(&(logs, slopes, noise, log_var)))?;
            for (sum, by) in average.iter_mut().zip(gradient) {
                *sum += share * other * by;
            }
        }
    }
    Ok((average, [slope(|m| bound(m, log_var), mean), slope(|v| bound(mean, v), log_var)]))
}
