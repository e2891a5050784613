//! How much the estimators vary, for f(z) = z₁² + … + z_D².

use autodiff::F1;
use claims::{
    CheckError, Claim, Domain, Ratios, Subject, Tolerance, Verdict, claim, domain, one_of, real,
    scale, signed, whole,
};
use prob::Gaussian;

use super::{means, on_the_line, over_points, sigmas, sum_of_squares};
use ch04_score_function::{
    Parameter, SumOfSquares, baseline_gradient, pathwise_gradient, samples_for, score,
    score_function_gradient,
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

/// q and a number of coordinates.
fn few_coordinates() -> Domain<3> {
    domain([means(), sigmas(), whole("D", 1..=3)]).with([[1.0, 0.5, 1.0], [-0.4, 1.7, 1.0]])
}

/// The same, and a baseline.
fn with_baselines() -> Domain<4> {
    domain([means(), sigmas(), whole("D", 1..=3), real("b", -20.0..=20.0)]).with([
        [1.0, 0.5, 1.0, 0.0],
        [-0.4, 1.7, 2.0, 2.5],
        [0.0, 1.2, 3.0, 0.0],
    ])
}

fn coordinates(mean: f64, sigma: f64, dimension: f64) -> Result<SumOfSquares, CheckError> {
    Ok(SumOfSquares { q: Gaussian::new(mean, sigma)?, dimension: dimension as usize })
}

const NOT_CENTRED: &str = "That is the mean of the squares: subtract the square of the mean.";

pub(super) fn closed_form() -> Claim<Variance> {
    claim("score-function/variance-closed-form")
        .says(
            "For f = Σz² the variance of (f − b)S is least(D) + I(b − b*)²; in one dimension and without \
             baseline that is μ⁴/σ² + 14μ² + 15σ² for the mean, with the baseline E f it is 8μ² + 10σ²",
        )
        .settles("sf-variance", Verdict::Holds)
        .for_every(with_baselines())
        .exact(
            Tolerance::relative(2e-12),
            |variance: &Subject<Variance>, [mean, sigma, dimension, baseline], cases| {
                let case = coordinates(mean, sigma, dimension)?;
                for parameter in Parameter::BOTH {
                    let witness = central(&case, parameter, baseline, 2)?;
                    let measured = variance.output(|v| v(&case, parameter, baseline));
                    cases.equal(parameter.symbol(), measured, witness);
                }
                let (m2, s2) = (mean * mean, sigma * sigma);
                let one = on_the_line(mean, sigma)?;
                let plain = variance.output(|v| v(&one, Parameter::Mean, 0.0));
                cases.equal("D = 1, b = 0", plain, m2 * m2 / s2 + 14.0 * m2 + 15.0 * s2);
                let centred = variance.output(|v| v(&one, Parameter::Mean, m2 + s2));
                cases.equal("D = 1, b = E f", centred, 8.0 * m2 + 10.0 * s2);
                Ok(())
            },
        )
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
        .for_every(with_baselines())
        .exact(
            Tolerance::relative(2e-12),
            |moments: &Subject<Moments>, [mean, sigma, dimension, baseline], cases| {
                let case = coordinates(mean, sigma, dimension)?;
                for parameter in Parameter::BOTH {
                    let witness = [2, 4].map(|power| central(&case, parameter, baseline, power));
                    let [second, fourth] = witness;
                    let measured = moments.output(|moments| moments(&case, parameter, baseline))?;
                    cases.all_equal(parameter.symbol(), &measured, &[second?, fourth?]);
                }
                Ok(())
            },
        )
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

/// Σ zᵢ², with its derivatives
fn sum_of_duals(z: &[F1]) -> F1 {
    z.iter().fold(F1::cst(0.0), |sum, &z| sum + z * z)
}

/// ∂f/∂z₁ by dual numbers.
fn slope_of(f: fn(&[F1]) -> F1, z: &[f64]) -> f64 {
    let mut duals: Vec<F1> = z.iter().map(|&z| F1::cst(z)).collect();
    duals[0] = F1::var(z[0]);
    f(&duals).deriv()
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
        .for_every(few_coordinates())
        .exact(
            Tolerance::relative(2e-12).or_absolute(1e-12),
            |pathwise: &Subject<Pathwise>, [mean, sigma, dimension], cases| {
                let case = coordinates(mean, sigma, dimension)?;
                for parameter in Parameter::BOTH {
                    let one = |z: &[f64]| {
                        let slope = slope_of(sum_of_duals, z);
                        pathwise.output(|f| f(parameter, &case.q, z[0], slope))
                    };
                    let (g, symbol) = (case.gradient(parameter), parameter.symbol());
                    cases.equal(format!("mean, {symbol}"), over_points(&case, 1, 4, one)?, g);
                    let variance = over_points(&case, 1, 4, |z| (one(z) - g).powi(2))?;
                    let exact = case.pathwise_variance(parameter);
                    cases.equal(format!("variance, {symbol}"), variance, exact);
                }
                Ok(())
            },
        )
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

/// The three variances of the μ-gradient, by their definition.
fn by_quadrature(case: &SumOfSquares) -> Result<[f64; 3], CheckError> {
    let mean = Parameter::Mean;
    let pathwise = over_points(case, 1, 5, |z| {
        let estimate = pathwise_gradient(mean, &case.q, z[0], 2.0 * z[0]);
        (estimate - case.gradient(mean)).powi(2)
    })?;
    let best = case.optimal_baseline(mean);
    Ok([central(case, mean, 0.0, 2)?, central(case, mean, best, 2)?, pathwise])
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
            "For f = Σz² over D coordinates, all of f multiplied by one coordinate's score, the variance of the \
             μ-gradient is V₁ + 2(D−1)m(μ²+3σ²)/σ² + \
             [(D−1)²m² + (D−1)(4μ²σ²+2σ⁴)]/σ² with m = μ² + σ², quadratic in D; with the optimal baseline \
             8μ² + 6σ² + (D−1)(4μ² + 2σ²), linear; pathwise 4σ², constant",
        )
        .settles("sf-variance", Verdict::Holds)
        .for_every(domain([means(), sigmas(), whole("D", 1..=1000)]).with([
            [0.6, 0.9, 3.0],
            [1.0, 0.5, 1.0],
            [1.0, 0.5, 2.0],
            [-0.4, 1.7, 5.0],
            [-0.4, 1.7, 30.0],
        ]))
        .exact(
            Tolerance::relative(2e-12),
            |growth: &Subject<Growth>, [mean, sigma, dimension], cases| {
                let case = coordinates(mean, sigma, dimension)?;
                let (m2, s2, others) = (mean * mean, sigma * sigma, dimension - 1.0);
                let m = m2 + s2;
                let own = m2 * m2 / s2 + 14.0 * m2 + 15.0 * s2;
                let cross = 2.0 * others * m * (m2 + 3.0 * s2) / s2;
                let rest = others * others * m * m + others * (4.0 * m2 * s2 + 2.0 * s2 * s2);
                let expected = [
                    own + cross + rest / s2,
                    8.0 * m2 + 6.0 * s2 + others * (4.0 * m2 + 2.0 * s2),
                    4.0 * s2,
                ];
                let measured = growth.output(|growth| growth(&case.q, case.dimension));
                cases.all_equal("variance", &measured, &expected);
                if case.dimension <= 3 {
                    cases.all_equal("by quadrature", &measured, &by_quadrature(&case)?);
                }
                Ok(())
            },
        )
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

/// (parameter, q, z) ↦ one estimate of the gradient by the first coordinate's parameter
type OfAll = fn(Parameter, &Gaussian, &[f64]) -> f64;

/// Mean and variance of one estimate, by quadrature.
fn two_moments(
    case: &SumOfSquares,
    estimate: impl Fn(&[f64]) -> f64,
) -> Result<[f64; 2], CheckError> {
    let mean = over_points(case, 1, 5, &estimate)?;
    Ok([mean, over_points(case, 1, 5, |z| (estimate(z) - mean).powi(2))?])
}

pub(super) fn own_term() -> Claim<OfAll> {
    claim("score-function/own-term")
        .says(
            "For f = Σz² the other coordinates' terms are 0 on average against the first one's score and may be \
             dropped: z₁² times it has the same mean, and for every D the variance of D = 1",
        )
        .after("Ranganath, Gerrish and Blei 2014, Black Box Variational Inference")
        .for_every(few_coordinates())
        .exact(
            Tolerance::relative(2e-12).or_absolute(2e-11),
            |estimator: &Subject<OfAll>, [mean, sigma, dimension], cases| {
                let case = coordinates(mean, sigma, dimension)?;
                for parameter in Parameter::BOTH {
                    let one = |z: &[f64]| estimator.output(|f| f(parameter, &case.q, z));
                    let [mean_of_it, variance] = two_moments(&case, one)?;
                    let symbol = parameter.symbol();
                    cases.equal(format!("mean, {symbol}"), mean_of_it, case.gradient(parameter));
                    let alone = on_the_line(mean, sigma)?.variance(parameter, 0.0);
                    cases.equal(format!("variance, {symbol}"), variance, alone);
                }
                Ok(())
            },
        )
        .holds_for(
            (|parameter, q, z| score_function_gradient(parameter, q, z[0], z[0] * z[0])) as OfAll,
        )
        .fails_for(
            "all-terms",
            "All of f was multiplied by the score: the mean is right, and the other coordinates' terms are noise.",
            |parameter, q, z| score_function_gradient(parameter, q, z[0], sum_of_squares(z)),
        )
        .fails_for(
            "only-the-others",
            "The coordinate's own term was dropped and the others kept: they have mean 0 against its score.",
            |parameter, q, z| score_function_gradient(parameter, q, z[0], sum_of_squares(&z[1..])),
        )
        .fails_for(
            "mean-for-sum",
            "f was averaged over its coordinates: it is their sum.",
            |parameter, q, z| {
                score_function_gradient(parameter, q, z[0], z[0] * z[0] / z.len() as f64)
            },
        )
}

/// (q, z) ↦ one estimate of the gradient of E f by the first coordinate's mean
type Coupled = fn(&Gaussian, &[f64]) -> f64;

/// (Σ zᵢ)², with its derivatives
fn square_of_sum(z: &[F1]) -> F1 {
    let sum = z.iter().fold(F1::cst(0.0), |sum, &z| sum + z);
    sum * sum
}

pub(super) fn coupled() -> Claim<Coupled> {
    claim("score-function/pathwise-coupled")
        .says(
            "For f = (z₁ + … + z_D)², no term of which is free of z₁, the pathwise μ-gradient has the mean 2Dμ and \
             the variance 4Dσ²: it grows with D, too",
        )
        .settles("sf-variance", Verdict::Holds)
        .for_every(few_coordinates())
        .exact(
            Tolerance::relative(2e-12).or_absolute(2e-12),
            |pathwise: &Subject<Coupled>, [mean, sigma, dimension], cases| {
                let case = coordinates(mean, sigma, dimension)?;
                let one = |z: &[f64]| pathwise.output(|f| f(&case.q, z));
                let [mean_of_it, variance] = two_moments(&case, one)?;
                cases.equal("mean", mean_of_it, 2.0 * dimension * mean);
                cases.equal("variance", variance, 4.0 * dimension * sigma * sigma);
                Ok(())
            },
        )
        .holds_for(
            (|q, z| pathwise_gradient(Parameter::Mean, q, z[0], slope_of(square_of_sum, z)))
                as Coupled,
        )
        .fails_for(
            "as-if-separable",
            "This is the derivative of Σz², in which z₁ stands alone: here it stands beside all others, 2Σz.",
            |q, z| pathwise_gradient(Parameter::Mean, q, z[0], slope_of(sum_of_duals, z)),
        )
        .fails_for(
            "all-coordinates",
            "The derivatives by all coordinates were added up: z₁ moves alone when its own mean does.",
            |q, z| {
                let slope = z.len() as f64 * slope_of(square_of_sum, z);
                pathwise_gradient(Parameter::Mean, q, z[0], slope)
            },
        )
        .fails_for(
            "times-the-score",
            "The derivative of f was multiplied by the score: along the path it is multiplied by ∂z.",
            |q, z| slope_of(square_of_sum, z) * score(Parameter::Mean, q, z[0]),
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
    with_baseline: bool,
) -> Result<(), CheckError> {
    let case = SumOfSquares { q: Gaussian::new(1.0, 0.8)?, dimension: D };
    let baseline = if with_baseline { case.optimal_baseline(parameter) } else { 0.0 };
    ratios.variance(
        "variance over its exact value",
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
            "Over draws at μ = 1 and σ = 0.8 the variance of the score-function estimator for f = Σz² is its exact \
             value, for the mean and the log-variance in one dimension, and for the mean in ten, without and with \
             the optimal baseline",
        )
        .settles("sf-variance", Verdict::Holds)
        .for_every(
            domain([
                one_of("D", &[1.0, 10.0]),
                one_of("parameter (0 μ, 1 log σ²)", &[0.0, 1.0]),
                one_of("baseline (0 none, 1 the best)", &[0.0, 1.0]),
            ])
            .such_that("D = 1 without a baseline, or D = 10 and μ", |[dimension, which, best]| {
                if dimension == 1.0 { best == 0.0 } else { which == 0.0 }
            }),
        )
        .ratio(1, |estimator: &Subject<Estimator>, [dimension, which, best], ratios| {
            let parameter = Parameter::BOTH[which as usize];
            match dimension {
                1.0 => check_one::<1>(estimator, ratios, parameter, best == 1.0),
                _ => check_one::<10>(estimator, ratios, parameter, best == 1.0),
            }
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
            "The mean of n = Var/(r g)² draws has a standard error of r times the gradient g: for r = 1 %, \
             n = 10⁴ Var/g²",
        )
        .settles("sf-variance", Verdict::Holds)
        .for_every(
            domain([
                scale("r", 1e-4..=1.0),
                scale("Var", 1e-6..=1e12),
                signed("g", 1e-6..=1e6),
            ])
            .with([[0.01, 30.0, 2.0]])
            .such_that("g is not 0", |[_, _, g]| g != 0.0),
        )
        .exact(Tolerance::relative(1e-12), |samples: &Subject<Samples>, [r, variance, g], cases| {
            let draws = samples.output(|samples| samples(r, variance, g));
            cases.equal("relative error", (variance / draws).sqrt() / g.abs(), r);
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
