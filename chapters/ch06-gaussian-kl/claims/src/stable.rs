//! Nearly equal pairs, and the ends of single precision.

use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, real, signed, whole};

use super::univariate::Kl;
use ch06_gaussian_kl::{
    KlError, adam_step, gaussian_kl_from_log_var, kl_for_training, kl_to_standard_gradient,
    stable_kl,
};

/// g(u) = u²/2! + u³/3! + … + u¹²/12!, for |u| ≤ ¼: what is left out is below 4e-18 of it.
fn series(u: f64) -> f64 {
    let mut term = u;
    (2..=12)
        .map(|k| {
            term *= u / f64::from(k);
            term
        })
        .sum()
}

/// What a check takes for the differences is what the numbers that it hands over differ by.
pub(super) fn near_equal() -> Claim<Kl> {
    claim("gaussian-kl/near-equal")
        .says(
            "For p near q, at distances δa of the means in units of σ₂ and δb of the log-variances, KL = \
             ½δ²a² + ½((δb)²/2! + (δb)³/3! + …), to leading order ½δ²(a² + ½b²), and all digits of it \
             survive",
        )
        .settles("kl-1d", Verdict::Holds)
        .for_every(
            domain([
                whole("−log₂ δ", 3..=45),
                signed("a", 1e-3..=2.0),
                signed("b", 1e-3..=2.0),
                signed("μ₂", 1e-3..=1e3),
                signed("log σ₂²", 1e-3..=20.0),
            ])
            .with([
                [4.0, 1.0, 1.0, 0.0, -0.5],
                [30.0, 0.0, 1.0, 0.0, -0.5],
                [20.0, 0.5, -2.0, 0.0, -0.5],
                [40.0, 1.0, 0.0, 0.0, -0.5],
            ]),
        )
        .exact(
            Tolerance::relative(1e-12),
            |kl: &Subject<Kl>, [exponent, a, b, mean2, log_var2], cases| {
                let delta = (-exponent).exp2();
                let mean1 = mean2 + delta * a * (0.5 * log_var2).exp();
                let log_var1 = log_var2 + delta * b;
                let shift = (mean1 - mean2) * (-0.5 * log_var2).exp();
                let expected = 0.5 * (shift * shift + series(log_var1 - log_var2));
                cases.equal("", kl.output(|kl| kl(mean1, log_var1, mean2, log_var2)), expected);
                Ok(())
            },
        )
        .holds_for(stable_kl as Kl)
        .fails_for(
            "as-derived",
            "The formula is right, but numbers of size 1 were subtracted to get one of size δ²: use \
             ½ g(log σ₁² − log σ₂²) + ½((μ₁ − μ₂)/σ₂)².",
            gaussian_kl_from_log_var,
        )
        .fails_for(
            "exp-m1-only",
            "exp_m1(u) − u still subtracts two numbers of size u to get u²/2: for small u sum the series of \
             g(u) instead.",
            |mean1, log_var1, mean2, log_var2| {
                let (shift, change) = (mean1 - mean2, log_var1 - log_var2);
                0.5 * (change.exp_m1() - change + shift * shift * (-log_var2).exp())
            },
        )
        .fails_for(
            "quadratic-only",
            "½δ²(a² + ½b²) is only the leading term: it serves at the origin and is wrong by a relative \
             bδ/3 elsewhere, so use g itself.",
            |mean1, log_var1, mean2, log_var2| {
                let (shift, change) = (mean1 - mean2, log_var1 - log_var2);
                0.5 * (shift * shift * (-log_var2).exp() + 0.5 * change * change)
            },
        )
        .fails_for(
            "information-of-log-sigma",
            "2 is the Fisher information of log σ; that of log σ² is ½, four times less.",
            |mean1, log_var1, mean2, log_var2| {
                stable_kl(mean1, log_var1, mean2, log_var2)
                    + 3.0 * stable_kl(0.0, log_var1, 0.0, log_var2)
            },
        )
}

/// (μ₁, log σ₁², μ₂, log σ₂²) ↦ the divergence, in single precision
type SinglePrecisionKl = fn(&[f32], &[f32], &[f32], &[f32]) -> f32;

fn sum(
    mean1: &[f32],
    log_var1: &[f32],
    mean2: &[f32],
    log_var2: &[f32],
    term: impl Fn(f32, f32, f32, f32) -> f32,
) -> f32 {
    (0..mean1.len()).map(|j| term(mean1[j], log_var1[j], mean2[j], log_var2[j])).sum()
}

