//! Steps: where there is no path to follow.

use claims::{Claim, Domain, Subject, Tolerance, Verdict, claim, domain, real};
use prob::Quadrature;
use prob::gaussian::standard_log_density;
use prob::log_space::sigmoid;

use ch05_reparameterization::discrete::Coin;
use ch05_reparameterization::{pathwise_gradient, score_function_gradient};

/// Any coin with a probability between 2 % and 98 %: its logit, and where f is 0.
pub(super) fn any_coin() -> Domain<2> {
    domain([real("logit", -4.0..=4.0), real("t", -1.0..=2.0).special(&[0.5])]).with([
        [0.8, 0.45],
        [-1.3, 0.2],
        [0.3, 0.9],
        [2.0, -0.5],
    ])
}

/// (coin, a uniform number) ↦ the score function's estimate of the gradient by the logit, and the pathwise one
type CoinEstimators = fn(&Coin, f64) -> [f64; 2];

fn estimates(coin: &Coin, uniform: f64) -> [f64; 2] {
    [coin.score_function(uniform), coin.pathwise(uniform)]
}

/// With another estimate than the score function's.
fn beside_path(estimate: f64, coin: &Coin, uniform: f64) -> [f64; 2] {
    [estimate, coin.pathwise(uniform)]
}

fn logistic_noise(uniform: f64) -> f64 {
    (uniform / (1.0 - uniform)).ln()
}

/// The means over the uniform noise, with the step as a break point.
fn coin_means(estimators: CoinEstimators, coin: &Coin) -> [f64; 2] {
    let p = coin.probability();
    [0, 1].map(|which| {
        let estimate = |u| estimators(coin, u)[which];
        let mean = Quadrature::default().integrate_between(estimate, &[0.0, p, 1.0]);
        mean.map_or(f64::NAN, |mean| mean.value)
    })
}

pub(super) fn coin() -> Claim<CoinEstimators> {
    claim("reparameterization/bernoulli")
        .says(
            "For b ~ Bernoulli(sigmoid(l)) and f(b) = (b − t)² the gradient of E f(b) is \
             p(1 − p)(f(1) − f(0)); the score function's f(b)(b − p) has it as its mean, the pathwise \
             estimate through the step has mean 0",
        )
        .settles("rp-limits", Verdict::Holds)
        .for_every(any_coin())
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-13),
            |estimators: &Subject<CoinEstimators>, [logit, target], cases| {
                let coin = Coin { logit, target };
                let measured = estimators.output(|&estimators| coin_means(estimators, &coin));
                let p = coin.probability();
                // By the two outcomes, and the derivative of p.
                let [one, zero] = [1.0, 0.0].map(|b: f64| (b - target).powi(2));
                cases.equal("score function", measured[0], (one - zero) * p * (1.0 - p));
                cases.equal("pathwise", measured[1], 0.0);
                Ok(())
            },
        )
        .holds_for(estimates as CoinEstimators)
        .fails_for(
            "pathwise",
            "The gradient was taken through a step: its slope is 0 wherever it has one, so that nothing is \
             learned. Use the score function.",
            |coin, u| beside_path(coin.pathwise(u), coin, u),
        )
        .fails_for(
            "straight-through",
            "The step was given the slope of p(l) (\"straight-through\"): a biased estimator, whose error \
             does not vanish with more draws.",
            |coin, u| {
                let p = coin.probability();
                beside_path(coin.slope(coin.draw(u)) * p * (1.0 - p), coin, u)
            },
        )
        .fails_for(
            "relaxed",
            "A Gumbel-softmax draw at temperature ½ stood in for the coin: the gradient of another \
             objective.",
            |coin, u| beside_path(coin.gumbel_softmax(0.5, logistic_noise(u)), coin, u),
        )
        .fails_for(
            "outcome-for-score",
            "f(b) was multiplied by b instead of by the score b − p: the draws with b = 0 count, too.",
            |coin, u| beside_path(coin.value(coin.draw(u)) * coin.draw(u), coin, u),
        )
        .fails_for(
            "probability-for-logit",
            "This is the gradient by p; by the logit it has the factor p(1 − p) besides.",
            |coin, u| {
                let p = coin.probability();
                beside_path(coin.score_function(u) / (p * (1.0 - p)), coin, u)
            },
        )
}

/// (noise, mean, log σ²) ↦ an estimate of the gradient of P(z > 0)
type ThresholdEstimator = fn(f64, f64, f64) -> [f64; 2];

fn above(noise: f64, mean: f64, log_var: f64) -> f64 {
    f64::from(mean + (0.5 * log_var).exp() * noise > 0.0)
}

pub(super) fn threshold() -> Claim<ThresholdEstimator> {
    claim("reparameterization/threshold")
        .says(
            "For f(z) = 1 where z > 0 and z ~ N(μ, σ²) the gradient of E f is φ(μ/σ)/σ by μ and \
             −½(μ/σ)φ(μ/σ) by log σ²: the score function's mean, while the pathwise estimate is 0",
        )
        .settles("rp-limits", Verdict::Holds)
        .for_every(
            domain([real("μ/σ", -4.0..=4.0), real("log σ²", -6.0..=6.0)])
                .with([[0.4, 0.0], [-0.42, 1.0], [1.54, -0.5]]),
        )
        .exact(
            Tolerance::relative(1e-9).or_absolute(1e-10).because(
                "the mean is an adaptive quadrature that is asked for an error of 1e-11",
            ),
            |estimator: &Subject<ThresholdEstimator>, [ratio, log_var], cases| {
                let sigma = (0.5 * log_var).exp();
                let mean = ratio * sigma;
                let quadrature = Quadrature { absolute_tolerance: 1e-11, ..Quadrature::default() };
                let measured = estimator.output(|estimator| {
                    [0, 1].map(|which| {
                        let integrand = |noise: f64| {
                            standard_log_density(noise).exp() * estimator(noise, mean, log_var)[which]
                        };
                        let mean = quadrature.integrate_between(integrand, &[-12.0, -ratio, 12.0]);
                        mean.map_or(f64::NAN, |mean| mean.value)
                    })
                });
                let density = standard_log_density(ratio).exp();
                cases.all_equal("", &measured, &[density / sigma, -0.5 * ratio * density]);
                Ok(())
            },
        )
        .holds_for((|noise, mean, log_var| {
            score_function_gradient(above(noise, mean, log_var), noise, log_var)
        }) as ThresholdEstimator)
        .fails_for(
            "pathwise",
            "The step has slope 0 on both sides, and the pathwise estimator never sees the jump: it needs a \
             function that is the integral of its slope along the path.",
            |noise, _, log_var| pathwise_gradient(0.0, noise, log_var),
        )
        .fails_for(
            "smoothed",
            "The step was replaced by sigmoid(z/0.3): the gradient of another objective, biased by an \
             amount that depends on the width.",
            |noise, mean, log_var| {
                let y = sigmoid((mean + (0.5 * log_var).exp() * noise) / 0.3);
                pathwise_gradient(y * (1.0 - y) / 0.3, noise, log_var)
            },
        )
        .fails_for(
            "deviation-for-score",
            "The value was multiplied by z − μ instead of by the score, (z − μ)/σ²: divide by σ².",
            |noise, mean, log_var| {
                let value = above(noise, mean, log_var);
                [value * (0.5 * log_var).exp() * noise, 0.5 * value * (noise * noise - 1.0)]
            },
        )
}
