//! What D1 prints as the loss and the program of a VAE.

use autodiff::F1;
use claims::{
    CheckError, Claim, Expected, Subject, Tolerance, Verdict, claim, domain, real, scale, signed,
    whole,
};
use data::toy::grid;
use ndarray::{Array2, ArrayD, IxDyn};
use prob::special::normal_cdf;
use prob::{GaussHermite, Quadrature};

use super::witness::Line;
use ch07_vae::d1::{cross_entropy, dense_last_axis, divergence, loss};
use ch07_vae::toy::{grid_law, rounded_cdf};

/// q's mean and log-variance, a point, its reconstruction ↦ what is called the KL divergence
type Divergence = fn([F1; 2], [F1; 2], [f64; 2]) -> F1;

fn constants(x: [f64; 2]) -> [F1; 2] {
    x.map(F1::cst)
}

pub(super) fn divergence_of_d1() -> Claim<Divergence> {
    claim("vae/d1-divergence")
        .says(
            "What D1 calls the KL divergence, the mean of x̂ log x − x̂ − 1, does not know q: its derivatives \
             by the mean and the log-variance are 0. It is −1 at x̂ = 0, and linear in x̂ with the slope log x − 1 \
             for each coordinate, so it has no lower bound",
        )
        .settles("vae-d1-loss", Verdict::Refuted)
        .for_every(
            domain([
                scale("x₁", 1e-3..=1e3),
                scale("x₂", 1e-3..=1e3),
                signed("x̂₁", 1e-3..=1e4),
                signed("x̂₂", 1e-3..=1e4),
                real("mean of q", -3.0..=3.0),
                real("log-variance of q", -3.0..=3.0),
            ])
            .with([
                [0.5, 3.0, 1.5, 2.0, 0.7, -0.4],
                [2.5, 6.0, 1.5, 2.0, 0.7, -0.4],
                [1.0, 4.5, 1000.0, -1000.0, 0.7, -0.4],
            ]),
        )
        .exact(Tolerance::relative(1e-12).or_absolute(2e-11), |divergence: &Subject<Divergence>, case, cases| {
            let [x1, x2, x_hat1, x_hat2, mean, log_var] = case;
            let (q, x_hat, x) = ([mean, log_var], [x_hat1, x_hat2], [x1, x2]);
            let at = |q, x_hat| divergence.output(|d| d(q, x_hat, x).x);
            cases.equal("x̂ = 0", at(constants(q), constants([0.0; 2])), -1.0);
            // Linear, so that it falls without bound in one direction.
            let slopes = x.map(|x| 0.5 * (x.ln() - 1.0));
            let expected = -1.0 + slopes[0] * x_hat[0] + slopes[1] * x_hat[1];
            cases.equal("", at(constants(q), constants(x_hat)), expected);
            for (j, what) in ["mean", "log-variance"].into_iter().enumerate() {
                let mut q = constants(q);
                q[j] = F1::var(q[j].x);
                let slope = divergence.output(|d| d(q, constants(x_hat), x).dx);
                cases.equal(format!("derivative by q's {what}"), slope, 0.0);
            }
            for j in 0..2 {
                let mut x_hat = constants(x_hat);
                x_hat[j] = F1::var(x_hat[j].x);
                let slope = divergence.output(|d| d(constants(q), x_hat, x).dx);
                cases.equal(format!("derivative by x̂{}", j + 1), slope, slopes[j]);
            }
            Ok(())
        })
        .holds_for((|_, x_hat, x| divergence(constants(x), x_hat)) as Divergence)
        .fails_for(
            "kl-from-the-prior",
            "This is KL(q(z|x) ‖ p(z)), what the loss should contain; it knows q and not x̂. D1 prints something \
             else.",
            |[mean, log_var], _, _| {
                let one = F1::cst(1.0);
                F1::cst(0.5) * (mean * mean + nn::Scalar::exp(log_var) - log_var - one)
            },
        )
        .fails_for(
            "divergence-of-measures",
            "This is the mean of x̂ log(x̂/x) − x̂ + x, the divergence of positive measures: convex, never \
             negative, 0 at x̂ = x. D1 has log x where that has log(x̂/x).",
            |_, x_hat, x| {
                let term = |j: usize| {
                    let x = F1::cst(x[j]);
                    // At x̂ = 0 the limit: x̂ log x̂ vanishes.
                    let entropy = if x_hat[j].x == 0.0 {
                        F1::cst(0.0)
                    } else {
                        x_hat[j] * nn::Scalar::ln(x_hat[j] / x)
                    };
                    entropy - x_hat[j] + x
                };
                F1::cst(0.5) * (term(0) + term(1))
            },
        )
        .fails_for(
            "roles-exchanged",
            "Here the logarithm is of x̂, as in a Poisson likelihood: D1 takes it of x.",
            |_, x_hat, x| {
                let term = |j: usize| F1::cst(x[j]) * nn::Scalar::ln(x_hat[j]) - x_hat[j] - F1::cst(1.0);
                F1::cst(0.5) * (term(0) + term(1))
            },
        )
        .fails_for(
            "sum-over-coordinates",
            "The coordinates were summed: D1 takes their mean.",
            |_, x_hat, x| F1::cst(2.0) * divergence(constants(x), x_hat),
        )
}

