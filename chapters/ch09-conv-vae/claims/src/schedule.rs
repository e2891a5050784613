//! The learning rate.

use claims::{Claim, Subject, Tolerance, claim, domain, scale, whole};

use ch09_conv_vae::cosine;

/// (rate at the start, step, steps) ↦ rate
type Rate = fn(f64, u64, u64) -> f64;

pub(super) fn cosine_rate() -> Claim<Rate> {
    claim("conv-vae/cosine")
        .says(
            "½η(1 + cos πt/T) = η cos²(πt/2T) begins at η, ends at 0, is η/2 half-way, and on average over the steps \
             t = 0 … T − 1 it is ½η(1 + 1/T)",
        )
        .after("Loshchilov & Hutter 2017")
        .for_every(
            domain([scale("η", 1e-6..=1.0), whole("T/2", 1..=1000), scale("t/T", 1e-3..=1.0)])
                .with([[2e-3, 500.0, 0.25]]),
        )
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-14),
            |rate: &Subject<Rate>, [eta, half, share], cases| {
                let (half, steps) = (half as u64, 2 * half as u64);
                // In units of η.
                let at = |step| rate.output(|rate| rate(eta, step, steps) / eta);
                let step = (share * steps as f64).round() as u64;
                let angle = std::f64::consts::FRAC_PI_2 * step as f64 / steps as f64;
                cases.equal("start", at(0), 1.0);
                cases.equal("half-way", at(half), 0.5);
                cases.equal("end", at(steps), 0.0);
                cases.equal("on the way", at(step), angle.cos() * angle.cos());
                // The cosines of πt/T and π(T − t)/T cancel, but for the first.
                let mean = (0..steps).map(at).sum::<f64>() / steps as f64;
                cases.equal("mean", mean, 0.5 * (1.0 + 1.0 / steps as f64));
                Ok(())
            },
        )
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
