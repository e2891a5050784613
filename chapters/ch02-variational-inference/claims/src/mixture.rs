//! Two steps: estimate a density, then draw from it. A mixture of Gaussians does both.

use claims::{
    Claim, Setting, Subject, Tolerance, Verdict, claim, domain, one_of, scale, seed, whole,
};
use ndarray::{Array1, Array2, ArrayView2, Axis, array};
use prob::inference::{Rates, TwoSampleTest};
use prob::random::stream;
use prob::{FullGaussian, Gaussian, Mixture};
use rand::Rng as _;

use ch02_variational_inference::mixture::{Settings, climb, expectation, fit, maximisation};

/// Marks in two subjects of two groups of students, in tens of marks: those who did the exercises and those
/// who did not.
fn two_groups() -> prob::Result<Mixture<FullGaussian>> {
    let with = FullGaussian::new(array![7.6, 7.2], array![[0.5, 0.3], [0.3, 0.7]].view())?;
    let without = FullGaussian::new(array![4.8, 5.4], array![[0.9, -0.2], [-0.2, 0.6]].view())?;
    Mixture::new(&[0.65, 0.35], vec![with, without])
}

fn draws(from: &Mixture<FullGaussian>, count: usize, rng: &mut claims::Rng) -> Array2<f64> {
    let mut rows = Array2::zeros((count, from.components()[0].dimension()));
    for mut row in rows.rows_mut() {
        row.assign(&from.sample(rng));
    }
    rows
}

/// (data, responsibilities, the mixture before, λ) ↦ the next mixture
type Maximisation = fn(
    ArrayView2<'_, f64>,
    &Array2<f64>,
    &Mixture<FullGaussian>,
    f64,
) -> prob::Result<Mixture<FullGaussian>>;

/// Wide components around places where marks lie.
fn beginning(components: usize, rng: &mut claims::Rng) -> prob::Result<Mixture<FullGaussian>> {
    let wide = array![[2.0, 0.0], [0.0, 2.0]];
    let mut start = || {
        let mean = array![rng.random_range(3.0..9.0), rng.random_range(3.0..9.0)];
        FullGaussian::new(mean, wide.view())
    };
    let starts: prob::Result<Vec<FullGaussian>> = (0..components).map(|_| start()).collect();
    Mixture::new(&vec![1.0 / components as f64; components], starts?)
}

/// The gains of the objective (2.23) from `mixture` on, iteration by iteration.
fn gains(
    maximisation: Maximisation,
    data: ArrayView2<'_, f64>,
    mut mixture: Mixture<FullGaussian>,
    (floor, iterations): (f64, usize),
) -> prob::Result<Vec<f64>> {
    let (mut responsibilities, mut before) = expectation(data, &mixture, floor)?;
    let mut gains = Vec::new();
    for _ in 0..iterations {
        mixture = maximisation(data, &responsibilities, &mixture, floor)?;
        let after;
        (responsibilities, after) = expectation(data, &mixture, floor)?;
        gains.push(after - before);
        before = after;
    }
    Ok(gains)
}

/// The mixture with its covariances put through `change`, which sees the component's share of the data.
fn with_covariances(
    of: &Mixture<FullGaussian>,
    change: impl Fn(Array2<f64>, &FullGaussian, f64) -> Array2<f64>,
) -> prob::Result<Mixture<FullGaussian>> {
    let parts = of.components().iter().zip(of.weights()).map(|(component, &weight)| {
        let covariance = change(component.covariance(), component, weight);
        FullGaussian::new(component.mean().to_owned(), covariance.view())
    });
    Mixture::new(of.weights(), parts.collect::<prob::Result<_>>()?)
}