/// A point and a reconstruction ↦ the whole loss
type Loss = fn([f64; 2], [f64; 2]) -> f64;

pub(super) fn loss_of_d1() -> Claim<Loss> {
    claim("vae/d1-no-minimum")
        .says(
            "Along x̂ = t(1, 1) the cross-entropy of D1's loss is constant, so that the whole loss is linear in t, \
             with the mean of log x − 1 as its slope, at every point of the set where that is a number",
        )
        .settles("vae-d1-loss", Verdict::Refuted)
        .for_every(
            domain([whole("2x₁", 1..=24), whole("2x₂", 1..=24), signed("t", 1e-3..=1e6)])
                .such_that("t is not 0", |[_, _, t]| t != 0.0)
                .with([[1.0, 6.0, 1.0], [5.0, 10.0, -1e3], [12.0, 9.0, 1e6], [1.0, 6.0, -1e6]]),
        )
        .exact(Tolerance::relative(1e-12).or_absolute(1e-12), |loss: &Subject<Loss>, [k1, k2, t], cases| {
            let x = [0.5 * k1, 0.5 * k2];
            let measured = loss.output(|loss| loss(x, [t, t]));
            let slope = 0.5 * (x[0].ln() + x[1].ln()) - 1.0;
            let start = (x[0] + x[1]) * 2.0_f64.ln() + slope - 1.0;
            cases.equal("", measured, start + (t - 1.0) * slope);
            Ok(())
        })
        .holds_for(loss as Loss)
        .fails_for(
            "squared-error",
            "With the squared error as reconstruction the loss has a minimum: that is what D1 should have used.",
            |x, x_hat| {
                let error = |j: usize| 0.5 * (x[j] - x_hat[j]).powi(2);
                error(0) + error(1) + divergence(x, x_hat)
            },
        )
        .fails_for(
            "binary-cross-entropy",
            "This is the binary cross-entropy of each coordinate by itself, of logits; D1 names the categorical \
             one, which knows the ratio of the outputs only.",
            |x, x_hat| {
                let bernoulli = |j: usize| nn::Scalar::softplus(x_hat[j]) - x[j] * x_hat[j];
                bernoulli(0) + bernoulli(1) + divergence(x, x_hat)
            },
        )
        .fails_for(
            "cross-entropy-only",
            "The second term is missing: the cross-entropy alone is constant along this line.",
            cross_entropy,
        )
        .fails_for(
            "sum-over-coordinates",
            "The second term was summed over the coordinates: D1 takes the mean.",
            |x, x_hat| loss(x, x_hat) + divergence(x, x_hat),
        )
}

/// The size of a batch ↦ the shares of points with a negative coordinate, of points with one that is not positive, and
/// of batches with such a point
type Shares = fn(i32) -> [f64; 3];

