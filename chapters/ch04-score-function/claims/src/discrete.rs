//! Discrete latent variables.

use claims::{Claim, Subject, Tolerance, claim};
use ndarray::{Array1, array};
use prob::Categorical;

use ch04_score_function::discrete::{
    BinaryCauses, Bits, bernoulli_gradient, bernoulli_optimal_baseline, bernoulli_score,
    categorical_score,
};

const WILLIAMS: &str = "Williams 1992, Simple statistical gradient-following algorithms";

/// (probabilities, outcome, f) ↦ an estimate of ∂ E f/∂ logits
type Estimator = fn(&[f64], usize, f64) -> Vec<f64>;

fn scaled(score: Vec<f64>, f: f64) -> Vec<f64> {
    score.into_iter().map(|s| f * s).collect()
}

fn estimate(probabilities: &[f64], outcome: usize, f: f64) -> Vec<f64> {
    scaled(categorical_score(probabilities, outcome), f)
}

pub(super) fn categorical() -> Claim<Estimator> {
    claim("score-function/categorical")
        .says(
            "For a categorical variable with softmax probabilities π the score of outcome k is e_k − π, and f times \
             it has the gradient of E f as its mean: summed over all outcomes, without a path to differentiate",
        )
        .after(WILLIAMS)
        .exact(
            Tolerance::absolute(1e-8).because("the witness is a central difference with a step of 1e-4"),
            |estimator: &Subject<Estimator>, cases| {
                let f = [1.5, -0.7, 4.0, 0.2];
                for logits in [[0.0, 0.3, -1.0, 0.8], [2.0, -2.0, 0.1, 0.0]] {
                    let q = Categorical::from_logits(&logits)?;
                    let mut measured = [0.0; 4];
                    for (outcome, &p) in q.probabilities().iter().enumerate() {
                        let one = estimator
                            .output(|estimate| estimate(q.probabilities(), outcome, f[outcome]));
                        measured.iter_mut().zip(&one).for_each(|(sum, g)| *sum += p * g);
                    }
                    for (k, &measured) in measured.iter().enumerate() {
                        let mean = |step: f64| -> prob::Result<f64> {
                            let mut moved = logits;
                            moved[k] += step;
                            let q = Categorical::from_logits(&moved)?;
                            Ok(q.probabilities().iter().zip(f).map(|(p, f)| p * f).sum())
                        };
                        let witness = (mean(1e-4)? - mean(-1e-4)?) / 2e-4;
                        cases.equal(format!("logits {logits:?}: derivative {k}"), measured, witness);
                    }
                }
                Ok(())
            },
        )
        .holds_for(estimate as Estimator)
        .fails_for(
            "missing-log",
            "The derivative of the probability was averaged under draws, which weights with it twice: \
             differentiate its logarithm.",
            |probabilities, outcome, f| {
                scaled(categorical_score(probabilities, outcome), f * probabilities[outcome])
            },
        )
        .fails_for(
            "one-hot-only",
            "The softmax's normaliser was forgotten: raising one logit lowers all other probabilities, so subtract \
             π.",
            |probabilities, outcome, f| {
                (0..probabilities.len()).map(|k| if k == outcome { f } else { 0.0 }).collect()
            },
        )
        .fails_for(
            "through-the-draw",
            "The drawn outcome was differentiated: it does not move with the logits, so that derivative is 0 and \
             the gradient is not.",
            |probabilities, _, _| vec![0.0; probabilities.len()],
        )
}

/// (p, [f(0), f(1)]) ↦ b*
type BestBaseline = fn(f64, [f64; 2]) -> f64;

