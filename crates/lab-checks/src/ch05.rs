//! Lab 5: reparameterization.

use claims::{Subject, Tolerance};
use lab::{AnyExercise, Call, Lab, exercise};
use ndarray::{Array1, Array2, array};
use prob::gaussian::log_density;
use prob::special::normal_cdf;

use crate::numeric::{
    crossing, gradient, lower, lower_triangle, matrix_gradient, number, numbers, rounded, solve,
    vector, vertex,
};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

/// The exercises, in the order of the student's file.
pub(crate) fn lab() -> Lab {
    Lab::new("ch05", "reparameterization", "Reparameterization, further")
        .exercise(weibull_path())
        .exercise(best_lambda())
        .exercise(relaxed_gradient())
        .exercise(mixture_slopes())
        .exercise(full_covariance_path())
}

/// u, s and k.
type Weibull = (f64, f64, f64);

fn weibull_path() -> impl AnyExercise {
    // The bisection ends at the last digits of F, of which a power 1/k ≤ 2.5 loses one at most.
    exercise("weibull_path")
        .title("A path for a Weibull distribution")
        .arguments("uniform, scale, shape")
        .minutes(5)
        .points(1)
        .hints(&[
            "Write u = F(z) down and solve it for z, from the outside inwards.",
            "e^{−(z/s)^k} = 1 − u. Take the logarithm.",
            "(z/s)^k = −log(1 − u). Undo the power, then the scale.",
        ])
        .exact(Tolerance::relative(1e-12), |student: &Subject<Call<Weibull, f64>>, cases| {
            let mut rng = cases.rng(0);
            let mut inputs =
                vec![(0.75, 1.0, 1.0), (1.0 - (-3f64).exp(), 2.0, 0.5), (0.01, 0.6, 0.8)];
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
                cases.equal("", z, expected);
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
        .arguments("total, score")
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
                    let total = numbers(&mut rng, count, -0.5, 2.0);
                    let score = score.into_iter().enumerate().map(rising).collect();
                    inputs.push((total, score));
                }
                for input in inputs {
                    let lambda = student.output(|f| f.call(&input))?;
                    let spread = |lambda: f64| {
                        let sums: Vector =
                            input.0.iter().zip(&input.1).map(|(t, s)| t + lambda * s).collect();
                        sums.var(0.0)
                    };
                    cases.equal("", lambda, vertex(spread));
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
        .arguments("logits, uniform, temperature, slope")
        .minutes(20)
        .points(3)
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
                // A coin with one side, whose answer cannot change.
                inputs.push((vec![0.7], vec![0.4], 0.8, vec![1.5]));
                for sides in [2, 3, 4] {
                    inputs.push((
                        numbers(&mut rng, sides, -1.0, 1.0),
                        numbers(&mut rng, sides, 0.15, 0.85),
                        number(&mut rng, 0.6, 1.6),
                        numbers(&mut rng, sides, -1.0, 2.0),
                    ));
                }
                for input in inputs {
                    let measured = student.output(|f| f.call(&input))?;
                    let (logits, uniform, temperature, slope) = &input;
                    // f = Σ vₖ yₖ has this slope everywhere.
                    let f = |logits: &Vector| {
                        let y = softmax(
                            logits.iter().zip(&gumbel(uniform)).map(|(l, g)| (l + g) / temperature),
                        );
                        y.iter().zip(slope).map(|(y, v)| y * v).sum()
                    };
                    let expected = gradient(f, &logits.clone().into());
                    cases.equal_lists("answer", &measured, &expected);
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
        .arguments("z, weights, means, log_vars")
        .minutes(20)
        .points(3)
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
                // A single component is no mixture, and has its path (5.2).
                inputs.push((-0.7, vec![1.0], vec![0.2], vec![0.4]));
                for weights in [vec![0.3, 0.7], vec![0.2, 0.5, 0.3], vec![0.4, 0.1, 0.2, 0.3]] {
                    let count = weights.len();
                    let means = (0..count).map(|k| k as f64 - 1.0 + number(&mut rng, -0.3, 0.3));
                    let means = means.map(rounded).collect();
                    let log_vars = numbers(&mut rng, count, -0.6, 0.6);
                    inputs.push((number(&mut rng, -0.5, 0.9), weights, means, log_vars));
                }
                for input in inputs {
                    let (by_mean, by_log_var) = student.output(|f| f.call(&input))?;
                    let (expected_mean, expected_log_var) = by_inversion(&input);
                    cases.equal_lists("∂z/∂μ", &by_mean, &expected_mean);
                    cases.equal_lists("∂z/∂log σ²", &by_log_var, &expected_log_var);
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

/// L, ε and s.
type Draw = (Matrix, Vector, Vector);

fn full_covariance_path() -> impl AnyExercise {
    // Differences of a quadratic function: some roundings, divided by widths of 0.005.
    exercise("full_covariance_path")
        .title("Sticking the landing with a full covariance")
        .arguments("factor, noise, slope")
        .minutes(25)
        .points(3)
        .hints(&[
            "Put z − μ = Lε into (LLᵀ)⁻¹(z − μ) and simplify, with (LLᵀ)⁻¹ = L⁻ᵀL⁻¹.",
            "The slope of −log q is the y with Lᵀy = ε. Write this system out for d = 2: its last equation \
             has one unknown.",
            "Along the path ∂z/∂μ is the identity, and Lᵢⱼ acts on zᵢ only, by εⱼ.",
            "With g = s + y the answers are g, and gᵢεⱼ for j ≤ i.",
        ])
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-11),
            |student: &Subject<Call<Draw, (Vector, Matrix)>>, cases| {
                let mut rng = cases.rng(0);
                let mut inputs = vec![
                    (array![[2.0]], array![1.0], array![0.0]),
                    (array![[1.0, 0.0], [1.0, 1.0]], array![1.0, 1.0], array![0.0, 0.0]),
                ];
                for size in [2, 3, 4] {
                    let factor = lower_triangle(&mut rng, size);
                    let noise = vector(&mut rng, size, -1.5, 1.5);
                    inputs.push((factor, noise, vector(&mut rng, size, -1.5, 0.8)));
                }
                for input in inputs {
                    let (by_mean, by_factor) = student.output(|f| f.call(&input))?;
                    let (expected_mean, expected_factor) = along_the_path(&input);
                    cases.equal_lists("the derivative by μ", &by_mean, &expected_mean);
                    cases.equal_matrices("the derivative by L", &by_factor, &expected_factor);
                }
                Ok(())
            },
        )
        .mistaken(
            "other-triangle",
            "You solved Ly = ε; the slope of −log q is (LLᵀ)⁻¹Lε = L⁻ᵀε, so solve Lᵀy = ε, from the last \
             coordinate to the first.",
            |(factor, noise, slope): Draw| {
                let y = solve(&factor, &noise);
                through(&(slope + y), &noise)
            },
        )
        .mistaken(
            "total-derivative",
            "This is the total derivative, right on average and noisy at the optimum; hold the L in log q \
             fixed and add the slope of −log q by z to s instead.",
            |(factor, noise, slope): Draw| {
                let (by_mean, by_factor) = through(&slope, &noise);
                (by_mean, by_factor + Matrix::from_diag(&factor.diag().mapv(f64::recip)))
            },
        )
        .mistaken(
            "diagonal-only",
            "You divided each εᵢ by Lᵢᵢ, as if the coordinates of z were independent; the slope of −log q \
             needs all of L.",
            |(factor, noise, slope): Draw| through(&(slope + &noise / &factor.diag()), &noise),
        )
        .mistaken(
            "sign",
            "You subtracted the slope of −log q; it is what −log q contributes, so add it to s.",
            |(factor, noise, slope): Draw| through(&(slope - whitened(&factor, &noise)), &noise),
        )
        .mistaken(
            "turned-product",
            "Rows and columns are exchanged in the derivative by L: Lᵢⱼ multiplies εⱼ and acts on zᵢ, so the \
             entry is gᵢεⱼ.",
            |(factor, noise, slope): Draw| {
                let g = slope + whitened(&factor, &noise);
                let (_, by_factor) = through(&noise, &g);
                (g, by_factor)
            },
        )
        .mistaken(
            "upper-half",
            "Entries above the diagonal of L are always 0 and may not move; set their derivatives to 0.",
            |(factor, noise, slope): Draw| {
                let g = slope + whitened(&factor, &noise);
                let by_factor = Matrix::from_shape_fn(factor.dim(), |(i, j)| g[i] * noise[j]);
                (g, by_factor)
            },
        )
}

/// The y with Lᵀy = ε.
fn whitened(factor: &Matrix, noise: &Vector) -> Vector {
    solve(&factor.t().to_owned(), noise)
}

/// The derivatives by μ and L of a function of z = μ + Lε with this slope.
fn through(slope: &Vector, noise: &Vector) -> (Vector, Matrix) {
    let size = noise.len();
    let by_entry = |(i, j): (usize, usize)| if j > i { 0.0 } else { slope[i] * noise[j] };
    (slope.clone(), Matrix::from_shape_fn((size, size), by_entry))
}

/// The same by differences: μ and L are moved under z, and not in the covariance that log q has.
fn along_the_path((factor, noise, slope): &Draw) -> (Vector, Matrix) {
    let covariance = factor.dot(&factor.t());
    let bound = |mean: &Vector, moved: &Matrix| {
        let z = mean + moved.dot(noise);
        slope.dot(&z) + 0.5 * z.dot(&solve(&covariance, &z)) // −log q up to a constant
    };
    let origin = Vector::zeros(noise.len());
    let by_mean = gradient(|mean| bound(mean, factor), &origin);
    let by_factor = matrix_gradient(|moved| bound(&origin, moved), factor);
    (by_mean, lower(&by_factor))
}
