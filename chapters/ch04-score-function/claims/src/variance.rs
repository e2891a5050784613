//! How much the estimators vary, for f(z) = z₁² + … + z_D².

use claims::{CheckError, Claim, Ratios, Subject, Tolerance, Verdict, claim};
use prob::{GaussHermite, Gaussian};

use super::{on_the_line, over_points, sum_of_squares};
use ch04_score_function::{
    Parameter, SumOfSquares, baseline_gradient, pathwise_gradient, samples_for, score,
};

/// (case, parameter, baseline) ↦ variance of (f − b) S
type Variance = fn(&SumOfSquares, Parameter, f64) -> f64;

/// E ((f − b) S − g)^power, by a tensor product over the D coordinates.
fn central(
    case: &SumOfSquares,
    parameter: Parameter,
    baseline: f64,
    power: i32,
) -> Result<f64, CheckError> {
    let g = case.gradient(parameter);
    over_points(case, 1, 9, |z| {
        let f = sum_of_squares(z);
        (baseline_gradient(parameter, &case.q, z[0], f, baseline) - g).powi(power)
    })
}

const NOT_CENTRED: &str = "That is the mean of the squares: subtract the square of the mean.";

pub(super) fn closed_form() -> Claim<Variance> {
    claim("score-function/variance-closed-form")
        .says(
            "For f = Σz² the variance of (f − b)S is least(D) + I(b − b*)²; in one dimension and without \
             baseline that is μ⁴/σ² + 14μ² + 15σ² for the mean, with the baseline E f it is 8μ² + 10σ²",
        )
        .settles("sf-variance", Verdict::Holds)
        .exact(Tolerance::relative(2e-12), |variance: &Subject<Variance>, cases| {
            for (mean, sigma) in [(1.0, 0.5), (-0.4, 1.7), (0.0, 1.2)] {
                let (m2, s2) = (mean * mean, sigma * sigma);
                for dimension in 1..=3 {
                    let case = SumOfSquares { q: Gaussian::new(mean, sigma)?, dimension };
                    for parameter in Parameter::BOTH {
                        for baseline in [0.0, 2.5] {
                            let witness = central(&case, parameter, baseline, 2)?;
                            let measured = variance.output(|v| v(&case, parameter, baseline));
                            let symbol = parameter.symbol();
                            let label = format!(
                                "{symbol}: μ = {mean}, σ = {sigma}, D = {dimension}, b = {baseline}"
                            );
                            cases.equal(label, measured, witness);
                        }
                    }
                }
                let case = on_the_line(mean, sigma)?;
                let plain = variance.output(|v| v(&case, Parameter::Mean, 0.0));
                let label = format!("μ⁴/σ² + 14μ² + 15σ² at μ = {mean}, σ = {sigma}");
                cases.equal(label, plain, m2 * m2 / s2 + 14.0 * m2 + 15.0 * s2);
                let centred = variance.output(|v| v(&case, Parameter::Mean, m2 + s2));
                let label = format!("8μ² + 10σ² at μ = {mean}, σ = {sigma}");
                cases.equal(label, centred, 8.0 * m2 + 10.0 * s2);
            }
            Ok(())
        })
        .holds_for(SumOfSquares::variance as Variance)
        .fails_for("not-centred", NOT_CENTRED, |case, parameter, baseline| {
            case.variance(parameter, baseline) + case.gradient(parameter).powi(2)
        })
        .fails_for(
            "independent",
            "f and the score were taken for independent: both depend on z₁, so E[f² S²] is not E f² · E S².",
            |case, parameter, baseline| {
                let (m2, s2) = (case.q.mean().powi(2), case.q.sigma().powi(2));
                let variance_of_f = case.dimension as f64 * (4.0 * m2 * s2 + 2.0 * s2 * s2);
                let second = variance_of_f + (case.mean() - baseline).powi(2);
                parameter.fisher_information(case.q.sigma()) * second
                    - case.gradient(parameter).powi(2)
            },
        )
        .fails_for(
            "others-as-constants",
            "The other coordinates were replaced by their means: they vary, and the score multiplies that, \
             too.",
            |case, parameter, baseline| {
                let one = SumOfSquares { dimension: 1, ..*case };
                case.variance(parameter, baseline) - case.least_variance(parameter)
                    + one.least_variance(parameter)
            },
        )
}

/// (case, parameter, baseline) ↦ variance and fourth central moment
type Moments = fn(&SumOfSquares, Parameter, f64) -> Result<[f64; 2], CheckError>;

fn both_moments(
    case: &SumOfSquares,
    parameter: Parameter,
    baseline: f64,
) -> Result<[f64; 2], CheckError> {
    let moments = case.moments(parameter, baseline)?;
    Ok([moments.variance, moments.fourth])
}

