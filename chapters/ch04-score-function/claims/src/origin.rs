//! Where the variance comes from: document D3 blames the logarithm's steepness near 0.

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim};
use prob::inference::variance::CentralMoments;
use prob::{GaussHermite, Gaussian, Quadrature};

use super::on_the_line;
use ch04_score_function::origin::{
    added_by_a_constant, narrow_limits, variance_of_a_constant, where_q_is_below,
};
use ch04_score_function::{LinearGaussian, Parameter, score, score_function_gradient};

/// (c, Fisher information) ↦ variance of the estimator for the constant f = c
type OfConstant = fn(f64, f64) -> f64;

pub(super) fn at_the_posterior() -> Claim<OfConstant> {
    claim("score-function/at-the-posterior")
        .says(
            "At q = posterior the ELBO's f = log p(x, z)/q(z) is the constant log p(x), nowhere steep, and the \
             estimator still has the variance (log p(x))²/v for the mean and ½(log p(x))² for the log-variance",
        )
        .settles("sf-log-reason", Verdict::Corrected)
        .exact(Tolerance::relative(2e-12), |variance: &Subject<OfConstant>, cases| {
            let rule = GaussHermite::new(8)?;
            for (w, sigma, x) in [(1.3, 0.9, 1.6), (0.5, 0.3, -2.0)] {
                let model = LinearGaussian { w, b: 0.2, sigma, x };
                let q = model.posterior()?;
                for parameter in Parameter::BOTH {
                    let one = |z| score_function_gradient(parameter, &q, z, model.log_ratio(&q, z));
                    // The gradient is 0 here, so the mean square is the variance.
                    let witness = rule.expectation(&q, |z| one(z).powi(2));
                    let information = parameter.fisher_information(q.sigma());
                    let measured = variance.output(|f| f(model.log_evidence(), information));
                    cases.equal(format!("{}, w = {w}, x = {x}", parameter.symbol()), measured, witness);
                }
            }
            Ok(())
        })
        .holds_for(variance_of_a_constant as OfConstant)
        .fails_for(
            "steepness",
            "The variance was put down to the steepness of f, and a constant has none: what varies is the score, \
             and the constant multiplies it.",
            |_, _| 0.0,
        )
        .fails_for(
            "upside-down",
            "The score's variance is 1/v, not v: the narrower q, the larger it is.",
            |c, information| c * c / information,
        )
        .fails_for(
            "not-squared",
            "A constant factor goes into a variance with its square.",
            |c, information| c.abs() * information,
        )
}

/// (model, q, z) ↦ an estimate of the gradient of the ELBO with respect to μ
type Estimator = fn(&LinearGaussian, &Gaussian, f64) -> f64;

fn estimate(model: &LinearGaussian, q: &Gaussian, z: f64) -> f64 {
    score_function_gradient(Parameter::Mean, q, z, model.log_ratio(q, z))
}

/// The effect is a factor of 1.3 in the variance; the mistakes below change it by more than 2.
pub(super) fn measured_at_the_posterior() -> Claim<Estimator> {
    claim("score-function/variance-at-the-posterior")
        .says("Over draws from q = posterior the variance of the mean's estimator is (log p(x))²/v")
        .settles("sf-variance", Verdict::Holds)
        .ratio(1, |estimator: &Subject<Estimator>, ratios| {
            let model = LinearGaussian { w: 1.3, b: 0.2, sigma: 0.9, x: 4.0 };
            let q = model.posterior()?;
            let variance = (model.log_evidence() / q.sigma()).powi(2);
            // A constant times a normal variable: the fourth moment is 3 Var².
            let moments = CentralMoments { variance, fourth: 3.0 * variance * variance };
            ratios.variance("variance over (log p(x))²/v", 0.0, moments, 0.3, |rng| {
                let z = q.sample(rng);
                estimator.output(|estimate| estimate(&model, &q, z))
            })
        })
        .holds_for(estimate as Estimator)
        .fails_for(
            "entropy-forgotten",
            "Only log p(x, z) multiplies the score: f is log p(x, z) − log q(z), which is flat here.",
            |model, q, z| score_function_gradient(Parameter::Mean, q, z, model.log_joint(z)),
        )
        .fails_for(
            "pathwise",
            "The derivative was taken through the draw: of it only the score is left at the posterior, with the \
             variance 1/v.",
            |_, q, z| -score(Parameter::Mean, q, z),
        )
}

