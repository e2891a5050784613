//! Total against path derivative: means, variances, and which of the two to prefer.

use std::sync::LazyLock;

use claims::{
    Check, Claim, Expected, Ratios, Rng, Subject, Tolerance, Verdict, claim, domain, one_of, scale,
    seed, signed, whole,
};
use prob::{GaussHermite, Gaussian};
use rand::Rng as _;
use rand_distr::StandardNormal;

use super::last_step::wrong_detach;
use super::witness::{Estimator, MODEL, any_model, at};
use ch05_reparameterization::{
    Draw, LinearGaussian, Quadratic, closed_kl_derivative, leave_one_out_derivative,
    path_derivative, pathwise_gradient, score_function_derivative, total_derivative,
};

const ROEDER: &str = "Roeder, Wu & Duvenaud 2017, Sticking the Landing";

const NOTHING_DETACHED: &str = "The parameters of log q were not detached: this is the total derivative, \
    which keeps the noise of the score.";

/// One component of an estimator at a fresh draw.
fn component(
    estimator: &Subject<Estimator>,
    model: &LinearGaussian,
    [mean, log_var]: [f64; 2],
    which: usize,
    rng: &mut Rng,
) -> f64 {
    let noise: f64 = rng.sample(StandardNormal);
    // None of the estimators that are drawn here looks at the weight, whose logarithms take their time.
    let draw = Draw { mean, log_var, noise, slope: 0.0, log_weight: f64::NAN };
    let draw = Draw { slope: model.slope(draw.z()), ..draw };
    estimator.output(|estimator| estimator(&draw))[which]
}

/// q with a variance of so many times the posterior's.
fn relative_to_posterior(model: &LinearGaussian, shift: f64, times: f64) -> [f64; 2] {
    [model.posterior_mean() + shift, (times * model.posterior_var()).ln()]
}

/// The effect is the larger of 2 % of the exact gradient and 2 % of a standard deviation of a draw.
pub(super) fn path_mean() -> Claim<Estimator> {
    claim("reparameterization/path-mean")
        .says(
            "Over draws the path derivative is the bound's gradient on average, in one model, a unit from \
             the posterior's mean; a bias of 2 % of the gradient, or of 2 % of a draw's standard deviation \
             if that is larger, would be noticed",
        )
        .settles("rp-last-step", Verdict::HoldsIf)
        .after(ROEDER)
        .for_every(domain([one_of("σ²/v", &[0.6, 1.5])]))
        .statistical(2, |estimator: &Subject<Estimator>, [times], draws| {
            let at = relative_to_posterior(&MODEL, 1.0, times);
            for (which, exact) in MODEL.path(at[0], at[1]).iter().enumerate() {
                let sd = exact.variance().sqrt();
                let effect = 0.02 * exact.mean().abs().max(sd);
                draws.mean(
                    format!("mean by {}", ["μ", "log σ²"][which]),
                    Expected { mean: exact.mean(), sd, effect },
                    |rng| component(estimator, &MODEL, at, which, rng),
                )?;
            }
            Ok(())
        })
        .holds_for(path_derivative as Estimator)
        .fails_for(
            "log-q-detached",
            "All of log q was detached; only its parameters may be: the gradient by log σ² is then ½ too \
             small and q collapses.",
            |draw| pathwise_gradient(draw.slope, draw.noise, draw.log_var),
        )
        .fails_for(
            "clipped",
            "Each draw's gradient was clipped before averaging: of a skewed distribution that moves the \
             mean. Average first.",
            |draw| path_derivative(draw).map(|component| component.clamp(-1.5, 1.5)),
        )
}

