//! What it costs to integrate the ability out, by a grid and by draws from the prior.

use claims::{
    CheckError, Claim, Ratios, Subject, Tolerance, Verdict, claim, domain, one_of, real, scale,
    seed, whole,
};
use ndarray::{Array1, Array2, array};
use ndarray_rand::RandomExt;
use prob::eigen;
use prob::gaussian::standard_log_density;
use prob::inference::variance::CentralMoments;
use rand_distr::StandardNormal;

use ch02_variational_inference::LinearGaussian;
use ch02_variational_inference::integration::{
    HALF_WIDTH, divided_ability, grid_log_evidence, independent_copies, relative_variance,
    relative_weight, weight_moment,
};

/// The relative error that a grid is to have.
const ACCURACY: f64 = 1e-3;

/// d abilities, and d + 1 marks to each of which all contribute.
fn exam(d: usize) -> Result<(LinearGaussian, Array1<f64>), CheckError> {
    let loading =
        Array2::from_shape_fn((d + 1, d), |(j, i)| if i == j { 1.2 } else { 0.3 - 0.1 * i as f64 });
    let x = Array1::from_shape_fn(d + 1, |j| 0.8 - 0.5 * j as f64);
    Ok((LinearGaussian::new(loading, Array1::zeros(d + 1), Array1::ones(d + 1))?, x))
}

/// d abilities that all contribute to each of d + 1 marks, and a student's marks.
fn random_exam(
    d: usize,
    loading: f64,
    rng: &mut claims::Rng,
) -> Result<(LinearGaussian, Array1<f64>), CheckError> {
    let weights = loading * Array2::random_using((d + 1, d), StandardNormal, rng);
    let model = LinearGaussian::new(weights, Array1::zeros(d + 1), Array1::ones(d + 1))?;
    let x = model.sample(rng).1;
    Ok((model, x))
}

/// (model, x, points a coordinate) ↦ log p(x) and the number of evaluations
type Grid = fn(&LinearGaussian, &Array1<f64>, usize) -> prob::Result<[f64; 2]>;

fn on_a_grid(model: &LinearGaussian, x: &Array1<f64>, points: usize) -> prob::Result<[f64; 2]> {
    let grid = grid_log_evidence(model, x.view(), points)?;
    Ok([grid.log_evidence, grid.evaluations as f64])
}

pub(super) fn grid_accuracy() -> Claim<Grid> {
    claim("variational-inference/grid-accuracy")
        .says(
            "A grid whose cells are 1.5 times as wide as the posterior is where it is narrowest, in standard \
             deviations, or less, gives p(x) with a relative error of 1e-3 at most, for up to three abilities: the number of \
             points a coordinate follows from that width and not from d",
        )
        .settles("vi-intractable", Verdict::HoldsIf)
        .for_every(
            domain([
                whole("d", 1..=3),
                scale("loadings in units of the noise", 0.1..=1.0),
                real("width of a cell in standard deviations", 1.0..=1.5).special(&[1.5]),
                seed("a model of d + 1 marks, and the marks"),
            ])
            .cases(140),
        )
        .exact(
            Tolerance::absolute(ACCURACY).because(
                "the error falls like exp(−2π²/width²): 2d·1.6e-4 at a width of 1.5, 2d·3e-9 at 1",
            ),
            |grid: &Subject<Grid>, [d, loading, width, seed], cases| {
                let mut rng = cases.rng(seed as u64);
                let (model, x) = random_exam(d as usize, loading, &mut rng)?;
                let narrowest = eigen::symmetric(model.posterior_precision().view())?.values[0];
                let points = (2.0 * HALF_WIDTH * narrowest.sqrt() / width).ceil() as usize;
                let [measured, _] = grid.output(|grid| grid(&model, &x, points))?;
                let ratio = (measured - model.log_evidence(x.view())?).exp();
                cases.equal("grid/exact", ratio, 1.0);
                Ok(())
            },
        )
        .holds_for(on_a_grid as Grid)
        .fails_for(
            "volume-forgotten",
            "The densities were added up without the cells' volume: multiply by hᵈ.",
            |model, x, points| {
                let cell = 2.0 * HALF_WIDTH / points as f64;
                let volume = model.latent_dimension() as f64 * cell.ln();
                Ok([on_a_grid(model, x, points)?[0] - volume, 0.0])
            },
        )
        .fails_for(
            "a-volume-for-the-mean",
            "The mean over the grid was taken: it is the integral over its volume (2L)ᵈ; multiply by that.",
            |model, x, points| {
                let volume = model.latent_dimension() as f64 * (2.0 * HALF_WIDTH).ln();
                Ok([on_a_grid(model, x, points)?[0] - volume, 0.0])
            },
        )
        .fails_for(
            "half-the-points",
            "Cells were made twice as wide, so that they are wider than the posterior: points needed \
             follow from its width.",
            |model, x, points| on_a_grid(model, x, points / 2),
        )
}

