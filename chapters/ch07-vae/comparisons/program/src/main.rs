//! Walks from one test image to another: through the codes of chapter 1's autoencoder, through those of a VAE with the same
//! layers, and straight through pixels.

mod ways;

use std::f64::consts::PI;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use ch01_autoencoder::{Autoencoder, Schedule, train};
use ch07_vae::{Architecture, Examples, Likelihood, Objective, Trainer, Vae, purpose};
use clap::Parser;
use data::{Dataset, Images, Source, Split, batches, default_root, shuffled};
use ndarray::Array2;
use nn::{Activation, Adam};
use prob::Estimate;
use prob::random::stream;
use run::{Folder, Progress, duration, parse, say};
use score::Classifier;
use serde::Serialize;

use ways::{SHOWN, STEPS, Way, curves, error, picture, position, ways};

/// Walks that the curves are means of.
const MEASURED: usize = 500;
const PICTURE: &str = "walks.png";
const CURVES: &str = "walks_entropy.png";
const REPORT: &str = "walks.json";

/// Walks between test images through the codes of an autoencoder and of a VAE, and through pixels.
///
/// Trains both with the same layers for the same number of epochs, then asks a classifier how undecided it is on the way.
#[derive(Debug, Parser, Serialize)]
#[command(name = "ch07-comparisons", version)]
struct Arguments {
    /// What to learn from: mnist, optdigits, or a folder with idx or idx.gz files, labels included, or with
    /// PNG or JPEG pictures in train/CLASS/ and test/CLASS/
    #[arg(long, value_name = "mnist|optdigits|DIR", default_value = "optdigits")]
    data: String,

    /// Dimension of both models' codes [default: 20; optdigits 8]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<1000>)]
    latent: Option<usize>,

    /// Widths of both encoders' hidden layers; the decoders mirror them [default: 400; optdigits 128]
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', value_parser = parse::count_to::<5000>)]
    hidden: Option<Vec<usize>>,

    /// Times that every training example is seen, by each model [default: 200; mnist 10]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    epochs: Option<usize>,

    /// Seed of weights, order, binarization, noise and the choice of walks
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Threads to compute with; the result does not depend on them [default: all cores]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<1024>)]
    #[serde(skip)]
    threads: Option<usize>,

    /// Folder for the pictures and their figures
    #[arg(long, value_name = "DIR", default_value = "out/ch07-comparisons")]
    #[serde(skip)]
    out: PathBuf,
}

/// What decides the bytes of both models.
#[derive(Serialize)]
struct Settings<'a> {
    data: &'a str,
    hidden: Vec<usize>,
    latent: usize,
    epochs: usize,
    batch: usize,
    /// Of Adam. The VAE's falls to 0 along half a cosine.
    learning_rate: f64,
    seed: u64,
}

#[derive(Serialize)]
struct Report<'a> {
    settings: &'a Settings<'a>,
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

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run::main(|| execute(&arguments))
}

fn execute(arguments: &Arguments) -> Result<()> {
    let set = arguments.data.parse::<Source>()?.load(&default_root())?;
    set.remarks.iter().for_each(say);
    let (hidden, latent) = if arguments.data == "optdigits" { (128, 8) } else { (400, 20) };
    let settings = Settings {
        data: &arguments.data,
        hidden: arguments.hidden.clone().unwrap_or_else(|| vec![hidden]),
        latent: arguments.latent.unwrap_or(latent),
        epochs: arguments.epochs.unwrap_or(if arguments.data == "mnist" { 10 } else { 200 }),
        batch: 128.min(set.train.images.len()),
        learning_rate: 1e-3,
        seed: arguments.seed,
    };
    let folder = Folder::create(&arguments.out)?;
    run::thread_pool(arguments.threads)?.install(|| walk(&settings, &set, &folder))
}

