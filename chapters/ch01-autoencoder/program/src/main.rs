//! The run of chapter 1: what autoencoders make of digits, and what principal components make of them.

mod dimension;
mod images;
mod linear;
mod score;
mod tied;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use data::{Images, Source, default_root, shuffled};
use ndarray::Array2;
use prob::random::stream;
use run::tour::{self, Arguments};
use run::{Progress, say, thousands};
use serde::Serialize;

/// What a random stream is for; the first coordinate of its position.
mod purpose {
    /// Which images are used.
    pub(super) const IMAGES: u64 = 1;
    /// The weights that a training starts from.
    pub(super) const WEIGHTS: u64 = 2;
    /// Codes that are drawn.
    pub(super) const CODES: u64 = 3;
}

/// What a run leaves, in the order of the text.
const FILES: [(&str, &str); 9] = [
    (
        "linear_training.png",
        "a linear autoencoder finds the principal subspace, long after the loss looks done",
    ),
    ("error_by_code_size.png", "squared error against the length of the code, with the PCA curve"),
    ("reconstructions.png", "the same digits through codes of different lengths"),
    ("codes.png", "ten digits in two numbers: components and a tanh autoencoder"),
    ("tied.png", "one weight matrix or two, five runs each"),
    ("memory.png", "fifty digits on a line, and what lies between them"),
    ("dimension.png", "how many numbers an MNIST digit needs, by two estimators"),
    ("walks.png", "walks from one code to another"),
    ("draws.png", "decoded draws from N(0, I) and from a Gaussian fitted to the codes"),
];

/// The numbers behind the pictures.
#[derive(Serialize)]
struct Summary {
    seed: u64,
    training_images: usize,
    test_images: usize,
    linear: linear::Linear,
    code_sizes: Vec<images::CodeSize>,
    tied: tied::Comparison,
    memory: linear::Memory,
    dimension: Vec<dimension::Row>,
    code_sigma: Vec<f64>,
    score: score::Scores,
}

/// A random part of a set's images, grey values in [0, 1].
fn part(images: &Images, count: usize, seed: u64) -> Array2<f32> {
    let order = shuffled(images.len(), &mut stream(seed, [purpose::IMAGES]));
    images.intensities(&order[..count.min(order.len())])
}

/// Does what the command line asks for.
fn execute(arguments: &Arguments) -> Result<()> {
    let folder = arguments.folder(env!("CARGO_PKG_NAME"))?;
    let seed = arguments.seed;
    let root = default_root();
    let (mnist, small) = (Source::Mnist.load(&root)?, Source::Optdigits.load(&root)?);
    let train = part(&mnist.train.images, arguments.choose(20_000, 2_000), seed);
    let test = part(&mnist.test.images, arguments.choose(5_000, 1_000), seed);

    say("Optical digits, 8×8:");
    let linear = linear::training(&folder, &small.train.images, seed)?;
    let tied = tied::compare(&folder, &small, seed)?;
    let memory = linear::memory(&folder, &small.train.images, seed)?;
    say(format!(
        "MNIST, 28×28: {} images to train on, {} held out",
        thousands(train.nrows() as u64),
        thousands(test.nrows() as u64)
    ));
    let dimension = dimension::measure(&folder, &mnist.train.images, arguments)?;
    let progress = Progress::new(images::SIZES.len() as u64);
    let (trained, judge) = rayon::join(
        || images::train_all(&train, arguments, &progress),
        || score::judge(&mnist, arguments),
    );
    let (trained, judge) = (trained?, judge?);
    drop(progress);
    let code_sizes = images::error_by_code_size(&folder, &trained, &train, &test)?;
    images::reconstructions(&folder, &trained, &test)?;
    let labelled = &mnist.test;
    images::codes(&folder, &trained, labelled)?;
    images::walks(&folder, &trained, &test)?;
    let code_sigma = images::draws(&folder, &trained, &train, seed)?;
    let score = score::compare(&judge, &trained, &train, &test, arguments)?;

    let summary = Summary {
        seed,
        training_images: train.nrows(),
        test_images: test.nrows(),
        linear,
        code_sizes,
        tied,
        memory,
        dimension,
        code_sigma,
        score,
    };
    tour::close(&folder, &FILES, &summary)
}

/// Autoencoders on handwritten digits: what a code keeps, and what it does not.
///
/// Trains linear, tied and deep autoencoders beside principal components, and leaves pictures of
/// reconstructions, codes, walks between codes and decoded draws.
#[derive(Debug, Parser)]
#[command(version, mut_arg("out", |out| out.default_value("out/ch01-autoencoder")))]
#[command(after_help = "Example: ch01-autoencoder --quick --out out/class")]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

fn main() -> ExitCode {
    let CommandLine { arguments } = CommandLine::parse();
    run::main(|| execute(&arguments))
}
