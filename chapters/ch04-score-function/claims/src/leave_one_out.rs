//! Baselines computed from the draws themselves.

use claims::{
    CheckError, Claim, Domain, Expected, Rng, Subject, Tolerance, Verdict, claim, domain, one_of,
    seed, whole,
};
use prob::Gaussian;
use rand::Rng as _;

use super::{Cubic, means, on_the_line, over_points, sigmas, sum_of_squares};
use ch04_score_function::{
    Parameter, SumOfSquares, in_sample_factor, in_sample_gradient, leave_one_out_gradient, score,
};

/// (scores, f) of L draws ↦ an estimate
type Estimator = fn(&[f64], &[f64]) -> f64;

const KOOL: &str =
    "Kool, van Hoof and Welling 2019, Buy 4 REINFORCE samples, get a baseline for free";
const IN_SAMPLE: &str = "The baseline includes the draw that it is subtracted from, which makes the mean \
    (L − 1)/L of the gradient: use the mean of the other draws.";
const SUM: &str = "The draws were summed: an estimate is their mean.";
const SUM_OVER_OTHERS: &str = "The sum over all draws was divided by L − 1: leave the draw itself out of the \
    sum, too.";

fn sum_over_others(scores: &[f64], f: &[f64]) -> f64 {
    let count = f.len() as f64;
    let baseline = f.iter().sum::<f64>() / (count - 1.0);
    scores.iter().zip(f).map(|(s, f_i)| (f_i - baseline) * s).sum::<f64>() / count
}

/// The scores of the first coordinate and the f of L draws, which lie in `z` one after the other.
fn scores_and_f(case: &SumOfSquares, parameter: Parameter, z: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let draws = z.chunks_exact(case.dimension);
    draws.map(|z| (score(parameter, &case.q, z[0]), sum_of_squares(z))).unzip()
}

/// L draws, a cubic f, and q.
fn few_draws() -> Domain<4> {
    domain([whole("L", 2..=4), seed("the cubic f"), means(), sigmas()])
        .with([[2.0, 0.0, 1.0, 0.5], [3.0, 1.0, -0.4, 1.7], [4.0, 2.0, 0.8, 1.1]])
        .cases(100)
}

/// A cubic whose coefficients are drawn.
fn cubic(mut rng: Rng) -> Cubic {
    Cubic(std::array::from_fn(|_| rng.random_range(-2.0..2.0)))
}

/// The mean of an estimator over L draws; four nodes are exact for it.
fn mean_over_draws(
    (f, q): (Cubic, &Gaussian),
    parameter: Parameter,
    draws: usize,
    estimator: impl Fn(&[f64], &[f64]) -> f64,
) -> Result<f64, CheckError> {
    over_points(&SumOfSquares { q: *q, dimension: 1 }, draws, 4, |z| {
        let scores: Vec<f64> = z.iter().map(|&z| score(parameter, q, z)).collect();
        let values: Vec<f64> = z.iter().map(|&z| f.at(z)).collect();
        estimator(&scores, &values)
    })
}

pub(super) fn unbiased() -> Claim<Estimator> {
    claim("score-function/leave-one-out")
        .says(
            "With the mean of the other draws' f as baseline the estimator's mean is the gradient, for cubics f and \
             two to four draws",
        )
        .settles("sf-baseline", Verdict::Holds)
        .for_every(few_draws())
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-10),
            |estimator: &Subject<Estimator>, [draws, seed, mean, sigma], cases| {
                let (f, q) = (cubic(cases.rng(seed as u64)), Gaussian::new(mean, sigma)?);
                for parameter in Parameter::BOTH {
                    let under_test =
                        |s: &[f64], f: &[f64]| estimator.output(|estimate| estimate(s, f));
                    let measured = mean_over_draws((f, &q), parameter, draws as usize, under_test)?;
                    cases.equal(parameter.symbol(), measured, f.gradient(parameter, &q));
                }
                Ok(())
            },
        )
        .holds_for(leave_one_out_gradient as Estimator)
        .fails_for("in-sample", IN_SAMPLE, in_sample_gradient)
        .fails_for("sum", SUM, |scores, f| f.len() as f64 * leave_one_out_gradient(scores, f))
        .fails_for("sum-over-others", SUM_OVER_OTHERS, sum_over_others)
}

/// L ↦ mean of the in-sample estimator, over the gradient
type Factor = fn(usize) -> f64;