pub(super) fn single_precision() -> Claim<SinglePrecisionKl> {
    claim("gaussian-kl/single-precision")
        .says(
            "From log-variances v of up to ±80 the divergence is finite in single precision, and right to \
             five digits or to 10⁻³⁷, as long as v₁ − v₂ and log (μ₁ − μ₂)² − v₂ are at most 87",
        )
        .settles("kl-stable", Verdict::HoldsIf)
        .for_every(
            domain([
                whole("D, all coordinates alike", 1..=4),
                signed("μ₁", 1e-2..=100.0),
                real("v₁", -80.0..=80.0),
                signed("μ₂", 1e-2..=100.0),
                real("v₂", -80.0..=80.0),
            ])
            .with([
                [2.0, 0.5, 80.0, 0.0, 0.0],
                [2.0, -1.5, -80.0, 0.0, 0.0],
                [4.0, 1.0, 80.0, 0.0, 80.0],
                [2.0, 1.0, -80.0, 0.0, 80.0],
                [2.0, -1.0, -80.0, 0.0, -80.0],
                [2.0, 0.7, -1.5, 0.1, 0.5],
                [4.0, 1.0, 60.25, 0.0, -26.75],
                [4.0, 30.0, 0.0, 0.0, -80.0],
            ])
            .such_that(
                "v₁ − v₂ ≤ 87 and log (μ₁ − μ₂)² − v₂ ≤ 87",
                |[_, mean1, log_var1, mean2, log_var2]| {
                    log_var1 - log_var2 <= 87.0
                        && 2.0 * (mean1 - mean2).abs().ln() - log_var2 <= 87.0
                },
            ),
        )
        .exact(
            Tolerance::relative(5e-6).or_absolute(1e-37).because(
                "a difference near 87 of two floats is rounded by up to 4e-6, and so is its exponential; \
                 below 1e-37 single precision has fewer digits",
            ),
            |kl: &Subject<SinglePrecisionKl>, [dimension, mean1, log_var1, mean2, log_var2], cases| {
                let at = [mean1, log_var1, mean2, log_var2].map(|x| x as f32);
                let [m1, v1, m2, v2] = at.map(|x| vec![x; dimension as usize]);
                let measured = kl.output(|kl| kl(&m1, &v1, &m2, &v2));
                let [mean1, log_var1, mean2, log_var2] = at.map(f64::from);
                let expected = dimension * stable_kl(mean1, log_var1, mean2, log_var2);
                cases.equal("", measured.into(), expected);
                Ok(())
            },
        )
        .holds_for((|m1, v1, m2, v2| sum(m1, v1, m2, v2, stable_kl)) as SinglePrecisionKl)
        .fails_for(
            "log-of-product",
            "The variances were multiplied to a determinant first, which overflows after a few \
             coordinates: add their logarithms.",
            |m1, v1, m2, v2| {
                let product = |v: &[f32]| v.iter().map(|v| v.exp()).product::<f32>();
                let without_log = |m1: f32, v1: f32, m2: f32, v2: f32| {
                    0.5 * ((v1 - v2).exp() + (m1 - m2) * (m1 - m2) * (-v2).exp() - 1.0)
                };
                sum(m1, v1, m2, v2, without_log) + 0.5 * (product(v2) / product(v1)).ln()
            },
        )
        .fails_for(
            "ratio-of-variances",
            "The two variances were exponentiated and then divided, and the quotient leaves single \
             precision: subtract the log-variances, then exponentiate.",
            |m1, v1, m2, v2| {
                sum(m1, v1, m2, v2, |m1, v1, m2, v2| {
                    let ratio = v1.exp() / v2.exp();
                    0.5 * (ratio - ratio.ln() - 1.0 + (m1 - m2) * (m1 - m2) / v2.exp())
                })
            },
        )
        .fails_for(
            "epsilon-in-the-log",
            "log(σ² + 1e-8) hides every variance below 1e-8: the network puts out log σ², so there is no \
             logarithm to protect.",
            |m1, v1, m2, v2| {
                sum(m1, v1, m2, v2, |m1, v1, m2, v2| {
                    let log_var = (v1.exp() + 1e-8).ln();
                    stable_kl(m1, v1, m2, v2) + 0.5 * (v1 - log_var)
                })
            },
        )
        .fails_for(
            "clamped",
            "The log-variances were clamped to ±20 on the way: that is finite, but it is another \
             distribution's divergence; the log-variance form needs none as long as v₁ − v₂ ≤ 87.",
            |m1, v1, m2, v2| {
                sum(m1, v1, m2, v2, |m1, v1, m2, v2| {
                    stable_kl(m1, v1.clamp(-20.0, 20.0), m2, v2.clamp(-20.0, 20.0))
                })
            },
        )
}

