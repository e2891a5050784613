//! The gradient of the ELBO as an expectation under q.

use std::sync::LazyLock;

use claims::{
    CheckError, Claim, Expected, Subject, Tolerance, Verdict, claim, domain, one_of, real, scale,
    whole,
};
use prob::{GaussHermite, Gaussian};

use super::reference::{self, Case};
use super::{means, sigmas};
use ch04_score_function::{LinearGaussian, Parameter, score, score_function_gradient};

/// (parameter, q of one coordinate, z of that coordinate, log p(x, z), log q(z)) ↦ an estimate of the
/// gradient of the ELBO from one draw
type Estimator = fn(Parameter, &Gaussian, f64, f64, f64) -> f64;

fn estimate(parameter: Parameter, q: &Gaussian, z: f64, log_joint: f64, log_q: f64) -> f64 {
    score_function_gradient(parameter, q, z, log_joint - log_q)
}

const MISSING_LOG: &str = "The derivative of q, instead of log q, was averaged under draws from q: ∂q = \
    q ∂log q, and the factor q is what the draws are for.";
const NOT_DETACHED: &str = "log q(z)·f was differentiated as a whole, so that f's own −log q was, too: detach \
    f, which is a number here.";
const SAMPLE_NOT_DETACHED: &str = "The draw z = μ + σε was left in the graph: log q(z) then depends on the \
    parameters through z as well, which cancels the score; detach z.";

fn missing_log(parameter: Parameter, q: &Gaussian, z: f64, log_joint: f64, log_q: f64) -> f64 {
    q.log_density(z).exp() * estimate(parameter, q, z, log_joint, log_q)
}

fn not_detached(parameter: Parameter, q: &Gaussian, z: f64, log_joint: f64, log_q: f64) -> f64 {
    estimate(parameter, q, z, log_joint, log_q) - log_q * score(parameter, q, z)
}

/// d log q(μ + σε) = −½ d log σ²: all that is left.
fn sample_not_detached(parameter: Parameter, _: &Gaussian, _: f64, log_p: f64, log_q: f64) -> f64 {
    match parameter {
        Parameter::Mean => 0.0,
        Parameter::LogVar => -0.5 * (log_p - log_q),
    }
}

/// The expectation of an estimator for one coordinate of the reference model. Four nodes integrate the
/// product of two quadratics exactly.
fn expectation(
    case: &Case,
    coordinate: usize,
    parameter: Parameter,
    estimator: &Subject<Estimator>,
) -> Result<f64, CheckError> {
    let (mean, log_var) = (case.q.mean()[coordinate], case.q.log_var()[coordinate]);
    let q = Gaussian::from_log_var(mean, log_var)?;
    Ok(GaussHermite::new(4)?.expectation_diagonal(&case.q, |z| {
        let log_q = case.q.log_density(z).unwrap_or(f64::NAN);
        let log_joint = case.log_joint(z);
        estimator.output(|f| f(parameter, &q, z[coordinate], log_joint, log_q))
    }))
}

static CASES: LazyLock<Result<Vec<Case>, CheckError>> = LazyLock::new(reference::cases);

/// A model of the file of reference values.
fn case(number: f64) -> Result<&'static Case, CheckError> {
    let cases = CASES.as_ref().map_err(ToString::to_string)?;
    Ok(cases.get(number as usize).ok_or("there is no such model")?)
}

pub(super) fn gradient() -> Claim<Estimator> {
    claim("score-function/elbo-gradient")
        .says(
            "The gradient of the ELBO is E_q[∂ log q(z) · log p(x, z)/q(z)], as computed by another program \
             for ten linear-Gaussian models in two and three dimensions",
        )
        .settles("sf-unbiased", Verdict::Holds)
        .for_every(domain([whole("model", 0..=9)]))
        .exact(
            Tolerance::relative(1e-10)
                .or_absolute(1e-10)
                .because("the reference values carry ten digits behind the point after cancellation"),
            |estimator: &Subject<Estimator>, [number], cases| {
                let case = case(number)?;
                // That the model is read as it was meant.
                let rule = GaussHermite::new(4)?;
                let joint = rule.expectation_diagonal(&case.q, |z| case.log_joint(z));
                cases.equal("ELBO", joint + case.q.entropy(), case.elbo);
                for (parameter, exact) in Parameter::BOTH.into_iter().zip(&case.gradient) {
                    for (coordinate, &exact) in exact.iter().enumerate() {
                        let measured = expectation(case, coordinate, parameter, estimator)?;
                        let label = format!("{} [{coordinate}]", parameter.symbol());
                        cases.equal(label, measured, exact);
                    }
                }
                Ok(())
            },
        )
        .holds_for(estimate as Estimator)
        .fails_for("missing-log", MISSING_LOG, missing_log)
        .fails_for("not-detached", NOT_DETACHED, not_detached)
        .fails_for("sample-not-detached", SAMPLE_NOT_DETACHED, sample_not_detached)
        .fails_for(
            "entropy-forgotten",
            "Only log p(x, z) multiplies the score: the ELBO's f is log p(x, z) − log q(z).",
            |parameter, q, z, log_joint, _| score_function_gradient(parameter, q, z, log_joint),
        )
        .fails_for(
            "descends",
            "The sign is turned: that is the gradient of −ELBO, fit for a loss and not for a bound.",
            |parameter, q, z, log_joint, log_q| -estimate(parameter, q, z, log_joint, log_q),
        )
        .fails_for(
            "log-sigma",
            "That is the derivative with respect to log σ: with respect to log σ² it is half of it.",
            |parameter, q, z, log_joint, log_q| {
                let factor = if parameter == Parameter::LogVar { 2.0 } else { 1.0 };
                factor * estimate(parameter, q, z, log_joint, log_q)
            },
        )
}

