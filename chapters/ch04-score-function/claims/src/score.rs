//! The score, its mean, and the condition under which that is 0.

use autodiff::F1;
use claims::{Claim, Domain, Subject, Tolerance, Verdict, claim, domain, real, scale};
use num_traits::Float as _;
use prob::{Gaussian, Quadrature, gaussian};

use ch04_score_function::{Parameter, expected_uniform_score, moving_support_gradient, score};

/// (parameter, q, z) ↦ ∂ log q(z)
type Score = fn(Parameter, &Gaussian, f64) -> f64;

const WILLIAMS: &str = "Williams 1992, Simple statistical gradient-following algorithms";
/// (μ, σ) that are tried first.
const NAMED: [[f64; 2]; 3] = [[0.7, 1.3], [-1.5, 0.4], [2.0, 3.0]];

fn gaussians() -> Domain<2> {
    domain([real("μ", -10.0..=10.0), scale("σ", 0.05..=20.0)]).with(NAMED)
}

const MISSING_LOG: &str = "The derivative of q itself was averaged under draws from q, which weights with q \
    twice: the draws are the weight already, so differentiate log q.";
const LOG_SIGMA: &str =
    "That is the derivative with respect to log σ: with respect to log σ² it is half of it.";

pub(super) fn score_of_a_gaussian() -> Claim<Score> {
    claim("score-function/score")
        .says("∂ log q(z) is (z − μ)/σ² with respect to μ and ½((z − μ)²/σ² − 1) with respect to log σ²")
        .after(WILLIAMS)
        .for_every(
            domain([
                real("μ", -10.0..=10.0),
                scale("σ", 0.05..=20.0),
                real("(z − μ)/σ", -8.0..=8.0).special(&[1.0, -1.0]),
            ])
            .with([[0.7, 1.3, 0.5], [-1.5, 0.4, -2.0], [2.0, 3.0, 1.0]]),
        )
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-12),
            |score: &Subject<Score>, [mean, sigma, noise], cases| {
                let (q, z) = (Gaussian::new(mean, sigma)?, mean + sigma * noise);
                let (z1, m1, v1) = (F1::cst(z), F1::cst(mean), F1::cst(q.log_var()));
                for parameter in Parameter::BOTH {
                    let witness = match parameter {
                        Parameter::Mean => gaussian::log_density(z1, F1::var(mean), v1),
                        Parameter::LogVar => gaussian::log_density(z1, m1, F1::var(q.log_var())),
                    };
                    let measured = score.output(|score| score(parameter, &q, z));
                    cases.equal(parameter.symbol(), measured, witness.deriv());
                }
                Ok(())
            },
        )
        .holds_for(score as Score)
        .fails_for(
            "sigma-for-variance",
            "The deviation was divided by σ once: the score of the mean is (z − μ)/σ², ε/σ in terms of the \
             noise.",
            |parameter, q, z| match parameter {
                Parameter::Mean => score(parameter, q, z) * q.sigma(),
                Parameter::LogVar => score(parameter, q, z),
            },
        )
        .fails_for("log-sigma", LOG_SIGMA, |parameter, q, z| match parameter {
            Parameter::Mean => score(parameter, q, z),
            Parameter::LogVar => 2.0 * score(parameter, q, z),
        })
        .fails_for(
            "with-respect-to-z",
            "That is the derivative with respect to z, which has the opposite sign for the mean: the draw \
             stays, the parameter moves.",
            |parameter, q, z| match parameter {
                Parameter::Mean => -score(parameter, q, z),
                Parameter::LogVar => score(parameter, q, z),
            },
        )
        .fails_for(
            "normaliser-forgotten",
            "The density's normaliser depends on σ: its derivative is the −½ that is missing.",
            |parameter, q, z| match parameter {
                Parameter::Mean => score(parameter, q, z),
                Parameter::LogVar => score(parameter, q, z) + 0.5,
            },
        )
}

/// (parameter, σ) ↦ E S²
type Information = fn(Parameter, f64) -> f64;

pub(super) fn fisher_information() -> Claim<Information> {
    claim("score-function/fisher-information")
        .says("The score's variance is 1/σ² for the mean and ½ for the log-variance")
        .after("Lehmann and Casella 1998, Theory of Point Estimation, section 2.5")
        .for_every(gaussians())
        .exact(
            Tolerance::relative(2e-12),
            |information: &Subject<Information>, [mean, sigma], cases| {
                let q = Gaussian::new(mean, sigma)?;
                for parameter in Parameter::BOTH {
                    let square = |z| score(parameter, &q, z).powi(2);
                    let witness = Quadrature::default().expectation(&q, square)?.value;
                    let measured = information.output(|information| information(parameter, sigma));
                    cases.equal(parameter.symbol(), measured, witness);
                }
                Ok(())
            },
        )
        .holds_for(Parameter::fisher_information as Information)
        .fails_for(
            "sd-for-variance",
            "1/σ is the score's standard deviation: its variance is 1/σ².",
            |parameter, sigma| match parameter {
                Parameter::Mean => 1.0 / sigma,
                Parameter::LogVar => 0.5,
            },
        )
        .fails_for("log-sigma", LOG_SIGMA, |parameter, sigma| match parameter {
            Parameter::Mean => 1.0 / (sigma * sigma),
            Parameter::LogVar => 2.0,
        })
}

