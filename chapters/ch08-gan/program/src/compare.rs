//! `compare`: four models of the same images, by one score.

use std::time::Instant;

use anyhow::{Context, Result};
use ch01_autoencoder::{OverSeeds, SEEDS};
use ch08_gan::contest::{Arena, Drawn, Models};
use figures::{Bars, Figure, ImageGrid, ImageShape};
use ndarray::{Array2, Axis, concatenate, s};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use run::{Folder, Progress, duration, say, thousands};
use score::{Judge, Score};
use serde::Serialize;

use super::cli::CompareArguments;
use super::corpus::{load_images, train_judge};
use super::look::ends;

/// The seed of what all models share: the binarized test set.
const SHARED_SEED: u64 = 2013;

/// Images of each model on the picture, in rows of so many.
const SHOWN: usize = 28;
const COLUMNS: usize = 14;

/// The methods, in the order of the table, each with the name of its likelihood.
const METHODS: [(&str, Option<&str>); 5] = [
    ("GAN", None),
    ("VAE", Some("ELBO of binary images")),
    ("autoencoder, z from N(0, I)", None),
    ("autoencoder, z from fitted Gaussian", None),
    ("Gaussian mixture", Some("log density of grey images")),
];

/// One training of one method, judged.
#[derive(Clone, Debug, Serialize)]
struct Run {
    seed: u64,
    frechet: f64,
    rarest_class: f64,
    class_entropy: f64,
    prediction_entropy: f64,
    nearest_distance: f64,
    log_likelihood: Option<f64>,
}

impl Run {
    fn new(seed: u64, score: &Score, log_likelihood: Option<f64>) -> Self {
        Self {
            seed,
            frechet: score.frechet,
            rarest_class: ends(&score.class_shares).0,
            class_entropy: score.class_entropy,
            prediction_entropy: score.prediction_entropy,
            nearest_distance: score.nearest_distance,
            log_likelihood,
        }
    }
}