pub(super) fn rises() -> Claim<Maximisation> {
    claim("variational-inference/em-rises")
        .says("No iteration of expectation and maximisation lowers the objective, the floor's penalty included")
        .settles("gen-two-steps", Verdict::Holds)
        .after("Dempster, Laird & Rubin 1977")
        .for_every(
            domain([
                whole("components", 1..=4),
                scale("λ", 0.1..=100.0),
                seed("60 points of two groups, and a beginning"),
            ])
            .with([[2.0, 20.0, 1.0]])
            .cases(110),
        )
        .bound(
            Tolerance::absolute(1e-12),
            |step: &Subject<Maximisation>, [components, floor, seed], margins| {
                let mut rng = margins.rng(seed as u64);
                let data = draws(&two_groups()?, 60, &mut rng);
                let beginning = beginning(components as usize, &mut rng)?;
                let fitted = Settings { floor, iterations: 100, ..SETTINGS };
                let end = climb(data.view(), beginning.clone(), &fitted)?.mixture;
                for (name, from, iterations) in [("a beginning", beginning, 15), ("an end", end, 3)] {
                    let gains = step.output(|&step| gains(step, data.view(), from, (floor, iterations)))?;
                    let least = gains.into_iter().fold(f64::INFINITY, f64::min);
                    margins.at_least(format!("least gain of an iteration from {name}"), least, 0.0);
                }
                Ok(())
            },
        )
        .holds_for(maximisation as Maximisation)
        .fails_for(
            "floor-unweighted",
            "λI was added to every covariance after dividing by Nₖ: the penalty (2.23) leads to \
             (Sₖ + λI)/Nₖ, which weighs less the more points a component has.",
            |data, responsibilities, before, floor| {
                let plain = maximisation(data, responsibilities, before, 0.0)?;
                with_covariances(&plain, |mut covariance, _, _| {
                    covariance.diag_mut().mapv_inplace(|v| v + floor);
                    covariance
                })
            },
        )
        .fails_for(
            "hard-assignment",
            "Every point was given to its likeliest component: that is k-means' step; weigh it by its \
             responsibilities.",
            |data, responsibilities, before, floor| {
                let mut hard = responsibilities.clone();
                for mut row in hard.rows_mut() {
                    let largest = row.iter().copied().fold(0.0, f64::max);
                    row.mapv_inplace(|r| f64::from(u8::from(r == largest)));
                }
                maximisation(data, &hard, before, floor)
            },
        )
        .fails_for(
            "not-centred",
            "This is the second moment about 0: the covariance is about the component's mean, so subtract \
             the mean first.",
            |data, responsibilities, before, floor| {
                let plain = maximisation(data, responsibilities, before, floor)?;
                with_covariances(&plain, |covariance, component, _| {
                    let mean = component.mean().insert_axis(Axis(1)).to_owned();
                    covariance + mean.dot(&mean.t())
                })
            },
        )
        .fails_for(
            "divided-by-all",
            "The weighted squares were divided by N: divide by Nₖ, the sum of the component's \
             responsibilities.",
            |data, responsibilities, before, floor| {
                let plain = maximisation(data, responsibilities, before, floor)?;
                with_covariances(&plain, |covariance, _, weight| weight * covariance)
            },
        )
}

