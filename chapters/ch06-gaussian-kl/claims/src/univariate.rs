//! One coordinate: the closed form, its sign, its gradient, its digits.

use autodiff::F1;
use claims::{Claim, Subject, Tolerance, Verdict, claim};
use prob::Gaussian;
use rand::Rng as _;

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
        .exact(
            Tolerance::relative(1e-10).because(
                "the witness is an adaptive quadrature that is asked for eleven digits and mostly \
                 delivers fifteen",
            ),
            |kl: &Subject<Kl>, cases| {
                let mut rng = cases.rng(0);
                let random: Vec<[f64; 4]> = (0..15)
                    .map(|_| {
                        let mut sigma = || rng.random_range(-1.5..1.5f64).exp();
                        let (sigma1, sigma2) = (sigma(), sigma());
                        let mut mean = || rng.random_range(-3.0..3.0);
                        [mean(), sigma1, 3.5 + mean(), sigma2]
                    })
                    .collect();
                for [mean1, sigma1, mean2, sigma2] in PAIRS.into_iter().chain(random) {
                    let (p, q) = (Gaussian::new(mean1, sigma1)?, Gaussian::new(mean2, sigma2)?);
                    let measured = kl.output(|kl| kl(mean1, sigma1, mean2, sigma2));
                    let label = format!("N({mean1}, {sigma1}²) from N({mean2}, {sigma2}²)");
                    cases.equal(label, measured, kl_by_definition(&p, &q)?.value);
                }
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
/// the log-ratio (it is some 7 %): that is what keeps the number of draws at some ten thousand.
pub(super) fn monte_carlo() -> Claim<Kl> {
    claim("gaussian-kl/monte-carlo")
        .says("The mean of log p(x)/q(x) over draws x from p is the closed form of KL(p ‖ q)")
        .settles("kl-1d", Verdict::Holds)
        .statistical(2, |kl: &Subject<Kl>, draws| {
            for [mean1, sigma1, mean2, sigma2] in [[7.0, 0.5, -1.0, 2.0], [-2.2, 0.36, 3.2, 0.9]] {
                let (p, q) = (Gaussian::new(mean1, sigma1)?, Gaussian::new(mean2, sigma2)?);
                let exact = LogRatio::between(&p, &q).k1();
                let sd = exact.variance.sqrt();
                let effect = 0.01 * exact.mean.max(sd);
                let claimed = kl.output(|kl| kl(mean1, sigma1, mean2, sigma2));
                draws.mean(
                    format!(
                        "log-ratio − closed form, N({mean1}, {sigma1}²) from N({mean2}, {sigma2}²)"
                    ),
                    claims::Expected { mean: 0.0, sd, effect },
                    |rng| {
                        let x = p.sample(rng);
                        p.log_density(x) - q.log_density(x) - claimed
                    },
                )?;
            }
            Ok(())
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
        .says("KL(p ‖ q) is at least ½((μ₁ − μ₂)/σ₂)², so never negative, and 0 only where p = q")
        .after("Cover & Thomas 2006, Theorem 2.6.3 (the information inequality)")
        .bound(Tolerance::relative(1e-13).or_absolute(1e-15), |kl: &Subject<Kl>, margins| {
            let mut rng = margins.rng(0);
            // Equal σ: the bound is attained; equal means besides: it is 0.
            let tight = [[0.5, 2.0, 0.5, 2.0], [-1.0, 0.3, 0.4, 0.3], [0.0, 1.0, 3.0, 1.0]];
            let random = (0..200).map(|_| {
                let mut number = || rng.random_range(-2.0..2.0f64);
                [number(), number().exp(), number(), number().exp()]
            });
            for [mean1, sigma1, mean2, sigma2] in tight.into_iter().chain(PAIRS).chain(random) {
                let distance = (mean1 - mean2) / sigma2;
                let measured = kl.output(|kl| kl(mean1, sigma1, mean2, sigma2));
                let label = format!("N({mean1}, {sigma1}²) from N({mean2}, {sigma2}²)");
                margins.at_least(label, measured, 0.5 * distance * distance);
            }
            Ok(())
        })
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
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-14),
            |gradient: &Subject<GradientOf>, cases| {
                let mut rng = cases.rng(0);
                let fixed = PAIRS.map(|[m1, s1, m2, s2]| [m1, 2.0 * s1.ln(), m2, 2.0 * s2.ln()]);
                let random = (0..15).map(|_| std::array::from_fn(|_| rng.random_range(-2.0..2.0)));
                for at in fixed.into_iter().chain(random) {
                    let by_dual_numbers: [f64; 4] = std::array::from_fn(|variable| {
                        let x: [F1; 4] = std::array::from_fn(|i| {
                            if i == variable { F1::var(at[i]) } else { F1::cst(at[i]) }
                        });
                        gaussian_kl_from_log_var(x[0], x[1], x[2], x[3]).deriv()
                    });
                    let measured = gradient.output(|g| g(at[0], at[1], at[2], at[3]));
                    cases.all_equal(&format!("∇ at {at:?}"), &measured, &by_dual_numbers);
                }
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

/// All 52 rows to 1e-12 relative, the nearly equal pairs among them.
pub(super) fn reference_values() -> Claim<Kl> {
    claim("gaussian-kl/reference-values")
        .says(
            "From log-variances the stable form has twelve correct digits, where the two distributions are \
             very different and where they are nearly equal",
        )
        .settles("kl-1d", Verdict::Holds)
        .exact(Tolerance::relative(1e-12), |kl: &Subject<Kl>, cases| {
            for (row, at) in reference::gaussian_kl()?.univariate.iter().enumerate() {
                let (log_var1, log_var2) = (2.0 * at.log_sigma1, 2.0 * at.log_sigma2);
                let measured = kl.output(|kl| kl(at.mu1, log_var1, at.mu2, log_var2));
                cases.equal(format!("row {row} of the reference values"), measured, at.kl);
            }
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