pub(super) fn grid_cost() -> Claim<Grid> {
    claim("variational-inference/grid-cost")
        .says("A grid of n points a coordinate takes nᵈ evaluations: the cost is exponential in d")
        .settles("vi-intractable", Verdict::HoldsIf)
        .for_every(domain([whole("d", 1..=4), whole("n", 1..=12)]))
        .exact(Tolerance::relative(2e-12), |grid: &Subject<Grid>, [d, points], cases| {
            let (model, x) = exam(d as usize)?;
            let [_, counted] = grid.output(|grid| grid(&model, &x, points as usize))?;
            cases.equal("evaluations", counted, points.powi(d as i32));
            Ok(())
        })
        .holds_for(on_a_grid as Grid)
        .fails_for(
            "coordinate-by-coordinate",
            "Coordinates were counted one after the other, n·d: that integrates a sum; the joint density \
             does not fall apart into factors, so every combination is needed.",
            |model, _, points| Ok([0.0, (points * model.latent_dimension()) as f64]),
        )
        .fails_for(
            "corners",
            "Two points a coordinate were counted, 2ᵈ: the cost has the base n.",
            |model, _, _| Ok([0.0, 2f64.powi(model.latent_dimension() as i32)]),
        )
        .fails_for(
            "over-the-marks",
            "The exponent is the number of marks; it is the latent variable that is integrated out, so it is \
             the number of abilities.",
            |_, x, points| Ok([0.0, (points as f64).powi(x.len() as i32)]),
        )
}

/// One ability, two marks, and a student of x.
fn small() -> Result<(LinearGaussian, Array1<f64>), CheckError> {
    let model = LinearGaussian::new(array![[0.8], [0.6]], array![0.0, 0.0], array![1.0, 1.3])?;
    Ok((model, array![0.7, -0.4]))
}

/// The same with loadings and noise in other units, and another student.
fn two_marks([w, sigma, x1, x2]: [f64; 4]) -> Result<(LinearGaussian, Array1<f64>), CheckError> {
    let (loading, offset) = (array![[0.8 * w], [0.6 * w]], array![0.1, -0.2]);
    Ok((LinearGaussian::new(loading, offset, array![sigma, 1.3 * sigma])?, array![x1, x2]))
}

/// (model, x) ↦ Var p(x | z)/p(x)² over the prior
type RelativeVariance = fn(&LinearGaussian, &Array1<f64>) -> prob::Result<f64>;