pub(super) fn moments() -> Claim<Moments> {
    claim("score-function/moments")
        .says(
            "The variance and the fourth central moment of (f − b)S for f = Σz² follow from the cumulants of a \
             noncentral chi-square variable and one quadrature in z₁",
        )
        .after("Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2, chapter 29")
        .exact(Tolerance::relative(2e-12), |moments: &Subject<Moments>, cases| {
            for (mean, sigma, dimension, baseline) in
                [(1.0, 0.5, 1, 0.0), (-0.4, 1.7, 2, 1.0), (0.3, 0.8, 3, -2.0)]
            {
                let case = SumOfSquares { q: Gaussian::new(mean, sigma)?, dimension };
                for parameter in Parameter::BOTH {
                    let witness = [2, 4].map(|power| central(&case, parameter, baseline, power));
                    let [second, fourth] = witness;
                    let measured = moments.output(|moments| moments(&case, parameter, baseline))?;
                    let label = format!("{}, D = {dimension}: moments", parameter.symbol());
                    cases.all_equal(&label, &measured, &[second?, fourth?]);
                }
            }
            Ok(())
        })
        .holds_for(both_moments as Moments)
        .fails_for(
            "as-if-normal",
            "The fourth moment was taken to be 3 Var²: the estimator is a polynomial in Gaussians, with much \
             heavier tails.",
            |case, parameter, baseline| {
                let [variance, _] = both_moments(case, parameter, baseline)?;
                Ok([variance, 3.0 * variance * variance])
            },
        )
        .fails_for(
            "one-coordinate",
            "The other coordinates were left out: f is the sum over all of them.",
            |case, parameter, baseline| {
                both_moments(&SumOfSquares { dimension: 1, ..*case }, parameter, baseline)
            },
        )
}

/// (parameter, q, z₁, ∂f/∂z₁) ↦ one estimate
type Pathwise = fn(Parameter, &Gaussian, f64, f64) -> f64;

pub(super) fn pathwise() -> Claim<Pathwise> {
    claim("score-function/pathwise")
        .says(
            "For f = Σz² the pathwise estimator has the means 2μ and σ², as the score function's, and the variances \
             4σ² and μ²σ² + 2σ⁴, whatever D is",
        )
        .settles("sf-variance", Verdict::Holds)
        .exact(Tolerance::relative(2e-12).or_absolute(1e-12), |pathwise: &Subject<Pathwise>, cases| {
            let rule = GaussHermite::new(6)?;
            for (mean, sigma) in [(1.0, 0.5), (-0.4, 1.7), (0.0, 1.2)] {
                let case = on_the_line(mean, sigma)?;
                for parameter in Parameter::BOTH {
                    let one = |z| pathwise.output(|f| f(parameter, &case.q, z, 2.0 * z));
                    let g = case.gradient(parameter);
                    let label = format!("{}: μ = {mean}, σ = {sigma}", parameter.symbol());
                    cases.equal(format!("{label}, mean"), rule.expectation(&case.q, one), g);
                    let variance = rule.expectation(&case.q, |z| (one(z) - g).powi(2));
                    let exact = case.pathwise_variance(parameter);
                    cases.equal(format!("{label}, variance"), variance, exact);
                }
            }
            Ok(())
        })
        .holds_for(pathwise_gradient as Pathwise)
        .fails_for(
            "half-forgotten",
            "σ = exp(½ log σ²), so ∂z/∂log σ² is ½σε: the ½ is missing.",
            |parameter, q, z, slope| match parameter {
                Parameter::Mean => slope,
                Parameter::LogVar => slope * (z - q.mean()),
            },
        )
        .fails_for(
            "noise-for-deviation",
            "The derivative with respect to log σ² was taken to be ½ε: it is ½σε, half the draw's deviation.",
            |parameter, q, z, slope| match parameter {
                Parameter::Mean => slope,
                Parameter::LogVar => slope * 0.5 * (z - q.mean()) / q.sigma(),
            },
        )
        .fails_for(
            "times-the-score",
            "The derivative of f was multiplied by the score: along the path it is multiplied by ∂z.",
            |parameter, q, z, slope| slope * score(parameter, q, z),
        )
}

/// (q, D) ↦ variance of the μ-gradient: without baseline, with the optimal one, pathwise
type Growth = fn(&Gaussian, usize) -> [f64; 3];

fn three_variances(q: &Gaussian, dimension: usize) -> [f64; 3] {
    let case = SumOfSquares { q: *q, dimension };
    let mean = Parameter::Mean;
    [case.variance(mean, 0.0), case.least_variance(mean), case.pathwise_variance(mean)]
}

