//! One coordinate: the closed form, its sign, its gradient, its digits.

use std::sync::LazyLock;

use autodiff::F1;
use claims::{
    Claim, Domain, Subject, Tolerance, Verdict, claim, domain, one_of, scale, signed, whole,
};
use prob::Gaussian;
use reference::UnivariateKl;

use ch06_gaussian_kl::estimators::LogRatio;
use ch06_gaussian_kl::{
    expected_square, gaussian_kl, gaussian_kl_from_log_var, gaussian_kl_gradient, kl_by_definition,
    stable_kl,
};

/// (μ₁, σ₁, μ₂, σ₂) ↦ KL(N(μ₁, σ₁²) ‖ N(μ₂, σ₂²))
pub(super) type Kl = fn(f64, f64, f64, f64) -> f64;

/// Pairs (μ₁, σ₁, μ₂, σ₂) on which no two of the usual mistakes agree: no σ is 1, no two are equal.
const PAIRS: [[f64; 4]; 5] = [
    [0.4, 0.6, -0.3, 1.7],
    [-1.2, 2.5, 0.9, 0.8],
    [3.0, 0.3, 2.0, 0.5],
    [0.0, 4.0, 0.0, 3.0],
    [5.0, 1.5, -5.0, 2.2],
];

/// Any two Gaussians (μ₁, σ₁, μ₂, σ₂), with those pairs among them.
fn two_gaussians() -> Domain<4> {
    domain([
        signed("μ₁", 1e-3..=30.0),
        scale("σ₁", 0.03..=30.0),
        signed("μ₂", 1e-3..=30.0),
        scale("σ₂", 0.03..=30.0),
    ])
    .with(PAIRS)
}

const SWAPPED: &str = "The two distributions are swapped: the expectation is taken under the first one, \
    KL(p ‖ q) = E_p[log p − log q], so write log(σ₂/σ₁) and divide by σ₂².";
const NEGATIVE: &str = "The sign is turned: this is E[log q − log p], which is never positive; the KL is \
    E[log p − log q], and a loss adds it.";
const SIGMA_AS_VARIANCE: &str = "A standard deviation was passed where a variance is expected: square it \
    first.";
const NO_HALF: &str = "The ½ of the Gaussian's exponent is missing: the squared distance is divided by \
    2σ₂², not by σ₂².";
const NO_CONSTANT: &str = "The −½ is missing: it is E_p of −½((x − μ₁)/σ₁)², the exponent of p itself; \
    without it equal distributions would be ½ apart.";
const LOG_UPSIDE_DOWN: &str = "The logarithm is upside down: −log σ₁ comes from log p and +log σ₂ from \
    −log q, so it is log(σ₂/σ₁).";

fn swapped(mean1: f64, sigma1: f64, mean2: f64, sigma2: f64) -> f64 {
    gaussian_kl(mean2, sigma2, mean1, sigma1)
}

fn negative(mean1: f64, sigma1: f64, mean2: f64, sigma2: f64) -> f64 {
    -gaussian_kl(mean1, sigma1, mean2, sigma2)
}

fn sigma_as_variance(mean1: f64, sigma1: f64, mean2: f64, sigma2: f64) -> f64 {
    gaussian_kl(mean1, sigma1.sqrt(), mean2, sigma2.sqrt())
}

fn no_half(mean1: f64, sigma1: f64, mean2: f64, sigma2: f64) -> f64 {
    (sigma2 / sigma1).ln() + expected_square(mean1, sigma1, mean2) / (sigma2 * sigma2) - 0.5
}

fn no_constant(mean1: f64, sigma1: f64, mean2: f64, sigma2: f64) -> f64 {
    gaussian_kl(mean1, sigma1, mean2, sigma2) + 0.5
}

fn log_upside_down(mean1: f64, sigma1: f64, mean2: f64, sigma2: f64) -> f64 {
    gaussian_kl(mean1, sigma1, mean2, sigma2) - 2.0 * (sigma2 / sigma1).ln()
}

