//! The log of a mean, the mean of the logs, and what lies between them.

use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, real, scale, seed, whole};
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

pub(super) fn log_mean_exp() -> Claim<LogMean> {
    claim("elbo/log-mean-exp")
        .says(
            "log (1/K) Σ wₖ from the logs of weights, also of weights far below the smallest and above the \
             largest float",
        )
        .settles("elbo-iwae", Verdict::Holds)
        // The weights of 784 pixels are of the size e^−900.
        .for_every(
            domain([
                whole("K", 1..=64),
                real("middle of the logs", -1e4..=1e4).special(&[-900.0, -120.0, 800.0]),
                scale("their spread", 1e-3..=600.0),
                seed("the logs"),
            ])
            .with([[10.0, -900.0, 3.0, 0.0], [64.0, 800.0, 3.0, 0.0], [2.0, 0.0, 3.0, 0.0]]),
        )
        .exact(
            Tolerance::relative(2e-12).or_absolute(2e-12),
            |log_mean: &Subject<LogMean>, [count, middle, spread, seed], cases| {
                let mut rng = cases.rng(seed as u64);
                let logs: Vec<f64> =
                    (0..count as usize).map(|_| spread * rng.random_range(-1.0..1.0)).collect();
                let sum: f64 = logs.iter().map(|l| l.exp()).sum();
                let shifted: Vec<f64> = logs.iter().map(|l| l + middle).collect();
                let measured = log_mean.output(|log_mean| log_mean(&shifted))?;
                cases.equal("", measured, middle + (sum / count).ln());
                Ok(())
            },
        )
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
        .for_every(
            domain([
                whole("K", 1..=100),
                real("middle of the logs", -1000.0..=1000.0),
                real("their spread", 0.0..=20.0).special(&[1e-4]),
                seed("the logs"),
            ])
            .with([[7.0, 0.0, 0.0, 0.0], [7.0, 700.0, 0.0, 0.0], [20.0, 0.0, 4.0, 0.0]]),
        )
        .bound(
            Tolerance::absolute(1e-11),
            |gap: &Subject<Gap>, [count, middle, spread, seed], margins| {
                let mut rng = margins.rng(seed as u64);
                let logs: Vec<f64> = (0..count as usize)
                    .map(|_| middle + spread * rng.random_range(-1.0..1.0))
                    .collect();
                let sum = log_sum_exp(&logs);
                let apart: f64 = logs.iter().map(|l| ((l - sum).exp() - 1.0 / count).abs()).sum();
                let measured = gap.output(|gap| gap(&logs))?;
                margins.at_least("", measured, 0.5 * apart * apart);
                if spread == 0.0 {
                    margins.at_least("equal weights: no gap", 0.0, measured);
                }
                Ok(())
            },
        )
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
type ExpectedGap = fn(&LogWeight, &Gaussian) -> Result<f64>;

/// log w(z) = a z + b sin 3z + c log(1 + z²)
#[derive(Clone, Copy, Debug)]
pub(super) struct LogWeight {
    a: f64,
    b: f64,
    c: f64,
}

impl LogWeight {
    fn at(&self, z: f64) -> f64 {
        self.a * z + self.b * (3.0 * z).sin() + self.c * (z * z).ln_1p()
    }
}

/// Discrete weights: the gap against a categorical divergence; a density: against an integral of its own.
#[derive(Clone, Copy)]
pub(super) struct Gaps {
    discrete: Gap,
    continuous: ExpectedGap,
}

const GAPS: Gaps = Gaps {
    discrete: jensen::gap,
    continuous: |log_weight, q| jensen::expected_gap(|z| log_weight.at(z), q),
};

pub(super) fn jensen_gap() -> Claim<Gaps> {
    claim("elbo/jensen-gap")
        .says(
            "Jensen's gap log E_q[w] − E_q[log w] is KL(q ‖ q·w/E_q[w]) for a Gaussian q and \
             w = exp(az + b sin 3z)(1 + z²)^c, half the variance of az if b = c = 0; that of K weights is \
             KL(uniform ‖ w̃)",
        )
        .settles("elbo-jensen", Verdict::Holds)
        .for_every(
            domain([
                real("a", -1.5..=1.5),
                real("b", -2.0..=2.0),
                real("c", -2.0..=2.0),
                real("mean of q", -2.0..=2.0),
                scale("σ of q", 0.1..=3.0),
                whole("K", 2..=30),
                seed("the K weights"),
            ])
            .with([
                [0.8, 0.0, 0.0, 0.4, 1.3, 2.0, 0.0],
                [0.0, 0.0, 1.0, 0.4, 1.3, 5.0, 0.0],
                [0.0, 1.0, 0.0, 0.4, 1.3, 30.0, 0.0],
            ]),
        )
        .exact(
            Tolerance::relative(1e-9)
                .or_absolute(1e-12)
                .because("the witness is an adaptive quadrature that is asked for eleven digits"),
            |gaps: &Subject<Gaps>, [a, b, c, mean, sigma, count, seed], cases| {
                let (w, q) = (LogWeight { a, b, c }, Gaussian::new(mean, sigma)?);
                let measured = gaps.output(|gaps| (gaps.continuous)(&w, &q))?;
                cases.equal("function", measured, jensen::kl_to_tilted(|z| w.at(z), &q)?);
                if b == 0.0 && c == 0.0 {
                    cases.equal("exp(az)", measured, 0.5 * (a * sigma).powi(2));
                }
                let mut rng = cases.rng(seed as u64);
                let count = count as usize;
                let logs: Vec<f64> = (0..count).map(|_| rng.random_range(-2.0..2.0)).collect();
                let uniform = Categorical::new(&vec![1.0 / count as f64; count])?;
                let expected = uniform.kl(&Categorical::from_logits(&logs)?)?;
                let measured = gaps.output(|gaps| (gaps.discrete)(&logs))?;
                cases.equal("K weights", measured, expected);
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
                    let mean = quadrature.expectation(q, |z| log_weight.at(z))?.value;
                    let square = quadrature.expectation(q, |z| (log_weight.at(z) - mean).powi(2))?;
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
                    let mean = quadrature.expectation(&prior, |z| log_weight.at(z).exp())?.value;
                    Ok(mean.ln() - quadrature.expectation(q, |z| log_weight.at(z))?.value)
                },
                ..GAPS
            },
        )
        .fails_for("sum-for-mean", SUM_FOR_MEAN, Gaps {
            discrete: |l| Ok(jensen::gap(l)? + (l.len() as f64).ln()),
            ..GAPS
        })
}
