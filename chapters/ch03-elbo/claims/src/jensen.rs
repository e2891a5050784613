//! The log of a mean, the mean of the logs, and what lies between them.

use claims::{Claim, Subject, Tolerance, Verdict, claim};
use prob::{Categorical, Gaussian, Quadrature, Result, log_sum_exp};
use rand::Rng as _;

use ch03_elbo::jensen;

/// log weights ↦ the log of their mean
type LogMean = fn(&[f64]) -> Result<f64>;

const MEAN_OF_LOGS: &str = "The logs were averaged: exponentiate, average, then take the log; the mean of the \
    logs is smaller.";
const SUM_FOR_MEAN: &str = "log-sum-exp without − log K: it is the log of the *sum* of the weights, too large \
    by log K.";
const UNDERFLOW: &str = "The weights were exponentiated as they are and became 0: take the largest out of the \
    sum first.";

fn mean_of_logs(log_weights: &[f64]) -> Result<f64> {
    Ok(log_weights.iter().sum::<f64>() / log_weights.len() as f64)
}

fn naive(log_weights: &[f64]) -> Result<f64> {
    let sum: f64 = log_weights.iter().map(|l| l.exp()).sum();
    Ok((sum / log_weights.len() as f64).ln())
}

fn largest(log_weights: &[f64]) -> f64 {
    log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The weights of 784 pixels are of this size in nats.
const SHIFTS: [f64; 4] = [0.0, -120.0, -900.0, 800.0];

pub(super) fn log_mean_exp() -> Claim<LogMean> {
    claim("elbo/log-mean-exp")
        .says(
            "log (1/K) Σ wₖ from the logs of weights, also of weights far below the smallest and above the \
             largest float",
        )
        .settles("elbo-iwae", Verdict::Holds)
        .exact(Tolerance::relative(2e-12).or_absolute(2e-12), |log_mean: &Subject<LogMean>, cases| {
            let mut rng = cases.rng(0);
            for shift in SHIFTS {
                for count in [2, 3, 10, 64] {
                    let log_weights: Vec<f64> = (0..count).map(|_| rng.random_range(-3.0..3.0)).collect();
                    let sum: f64 = log_weights.iter().map(|l| l.exp()).sum();
                    let shifted: Vec<f64> = log_weights.iter().map(|l| l + shift).collect();
                    let expected = shift + (sum / f64::from(count)).ln();
                    let measured = log_mean.output(|log_mean| log_mean(&shifted))?;
                    cases.equal(format!("{count} weights around exp({shift})"), measured, expected);
                }
            }
            Ok(())
        })
        .holds_for(prob::log_mean_exp::<f64> as LogMean)
        .fails_for("mean-of-logs", MEAN_OF_LOGS, mean_of_logs)
        .fails_for("sum-for-mean", SUM_FOR_MEAN, |l| Ok(log_sum_exp(l)))
        .fails_for("underflow", UNDERFLOW, naive)
        .fails_for(
            "largest-only",
            "The largest weight was taken for all of them: the others count, too.",
            |l| Ok(largest(l) - (l.len() as f64).ln()),
        )
        .fails_for(
            "largest-not-put-back",
            "The largest log-weight was taken out of the sum and not added again afterwards.",
            |l| Ok(prob::log_mean_exp(l)? - largest(l)),
        )
        .fails_for(
            "log-divided",
            "The log of the sum was divided by K: divide the sum, that is, subtract log K.",
            |l| Ok(log_sum_exp(l) / l.len() as f64),
        )
        .fails_for(
            "wrong-sign",
            "The logs came with the wrong sign, so that the worst sample weighs most.",
            |l| Ok(-prob::log_mean_exp(&l.iter().map(|l| -l).collect::<Vec<_>>())?),
        )
}

/// log weights ↦ log-mean − mean-log
type Gap = fn(&[f64]) -> Result<f64>;

/// Pinsker's inequality makes the bound say more than "not negative", so that a gap of 0 does not pass.
pub(super) fn jensen() -> Claim<Gap> {
    claim("elbo/jensen")
        .says(
            "The log of the mean of positive weights is at least the mean of their logs, by no less than \
             ½(Σ|w̃ₖ − 1/K|)², w̃ being the normalised weights; equal weights leave no gap",
        )
        .settles("elbo-jensen", Verdict::Holds)
        .bound(Tolerance::absolute(2e-12), |gap: &Subject<Gap>, margins| {
            let mut rng = margins.rng(0);
            for count in [1, 2, 5, 20, 20, 100] {
                let scale = rng.random_range(0.1..8.0);
                let log_weights: Vec<f64> =
                    (0..count).map(|_| scale * rng.random_range(-1.0..1.0)).collect();
                let sum = log_sum_exp(&log_weights);
                let even = 1.0 / f64::from(count);
                let apart: f64 = log_weights.iter().map(|l| ((l - sum).exp() - even).abs()).sum();
                let measured = gap.output(|gap| gap(&log_weights))?;
                margins.at_least(format!("{count} weights"), measured, 0.5 * apart * apart);
            }
            for size in [0.0, -3.0, 700.0] {
                let measured = gap.output(|gap| gap(&[size; 7]))?;
                margins.at_least(format!("7 weights exp({size})"), measured, 0.0);
                margins.at_least(format!("7 weights exp({size}), no gap"), 0.0, measured);
            }
            Ok(())
        })
        .holds_for(jensen::gap as Gap)
        .fails_for("mean-of-logs", MEAN_OF_LOGS, |_| Ok(0.0))
        .fails_for("sum-for-mean", SUM_FOR_MEAN, |l| Ok(jensen::gap(l)? + (l.len() as f64).ln()))
        .fails_for(
            "upside-down",
            "The difference is upside down: the log of the mean is the larger one, because log is concave.",
            |l| Ok(-jensen::gap(l)?),
        )
        .fails_for(
            "one-less",
            "The sum was divided by K − 1: that belongs to variances; a mean of K weights divides by K.",
            |l| {
                let count = l.len() as f64;
                Ok(jensen::gap(l)? + (count / (count - 1.0)).ln())
            },
        )
}

/// (log w, q) ↦ log E_q\[w\] − E_q\[log w\]
type ExpectedGap = fn(fn(f64) -> f64, &Gaussian) -> Result<f64>;

/// Discrete weights: the gap against a categorical divergence; a density: against an integral of its own.
#[derive(Clone, Copy)]
pub(super) struct Gaps {
    discrete: Gap,
    continuous: ExpectedGap,
}

const GAPS: Gaps = Gaps { discrete: jensen::gap, continuous: jensen::expected_gap };

type LogWeight = (&'static str, fn(f64) -> f64);

const LOG_WEIGHTS: [LogWeight; 4] = [
    ("1 + z²", |z| (z * z).ln_1p()),
    ("exp(sin 3z)", |z| (3.0 * z).sin()),
    ("sigmoid(2z)", |z| -prob::log_space::softplus(-2.0 * z)),
    ("N(0.7; tanh z, 0.5²)", |z| prob::gaussian::log_density(0.7, z.tanh(), 0.25f64.ln())),
];

pub(super) fn jensen_gap() -> Claim<Gaps> {
    claim("elbo/jensen-gap")
        .says(
            "Jensen's gap log E_q[w] − E_q[log w] is KL(q ‖ q·w/E_q[w]) for any positive w: for \
             w = p(x, z)/q(z) the KL to the posterior, for w = exp(tz) half the variance of tz",
        )
        .settles("elbo-jensen", Verdict::Holds)
        .exact(
            Tolerance::relative(1e-9)
                .or_absolute(1e-12)
                .because("the witness is an adaptive quadrature that is asked for eleven digits"),
            |gaps: &Subject<Gaps>, cases| {
                let q = Gaussian::new(0.4, 1.3)?;
                for (name, log_weight) in LOG_WEIGHTS {
                    let measured = gaps.output(|gaps| (gaps.continuous)(log_weight, &q))?;
                    let expected = jensen::kl_to_tilted(log_weight, &q)?;
                    cases.equal(format!("w = {name}, q = N(0.4, 1.3²)"), measured, expected);
                }
                let measured = gaps.output(|gaps| (gaps.continuous)(|z| 0.8 * z, &q))?;
                cases.equal("w = exp(0.8 z)", measured, 0.5 * (0.8f64 * 1.3).powi(2));
                let mut rng = cases.rng(0);
                for count in [2, 5, 30] {
                    let log_weights: Vec<f64> = (0..count).map(|_| rng.random_range(-2.0..2.0)).collect();
                    let uniform = Categorical::new(&vec![1.0 / f64::from(count); count as usize])?;
                    let expected = uniform.kl(&Categorical::from_logits(&log_weights)?)?;
                    let measured = gaps.output(|gaps| (gaps.discrete)(&log_weights))?;
                    cases.equal(format!("{count} weights: KL(uniform ‖ w̃)"), measured, expected);
                }
                Ok(())
            },
        )
        .holds_for(GAPS)
        .fails_for(
            "swapped",
            "This is KL(w̃ ‖ uniform): the gap averages the logs under q, before the weights come in.",
            Gaps {
                discrete: |l| {
                    let uniform = Categorical::new(&vec![1.0 / l.len() as f64; l.len()])?;
                    Categorical::from_logits(l)?.kl(&uniform)
                },
                ..GAPS
            },
        )
        .fails_for(
            "variance-only",
            "Half the variance of log w is the gap for log-normal weights only, elsewhere its first term.",
            Gaps {
                continuous: |log_weight, q| {
                    let quadrature = Quadrature::default();
                    let mean = quadrature.expectation(q, log_weight)?.value;
                    let square = quadrature.expectation(q, |z| (log_weight(z) - mean).powi(2))?;
                    Ok(0.5 * square.value)
                },
                ..GAPS
            },
        )
        .fails_for(
            "under-prior",
            "The mean of w was taken under N(0, 1) and that of log w under q: both are under q.",
            Gaps {
                continuous: |log_weight, q| {
                    let quadrature = Quadrature::default();
                    let prior = Gaussian::standard();
                    let mean = quadrature.expectation(&prior, |z| log_weight(z).exp())?.value;
                    Ok(mean.ln() - quadrature.expectation(q, log_weight)?.value)
                },
                ..GAPS
            },
        )
        .fails_for("sum-for-mean", SUM_FOR_MEAN, Gaps {
            discrete: |l| Ok(jensen::gap(l)? + (l.len() as f64).ln()),
            ..GAPS
        })
}