pub(super) fn closed_form() -> Claim<Kl> {
    claim("gaussian-kl/closed-form")
        .says("KL(N(μ₁, σ₁²) ‖ N(μ₂, σ₂²)) = log(σ₂/σ₁) + (σ₁² + (μ₁ − μ₂)²)/(2σ₂²) − ½")
        .settles("kl-1d", Verdict::Holds)
        .for_every(two_gaussians())
        .exact(
            Tolerance::relative(1e-10).or_absolute(1e-12).because(
                "the witness is an adaptive quadrature that is asked for eleven digits and mostly \
                 delivers fifteen; where the two nearly agree the terms of both sides cancel",
            ),
            |kl: &Subject<Kl>, [mean1, sigma1, mean2, sigma2], cases| {
                let (p, q) = (Gaussian::new(mean1, sigma1)?, Gaussian::new(mean2, sigma2)?);
                let measured = kl.output(|kl| kl(mean1, sigma1, mean2, sigma2));
                cases.equal("", measured, kl_by_definition(&p, &q)?.value);
                Ok(())
            },
        )
        .holds_for(gaussian_kl)
        .fails_for("swapped", SWAPPED, swapped)
        .fails_for("negative", NEGATIVE, negative)
        .fails_for("sigma-as-variance", SIGMA_AS_VARIANCE, sigma_as_variance)
        .fails_for("no-half", NO_HALF, no_half)
        .fails_for("no-constant", NO_CONSTANT, no_constant)
        .fails_for("log-upside-down", LOG_UPSIDE_DOWN, log_upside_down)
        .fails_for(
            "own-variance",
            "The squared distance was divided by 2σ₁²; distances are measured in units of q, so divide \
             by 2σ₂².",
            |mean1, sigma1, mean2, sigma2| {
                let square = expected_square(mean1, sigma1, mean2);
                (sigma2 / sigma1).ln() + square / (2.0 * sigma1 * sigma1) - 0.5
            },
        )
        .fails_for(
            "no-spread",
            "Only the distance of the means was squared; E_p(x − μ₂)² = σ₁² + (μ₁ − μ₂)², so add σ₁².",
            |mean1, sigma1, mean2, sigma2| {
                let shift = mean1 - mean2;
                (sigma2 / sigma1).ln() + shift * shift / (2.0 * sigma2 * sigma2) - 0.5
            },
        )
}

/// The effect is 1 % of the divergence, which at these pairs is more than 1 % of a standard deviation of
/// the log-ratio (it is some 5 %): that is what keeps the number of draws at some ten thousand.
pub(super) fn monte_carlo() -> Claim<Kl> {
    claim("gaussian-kl/monte-carlo")
        .says(
            "Over draws x from p the mean of log p(x)/q(x) is the closed form of KL(p ‖ q), at four pairs \
             with s = σ₁/σ₂ and d = (μ₁ − μ₂)/σ₂; an error of 1 % of it would be noticed",
        )
        .settles("kl-1d", Verdict::Holds)
        .for_every(domain([one_of("s", &[0.25, 0.4]), one_of("d", &[-6.0, 4.0])]))
        .statistical(1, |kl: &Subject<Kl>, [s, d], draws| {
            let (mean2, sigma2) = (-1.0, 2.0);
            let (mean1, sigma1) = (mean2 + d * sigma2, s * sigma2);
            let (p, q) = (Gaussian::new(mean1, sigma1)?, Gaussian::new(mean2, sigma2)?);
            let exact = LogRatio::between(&p, &q).k1();
            let sd = exact.variance.sqrt();
            let effect = 0.01 * exact.mean.max(sd);
            let claimed = kl.output(|kl| kl(mean1, sigma1, mean2, sigma2));
            let expected = claims::Expected { mean: 0.0, sd, effect };
            draws.mean("log-ratio − closed form", expected, |rng| {
                let x = p.sample(rng);
                p.log_density(x) - q.log_density(x) - claimed
            })
        })
        .holds_for(gaussian_kl)
        .fails_for("swapped", SWAPPED, swapped)
        .fails_for("sigma-as-variance", SIGMA_AS_VARIANCE, sigma_as_variance)
        .fails_for("no-half", NO_HALF, no_half)
        .fails_for("no-constant", NO_CONSTANT, no_constant)
        .fails_for("log-upside-down", LOG_UPSIDE_DOWN, log_upside_down)
}