pub(super) fn zero_variance() -> Claim<Estimator> {
    claim("reparameterization/sticking-the-landing")
        .says("Where q is the posterior the path derivative is 0 in every draw")
        .settles("rp-last-step", Verdict::HoldsIf)
        .after(ROEDER)
        .for_every(domain([
            signed("x", 1e-2..=4.0),
            signed("w", 1e-2..=2.0),
            scale("τ²", 0.2..=5.0),
            signed("ε", 1e-3..=5.0),
        ]))
        .exact(
            Tolerance::absolute(1e-12),
            |estimator: &Subject<Estimator>, [x, weight, noise_var, noise], cases| {
                let model = LinearGaussian { x, weight, noise_var };
                let [mean, log_var] = relative_to_posterior(&model, 0.0, 1.0);
                let measured = estimator.output(|e| e(&model.draw(mean, log_var, noise)));
                cases.all_equal("", &measured, &[0.0, 0.0]);
                Ok(())
            },
        )
        .holds_for(path_derivative as Estimator)
        .fails_for("nothing-detached", NOTHING_DETACHED, total_derivative)
        .fails_for(
            "closed-kl",
            "The divergence in closed form removes its own noise, but leaves that of the likelihood with \
             nothing to cancel it.",
            closed_kl_derivative,
        )
        .fails_for(
            "score-function",
            "The score-function estimator multiplies the score by log p(x), a constant that is not 0: \
             subtract it as a baseline, or follow the path.",
            score_function_derivative,
        )
        .fails_for(
            "z-detached-in-log-q",
            "z was detached inside log q and the parameters were not: the score is kept instead of dropped.",
            wrong_detach,
        )
}

/// Draws ↦ one estimate of the bound's gradient
type FromDraws = fn(&[Draw]) -> [f64; 2];

/// The mean of (log-weight − baseline) · score.
fn with_baseline(draws: &[Draw], baseline: impl Fn(&Draw) -> f64) -> [f64; 2] {
    let of = |draw: &Draw| {
        let log_weight = draw.log_weight - baseline(draw);
        score_function_derivative(&Draw { log_weight, ..*draw })
    };
    let sum = draws.iter().map(of).fold([0.0; 2], |[a, b], [c, d]| [a + c, b + d]);
    sum.map(|sum| sum / draws.len() as f64)
}

pub(super) fn leave_one_out() -> Claim<FromDraws> {
    claim("reparameterization/leave-one-out")
        .says(
            "With the mean of the other draws' log-weights as its baseline the score-function estimator has \
             the bound's gradient as its mean, too, and where q is the posterior it is 0 whatever the draws",
        )
        .settles("rp-last-step", Verdict::HoldsIf)
        .after("Kool, van Hoof and Welling 2019, Buy 4 REINFORCE samples, get a baseline for free")
        .for_every(domain([
            signed("x", 1e-2..=4.0),
            signed("w", 1e-2..=2.0),
            scale("τ²", 0.2..=5.0),
            signed("d", 1e-2..=2.0),
            scale("σ²/v", 0.1..=4.0),
            whole("draws", 2..=8),
            seed("the draws"),
        ]))
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-9).because(
                "log-weights of up to some thousands are subtracted from each other and multiplied by scores",
            ),
            |estimator: &Subject<FromDraws>, [x, weight, noise_var, d, times, count, seed], cases| {
                let model = LinearGaussian { x, weight, noise_var };
                let [mean, log_var] = relative_to_posterior(&model, d, times);
                // Two draws: of the fourth degree in either noise.
                let rule = &*RULE;
                let measured = estimator.output(|estimator| {
                    [0, 1].map(|which| {
                        rule.expectation(&Gaussian::standard(), |one| {
                            rule.expectation(&Gaussian::standard(), |other| {
                                let draws = [one, other].map(|noise| model.draw(mean, log_var, noise));
                                estimator(&draws)[which]
                            })
                        })
                    })
                });
                cases.all_equal("mean of two", &measured, &model.elbo_gradient(mean, log_var));

                let mut rng = cases.rng(seed as u64);
                let [mean, log_var] = relative_to_posterior(&model, 0.0, 1.0);
                let draws: Vec<Draw> = (0..count as usize)
                    .map(|_| model.draw(mean, log_var, rng.sample(StandardNormal)))
                    .collect();
                let landed = estimator.output(|estimator| estimator(&draws));
                cases.all_equal("at the posterior", &landed, &[0.0, 0.0]);
                Ok(())
            },
        )
        .holds_for(leave_one_out_derivative as FromDraws)
        .fails_for(
            "no-baseline",
            "There is no baseline: at the posterior log p(x) times the score is left, which is noise.",
            |draws| with_baseline(draws, |_| 0.0),
        )
        .fails_for(
            "divided-by-all",
            "The sum of the others was divided by the number of all draws: a baseline that is too small, and \
             noise at the posterior; divide by one less.",
            |draws| {
                let sum: f64 = draws.iter().map(|draw| draw.log_weight).sum();
                with_baseline(draws, |draw| (sum - draw.log_weight) / draws.len() as f64)
            },
        )
        .fails_for(
            "in-sample",
            "Each draw's own log-weight is in its baseline: the estimate is too small by a factor of \
             (L − 1)/L; leave it out.",
            |draws| {
                let sum: f64 = draws.iter().map(|draw| draw.log_weight).sum();
                with_baseline(draws, |_| sum / draws.len() as f64)
            },
        )
}

