//! `walks`: from one test image to another, through the codes of an autoencoder, through those of a
//! VAE, and straight through pixels.

use anyhow::{Context, Result, bail};
use ch01_autoencoder::{Autoencoder, Schedule as Descent, train as descend};
use ch07_vae::{Vae, purpose};
use data::{Dataset, Images, Split, shuffled};
use figures::Chart;
use ndarray::{Array2, ArrayView2, Axis, concatenate, s};
use nn::Activation;
use prob::Estimate;
use prob::random::stream;
use run::{Folder, Progress, duration, say};
use score::Classifier;
use serde::Serialize;

use super::cli::{Schedule, TrainArguments, WalksArguments};
use super::corpus::Corpus;
use super::fit::fit;
use super::pictures::grid;
use super::settings::Settings;
use super::thread_pool;

/// Images of a walk, its two ends included.
const STEPS: usize = 13;
/// Walks in the picture, and walks that the curves are means of.
const SHOWN: usize = 3;
const MEASURED: usize = 500;
const PICTURE: &str = "walks.png";
const CURVES: &str = "walks_entropy.png";
const REPORT: &str = "walks.json";

/// One way of walking: an image for each step of each walk.
struct Way {
    name: &'static str,
    /// Walk after walk, (walks · steps) × pixels.
    images: Array2<f32>,
    /// For each step the entropy of the classifier's prediction, over the walks.
    entropy: Vec<Estimate>,
}

#[derive(Serialize)]
struct Report<'a> {
    settings: &'a Settings,
    walks: usize,
    classifier_test_accuracy: Option<f64>,
    /// Of 0 at one image and 1 at the other.
    positions: Vec<f64>,
    ways: Vec<Curve>,
}

/// The entropy of the classifier's prediction along a way, in nats.
#[derive(Serialize)]
struct Curve {
    way: &'static str,
    entropy_nats: Vec<f64>,
    standard_error: Vec<f64>,
}

pub(super) fn walks(arguments: &WalksArguments) -> Result<()> {
    let settings = Settings::new(&TrainArguments {
        data: Some(arguments.data.clone()),
        latent: arguments.latent,
        hidden: arguments.hidden.clone(),
        epochs: Some(arguments.epochs.unwrap_or(if arguments.data == "mnist" { 10 } else { 200 })),
        schedule: Some(Schedule::Cosine),
        seed: Some(arguments.seed),
        ..TrainArguments::default()
    })?;
    let folder = Folder::create(&arguments.out)?;
    let set = Corpus::dataset(&settings.data)?;
    thread_pool(arguments.threads)?.install(|| walk(&settings, &set, &folder))
}

fn walk(settings: &Settings, set: &Dataset, folder: &Folder) -> Result<()> {
    let ends = ends(&set.test, settings.seed)?;
    let corpus = Corpus::load(&settings.data, settings.likelihood)?;
    let begin = std::time::Instant::now();
    let done = |what: &str| {
        say(format!("{what}: done after {}", duration(begin.elapsed().as_secs_f64())));
    };
    let vae = {
        let progress = Progress::new((settings.epochs * corpus.train.len()) as u64);
        progress.message(|| "VAE".to_owned());
        fit(settings, &corpus, &progress)?
    };
    done("VAE");
    let autoencoder = autoencoder(settings, &set.train.images)?;
    done("autoencoder, equal layers");
    let classifier = Classifier::train(&set.train, settings.seed)
        .with_context(|| format!("{} has no labels, which the walks need", set.name))?;
    done("classifier");

    let x: Array2<f32> = set.test.images.intensities(&ends);
    let ways = ways(&vae, &autoencoder, &classifier, x)?;
    picture(&ways, set.test.images.shape(), settings.latent)?.save(folder.file(PICTURE))?;
    curves(&ways).save(folder.file(CURVES))?;
    let report = Report {
        settings,
        walks: ends.len() / 2,
        classifier_test_accuracy: classifier.accuracy(&set.test),
        positions: (0..STEPS).map(position).collect(),
        ways: ways
            .iter()
            .map(|way| Curve {
                way: way.name,
                entropy_nats: way.entropy.iter().map(Estimate::mean).collect(),
                standard_error: way.entropy.iter().map(error).collect(),
            })
            .collect(),
    };
    folder.write_json(REPORT, &report)?;

    say(format!("\nMean entropy of the classifier's prediction half way, {} walks:", report.walks));
    for way in &ways {
        let middle = &way.entropy[STEPS / 2];
        say(format!("  {:28}{:.3} ± {:.3} nats", way.name, middle.mean(), error(middle)));
    }
    say(format!("In {}:", folder.path().display()));
    say(format!("  {PICTURE:28}walks between the same test images in three ways"));
    say(format!("  {CURVES:28}how undecided a classifier is along them"));
    say(format!("  {REPORT:28}settings and figures"));
    Ok(())
}

