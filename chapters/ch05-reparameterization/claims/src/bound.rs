//! The gradient of the bound from one draw.

use std::sync::LazyLock;

use claims::{Claim, Domain, Subject, Tolerance, Verdict, claim, domain, real, signed};
use prob::gaussian::log_density;
use prob::{GaussHermite, Gaussian, Quadrature};

use super::witness::{
    Estimator, Tanh, Through, any_model, at, tanh_derivative, tanh_draw, tanh_elbo_gradient,
};
use ch05_reparameterization::{
    Draw, closed_kl_derivative, detached_derivative, path_derivative, pathwise_gradient,
    score_function_derivative, total_derivative,
};

const ENTROPY: &str = "The −log q was left out: log q(z) falls by ½ with each unit of log σ², wherever the \
    noise is, so the derivative by log σ² has the term +½.";

/// The total derivative without −log q.
pub(super) fn no_entropy(draw: &Draw) -> [f64; 2] {
    pathwise_gradient(draw.slope, draw.noise, draw.log_var)
}

const BY_LOG_SIGMA: &str =
    "This is the derivative by log σ; log σ² = 2 log σ, so by log σ² it is half as large.";

fn by_log_sigma([by_mean, by_log_var]: [f64; 2]) -> [f64; 2] {
    [by_mean, 2.0 * by_log_var]
}

const NOT_SCALED: &str = "∂z/∂log σ² is ½σε; the σ is missing.";

fn not_scaled(draw: &Draw) -> [f64; 2] {
    [draw.slope, 0.5 * draw.noise * draw.slope + 0.5]
}

pub(super) const Z_DETACHED: &str = "The draw was detached from the parameters, and what is left, minus the score, has \
    mean 0 whatever the gradient: write z = μ + σε inside the differentiated computation.";

/// A mean over the noise in a linear-Gaussian model: of integrands up to the fourth degree in the noise, which three nodes
/// integrate exactly.
fn mean(of: impl Fn(f64) -> f64) -> f64 {
    RULE.expectation(&Gaussian::standard(), of)
}

static RULE: LazyLock<GaussHermite> =
    LazyLock::new(|| GaussHermite::new(3).expect("three nodes are a rule"));

/// The mean is the gradient of the bound.
fn has_the_exact_mean(
    estimator: &Subject<Estimator>,
    case: [f64; 5],
    cases: &mut claims::Cases<'_>,
) -> claims::Check {
    let (model, q) = at(case);
    let measured = estimator.output(|estimator| {
        [0, 1].map(|which| mean(|noise| estimator(&model.draw(q[0], q[1], noise))[which]))
    });
    cases.all_equal("mean", &measured, &model.elbo_gradient(q[0], q[1]));
    Ok(())
}

/// A draw ↦ an estimate of the bound's gradient, and what is left of it with the draw detached
type WithAndWithout = fn(&Draw) -> [[f64; 2]; 2];

pub(super) fn detached() -> Claim<WithAndWithout> {
    claim("reparameterization/detached-sample")
        .says(
            "With z = μ + σε the derivative of one draw has the bound's gradient as its mean. With z \
             detached it is not missing but wrong: of mean 0, whatever the gradient, and of variance 1/σ² \
             and ½",
        )
        .settles("rp-blocks", Verdict::Holds)
        .for_every(any_model())
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-11),
            |estimators: &Subject<WithAndWithout>, case, cases| {
                let (model, q) = at(case);
                let draw = |noise| model.draw(q[0], q[1], noise);
                let means = |part: usize, power| {
                    estimators.output(|of| {
                        [0, 1].map(|which| mean(|noise| of(&draw(noise))[part][which].powi(power)))
                    })
                };
                let gradient = model.elbo_gradient(q[0], q[1]);
                cases.all_equal("mean", &means(0, 1), &gradient);
                cases.all_equal("mean with z detached", &means(1, 1), &[0.0, 0.0]);
                cases.all_equal("its variance", &means(1, 2), &[(-q[1]).exp(), 0.5]);
                Ok(())
            },
        )
        .holds_for((|draw| [total_derivative(draw), detached_derivative(draw)]) as WithAndWithout)
        .fails_for("z-detached", Z_DETACHED, |draw| [detached_derivative(draw); 2])
        .fails_for(
            "z-detached-closed-kl",
            "With the draw detached only the divergence in closed form is differentiated: the data never \
             reach the parameters of q, which drift to the prior.",
            |draw| [[-draw.mean, -0.5 * draw.log_var.exp_m1()], detached_derivative(draw)],
        )
        .fails_for(
            "sigma-detached",
            "σ was detached where the draw is made, so that log σ² sees only −log q and the variance grows \
             without end: differentiate σε, too.",
            |draw| [[draw.slope, 0.5], detached_derivative(draw)],
        )
        .fails_for(
            "mean-detached",
            "The mean was detached where the draw is made: nothing else carries its gradient.",
            |draw| [[0.0, total_derivative(draw)[1]], detached_derivative(draw)],
        )
        .fails_for("no-entropy", ENTROPY, |draw| [no_entropy(draw), detached_derivative(draw)])
        .fails_for(
            "nothing-left",
            "With the draw detached the derivative was taken for 0: log q still depends on the parameters, \
             and leaves minus the score.",
            |draw| [total_derivative(draw), [0.0, 0.0]],
        )
}