/// log σ² ↦ by how much Adam's first step changes it
type Step = fn(f32) -> Result<f32, KlError>;

/// Dyadic, so that the step is exact in the log-variances below.
const LEARNING_RATE: f64 = 0.0625;

fn checked_step(log_var: f32) -> Result<f32, KlError> {
    Ok(adam_step(LEARNING_RATE, 0.5, log_var)?[1] - log_var)
}

/// A step along a gradient that nobody has looked at.
fn step_along(log_var: f32, gradient: f32) -> f32 {
    let (mut parameter, mut first, mut second) = ([log_var], [0.0], [0.0]);
    let step = nn::Adam::new(LEARNING_RATE).at_step::<f32>(1);
    step.update(&mut parameter, &[gradient], &mut first, &mut second);
    parameter[0] - log_var
}

pub(super) fn adam() -> Claim<Step> {
    claim("gaussian-kl/adam")
        .says(
            "From any log σ² of −100 to 45, if it is not 0 ± 0.01, Adam's first step in single precision \
             goes the whole learning rate towards σ = 1. From 45.1 on, where the square of the derivative \
             overflows, there is no step but an error: never NaN, never a step of 0",
        )
        .settles("kl-stable", Verdict::HoldsIf)
        .for_every(
            domain([real("log σ²", -100.0..=200.0).special(&[-80.0, 45.0, 45.1, 80.0, 88.0, 89.0])])
                .with([[-0.5], [0.5], [40.0], [50.0], [100.0]])
                .such_that("it is not between −0.01 and 0.01, nor between 45 and 45.1", |[v]| {
                    v.abs() >= 0.01 && !(v > 45.0 && v < 45.1)
                }),
        )
        .exact(
            Tolerance::absolute(1e-4).because(
                "the new log-variance is rounded to a float, near 100 by up to 4e-6 or 6e-5 of a step",
            ),
            |step: &Subject<Step>, [log_var], cases| {
                // Whole steps towards 0, and whether it was refused.
                let [steps, refused] = step.output(|step| match step(log_var as f32) {
                    Ok(change) => [-f64::from(change) * log_var.signum() / LEARNING_RATE, 0.0],
                    Err(_) => [0.0, 1.0],
                });
                let overflows = log_var > 45.0;
                cases.equal("steps", steps, f64::from(!overflows));
                cases.equal("refused", refused, f64::from(overflows));
                Ok(())
            },
        )
        .holds_for(checked_step as Step)
        .fails_for(
            "unchecked",
            "The gradient went into Adam unseen: its square overflows, the step becomes 0 for ever, and \
             where the gradient itself overflows ∞/∞ is NaN; check before the step.",
            |log_var| Ok(step_along(log_var, kl_to_standard_gradient(0.0, log_var)[1])),
        )
        .fails_for(
            "nan-to-zero",
            "Gradients that are not finite were replaced by 0: the parameter stays where it is and nobody \
             is told; report them instead.",
            |log_var| {
                let gradient = kl_to_standard_gradient(0.0, log_var)[1];
                let finite = if gradient.is_finite() { gradient } else { 0.0 };
                Ok(step_along(log_var, finite))
            },
        )
        .fails_for(
            "refuses-too-much",
            "Log-variances are refused that single precision can well compute with: check the numbers \
             that overflow, not the input.",
            |log_var| {
                let limit = if log_var.abs() > 10.0 { 1000.0 } else { log_var };
                kl_for_training(0.5, limit)?;
                checked_step(log_var)
            },
        )
        .fails_for(
            "uphill",
            "The step goes up the divergence, away from σ = 1: subtract the gradient.",
            |log_var| {
                kl_for_training(0.5, log_var)?;
                Ok(step_along(log_var, -kl_to_standard_gradient(0.0, log_var)[1]))
            },
        )
}