/// (c, Fisher information, E[f S²]) ↦ what c adds to the variance
type Added = fn(f64, f64, f64) -> f64;

pub(super) fn constant() -> Claim<Added> {
    claim("score-function/added-constant")
        .says(
            "Adding c to f leaves the gradient as it is and adds c²I + 2c E[f S²] to the estimator's variance: \
             its size is the size of an f that is not centred",
        )
        .settles("sf-log-reason", Verdict::Corrected)
        .exact(Tolerance::relative(2e-12), |added: &Subject<Added>, cases| {
            let rule = GaussHermite::new(60)?;
            let q = Gaussian::new(0.6, 0.7)?;
            for (name, f) in [("z²", (|z| z * z) as Function), ("cos z", f64::cos)] {
                for parameter in Parameter::BOTH {
                    let s = |z| score(parameter, &q, z);
                    let variance = |c: f64| {
                        let mean = rule.expectation(&q, |z| (f(z) + c) * s(z));
                        rule.expectation(&q, |z| ((f(z) + c) * s(z) - mean).powi(2))
                    };
                    let information = parameter.fisher_information(q.sigma());
                    let mixed = rule.expectation(&q, |z| f(z) * s(z).powi(2));
                    for c in [-3.0, 0.5, 20.0] {
                        let witness = variance(c) - variance(0.0);
                        let measured = added.output(|added| added(c, information, mixed));
                        cases.equal(format!("f = {name}, {}, c = {c}", parameter.symbol()), measured, witness);
                    }
                }
            }
            Ok(())
        })
        .holds_for(added_by_a_constant as Added)
        .fails_for(
            "harmless",
            "A constant was taken to be harmless because it has no derivative: that is so for the pathwise \
             estimator, here it multiplies the score.",
            |_, _, _| 0.0,
        )
        .fails_for(
            "no-covariance",
            "cS and fS are correlated: add 2c E[f S²].",
            |c, information, _| variance_of_a_constant(c, information),
        )
        .fails_for(
            "covariance-once",
            "A covariance counts twice in the variance of a sum.",
            |c, information, mixed| variance_of_a_constant(c, information) + c * mixed,
        )
}

/// z ↦ f(z)
type Function = fn(f64) -> f64;

/// (f(μ), f'(μ)) ↦ limits of σ² Var, and of Var where f(μ) = 0
type Limits = fn(f64, f64) -> [f64; 2];

/// σ² times the variance of the μ-gradient of E f, and that variance, for a narrow q.
fn narrow_variances(f: Function, mean: f64) -> Result<[f64; 2], CheckError> {
    let q = on_the_line(mean, 1e-4)?.q;
    let rule = GaussHermite::new(10)?;
    let estimate = |z| score_function_gradient(Parameter::Mean, &q, z, f(z));
    let gradient = rule.expectation(&q, estimate);
    let variance = rule.expectation(&q, |z| (estimate(z) - gradient).powi(2));
    Ok([q.sigma() * q.sigma() * variance, variance])
}