pub(super) fn one_bit() -> Claim<BestBaseline> {
    claim("score-function/one-bit")
        .says(
            "For one bit the baseline (1 − p)f(1) + p f(0), E f with the probabilities exchanged, makes both outcomes \
             give the exact gradient: the variance is 0",
        )
        .after("Greensmith, Bartlett and Baxter 2004, Variance reduction techniques for gradient estimates")
        .exact(Tolerance::relative(1e-12).or_absolute(1e-13), |baseline: &Subject<BestBaseline>, cases| {
            for p in [0.1, 0.5, 0.83] {
                for f in [[0.3, 1.7], [100.0, 101.0], [-2.0, 5.0]] {
                    let b = baseline.output(|baseline| baseline(p, f));
                    for z in [false, true] {
                        let estimate = (f[usize::from(z)] - b) * bernoulli_score(z, p);
                        let label = format!("p = {p}, f = {f:?}, draw {z}");
                        cases.equal(label, estimate, bernoulli_gradient(p, f));
                    }
                }
            }
            Ok(())
        })
        .holds_for(bernoulli_optimal_baseline as BestBaseline)
        .fails_for(
            "mean",
            "E f was taken for the best baseline: the rarer outcome has the larger score, so that it counts more.",
            |p, [f0, f1]| (1.0 - p) * f0 + p * f1,
        )
        .fails_for("none", "No baseline: each draw's estimate contains all of f.", |_, _| 0.0)
        .fails_for(
            "midpoint",
            "The outcomes were weighted equally, which is best at p = ½ only.",
            |_, [f0, f1]| 0.5 * (f0 + f1),
        )
}

/// (model, q) ↦ gradient of the ELBO with respect to q's logits
type Gradient = fn(&BinaryCauses, &Bits) -> Array1<f64>;

/// Σ_z weight(q(z)) f S over all outcomes, for a weight and an f of log p(x, z) and log q(z).
fn enumerate(model: &BinaryCauses, q: &Bits, weighted: impl Fn(f64, f64) -> f64) -> Array1<f64> {
    let mut gradient = Array1::zeros(q.logits.len());
    for z in q.outcomes() {
        gradient.scaled_add(weighted(model.log_joint(&z), q.log_probability(&z)), &q.score(&z));
    }
    gradient
}

pub(super) fn many_bits() -> Claim<Gradient> {
    claim("score-function/many-bits")
        .says(
            "For a model with binary causes and independent bits q the gradient of the ELBO is the mean of \
             log p(x, z)/q(z) times the scores z − p, summed here over all outcomes",
        )
        .settles("sf-unbiased", claims::Verdict::Holds)
        .exact(
            Tolerance::absolute(1e-6).because("the witness is a central difference with a step of 1e-4"),
            |gradient: &Subject<Gradient>, cases| {
                let model = BinaryCauses {
                    w: array![[1.0, -0.5, 0.3], [0.2, 0.9, -1.1]],
                    sigma: 0.7,
                    prior_logit: -0.5,
                    x: array![0.8, -0.1],
                };
                for logits in [array![0.0, 0.4, -0.6], array![1.5, -1.0, 0.2]] {
                    let measured =
                        gradient.output(|gradient| gradient(&model, &Bits { logits: logits.clone() }));
                    for k in 0..logits.len() {
                        let elbo = |step: f64| {
                            let mut moved = logits.clone();
                            moved[k] += step;
                            let q = Bits { logits: moved };
                            q.outcomes()
                                .map(|z| {
                                    let log_q = q.log_probability(&z);
                                    log_q.exp() * (model.log_joint(&z) - log_q)
                                })
                                .sum::<f64>()
                        };
                        let witness = (elbo(1e-4) - elbo(-1e-4)) / 2e-4;
                        cases.equal(format!("logits {logits}: derivative {k}"), measured[k], witness);
                    }
                }
                Ok(())
            },
        )
        .holds_for((|model, q| model.exact_elbo(q).1) as Gradient)
        .fails_for(
            "entropy-forgotten",
            "Only log p(x, z) multiplies the score: the ELBO's f is log p(x, z) − log q(z).",
            |model, q| enumerate(model, q, |log_joint, log_q| log_q.exp() * log_joint),
        )
        .fails_for(
            "missing-log",
            "The derivative of q was averaged under draws from q, which weights with q twice: differentiate its \
             logarithm.",
            |model, q| enumerate(model, q, |log_joint, log_q| (2.0 * log_q).exp() * (log_joint - log_q)),
        )
        .fails_for(
            "not-detached",
            "log q(z)·f was differentiated as a whole, so that f's own −log q was, too: detach f, which is a number \
             here.",
            |model, q| enumerate(model, q, |log_joint, log_q| log_q.exp() * (log_joint - 2.0 * log_q)),
        )
}
