//! The bound from more than one sample.

use claims::{
    Claim, Expected, Subject, Tolerance, Verdict, claim, domain, one_of, real, scale, seed,
};
use prob::inference::variance::CentralMoments;
use prob::{Gaussian, Quadrature, Result, log_sum_exp};
use rand::Rng as _;
use rand_distr::StandardNormal;

use super::case::{D3, Line};
use ch03_elbo::Model;
use ch03_elbo::importance::{
    Shifted, balanced_average, importance_weighted, log_weight, relative_second_moment,
};

const BURDA: &str = "Burda, Grosse & Salakhutdinov 2016, Importance Weighted Autoencoders";
const MEAN_OF_LOGS: &str = "The logs of the weights were averaged: that is the one-sample bound from K draws; \
    the K-sample bound is the log of the mean.";
const SUM_FOR_MEAN: &str = "The − log K is missing: this is the log of the sum of the weights, and grows \
    without bound.";
const WRONG_SIGN: &str =
    "The log-weights came with the wrong sign, so that the worst sample weighs most.";

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

fn largest(numbers: &[f64]) -> f64 {
    numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn negated(numbers: &[f64]) -> Vec<f64> {
    numbers.iter().map(|number| -number).collect()
}

/// (log-weights, size) ↦ the average of the bound over groups of that size
type Average = fn(&[f64], usize) -> Result<f64>;

/// `bound` on every group, averaged.
fn average(log_weights: &[f64], size: usize, bound: impl Fn(&[f64]) -> f64) -> Result<f64> {
    Ok(mean(&log_weights.chunks(size).map(bound).collect::<Vec<_>>()))
}

pub(super) fn subsets() -> Claim<Average> {
    claim("elbo/iwae-monotone")
        .says(
            "From the same 64 weights, whatever they are, the average of log-mean over disjoint groups of 1, 2, \
             4, … 64 never falls: from the mean of the logs to the log of the mean",
        )
        .settles("elbo-iwae", Verdict::Holds)
        .after(BURDA)
        .for_every(
            domain([
                // Images of hundreds of pixels have weights of the size e^−900.
                real("middle of the log-weights", -1000.0..=1000.0).special(&[-900.0]),
                scale("their spread", 1e-3..=100.0),
                seed("the log-weights"),
            ])
            .with([[0.0, 1.0, 0.0], [-900.0, 1.0, 0.0]]),
        )
        .bound(
            Tolerance::relative(2e-12).or_absolute(2e-12),
            |bound: &Subject<Average>, [middle, spread, seed], margins| {
                let mut rng = margins.rng(seed as u64);
                let mut log_weight = || middle + spread * rng.sample::<f64, _>(StandardNormal);
                let weights: Vec<f64> = (0..64).map(|_| log_weight()).collect();
                let at = |size: usize| bound.output(|bound| bound(&weights, size));
                let (single, all) = (at(1)?, at(64)?);
                let exact = prob::log_mean_exp(&weights)?;
                margins.at_least("all 64: not below log-mean", all, exact);
                margins.at_least("all 64: not above log-mean", exact, all);
                margins.at_least("groups of 1: not above mean-log", mean(&weights), single);
                for size in [1, 2, 4, 8, 16, 32] {
                    let label = format!("groups of {} and {size}", 2 * size);
                    margins.at_least(label, at(2 * size)?, at(size)?);
                }
                Ok(())
            },
        )
        .holds_for(balanced_average as Average)
        .fails_for("mean-of-logs", MEAN_OF_LOGS, |l, size| average(l, size, mean))
        .fails_for("sum-for-mean", SUM_FOR_MEAN, |l, size| average(l, size, log_sum_exp))
        .fails_for("wrong-sign", WRONG_SIGN, |l, size| Ok(-balanced_average(&negated(l), size)?))
        .fails_for(
            "first-group",
            "Only the first group was used: Jensen's inequality needs every weight in equally many groups, \
             and one group may be lucky.",
            |l, size| importance_weighted(&l[..size]),
        )
        .fails_for(
            "largest-only",
            "The largest weight of each group stands for its log-mean.",
            |l, size| average(l, size, largest),
        )
        .fails_for(
            "log-of-the-average",
            "The groups' means were averaged before the log was taken: that is the log-mean of all for any \
             size.",
            |l, _| importance_weighted(l),
        )
        .fails_for(
            "underflow",
            "The weights were exponentiated as they are and became 0: take the largest out of the sum first.",
            |l, size| average(l, size, |l| mean(&l.iter().map(|l| l.exp()).collect::<Vec<_>>()).ln()),
        )
}

/// (model, x, q, z) ↦ log w
type LogWeight = fn(&Model, f64, &Gaussian, f64) -> f64;

/// The effect is 3 % of the exact value, and more than 3 % of a standard deviation, which is 0.4 or 0.8 of it.
pub(super) fn unbiased() -> Claim<LogWeight> {
    claim("elbo/iwae-unbiased")
        .says(
            "With x | z ~ N(wz, 0.6²) and q 1.4 times as wide as the posterior and a little beside it, \
             p(x, z)/q(z) has mean p(x) over draws from q; a mean that is off by 3 % would be noticed",
        )
        .settles("elbo-iwae", Verdict::Holds)
        .after(BURDA)
        .for_every(domain([
            one_of("w", &[-1.7, 0.4]),
            one_of("posterior deviations from its mean to q's", &[0.3, -1.0]),
        ]))
        .statistical(1, |weight: &Subject<LogWeight>, [w, shift], draws| {
            let line = Line { weight: w, sigma: 0.6, x: 0.8 };
            let (model, posterior) = (line.model(), line.posterior()?);
            let mean = posterior.mean() + shift * posterior.sigma();
            let q = Gaussian::new(mean, 1.4 * posterior.sigma())?;
            let sd = (relative_second_moment(&posterior, &q) - 1.0).sqrt();
            draws.mean("w/p(x)", Expected { mean: 1.0, sd, effect: 0.03 }, |rng| {
                let z = q.sample(rng);
                let log_weight = weight.output(|weight| weight(&model, line.x, &q, z));
                (log_weight - line.log_evidence()).exp()
            })
        })
        .holds_for(log_weight as LogWeight)
        .fails_for(
            "no-prior",
            "The prior is missing: the numerator is the joint density p(z) p(x|z).",
            |model, x, q, z| model.log_likelihood(x, z) - q.log_density(z),
        )
        .fails_for(
            "likelihood",
            "p(x|z) was averaged over draws from q: that is right for draws from the prior; from q each is \
             weighted by p(z)/q(z).",
            |model, x, _, z| model.log_likelihood(x, z),
        )
        .fails_for(
            "unnormalised-q",
            "The constant of q's density is missing: log q = −½(log 2π + log σ² + ε²).",
            |model, x, q, z| {
                let noise = (z - q.mean()) / q.sigma();
                model.log_joint(x, z) + 0.5 * noise * noise
            },
        )
        .fails_for(
            "own-mean",
            "q was evaluated at its own mean instead of at the draw.",
            |model, x, q, z| model.log_joint(x, z) - q.log_density(q.mean()),
        )
}

/// log-weights ↦ one draw of the bound
type Bound = fn(&[f64]) -> Result<f64>;

/// An upper bound on the standard deviation of one draw of the K-sample bound. The bound's gradient by the noise
/// is tau times the normalised weights, so that (Poincaré's inequality for Gaussians) its variance is at most
/// tau² E Σ w̃ₖ²: at most tau² whatever K, and at K = 16, where Σ w̃ₖ² is about e^(tau²)/K = 0.08, certainly
/// below tau²·0.16.
fn largest_sd(samples: usize) -> f64 {
    if samples < 16 { TAU } else { 0.4 * TAU }
}

const TAU: f64 = 0.5;

/// The effect is 1 % of log p(x), which is more than 1 % of a standard deviation.
pub(super) fn converges() -> Claim<Bound> {
    claim("elbo/iwae-converges")
        .says(
            "With q the posterior shifted by half a deviation, τ = ½, log p(x) − E log (1/K) Σ wₖ is τ²/2 at \
             K = 1, τ²/2 − E log cosh(τε/√2) at K = 2, and at K = 16 what the terms in 1/K and 1/K² make of it, \
             the first being (e^(τ²) − 1)/(2K); an error of 1 % of log p(x) would be noticed",
        )
        .settles("elbo-iwae", Verdict::Holds)
        .after("Nowozin 2018, Debiasing Evidence Approximations")
        .for_every(domain([one_of("K", &[1.0, 2.0, 16.0])]))
        .statistical(1, |bound: &Subject<Bound>, [samples], draws| {
            let (shifted, samples) = (Shifted { tau: TAU }, samples as usize);
            let (model, posterior, log_evidence) = (D3.model(), D3.posterior()?, D3.log_evidence());
            let q = Gaussian::new(posterior.mean() + TAU * posterior.sigma(), posterior.sigma())?;
            let gap = match samples {
                1 => shifted.gap(),
                2 => shifted.gap_of_two()?,
                _ => shifted.gap_of_many(samples),
            };
            let effect = 0.01 * log_evidence.abs();
            let expected = Expected { mean: log_evidence - gap, sd: largest_sd(samples), effect };
            draws.mean("", expected, |rng| {
                let weights: Vec<f64> =
                    (0..samples).map(|_| log_weight(&model, D3.x, &q, q.sample(rng))).collect();
                bound.output(|bound| bound(&weights)).unwrap_or(f64::NAN)
            })
        })
        .holds_for(importance_weighted as Bound)
        .fails_for("mean-of-logs", MEAN_OF_LOGS, |l| Ok(mean(l)))
        .fails_for("sum-for-mean", SUM_FOR_MEAN, |l| Ok(log_sum_exp(l)))
        .fails_for("wrong-sign", WRONG_SIGN, |l| Ok(-importance_weighted(&negated(l))?))
        .fails_for("largest-only", "The largest weight was taken for their mean.", |l| Ok(largest(l)))
        .fails_for(
            "self-normalised",
            "The log-weights were averaged with the normalised weights, Σ w̃ log w: that averages log w under \
             the posterior and lies *above* the log-mean.",
            |l| {
                let sum = log_sum_exp(l);
                Ok(l.iter().map(|l| (l - sum).exp() * l).sum())
            },
        )
}

/// (posterior, q) ↦ E_q\[(w/p(x))²\]
type SecondMoment = fn(&Gaussian, &Gaussian) -> f64;

pub(super) fn second_moment() -> Claim<SecondMoment> {
    claim("elbo/iwae-second-moment")
        .says(
            "With posterior N(m, v) and q = N(μ, s²), E_q[(w/p(x))²] = \
             s² exp((μ − m)²/(2s² − v))/√(v(2s² − v)) if s² > v/2, and otherwise infinite: a q that is too \
             narrow gives weights of infinite variance",
        )
        .settles("elbo-iwae", Verdict::Holds)
        .for_every(
            domain([
                real("m", -2.0..=2.0),
                scale("√v", 0.1..=10.0),
                scale("s²/v", 0.05..=20.0).special(&[0.49, 0.52]),
                real("(μ − m)/√v", -1.5..=1.5),
            ])
            .with([[0.4, 0.7, 0.6, 0.4], [0.4, 0.7, 3.0, 1.5], [0.4, 0.7, 0.2, 0.0]])
            .such_that("s²/v is not within 0.01 of ½", |[_, _, ratio, _]| {
                (ratio - 0.5).abs() >= 0.01
            }),
        )
        .exact(
            Tolerance::relative(1e-9)
                .or_absolute(1e-12)
                .because("the witness is a quadrature that is asked for eleven digits"),
            |moment: &Subject<SecondMoment>, [mean, sigma, ratio, shift], cases| {
                let posterior = Gaussian::new(mean, sigma)?;
                let q = Gaussian::new(mean + shift * sigma, sigma * ratio.sqrt())?;
                let moment = |of: fn(f64) -> f64| moment.output(|moment| of(moment(&posterior, &q)));
                if ratio > 0.5 {
                    let expected = second_moment_by_quadrature(&posterior, &q)?;
                    cases.equal("", moment(|square| square), expected);
                } else {
                    cases.equal("1/E, as E is infinite", moment(f64::recip), 0.0);
                }
                Ok(())
            },
        )
        .holds_for(relative_second_moment as SecondMoment)
        .fails_for(
            "upside-down",
            "Posterior and q changed places: draws come from q, which stands in the denominator.",
            |posterior, q| relative_second_moment(q, posterior),
        )
        .fails_for(
            "no-shift",
            "The distance of the means is missing: it enters as exp((μ − m)²/(2s² − v)).",
            |posterior, q| {
                Gaussian::new(posterior.mean(), q.sigma())
                    .map_or(f64::NAN, |q| relative_second_moment(posterior, &q))
            },
        )
        .fails_for(
            "variance",
            "This is the relative variance: the second moment is larger by 1, the squared mean.",
            |posterior, q| relative_second_moment(posterior, q) - 1.0,
        )
        .fails_for(
            "always-finite",
            "For s² ≤ v/2 the formula was used with |2s² − v|: there the integral diverges.",
            |posterior, q| {
                let (v, square) = (posterior.sigma().powi(2), q.sigma().powi(2));
                let room = (2.0 * square - v).abs();
                let shift = q.mean() - posterior.mean();
                square / (v * room).sqrt() * (shift * shift / room).exp()
            },
        )
}

/// ∫ p(z)²/q(z) dz for Gaussians, with break points about the place where the integrand is highest.
fn second_moment_by_quadrature(p: &Gaussian, q: &Gaussian) -> Result<f64> {
    let (of_p, of_q) = (2.0 / p.sigma().powi(2), 1.0 / q.sigma().powi(2));
    let mode = (of_p * p.mean() - of_q * q.mean()) / (of_p - of_q);
    let width = (of_p - of_q).sqrt().recip();
    let log_square = |z: f64| 2.0 * p.log_density(z) - q.log_density(z);
    // In units of the mode and of its width.
    let integrand = |t: f64| (log_square(mode + width * t) - log_square(mode)).exp();
    let points = [f64::NEG_INFINITY, -3.0, 0.0, 3.0, f64::INFINITY];
    let integral = Quadrature::default().integrate_between(integrand, &points)?.value;
    Ok(width * log_square(mode).exp() * integral)
}

/// weights ↦ an estimate of their mean
type Mean = fn(&[f64]) -> f64;

/// The effect is a factor of 1.5 in the variance; the mistakes below change it by more.
pub(super) fn variance() -> Claim<Mean> {
    claim("elbo/iwae-variance")
        .says(
            "The mean of K weights has the relative variance (E_q[(w/p(x))²] − 1)/K, for the posterior \
             shifted by τ of its deviations (e^(τ²) − 1)/K",
        )
        .settles("elbo-iwae", Verdict::Holds)
        .for_every(domain([one_of("K", &[1.0, 4.0, 10.0]), one_of("τ", &[0.25, TAU, 0.75])]))
        .ratio(1, |estimate: &Subject<Mean>, [k, tau], ratios| {
            let shifted = Shifted { tau };
            let [second, _, fourth] = shifted.central_moments();
            let moments = CentralMoments {
                variance: second / k,
                fourth: (fourth + 3.0 * (k - 1.0) * second * second) / (k * k * k),
            };
            ratios.variance("", 1.0, moments, 0.5, |rng| {
                let mut weight = || {
                    let noise: f64 = rng.sample(StandardNormal);
                    (tau * noise - shifted.gap()).exp()
                };
                let weights: Vec<f64> = (0..k as usize).map(|_| weight()).collect();
                estimate.output(|estimate| estimate(&weights))
            })
        })
        .holds_for(mean as Mean)
        .fails_for(
            "one-draw",
            "One weight was used for all K: averaging K equal numbers does not reduce their variance.",
            |w| w[0],
        )
        .fails_for(
            "root-of-k",
            "The sum was divided by √K: the standard *error* falls with √K, the mean divides by K.",
            |w| w.iter().sum::<f64>() / (w.len() as f64).sqrt(),
        )
        .fails_for("sum-for-mean", "The weights were added and not averaged.", |w| w.iter().sum())
        .fails_for(
            "largest-only",
            "The largest weight was taken for the mean: it is too large, and varies more.",
            largest,
        )
}