/// (model, parameter, q) ↦ the exact gradient of its ELBO
type Exact = fn(&LinearGaussian, Parameter, &Gaussian) -> f64;

pub(super) fn closed_form() -> Claim<Exact> {
    claim("score-function/elbo-gradient-closed-form")
        .says(
            "For z ~ N(0, 1) and x | z ~ N(wz + b, s²) the gradient of the ELBO is w(x − wμ − b)/s² − μ \
             and ½(1 − σ²(1 + w²/s²))",
        )
        .settles("sf-unbiased", Verdict::Holds)
        .for_every(
            domain([
                real("w", -3.0..=3.0),
                real("b", -2.0..=2.0),
                scale("s", 0.3..=3.0),
                real("x", -4.0..=4.0),
                means(),
                sigmas(),
            ])
            .with([[1.3, 0.2, 0.9, 1.6, 0.4, 0.8], [-0.6, 1.0, 0.5, -0.3, -1.0, 1.5]]),
        )
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-10),
            |exact: &Subject<Exact>, [w, b, s, x, mean, sigma], cases| {
                let rule = GaussHermite::new(5)?;
                let model = LinearGaussian { w, b, sigma: s, x };
                let q = Gaussian::new(mean, sigma)?;
                for parameter in Parameter::BOTH {
                    let one =
                        |z| score_function_gradient(parameter, &q, z, model.log_ratio(&q, z));
                    let measured = exact.output(|exact| exact(&model, parameter, &q));
                    cases.equal(parameter.symbol(), measured, rule.expectation(&q, one));
                }
                Ok(())
            },
        )
        .holds_for(LinearGaussian::elbo_gradient as Exact)
        .fails_for(
            "no-prior",
            "The prior's pull is missing: log p(z) contributes −μ to the first derivative and −½σ² to the \
             second.",
            |model, parameter, q| {
                let missing = match parameter {
                    Parameter::Mean => q.mean(),
                    Parameter::LogVar => 0.5 * q.sigma() * q.sigma(),
                };
                model.elbo_gradient(parameter, q) + missing
            },
        )
        .fails_for(
            "no-entropy",
            "The entropy of q is missing: it contributes ½ to the derivative with respect to log σ².",
            |model, parameter, q| {
                let missing = if parameter == Parameter::LogVar { 0.5 } else { 0.0 };
                model.elbo_gradient(parameter, q) - missing
            },
        )
        .fails_for(
            "sigma-for-variance",
            "s was taken for the variance of x given z: it is the standard deviation, the variance is s².",
            |model, parameter, q| {
                let mistaken = LinearGaussian { sigma: model.sigma.sqrt(), ..*model };
                mistaken.elbo_gradient(parameter, q)
            },
        )
}

/// The smallest effect is 2 % of the estimator's standard deviation or of the exact gradient, whichever is
/// larger.
pub(super) fn unbiased() -> Claim<Estimator> {
    claim("score-function/unbiased")
        .says(
            "Averaged over draws from q, log p(x, z)/q(z) times the score is the gradient of the ELBO, with \
             respect to the mean and to the log-variance: for two observations and two q of one model; a bias \
             of 2 % of the estimator's standard deviation would be noticed",
        )
        .settles("sf-unbiased", Verdict::Holds)
        .for_every(domain([one_of("x", &[1.6, -2.0]), one_of("μ", &[0.4, -1.0])]))
        .statistical(2, |estimator: &Subject<Estimator>, [x, mu], draws| {
            let model = LinearGaussian { w: 1.3, b: 0.2, sigma: 0.9, x };
            let q = Gaussian::new(mu, 0.8)?;
            let rule = GaussHermite::new(8)?;
            for parameter in Parameter::BOTH {
                let mean = model.elbo_gradient(parameter, &q);
                let deviation =
                    |z| score_function_gradient(parameter, &q, z, model.log_ratio(&q, z)) - mean;
                let sd = rule.expectation(&q, |z| deviation(z).powi(2)).sqrt();
                let effect = (0.02 * sd).max(0.02 * mean.abs());
                draws.mean(parameter.symbol(), Expected { mean, sd, effect }, |rng| {
                    let z = q.sample(rng);
                    let (log_joint, log_q) = (model.log_joint(z), q.log_density(z));
                    estimator.output(|f| f(parameter, &q, z, log_joint, log_q))
                })?;
            }
            Ok(())
        })
        .holds_for(estimate as Estimator)
        .fails_for("missing-log", MISSING_LOG, missing_log)
        .fails_for("not-detached", NOT_DETACHED, not_detached)
}