pub(super) fn total_by_dual_numbers() -> Claim<Estimator> {
    claim("reparameterization/total-derivative")
        .says(
            "Through z and the parameters of log q, log p(x, z) − log q(z) has the derivatives \
             ∂ log p(x, z)/∂z by μ and ½σε ∂ log p(x, z)/∂z + ½ by log σ²",
        )
        .settles("rp-unbiased", Verdict::Holds)
        .for_every(one_draw())
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |estimator: &Subject<Estimator>, case, cases| {
                by_dual_numbers(estimator, case, cases, Through::Both)
            },
        )
        .holds_for(total_derivative as Estimator)
        .fails_for("no-entropy", ENTROPY, no_entropy)
        .fails_for("by-log-sigma", BY_LOG_SIGMA, |draw| by_log_sigma(total_derivative(draw)))
        .fails_for("noise-not-scaled", NOT_SCALED, not_scaled)
        .fails_for(
            "parameters-detached",
            "The parameters of log q were detached: that gives the path derivative, which has the same mean \
             and another value in every draw.",
            path_derivative,
        )
        .fails_for("z-detached", Z_DETACHED, detached_derivative)
}

/// One draw from any q, in the model with a tanh decoder: x, gain, μ, log σ², ε.
pub(super) fn one_draw() -> Domain<5> {
    domain([
        signed("x", 1e-2..=3.0),
        signed("gain", 1e-2..=3.0),
        signed("μ", 1e-2..=3.0),
        real("log σ²", -4.0..=2.0),
        signed("ε", 1e-3..=4.0),
    ])
    .with([
        [0.7, 2.0, 0.3, -1.0, -1.7],
        [0.7, 2.0, -0.8, 0.4, 0.6],
        [0.7, 2.0, 1.1, -2.2, 2.1],
    ])
}

pub(super) fn by_dual_numbers(
    estimator: &Subject<Estimator>,
    [x, gain, mean, log_var, noise]: [f64; 5],
    cases: &mut claims::Cases<'_>,
    through: Through,
) -> claims::Check {
    let (model, q) = (Tanh { x, gain }, [mean, log_var]);
    let measured = estimator.output(|e| e(&tanh_draw(model, q, noise)));
    cases.all_equal("", &measured, &tanh_derivative(model, q, noise, through));
    Ok(())
}

/// A model and a draw in it ↦ an estimate of the bound's gradient
type InModel = fn(Tanh, &Draw) -> [f64; 2];