pub(super) fn growth() -> Claim<Growth> {
    claim("score-function/growth")
        .says(
            "With D coordinates the variance of one coordinate's μ-gradient is V₁ + 2(D−1)m(μ²+3σ²)/σ² + \
             [(D−1)²m² + (D−1)(4μ²σ²+2σ⁴)]/σ² with m = μ² + σ², quadratic in D; with the optimal baseline \
             8μ² + 6σ² + (D−1)(4μ² + 2σ²), linear; pathwise 4σ², constant",
        )
        .settles("sf-variance", Verdict::Holds)
        .exact(Tolerance::relative(1e-12), |growth: &Subject<Growth>, cases| {
            for (mean, sigma) in [(1.0, 0.5), (-0.4, 1.7)] {
                let q = Gaussian::new(mean, sigma)?;
                let (m2, s2) = (mean * mean, sigma * sigma);
                let m = m2 + s2;
                for dimension in [1usize, 2, 5, 30, 1000] {
                    let others = dimension as f64 - 1.0;
                    let own = m2 * m2 / s2 + 14.0 * m2 + 15.0 * s2;
                    let cross = 2.0 * others * m * (m2 + 3.0 * s2) / s2;
                    let rest = others * others * m * m + others * (4.0 * m2 * s2 + 2.0 * s2 * s2);
                    let expected = [
                        own + cross + rest / s2,
                        8.0 * m2 + 6.0 * s2 + others * (4.0 * m2 + 2.0 * s2),
                        4.0 * s2,
                    ];
                    let measured = growth.output(|growth| growth(&q, dimension));
                    let label = format!("μ = {mean}, σ = {sigma}, D = {dimension}: variance");
                    cases.all_equal(&label, &measured, &expected);
                }
            }
            // And the expanded form against the definition.
            let case = SumOfSquares { q: Gaussian::new(0.6, 0.9)?, dimension: 3 };
            let expected = [
                central(&case, Parameter::Mean, 0.0, 2)?,
                central(&case, Parameter::Mean, case.optimal_baseline(Parameter::Mean), 2)?,
                over_points(&case, 1, 5, |z| {
                    let slope = 2.0 * z[0];
                    let estimate = pathwise_gradient(Parameter::Mean, &case.q, z[0], slope);
                    (estimate - case.gradient(Parameter::Mean)).powi(2)
                })?,
            ];
            let measured = growth.output(|growth| growth(&case.q, 3));
            cases.all_equal("by quadrature, D = 3: variance", &measured, &expected);
            Ok(())
        })
        .holds_for(three_variances as Growth)
        .fails_for(
            "linear",
            "The variances were added up over the coordinates: every coordinate's f multiplies the same score, \
             so their covariances count, too.",
            |q, dimension| {
                let [_, least, pathwise] = three_variances(q, dimension);
                [dimension as f64 * three_variances(q, 1)[0], least, pathwise]
            },
        )
        .fails_for(
            "baseline-of-one-coordinate",
            "The baseline of the one-dimensional case was kept: it has to grow with f, by μ² + σ² for each \
             coordinate.",
            |q, dimension| {
                let [plain, _, pathwise] = three_variances(q, dimension);
                let one = SumOfSquares { q: *q, dimension: 1 };
                let kept = one.optimal_baseline(Parameter::Mean);
                let case = SumOfSquares { q: *q, dimension };
                [plain, case.variance(Parameter::Mean, kept), pathwise]
            },
        )
        .fails_for(
            "pathwise-of-the-sum",
            "The pathwise estimator of one coordinate's gradient contains ∂f/∂z₁ only: the other coordinates \
             add nothing.",
            |q, dimension| {
                let [plain, least, pathwise] = three_variances(q, dimension);
                [plain, least, dimension as f64 * pathwise]
            },
        )
}

/// (parameter, q, z, baseline) ↦ one estimate for f = Σz²
type Estimator = fn(Parameter, &Gaussian, &[f64], f64) -> f64;

fn estimate(parameter: Parameter, q: &Gaussian, z: &[f64], baseline: f64) -> f64 {
    baseline_gradient(parameter, q, z[0], sum_of_squares(z), baseline)
}

fn check_one<const D: usize>(
    estimator: &Subject<Estimator>,
    ratios: &mut Ratios<'_>,
    parameter: Parameter,
    baseline: impl Fn(&SumOfSquares) -> f64,
    name: &str,
) -> Result<(), CheckError> {
    let case = SumOfSquares { q: Gaussian::new(1.0, 0.8)?, dimension: D };
    let baseline = baseline(&case);
    ratios.variance(
        format!("variance against its exact value: {}, D = {D}, {name}", parameter.symbol()),
        case.gradient(parameter),
        case.moments(parameter, baseline)?,
        0.4,
        |rng| {
            let z: [f64; D] = std::array::from_fn(|_| case.q.sample(rng));
            estimator.output(|estimate| estimate(parameter, &case.q, &z, baseline))
        },
    )
}

