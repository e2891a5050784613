//! Where the variance comes from: document D3 blames the logarithm's steepness near 0.

use std::sync::LazyLock;

use claims::{
    CheckError, Claim, Domain, Subject, Tolerance, Verdict, claim, domain, one_of, real, scale,
};
use prob::inference::variance::CentralMoments;
use prob::{GaussHermite, Gaussian, Quadrature};

use super::means;
use ch04_score_function::origin::{
    added_by_a_constant, left_at_the_prior, narrow_limits, variance_of_a_constant, where_q_is_below,
};
use ch04_score_function::{LinearGaussian, Parameter, score, score_function_gradient};

/// (c, Fisher information) ↦ variance of the estimator for the constant f = c
type OfConstant = fn(f64, f64) -> f64;

/// w, b, s and x of a linear-Gaussian model.
fn models() -> Domain<4> {
    domain([
        real("w", -3.0..=3.0),
        real("b", -2.0..=2.0),
        scale("s", 0.2..=3.0),
        real("x", -4.0..=4.0),
    ])
    .with([[1.3, 0.2, 0.9, 1.6], [0.5, 0.2, 0.3, -2.0]])
}

pub(super) fn at_the_posterior() -> Claim<OfConstant> {
    claim("score-function/at-the-posterior")
        .says(
            "With x | z ~ N(wz + b, s²), at q = posterior, the ELBO's f = log p(x, z)/q(z) is the constant log p(x), \
             nowhere steep, and the estimator still has the variance (log p(x))²/v for the mean and ½(log p(x))² for the log-variance",
        )
        .settles("sf-log-reason", Verdict::Corrected)
        .for_every(models())
        .exact(
            Tolerance::relative(2e-12).or_absolute(2e-12),
            |variance: &Subject<OfConstant>, [w, b, s, x], cases| {
                let rule = GaussHermite::new(8)?;
                let model = LinearGaussian { w, b, sigma: s, x };
                let q = model.posterior()?;
                for parameter in Parameter::BOTH {
                    let one = |z| score_function_gradient(parameter, &q, z, model.log_ratio(&q, z));
                    // The gradient is 0 here, so the mean square is the variance.
                    let witness = rule.expectation(&q, |z| one(z).powi(2));
                    let information = parameter.fisher_information(q.sigma());
                    let measured = variance.output(|f| f(model.log_evidence(), information));
                    cases.equal(parameter.symbol(), measured, witness);
                }
                Ok(())
            },
        )
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
        .says(
            "Over draws from q = posterior the variance of the mean's estimator is (log p(x))²/v: in six models \
             and observations",
        )
        .settles("sf-variance", Verdict::Holds)
        .for_every(domain([one_of("w", &[1.3, 0.4]), one_of("x", &[4.0, -1.0, 10.0])]))
        .ratio(1, |estimator: &Subject<Estimator>, [w, x], ratios| {
            let model = LinearGaussian { w, b: 0.2, sigma: 0.9, x };
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

/// Enough nodes for a cosine.
static RULE: LazyLock<GaussHermite> =
    LazyLock::new(|| GaussHermite::new(60).expect("sixty nodes are allowed"));

/// (c, Fisher information, E[f S²]) ↦ what c adds to the variance
type Added = fn(f64, f64, f64) -> f64;

pub(super) fn constant() -> Claim<Added> {
    claim("score-function/added-constant")
        .says(
            "Adding c to f leaves the gradient as it is and adds c²I + 2c E[f S²] to the estimator's variance",
        )
        .settles("sf-log-reason", Verdict::Corrected)
        .for_every(
            domain([
                real("a of f(z) = a z² + b cos z", -3.0..=3.0),
                real("b", -3.0..=3.0),
                real("c", -30.0..=30.0),
                means(),
                scale("σ", 0.1..=2.0),
            ])
            .with([[1.0, 0.0, -3.0, 0.6, 0.7], [0.0, 1.0, 20.0, 0.6, 0.7]]),
        )
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-9),
            |added: &Subject<Added>, [a, b, c, mean, sigma], cases| {
                let q = Gaussian::new(mean, sigma)?;
                let f = |z: f64| a * z * z + b * z.cos();
                for parameter in Parameter::BOTH {
                    let s = |z| score(parameter, &q, z);
                    let gradient = |c: f64| RULE.expectation(&q, |z| (f(z) + c) * s(z));
                    let variance = |c: f64| {
                        let mean = gradient(c);
                        RULE.expectation(&q, |z| ((f(z) + c) * s(z) - mean).powi(2))
                    };
                    let information = parameter.fisher_information(sigma);
                    let mixed = RULE.expectation(&q, |z| f(z) * s(z).powi(2));
                    let symbol = parameter.symbol();
                    cases.equal(format!("gradient, {symbol}"), gradient(c), gradient(0.0));
                    let witness = variance(c) - variance(0.0);
                    let measured = added.output(|added| added(c, information, mixed));
                    cases.equal(format!("added to the variance, {symbol}"), measured, witness);
                }
                Ok(())
            },
        )
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

/// (f(μ), f'(μ)) ↦ limits of σ² Var, and of Var where f(μ) = 0
type Limits = fn(f64, f64) -> [f64; 2];

/// The variance of the μ-gradient of E f for a narrow q at 0.
fn narrow_variance(f: impl Fn(f64) -> f64) -> Result<f64, CheckError> {
    let q = Gaussian::new(0.0, NARROW)?;
    let rule = GaussHermite::new(10)?;
    let estimate = |z| score_function_gradient(Parameter::Mean, &q, z, f(z));
    let gradient = rule.expectation(&q, estimate);
    Ok(rule.expectation(&q, |z| (estimate(z) - gradient).powi(2)))
}

/// As near as the limit is looked at.
const NARROW: f64 = 1e-5;

pub(super) fn narrow() -> Claim<Limits> {
    claim("score-function/narrow")
        .says(
            "As q narrows with f fixed, σ² times the variance of the mean's gradient tends to f(μ)²; where \
             f(μ) = 0 the variance itself stays at 2f'(μ)²",
        )
        .settles("sf-log-reason", Verdict::Corrected)
        .for_every(
            domain([
                real("f(μ)", -3.0..=3.0),
                real("f'(μ)", -3.0..=3.0),
                real("f''(μ)", -3.0..=3.0),
            ])
            .with([[1.35, 1.35, 1.35], [0.88, -0.48, -0.88], [0.0, 1.0, 0.0], [0.0, 1.0, -1.0]]),
        )
        .exact(
            Tolerance::absolute(1e-6)
                .because("the limit is compared with σ = 1e-5, which is off by a few hundred σ²"),
            |limits: &Subject<Limits>, [value, slope, bend], cases| {
                // Without its value at 0, where q is.
                let change = |z: f64| slope * z.sin() + bend * (1.0 - z.cos());
                let [limit, finite] = limits.output(|limits| limits(value, slope));
                let scaled = NARROW * NARROW * narrow_variance(|z| value + change(z))?;
                cases.equal("σ² Var", limit, scaled);
                cases.equal("Var where f(μ) = 0", finite, narrow_variance(change)?);
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
        .for_every(domain([scale("t", 1e-12..=0.99)]).with([[0.5], [0.1], [0.01], [1e-4]]))
        .exact(
            Tolerance::relative(1e-9).because("the witness is an adaptive quadrature, asked for eleven digits"),
            |rare: &Subject<Rare>, [t], cases| {
                let q = Gaussian::standard();
                // Where log q(z) < log t + log q(0), bracketed from the density, not from a formula.
                let edge = edge_of(&q, t);
                let quadrature = Quadrature { absolute_tolerance: 0.0, ..Quadrature::default() };
                let ends = |power: i32| {
                    let integrand = |z: f64| z.powi(power) * q.log_density(z).exp();
                    quadrature.integrate(integrand, edge, f64::INFINITY).map(|tail| 2.0 * tail.value)
                };
                let measured = rare.output(|rare| rare(t));
                cases.all_equal("share", &measured, &[ends(0)?, ends(2)?]);
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

/// (posterior's mean, its variance) ↦ the least variance with a constant baseline, at q = prior
type AtThePrior = fn(f64, f64) -> f64;

pub(super) fn at_the_prior() -> Claim<AtThePrior> {
    claim("score-function/at-the-prior")
        .says(
            "With x | z ~ N(wz + b, s²) and the posterior N(m, v), at q = prior N(0, 1), the best constant baseline \
             leaves the mean's estimator the variance (3/2)(1/v − 1)² + 2(m/v)²: what an f that is not flat adds, however well it is centred",
        )
        .settles("sf-log-reason", Verdict::Corrected)
        .for_every(models())
        .exact(
            Tolerance::relative(2e-12).or_absolute(2e-12),
            |variance: &Subject<AtThePrior>, [w, b, s, x], cases| {
                let rule = GaussHermite::new(8)?;
                let model = LinearGaussian { w, b, sigma: s, x };
                let (q, posterior) = (Gaussian::standard(), model.posterior()?);
                let s = |z| score(Parameter::Mean, &q, z);
                let weighted = rule.expectation(&q, |z| model.log_ratio(&q, z) * s(z) * s(z));
                let best = weighted / rule.expectation(&q, |z| s(z) * s(z));
                let estimate = |z| (model.log_ratio(&q, z) - best) * s(z);
                let gradient = rule.expectation(&q, estimate);
                let witness = rule.expectation(&q, |z| (estimate(z) - gradient).powi(2));
                let v = posterior.sigma() * posterior.sigma();
                let measured = variance.output(|variance| variance(posterior.mean(), v));
                cases.equal("", measured, witness);
                Ok(())
            },
        )
        .holds_for(left_at_the_prior as AtThePrior)
        .fails_for(
            "centred-is-still",
            "A baseline was taken to leave nothing: it removes a constant, and f is not flat where q is wider than \
             the posterior.",
            |_, _| 0.0,
        )
        .fails_for(
            "mean-only",
            "The curvature of f is missing: log p(x, z) falls off faster than log q does.",
            |m, v| 2.0 * (m / v).powi(2),
        )
        .fails_for(
            "variance-for-precision",
            "The posterior's precision is 1/v: the narrower the posterior, the steeper is f.",
            |m, v| 1.5 * (v - 1.0).powi(2) + 2.0 * (m * v).powi(2),
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
