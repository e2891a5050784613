//! Nearly equal pairs, and the ends of single precision.

use claims::{Claim, Subject, Tolerance, Verdict, claim};

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

/// The differences are powers of 2, so that the inputs themselves are exact.
pub(super) fn near_equal() -> Claim<Kl> {
    claim("gaussian-kl/near-equal")
        .says(
            "For p near q, at distances δa of the means in units of σ and δb of the log-variances, KL = \
             ½δ²(a² + ½b²) + O(δ³), and all digits of it survive",
        )
        .settles("kl-1d", Verdict::Holds)
        .exact(Tolerance::relative(1e-12), |kl: &Subject<Kl>, cases| {
            for (a, b) in [(1.0, 1.0), (0.0, 1.0), (0.5, -2.0), (1.0, 0.0)] {
                for exponent in [-4, -10, -20, -30, -40] {
                    let delta = f64::exp2(f64::from(exponent));
                    let log_var2 = -0.5f64;
                    let (shift, change) = (delta * a, delta * b);
                    let mean1 = shift * (0.5 * log_var2).exp();
                    let measured = kl.output(|kl| kl(mean1, log_var2 + change, 0.0, log_var2));
                    let expected = 0.5 * (shift * shift + series(change));
                    cases.equal(format!("a = {a}, b = {b}, δ = 2^{exponent}"), measured, expected);
                }
            }
            Ok(())
        })
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
            "From log-variances of up to ±80 the divergence is finite in single precision, and right to \
             six digits",
        )
        .settles("kl-stable", Verdict::Holds)
        .exact(Tolerance::relative(1e-6), |kl: &Subject<SinglePrecisionKl>, cases| {
            let zero: &[f32] = &[0.0, 0.0];
            let inputs: [[&[f32]; 4]; 7] = [
                [&[0.5, -1.5], &[80.0, 80.0], zero, zero],
                [&[0.5, -1.5], &[-80.0, -80.0], zero, zero],
                [&[3.0, 0.0], &[80.0, -80.0], zero, zero],
                [&[1.0, 2.0], &[80.0, 80.0], zero, &[80.0, 80.0]],
                [&[1.0, 0.5], &[-80.0, -80.0], zero, &[80.0, 0.0]],
                [&[2.0, -1.0], &[0.0, -80.0], zero, &[-80.0, -80.0]],
                [&[0.7, -0.3], &[-1.5, 0.25], &[0.1, 0.2], &[0.5, -0.5]],
            ];
            for [mean1, log_var1, mean2, log_var2] in inputs {
                let measured = kl.output(|kl| kl(mean1, log_var1, mean2, log_var2));
                let double = |j: usize| -> f64 {
                    let at = [mean1[j], log_var1[j], mean2[j], log_var2[j]];
                    let [m1, v1, m2, v2] = at.map(f64::from);
                    stable_kl(m1, v1, m2, v2)
                };
                let expected: f64 = (0..mean1.len()).map(double).sum();
                let label = format!("log σ₁² = {log_var1:?}, log σ₂² = {log_var2:?}");
                cases.equal(label, measured.into(), expected);
            }
            Ok(())
        })
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
             distribution's divergence; the log-variance form needs no clamp up to ±80.",
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
            "In single precision Adam either takes a whole step towards σ = 1, or a clear error says that \
             the divergence or a squared gradient has overflowed; never NaN, never a step of 0",
        )
        .settles("kl-stable", Verdict::Holds)
        .exact(
            Tolerance::relative(1e-5).because(
                "a step is a sum in single precision, mostly exact because the numbers are dyadic",
            ),
            |step: &Subject<Step>, cases| {
            for log_var in [-100.0f32, -80.0, -3.0, -0.5, 0.5, 3.0, 20.0, 40.0] {
                let rate = step.output(|step| step(log_var)).map_or(f64::NAN, f64::from);
                let towards_zero = -rate * f64::from(log_var.signum()) / LEARNING_RATE;
                cases.equal(format!("steps at log σ² = {log_var}"), towards_zero, 1.0);
            }
            // ½e^v squared leaves single precision from 45 on, e^v itself from 89 on.
            for log_var in [50.0f32, 80.0, 100.0, 1000.0] {
                let rate = step.output(|step| step(log_var));
                let towards_zero = rate.map_or(1.0, |rate| -f64::from(rate) / LEARNING_RATE);
                cases.equal(format!("steps, or says why not, at log σ² = {log_var}"), towards_zero, 1.0);
            }
            Ok(())
        })
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