/// The ends of the walks, two after each other: test images of different classes.
fn ends(test: &Split, seed: u64) -> Result<Vec<usize>> {
    let Some(labels) = &test.labels else {
        bail!(
            "walks lead from one class to another, but the data has no labels: choose mnist or \
             optdigits"
        );
    };
    let mut rng = stream(seed, [purpose::SAMPLE, 4]);
    let (from, to) = (shuffled(labels.len(), &mut rng), shuffled(labels.len(), &mut rng));
    let pairs = from.into_iter().zip(to).filter(|&(a, b)| labels[a] != labels[b]);
    let ends: Vec<usize> = pairs.take(MEASURED).flat_map(|(a, b)| [a, b]).collect();
    if ends.len() < 2 * SHOWN {
        bail!("the data has too few test images of different classes for {SHOWN} walks");
    }
    Ok(ends)
}

/// Chapter 1's autoencoder with the VAE's layer sizes, taught by squared error for as many epochs.
fn autoencoder(settings: &Settings, images: &Images) -> Result<Autoencoder<f32>> {
    let activation: Activation = settings.activation.parse()?;
    let widths: Vec<usize> = [images.pixels_per_image()]
        .into_iter()
        .chain(settings.hidden.iter().copied())
        .chain([settings.latent])
        .collect();
    let mut rng = stream(settings.seed, [purpose::WEIGHTS]);
    let mut model = Autoencoder::new(&widths, activation, &mut rng);
    let all: Vec<usize> = (0..images.len()).collect();
    let schedule = Descent {
        epochs: settings.epochs,
        batch: settings.batch,
        learning_rate: settings.learning_rate,
        seed: settings.seed,
    };
    let progress = Progress::new(settings.epochs as u64);
    progress.message(|| "autoencoder".to_owned());
    descend(&mut model, &images.intensities(&all), &schedule, |_, _| progress.advance(1));
    Ok(model)
}

/// The three ways between the images 2k and 2k + 1 of `x`, judged by the classifier.
fn ways(
    vae: &Vae<f32>,
    autoencoder: &Autoencoder<f32>,
    classifier: &Classifier,
    x: Array2<f32>,
) -> Result<Vec<Way>> {
    let through_pixels = straight(x.view());
    let autoencoded = autoencoder.decode(&straight(autoencoder.encode(&x).view()));
    let vae_decoded = vae.decode_mean(straight(vae.encode(x).mean.view()));
    let ways = [
        ("autoencoder", autoencoded.mapv(|value| value.clamp(0.0, 1.0))),
        ("VAE", vae_decoded),
        ("pixels", through_pixels),
    ];
    let way = |(name, images)| Way { name, entropy: entropies(classifier, &images), images };
    Ok(ways.map(way).into())
}

/// The straight line from each row 2k to row 2k + 1, step by step.
fn straight(ends: ArrayView2<'_, f32>) -> Array2<f32> {
    Array2::from_shape_fn((ends.nrows() / 2 * STEPS, ends.ncols()), |(row, column)| {
        let (walk, t) = (row / STEPS, position(row % STEPS) as f32);
        (1.0 - t) * ends[[2 * walk, column]] + t * ends[[2 * walk + 1, column]]
    })
}

/// Where on its walk a step is, from 0 to 1.
fn position(step: usize) -> f64 {
    step as f64 / (STEPS - 1) as f64
}

/// −Σ p log p of the classifier's prediction at each step, over the walks.
fn entropies(classifier: &Classifier, images: &Array2<f32>) -> Vec<Estimate> {
    let mut entropies = vec![Estimate::new(); STEPS];
    let predictions = classifier.predict(images);
    for (row, p) in predictions.probabilities.rows().into_iter().enumerate() {
        let terms = p.iter().filter(|&&p| p > 0.0).map(|&p| -f64::from(p) * f64::from(p).ln());
        entropies[row % STEPS].push(terms.sum());
    }
    entropies
}

/// The standard error of a mean over walks; there are several.
fn error(estimate: &Estimate) -> f64 {
    estimate.standard_error().unwrap_or(f64::NAN)
}

/// The first walks, three rows each and an empty one between two.
fn picture(
    ways: &[Way],
    shape: (usize, usize, usize),
    latent: usize,
) -> Result<figures::ImageGrid> {
    let empty = Array2::zeros((STEPS, shape.0 * shape.1 * shape.2));
    let (mut rows, mut names) = (Vec::new(), Vec::new());
    for walk in 0..SHOWN {
        if walk > 0 {
            rows.push(empty.view());
            names.push("");
        }
        for way in ways {
            rows.push(way.images.slice(s![walk * STEPS..(walk + 1) * STEPS, ..]));
            names.push(way.name);
        }
    }
    let title = format!("Straight walks through codes of {latent} numbers, and through pixels");
    Ok(grid(concatenate(Axis(0), &rows)?.view(), shape, &title).columns(STEPS).row_labels(names))
}

/// How undecided the classifier is along the walks.
fn curves(ways: &[Way]) -> Chart {
    let chart = Chart::new("How undecided a classifier is on the way")
        .x("from one image (0) to the other (1)")
        .y("entropy of its prediction, nats: mean over the walks, ±2 standard errors");
    ways.iter().fold(chart, |chart, way| {
        let at = |step: usize| (position(step), way.entropy[step].mean());
        let band = |step: usize| {
            let ((t, mean), error) = (at(step), error(&way.entropy[step]));
            (t, mean - 2.0 * error, mean + 2.0 * error)
        };
        chart
            .line(way.name, (0..STEPS).map(at).collect::<Vec<_>>())
            .band(way.name, (0..STEPS).map(band).collect::<Vec<_>>())
    })
}