pub(super) fn zero_mean() -> Claim<Score> {
    claim("score-function/zero-mean")
        .says(
            "The score of a Gaussian is 0 on average, so a term that multiplies it by a constant vanishes \
             from the gradient of the ELBO",
        )
        .settles("sf-zero-mean", Verdict::HoldsIf)
        .for_every(gaussians())
        .exact(
            Tolerance::absolute(1e-9).because("the quadrature is asked for an absolute 1e-11"),
            |score: &Subject<Score>, [mean, sigma], cases| {
                let quadrature = Quadrature { absolute_tolerance: 1e-11, ..Quadrature::default() };
                let q = Gaussian::new(mean, sigma)?;
                for parameter in Parameter::BOTH {
                    // The score is what is tested, so that its outputs are what is integrated.
                    let under_test = |z| score.output(|score| score(parameter, &q, z));
                    let measured = quadrature.expectation(&q, under_test)?.value;
                    cases.equal(parameter.symbol(), measured, 0.0);
                }
                Ok(())
            },
        )
        .holds_for(score as Score)
        .fails_for("missing-log", MISSING_LOG, |parameter, q, z| {
            q.log_density(z).exp() * score(parameter, q, z)
        })
        .fails_for(
            "not-centred",
            "The mean was not subtracted from z: the score is (z − μ)/σ².",
            |parameter, q, z| match parameter {
                Parameter::Mean => z / (q.sigma() * q.sigma()),
                Parameter::LogVar => score(parameter, q, z),
            },
        )
        .fails_for(
            "normaliser-forgotten",
            "The density's normaliser depends on σ: its derivative is the −½ that makes the mean 0.",
            |parameter, q, z| match parameter {
                Parameter::Mean => score(parameter, q, z),
                Parameter::LogVar => score(parameter, q, z) + 0.5,
            },
        )
}

/// φ ↦ E S under the uniform distribution on [0, φ]
type MeanScore = fn(f64) -> f64;

pub(super) fn uniform_score() -> Claim<MeanScore> {
    claim("score-function/uniform-score")
        .says("Under the uniform distribution on [0, φ] the score's mean is −1/φ: the support moves with φ")
        .settles("sf-zero-mean", Verdict::HoldsIf)
        .for_every(domain([scale("φ", 1e-3..=1e3)]).with([[0.3], [1.7], [4.0]]))
        .exact(Tolerance::relative(1e-12), |mean_score: &Subject<MeanScore>, [phi], cases| {
            // The log-density is −log φ, wherever z is.
            let score = -F1::var(phi).ln().deriv();
            let witness = Quadrature::default().integrate(|_| score / phi, 0.0, phi)?.value;
            let measured = mean_score.output(|mean_score| mean_score(phi));
            cases.equal("", measured, witness);
            Ok(())
        })
        .holds_for(expected_uniform_score as MeanScore)
        .fails_for(
            "always-zero",
            "The mean score was taken for 0: that needs a support which does not depend on the parameter.",
            |_| 0.0,
        )
        .fails_for("missing-log", MISSING_LOG, |phi| -1.0 / (phi * phi))
}

/// (φ, f(φ), E f) ↦ d/dφ E f under the uniform distribution on [0, φ]
type MovingSupport = fn(f64, f64, f64) -> f64;

pub(super) fn moving_support() -> Claim<MovingSupport> {
    claim("score-function/moving-support")
        .says(
            "Under the uniform distribution on [0, φ] the derivative of E f is (f(φ) − E f)/φ; the \
             score-function rule gives −E f/φ",
        )
        .settles("sf-zero-mean", Verdict::HoldsIf)
        .for_every(
            domain([
                scale("φ", 0.1..=20.0),
                real("a of f(z) = a + b z² + c cos z", -3.0..=3.0),
                real("b", -3.0..=3.0),
                real("c", -3.0..=3.0),
            ])
            .with([[0.3, 1.0, 0.0, 0.0], [1.7, 0.0, 1.0, 0.0], [4.0, 0.0, 0.0, 1.0]]),
        )
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-12),
            |gradient: &Subject<MovingSupport>, [phi, a, b, c], cases| {
                // f(φ), E f and d/dφ E f, by hand.
                let at_end = a + b * phi * phi + c * phi.cos();
                let mean = a + b * phi * phi / 3.0 + c * phi.sin() / phi;
                let of_cos = phi.cos() / phi - phi.sin() / (phi * phi);
                let derivative = 2.0 * b * phi / 3.0 + c * of_cos;
                let measured = gradient.output(|gradient| gradient(phi, at_end, mean));
                cases.equal("", measured, derivative);
                Ok(())
            },
        )
        .holds_for(moving_support_gradient as MovingSupport)
        .fails_for(
            "score-rule",
            "The score-function rule was used although the support moves: add f(φ)/φ for the mass that \
             enters at its end.",
            |phi, _, mean| -mean / phi,
        )
        .fails_for(
            "boundary-only",
            "The density falls as the support grows: subtract E f/φ.",
            |phi, at_end, _| at_end / phi,
        )
}
