//! The value of the game and its optimum.

use autodiff::F1;
use claims::{Claim, Subject, Tolerance, Verdict, claim};
use prob::special::normal_cdf;
use prob::{Gaussian, Quadrature};

use super::{PRINTED, SWAPPED_LABELS};
use ch08_gan::game::{
    jensen_shannon, logistic_discriminator, optimal_discriminator as best_answer, optimal_logit,
    payoff, value, value_at_optimum as at_optimum,
};
use ch08_gan::loss::real_loss;

/// (p, q, D) ↦ what a point adds to the value of the game
type Payoff = fn(f64, f64, f64) -> f64;

/// Densities of data and generator at one point; the second and third lean to the generator.
const DENSITIES: [[f64; 2]; 4] = [[0.4, 0.1], [0.2, 0.3], [0.01, 0.35], [0.25, 0.25]];

pub(super) fn printed_objective() -> Claim<Payoff> {
    claim("gan/printed-objective")
        .says(
            "p log D + q log(1 − D) is at most p log p/(p+q) + q log q/(p+q), reached at D = p/(p+q); with 1 − log D \
             in place of log(1 − D) there is no upper limit",
        )
        .settles("gan-value", Verdict::Corrected)
        .bound(Tolerance::relative(1e-13), |payoff: &Subject<Payoff>, margins| {
            for [p, q] in DENSITIES {
                let best = p * (p / (p + q)).ln() + q * (q / (p + q)).ln();
                let at = |d: f64| payoff.output(|payoff| payoff(p, q, d));
                margins.at_least(format!("reached, p = {p}, q = {q}"), at(p / (p + q)), best);
                for d in [1e-300, 1e-30, 1e-3, 0.2, 0.5, p / (p + q), 0.9, 0.999] {
                    margins.at_least(format!("p = {p}, q = {q}, D = {d:.3e}"), best, at(d));
                }
            }
            Ok(())
        })
        .holds_for(payoff as Payoff)
        .fails_for("printed", PRINTED, |p, q, d| p * d.ln() + q * (1.0 - d.ln()))
        .fails_for("swapped-labels", SWAPPED_LABELS, |p, q, d| payoff(p, q, 1.0 - d))
        .fails_for(
            "loss-for-value",
            "This is the discriminator's loss, minus the value: the discriminator descends on the loss or ascends on \
             the value.",
            |p, q, d| -payoff(p, q, d),
        )
        .fails_for(
            "no-logarithm",
            "The logarithms are missing: without them the best answer is 0 or 1 everywhere and says nothing of the \
             densities.",
            |p, q, d| p * d + q * (1.0 - d),
        )
}

/// (p, q) ↦ the best answer where the densities are these
type Answer = fn(f64, f64) -> f64;

pub(super) fn optimal_discriminator() -> Claim<Answer> {
    claim("gan/optimal-discriminator")
        .says("The discriminator that makes the value of the game largest is D* = p/(p + q), point by point")
        .settles("gan-value", Verdict::Corrected)
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-15),
            |answer: &Subject<Answer>, cases| {
                for [p, q] in DENSITIES.into_iter().chain([[1e-5, 3.0], [2.0, 1e-4]]) {
                    let measured = answer.output(|answer| answer(p, q));
                    cases.equal(format!("p = {p}, q = {q}"), measured, by_bisection(p, q));
                }
                Ok(())
            },
        )
        .holds_for(best_answer as Answer)
        .fails_for("swapped-labels", SWAPPED_LABELS, |p, q| q / (p + q))
        .fails_for(
            "ratio",
            "This is the ratio of the densities, which is the odds D/(1 − D); the probability is p/(p + q).",
            |p, q| p / q,
        )
        .fails_for(
            "logit",
            "This is the logit log p − log q of the best answer: pass it through the logistic function.",
            |p, q| p.ln() - q.ln(),
        )
        .fails_for(
            "always-half",
            "One half is the best answer only where the two densities are equal.",
            |_, _| 0.5,
        )
}

