//! The toy set of D1: its law, and a VAE that learns it.

use std::sync::OnceLock;

use claims::{Claim, Expected, Rng, Subject, Tolerance, Verdict, apart, claim, domain, whole};
use data::toy::grid;
use ndarray::Array2;
use prob::Quadrature;
use prob::gaussian::standard_log_density;
use prob::special::normal_cdf;
use rand::Rng as _;
use rand_distr::StandardNormal;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::linear::SEEDS;
use ch07_vae::Vae;
use ch07_vae::toy::{GridEnergy, SIGMA, draw, grid_law, rounded_cdf, train_on_grid};

/// The values of a coordinate with their probabilities
type Law = fn() -> Vec<(f64, f64)>;

/// The law with another distribution function in place of P(round(U + N) ≤ k).
fn law_of(cdf: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let steps =
        (-10..=20).map(|k| (f64::from(k) / 2.0, cdf(f64::from(k)) - cdf(f64::from(k) - 1.0)));
    steps.collect()
}

/// F(t) with noise of another standard deviation.
fn smeared(t: f64, sigma: f64) -> f64 {
    let g = |t: f64| {
        sigma * (t / sigma * normal_cdf(t / sigma) + standard_log_density(t / sigma).exp())
    };
    (g(t) - g(t - 10.0)) / 10.0
}

pub(super) fn law() -> Claim<Law> {
    claim("vae/toy-law")
        .says(
            "A coordinate of D1's toy set is k/2 with probability F(k + ½) − F(k − ½), \
             F(t) = (G(t) − G(t − 10))/10, G(t) = tΦ(t) + φ(t): mean 2.5, variance 113/48 to ten digits",
        )
        .settles("vae-toy", Verdict::Holds)
        .for_every(domain([whole("k", -10..=20)]))
        .exact(Tolerance::absolute(2e-13), |law: &Subject<Law>, [k], cases| {
            let law = law.output(|law| law());
            let uniform = |k: f64| {
                let within = |u: f64| normal_cdf(k + 0.5 - u) - normal_cdf(k - 0.5 - u);
                Quadrature::default().integrate_between(within, &[0.0, 5.0, 10.0])
            };
            let (value, probability) =
                law.get((k + 10.0) as usize).copied().unwrap_or((f64::NAN, f64::NAN));
            cases.equal("x", value, 0.5 * k);
            cases.equal("P(x)", probability, uniform(k)?.value / 10.0);
            let moment = |f: &dyn Fn(f64) -> f64| law.iter().map(|&(x, p)| p * f(x)).sum::<f64>();
            cases.equal("total", moment(&|_| 1.0), 1.0);
            cases.equal("mean", moment(&|x| x), 2.5);
            // Rounding adds 1/12 to the variance 100/12 + 1 of U + N, exactly, and twice the covariance of
            // U + N with what the rounding adds, whose Fourier series is Σ (−1)^(k+1) e^(−2π²k²)/(2π²k²).
            let series = |k: f64| (-2.0 * (std::f64::consts::PI * k).powi(2)).exp();
            let covariance = series(1.0) / (2.0 * std::f64::consts::PI.powi(2));
            let variance = (113.0 / 12.0 + 2.0 * covariance) / 4.0;
            cases.equal("variance", moment(&|x| (x - 2.5).powi(2)), variance);
            Ok(())
        })
        .holds_for((|| grid_law().collect()) as Law)
        .fails_for(
            "truncated",
            "The numbers were cut off instead of rounded: everything then lies half a step lower.",
            || law_of(|k| rounded_cdf(k + 0.5)),
        )
        .fails_for(
            "halved-first",
            "The sum was halved before it was rounded: the values are then whole numbers, not half ones.",
            || {
                // Even multiples of ½ only, each with what lies within one of it.
                let at = |k: f64| smeared(k + 1.0, 1.0) - smeared(k - 1.0, 1.0);
                let even = |k: i32| if k % 2 == 0 { at(f64::from(k)) } else { 0.0 };
                (-10..=20).map(|k| (f64::from(k) / 2.0, even(k))).collect()
            },
        )
        .fails_for(
            "no-noise",
            "The noise is missing: without it nothing lies below 0 or above 5.",
            || law_of(|k| ((k + 0.5) / 10.0).clamp(0.0, 1.0)),
        )
        .fails_for(
            "noise-halved",
            "The noise was added after halving, or halved twice: its standard deviation is 1 before.",
            || law_of(|k| smeared(k + 0.5, 0.5)),
        )
        .fails_for(
            "whole-units",
            "The numbers were not halved: the mean is 2.5, not 5.",
            || grid_law().map(|(x, p)| (2.0 * x, p)).collect(),
        )
}