pub(super) fn prior_variance() -> Claim<RelativeVariance> {
    claim("variational-inference/prior-variance")
        .says(
            "Of a draw from the prior the relative variance is E[p(x | z)²]/p(x)² − 1, where the square of \
             N(x; m, σ²) is N(x; m, σ²/2)/(2√π σ)",
        )
        .settles("vi-intractable", Verdict::HoldsIf)
        .for_every(
            domain([
                scale("w", 0.1..=2.0),
                scale("σ", 0.5..=5.0),
                real("x₁", -4.0..=4.0),
                real("x₂", -4.0..=4.0),
            ])
            .with([[1.0, 1.0, 0.7, -0.4], [1.5, 0.8, 1.4, 0.2], [0.4, 2.0, -1.0, 3.0]])
            .cases(160),
        )
        .exact(
            Tolerance::relative(1e-9)
                .or_absolute(1e-11)
                .because("a variance that is small beside the squared mean is left by two that cancel"),
            |of: &Subject<RelativeVariance>, case, cases| {
                let (model, x) = two_marks(case)?;
                // The trapezoidal rule, which is exact to all digits for a Gaussian that is wide beside a step.
                let mut moments = [0.0; 2];
                for z in (-240..=240).map(|i| 0.05 * f64::from(i)) {
                    let log = model.log_likelihood(x.view(), array![z].view())?;
                    for (k, moment) in moments.iter_mut().enumerate() {
                        let power = (k + 1) as f64 * log;
                        *moment += 0.05 * (standard_log_density(z) + power).exp();
                    }
                }
                let expected = moments[1] / moments[0].powi(2) - 1.0;
                cases.equal("", of.output(|variance| variance(&model, &x))?, expected);
                Ok(())
            },
        )
        .holds_for((|model, x| relative_variance(model, x.view())) as RelativeVariance)
        .fails_for(
            "second-moment",
            "This is the second moment; the variance is that less the squared mean, which is 1 here.",
            |model, x| weight_moment(model, x.view(), 2),
        )
        .fails_for(
            "constant-forgotten",
            "The square of a Gaussian density is no density: besides halving the variance it divides by \
             2√π σ for every mark.",
            |model, x| {
                let constant: f64 = model.sigma().iter().map(|s| 2.0 * std::f64::consts::PI.sqrt() * s).product();
                Ok(weight_moment(model, x.view(), 2)? * constant - 1.0)
            },
        )
        .fails_for(
            "not-relative",
            "The variance was not divided by the evidence squared: 'relative' is in units of p(x)².",
            |model, x| {
                let square = (2.0 * model.log_evidence(x.view())?).exp();
                Ok(relative_variance(model, x.view())? * square)
            },
        )
}

/// (model of one student, x, n) ↦ the relative variance for n students together, and for one student whose
/// ability has n parts
type Growth = fn(&LinearGaussian, &Array1<f64>, usize) -> prob::Result<[f64; 2]>;

fn growth(model: &LinearGaussian, x: &Array1<f64>, n: usize) -> prob::Result<[f64; 2]> {
    let (many, all) = independent_copies(model, x.view(), n)?;
    let divided = divided_ability(model, n)?;
    Ok([relative_variance(&many, all.view())?, relative_variance(&divided, x.view())?])
}

pub(super) fn prior_growth() -> Claim<Growth> {
    claim("variational-inference/prior-growth")
        .says(
            "Where every coordinate of z adds information the relative variance is (1 + r)ᵈ − 1, exponential \
             in d; where x's information is fixed it is r, whatever d is",
        )
        .settles("vi-intractable", Verdict::HoldsIf)
        .for_every(
            domain([
                whole("d", 1..=32),
                scale("w", 0.1..=2.0),
                scale("σ", 0.5..=5.0),
                real("x₁", -4.0..=4.0),
                real("x₂", -4.0..=4.0),
            ])
            .with([[32.0, 1.0, 1.0, 0.7, -0.4]])
            .cases(160),
        )
        .exact(
            Tolerance::relative(1e-10).or_absolute(1e-11),
            |of: &Subject<Growth>, [d, w, sigma, x1, x2], cases| {
                let (model, x) = two_marks([w, sigma, x1, x2])?;
                let r = relative_variance(&model, x.view())?;
                let measured = of.output(|growth| growth(&model, &x, d as usize))?;
                let expected = (1.0 + r).powi(d as i32) - 1.0;
                cases.all_equal("copies, parts", &measured, &[expected, r]);
                Ok(())
            },
        )
        .holds_for(growth as Growth)
        .fails_for(
            "added-up",
            "The relative variances were added: the weights of independent parts are multiplied, so that \
             1 + r is what multiplies.",
            |model, x, n| {
                let [_, one] = growth(model, x, n)?;
                Ok([n as f64 * relative_variance(model, x.view())?, one])
            },
        )
        .fails_for(
            "power-of-r",
            "r was raised to the power d; it is the second moment 1 + r that multiplies.",
            |model, x, n| {
                let [_, one] = growth(model, x, n)?;
                Ok([relative_variance(model, x.view())?.powi(n as i32), one])
            },
        )
        .fails_for(
            "dimension-is-enough",
            "The number of coordinates was taken for the reason: it is the information about them. Parts \
             of one ability that share its loading, ‖w‖ fixed, cost nothing.",
            |model, x, n| {
                let [many, _] = growth(model, x, n)?;
                Ok([many, many])
            },
        )
        .fails_for(
            "parts-not-shared",
            "Each of the n parts was given the whole loading w; then ‖w‖² grows with n. Divide by √n.",
            |model, x, n| {
                let whole = LinearGaussian::new(
                    &model.loading() * (n as f64).sqrt(),
                    model.offset().to_owned(),
                    model.sigma().to_owned(),
                )?;
                let [many, _] = growth(model, x, n)?;
                Ok([many, relative_variance(&whole, x.view())?])
            },
        )
}