/// Where the derivative of the payoff, by dual numbers, changes its sign.
fn by_bisection(p: f64, q: f64) -> f64 {
    let slope = |d| payoff(F1::cst(p), F1::cst(q), F1::var(d)).dx;
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if slope(middle) > 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// (p, q) ↦ [JSD, V(D*, G)]
type Optimum = fn(&Gaussian, &Gaussian) -> prob::Result<[f64; 2]>;

pub(super) fn value_at_optimum() -> Claim<Optimum> {
    claim("gan/value-at-optimum")
        .says("V(D*, G) = −log 4 + 2 JSD(p, q), at six pairs of Gaussians that another program computed with 40 digits")
        .settles("gan-value", Verdict::Corrected)
        .exact(
            Tolerance::relative(1e-10).because(
                "the quadrature is asked for eleven digits and mostly delivers fifteen",
            ),
            |optimum: &Subject<Optimum>, cases| {
                for case in reference::gan_values()? {
                    let p = Gaussian::new(case.mu_data, case.log_sigma_data.exp())?;
                    let q = Gaussian::new(case.mu_gen, case.log_sigma_gen.exp())?;
                    let [jsd, value] = optimum.output(|optimum| optimum(&p, &q))?;
                    let pair = format!("N({:.2}, {:.2}²), N({:.2}, {:.2}²)", p.mean(), p.sigma(), q.mean(), q.sigma());
                    cases.equal(format!("JSD, {pair}"), jsd, case.jsd);
                    cases.equal(format!("V, {pair}"), value, case.value_at_optimal_d);
                    cases.equal(format!("V + log 4 − 2 JSD, {pair}"), value - 2.0 * jsd, -4f64.ln());
                }
                Ok(())
            },
        )
        .holds_for((|p, q| Ok([jensen_shannon(p, q)?, at_optimum(p, q)?])) as Optimum)
        .fails_for("printed", PRINTED, |p, q| Ok([jensen_shannon(p, q)?, printed(p, q)?]))
        .fails_for("swapped-labels", SWAPPED_LABELS, |p, q| {
            Ok([jensen_shannon(p, q)?, swapped(p, q)?])
        })
        .fails_for(
            "no-halves",
            "The two divergences from the middle were added without the ½ of each: the Jensen–Shannon divergence is \
             their mean.",
            |p, q| Ok([2.0 * jensen_shannon(p, q)?, at_optimum(p, q)?]),
        )
        .fails_for(
            "bits",
            "These are bits: divide by log 2 only for a reader, and compute in nats.",
            |p, q| Ok([jensen_shannon(p, q)?, at_optimum(p, q)?].map(|nats| nats / 2f64.ln())),
        )
        .fails_for(
            "jeffreys",
            "This is the mean of KL(p ‖ q) and KL(q ‖ p); the Jensen–Shannon divergence compares each with the \
             mixture ½(p + q).",
            |p, q| Ok([0.5 * (p.kl(q) + q.kl(p)), at_optimum(p, q)?]),
        )
        .fails_for(
            "mean-of-halves",
            "The two expectations were averaged instead of added, as a cross-entropy over the joined batch is: the value \
             of the game is their sum.",
            |p, q| Ok([jensen_shannon(p, q)?, 0.5 * at_optimum(p, q)?]),
        )
}

/// The objective as the document prints it, at D*.
fn printed(p: &Gaussian, q: &Gaussian) -> prob::Result<f64> {
    let minus_log_d = |x| real_loss(optimal_logit(p, q, x));
    let quadrature = Quadrature::default();
    let on_real = quadrature.expectation(p, minus_log_d)?.value;
    Ok(1.0 + quadrature.expectation(q, minus_log_d)?.value - on_real)
}

/// The value against the discriminator that was trained with the labels swapped.
fn swapped(p: &Gaussian, q: &Gaussian) -> prob::Result<f64> {
    value(p, q, |x| -optimal_logit(p, q, x))
}

/// Two Gaussians of one σ, their means `apart` standard deviations apart, and their total variation distance:
/// 2Φ(apart/2) − 1.
fn shifted(apart: f64) -> prob::Result<(Gaussian, Gaussian, f64)> {
    let sigma = 1.5;
    let (p, q) = (Gaussian::new(0.4, sigma)?, Gaussian::new(0.4 + sigma * apart, sigma)?);
    Ok((p, q, 2.0 * normal_cdf(0.5 * apart) - 1.0))
}

const APART: [f64; 6] = [0.0, 0.1, 0.7, 2.0, 5.0, 60.0];

/// (p, q) ↦ a divergence
type Divergence = fn(&Gaussian, &Gaussian) -> prob::Result<f64>;

pub(super) fn divergence_bounds() -> Claim<Divergence> {
    claim("gan/divergence-bounds")
        .says("0 ≤ ½ TV² ≤ JSD ≤ log 2 · TV ≤ log 2, where TV is the total variation distance")
        .settles("gan-value", Verdict::Corrected)
        .after("Lin 1991, Theorem 3 (the upper bound); Pinsker's inequality for both halves (the lower one)")
        .bound(
            Tolerance::relative(1e-10).or_absolute(1e-13),
            |divergence: &Subject<Divergence>, margins| {
                for apart in APART {
                    let (p, q, tv) = shifted(apart)?;
                    let jsd = divergence.output(|divergence| divergence(&p, &q))?;
                    margins.at_least(format!("from below, {apart} σ apart"), jsd, 0.5 * tv * tv);
                    margins.at_least(format!("from above, {apart} σ apart"), 2f64.ln() * tv, jsd);
                }
                Ok(())
            },
        )
        .holds_for(jensen_shannon as Divergence)
        .fails_for(
            "one-kl",
            "This is KL(p ‖ q), which grows without limit as the two come apart: compare each with ½(p + q).",
            |p, q| Ok(p.kl(q)),
        )
        .fails_for(
            "no-halves",
            "The two divergences from the middle were added without the ½ of each: the Jensen–Shannon divergence is \
             their mean.",
            |p, q| Ok(2.0 * jensen_shannon(p, q)?),
        )
        .fails_for(
            "root",
            "This is the square root, the Jensen–Shannon distance that some libraries return: square it.",
            |p, q| Ok(jensen_shannon(p, q)?.max(0.0).sqrt()),
        )
        .fails_for(
            "bits",
            "These are bits, of which the largest value is 1: in nats it is log 2.",
            |p, q| Ok(jensen_shannon(p, q)? / 2f64.ln()),
        )
}

pub(super) fn equilibrium() -> Claim<Divergence> {
    claim("gan/equilibrium")
        .says(
            "V(D*, G) + log 4 lies between TV² and 2 log 2 · TV: it is 0 where the generator has the data's \
             distribution, and nowhere else",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .after("Goodfellow et al. 2014, Theorem 1")
        .bound(
            Tolerance::relative(1e-10).or_absolute(1e-13),
            |value: &Subject<Divergence>, margins| {
                for apart in APART {
                    let (p, q, tv) = shifted(apart)?;
                    let above = value.output(|value| value(&p, &q))? + 4f64.ln();
                    margins.at_least(format!("from below, {apart} σ apart"), above, tv * tv);
                    margins.at_least(format!("from above, {apart} σ apart"), 4f64.ln() * tv, above);
                }
                Ok(())
            },
        )
        .holds_for(at_optimum as Divergence)
        .fails_for("printed", PRINTED, printed)
        .fails_for("swapped-labels", SWAPPED_LABELS, swapped)
        .fails_for(
            "always-half",
            "A discriminator that always says ½ is the best one at the equilibrium only: elsewhere it hides the \
             distance that is left.",
            |p, q| value(p, q, |_| 0.0),
        )
        .fails_for(
            "zero-loss",
            "The equilibrium was taken to be where the loss is 0: that is where the discriminator knows everything; at \
             the equilibrium the value is −log 4.",
            |p, q| Ok(at_optimum(p, q)? + 4f64.ln()),
        )
}

/// (θ, x) ↦ D*(x) for N(0, 1) against N(θ, 1)
type Logistic = fn(f64, f64) -> f64;

pub(super) fn logistic() -> Claim<Logistic> {
    claim("gan/logistic")
        .says("For data N(0, 1) and a generator N(θ, 1) the best discriminator is σ(θ²/2 − θx)")
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .exact(Tolerance::relative(1e-12), |logistic: &Subject<Logistic>, cases| {
            for theta in [-2.0, -0.4, 0.0, 0.9, 3.0] {
                for x in [-1.7, -0.2, 0.0, 0.6, 1.5, 2.4] {
                    let density = |mean: f64| (-0.5 * (x - mean) * (x - mean)).exp();
                    let bayes = density(0.0) / (density(0.0) + density(theta));
                    let measured = logistic.output(|logistic| logistic(theta, x));
                    cases.equal(format!("θ = {theta}, x = {x}"), measured, bayes);
                }
            }
            Ok(())
        })
        .holds_for(logistic_discriminator as Logistic)
        .fails_for("swapped-labels", SWAPPED_LABELS, |theta, x| {
            1.0 - logistic_discriminator(theta, x)
        })
        .fails_for(
            "no-half",
            "The ½ is missing: log p − log q = −½x² + ½(x − θ)² = θ²/2 − θx.",
            |theta, x| nn::Scalar::sigmoid(theta * theta - theta * x),
        )
        .fails_for(
            "no-constant",
            "The constant θ²/2 is missing: D* is one half in the middle between the means, not at the data's mean.",
            |theta, x| nn::Scalar::sigmoid(-theta * x),
        )
        .fails_for(
            "already-at-the-equilibrium",
            "One half everywhere is the answer at θ = 0, the equilibrium; before that D* depends on x.",
            |_, _| 0.5,
        )
}