pub(super) fn nonnegative() -> Claim<Kl> {
    claim("gaussian-kl/nonnegative")
        .says(
            "KL(p ‖ q) is at least ½((μ₁ − μ₂)/σ₂)² + ½u²/(2 + |u|) with u = log σ₁²/σ₂²: never negative, \
             and 0 only where p = q",
        )
        .after("Cover & Thomas 2006, Theorem 2.6.3 (the information inequality)")
        // Equal σ: the bound is attained; equal means besides: it is 0.
        .for_every(two_gaussians().with([
            [0.5, 2.0, 0.5, 2.0],
            [-1.0, 0.3, 0.4, 0.3],
            [0.0, 1.0, 3.0, 1.0],
        ]))
        .bound(
            Tolerance::relative(1e-13).or_absolute(2e-15),
            |kl: &Subject<Kl>, [mean1, sigma1, mean2, sigma2], margins| {
                let distance = (mean1 - mean2) / sigma2;
                let u = 2.0 * (sigma1 / sigma2).ln();
                let least = 0.5 * (distance * distance + u * u / (2.0 + u.abs()));
                margins.at_least("", kl.output(|kl| kl(mean1, sigma1, mean2, sigma2)), least);
                Ok(())
            },
        )
        .holds_for(gaussian_kl)
        .fails_for("negative", NEGATIVE, negative)
        .fails_for("swapped", SWAPPED, swapped)
        .fails_for("log-upside-down", LOG_UPSIDE_DOWN, log_upside_down)
        .fails_for(
            "one-draw",
            "This is log p/q at a single point, which may be negative; the divergence is its mean over p, \
             so average over many draws or use the closed form.",
            |mean1, sigma1, mean2, sigma2| {
                let distance = (mean1 + 0.8 * sigma1 - mean2) / sigma2;
                (sigma2 / sigma1).ln() + 0.5 * (distance * distance - 0.64)
            },
        )
}

/// (μ₁, log σ₁², μ₂, log σ₂²) ↦ the four derivatives in that order
type GradientOf = fn(f64, f64, f64, f64) -> [f64; 4];

fn by_hand(mean1: f64, log_var1: f64, mean2: f64, log_var2: f64) -> [f64; 4] {
    let gradient = gaussian_kl_gradient(mean1, log_var1, mean2, log_var2);
    [gradient.mean1, gradient.log_var1, gradient.mean2, gradient.log_var2]
}

pub(super) fn gradient() -> Claim<GradientOf> {
    claim("gaussian-kl/gradient")
        .says(
            "∂KL/∂μ₁ = (μ₁ − μ₂)/σ₂² = −∂KL/∂μ₂, ∂KL/∂log σ₁² = ½(σ₁²/σ₂² − 1) and \
             ∂KL/∂log σ₂² = ½(1 − (σ₁² + (μ₁ − μ₂)²)/σ₂²)",
        )
        .settles("kl-1d", Verdict::Holds)
        .for_every(
            domain([
                signed("μ₁", 1e-3..=30.0),
                signed("log σ₁²", 1e-3..=8.0),
                signed("μ₂", 1e-3..=30.0),
                signed("log σ₂²", 1e-3..=8.0),
            ])
            .with([[0.4, -1.0, -0.3, 1.1], [-1.2, 1.8, 0.9, -0.4], [5.0, 0.8, -5.0, 1.6]]),
        )
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-14),
            |gradient: &Subject<GradientOf>, at, cases| {
                let by_dual_numbers: [f64; 4] = std::array::from_fn(|variable| {
                    let x: [F1; 4] = std::array::from_fn(|i| {
                        if i == variable { F1::var(at[i]) } else { F1::cst(at[i]) }
                    });
                    gaussian_kl_from_log_var(x[0], x[1], x[2], x[3]).deriv()
                });
                let measured = gradient.output(|g| g(at[0], at[1], at[2], at[3]));
                cases.all_equal("∇", &measured, &by_dual_numbers);
                Ok(())
            },
        )
        .holds_for(by_hand as GradientOf)
        .fails_for(
            "by-log-sigma",
            "These are derivatives with respect to log σ; log σ² = 2 log σ, so those with respect to \
             log σ² are half as large.",
            |mean1, log_var1, mean2, log_var2| {
                let [m1, v1, m2, v2] = by_hand(mean1, log_var1, mean2, log_var2);
                [m1, 2.0 * v1, m2, 2.0 * v2]
            },
        )
        .fails_for(
            "by-variance",
            "These are derivatives with respect to σ²; multiply them by σ² to get those with respect to \
             log σ².",
            |mean1, log_var1, mean2, log_var2| {
                let [m1, v1, m2, v2] = by_hand(mean1, log_var1, mean2, log_var2);
                [m1, v1 * (-log_var1).exp(), m2, v2 * (-log_var2).exp()]
            },
        )
        .fails_for(
            "distance-not-scaled",
            "The derivative by a mean is (μ₁ − μ₂)/σ₂²; the division by the variance of q is missing.",
            |mean1, log_var1, mean2, log_var2| {
                let [_, v1, _, v2] = by_hand(mean1, log_var1, mean2, log_var2);
                [mean1 - mean2, v1, mean2 - mean1, v2]
            },
        )
        .fails_for(
            "distance-forgotten",
            "σ₂ also divides the distance of the means: ∂KL/∂log σ₂² has the term −½(μ₁ − μ₂)²/σ₂² \
             besides −∂KL/∂log σ₁².",
            |mean1, log_var1, mean2, log_var2| {
                let [m1, v1, m2, _] = by_hand(mean1, log_var1, mean2, log_var2);
                [m1, v1, m2, -v1]
            },
        )
        .fails_for(
            "same-sign",
            "μ₁ and μ₂ enter as a difference, so their derivatives have opposite signs.",
            |mean1, log_var1, mean2, log_var2| {
                let [m1, v1, _, v2] = by_hand(mean1, log_var1, mean2, log_var2);
                [m1, v1, m1, v2]
            },
        )
}

