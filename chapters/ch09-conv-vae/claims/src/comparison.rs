//! What convolutions are good for, measured.

use std::sync::OnceLock;

use claims::{Cause, CheckError, Claim, Setting, Subject, Verdict, apart, claim};
use data::{Images, Source, batches, default_root, shuffled};
use ndarray::Axis;
use nn::Activation;
use prob::random::stream;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use ch09_conv_vae::{Architecture, Stage, Trainer, Vae, cosine, evaluate, purpose};

const SEEDS: u64 = 5;
const TRAINING_IMAGES: usize = 1000;
const TEST_IMAGES: usize = 300;
const EPOCHS: u64 = 16;
const BATCH: usize = 50;

const ON: Setting = Setting {
    data: "1000 digits of MNIST to learn from, 300 others, binarized, to judge by",
    settings: "24 000 parameters and a code of 8 each: two convolutions of 4 × 4 in steps of 2, or a dense layer of 15; \
               320 steps of Adam with 50 images, the rate falling from 0.004 to 0; log p(x) by 20 importance samples",
    runs: SEEDS as u32,
};

/// log p(x) of test images, in nats for each image, one number for each seed.
pub(super) struct Scores {
    convolutional: Vec<f64>,
    dense: Vec<f64>,
    /// Of images whose pixels change places, all in the same way.
    shuffled: Vec<f64>,
}

/// scores ↦ by how much the convolutional model is ahead of the dense one, seed by seed
type Gain = fn(&Scores) -> Vec<f64>;

pub(super) fn against_dense() -> Claim<Gain> {
    claim("conv-vae/against-dense")
        .says(
            "With 24 000 parameters each and 320 steps alike on 1000 digits, a convolutional VAE gives new digits a larger \
             log p(x) than a dense one: by more than 10 nats on average over trainings",
        )
        .settles("sys-conv-vae", Verdict::Holds)
        .measured(ON)
        .trained(|gain: &Subject<Gain>, runs| {
            let scores = scores()?;
            runs.above("gain in nats", &gain.output(|gain| gain(scores)), 10.0);
            Ok(())
        })
        .holds_for((|scores| differences(&scores.convolutional, &scores.dense)) as Gain)
        .fails_for(
            "swapped",
            "The difference was taken the wrong way round: the larger log-likelihood is the better one, also where both are \
             negative.",
            |scores| differences(&scores.dense, &scores.convolutional),
        )
        .fails_for(
            "shuffled-pixels",
            "The images were flattened in another order than the one they are read in: a convolution lives from neighbours \
             being neighbours, and without that it is not ahead.",
            |scores| differences(&scores.shuffled, &scores.dense),
        )
        .fails_for(
            "nats-for-each-pixel",
            "The gain was averaged over the 784 pixels: a log-likelihood is that of an image.",
            |scores| differences(&scores.convolutional, &scores.dense).iter().map(|g| g / 784.0).collect(),
        )
}

/// scores ↦ log p(x) of the convolutional model with the pixels in their order, without it, and of the dense one
type Columns = fn(&Scores) -> [Vec<f64>; 3];

pub(super) fn neighbours() -> Claim<Columns> {
    claim("conv-vae/neighbours")
        .says(
            "The convolutional model is ahead because neighbours in the image are neighbours in its window: with the pixels of \
             all images dealt in one other order it loses 10 to 100 nats, and its lead, above 10 nats with the order, is below \
             10 without it",
        )
        .settles("sys-conv-vae", Verdict::Holds)
        .because(Cause {
            cause: "the pixels in their order",
            without: "the pixels of all images in one other order",
            on: ON,
        })
        .trained(|columns: &Subject<Columns>, runs| {
            let scores = scores()?;
            let [with, without, dense] = columns.output(|columns| columns(scores));
            runs.effect("nats for the order", [&with, &without], 10.0, 100.0);
            runs.below("lead without it", &differences(&without, &dense), 10.0);
            Ok(())
        })
        .holds_for(columns as Columns)
        .fails_for(
            "same-pixels-twice",
            "The order was kept in both trainings: take the cause away, or nothing is seen of it.",
            |scores| {
                let [with, _, dense] = columns(scores);
                [with.clone(), with, dense]
            },
        )
        .fails_for(
            "exchanged",
            "The two orders are exchanged: it is the one that images are read in which helps.",
            |scores| {
                let [with, without, dense] = columns(scores);
                [without, with, dense]
            },
        )
        .fails_for(
            "nats-for-each-pixel",
            "The log-likelihoods were averaged over the 784 pixels: a log-likelihood is that of an image.",
            |scores| columns(scores).map(|column| column.iter().map(|nats| nats / 784.0).collect()),
        )
}