/// (model, x, rng) ↦ one draw of p(x | z)/p(x)
type Weight = fn(&LinearGaussian, &Array1<f64>, &mut claims::Rng) -> f64;

fn weight(model: &LinearGaussian, x: &Array1<f64>, rng: &mut claims::Rng) -> f64 {
    let log_evidence = model.log_evidence(x.view()).unwrap_or(f64::NAN);
    relative_weight(model, x.view(), log_evidence, rng).unwrap_or(f64::NAN)
}

/// The effect is a factor of 1.6: mistakes below change the variance by 2.5 and more.
pub(super) fn prior_sampling() -> Claim<Weight> {
    claim("variational-inference/prior-sampling")
        .says(
            "Draws of p(x | z)/p(x) from the prior have the variance of (2.10), for a student of one ability, for two \
             such students and for one whose ability has eight parts",
        )
        .settles("vi-intractable", Verdict::HoldsIf)
        .for_every(domain([one_of("students", &[1.0, 2.0]), one_of("parts of the ability", &[1.0, 8.0])])
            .such_that("not two students of eight parts", |[students, parts]| students * parts <= 8.0))
        .ratio(1, |draw: &Subject<Weight>, [students, parts], ratios: &mut Ratios<'_>| {
            let (one, x) = small()?;
            let (model, x) = independent_copies(&one, x.view(), students as usize)?;
            let model = if parts > 1.0 { divided_ability(&model, parts as usize)? } else { model };
            let moment = |k| weight_moment(&model, x.view(), k);
            let (m2, m3, m4) = (moment(2)?, moment(3)?, moment(4)?);
            let moments =
                CentralMoments { variance: m2 - 1.0, fourth: m4 - 4.0 * m3 + 6.0 * m2 - 3.0 };
            ratios.variance("variance against its exact value", 1.0, moments, 0.6, |rng| {
                draw.output(|draw| draw(&model, &x, rng))
            })
        })
        .holds_for(weight as Weight)
        .fails_for(
            "not-divided",
            "The weights were not divided by p(x): they are relative, with mean 1.",
            |model, x, rng| weight(model, x, rng) * model.log_evidence(x.view()).unwrap_or(f64::NAN).exp(),
        )
        .fails_for(
            "joint-for-likelihood",
            "The prior was counted twice: draws come from it already, so the weight is p(x | z), without p(z).",
            |model, x, rng| {
                let z = Array1::random_using(model.latent_dimension(), StandardNormal, rng);
                let joint = model.log_joint(x.view(), z.view()).unwrap_or(f64::NAN);
                (joint - model.log_evidence(x.view()).unwrap_or(f64::NAN)).exp()
            },
        )
        .fails_for(
            "average-of-four",
            "Four draws were averaged, which divides the variance by four: (2.10) is about one.",
            |model, x, rng| (0..4).map(|_| 0.25 * weight(model, x, rng)).sum(),
        )
}
