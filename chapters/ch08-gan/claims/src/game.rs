//! The value of the game and its optimum.

use std::f64::consts::LN_2;
use std::sync::LazyLock;

use autodiff::F1;
use claims::{Claim, Domain, Subject, Tolerance, Verdict, claim, domain, real, scale, signed};
use nn::Scalar;
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

/// Densities of data and generator at a point.
fn densities() -> [claims::Variable; 2] {
    [scale("p", 1e-6..=1e3), scale("q", 1e-6..=1e3)]
}

pub(super) fn printed_objective() -> Claim<Payoff> {
    let [p, q] = densities();
    let named = DENSITIES.into_iter().flat_map(|[p, q]| [-40.0, -7.0, 0.0, 7.0].map(|l| [p, q, l]));
    claim("gan/printed-objective")
        .says(
            "p log D + q log(1 − D) is at most p log p/(p+q) + q log q/(p+q), whatever the two densities are, and it is \
             that at D = p/(p+q)",
        )
        .settles("gan-value", Verdict::Corrected)
        .for_every(domain([p, q, real("logit of D", -40.0..=30.0)]).with(named))
        // In units of p + q, which both sides are proportional to.
        .bound(Tolerance::absolute(1e-14), |payoff: &Subject<Payoff>, [p, q, logit], margins| {
            let share = |of: f64, other: f64| -of * (other / of).ln_1p() / (p + q);
            let best = share(p, q) + share(q, p);
            let at = |d: f64| payoff.output(|payoff| payoff(p, q, d) / (p + q));
            margins.at_least("reached", at(p / (p + q)), best);
            margins.at_least("no more", best, at(Scalar::sigmoid(logit)));
            Ok(())
        })
        .holds_for(payoff as Payoff)
        .fails_for("printed", PRINTED, as_printed)
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

/// What the printed objective adds at a point.
fn as_printed(p: f64, q: f64, d: f64) -> f64 {
    p * d.ln() + q * (1.0 - d.ln())
}

pub(super) fn no_maximum() -> Claim<Payoff> {
    let [p, q] = densities();
    claim("gan/no-maximum")
        .says(
            "With 1 − log D in place of log(1 − D) the answer D = e^(−t) adds q + (q − p)t: where q > p that grows \
             without limit with t, and no answer is the best one",
        )
        .settles("gan-value", Verdict::Corrected)
        .for_every(
            domain([p, q, real("t", 0.0..=700.0)]).with(DENSITIES.map(|[p, q]| [p, q, 70.0])),
        )
        // In units of the terms that are added.
        .exact(Tolerance::absolute(1e-14), |payoff: &Subject<Payoff>, [p, q, t], cases| {
            let size = (p + q) * (1.0 + t);
            let added = payoff.output(|payoff| payoff(p, q, (-t).exp()) / size);
            cases.equal("", added, (q + (q - p) * t) / size);
            Ok(())
        })
        .holds_for(as_printed as Payoff)
        .fails_for(
            "as-meant",
            "This is log(1 − D), as the objective is meant: it does have a best answer, p/(p + q).",
            payoff,
        )
        .fails_for(
            "on-both",
            "The parenthesis is in the wrong place in both terms: the first one, log D, is printed as it should be.",
            |p, q, d| p * (1.0 - d.ln()) + q * (1.0 - d.ln()),
        )
        .fails_for(
            "no-constant",
            "The 1 was left out: 1 − log D, in the printed form, is 1 where the answer is D = 1.",
            |p, q, d| (p - q) * d.ln(),
        )
}

/// (p, q) ↦ the best answer where the densities are these
type Answer = fn(f64, f64) -> f64;

pub(super) fn optimal_discriminator() -> Claim<Answer> {
    claim("gan/optimal-discriminator")
        .says("The discriminator that makes the value of the game largest is D* = p/(p + q), point by point")
        .settles("gan-value", Verdict::Corrected)
        .for_every(domain(densities()).with(DENSITIES).with([[1e-5, 3.0], [2.0, 1e-4]]))
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-15),
            |answer: &Subject<Answer>, [p, q], cases| {
                cases.equal("", answer.output(|answer| answer(p, q)), by_bisection(p, q));
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

/// A Gaussian as data and one as generator, from μ and σ of the data, the distance of the means in units of that σ, and the
/// ratio of the two σ.
type Pair = [f64; 4];

fn gaussians([mean, sigma, apart, ratio]: Pair) -> prob::Result<(Gaussian, Gaussian)> {
    Ok((Gaussian::new(mean, sigma)?, Gaussian::new(mean + apart * sigma, ratio * sigma)?))
}

/// Every pair: nearly the same, overlapping, far apart; a narrow generator and a wide one.
fn pairs() -> Domain<4> {
    domain([
        real("μ of the data", -3.0..=3.0),
        scale("its σ", 0.1..=10.0),
        signed("distance of the means/σ", 1e-3..=60.0),
        scale("ratio of the σ", 0.05..=20.0),
    ])
    .with([0.0, 0.1, 0.7, 2.0, 5.0, 60.0].map(|apart| [0.4, 1.5, apart, 1.0]))
}

/// Six pairs of another program's, with the Jensen–Shannon divergence and the value.
static SIX: LazyLock<Vec<(Pair, [f64; 2])>> = LazyLock::new(|| {
    let pair = |case: &reference::Game| {
        let sigma = case.log_sigma_data.exp();
        let apart = (case.mu_gen - case.mu_data) / sigma;
        [case.mu_data, sigma, apart, (case.log_sigma_gen - case.log_sigma_data).exp()]
    };
    let values = reference::gan_values().unwrap_or_default();
    values.iter().map(|case| (pair(case), [case.jsd, case.value_at_optimal_d])).collect()
});

pub(super) fn value_at_optimum() -> Claim<Optimum> {
    claim("gan/value-at-optimum")
        .says(
            "V(D*, G) = −log 4 + 2 JSD(p, q) for every two Gaussians; at six pairs another program, with 40 digits, has the \
             same JSD and the same V",
        )
        .settles("gan-value", Verdict::Corrected)
        .for_every(pairs().with(SIX.iter().map(|(pair, _)| *pair)))
        .exact(
            Tolerance::relative(1e-10).because(
                "the quadrature is asked for eleven digits and mostly delivers fifteen",
            ),
            |optimum: &Subject<Optimum>, pair, cases| {
                let (p, q) = gaussians(pair)?;
                let [jsd, value] = optimum.output(|optimum| optimum(&p, &q))?;
                cases.equal("V − 2 JSD", value - 2.0 * jsd, -4f64.ln());
                if SIX.is_empty() {
                    return Err("the other program's values are missing".into());
                }
                if let Some((_, known)) = SIX.iter().find(|(known, _)| *known == pair) {
                    cases.equal("JSD", jsd, known[0]);
                    cases.equal("V", value, known[1]);
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

/// ½ ∫ |p − q|, from the places at which the two densities are equal: roots of a square polynomial.
fn total_variation([_, _, apart, ratio]: Pair) -> f64 {
    // log p − log q = ax² + bx + c for p = N(0, 1) and q = N(apart, ratio²)
    let precision = (ratio * ratio).recip();
    let (a, b) = (0.5 * (precision - 1.0), -apart * precision);
    let c = 0.5 * apart * apart * precision + ratio.ln();
    let between = |x: f64, y: f64| {
        let of =
            |mean: f64, sigma: f64| normal_cdf((y - mean) / sigma) - normal_cdf((x - mean) / sigma);
        (of(0.0, 1.0) - of(apart, ratio)).abs()
    };
    if a == 0.0 {
        return if b == 0.0 { 0.0 } else { between(-c / b, f64::INFINITY) };
    }
    // The larger part first, so that nothing cancels.
    let large = -0.5 * (b + (b * b - 4.0 * a * c).max(0.0).sqrt().copysign(b));
    let (x, y) = (large / a, if large == 0.0 { 0.0 } else { c / large });
    between(x.min(y), x.max(y))
}

/// (p, q) ↦ a divergence
type Divergence = fn(&Gaussian, &Gaussian) -> prob::Result<f64>;

pub(super) fn divergence_bounds() -> Claim<Divergence> {
    claim("gan/divergence-bounds")
        .says(
            "0 ≤ ½ TV² ≤ JSD ≤ log 2 · TV ≤ log 2, where TV is the total variation distance, for every two Gaussians, far \
             apart or nearly the same",
        )
        .settles("gan-value", Verdict::Corrected)
        .after("Lin 1991, Theorem 3 (the upper bound); Pinsker's inequality for both halves (the lower one)")
        .for_every(pairs())
        .bound(
            Tolerance::relative(1e-10).or_absolute(1e-13),
            |divergence: &Subject<Divergence>, pair, margins| {
                let ((p, q), tv) = (gaussians(pair)?, total_variation(pair));
                let jsd = divergence.output(|divergence| divergence(&p, &q))?;
                margins.at_least("from below", jsd, 0.5 * tv * tv);
                margins.at_least("from above", LN_2 * tv, jsd);
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
            "V(D*, G) + log 4 lies between TV² and 2 log 2 · TV for every two Gaussians: it is 0 where the generator has \
             the data's distribution, and nowhere else",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .after("Goodfellow et al. 2014, Theorem 1")
        .for_every(pairs())
        .bound(
            Tolerance::relative(1e-10).or_absolute(1e-13),
            |value: &Subject<Divergence>, pair, margins| {
                let ((p, q), tv) = (gaussians(pair)?, total_variation(pair));
                let above = value.output(|value| value(&p, &q))? + 4f64.ln();
                margins.at_least("from below", above, tv * tv);
                margins.at_least("from above", 4f64.ln() * tv, above);
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
        .for_every(
            domain([real("θ", -20.0..=20.0), real("x", -20.0..=20.0)])
                .with([[-2.0, -1.7], [0.0, 0.6], [0.9, 1.5], [3.0, 2.4]]),
        )
        .exact(Tolerance::relative(1e-12), |logistic: &Subject<Logistic>, [theta, x], cases| {
            let density = |mean: f64| (-0.5 * (x - mean) * (x - mean)).exp();
            let bayes = density(0.0) / (density(0.0) + density(theta));
            cases.equal("", logistic.output(|logistic| logistic(theta, x)), bayes);
            Ok(())
        })
        .holds_for(logistic_discriminator as Logistic)
        .fails_for("swapped-labels", SWAPPED_LABELS, |theta, x| {
            1.0 - logistic_discriminator(theta, x)
        })
        .fails_for(
            "no-half",
            "The ½ is missing: log p − log q = −½x² + ½(x − θ)² = θ²/2 − θx.",
            |theta, x| Scalar::sigmoid(theta * theta - theta * x),
        )
        .fails_for(
            "no-constant",
            "The constant θ²/2 is missing: D* is one half in the middle between the means, not at the data's mean.",
            |theta, x| Scalar::sigmoid(-theta * x),
        )
        .fails_for(
            "already-at-the-equilibrium",
            "One half everywhere is the answer at θ = 0, the equilibrium; before that D* depends on x.",
            |_, _| 0.5,
        )
}