fn columns(scores: &Scores) -> [Vec<f64>; 3] {
    [&scores.convolutional, &scores.shuffled, &scores.dense].map(Vec::clone)
}

fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// Two convolutions that halve the image, with a code of 8.
fn convolutional() -> Architecture {
    let halving = |channels| Stage { channels, kernel: 4, stride: 2, padding: 1 };
    Architecture {
        image: (1, 28, 28),
        stages: vec![halving(8), halving(16)],
        hidden: Vec::new(),
        latent: 8,
        activation: Activation::Relu,
    }
}

/// The same with a window as large as the image: a dense layer of 15.
fn dense() -> Architecture {
    let whole = Stage { channels: 15, kernel: 28, stride: 1, padding: 0 };
    Architecture { stages: vec![whole], ..convolutional() }
}

fn scores() -> Result<&'static Scores, CheckError> {
    static SCORES: OnceLock<Result<Scores, String>> = OnceLock::new();
    SCORES
        .get_or_init(|| apart(|| measure().map_err(|error| error.to_string()))?)
        .as_ref()
        .map_err(|e| e.as_str().into())
}

fn measure() -> Result<Scores, CheckError> {
    let set = Source::Mnist.load(&default_root())?;
    let some = |images: &Images, count: usize, part: u64| -> Result<Images, CheckError> {
        let mut order = shuffled(images.len(), &mut stream(0, [purpose::TEST_SET, part]));
        order.truncate(count);
        Ok(images.select(&order)?)
    };
    let train = some(&set.train.images, TRAINING_IMAGES, 1)?;
    let test =
        some(&set.test.images, TEST_IMAGES, 2)?.binarized(&mut stream(0, [purpose::TEST_SET]));
    let places = shuffled(784, &mut stream(0, [purpose::TEST_SET, 3]));
    let moved = |images: &Images| {
        Images::new(images.pixels().select(Axis(1), &places), images.shape(), images.max())
    };
    let (train_moved, test_moved) = (moved(&train)?, moved(&test)?);
    let runs = [
        (convolutional(), &train, &test),
        (dense(), &train, &test),
        (convolutional(), &train_moved, &test_moved),
    ];
    let work: Vec<(usize, u64)> =
        (0..3).flat_map(|run| (1..=SEEDS).map(move |seed| (run, seed))).collect();
    let figures: Result<Vec<f64>, _> = work
        .into_par_iter()
        .map(|(run, seed)| {
            let (architecture, train, test) = &runs[run];
            train_and_judge(architecture, train, test, seed).map_err(|error| error.to_string())
        })
        .collect();
    let figures = figures?;
    let part = |run: usize| figures[run * SEEDS as usize..][..SEEDS as usize].to_vec();
    Ok(Scores { convolutional: part(0), dense: part(1), shuffled: part(2) })
}

/// log p(x) on average over the test images, by 20 importance samples each, after a training.
fn train_and_judge(
    architecture: &Architecture,
    train: &Images,
    test: &Images,
    seed: u64,
) -> Result<f64, CheckError> {
    let mut model = Vae::new(architecture, &mut stream(seed, [purpose::WEIGHTS]))?;
    model.start_from_means(&[train.mean_intensity().mean().unwrap_or(0.5)]);
    let mut trainer = Trainer::new(model);
    let steps = EPOCHS * train.len().div_ceil(BATCH) as u64;
    for epoch in 1..=EPOCHS {
        let order = shuffled(train.len(), &mut stream(seed, [purpose::ORDER, epoch]));
        for indices in batches(&order, BATCH) {
            let rate = cosine(4e-3, trainer.steps, steps);
            trainer.step(train, indices, rate, seed, epoch);
        }
    }
    let all: Vec<usize> = (0..test.len()).collect();
    Ok(evaluate(&trainer.model, test, &all, 20, seed, |_| {}).log_evidence.mean)
}
