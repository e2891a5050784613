//! The gradient of the bound from one draw.

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim};
use prob::gaussian::log_density;
use prob::{GaussHermite, Gaussian, Quadrature};
use rand::Rng as _;

use super::witness::{
    Estimator, MODELS, POSTERIORS, Through, tanh_derivative, tanh_draw, tanh_elbo_gradient,
};
use ch05_reparameterization::{
    Draw, LinearGaussian, closed_kl_derivative, detached_derivative, path_derivative,
    pathwise_gradient, score_function_derivative, total_derivative,
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

/// The means over the noise of both components in a linear-Gaussian model: integrands quadratic in the
/// noise, which three nodes integrate exactly.
fn means(
    estimator: &Subject<Estimator>,
    model: &LinearGaussian,
    [mean, log_var]: [f64; 2],
) -> Result<[f64; 2], CheckError> {
    let rule = GaussHermite::new(3)?;
    Ok(estimator.output(|estimator| {
        [0, 1].map(|which| {
            let component = |noise| estimator(&model.draw(mean, log_var, noise))[which];
            rule.expectation(&Gaussian::standard(), component)
        })
    }))
}

/// In every model, at fixed and at random q: the mean is the gradient of the bound.
fn has_the_exact_mean(
    estimator: &Subject<Estimator>,
    cases: &mut claims::Cases<'_>,
) -> claims::Check {
    let mut rng = cases.rng(0);
    for model in MODELS {
        let random = [rng.random_range(-2.0..2.0), rng.random_range(-2.0..1.0)];
        for at in POSTERIORS.into_iter().chain([random]) {
            let measured = means(estimator, &model, at)?;
            let exact = model.elbo_gradient(at[0], at[1]);
            cases.all_equal(&format!("{model:?}, q at {at:?}"), &measured, &exact);
        }
    }
    Ok(())
}

pub(super) fn detached() -> Claim<Estimator> {
    claim("reparameterization/detached-sample")
        .says(
            "With z = μ + σε the derivative of one draw has the bound's gradient as its mean; with z \
             detached it is a wrong number, not a missing one",
        )
        .settles("rp-blocks", Verdict::Holds)
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-13),
            has_the_exact_mean,
        )
        .holds_for(total_derivative as Estimator)
        .fails_for("z-detached", Z_DETACHED, detached_derivative)
        .fails_for(
            "z-detached-closed-kl",
            "With the draw detached only the divergence in closed form is differentiated: the data never \
             reach the parameters of q, which drift to the prior.",
            |draw| [-draw.mean, -0.5 * draw.log_var.exp_m1()],
        )
        .fails_for(
            "sigma-detached",
            "σ was detached where the draw is made, so that log σ² sees only −log q and the variance grows \
             without end: differentiate σε, too.",
            |draw| [draw.slope, 0.5],
        )
        .fails_for(
            "mean-detached",
            "The mean was detached where the draw is made: nothing else carries its gradient.",
            |draw| [0.0, total_derivative(draw)[1]],
        )
        .fails_for("no-entropy", ENTROPY, no_entropy)
}

pub(super) fn total_by_dual_numbers() -> Claim<Estimator> {
    claim("reparameterization/total-derivative")
        .says(
            "Through z and the parameters of log q, log p(x, z) − log q(z) has the derivatives \
             ∂ log p(x, z)/∂z by μ and ½σε ∂ log p(x, z)/∂z + ½ by log σ²",
        )
        .settles("rp-unbiased", Verdict::Holds)
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-13),
            |estimator: &Subject<Estimator>, cases| by_dual_numbers(estimator, cases, Through::Both),
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

pub(super) fn by_dual_numbers(
    estimator: &Subject<Estimator>,
    cases: &mut claims::Cases<'_>,
    through: Through,
) -> claims::Check {
    let mut rng = cases.rng(0);
    let random = (0..8).map(|_| [rng.random_range(-1.5..1.5), rng.random_range(-2.0..1.0)]);
    let places: Vec<[f64; 2]> = POSTERIORS.into_iter().chain(random).collect();
    for at in places {
        for noise in [-1.7, -0.3, 0.6, 2.1] {
            let measured = estimator.output(|e| e(&tanh_draw(at[0], at[1], noise)));
            let expected = tanh_derivative(at, noise, through);
            cases.all_equal(&format!("q at {at:?}, ε = {noise}"), &measured, &expected);
        }
    }
    Ok(())
}

pub(super) fn unbiased() -> Claim<Estimator> {
    claim("reparameterization/unbiased")
        .says(
            "The mean over the noise of the total derivative is the gradient of the bound, in a model with \
             a tanh decoder as well",
        )
        .settles("rp-unbiased", Verdict::Holds)
        .after("Kingma & Welling 2014; Rezende, Mohamed & Wierstra 2014")
        .exact(
            Tolerance::relative(1e-9).or_absolute(1e-10).because(
                "the mean is an adaptive quadrature that is asked for eleven digits, and the gradients are \
                 differences of larger terms",
            ),
            |estimator: &Subject<Estimator>, cases| {
                for at in POSTERIORS {
                    let measured = estimator.output(|estimator| {
                        [0, 1].map(|which| {
                            let component = |noise| estimator(&tanh_draw(at[0], at[1], noise))[which];
                            let mean =
                                Quadrature::default().expectation(&Gaussian::standard(), component);
                            mean.map_or(f64::NAN, |mean| mean.value)
                        })
                    });
                    let exact = tanh_elbo_gradient(at);
                    cases.all_equal(&format!("tanh decoder, q at {at:?}"), &measured, &exact);
                }
                Ok(())
            },
        )
        .holds_for(total_derivative as Estimator)
        .fails_for("no-entropy", ENTROPY, no_entropy)
        .fails_for("noise-not-scaled", NOT_SCALED, not_scaled)
        .fails_for("by-log-sigma", BY_LOG_SIGMA, |draw| by_log_sigma(total_derivative(draw)))
        .fails_for(
            "log-q-added",
            "log q was added: the bound has log p(x, z) − log q(z).",
            |draw| {
                let [by_mean, by_log_var] = total_derivative(draw);
                [by_mean, by_log_var - 1.0]
            },
        )
        .fails_for(
            "slope-at-the-mean",
            "The slope was taken at the mean instead of at the draw: E f′(z) is f′(E z) only where f is \
             quadratic.",
            |draw| total_derivative(&Draw { slope: tanh_draw(draw.mean, -80.0, 0.0).slope, ..*draw }),
        )
}

pub(super) fn closed_kl() -> Claim<Estimator> {
    claim("reparameterization/closed-kl")
        .says(
            "With KL(q ‖ N(0, 1)) differentiated in closed form and only log p(x | z) from the draw, the \
             mean is the same gradient",
        )
        .after("Kingma & Welling 2014, equation 7")
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-13),
            has_the_exact_mean,
        )
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
        .exact(Tolerance::relative(1e-11).or_absolute(1e-12), has_the_exact_mean)
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