/// (model, mean, log σ²) ↦ variances by the mean and log σ² of the total derivative, the path derivative and
/// the estimator with the divergence in closed form
type Variances = fn(&LinearGaussian, f64, f64) -> [f64; 6];

fn all_variances(model: &LinearGaussian, mean: f64, log_var: f64) -> [f64; 6] {
    let [[a, b], [c, d], [e, f]] =
        [model.total(mean, log_var), model.path(mean, log_var), model.closed_kl(mean, log_var)];
    [a, b, c, d, e, f].map(|component| component.variance())
}

/// The variances with something else for the path derivative's.
fn with_path(all: [f64; 6], path: [f64; 2]) -> [f64; 6] {
    [all[0], all[1], path[0], path[1], all[4], all[5]]
}

static RULE: LazyLock<GaussHermite> =
    LazyLock::new(|| GaussHermite::new(5).expect("five nodes are a rule"));

/// The variances of what the three estimators give, all digits: squares of quadratics in the noise.
fn by_quadrature(model: &LinearGaussian, [mean, log_var]: [f64; 2]) -> Vec<f64> {
    let estimators = [total_derivative, path_derivative, closed_kl_derivative as Estimator];
    let gradient = model.elbo_gradient(mean, log_var);
    let variance = |estimator: Estimator, which: usize| {
        let deviation = |noise| {
            let draw = model.draw(mean, log_var, noise);
            (estimator(&draw)[which] - gradient[which]).powi(2)
        };
        RULE.expectation(&Gaussian::standard(), deviation)
    };
    estimators.into_iter().flat_map(|e| [variance(e, 0), variance(e, 1)]).collect()
}

pub(super) fn variances() -> Claim<Variances> {
    claim("reparameterization/variances")
        .says(
            "With posterior variance v the total derivative has variances σ²/v² and ½σ⁴/v² + ¼d²σ²/v², the \
             path derivative σ²(1/v − 1/σ²)² and ½(1 − σ²/v)² + ¼d²σ²/v²: less, in either component, \
             exactly where σ² > v/2, and at q = posterior 1/v and ½ against 0 and 0",
        )
        .settles("rp-last-step", Verdict::HoldsIf)
        .after(ROEDER)
        .for_every(any_model())
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |variances: &Subject<Variances>, case, cases| {
                let (model, [mean, log_var]) = at(case);
                let measured = variances.output(|of| of(&model, mean, log_var));
                cases.all_equal("variances", &measured, &by_quadrature(&model, [mean, log_var]));
                let v = model.posterior_var();
                let times = log_var.exp() / v;
                let [total, total2, path, path2, ..] = measured;
                if (times - 0.5).abs() > 1e-3 {
                    let side = f64::from(times > 0.5);
                    cases.equal("whether the path's is less by μ", f64::from(path < total), side);
                    let less = f64::from(path2 < total2);
                    cases.equal("whether the path's is less by log σ²", less, side);
                }
                let landed = variances.output(|of| of(&model, model.posterior_mean(), v.ln()));
                cases.all_equal("at the posterior", &landed[..4], &[1.0 / v, 0.5, 0.0, 0.0]);
                Ok(())
            },
        )
        .holds_for(all_variances as Variances)
        .fails_for(
            "one-estimator",
            "The last step was taken for an equality, and both estimators given one variance: they differ \
             by the score in every draw.",
            |model, mean, log_var| {
                let all = all_variances(model, mean, log_var);
                with_path(all, [all[0], all[1]])
            },
        )
        .fails_for(
            "score-independent",
            "The variance of the score was subtracted as if it were independent of the rest: the covariance \
             counts twice.",
            |model, mean, log_var| {
                let all = all_variances(model, mean, log_var);
                with_path(all, [all[0] - (-log_var).exp(), all[1] - 0.5])
            },
        )
        .fails_for(
            "variance-of-a-square",
            "Var ε² is 2, not 1: E ε⁴ = 3.",
            |model, mean, log_var| {
                let halved = |q: Quadratic| q.a * q.a + q.b * q.b;
                let [total, path, closed] = [
                    model.total(mean, log_var),
                    model.path(mean, log_var),
                    model.closed_kl(mean, log_var),
                ]
                .map(|both| both.map(halved));
                [total[0], total[1], path[0], path[1], closed[0], closed[1]]
            },
        )
        .fails_for(
            "distance-forgotten",
            "Away from the posterior's mean the slope is not 0: its square times ¼σ² belongs to the \
             variance by log σ².",
            |model, _, log_var| all_variances(model, model.posterior_mean(), log_var),
        )
}

