//! Steps: where there is no path to follow.

use claims::{Claim, Subject, Tolerance, Verdict, claim};
use prob::Quadrature;
use prob::gaussian::standard_log_density;
use prob::log_space::sigmoid;

use crate::discrete::Coin;
use crate::{pathwise_gradient, score_function_gradient};

const COINS: [Coin; 4] = [
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
            "probability-as-gradient",
            "The estimate was multiplied by z's deviation instead of the score: divide by σ² and not by 1.",
            |noise, mean, log_var| {
                let value = above(noise, mean, log_var);
                [value * (0.5 * log_var).exp() * noise, 0.5 * value * (noise * noise - 1.0)]
            },
        )
}

/// ∫ h(noise) g(noise) over the standard logistic density g, with the middle of the relaxed step as a
/// break point.
fn logistic_mean(centre: f64, h: impl Fn(f64) -> f64) -> f64 {
    let density = |noise: f64| sigmoid(noise) * sigmoid(-noise);
    let ends = [centre - 60.0, centre - 1.0, centre, centre + 1.0, centre + 60.0];
    let quadrature = Quadrature { relative_tolerance: 1e-12, ..Quadrature::default() };
    let mean = quadrature.integrate_between(|noise| density(noise) * h(noise), &ends);
    mean.map_or(f64::NAN, |mean| mean.value)
}

/// (coin, temperature, logistic noise) ↦ an estimate
type Relaxed = fn(&Coin, f64, f64) -> f64;

pub(super) fn relaxed_gradient() -> Claim<Relaxed> {
    claim("reparameterization/gumbel-softmax")
        .says(
            "f′(y) y(1 − y)/τ has as its mean the gradient of the relaxed objective E f(y), \
             y = sigmoid((l + log u/(1 − u))/τ)",
        )
        .settles("rp-limits", Verdict::Holds)
        .after("Maddison, Mnih & Teh 2017; Jang, Gu & Poole 2017")
        .exact(
            Tolerance::relative(1e-9).or_absolute(1e-10).because(
                "both sides are adaptive quadratures that are asked for twelve digits",
            ),
            |estimator: &Subject<Relaxed>, cases| {
                for coin in COINS {
                    for temperature in [0.2, 0.5, 1.0, 2.0] {
                        let centre = -coin.logit;
                        let measured = estimator.output(|estimator| {
                            logistic_mean(centre, |noise| estimator(&coin, temperature, noise))
                        });
                        // With y fixed and only the density moving: ∂ log g(w − l)/∂l at w = l + noise.
                        let expected = logistic_mean(centre, |noise| {
                            let y = sigmoid((coin.logit + noise) / temperature);
                            coin.value(y) * (2.0 * sigmoid(noise) - 1.0)
                        });
                        cases.equal(format!("{coin:?}, τ = {temperature}"), measured, expected);
                    }
                }
                Ok(())
            },
        )
        .holds_for(Coin::gumbel_softmax as Relaxed)
        .fails_for(
            "not-divided",
            "The temperature is missing from the inner derivative: y changes with l by y(1 − y)/τ.",
            |coin, temperature, noise| coin.gumbel_softmax(temperature, noise) * temperature,
        )
        .fails_for(
            "noise-not-heated",
            "The temperature divided only the logit: it divides logit and noise together.",
            |coin, temperature, noise| {
                let y = sigmoid(coin.logit / temperature + noise);
                coin.slope(y) * y * (1.0 - y) / temperature
            },
        )
        .fails_for(
            "slope-at-the-rounded",
            "f′ was taken at the rounded draw (\"straight-through Gumbel-softmax\"): the gradient of no \
             objective. Use f′(y).",
            |coin, temperature, noise| {
                let y = coin.relaxed(temperature, noise);
                coin.slope(f64::from(y > 0.5)) * y * (1.0 - y) / temperature
            },
        )
}

/// (coin, temperature) ↦ the bias and the second moment at a low temperature
type LowTemperature = fn(&Coin, f64) -> [f64; 2];

fn low(coin: &Coin, temperature: f64) -> [f64; 2] {
    [coin.bias_at_low_temperature(temperature), coin.second_moment_at_low_temperature(temperature)]
}

/// The limit of h(τ) as τ goes to 0, from three temperatures: what is left is of third order.
fn limit(h: impl Fn(f64) -> f64) -> f64 {
    let t = 0.005;
    (8.0 * h(t) - 6.0 * h(2.0 * t) + h(4.0 * t)) / 3.0
}

pub(super) fn low_temperature() -> Claim<LowTemperature> {
    claim("reparameterization/gumbel-softmax-bias")
        .says(
            "For f(b) = (b − t)² the Gumbel-softmax gradient is biased by τ p(1 − p)(2p − 1) to first order \
             in the temperature, and its second moment grows like \
             4p(1 − p)(1/20 − t/6 + t²/6)/τ",
        )
        .settles("rp-limits", Verdict::Holds)
        .exact(
            Tolerance::relative(2e-4).because(
                "limits are extrapolated from temperatures of 0.005 to 0.02; what that leaves depends on the \
                 coin",
            ),
            |moments: &Subject<LowTemperature>, cases| {
                for coin in COINS {
                    let centre = -coin.logit;
                    let p = coin.probability();
                    let exact = p * (1.0 - p) * (coin.value(1.0) - coin.value(0.0));
                    let moment = |temperature: f64, power| -> f64 {
                        logistic_mean(centre, |noise| {
                            coin.gumbel_softmax(temperature, noise).powi(power)
                        })
                    };
                    let bias = limit(|t| (moment(t, 1) - exact) / t);
                    let second = limit(|t| moment(t, 2) * t);
                    let [measured_bias, measured_second] =
                        moments.output(|moments| moments(&coin, 0.01));
                    cases.equal(format!("bias/τ, {coin:?}"), measured_bias / 0.01, bias);
                    cases.equal(format!("τ × second moment, {coin:?}"), measured_second * 0.01, second);
                }
                Ok(())
            },
        )
        .holds_for(low as LowTemperature)
        .fails_for(
            "unbiased",
            "The relaxed gradient was taken for unbiased: it is the gradient of E f(y), not of E f(b).",
            |coin, temperature| [0.0, low(coin, temperature)[1]],
        )
        .fails_for(
            "second-order",
            "The bias was said to vanish with the square of the temperature: that is so only at p = ½.",
            |coin, temperature| {
                let [bias, second] = low(coin, temperature);
                [bias * temperature, second]
            },
        )
        .fails_for(
            "sign-turned",
            "The sign is turned: for p > ½ the relaxed gradient is too large.",
            |coin, temperature| {
                let [bias, second] = low(coin, temperature);
                [-bias, second]
            },
        )
        .fails_for(
            "bounded-variance",
            "The variance was said to stay bounded as τ goes to 0: the draws with y between 0 and 1 become \
             rare and their slopes large, like 1/τ.",
            |coin, temperature| {
                let [bias, second] = low(coin, temperature);
                [bias, second * temperature]
            },
        )
}