pub(super) fn unbiased() -> Claim<InModel> {
    claim("reparameterization/unbiased")
        .says(
            "The mean over the noise of the total derivative is the gradient of the bound, in models with a \
             tanh decoder as well",
        )
        .settles("rp-unbiased", Verdict::Holds)
        .after("Kingma & Welling 2014; Rezende, Mohamed & Wierstra 2014")
        .for_every(
            domain([
                signed("x", 1e-2..=3.0),
                signed("gain", 1e-2..=3.0),
                signed("μ", 1e-2..=3.0),
                real("log σ²", -4.0..=2.0),
            ])
            .with([[0.7, 2.0, 0.3, -1.0], [0.7, 2.0, -0.8, 0.4], [0.7, 2.0, 1.1, -2.2]])
            .cases(80),
        )
        .exact(
            Tolerance::relative(1e-8).or_absolute(1e-8).because(
                "the mean is an adaptive quadrature that is asked for twelve digits, and the gradients are \
                 differences of larger terms",
            ),
            |estimator: &Subject<InModel>, [x, gain, mean, log_var], cases| {
                let (model, q) = (Tanh { x, gain }, [mean, log_var]);
                let quadrature = Quadrature { relative_tolerance: 1e-12, ..Quadrature::default() };
                let measured = estimator.output(|estimator| {
                    [0, 1].map(|which| {
                        let component =
                            |noise| estimator(model, &tanh_draw(model, q, noise))[which];
                        let mean = quadrature.expectation(&Gaussian::standard(), component);
                        mean.map_or(f64::NAN, |mean| mean.value)
                    })
                });
                cases.all_equal("mean", &measured, &tanh_elbo_gradient(model, q));
                Ok(())
            },
        )
        .holds_for((|_, draw| total_derivative(draw)) as InModel)
        .fails_for("no-entropy", ENTROPY, |_, draw| no_entropy(draw))
        .fails_for("noise-not-scaled", NOT_SCALED, |_, draw| not_scaled(draw))
        .fails_for("by-log-sigma", BY_LOG_SIGMA, |_, draw| by_log_sigma(total_derivative(draw)))
        .fails_for(
            "log-q-added",
            "log q was added: the bound has log p(x, z) − log q(z).",
            |_, draw| {
                let [by_mean, by_log_var] = total_derivative(draw);
                [by_mean, by_log_var - 1.0]
            },
        )
        .fails_for(
            "slope-at-the-mean",
            "The slope was taken at the mean instead of at the draw: E f′(z) is f′(E z) only where f is \
             quadratic.",
            |model, draw| {
                let slope = tanh_draw(model, [draw.mean, -80.0], 0.0).slope;
                total_derivative(&Draw { slope, ..*draw })
            },
        )
}

pub(super) fn closed_kl() -> Claim<Estimator> {
    claim("reparameterization/closed-kl")
        .says(
            "With KL(q ‖ N(0, 1)) differentiated in closed form and only log p(x | z) from the draw, the \
             mean is the same gradient",
        )
        .after("Kingma & Welling 2014, equation 7")
        .for_every(any_model())
        .exact(Tolerance::relative(1e-12).or_absolute(1e-11), has_the_exact_mean)
        .holds_for(closed_kl_derivative as Estimator)
        .fails_for(
            "prior-twice",
            "The divergence from the prior was subtracted, but the slope is that of log p(x, z), which has \
             the prior in it already: use the slope of log p(x | z).",
            |draw| {
                let likelihood_with_prior = no_entropy(draw);
                [
                    likelihood_with_prior[0] - draw.mean,
                    likelihood_with_prior[1] - 0.5 * draw.log_var.exp_m1(),
                ]
            },
        )
        .fails_for(
            "kl-added",
            "The divergence was added: it is subtracted from the reconstruction.",
            |draw| {
                let [by_mean, by_log_var] = closed_kl_derivative(draw);
                [by_mean + 2.0 * draw.mean, by_log_var + draw.log_var.exp_m1()]
            },
        )
        .fails_for(
            "kl-by-log-sigma",
            "The divergence was differentiated by log σ: by log σ² it gives ½(σ² − 1), not σ² − 1.",
            |draw| {
                let [by_mean, by_log_var] = closed_kl_derivative(draw);
                [by_mean, by_log_var - 0.5 * draw.log_var.exp_m1()]
            },
        )
}

pub(super) fn score_function() -> Claim<Estimator> {
    claim("reparameterization/score-function")
        .says(
            "(log p(x, z) − log q(z)) times the score has the same mean, without a slope of log p: the \
             derivative of log q itself adds 0",
        )
        .after("Williams 1992")
        .for_every(any_model())
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-9).because(
                "the mean of log-weights of up to some thousands, times scores, can be small",
            ),
            has_the_exact_mean,
        )
        .holds_for(score_function_derivative as Estimator)
        .fails_for(
            "no-log-q",
            "The score was multiplied by log p(x, z) alone: −log q belongs to the value, too, and its part \
             of the gradient by log σ² is ½.",
            |draw| {
                let log_q = log_density(draw.z(), draw.mean, draw.log_var);
                let log_joint = draw.log_weight + log_q;
                score_function_derivative(&Draw { log_weight: log_joint, ..*draw })
            },
        )
        .fails_for(
            "not-divided",
            "The score by the mean is ε/σ; the division by σ is missing.",
            |draw| {
                let [by_mean, by_log_var] = score_function_derivative(draw);
                [by_mean * draw.sigma(), by_log_var]
            },
        )
        .fails_for(
            "not-centred",
            "The score by log σ² is ½(ε² − 1), with mean 0; without the −1 the value itself leaks in.",
            |draw| {
                let [by_mean, by_log_var] = score_function_derivative(draw);
                [by_mean, by_log_var + 0.5 * draw.log_weight]
            },
        )
}