/// Which coordinate, and a generator ↦ that coordinate of a point of the set
type Coordinate = fn(usize, &mut Rng) -> f64;

fn uniform_and_normal(rng: &mut Rng) -> [f64; 2] {
    [rng.random_range(0.0..10.0), rng.sample(StandardNormal)]
}

pub(super) fn set() -> Claim<Coordinate> {
    claim("vae/toy-set")
        .says(
            "Either coordinate of the points that are drawn has this law; a distribution function that is off by 0.02 anywhere \
             would be noticed, and so would a mean that is off by 0.06",
        )
        .settles("vae-toy", Verdict::Holds)
        .after("Massart 1990, The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality")
        .for_every(domain([whole("coordinate", 0..=1)]))
        .statistical(3, |coordinate: &Subject<Coordinate>, [j], draws| {
            let at = |rng: &mut Rng| coordinate.pick(|coordinate| coordinate(j as usize, rng));
            // Spread evenly over the step around it, a value on the grid becomes a continuous one.
            let law: Vec<_> = grid_law().collect();
            let cdf = |x: f64| {
                let share = |value: f64| (2.0 * (x - value) + 0.5).clamp(0.0, 1.0);
                law.iter().map(|&(value, p)| p * share(value)).sum::<f64>().clamp(0.0, 1.0)
            };
            draws.distributed("distribution function, each value spread over its step", 0.02, cdf, |rng| {
                at(rng) + rng.random_range(-0.25..0.25)
            })?;
            let variance: f64 = law.iter().map(|(x, p)| p * (x - 2.5) * (x - 2.5)).sum();
            draws.mean("mean", Expected { mean: 2.5, sd: variance.sqrt(), effect: 0.06 }, at)?;
            let near = |x: f64| (x - 2.5).abs() <= 1.0;
            let share: f64 = law.iter().filter(|&&(x, _)| near(x)).map(|(_, p)| p).sum();
            let expected = Expected { mean: share, sd: (share * (1.0 - share)).sqrt(), effect: 0.03 };
            draws.mean("share within 1 of the mean", expected, |rng| f64::from(near(at(rng))))
        })
        .holds_for((|j, rng| grid(1, rng)[[0, j]]) as Coordinate)
        .fails_for(
            "truncated",
            "The numbers were cut off instead of rounded, which moves the set by a quarter.",
            |_, rng| {
                let [u, n] = uniform_and_normal(rng);
                (u + n).floor() / 2.0
            },
        )
        .fails_for(
            "halved-first",
            "The sum was halved before it was rounded: round first, then halve.",
            |_, rng| {
                let [u, n] = uniform_and_normal(rng);
                ((u + n) / 2.0).round()
            },
        )
        .fails_for(
            "no-noise",
            "The normal noise is missing: the set has soft edges.",
            |_, rng| rng.random_range(0.0_f64..10.0).round() / 2.0,
        )
        .fails_for(
            "normal-for-uniform",
            "Everything was drawn from one normal distribution: the bulk is uniform on [0, 10].",
            |_, rng| {
                let [_, n] = uniform_and_normal(rng);
                (5.0 + (100.0_f64 / 12.0 + 1.0).sqrt() * n).round() / 2.0
            },
        )
}

/// Five trainings, and how points are drawn from what they made.
#[derive(Clone, Copy)]
pub(super) struct Toy {
    models: fn() -> &'static [Vae<f32>],
    draw: fn(&Vae<f32>, usize, &mut Rng) -> Vec<[f64; 2]>,
}

/// D1's set with a tenth of its epochs, which is enough: the energy distance does not fall any more.
const POINTS: usize = 10_000;
const EPOCHS: u64 = 10;

fn train(points: usize, epochs: u64) -> Vec<Vae<f32>> {
    (1..=SEEDS as u64).into_par_iter().map(|seed| train_on_grid(points, epochs, seed)).collect()
}

/// Models that are trained once for all checks.
type Models = OnceLock<Result<Vec<Vae<f32>>, String>>;