fn walk(settings: &Settings<'_>, set: &Dataset, folder: &Folder) -> Result<()> {
    let ends = ends(&set.test, settings.seed)?;
    let begin = Instant::now();
    let done = |what: &str| {
        say(format!("{what}: done after {}", duration(begin.elapsed().as_secs_f64())));
    };
    let vae = vae(settings, &set.train.images)?;
    done("VAE");
    let autoencoder = autoencoder(settings, &set.train.images);
    done("autoencoder, equal layers");
    let classifier = Classifier::train(&set.train, settings.seed)
        .with_context(|| format!("{} has no labels, which the walks need", set.name))?;
    done("classifier");

    let x: Array2<f32> = set.test.images.intensities(&ends);
    let ways = ways(&vae, &autoencoder, &classifier, x);
    picture(&ways, set.test.images.shape(), settings.latent)?.save(folder.file(PICTURE))?;
    curves(&ways).save(folder.file(CURVES))?;
    let report = Report {
        settings,
        walks: ends.len() / 2,
        classifier_test_accuracy: classifier.accuracy(&set.test),
        positions: (0..STEPS).map(position).collect(),
        ways: ways.iter().map(curve).collect(),
    };
    folder.write_json(REPORT, &report)?;

    say(format!("\nMean entropy of the classifier's prediction half way, {} walks:", report.walks));
    for way in &ways {
        let middle = &way.entropy[STEPS / 2];
        say(format!("  {:28}{:.3} ± {:.3} nats", way.name, middle.mean(), error(middle)));
    }
    folder.list([
        (PICTURE, "walks between the same test images in three ways"),
        (CURVES, "how undecided a classifier is along them"),
        (REPORT, "settings and figures"),
    ]);
    Ok(())
}

fn curve(way: &Way) -> Curve {
    Curve {
        way: way.name,
        entropy_nats: way.entropy.iter().map(Estimate::mean).collect(),
        standard_error: way.entropy.iter().map(error).collect(),
    }
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

/// This chapter's VAE of binarized pixels.
fn vae(settings: &Settings<'_>, images: &Images) -> Result<Vae<f32>> {
    let Settings { epochs, batch, learning_rate, seed, .. } = *settings;
    let architecture = Architecture {
        pixels: images.pixels_per_image(),
        hidden: settings.hidden.clone(),
        latent: settings.latent,
        activation: Activation::Relu,
        likelihood: Likelihood::Bernoulli,
    };
    let model = Vae::new(&architecture, &mut stream(seed, [purpose::WEIGHTS]));
    let mut trainer = Trainer::new(model, Adam::new(learning_rate), Objective::elbo(1.0));
    let examples = Examples::Images(images.clone());
    let progress = Progress::new(epochs as u64);
    progress.message(|| "VAE".to_owned());
    for epoch in 1..=epochs as u64 {
        let done = (epoch - 1) as f64 / epochs as f64;
        trainer.adam = Adam::new(learning_rate * 0.5 * (1.0 + (PI * done).cos()));
        let order = shuffled(examples.len(), &mut stream(seed, [purpose::ORDER, epoch]));
        for batch in batches(&order, batch) {
            trainer.step(&examples, batch, seed, epoch);
        }
        ensure!(
            trainer.not_finite().is_none(),
            "the VAE's training left the finite numbers in epoch {epoch}"
        );
        progress.advance(1);
    }
    Ok(trainer.model)
}

/// Chapter 1's autoencoder with the VAE's layer sizes, taught by squared error for as many epochs.
fn autoencoder(settings: &Settings<'_>, images: &Images) -> Autoencoder<f32> {
    let mut widths = vec![images.pixels_per_image()];
    widths.extend(&settings.hidden);
    widths.push(settings.latent);
    let mut rng = stream(settings.seed, [purpose::WEIGHTS]);
    let mut model = Autoencoder::new(&widths, Activation::Relu, &mut rng);
    let schedule = Schedule {
        epochs: settings.epochs,
        batch: settings.batch,
        learning_rate: settings.learning_rate,
        seed: settings.seed,
    };
    let all: Vec<usize> = (0..images.len()).collect();
    let progress = Progress::new(settings.epochs as u64);
    progress.message(|| "autoencoder".to_owned());
    train(&mut model, &images.intensities(&all), &schedule, |_, _| progress.advance(1));
    model
}
