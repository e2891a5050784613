//! What a baseline keeps, and what it saves.

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim, domain, one_of, real, whole};
use prob::inference::variance::CentralMoments;
use prob::{GaussHermite, Gaussian};

use super::{Cubic, means, on_the_line, over_points, sigmas, sum_of_squares};
use ch04_score_function::{
    Parameter, SumOfSquares, baseline_gradient, in_sample_gradient, leave_one_out_gradient, score,
};

/// (parameter, q, z, f(z), b) ↦ an estimate
type WithBaseline = fn(Parameter, &Gaussian, f64, f64, f64) -> f64;

pub(super) fn any_constant() -> Claim<WithBaseline> {
    claim("score-function/any-baseline")
        .says("(f − b)S has the same mean for every constant b: the gradient, for cubics f")
        .settles("sf-baseline", Verdict::Holds)
        .for_every(
            domain([
                real("c₁ of f(z) = c₁z + c₂z² + c₃z³", -3.0..=3.0),
                real("c₂", -3.0..=3.0),
                real("c₃", -3.0..=3.0),
                real("b", -100.0..=100.0),
                means(),
                sigmas(),
            ])
            .with([[0.0, 1.0, 0.0, -3.0, 1.0, 0.5], [0.0, 1.0, 0.0, 7.0, -0.4, 1.7]]),
        )
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-11),
            |estimator: &Subject<WithBaseline>, [c1, c2, c3, baseline, mean, sigma], cases| {
                let rule = GaussHermite::new(6)?;
                let (f, q) = (Cubic([c1, c2, c3]), Gaussian::new(mean, sigma)?);
                for parameter in Parameter::BOTH {
                    let under_test =
                        |z| estimator.output(|g| g(parameter, &q, z, f.at(z), baseline));
                    let measured = rule.expectation(&q, under_test);
                    cases.equal(parameter.symbol(), measured, f.gradient(parameter, &q));
                }
                Ok(())
            },
        )
        .holds_for(baseline_gradient as WithBaseline)
        .fails_for(
            "outside",
            "The baseline was subtracted from the product fS, and its mean with it: it belongs inside, (f − b)S, \
             where E S = 0 removes it.",
            |parameter, q, z, f, baseline| f * score(parameter, q, z) - baseline,
        )
        .fails_for(
            "own-draw",
            "The baseline is the draw's own f: then nothing is left. It must not depend on the draw that it is \
             subtracted from.",
            |parameter, q, z, f, _| baseline_gradient(parameter, q, z, f, f),
        )
        .fails_for(
            "depends-on-the-draw",
            "A baseline that depends on z was used as if it were a constant: b z S has a mean of its own, b ∂E z.",
            |parameter, q, z, f, baseline| baseline_gradient(parameter, q, z, f, baseline * z),
        )
}

/// (case, parameter) ↦ b* and the variance that it leaves
type Optimal = fn(&SumOfSquares, Parameter) -> [f64; 2];

fn optimum(case: &SumOfSquares, parameter: Parameter) -> [f64; 2] {
    [case.optimal_baseline(parameter), case.least_variance(parameter)]
}

fn at(case: &SumOfSquares, parameter: Parameter, baseline: f64) -> [f64; 2] {
    [baseline, case.variance(parameter, baseline)]
}

pub(super) fn optimal() -> Claim<Optimal> {
    claim("score-function/optimal-baseline")
        .says(
            "The best constant baseline is E[f S²]/E[S²], not E f: for f = Σz² and D = 1 it is μ² + 3σ² for the \
             mean, which leaves 8μ² + 6σ², and μ² + 5σ² for the log-variance; every further coordinate adds μ² + σ²",
        )
        .settles("sf-baseline", Verdict::Holds)
        .for_every(
            domain([means(), sigmas(), whole("D", 1..=3)])
                .with([[1.0, 0.5, 1.0], [-0.4, 1.7, 1.0], [0.6, 0.9, 3.0]]),
        )
        .exact(
            Tolerance::relative(2e-12),
            |optimal: &Subject<Optimal>, [mean, sigma, dimension], cases| {
                let q = Gaussian::new(mean, sigma)?;
                let case = SumOfSquares { q, dimension: dimension as usize };
                for parameter in Parameter::BOTH {
                    let s = |z: &[f64]| score(parameter, &case.q, z[0]);
                    let weighted = over_points(&case, 1, 6, |z| sum_of_squares(z) * s(z).powi(2))?;
                    let best = weighted / over_points(&case, 1, 6, |z| s(z).powi(2))?;
                    let g = case.gradient(parameter);
                    let least = over_points(&case, 1, 6, |z| {
                        ((sum_of_squares(z) - best) * s(z) - g).powi(2)
                    })?;
                    let measured = optimal.output(|optimal| optimal(&case, parameter));
                    let label = format!("{}: b*, Var", parameter.symbol());
                    cases.all_equal(&label, &measured, &[best, least]);
                }
                Ok(())
            },
        )
        .holds_for(optimum as Optimal)
        .fails_for(
            "mean",
            "E f was taken for the best baseline: it leaves more, because f weighs most where the score is large; \
             the best is E[f S²]/E[S²].",
            |case, parameter| at(case, parameter, case.mean()),
        )
        .fails_for(
            "one-for-both",
            "The mean's baseline was used for the log-variance: each parameter has its own score, and its own b*.",
            |case, parameter| at(case, parameter, case.optimal_baseline(Parameter::Mean)),
        )
        .fails_for(
            "own-coordinate-only",
            "The baseline was computed from the coordinate's own term: it has to remove all of f.",
            |case, parameter| {
                let one = SumOfSquares { dimension: 1, ..*case };
                at(case, parameter, one.optimal_baseline(parameter))
            },
        )
}

