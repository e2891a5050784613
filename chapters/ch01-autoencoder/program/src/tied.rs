//! One weight matrix or two.

use anyhow::Result;
use ch01_autoencoder::{
    Autoencoder, Model, OverSeeds, Pca, SEEDS, Schedule, Tied, parameter_counts, train,
};
use data::Dataset;
use figures::Chart;
use ndarray::Array2;
use nn::{Activation, Linear};
use prob::random::stream;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use run::{Folder, Plate, say};
use serde::Serialize;

use super::{part, purpose};

const CODE: usize = 8;
const EPOCHS: usize = 30;

/// Losses per image after training, over five runs.
#[derive(Serialize)]
pub(super) struct Comparison {
    code: usize,
    parameters: [usize; 2],
    two_matrices_train: OverSeeds,
    two_matrices_test: OverSeeds,
    one_matrix_train: OverSeeds,
    one_matrix_test: OverSeeds,
}

/// One training.
struct Curve {
    /// The training loss per image after each epoch.
    losses: Vec<f64>,
    /// The held-out loss per image in the end.
    held_out: f64,
}

fn curve(
    model: &mut impl Model<f32>,
    train_x: &Array2<f32>,
    test_x: &Array2<f32>,
    seed: u64,
) -> Curve {
    let schedule = Schedule { epochs: EPOCHS, batch: 32, learning_rate: 0.01, seed };
    let mut losses = Vec::new();
    train(model, train_x, &schedule, |_, model| losses.push(model.loss_per_image(train_x)));
    Curve { losses, held_out: model.loss_per_image(test_x) }
}

/// Both on the optical digits, from five starts.
pub(super) fn compare(folder: &Folder, digits: &Dataset, seed: u64) -> Result<Comparison> {
    let [x, test] =
        [&digits.train.images, &digits.test.images].map(|images| part(images, images.len(), seed));
    let (f, g) = (Activation::Tanh, Activation::Identity);
    let runs: Vec<[Curve; 2]> = (0..SEEDS as u64)
        .into_par_iter()
        .map(|k| {
            let mut rng = stream(seed, [purpose::WEIGHTS, 1, k]);
            let (encoder, decoder) =
                (Linear::new(64, CODE, &mut rng), Linear::new(CODE, 64, &mut rng));
            let mut two = Autoencoder::shallow(encoder, f, decoder, g);
            let mut one = Tied::new(64, CODE, f, g, &mut stream(seed, [purpose::WEIGHTS, 1, k]));
            [curve(&mut two, &x, &test, k), curve(&mut one, &x, &test, k)]
        })
        .collect();
    let over = |which: usize, figure: fn(&Curve) -> f64| {
        OverSeeds::of(&std::array::from_fn(|k| figure(&runs[k][which])))
    };
    let last = |run: &Curve| run.losses.last().copied().unwrap_or(f64::NAN);
    let numbers = Comparison {
        code: CODE,
        parameters: parameter_counts(64, CODE),
        two_matrices_train: over(0, last),
        two_matrices_test: over(0, |run| run.held_out),
        one_matrix_train: over(1, last),
        one_matrix_test: over(1, |run| run.held_out),
    };
    let floor = Pca::fit(&x.mapv(f64::from))?.discarded(CODE);
    let mut chart = Chart::new("One matrix for both maps: half the parameters, not half the work")
        .x("epoch")
        .y("squared error per training image")
        .y_range(1.4, 3.6);
    for (which, name) in ["two matrices", "one matrix, tied"].iter().enumerate() {
        let points = |pick: fn(f64, f64) -> f64, start: f64| -> Vec<f64> {
            (0..EPOCHS)
                .map(|e| runs.iter().map(|run| run[which].losses[e]).fold(start, pick))
                .collect()
        };
        let (low, high) = (points(f64::min, f64::INFINITY), points(f64::max, f64::NEG_INFINITY));
        let mean = (0..EPOCHS)
            .map(|e| runs.iter().map(|run| run[which].losses[e]).sum::<f64>() / SEEDS as f64);
        let rows: Vec<(f64, f64, f64)> =
            (0..EPOCHS).map(|e| (e as f64 + 1.0, low[e].min(3.6), high[e].min(3.6))).collect();
        let line: Vec<(f64, f64)> =
            mean.enumerate().map(|(e, loss)| (e as f64 + 1.0, loss.min(3.6))).collect();
        chart = chart.band(*name, rows).line(*name, line);
    }
    let figure = chart.hline(format!("PCA, {CODE} components: {floor:.2}"), floor);
    folder.draw(
        "tied.png",
        &figure,
        Plate::lines(
            "autoencoder-tied",
            "Squared error per training image over the epochs, a line with a narrow band over \
             five runs for each kind. The network with two matrices and the one with a tied \
             matrix both fall steeply and then slowly towards the dotted line of principal \
             components.",
        ),
    )?;
    say(format!(
        "  tanh code of {CODE}, {EPOCHS} epochs, five runs: held-out error {:.3} with two matrices, {:.3} tied",
        numbers.two_matrices_test.mean, numbers.one_matrix_test.mean
    ));
    Ok(numbers)
}
