//! The learning rate.

use claims::{Claim, Subject, Tolerance, claim};

use ch09_conv_vae::cosine;

/// (rate at the start, step, steps) ↦ rate
type Rate = fn(f64, u64, u64) -> f64;

pub(super) fn cosine_rate() -> Claim<Rate> {
    claim("conv-vae/cosine")
        .says("½η(1 + cos πt/T) begins at η, ends at 0, and is η/2 on average and half-way")
        .after("Loshchilov & Hutter 2017")
        .exact(Tolerance::relative(1e-12).or_absolute(1e-16), |rate: &Subject<Rate>, cases| {
            let (eta, steps) = (2e-3, 1000);
            let at = |step| rate.output(|rate| rate(eta, step, steps));
            cases.equal("start", at(0), eta);
            cases.equal("a quarter", at(250), 0.5 * eta * (1.0 + 0.5_f64.sqrt()));
            cases.equal("half", at(500), 0.5 * eta);
            cases.equal("end", at(1000), 0.0);
            // The sum over t = 0 … T − 1: the cosines of ±t cancel but for the first.
            let sum: f64 = (0..steps).map(at).sum();
            cases.equal("sum", sum, 0.5 * eta * (steps as f64 + 1.0));
            Ok(())
        })
        .holds_for(cosine as Rate)
        .fails_for(
            "whole-wave",
            "A whole wave was run through: the rate is 0 half-way and back at η at the end; use π, not 2π.",
            |eta, step, steps| cosine(eta, 2 * step, steps),
        )
        .fails_for(
            "without-half",
            "The ½ is missing: 1 + cos is 2 at the start.",
            |eta, step, steps| 2.0 * cosine(eta, step, steps),
        )
        .fails_for(
            "linear",
            "That is a straight line: it has the same ends, the same middle and nearly the same mean, but spends less of the run near η \
             and near 0.",
            |eta, step, steps| eta * (1.0 - step as f64 / steps as f64),
        )
        .fails_for(
            "rising",
            "The rate rises from 0 to η: the sign of the cosine is turned.",
            |eta, step, steps| eta - cosine(eta, step, steps),
        )
}
