//! Gumbel-softmax: which gradient it estimates, and how far that is from the coin's.

use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, real, scale};
use prob::Quadrature;
use prob::log_space::sigmoid;

use super::limits::any_coin;
use ch05_reparameterization::discrete::Coin;

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
            "For f(y) = (y − t)², f′(y) y(1 − y)/τ has as its mean the gradient of the relaxed objective \
             E f(y), y = sigmoid((l + log u/(1 − u))/τ)",
        )
        .settles("rp-limits", Verdict::Holds)
        .after("Maddison, Mnih & Teh 2017; Jang, Gu & Poole 2017")
        .for_every(
            domain([
                real("logit", -4.0..=4.0),
                real("t", -1.0..=2.0).special(&[0.5]),
                scale("τ", 0.1..=5.0),
            ])
            .with([[0.8, 0.45, 0.2], [-1.3, 0.2, 0.5], [0.3, 0.9, 1.0], [2.0, -0.5, 2.0]]),
        )
        .exact(
            Tolerance::relative(1e-9).or_absolute(1e-10).because(
                "both sides are adaptive quadratures that are asked for twelve digits",
            ),
            |estimator: &Subject<Relaxed>, [logit, target, temperature], cases| {
                let coin = Coin { logit, target };
                let centre = -coin.logit;
                let measured = estimator.output(|estimator| {
                    logistic_mean(centre, |noise| estimator(&coin, temperature, noise))
                });
                // With y fixed and only the density moving: ∂ log g(w − l)/∂l at w = l + noise.
                let expected = logistic_mean(centre, |noise| {
                    let y = sigmoid((coin.logit + noise) / temperature);
                    coin.value(y) * (2.0 * sigmoid(noise) - 1.0)
                });
                cases.equal("", measured, expected);
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
        .for_every(any_coin())
        .exact(
            Tolerance::relative(2e-4).or_absolute(2e-5).because(
                "limits are extrapolated from temperatures of 0.005 to 0.02; what that leaves depends on the \
                 coin",
            ),
            |moments: &Subject<LowTemperature>, [logit, target], cases| {
                let coin = Coin { logit, target };
                let centre = -coin.logit;
                let p = coin.probability();
                let exact = p * (1.0 - p) * (coin.value(1.0) - coin.value(0.0));
                let moment = |temperature: f64, power| -> f64 {
                    logistic_mean(centre, |noise| coin.gumbel_softmax(temperature, noise).powi(power))
                };
                let bias = limit(|t| (moment(t, 1) - exact) / t);
                let second = limit(|t| moment(t, 2) * t);
                let [per_degree, times_degree] = moments.output(|moments| {
                    let [bias, second] = moments(&coin, 0.01);
                    [bias / 0.01, second * 0.01]
                });
                cases.equal("bias/τ", per_degree, bias);
                cases.equal("τ × second moment", times_degree, second);
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
