//! Discrete latent variables, where the score-function estimator is the right tool: equations (4.20) to
//! (4.22).
//!
//! A draw that is 0 or 1 does not move when its probability moves a little, so there is no path to
//! differentiate. The probability of the draw does move, and its logarithm has a derivative.

use ndarray::{Array1, Array2};
use prob::bernoulli::log_probability_from_logit;
use prob::gaussian::log_density;
use prob::log_space::{log_sum_exp, sigmoid};
use rand::Rng;

use crate::leave_one_out_baselines;

// ANCHOR: categorical
/// ∂ log π(outcome)/∂ logits for π = softmax(logits), equation (4.20): 1 − π at the outcome, −π elsewhere.
/// Length K, as the probabilities.
#[must_use]
pub fn categorical_score(probabilities: &[f64], outcome: usize) -> Vec<f64> {
    let one_hot = |k: usize| if k == outcome { 1.0 } else { 0.0 };
    probabilities.iter().enumerate().map(|(k, p)| one_hot(k) - p).collect()
}
// ANCHOR_END: categorical

// ANCHOR: bernoulli
/// ∂ log P(z)/∂ logit for one bit with P(1) = p: z − p.
#[must_use]
pub fn bernoulli_score(z: bool, p: f64) -> f64 {
    f64::from(u8::from(z)) - p
}

/// The gradient of E f with respect to the logit of one bit: p(1 − p)(f(1) − f(0)).
#[must_use]
pub fn bernoulli_gradient(p: f64, [f0, f1]: [f64; 2]) -> f64 {
    p * (1.0 - p) * (f1 - f0)
}

/// b* = (1 − p) f(1) + p f(0), equation (4.21): E f with the two probabilities *exchanged*. With it both
/// outcomes give the same estimate, the exact gradient.
#[must_use]
pub fn bernoulli_optimal_baseline(p: f64, [f0, f1]: [f64; 2]) -> f64 {
    (1.0 - p) * f1 + p * f0
}
// ANCHOR_END: bernoulli

/// K independent bits, q(z) = Π P(zₖ), by their logits.
#[derive(Clone, Debug, PartialEq)]
pub struct Bits {
    /// log P(1)/P(0) of each bit, length K.
    pub logits: Array1<f64>,
}

impl Bits {
    /// Every one of the 2ᴷ outcomes.
    pub fn outcomes(&self) -> impl Iterator<Item = Vec<bool>> + use<> {
        let count = self.logits.len();
        (0..1u64 << count).map(move |code| (0..count).map(|k| code >> k & 1 == 1).collect())
    }

    /// log q(z), z of length K.
    #[must_use]
    pub fn log_probability(&self, z: &[bool]) -> f64 {
        z.iter().zip(&self.logits).map(|(&z, &logit)| log_probability_from_logit(z, logit)).sum()
    }

    /// One draw, length K.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Vec<bool> {
        self.logits.iter().map(|&logit| rng.random::<f64>() < sigmoid(logit)).collect()
    }

    /// ∂ log q(z)/∂ logits, length K.
    #[must_use]
    pub fn score(&self, z: &[bool]) -> Array1<f64> {
        z.iter().zip(&self.logits).map(|(&z, &logit)| bernoulli_score(z, sigmoid(logit))).collect()
    }
}

/// A model with binary causes: K bits, each on with the same prior probability, and
/// x | z ~ N(W z, s² I). Their posterior is a table of 2ᴷ numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct BinaryCauses {
    /// What each cause adds to x, D×K.
    pub w: Array2<f64>,
    /// The standard deviation s of x about W z.
    pub sigma: f64,
    /// The prior log-odds of a cause.
    pub prior_logit: f64,
    /// What was observed, length D.
    pub x: Array1<f64>,
}

impl BinaryCauses {
    /// log p(x, z), z of length K.
    #[must_use]
    pub fn log_joint(&self, z: &[bool]) -> f64 {
        let prior: f64 = z.iter().map(|&z| log_probability_from_logit(z, self.prior_logit)).sum();
        let on: Array1<f64> = z.iter().map(|&z| f64::from(u8::from(z))).collect();
        let log_var = 2.0 * self.sigma.ln();
        let mean = self.w.dot(&on);
        let terms = self.x.iter().zip(&mean).map(|(&x, &m)| log_density(x, m, log_var));
        prior + terms.sum::<f64>()
    }

    /// log p(x), by summing over all 2ᴷ outcomes.
    #[must_use]
    pub fn log_evidence(&self, q: &Bits) -> f64 {
        let terms: Vec<f64> = q.outcomes().map(|z| self.log_joint(&z)).collect();
        log_sum_exp(&terms)
    }

    /// The ELBO and its gradient with respect to the logits, by summing over all 2ᴷ outcomes.
    #[must_use]
    pub fn exact_elbo(&self, q: &Bits) -> (f64, Array1<f64>) {
        let mut elbo = 0.0;
        let mut gradient = Array1::zeros(q.logits.len());
        for z in q.outcomes() {
            let log_q = q.log_probability(&z);
            let weighted = log_q.exp() * (self.log_joint(&z) - log_q);
            elbo += weighted;
            gradient.scaled_add(weighted, &q.score(&z));
        }
        (elbo, gradient)
    }

    // ANCHOR: bits
    /// The gradient of the ELBO estimated from L draws, equation (4.22), with the mean of the other
    /// draws' log-ratios as baseline, or with none.
    pub fn estimated_gradient<R: Rng + ?Sized>(
        &self,
        q: &Bits,
        draws: usize,
        leave_one_out: bool,
        rng: &mut R,
    ) -> Array1<f64> {
        let z: Vec<Vec<bool>> = (0..draws).map(|_| q.sample(rng)).collect();
        let f: Vec<f64> = z.iter().map(|z| self.log_joint(z) - q.log_probability(z)).collect();
        let baselines = if leave_one_out { leave_one_out_baselines(&f) } else { vec![0.0; draws] };
        let mut gradient = Array1::zeros(q.logits.len());
        for ((z, f), b) in z.iter().zip(f).zip(baselines) {
            gradient.scaled_add((f - b) / draws as f64, &q.score(z));
        }
        gradient
    }
    // ANCHOR_END: bits
}