fn trained() -> &'static [Vae<f32>] {
    static MODELS: Models = OnceLock::new();
    kept(&MODELS, || train(POINTS, EPOCHS))
}

fn hardly_trained() -> &'static [Vae<f32>] {
    static MODELS: Models = OnceLock::new();
    kept(&MODELS, || train(POINTS / 10, EPOCHS))
}

/// No model where the training was not possible: a check that finds none fails.
fn kept(
    models: &'static Models,
    train: impl FnOnce() -> Vec<Vae<f32>> + Send,
) -> &'static [Vae<f32>] {
    models.get_or_init(|| apart(train)).as_deref().unwrap_or_default()
}

/// Points with their codes from N(0, scale²) and the decoder's noise multiplied.
fn draw_scaled(
    model: &Vae<f32>,
    count: usize,
    rng: &mut Rng,
    [code, noise]: [f64; 2],
) -> Vec<[f64; 2]> {
    let mut normal = |scale: f64| scale * rng.sample::<f64, _>(StandardNormal);
    let z = Array2::from_shape_simple_fn((count, 2), || normal(code) as f32);
    let means = model.decode(z);
    let noisy = |mean: f32, noise: f64| f64::from(mean) + noise;
    let rows = means.rows().into_iter();
    rows.map(|m| [noisy(m[0], normal(noise)), noisy(m[1], normal(noise))]).collect()
}

/// Points in one batch whose energy distance from the law is one draw of the test.
const BATCH: usize = 128;
/// The set moved by this much along one axis is as far as a model may be: half a step of the grid.
const SHIFT: f64 = 0.25;

pub(super) fn samples() -> Claim<Toy> {
    claim("vae/toy-samples")
        .says(
            "Trained as D1 describes, with a Gaussian decoder of σ = ¼ that D1 does not state, the VAE's \
             samples are nearer to the toy set, by energy distance, than the set itself moved by ¼ along one \
             axis: five trainings; a distance larger by 0.02 would be noticed",
        )
        .settles("vae-toy", Verdict::Measured)
        .after("Székely & Rizzo 2013, Energy statistics: a class of statistics based on distances")
        .for_every(domain([whole("training", 0..=SEEDS as i64 - 1)]))
        .statistical(1, |toy: &Subject<Toy>, [training], draws| {
            let energy = GridEnergy::default();
            let limit = energy.of_shift(SHIFT);
            let toy = toy.pick(|toy| *toy);
            let model = (toy.models)().get(training as usize).ok_or("the training was not possible")?;
            // Batches of the models have a standard deviation of about 0.013; the rest is reserve.
            let expected = Expected { mean: -limit, sd: 0.02, effect: 0.02 };
            draws.at_least("− energy distance from the law", expected, |rng| {
                -energy.distance(&(toy.draw)(model, BATCH, rng))
            })
        })
        .holds_for(Toy { models: trained, draw: |model, count, rng| draw(model, count, rng) })
        .fails_for(
            "hardly-trained",
            "A hundredth of the steps: the points still huddle around their mean.",
            Toy { models: hardly_trained, draw: |model, count, rng| draw(model, count, rng) },
        )
        .fails_for(
            "wide-prior",
            "Codes were drawn with the variance 4: the prior has 1, and further out the decoder was never \
             trained.",
            Toy { models: trained, draw: |m, count, rng| draw_scaled(m, count, rng, [2.0, SIGMA]) },
        )
        .fails_for(
            "no-codes",
            "Every code was 0, so that only the decoder's noise is left: draw z from the prior.",
            Toy { models: trained, draw: |m, count, rng| draw_scaled(m, count, rng, [0.0, SIGMA]) },
        )
        .fails_for(
            "log-variance-for-sigma",
            "2.77, the size of log σ², was used as the standard deviation of the decoder's noise.",
            Toy {
                models: trained,
                draw: |m, count, rng| draw_scaled(m, count, rng, [1.0, -2.0 * SIGMA.ln()]),
            },
        )
        .fails_for(
            "uniform-codes",
            "Codes were drawn evenly from [−1, 1], as for some other generators: the prior is N(0, I).",
            Toy {
                models: trained,
                draw: |model, count, rng| {
                    let z = Array2::from_shape_simple_fn((count, 2), || rng.random_range(-1.0_f32..1.0));
                    let rows = model.decode(z);
                    rows.rows().into_iter().map(|m| [f64::from(m[0]), f64::from(m[1])]).collect()
                },
            },
        )
}