fn shares(negative: f64, not_positive: f64, batch: i32) -> [f64; 3] {
    let some = |p: f64, of: i32| 1.0 - (1.0 - p).powi(of);
    [some(negative, 2), some(not_positive, 2), some(not_positive, 2 * batch)]
}

pub(super) fn undefined() -> Claim<Shares> {
    claim("vae/d1-undefined")
        .says(
            "D1's log x is NaN at 3.9 % of the points of its own set, which have a negative coordinate; 13.5 % \
             have one that is negative or 0; of batches of n a share of 1 − (1 − 0.135)ⁿ has such a point, 99.0 % of \
             those of 32",
        )
        .settles("vae-d1-loss", Verdict::Refuted)
        .for_every(domain([whole("points in a batch", 1..=128)]).with([[32.0]]))
        .exact(Tolerance::absolute(1e-12), |shares: &Subject<Shares>, [batch], cases| {
            // P(U + N < t) for the uniform U, by quadrature over it.
            let below = |t: f64| {
                let integral = Quadrature::default().integrate(|u| normal_cdf(t - u), 0.0, 10.0);
                integral.map(|integral| integral.value / 10.0)
            };
            // x < 0 where U + N rounds to −1 or less; x ≤ 0 where it rounds to 0 or less.
            let (negative, not_positive) = (below(-0.5)?, below(0.5)?);
            let positive: f64 = 1.0 - not_positive;
            let point = positive * positive;
            let expected = [1.0 - (1.0 - negative).powi(2), 1.0 - point, 1.0 - point.powf(batch)];
            let measured = shares.output(|shares| shares(batch as i32));
            let labels = ["points with x < 0", "points with x ≤ 0", "batches with a point x ≤ 0"];
            for (label, (measured, expected)) in labels.iter().zip(measured.into_iter().zip(expected)) {
                cases.equal(*label, measured, expected);
            }
            Ok(())
        })
        .holds_for((|batch| shares(rounded_cdf(-1.0), rounded_cdf(0.0), batch)) as Shares)
        .fails_for(
            "one-coordinate",
            "This is the share of *coordinates*; a point has two, and one is enough.",
            |batch| {
                let [negative, not_positive] = [rounded_cdf(-1.0), rounded_cdf(0.0)];
                [negative, not_positive, 1.0 - (1.0 - not_positive).powi(batch)]
            },
        )
        .fails_for(
            "added-up",
            "Probabilities were added as if two events excluded each other: multiply those of the opposite.",
            |batch| {
                let [negative, not_positive] = [rounded_cdf(-1.0), rounded_cdf(0.0)];
                [2.0 * negative, 2.0 * not_positive, 2.0 * f64::from(batch) * not_positive]
            },
        )
        .fails_for(
            "before-rounding",
            "The shares are those of U + N before it was rounded: what lies above −½ becomes 0.",
            |batch| shares(rounded_cdf(-0.5), rounded_cdf(-0.5), batch),
        )
        .fails_for(
            "strictly-negative",
            "Zero was counted as positive: log 0 is −∞.",
            |batch| shares(rounded_cdf(-1.0), rounded_cdf(-1.0), batch),
        )
}

/// D1's loss, by which the points of its set are sorted into those where it is a number and the others.
type PointLoss = fn([f64; 2]) -> f64;

