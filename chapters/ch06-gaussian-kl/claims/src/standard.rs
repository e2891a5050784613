//! Against N(0, 1): one coordinate of a VAE's regulariser.

use autodiff::F1;
use claims::{Claim, Domain, Subject, Tolerance, Verdict, claim, domain, signed};
use prob::{GaussHermite, Gaussian};

use ch06_gaussian_kl::{kl_to_standard, kl_to_standard_gradient};

/// (μ, log σ²) ↦ KL(N(μ, σ²) ‖ N(0, 1))
type StandardKl = fn(f64, f64) -> f64;

const NEGATIVE: &str = "The sign is turned: ½ Σ(1 + log σ² − μ² − σ²) is −KL, which belongs in the ELBO; a \
    loss that is minimised needs +KL.";
const LOG_SIGMA_SQUARED: &str = "(log σ)² was written for log σ²: the square is inside the logarithm, so \
    write 2 log σ.";
const PLUS_LOG: &str = "The logarithm has the wrong sign: it is −log σ², the negative entropy of the code, \
    and without the minus σ → 0 is rewarded without limit.";
const SOFTPLUS: &str = "softplus was applied to what is a log-variance: the network's output is log σ² \
    itself, so σ² is its exponential.";

/// Any code N(μ, σ²) of one coordinate.
fn any_code() -> Domain<2> {
    domain([signed("μ", 1e-3..=30.0), signed("log σ²", 1e-3..=8.0)])
}

/// ½(μ² + σ² − (log σ)² − 1)
fn log_sigma_squared(mean: f64, log_var: f64) -> f64 {
    kl_to_standard(mean, log_var) + 0.5 * (log_var - 0.25 * log_var * log_var)
}

fn plus_log(mean: f64, log_var: f64) -> f64 {
    kl_to_standard(mean, log_var) + log_var
}

fn softplus(mean: f64, log_var: f64) -> f64 {
    kl_to_standard(mean, prob::log_space::softplus(log_var).ln())
}

pub(super) fn standard() -> Claim<StandardKl> {
    claim("gaussian-kl/standard")
        .says("KL(N(μ, σ²) ‖ N(0, 1)) = ½(μ² + σ² − log σ² − 1)")
        .settles("kl-standard", Verdict::Holds)
        .for_every(any_code().with([[0.7, -1.3], [-2.0, 0.9], [0.0, 2.2], [1.1, 0.0], [3.0, -4.0]]))
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-14),
            |kl: &Subject<StandardKl>, [mean, log_var], cases| {
                // log p(x)/q(x) at x = μ + σε is quadratic in ε: three nodes have all its digits.
                let log_ratio = |noise: f64| {
                    let x = mean + (0.5 * log_var).exp() * noise;
                    0.5 * (x * x - noise * noise - log_var)
                };
                let expected = GaussHermite::new(3)?.expectation(&Gaussian::standard(), log_ratio);
                cases.equal("", kl.output(|kl| kl(mean, log_var)), expected);
                Ok(())
            },
        )
        .holds_for(kl_to_standard as StandardKl)
        .fails_for("negative", NEGATIVE, |mean, log_var| -kl_to_standard(mean, log_var))
        .fails_for("log-sigma-squared", LOG_SIGMA_SQUARED, log_sigma_squared)
        .fails_for("plus-log", PLUS_LOG, plus_log)
        .fails_for(
            "exp-log-var-as-sigma",
            "exp(log σ²) is the variance; the standard deviation is exp(½ log σ²).",
            |mean, log_var| kl_to_standard(mean, 2.0 * log_var),
        )
        .fails_for("softplus", SOFTPLUS, softplus)
        .fails_for(
            "no-half",
            "The common factor ½ is missing: it comes from the ½ in the Gaussian's exponent.",
            |mean, log_var| 2.0 * kl_to_standard(mean, log_var),
        )
        .fails_for(
            "log-sigma",
            "log σ was subtracted where log σ² belongs; it is 2 log σ.",
            |mean, log_var| kl_to_standard(mean, log_var) + 0.25 * log_var,
        )
        .fails_for(
            "sigma-for-variance",
            "The trace term is σ², not σ: square the standard deviation before you add it.",
            |mean, log_var| {
                kl_to_standard(mean, log_var) + 0.5 * ((0.5 * log_var).exp() - log_var.exp())
            },
        )
        .fails_for(
            "swapped",
            "The two distributions are swapped: this is KL(N(0, 1) ‖ N(μ, σ²)); the expectation is taken \
             under the code's distribution.",
            |mean, log_var| 0.5 * ((1.0 + mean * mean) * (-log_var).exp() + log_var - 1.0),
        )
}

