//! The last step of the derivation: the parameters of log q detached.

use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, real, signed};
use prob::{GaussHermite, Gaussian};

use super::bound::{Z_DETACHED, by_dual_numbers, no_entropy, one_draw};
use super::witness::{Estimator, Tanh, Through, tanh_derivative};
use ch05_reparameterization::{
    Draw, detached_derivative, path_derivative, pathwise_gradient, score, total_derivative,
};

const LOG_Q_DETACHED: &str = "All of log q was detached; only its parameters may be. log q(z) has to be \
    differentiated through z, or nothing keeps q from collapsing onto a mode.";

const WRONG_DETACH: &str = "z was detached inside log q and the parameters were not: it is the other way \
    round. This keeps the score, which is noise, and loses the term with the signal.";

/// −score + ∂ log p/∂z · ∂z: log q differentiated through its parameters only.
pub(super) fn wrong_detach(draw: &Draw) -> [f64; 2] {
    let (log_p, score) = (no_entropy(draw), score(draw.noise, draw.log_var));
    [log_p[0] - score[0], log_p[1] - score[1]]
}

pub(super) fn path_by_dual_numbers() -> Claim<Estimator> {
    claim("reparameterization/path-derivative")
        .says(
            "With the parameters of log q detached, the derivative of log p(x, z) − log q(z) is \
             (∂ log p(x, z)/∂z + ε/σ) ∂z: an estimator that differs in every draw",
        )
        .settles("rp-last-step", Verdict::HoldsIf)
        .after("Roeder, Wu & Duvenaud 2017, Sticking the Landing")
        .for_every(one_draw())
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |estimator: &Subject<Estimator>, case, cases| {
                by_dual_numbers(estimator, case, cases, Through::Draw)
            },
        )
        .holds_for(path_derivative as Estimator)
        .fails_for(
            "nothing-detached",
            "The parameters of log q were not detached: this is the total derivative, whose noise does not \
             vanish at the optimum.",
            total_derivative,
        )
        .fails_for("log-q-detached", LOG_Q_DETACHED, no_entropy)
        .fails_for("z-detached-in-log-q", WRONG_DETACH, wrong_detach)
        .fails_for("z-detached", Z_DETACHED, detached_derivative)
        .fails_for(
            "minus-log-q-slope",
            "∂ log q(z)/∂z is −ε/σ, and log q is subtracted: the term is +ε/σ.",
            |draw| {
                let slope = draw.slope - draw.noise / draw.sigma();
                pathwise_gradient(slope, draw.noise, draw.log_var)
            },
        )
}

/// (noise, log σ²) ↦ what the last step drops
type Dropped = fn(f64, f64) -> [f64; 2];

pub(super) fn dropped_term() -> Claim<Dropped> {
    claim("reparameterization/dropped-term")
        .says(
            "What the path derivative drops from the total one is minus the score: of mean 0, of variance \
             1/σ² (by μ) and ½ (by log σ²), so that it is not 0 in single draws",
        )
        .settles("rp-last-step", Verdict::HoldsIf)
        .for_every(
            domain([
                signed("μ", 1e-2..=3.0),
                real("log σ²", -6.0..=6.0),
                signed("ε", 1e-3..=4.0),
            ])
            .with([[0.3, -1.0, -1.7], [-0.8, 0.4, 0.6], [1.1, -2.2, 2.1]]),
        )
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-12),
            |dropped: &Subject<Dropped>, [mean, log_var, noise], cases| {
                let measured = dropped.output(|dropped| dropped(noise, log_var));
                let model = Tanh { x: 0.7, gain: 2.0 };
                let expected = tanh_derivative(model, [mean, log_var], noise, Through::Density);
                cases.all_equal("", &measured, &expected);
                let rule = GaussHermite::new(4)?;
                for (which, variance) in [(0, (-log_var).exp()), (1, 0.5)] {
                    let moment = |power| {
                        let term = |noise| {
                            dropped.output(|dropped| dropped(noise, log_var))[which].powi(power)
                        };
                        rule.expectation(&Gaussian::standard(), term)
                    };
                    cases.equal(format!("mean [{which}]"), moment(1), 0.0);
                    cases.equal(format!("variance [{which}]"), moment(2), variance);
                }
                Ok(())
            },
        )
        .holds_for((|noise, log_var| score(noise, log_var).map(|s| -s)) as Dropped)
        .fails_for(
            "nothing",
            "The last step was taken for an equality in every draw: −∂ log q(z)/∂φ at fixed z is not 0, \
             only its mean is.",
            |_, _| [0.0, 0.0],
        )
        .fails_for("plus-score", "log q is subtracted: the dropped term is minus the score.", score)
        .fails_for(
            "not-centred",
            "log σ² also normalises the density: its score is ½(ε² − 1), with mean 0, not ½ε².",
            |noise, log_var| [-noise * (-0.5 * log_var).exp(), -0.5 * noise * noise],
        )
        .fails_for(
            "not-divided",
            "The score by the mean is ε/σ; the division by σ is missing.",
            |noise, _| [-noise, 0.5 * (1.0 - noise * noise)],
        )
}