pub(super) fn undefined_in_draws() -> Claim<PointLoss> {
    claim("vae/d1-undefined-in-draws")
        .says("Evaluated on points that are drawn, D1's loss is NaN, and is no finite number, as often as that")
        .settles("vae-d1-loss", Verdict::Refuted)
        .for_every(domain([whole("1 NaN, 2 no finite number", 1..=2)]))
        .statistical(1, |loss: &Subject<PointLoss>, [which], draws| {
            let share = |p: f64, effect: f64| Expected { mean: p, sd: (p * (1.0 - p)).sqrt(), effect };
            let at_draw = |rng: &mut claims::Rng| {
                let point = grid(1, rng);
                loss.pick(|loss| loss([point[[0, 0]], point[[0, 1]]]))
            };
            // From the law of the set, one value after the other.
            let of = |keep: fn(f64) -> bool| {
                let kept: f64 = grid_law().filter(|&(x, _)| keep(x)).map(|(_, p)| p).sum();
                1.0 - kept * kept
            };
            if which == 1.0 {
                draws.mean("share of NaN", share(of(|x| x >= 0.0), 0.01), |rng| {
                    f64::from(at_draw(rng).is_nan())
                })
            } else {
                draws.mean("share that is no finite number", share(of(|x| x > 0.0), 0.02), |rng| {
                    f64::from(!at_draw(rng).is_finite())
                })
            }
        })
        .holds_for((|x| loss(x, [2.0, 1.5])) as PointLoss)
        .fails_for(
            "clipped",
            "x was pushed up to 1e-7 before the logarithm, as Keras does with *outputs*: D1 does not, and the \
             hidden value −16 would be no better.",
            |x| loss(x.map(|x| x.max(1e-7)), [2.0, 1.5]),
        )
        .fails_for(
            "absolute-value",
            "The logarithm was taken of |x|: that hides the negative points and keeps the infinite ones.",
            |x| loss(x.map(f64::abs), [2.0, 1.5]),
        )
        .fails_for(
            "cut-at-zero",
            "Negative numbers were set to 0, which makes infinities of the NaN.",
            |x| loss(x.map(|x| x.max(0.0)), [2.0, 1.5]),
        )
}

/// The shape of an input and the number of a dense layer's units ↦ the shape of its output
type Dense = fn(&[usize], usize) -> Result<Vec<f64>, CheckError>;

fn shape_after(shape: &[usize], units: usize) -> Result<Vec<f64>, CheckError> {
    let inputs = shape.last().copied().unwrap_or(1);
    let output = dense_last_axis(&ArrayD::ones(IxDyn(shape)), &Array2::ones((units, inputs)))?;
    Ok(output.shape().iter().map(|&length| length as f64).collect())
}

fn counts(shape: &[f64]) -> Vec<usize> {
    shape.iter().map(|&length| length as usize).collect()
}

pub(super) fn shapes() -> Claim<Dense> {
    claim("vae/d1-shapes")
        .says(
            "D1's generator makes n × 2 numbers of n × 2 noise, half of what its reshape to n × 2 × 2 needs; and \
             of training points of the shape n × 2 × 1 its layers make n × 2 × 2, against targets of n × 2 × 1",
        )
        .settles("vae-d1-shapes", Verdict::Refuted)
        .for_every(domain([whole("n", 1..=64)]).with([[32.0]]))
        .exact(Tolerance::absolute(1e-12), |dense: &Subject<Dense>, [count], cases| {
            let through = |shape: &[usize], units: &[usize]| -> Result<Vec<f64>, CheckError> {
                let mut shape = shape.iter().map(|&length| length as f64).collect::<Vec<_>>();
                for &units in units {
                    shape = dense.output(|dense| dense(&counts(&shape), units))?;
                }
                Ok(shape)
            };
            let n = count as usize;
            let made = through(&[n, 2], &[128, 2])?;
            cases.all_equal("generator: shape", &made, &[count, 2.0]);
            let numbers: f64 = made.iter().product();
            cases.equal("generator: numbers that are missing", 4.0 * count - numbers, 2.0 * count);
            let trained = through(&[n, 2, 1], &[128, 2])?;
            cases.all_equal("training: shape", &trained, &[count, 2.0, 2.0]);
            let numbers: f64 = trained.iter().product();
            cases.equal("training: outputs ÷ targets", numbers / (2.0 * count), 2.0);
            Ok(())
        })
        .holds_for(shape_after as Dense)
        .fails_for(
            "flattened",
            "A dense layer does not flatten its input: it acts on the last axis and leaves the others.",
            |shape, units| Ok(vec![shape.first().copied().unwrap_or(1) as f64, units as f64]),
        )
        .fails_for(
            "appended",
            "The units *replace* the last axis; no axis is added.",
            |shape, units| Ok(shape.iter().chain(&[units]).map(|&length| length as f64).collect()),
        )
        .fails_for(
            "first-axis",
            "The first axis counts the examples, and no layer touches it: the last one is replaced.",
            |shape, units| {
                let replaced = [&units].into_iter().chain(shape.iter().skip(1));
                Ok(replaced.map(|&length| length as f64).collect())
            },
        )
}

