//! Discrete latent variables.

use autodiff::F1;
use claims::{Claim, Rng, Subject, Tolerance, claim, domain, real, scale, seed, whole};
use ndarray::{Array1, Array2};
use num_traits::Float as _;
use prob::Categorical;
use prob::bernoulli::log_probability_from_logit;
use rand::Rng as _;

use ch04_score_function::discrete::{
    BinaryCauses, Bits, bernoulli_gradient, bernoulli_optimal_baseline, bernoulli_score,
    categorical_score,
};

const WILLIAMS: &str = "Williams 1992, Simple statistical gradient-following algorithms";

/// (probabilities, outcome, f) ↦ an estimate of ∂ E f/∂ logits
type Estimator = fn(&[f64], usize, f64) -> Vec<f64>;

/// So many numbers between −size and size.
fn uniform(rng: &mut Rng, count: usize, size: f64) -> Vec<f64> {
    (0..count).map(|_| size * rng.random_range(-1.0..1.0)).collect()
}

/// Dual numbers, of which one is the variable.
fn duals(numbers: &[f64], variable: usize) -> Vec<F1> {
    let dual = |(k, &x): (usize, &f64)| if k == variable { F1::var(x) } else { F1::cst(x) };
    numbers.iter().enumerate().map(dual).collect()
}

/// E f under softmax probabilities.
fn mean_under_softmax(logits: &[F1], f: &[f64]) -> F1 {
    let weights = || logits.iter().map(|logit| logit.exp());
    let total = weights().fold(F1::cst(0.0), |sum, w| sum + w);
    weights().zip(f).fold(F1::cst(0.0), |sum, (w, &f)| sum + w * F1::cst(f)) / total
}

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
        .for_every(
            domain([
                whole("K", 2..=8),
                scale("size of the logits", 0.1..=10.0),
                seed("logits and f"),
            ])
            .with([[4.0, 1.0, 0.0], [4.0, 2.0, 1.0]]),
        )
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-12),
            |estimator: &Subject<Estimator>, [count, size, seed], cases| {
                let (count, mut rng) = (count as usize, cases.rng(seed as u64));
                let logits = uniform(&mut rng, count, size);
                let f = uniform(&mut rng, count, 4.0);
                let q = Categorical::from_logits(&logits)?;
                let mut measured = vec![0.0; count];
                for (outcome, &p) in q.probabilities().iter().enumerate() {
                    let one =
                        estimator.output(|estimate| estimate(q.probabilities(), outcome, f[outcome]));
                    measured.iter_mut().zip(&one).for_each(|(sum, g)| *sum += p * g);
                }
                let witness: Vec<f64> =
                    (0..count).map(|k| mean_under_softmax(&duals(&logits, k), &f).deriv()).collect();
                cases.all_equal("derivative", &measured, &witness);
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
        .for_every(
            domain([
                real("p", 0.001..=0.999),
                real("f(0)", -100.0..=100.0),
                real("f(1)", -100.0..=100.0),
            ])
            .with([[0.1, 0.3, 1.7], [0.5, 99.0, 100.0], [0.83, -2.0, 5.0]]),
        )
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |baseline: &Subject<BestBaseline>, [p, f0, f1], cases| {
                let f = [f0, f1];
                let b = baseline.output(|baseline| baseline(p, f));
                for z in [false, true] {
                    let estimate = (f[usize::from(z)] - b) * bernoulli_score(z, p);
                    cases.equal(format!("draw {z}"), estimate, bernoulli_gradient(p, f));
                }
                Ok(())
            },
        )
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

/// The ELBO as a function of q's logits, over all of q's outcomes.
fn elbo(model: &BinaryCauses, q: &Bits, logits: &[F1]) -> F1 {
    q.outcomes().fold(F1::cst(0.0), |sum, z| {
        let bits = z.iter().zip(logits);
        let log_q = bits
            .fold(F1::cst(0.0), |log_q, (&z, &logit)| log_q + log_probability_from_logit(z, logit));
        sum + log_q.exp() * (F1::cst(model.log_joint(&z)) - log_q)
    })
}

pub(super) fn many_bits() -> Claim<Gradient> {
    claim("score-function/many-bits")
        .says(
            "For a model with binary causes and independent bits q the gradient of the ELBO is the mean of \
             log p(x, z)/q(z) times the scores z − p, summed here over all outcomes",
        )
        .settles("sf-unbiased", claims::Verdict::Holds)
        .for_every(
            domain([
                whole("K", 1..=4),
                whole("D", 1..=3),
                scale("s", 0.3..=3.0),
                real("the prior's log-odds", -3.0..=3.0),
                scale("size of q's logits", 0.1..=5.0),
                seed("W, x and q's logits"),
            ])
            .with([[3.0, 2.0, 0.7, -0.5, 0.6, 0.0], [3.0, 2.0, 0.7, -0.5, 1.5, 1.0]]),
        )
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-11).because(
                "terms cancel; at some seeds no case comes within 10⁴ of what that may cost",
            ),
            |gradient: &Subject<Gradient>, [bits, observed, s, prior_logit, size, seed], cases| {
                let (bits, observed) = (bits as usize, observed as usize);
                let mut rng = cases.rng(seed as u64);
                let w = uniform(&mut rng, observed * bits, 1.5);
                let model = BinaryCauses {
                    w: Array2::from_shape_vec((observed, bits), w)?,
                    sigma: s,
                    prior_logit,
                    x: uniform(&mut rng, observed, 1.5).into(),
                };
                let q = Bits { logits: uniform(&mut rng, bits, size).into() };
                let measured = gradient.output(|gradient| gradient(&model, &q)).to_vec();
                let logits = q.logits.to_vec();
                let witness: Vec<f64> =
                    (0..bits).map(|k| elbo(&model, &q, &duals(&logits, k)).deriv()).collect();
                cases.all_equal("derivative", &measured, &witness);
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
