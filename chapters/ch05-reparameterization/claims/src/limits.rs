//! Steps: where there is no path to follow.

use claims::{Claim, Subject, Tolerance, Verdict, claim};
use prob::Quadrature;
use prob::gaussian::standard_log_density;
use prob::log_space::sigmoid;

use ch05_reparameterization::discrete::Coin;
use ch05_reparameterization::{pathwise_gradient, score_function_gradient};

pub(super) const COINS: [Coin; 4] = [
    Coin { logit: 0.8, target: 0.45 },
    Coin { logit: -1.3, target: 0.2 },
    Coin { logit: 0.3, target: 0.9 },
    Coin { logit: 2.0, target: -0.5 },
];

/// (coin, a uniform number) ↦ an estimate of the gradient by the logit
type CoinEstimator = fn(&Coin, f64) -> f64;

fn logistic_noise(uniform: f64) -> f64 {
    (uniform / (1.0 - uniform)).ln()
}

/// The mean over the uniform noise, with the step as a break point.
fn coin_mean(estimator: CoinEstimator, coin: &Coin) -> f64 {
    let p = coin.probability();
    let mean = Quadrature::default().integrate_between(|u| estimator(coin, u), &[0.0, p, 1.0]);
    mean.map_or(f64::NAN, |mean| mean.value)
}

pub(super) fn coin() -> Claim<CoinEstimator> {
    claim("reparameterization/bernoulli")
        .says(
            "For b ~ Bernoulli(sigmoid(l)) the gradient of E f(b) is p(1 − p)(f(1) − f(0)); the score \
             function's f(b)(b − p) has it as its mean, the pathwise estimate through the step is 0",
        )
        .settles("rp-limits", Verdict::Holds)
        .exact(Tolerance::relative(1e-12), |estimator: &Subject<CoinEstimator>, cases| {
            for coin in COINS {
                let measured = estimator.output(|&estimator| coin_mean(estimator, &coin));
                let p = coin.probability();
                // By the two outcomes, and the derivative of p.
                let [one, zero] = [1.0, 0.0].map(|b: f64| (b - coin.target).powi(2));
                cases.equal(format!("{coin:?}"), measured, (one - zero) * p * (1.0 - p));
            }
            Ok(())
        })
        .holds_for(Coin::score_function as CoinEstimator)
        .fails_for(
            "pathwise",
            "The gradient was taken through a step: its slope is 0 wherever it has one, so that nothing is \
             learned. Use the score function.",
            Coin::pathwise,
        )
        .fails_for(
            "straight-through",
            "The step was given the slope of p(l) (\"straight-through\"): a biased estimator, whose error \
             does not vanish with more draws.",
            |coin, u| {
                let p = coin.probability();
                coin.slope(coin.draw(u)) * p * (1.0 - p)
            },
        )
        .fails_for(
            "relaxed",
            "A Gumbel-softmax draw at temperature ½ stood in for the coin: the gradient of another \
             objective.",
            |coin, u| coin.gumbel_softmax(0.5, logistic_noise(u)),
        )
        .fails_for(
            "outcome-for-score",
            "f(b) was multiplied by b instead of by the score b − p: the draws with b = 0 count, too.",
            |coin, u| coin.value(coin.draw(u)) * coin.draw(u),
        )
        .fails_for(
            "probability-for-logit",
            "This is the gradient by p; by the logit it has the factor p(1 − p) besides.",
            |coin, u| {
                let p = coin.probability();
                coin.score_function(u) / (p * (1.0 - p))
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
        .exact(
            Tolerance::relative(1e-10).or_absolute(1e-11).because(
                "the mean is an adaptive quadrature that is asked for eleven digits",
            ),
            |estimator: &Subject<ThresholdEstimator>, cases| {
                for (mean, log_var) in [(0.4, 0.0), (-0.7, 1.0), (1.2, -0.5)] {
                    let step = -mean * (-0.5f64 * log_var).exp();
                    let measured = estimator.output(|estimator| {
                        [0, 1].map(|which| {
                            let integrand = |noise: f64| {
                                standard_log_density(noise).exp() * estimator(noise, mean, log_var)[which]
                            };
                            let ends = [-12.0, step, 12.0];
                            let mean = Quadrature::default().integrate_between(integrand, &ends);
                            mean.map_or(f64::NAN, |mean| mean.value)
                        })
                    });
                    let density = standard_log_density(step).exp();
                    let exact = [density * (-0.5 * log_var).exp(), 0.5 * step * density];
                    cases.all_equal(&format!("μ = {mean}, log σ² = {log_var}"), &measured, &exact);
                }
                Ok(())
            },
        )
        .holds_for((|noise, mean, log_var| {
            score_function_gradient(above(noise, mean, log_var), noise, log_var)
        }) as ThresholdEstimator)
        .fails_for(
            "pathwise",
            "The step has slope 0 on both sides, and the pathwise estimator never sees the jump: it needs a \
             function that is continuous along the path.",
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