/// (data, seed) ↦ a fit
type Fitted = fn(ArrayView2<'_, f64>, u64) -> prob::Result<Mixture<FullGaussian>>;

const SETTINGS: Settings =
    Settings { components: 2, floor: 1e-2, iterations: 300, least_gain: 1e-10 };

fn fitted(data: ArrayView2<'_, f64>, seed: u64) -> prob::Result<Mixture<FullGaussian>> {
    Ok(fit(data, &SETTINGS, &mut stream(seed, [7]))?.mixture)
}

const POINTS: usize = 3000;
const SEEDS: u64 = 12;

/// The mean absolute error of the means, in units of the standard error that Nₖ points of the component
/// alone would have, 0.8 on average if it were known which they are.
fn error_of_means(found: &Mixture<FullGaussian>, truth: &Mixture<FullGaussian>) -> f64 {
    let apart = |a: &FullGaussian, b: &FullGaussian| (&a.mean() - &b.mean()).mapv(f64::abs).sum();
    let mut errors = Vec::new();
    for (component, weight) in truth.components().iter().zip(truth.weights()) {
        let nearest = found
            .components()
            .iter()
            .min_by(|a, b| apart(a, component).total_cmp(&apart(b, component)));
        let Some(nearest) = nearest else { return f64::NAN };
        let standard_errors =
            component.covariance().diag().mapv(|v| (v / (weight * POINTS as f64)).sqrt());
        errors.extend(((&nearest.mean() - &component.mean()) / standard_errors).mapv(f64::abs));
    }
    errors.iter().sum::<f64>() / errors.len() as f64
}

/// The mean of the errors, four in each run, is 0.8 standard errors if one knows who belongs to which group; 2 leaves room
/// for not knowing it.
pub(super) fn recovers() -> Claim<Fitted> {
    claim("variational-inference/em-recovers")
        .says(
            "From 3000 draws of a known mixture of two, expectation and maximisation recovers its means to less than \
             two standard errors, and its weights to 0.02",
        )
        .settles("gen-two-steps", Verdict::Holds)
        .measured(Setting {
            data: "3000 draws of two groups in two dimensions, whose means are 3.3 apart",
            settings: "two full covariances, λ = 0.01, until an iteration gains less than 1e-10",
            runs: SEEDS as u32,
        })
        .trained(|fitted: &Subject<Fitted>, runs| {
            let truth = two_groups()?;
            let (mut means, mut weights) = (Vec::new(), Vec::new());
            for run in 0..SEEDS {
                let data = draws(&truth, POINTS, &mut stream(runs.seed(), [run, 1]));
                let found = fitted.pick(|fitted| fitted(data.view(), run))?;
                means.push(error_of_means(&found, &truth));
                let largest = found.weights().iter().copied().fold(0.0, f64::max);
                weights.push(largest - truth.weights()[0]);
            }
            runs.below("error of the means in standard errors", &means, 2.0);
            runs.between("error of the larger weight", &weights, -0.02, 0.02);
            Ok(())
        })
        .holds_for(fitted as Fitted)
        .fails_for(
            "one-iteration",
            "The fit was stopped after one iteration, near its beginning: go on until the objective stops \
             rising.",
            |data, seed| {
                let settings = Settings { iterations: 1, ..SETTINGS };
                Ok(fit(data, &settings, &mut stream(seed, [7]))?.mixture)
            },
        )
        .fails_for(
            "equal-beginnings",
            "All components began at the same place: then they have the same responsibilities and stay \
             equal for ever; begin at different points.",
            |data, _| {
                let whole = fit(data, &Settings { components: 1, ..SETTINGS }, &mut stream(0, [7]))?;
                let one = whole.mixture.components()[0].clone();
                let twice = Mixture::new(&[0.5, 0.5], vec![one.clone(), one])?;
                Ok(climb(data, twice, &SETTINGS)?.mixture)
            },
        )
        .fails_for(
            "floor-too-high",
            "λ is as large as the data's own sum of squares: then the floor, not the data, makes the \
             covariances, and both components cover everything.",
            |data, seed| {
                let settings = Settings { floor: 20_000.0, ..SETTINGS };
                Ok(fit(data, &settings, &mut stream(seed, [7]))?.mixture)
            },
        )
}

/// A mixture's sampler
type Sampler = fn(&Mixture<FullGaussian>, &mut claims::Rng) -> Array1<f64>;

fn sample(mixture: &Mixture<FullGaussian>, rng: &mut claims::Rng) -> Array1<f64> {
    mixture.sample(rng)
}

const AVERAGED: &str = "Components were averaged: a mixture draws *one* component, and a point from it; the \
    average of draws lies between the groups, where nobody is.";

fn averaged(mixture: &Mixture<FullGaussian>, rng: &mut claims::Rng) -> Array1<f64> {
    let parts = mixture.components().iter().zip(mixture.weights());
    parts.map(|(c, w)| c.sample(rng) * *w).fold(Array1::zeros(2), |sum, x| sum + x)
}

const EQUALLY_OFTEN: &str =
    "Components were drawn equally often: draw component k with probability wₖ.";

fn equally_often(mixture: &Mixture<FullGaussian>, rng: &mut claims::Rng) -> Array1<f64> {
    let components = mixture.components();
    components[rng.random_range(0..components.len())].sample(rng)
}

const NO_MEAN: &str =
    "The component's mean was forgotten: L ε scatters around 0; a draw is mean + L ε.";

fn no_mean(mixture: &Mixture<FullGaussian>, rng: &mut claims::Rng) -> Array1<f64> {
    let second = rng.random::<f64>() >= mixture.weights()[0];
    let component = &mixture.components()[usize::from(second)];
    component.sample(rng) - component.mean()
}

/// The sum of the marks is a number, and its distribution a mixture on the line.
pub(super) fn draws_follow_the_density() -> Claim<Sampler> {
    claim("variational-inference/sampling")
        .says("Drawing a component and then a point from it draws from the mixture's density, whichever way one looks")
        .settles("gen-two-steps", Verdict::Holds)
        .for_every(domain([one_of("direction of the look in degrees", &[0.0, 45.0, 90.0, 135.0])]))
        .statistical(1, |sampler: &Subject<Sampler>, [degrees], draws| {
            let mixture = two_groups()?;
            let (sine, cosine) = degrees.to_radians().sin_cos();
            let direction = array![cosine, sine];
            let along: prob::Result<Vec<Gaussian>> = mixture
                .components()
                .iter()
                .map(|c| {
                    let variance = direction.dot(&c.covariance().dot(&direction));
                    Gaussian::new(direction.dot(&c.mean()), variance.sqrt())
                })
                .collect();
            let law = Mixture::new(mixture.weights(), along?)?;
            draws.distributed(
                "",
                0.1,
                |x| law.cdf(x),
                |rng| direction.dot(&sampler.pick(|sampler| sampler(&mixture, rng))),
            )
        })
        .holds_for(sample as Sampler)
        .fails_for("averaged", AVERAGED, averaged)
        .fails_for("equally-often", EQUALLY_OFTEN, equally_often)
        .fails_for("no-mean", NO_MEAN, no_mean)
}

/// Fits whose draws are held against the real ones.
const FITS: u64 = 5;
/// 1e-9 for false alarms and misses of each of the ten comparisons.
const RATE: f64 = 1e-9;
/// Distribution functions that are somewhere this far apart are told apart.
const DISTANCE: f64 = 0.12;

pub(super) fn generates() -> Claim<Sampler> {
    claim("variational-inference/two-steps")
        .says(
            "A density estimated from data, then drawn from, gives new marks whose distribution is nearer to the \
             real ones' than a two-sample test can tell (α = 1e-9; a distance of 0.12 between distribution functions is \
             found with power 1 − 1e-9)",
        )
        .settles("gen-two-steps", Verdict::Holds)
        .measured(Setting {
            data: "3000 draws of two groups in two dimensions; the marks of each subject are compared",
            settings: "two full covariances, λ = 0.01; as many new draws as the test needs",
            runs: FITS as u32,
        })
        .trained(|sampler: &Subject<Sampler>, runs| {
            let truth = two_groups()?;
            let test = TwoSampleTest::plan(Rates::new(RATE, RATE)?, DISTANCE)?;
            let count = test.draws() as usize;
            let mut shares = [[0.0; FITS as usize]; 2];
            for run in 0..FITS {
                let mut rng = stream(runs.seed(), [run, 2]);
                let data = draws(&truth, POINTS, &mut rng);
                let found = fitted(data.view(), run)?;
                let fresh = draws(&truth, count, &mut rng);
                let new: Vec<Array1<f64>> =
                    (0..count).map(|_| sampler.pick(|sampler| sampler(&found, &mut rng))).collect();
                for (subject, share) in shares.iter_mut().enumerate() {
                    let made: Vec<f64> = new.iter().map(|x| x[subject]).collect();
                    let decision = test.test(&fresh.column(subject).to_vec(), &made)?;
                    share[run as usize] = decision.distance / decision.threshold;
                }
            }
            for (subject, share) in shares.into_iter().enumerate() {
                let label = format!(
                    "subject {}: distance as a share of the test's threshold; {count} draws each",
                    subject + 1
                );
                runs.below(label, &share, 1.0);
            }
            Ok(())
        })
        .holds_for(sample as Sampler)
        .fails_for("averaged", AVERAGED, averaged)
        .fails_for("equally-often", EQUALLY_OFTEN, equally_often)
        .fails_for("no-mean", NO_MEAN, no_mean)
}
