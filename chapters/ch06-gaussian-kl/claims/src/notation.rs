//! Document D3 writes N(μ, σ) where its formula needs N(μ, σ²).

use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, scale, signed};

use ch06_gaussian_kl::{kl_to_standard, notation_gap};

/// (μ, s) ↦ KL(N(μ, s²) ‖ N(0, 1)), s a standard deviation
type FromSigma = fn(f64, f64) -> f64;

fn from_sigma(mean: f64, sigma: f64) -> f64 {
    kl_to_standard(mean, 2.0 * sigma.ln())
}

const AS_VARIANCE: &str = "s was read as a variance: the second parameter of N(μ, σ²) is a variance, the \
    function's argument a standard deviation, so square it.";
const LOG_OF_SIGMA: &str = "The logarithm is of the variance: log σ² = 2 log σ.";

pub(super) fn notation() -> Claim<FromSigma> {
    claim("gaussian-kl/notation")
        .says(
            "Reading s as a standard deviation instead of a variance adds ½(s² − s − log s) to \
             KL(N(μ, ·) ‖ N(0, 1)), whatever μ is",
        )
        .settles("kl-notation", Verdict::Corrected)
        .for_every(
            domain([signed("μ", 1e-3..=10.0), scale("s", 1e-3..=100.0)])
                .with([[0.0, 1.0], [1.5, 0.05], [-0.4, 4.0]]),
        )
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-13),
            |kl: &Subject<FromSigma>, [mean, s], cases| {
                let as_variance = kl_to_standard(mean, s.ln());
                cases.equal("", kl.output(|kl| kl(mean, s)) - as_variance, notation_gap(s));
                Ok(())
            },
        )
        .holds_for(from_sigma as FromSigma)
        .fails_for("sigma-as-variance", AS_VARIANCE, |mean, s| kl_to_standard(mean, s.ln()))
        .fails_for("log-of-sigma", LOG_OF_SIGMA, |mean, s| {
            kl_to_standard(mean, 2.0 * s.ln()) + 0.5 * s.ln()
        })
        .fails_for(
            "squared-twice",
            "s was squared twice: it is a standard deviation, its square the variance, and nothing else \
             is to be squared.",
            |mean, s| kl_to_standard(mean, 4.0 * s.ln()),
        )
}

/// s ↦ the difference that the reading makes
pub(super) fn notation_gap_bound() -> Claim<FromSigma> {
    claim("gaussian-kl/notation-gap")
        .says(
            "The reading makes a difference of at least ½(s − 1)², so the two agree at s = 1 only, where \
             D3's notation hides the slip",
        )
        .settles("kl-notation", Verdict::Corrected)
        .for_every(domain([scale("s", 1e-3..=1e3).special(&[0.95, 1.05])]).with([[1.0]]))
        .bound(
            Tolerance::relative(1e-13).or_absolute(1e-15),
            |kl: &Subject<FromSigma>, [s], margins| {
                let gap = kl.output(|kl| kl(0.0, s)) - kl_to_standard(0.0, s.ln());
                margins.at_least("", gap, 0.5 * (s - 1.0) * (s - 1.0));
                Ok(())
            },
        )
        .holds_for(from_sigma as FromSigma)
        .fails_for("sigma-as-variance", AS_VARIANCE, |mean, s| kl_to_standard(mean, s.ln()))
        .fails_for("log-of-sigma", LOG_OF_SIGMA, |mean, s| {
            kl_to_standard(mean, 2.0 * s.ln()) + 0.5 * s.ln()
        })
}