/// The rows of the reference values, the nearly equal pairs among them.
static REFERENCE: LazyLock<reference::Result<Vec<UnivariateKl>>> =
    LazyLock::new(|| Ok(reference::gaussian_kl()?.univariate));

/// All 52 rows to 1e-12 relative.
pub(super) fn reference_values() -> Claim<Kl> {
    claim("gaussian-kl/reference-values")
        .says(
            "From log-variances the stable form has twelve correct digits at all 52 pairs that another \
             program computed: ordinary ones, very different ones and nearly equal ones",
        )
        .settles("kl-1d", Verdict::Holds)
        .for_every(domain([whole("row of the reference values", 0..=51)]))
        .exact(Tolerance::relative(1e-12), |kl: &Subject<Kl>, [row], cases| {
            let at = &REFERENCE.as_ref().map_err(ToString::to_string)?[row as usize];
            let (log_var1, log_var2) = (2.0 * at.log_sigma1, 2.0 * at.log_sigma2);
            let measured = kl.output(|kl| kl(at.mu1, log_var1, at.mu2, log_var2));
            cases.equal("", measured, at.kl);
            Ok(())
        })
        .holds_for(stable_kl as Kl)
        .fails_for(
            "as-derived",
            "The formula is right, but its terms cancel where the two distributions nearly agree: use \
             ½ g(log σ₁² − log σ₂²) + ½((μ₁ − μ₂)/σ₂)² with g(u) = eᵘ − 1 − u from its series.",
            gaussian_kl_from_log_var,
        )
        .fails_for(
            "log-sigma-for-log-var",
            "A log-variance was read as log σ: log σ² = 2 log σ, so σ = exp(½ log σ²).",
            |mean1, log_var1, mean2, log_var2| {
                stable_kl(mean1, 2.0 * log_var1, mean2, 2.0 * log_var2)
            },
        )
        .fails_for(
            "single-precision",
            "The formula is right, but it was evaluated in single precision, which has seven digits: \
             compute reference values in f64.",
            |mean1, log_var1, mean2, log_var2| {
                let [m1, v1, m2, v2] = [mean1, log_var1, mean2, log_var2].map(|x| x as f32);
                f64::from(stable_kl(m1, v1, m2, v2))
            },
        )
        .fails_for("swapped", SWAPPED, |mean1, log_var1, mean2, log_var2| {
            stable_kl(mean2, log_var2, mean1, log_var1)
        })
}