pub(super) fn standard_minimum() -> Claim<StandardKl> {
    claim("gaussian-kl/standard-minimum")
        .says(
            "KL(N(μ, σ²) ‖ N(0, 1)) is at least ½μ² and at least ½(σ² − log σ² − 1), with equality at \
             σ = 1 and at μ = 0. It is at least ½μ² + ½v²/(2 + |v|) with v = log σ², so that it is 0 at \
             μ = 0, σ = 1 and nowhere else",
        )
        .settles("kl-standard", Verdict::Holds)
        .for_every(any_code().with([[0.0, 0.0], [1.5, 0.0], [0.0, 1.5], [0.0, -2.0], [-1.0, 3.0]]))
        .bound(
            Tolerance::relative(1e-13).or_absolute(2e-15),
            |kl: &Subject<StandardKl>, [mean, log_var], margins| {
                let measured = kl.output(|kl| kl(mean, log_var));
                let of_mean = 0.5 * mean * mean;
                let of_variance = 0.5 * (log_var.exp_m1() - log_var);
                let least = of_mean + 0.5 * log_var * log_var / (2.0 + log_var.abs());
                margins.at_least("½μ²", measured, of_mean);
                margins.at_least("½(σ² − log σ² − 1)", measured, of_variance);
                margins.at_least("½μ² + ½v²/(2 + |v|)", measured, least);
                if log_var == 0.0 {
                    margins.at_least("equality at σ = 1", of_mean, measured);
                }
                if mean == 0.0 {
                    margins.at_least("equality at μ = 0", of_variance, measured);
                }
                Ok(())
            },
        )
        .holds_for(kl_to_standard as StandardKl)
        .fails_for("negative", NEGATIVE, |mean, log_var| -kl_to_standard(mean, log_var))
        .fails_for("log-sigma-squared", LOG_SIGMA_SQUARED, log_sigma_squared)
        .fails_for("plus-log", PLUS_LOG, plus_log)
        .fails_for("softplus", SOFTPLUS, softplus)
}

/// (μ, log σ²) ↦ the derivatives by both
type StandardGradient = fn(f64, f64) -> [f64; 2];

pub(super) fn standard_gradient() -> Claim<StandardGradient> {
    claim("gaussian-kl/standard-gradient")
        .says("The derivatives of KL(N(μ, σ²) ‖ N(0, 1)) by μ and log σ² are μ and ½(σ² − 1)")
        .settles("kl-standard", Verdict::Holds)
        .for_every(any_code().with([[0.7, -1.3], [-2.0, 0.9], [0.0, 0.0], [1.1, 0.4]]))
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-14),
            |gradient: &Subject<StandardGradient>, [mean, log_var], cases| {
                let by_dual_numbers = [
                    kl_to_standard(F1::var(mean), F1::cst(log_var)).deriv(),
                    kl_to_standard(F1::cst(mean), F1::var(log_var)).deriv(),
                ];
                let measured = gradient.output(|g| g(mean, log_var));
                cases.all_equal("∇", &measured, &by_dual_numbers);
                Ok(())
            },
        )
        .holds_for(kl_to_standard_gradient as StandardGradient)
        .fails_for(
            "by-log-sigma",
            "σ² − 1 is the derivative by log σ; a network that puts out log σ² needs half of it.",
            |mean, log_var| [mean, log_var.exp_m1()],
        )
        .fails_for(
            "by-sigma",
            "σ − 1/σ is the derivative by σ; multiply by dσ/d log σ² = ½σ.",
            |mean, log_var| [mean, (0.5 * log_var).exp() - (-0.5 * log_var).exp()],
        )
        .fails_for(
            "sigma-for-variance",
            "exp(½ log σ²) is σ; the derivative is ½(σ² − 1), with the variance.",
            |mean, log_var| [mean, 0.5 * ((0.5 * log_var).exp() - 1.0)],
        )
        .fails_for(
            "uphill",
            "The sign is turned: with it, descent would drive the code away from N(0, 1).",
            |mean, log_var| [-mean, -0.5 * log_var.exp_m1()],
        )
        .fails_for(
            "log-forgotten",
            "The logarithm has a derivative, too: ½(σ² − 1), not ½σ², or σ would shrink for ever.",
            |mean, log_var| [mean, 0.5 * log_var.exp()],
        )
}