/// Where the variances are measured: σ² in units of the posterior variance, on both sides of ½.
const SIDES: [f64; 4] = [0.3, 0.5, 0.7, 1.5];

/// Both components' variances at one of them.
fn measure(
    estimator: &Subject<Estimator>,
    times: f64,
    ratios: &mut Ratios<'_>,
    exact: fn(&LinearGaussian, f64, f64) -> [Quadratic; 2],
) -> Check {
    let at = relative_to_posterior(&MODEL, 0.1, times);
    for (which, exact) in exact(&MODEL, at[0], at[1]).iter().enumerate() {
        ratios.variance(
            format!("variance by {}", ["μ", "log σ²"][which]),
            exact.mean(),
            exact.moments(),
            0.2,
            |rng| component(estimator, &MODEL, at, which, rng),
        )?;
    }
    Ok(())
}

pub(super) fn measured_total() -> Claim<Estimator> {
    claim("reparameterization/total-variance-measured")
        .says(
            "Over draws in one model the total derivative has its exact variances, at σ² = 0.3, 0.5, 0.7 \
             and 1.5 times the posterior's; a ratio off by 20 % would be noticed",
        )
        .settles("rp-last-step", Verdict::HoldsIf)
        .for_every(domain([one_of("σ²/v", &SIDES)]))
        .ratio(2, |estimator: &Subject<Estimator>, [times], ratios| {
            measure(estimator, times, ratios, LinearGaussian::total)
        })
        .holds_for(total_derivative as Estimator)
        .fails_for(
            "parameters-detached",
            "The parameters of log q were detached: this is the path derivative, with another variance \
             everywhere but at σ² = v/2.",
            path_derivative,
        )
        .fails_for(
            "two-draws",
            "Two draws with opposite noise were averaged: name the number of draws with a variance.",
            |draw| {
                // In this model the slope is linear: its value at −ε follows from that at ε and at 0.
                let curvature = -1.0 / MODEL.posterior_var();
                let mirrored = Draw {
                    noise: -draw.noise,
                    slope: draw.slope - 2.0 * curvature * draw.sigma() * draw.noise,
                    ..*draw
                };
                let (one, other) = (total_derivative(draw), total_derivative(&mirrored));
                [0, 1].map(|i| 0.5 * (one[i] + other[i]))
            },
        )
}

pub(super) fn measured_path() -> Claim<Estimator> {
    claim("reparameterization/path-variance-measured")
        .says(
            "Over draws in one model the path derivative has its exact variances, on both sides of σ² = v/2: \
             above the total derivative's at 0.3 v, equal at 0.5 v, below at 0.7 v and 1.5 v; a ratio off \
             by 20 % would be noticed",
        )
        .settles("rp-last-step", Verdict::HoldsIf)
        .after(ROEDER)
        .for_every(domain([one_of("σ²/v", &SIDES)]))
        .ratio(2, |estimator: &Subject<Estimator>, [times], ratios| {
            measure(estimator, times, ratios, LinearGaussian::path)
        })
        .holds_for(path_derivative as Estimator)
        .fails_for("nothing-detached", NOTHING_DETACHED, total_derivative)
        .fails_for(
            "closed-kl",
            "The divergence in closed form gives a third estimator, with a third variance: only log q is \
             differentiated along the path here.",
            closed_kl_derivative,
        )
        .fails_for(
            "z-detached-in-log-q",
            "z was detached inside log q and the parameters were not: that adds noise instead of removing it.",
            wrong_detach,
        )
}
