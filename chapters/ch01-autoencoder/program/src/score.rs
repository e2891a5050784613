//! How good decoded draws are, by the generation score.

use anyhow::Result;
use ch01_autoencoder::{CodeGaussian, Model};
use data::{Dataset, shuffled};
use ndarray::Array2;
use prob::random::stream;
use run::say;
use run::tour::Arguments;
use score::{Judge, Score};
use serde::Serialize;

use super::images::{DRAWN_CODE, Trained};
use super::purpose;

/// The score of one set of images.
#[derive(Serialize)]
struct Row {
    images: &'static str,
    frechet: f64,
    class_entropy: f64,
    prediction_entropy: f64,
    nearest_distance: f64,
}

impl Row {
    fn new(images: &'static str, score: &Score) -> Self {
        Self {
            images,
            frechet: score.frechet,
            class_entropy: score.class_entropy,
            prediction_entropy: score.prediction_entropy,
            nearest_distance: score.nearest_distance,
        }
    }
}

/// What the judge says of real images, of reconstructions, and of two ways to draw.
#[derive(Serialize)]
pub(super) struct Scores {
    code: usize,
    classifier_training_images: usize,
    classifier_accuracy: f64,
    images_each: usize,
    rows: Vec<Row>,
}

/// A judge who has learned a part of MNIST.
pub(super) fn judge(mnist: &Dataset, arguments: &Arguments) -> Result<Judge> {
    let part = |count: usize, from: &data::Split, seed: u64| {
        let mut order = shuffled(from.images.len(), &mut stream(seed, [purpose::IMAGES, 2]));
        order.truncate(count);
        from.select(&order)
    };
    let seed = arguments.seed;
    let train = part(arguments.choose(10_000, 1_000), &mnist.train, seed)?;
    let test = part(arguments.choose(4_000, 800), &mnist.test, seed)?;
    Ok(Judge::train(&Dataset::new(&mnist.name, train, test)?, seed)?)
}

/// Scores the autoencoder whose draws are shown. `x` are its training images and `test` held-out ones.
pub(super) fn compare(
    judge: &Judge,
    trained: &Trained,
    x: &Array2<f32>,
    test: &Array2<f32>,
    arguments: &Arguments,
) -> Result<Scores> {
    let model = trained.deep(DRAWN_CODE)?;
    let n = judge.samples();
    let seen = |images: Array2<f32>| images.mapv_into(|pixel| pixel.clamp(0.0, 1.0));
    let held_out = test.slice(ndarray::s![..n.min(test.nrows()), ..]).to_owned();
    let mut rng = stream(arguments.seed, [purpose::CODES, 2]);
    let mut drawn = |from: &CodeGaussian| {
        judge.score(&seen(model.decode(&from.draw(n, &mut rng).mapv(|z| z as f32))))
    };
    let rows = vec![
        Row::new("real digits (the floor)", &judge.floor()?),
        Row::new(
            "held-out digits, reconstructed",
            &judge.score(&seen(model.reconstruct(&held_out)))?,
        ),
        Row::new(
            "z from a Gaussian fitted to codes",
            &drawn(&CodeGaussian::fit(&model.encode(x).mapv(f64::from))?)?,
        ),
        Row::new("z from N(0, I)", &drawn(&CodeGaussian::standard(DRAWN_CODE))?),
    ];
    let scores = Scores {
        code: DRAWN_CODE,
        classifier_training_images: arguments.choose(10_000, 1_000),
        classifier_accuracy: judge.accuracy(),
        images_each: n,
        rows,
    };
    say(format!(
        "  the score of {n} images each, by a classifier that gets {:.1} % of held-out digits right:",
        100.0 * scores.classifier_accuracy
    ));
    say("                                     Fréchet   classes   prediction   nearest");
    say("                                    distance    (nats)       (nats)  distance");
    for row in &scores.rows {
        say(format!(
            "  {:33} {:8.1}  {:8.3}     {:8.3}  {:8.2}",
            row.images,
            row.frechet,
            row.class_entropy,
            row.prediction_entropy,
            row.nearest_distance
        ));
    }
    Ok(scores)
}