pub(super) fn narrow() -> Claim<Limits> {
    claim("score-function/narrow")
        .says(
            "As q narrows with f fixed, σ² times the variance of the mean's gradient tends to f(μ)²; where \
             f(μ) = 0 the variance itself stays at 2f'(μ)²",
        )
        .settles("sf-log-reason", Verdict::Corrected)
        .exact(
            Tolerance::relative(1e-6).because("the limit is compared with σ = 1e-4, which is off by some σ²"),
            |limits: &Subject<Limits>, cases| {
                let functions: [(&str, Function, f64, f64); 4] = [
                    ("eᶻ at 0.3", f64::exp, 0.3, 0.3f64.exp()),
                    ("cos z at 0.5", f64::cos, 0.5, -0.5f64.sin()),
                    ("sin z at 0", f64::sin, 0.0, 1.0),
                    ("log z at 1", f64::ln, 1.0, 1.0),
                ];
                for (name, f, mean, slope) in functions {
                    let [scaled, plain] = narrow_variances(f, mean)?;
                    let [limit, finite] = limits.output(|limits| limits(f(mean), slope));
                    if f(mean) == 0.0 {
                        cases.equal(format!("Var for {name}"), finite, plain);
                    } else {
                        cases.equal(format!("σ² Var for {name}"), limit, scaled);
                    }
                }
                Ok(())
            },
        )
        .holds_for(narrow_limits as Limits)
        .fails_for(
            "steepness",
            "The explosion was put down to the slope of f: it is the value f(μ) that multiplies the score, whose \
             standard deviation is 1/σ.",
            |_, slope| [slope * slope, 2.0 * slope * slope],
        )
        .fails_for(
            "not-squared",
            "A variance goes with the square of f(μ).",
            |f, slope| [f.abs(), 2.0 * slope * slope],
        )
        .fails_for(
            "mean-square-forgotten",
            "E[ε²·ε²] is 3: of 3f'(μ)² the squared mean takes one, and 2f'(μ)² is left.",
            |f, slope| [f * f, 3.0 * slope * slope],
        )
}

/// t ↦ probability of q(z) < t max q, and the share of E S² from there
type Rare = fn(f64) -> [f64; 2];

fn beyond(a: f64, both: bool) -> [f64; 2] {
    let probability = 2.0 * prob::special::normal_cdf(-a);
    let density = (-0.5 * a * a).exp() / std::f64::consts::TAU.sqrt();
    let shares = [probability, probability + 2.0 * a * density];
    if both { shares } else { shares.map(|share| 0.5 * share) }
}

pub(super) fn rare() -> Claim<Rare> {
    claim("score-function/rarely-near-zero")
        .says(
            "A draw falls where q is below a share t of its peak with probability 2Φ(−a), a = √(2 log 1/t), and \
             from there comes a share 2Φ(−a) + 2aφ(a) of a constant f's variance: for t = 1 %, less than 2.7 %",
        )
        .settles("sf-log-reason", Verdict::Corrected)
        .exact(
            Tolerance::relative(1e-9).because("the witness is an adaptive quadrature, asked for eleven digits"),
            |rare: &Subject<Rare>, cases| {
                for t in [0.5, 0.1, 0.01, 1e-4] {
                    let ends = |power: i32| {
                        let q = Gaussian::standard();
                        // Where log q(z) < log t + log q(0), bracketed from the density, not from a formula.
                        let edge = edge_of(&q, t);
                        let tail = Quadrature::default().integrate(
                            |z| z.powi(power) * q.log_density(z).exp(),
                            edge,
                            f64::INFINITY,
                        );
                        tail.map(|tail| 2.0 * tail.value)
                    };
                    let measured = rare.output(|rare| rare(t));
                    cases.all_equal(&format!("t = {t}: share"), &measured, &[ends(0)?, ends(2)?]);
                }
                Ok(())
            },
        )
        .holds_for(where_q_is_below as Rare)
        .fails_for("one-sided", "There are two tails, one on each side of the mean.", |t: f64| {
            beyond((-2.0 * t.ln()).sqrt(), false)
        })
        .fails_for(
            "half-forgotten",
            "q falls as exp(−½ε²): a share t is reached at √(2 log 1/t), not at √(log 1/t).",
            |t: f64| beyond((-t.ln()).sqrt(), true),
        )
        .fails_for(
            "share-is-the-probability",
            "Draws far out have a large score: they contribute more to E S² than their probability.",
            |t| [where_q_is_below(t)[0]; 2],
        )
}

/// The z > 0 with q(z) = t q(0), by bisection.
fn edge_of(q: &Gaussian, t: f64) -> f64 {
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if q.log_density(middle) - q.log_density(0.0) > t.ln() {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}