/// Which baseline.
#[derive(Clone, Copy)]
pub(super) enum Baseline {
    Optimal,
    Mean,
    LeaveOneOut,
}

/// (baseline, case in one dimension, draws) ↦ an estimate of the μ-gradient: from the first draw, or from
/// all with the leave-one-out baseline
type Estimator = fn(Baseline, &SumOfSquares, &[f64; DRAWS]) -> f64;

const DRAWS: usize = 4;

fn scores_and_f(case: &SumOfSquares, z: &[f64; DRAWS]) -> [[f64; DRAWS]; 2] {
    [z.map(|z| score(Parameter::Mean, &case.q, z)), z.map(|z| z * z)]
}

fn with_constant(case: &SumOfSquares, z: &[f64; DRAWS], baseline: f64) -> f64 {
    baseline_gradient(Parameter::Mean, &case.q, z[0], z[0] * z[0], baseline)
}

fn estimate(baseline: Baseline, case: &SumOfSquares, z: &[f64; DRAWS]) -> f64 {
    match baseline {
        Baseline::Optimal => with_constant(case, z, case.optimal_baseline(Parameter::Mean)),
        Baseline::Mean => with_constant(case, z, case.mean()),
        Baseline::LeaveOneOut => {
            let [scores, f] = scores_and_f(case, z);
            leave_one_out_gradient(&scores, &f)
        }
    }
}

/// The exact second and fourth central moments of an estimator; seven nodes are exact for the twelfth
/// power of each draw.
fn exact_moments(case: &SumOfSquares, baseline: Baseline) -> Result<CentralMoments, CheckError> {
    let g = case.gradient(Parameter::Mean);
    let moment = |power| {
        over_points(case, DRAWS, 7, |z| {
            let z: [f64; DRAWS] = std::array::from_fn(|i| z[i]);
            (estimate(baseline, case, &z) - g).powi(power)
        })
    };
    Ok(CentralMoments { variance: moment(2)?, fourth: moment(4)? })
}

/// The effect is a factor of 1.4 in a variance, or of 0.6; the mistakes below go further.
pub(super) fn measured() -> Claim<Estimator> {
    claim("score-function/baseline-variance")
        .says(
            "Over draws at μ = ½ and σ = 1, for f = z², the optimal constant baseline leaves 8μ² + 6σ², the baseline E f 8μ² + 10σ², \
             and the leave-one-out baseline of four draws a quarter of 8μ² + 10σ² + (8μ² + 2σ²)/3",
        )
        .settles("sf-baseline", Verdict::Holds)
        .for_every(domain([one_of("baseline (0 the best, 1 E f, 2 leave-one-out)", &[0.0, 1.0, 2.0])]))
        .ratio(1, |estimator: &Subject<Estimator>, [which], ratios| {
            let (mean, sigma) = (0.5, 1.0);
            let case = on_the_line(mean, sigma)?;
            let (m2, s2) = (mean * mean, sigma * sigma);
            let known = 8.0 * m2 + 10.0 * s2;
            let (baseline, variance) = match which {
                0.0 => (Baseline::Optimal, 8.0 * m2 + 6.0 * s2),
                1.0 => (Baseline::Mean, known),
                _ => (Baseline::LeaveOneOut, (known + (8.0 * m2 + 2.0 * s2) / 3.0) / 4.0),
            };
            let fourth = exact_moments(&case, baseline)?.fourth;
            ratios.variance(
                "variance over its exact value",
                case.gradient(Parameter::Mean),
                CentralMoments { variance, fourth },
                0.4,
                |rng| {
                    let z: [f64; DRAWS] = std::array::from_fn(|_| case.q.sample(rng));
                    estimator.output(|estimate| estimate(baseline, &case, &z))
                },
            )
        })
        .holds_for(estimate as Estimator)
        .fails_for(
            "none",
            "No baseline was subtracted: the mean is right, the variance is that of the plain estimator.",
            |baseline, case, z| match baseline {
                Baseline::LeaveOneOut => {
                    let [scores, f] = scores_and_f(case, z);
                    scores.iter().zip(&f).map(|(s, f)| s * f).sum::<f64>() / DRAWS as f64
                }
                _ => with_constant(case, z, 0.0),
            },
        )
        .fails_for(
            "log-var-baseline",
            "The log-variance's baseline was used for the mean: each parameter has its own b*.",
            |baseline, case, z| match baseline {
                Baseline::Optimal => {
                    with_constant(case, z, case.optimal_baseline(Parameter::LogVar))
                }
                _ => estimate(baseline, case, z),
            },
        )
        .fails_for(
            "in-sample",
            "The mean includes the draw that it is subtracted from: that shrinks the estimate by (L − 1)/L, and \
             its variance with it; leave the draw out.",
            |baseline, case, z| match baseline {
                Baseline::LeaveOneOut => {
                    let [scores, f] = scores_and_f(case, z);
                    in_sample_gradient(&scores, &f)
                }
                _ => estimate(baseline, case, z),
            },
        )
}