/// A model, x, and q's mean and log-variance ↦ the derivative of the loss by the log-variance
type Slope = fn(Line, f64, (f64, f64)) -> f64;

pub(super) fn without_draw() -> Claim<Slope> {
    claim("vae/d1-without-draw")
        .says(
            "The log-variance learns from the data by the draw z = μ + σε only: its derivative is \
             ½(σ²(1 + w²/s²) − 1), which vanishes at the posterior's variance. D1's program draws nothing, and \
             what is left, ½(σ² − 1), ends at σ = 1 whatever the data",
        )
        .settles("vae-d1-program", Verdict::Refuted)
        .for_every(
            domain([
                signed("w", 0.05..=20.0),
                scale("s", 0.05..=10.0),
                real("x", -3.0..=3.0),
                real("mean of q", -3.0..=3.0),
                real("log σ²", -6.0..=3.0),
            ])
            .with([[1.5, 0.5, 1.3, 0.0, 0.0], [1.5, 0.5, 1.3, 0.5, -1.0], [1.5, 0.5, 1.3, -0.7, 0.8]]),
        )
        .exact(Tolerance::relative(1e-12).or_absolute(1e-12), |slope: &Subject<Slope>, case, cases| {
            let [w, s, x, mean, log_var] = case;
            // Two nodes would do: the integrand is quadratic in ε.
            let rule = GaussHermite::new(4)?;
            let standard = prob::Gaussian::standard();
            let line = Line { w, s, ..Line::default() };
            let posterior = line.posterior(x, 0.0, 1.0);
            let at = |q: (f64, f64)| slope.output(|slope| slope(line, x, q));
            cases.equal("at the posterior's variance", at((posterior.0, posterior.1.ln())), 0.0);
            let dual = F1::var(log_var);
            let expected = rule.expectation(&standard, |noise| {
                let half = F1::cst(0.5);
                let z = F1::cst(mean) + nn::Scalar::exp(half * dual) * F1::cst(noise);
                let residual = F1::cst(x - line.b) - F1::cst(line.w) * z;
                let kl = half * (nn::Scalar::exp(dual) - dual);
                (half * residual * residual / F1::cst(line.s * line.s) + kl).dx
            });
            // What is added up is as large as the derivative for one ε.
            let scale = 1.0 + (w / s).abs() * ((x - line.b).abs() + (w * mean).abs()) / s;
            cases.equal("÷ its size for one draw", at((mean, log_var)) / scale, expected / scale);
            Ok(())
        })
        .holds_for(
            (|line, _, (_, log_var)| {
                0.5 * (log_var.exp() * (1.0 + (line.w / line.s).powi(2)) - 1.0)
            }) as Slope,
        )
        .fails_for(
            "decodes-the-mean",
            "The mean was decoded, and no z drawn: then the KL alone moves the variance, and it ends at 1.",
            |_, _, (_, log_var)| 0.5 * (log_var.exp() - 1.0),
        )
        .fails_for(
            "without-kl",
            "The KL is missing: the reconstruction alone wants no noise at all, and drives σ to 0.",
            |line, _, (_, log_var)| 0.5 * log_var.exp() * (line.w / line.s).powi(2),
        )
        .fails_for(
            "by-sigma",
            "This is the derivative by σ; by log σ² it is σ/2 times that.",
            |line, _, (_, log_var)| {
                let sigma = (0.5 * log_var).exp();
                sigma * (1.0 + (line.w / line.s).powi(2)) - 1.0 / sigma
            },
        )
}