/// A method with all its trainings. Intervals are Student's at 95 % over the seeds.
#[derive(Serialize)]
struct Method {
    method: &'static str,
    parameters: usize,
    frechet: OverSeeds,
    rarest_class: OverSeeds,
    class_entropy: OverSeeds,
    prediction_entropy: OverSeeds,
    nearest_distance: OverSeeds,
    /// What the likelihood is of, in nats per test image.
    likelihood: Option<&'static str>,
    log_likelihood: Option<OverSeeds>,
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Comparison {
    command: String,
    data: String,
    training_images: usize,
    passes: usize,
    seeds: usize,
    images_scored: usize,
    classifier_accuracy: f64,
    real_against_real: Run,
    methods: Vec<Method>,
}

/// What a job of one seed leaves: some of the table's rows, by their number.
type Rows = Vec<(usize, u64, Drawn)>;

pub(super) fn compare(arguments: &CompareArguments) -> Result<()> {
    let begin = Instant::now();
    let pool = run::thread_pool(arguments.threads)?;
    let folder = Folder::create(&arguments.out)?;
    let set = load_images(&arguments.data)?;
    let pixels = set.train.images.pixels_per_image();
    let models = Models::of(pixels);
    let passes = arguments.passes.unwrap_or(if models == Models::LARGE { 4 } else { 400 });
    let (channels, height, width) = set.train.images.shape();
    let shape = ImageShape { channels, height, width };
    let scorer = pool.install(|| train_judge(&set)).context("no score without a judge")?;
    let arena = pool
        .install(|| Arena::new(&set, models, passes, SHARED_SEED))
        .context("the images cannot be compared with a mixture")?;
    say(format!(
        "{}: {} images, seen {passes} times by each model; {SEEDS} trainings of each; judge right on {:.1} % of \
         the test images",
        arguments.data,
        thousands(set.train.images.len() as u64),
        100.0 * scorer.judge.accuracy()
    ));

    let progress = Progress::new(4 * SEEDS as u64);
    let count = scorer.judge.samples();
    let jobs: Vec<(usize, u64)> =
        (1..=SEEDS as u64).flat_map(|seed| (0..4).map(move |kind| (kind, seed))).collect();
    let rows: Vec<Rows> = pool.install(|| {
        let each = |(kind, seed)| -> Result<Rows> {
            let drawn = match kind {
                0 => vec![(0, seed, arena.gan(count, seed))],
                1 => vec![(1, seed, arena.vae(count, seed))],
                2 => {
                    let [standard, fitted] = arena.autoencoder(count, seed)?;
                    vec![(2, seed, standard), (3, seed, fitted)]
                }
                _ => vec![(4, seed, arena.mixture(count, seed)?)],
            };
            progress.advance(1);
            Ok(drawn)
        };
        jobs.into_par_iter().map(each).collect::<Result<_>>()
    })?;
    drop(progress);

    let [gan, vae, coder, mixture] = models.parameters(pixels);
    let parameters = [gan, vae, coder, coder, mixture];
    let rows: Rows = rows.into_iter().flatten().collect();
    let methods = METHODS
        .into_iter()
        .enumerate()
        .map(|(row, (method, likelihood))| {
            let runs = judged(&scorer.judge, rows.iter().filter(|(of, ..)| *of == row))?;
            Method::new(method, parameters[row], likelihood, runs)
        })
        .collect::<Result<Vec<_>>>()?;
    let comparison = Comparison {
        command: format!(
            "cargo run -p ch08-gan -- compare --data {} --passes {passes}",
            arguments.data
        ),
        data: arguments.data.clone(),
        training_images: set.train.images.len(),
        passes,
        seeds: SEEDS,
        images_scored: count,
        classifier_accuracy: scorer.judge.accuracy(),
        real_against_real: Run::new(0, &scorer.floor, None),
        methods,
    };
    table(&comparison);
    let (figures, draws) = ("comparison.png", "comparison_images.png");
    bars(&comparison).save(folder.file(figures))?;
    let real = set.test.images.intensities(&(0..SHOWN).collect::<Vec<_>>());
    grid(&real, &rows, shape)?.save(folder.file(draws))?;
    folder.write_json("comparison.json", &comparison)?;
    say(format!(
        "\nIn {} after {}:",
        folder.path().display(),
        duration(begin.elapsed().as_secs_f64())
    ));
    for (name, what) in [
        (figures, "the scores with their intervals"),
        (draws, "what each model draws, with the first seed"),
        ("comparison.json", "every figure of every training"),
    ] {
        say(format!("  {name:24}{what}"));
    }
    Ok(())
}

fn judged<'a>(
    judge: &Judge,
    drawn: impl Iterator<Item = &'a (usize, u64, Drawn)>,
) -> Result<Vec<Run>> {
    drawn
        .map(|(_, seed, drawn)| {
            Ok(Run::new(*seed, &judge.score(&drawn.images)?, drawn.log_likelihood))
        })
        .collect()
}

impl Method {
    fn new(
        method: &'static str,
        parameters: usize,
        likelihood: Option<&'static str>,
        runs: Vec<Run>,
    ) -> Result<Self> {
        let of = |figure: &dyn Fn(&Run) -> f64| -> Result<OverSeeds> {
            let figures: Vec<f64> = runs.iter().map(figure).collect();
            let figures = figures.try_into().ok().context("one training for each seed")?;
            Ok(OverSeeds::of(&figures))
        };
        Ok(Self {
            method,
            parameters,
            frechet: of(&|run| run.frechet)?,
            rarest_class: of(&|run| run.rarest_class)?,
            class_entropy: of(&|run| run.class_entropy)?,
            prediction_entropy: of(&|run| run.prediction_entropy)?,
            nearest_distance: of(&|run| run.nearest_distance)?,
            likelihood,
            log_likelihood: likelihood
                .map(|_| of(&|run| run.log_likelihood.unwrap_or(f64::NAN)))
                .transpose()?,
            runs,
        })
    }
}