pub(super) fn in_sample_bias() -> Claim<Factor> {
    claim("score-function/in-sample-bias")
        .says(
            "With the mean of all L draws' f as baseline the estimator's mean is (L − 1)/L of the gradient, for \
             cubics f and two to four draws",
        )
        .settles("sf-baseline", Verdict::Holds)
        .for_every(few_draws())
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-10),
            |factor: &Subject<Factor>, [draws, seed, mean, sigma], cases| {
                let (f, q) = (cubic(cases.rng(seed as u64)), Gaussian::new(mean, sigma)?);
                for parameter in Parameter::BOTH {
                    let draws = draws as usize;
                    let biased = mean_over_draws((f, &q), parameter, draws, in_sample_gradient)?;
                    let measured = factor.output(|factor| factor(draws));
                    cases.equal(parameter.symbol(), measured * f.gradient(parameter, &q), biased);
                }
                Ok(())
            },
        )
        .holds_for(in_sample_factor as Factor)
        .fails_for(
            "unbiased",
            "The in-sample baseline was taken to be harmless: one of the L draws in it is the one whose score it \
             multiplies.",
            |_| 1.0,
        )
        .fails_for(
            "upside-down",
            "L/(L − 1) is the factor that repairs the estimate: the bias itself is (L − 1)/L.",
            |draws| 1.0 / in_sample_factor(draws),
        )
        .fails_for(
            "nothing-left",
            "Only the share 1/L that is lost was counted: what is left is 1 − 1/L.",
            |draws| 1.0 / draws as f64,
        )
}

/// (case, parameter, L) ↦ L times the variance of the leave-one-out estimator
type Variance = fn(&SumOfSquares, Parameter, usize) -> f64;

pub(super) fn variance() -> Claim<Variance> {
    claim("score-function/leave-one-out-variance")
        .says(
            "L times the leave-one-out estimator's variance is V + (g² + I Var f)/(L − 1), with V the variance at \
             the baseline E f: the price for not knowing E f falls as 1/(L − 1). For f = Σz²",
        )
        .settles("sf-baseline", Verdict::Holds)
        .for_every(
            domain([whole("D", 1..=2), whole("L", 2..=4), means(), sigmas()])
                .with([[1.0, 2.0, 1.0, 0.5], [1.0, 4.0, 0.8, 0.9], [2.0, 2.0, 0.6, 0.9]])
                .such_that("D L ≤ 4", |[dimension, draws, ..]| dimension * draws <= 4.0)
                .cases(100),
        )
        .exact(
            Tolerance::relative(2e-12),
            |variance: &Subject<Variance>, [dimension, draws, mean, sigma], cases| {
                let q = Gaussian::new(mean, sigma)?;
                let case = SumOfSquares { q, dimension: dimension as usize };
                for parameter in Parameter::BOTH {
                    let g = case.gradient(parameter);
                    let witness = over_points(&case, draws as usize, 5, |z| {
                        let (scores, f) = scores_and_f(&case, parameter, z);
                        (leave_one_out_gradient(&scores, &f) - g).powi(2)
                    })?;
                    let measured = variance.output(|v| v(&case, parameter, draws as usize));
                    cases.equal(parameter.symbol(), measured, draws * witness);
                }
                Ok(())
            },
        )
        .holds_for(SumOfSquares::leave_one_out_variance as Variance)
        .fails_for(
            "as-if-known",
            "The baseline was treated as if E f were known: with few draws its own noise counts.",
            |case, parameter, _| case.variance(parameter, case.mean()),
        )
        .fails_for(
            "over-all-draws",
            "The baseline is a mean of L − 1 draws, not of L.",
            |case, parameter, draws| {
                let known = case.variance(parameter, case.mean());
                let price = case.leave_one_out_variance(parameter, draws) - known;
                known + price * in_sample_factor(draws)
            },
        )
        .fails_for(
            "independent-terms",
            "The L terms were taken for independent: they share draws, which adds the squared gradient g².",
            |case, parameter, draws| {
                let g = case.gradient(parameter);
                case.leave_one_out_variance(parameter, draws) - g * g / (draws as f64 - 1.0)
            },
        )
}

/// Draws of one estimate: the bias of the in-sample baseline, a tenth, is still ten times the effect.
const DRAWS: usize = 10;

pub(super) fn ten_draws() -> Claim<Estimator> {
    claim("score-function/leave-one-out-ten-draws")
        .says(
            "For f = z² and σ = ½, over many estimates from ten draws each, the leave-one-out estimator is the \
             μ-gradient on average; a bias of 1 % of the gradient would be noticed, and the in-sample baseline's \
             is 10 %",
        )
        .after(KOOL)
        .for_every(domain([one_of("μ", &[1.0, -2.0])]))
        .statistical(1, |estimator: &Subject<Estimator>, [mu], draws| {
            let case = on_the_line(mu, 0.5)?;
            let parameter = Parameter::Mean;
            let mean = case.gradient(parameter);
            let sd = (case.leave_one_out_variance(parameter, DRAWS) / DRAWS as f64).sqrt();
            let effect = (0.01 * sd).max(0.01 * mean.abs());
            draws.mean("", Expected { mean, sd, effect }, |rng| {
                let z: [f64; DRAWS] = std::array::from_fn(|_| case.q.sample(rng));
                let scores = z.map(|z| score(parameter, &case.q, z));
                let f = z.map(|z| z * z);
                estimator.output(|estimate| estimate(&scores, &f))
            })
        })
        .holds_for(leave_one_out_gradient as Estimator)
        .fails_for("in-sample", IN_SAMPLE, in_sample_gradient)
        .fails_for("sum-over-others", SUM_OVER_OTHERS, sum_over_others)
}