/// The effect is a factor of 1.4 in a variance; the mistakes below change one by 2 and more.
pub(super) fn measured() -> Claim<Estimator> {
    claim("score-function/variance")
        .says(
            "Over draws the variance of the score-function estimator is its exact value, for the mean and the \
             log-variance in one dimension, and in ten dimensions without and with the optimal baseline",
        )
        .settles("sf-variance", Verdict::Holds)
        .ratio(4, |estimator: &Subject<Estimator>, ratios| {
            let none = |_: &SumOfSquares| 0.0;
            let best = |case: &SumOfSquares| case.optimal_baseline(Parameter::Mean);
            check_one::<1>(estimator, ratios, Parameter::Mean, none, "no baseline")?;
            check_one::<1>(estimator, ratios, Parameter::LogVar, none, "no baseline")?;
            check_one::<10>(estimator, ratios, Parameter::Mean, none, "no baseline")?;
            check_one::<10>(estimator, ratios, Parameter::Mean, best, "optimal baseline")
        })
        .holds_for(estimate as Estimator)
        .fails_for(
            "mean-for-sum",
            "f was averaged over its coordinates: the sum is D times as large, its variance D² times.",
            |parameter, q, z, baseline| {
                let f = sum_of_squares(z) / z.len() as f64;
                baseline_gradient(parameter, q, z[0], f, baseline)
            },
        )
        .fails_for(
            "baseline-outside",
            "The baseline was subtracted from the product: it belongs inside, (f − b)S.",
            |parameter, q, z, baseline| estimate(parameter, q, z, 0.0) - baseline,
        )
        .fails_for(
            "pathwise",
            "That is the pathwise estimator, which uses f's derivative: the mean is the same, the variance is \
             not.",
            |parameter, q, z, _| pathwise_gradient(parameter, q, z[0], 2.0 * z[0]),
        )
        .fails_for(
            "log-sigma",
            "That is the derivative with respect to log σ: twice as large, with four times the variance.",
            |parameter, q, z, baseline| {
                let factor = if parameter == Parameter::LogVar { 2.0 } else { 1.0 };
                factor * estimate(parameter, q, z, baseline)
            },
        )
        .fails_for(
            "score-of-all-coordinates",
            "The scores of all coordinates were added up: the derivative with respect to one coordinate's \
             parameter has that coordinate's score only.",
            |parameter, q, z, baseline| {
                let sum: f64 = z.iter().map(|&z| score(parameter, q, z)).sum();
                (sum_of_squares(z) - baseline) * sum
            },
        )
}

/// (relative error, variance, gradient) ↦ draws
type Samples = fn(f64, f64, f64) -> f64;

pub(super) fn samples() -> Claim<Samples> {
    claim("score-function/samples")
        .says(
            "The mean of n draws has a standard error of 1 % of the gradient at n = 10⁴ Var/g², so that n grows \
             with D as the variance does",
        )
        .settles("sf-variance", Verdict::Holds)
        .exact(Tolerance::relative(1e-12), |samples: &Subject<Samples>, cases| {
            for dimension in [1, 10, 100] {
                let case = SumOfSquares { q: Gaussian::new(1.0, 0.5)?, dimension };
                for parameter in Parameter::BOTH {
                    let g = case.gradient(parameter);
                    let variance = case.variance(parameter, 0.0);
                    let draws = samples.output(|samples| samples(0.01, variance, g));
                    let relative_error = (variance / draws).sqrt() / g;
                    let label = format!("D = {dimension}, {}: relative error", parameter.symbol());
                    cases.equal(label, relative_error, 0.01);
                }
            }
            Ok(())
        })
        .holds_for(samples_for as Samples)
        .fails_for(
            "sd-for-variance",
            "The standard deviation stands where the variance has to: the error falls with √n, so n goes with \
             the variance.",
            |error, variance, g| variance.sqrt() / (error * g).powi(2),
        )
        .fails_for(
            "one-percent-of-the-sd",
            "That gives a standard error of 1 % of one draw's standard deviation: the gradient is what the error \
             is to be compared with.",
            |error, _, _| 1.0 / (error * error),
        )
        .fails_for(
            "not-squared",
            "The error has to be squared: half of it takes four times the draws.",
            |error, variance, g| variance / (error * g * g),
        )
}