fn table(comparison: &Comparison) {
    let interval = |figure: &OverSeeds, digits: usize| {
        format!("{:.digits$} ({:.digits$} to {:.digits$})", figure.mean, figure.low, figure.high)
    };
    say(format!(
        "\n{:36}{:>11}  {:26}{:22}{:24}nats per test image",
        "", "parameters", "Fréchet distance", "rarest class, %", "nearest real image"
    ));
    let floor = &comparison.real_against_real;
    say(format!(
        "{:36}{:>11}  {:<26.1}{:<22.1}{:<24.2}",
        "real images",
        "",
        floor.frechet,
        100.0 * floor.rarest_class,
        floor.nearest_distance
    ));
    for method in &comparison.methods {
        let OverSeeds { mean, low, high } = method.rarest_class;
        let percent = OverSeeds { mean: 100.0 * mean, low: 100.0 * low, high: 100.0 * high };
        let likelihood = method.log_likelihood.zip(method.likelihood);
        say(format!(
            "{:36}{:>11}  {:26}{:22}{:24}{}",
            method.method,
            thousands(method.parameters as u64),
            interval(&method.frechet, 1),
            interval(&percent, 1),
            interval(&method.nearest_distance, 2),
            likelihood.map_or("none".to_owned(), |(figure, what)| format!(
                "{what}: {}",
                interval(&figure, 1)
            ))
        ));
    }
}

fn bars(comparison: &Comparison) -> Figure {
    let floor = &comparison.real_against_real;
    let panel = |title: &str, x: &str, real: f64, figure: fn(&Method) -> OverSeeds| {
        let mut bars = Bars::new(title).x(x).bar("real images", real);
        for method in &comparison.methods {
            let OverSeeds { mean, low, high } = figure(method);
            bars = bars.bar_with_interval(method.method, mean, low, high);
        }
        bars
    };
    let title = format!(
        "Four models that saw each of {} images {} times; mean and 95 % interval of {} trainings",
        thousands(comparison.training_images as u64),
        comparison.passes,
        comparison.seeds
    );
    Figure::new(title)
        .columns(2)
        .panel_size(720.0, 420.0)
        .panel(
            panel("Fréchet distance to real images", "smaller is better", floor.frechet, |m| {
                m.frechet
            })
            .digits(1),
        )
        .panel(
            panel("Share of the rarest class", "0.1 is even", floor.rarest_class, |m| {
                m.rarest_class
            })
            .digits(3),
        )
        .panel(panel(
            "How unsure the classifier is",
            "entropy of its prediction, nats",
            floor.prediction_entropy,
            |m| m.prediction_entropy,
        ))
        .panel(panel(
            "Distance to the nearest training image",
            "far below that of real images would be copying",
            floor.nearest_distance,
            |m| m.nearest_distance,
        ))
}

/// What each model draws, below real images.
fn grid(real: &Array2<f32>, rows: &Rows, shape: ImageShape) -> Result<ImageGrid> {
    let mut images = vec![real.view()];
    let mut labels = vec!["real images"];
    for (row, (method, _)) in METHODS.into_iter().enumerate() {
        let found = rows.iter().find(|(of, seed, _)| *of == row && *seed == 1);
        let (.., drawn) = found.context("each method has a first seed")?;
        images.push(drawn.images.slice(s![..SHOWN, ..]));
        labels.push(method);
    }
    let per_method = SHOWN / COLUMNS;
    let labels = labels
        .into_iter()
        .flat_map(|label| std::iter::once(label).chain(std::iter::repeat_n("", per_method - 1)));
    Ok(ImageGrid::new(concatenate(Axis(0), &images)?.view(), shape)
        .columns(COLUMNS)
        .row_labels(labels)
        .title("Real images, and what each model draws with the first seed"))
}
