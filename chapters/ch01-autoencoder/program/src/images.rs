//! Deep autoencoders on MNIST, one for each length of the code, beside principal components.

use anyhow::{Context, Result};
use ch01_autoencoder::{Autoencoder, CodeGaussian, Model, Pca, Schedule, linear_optimum, train};
use data::Split;
use figures::{Chart, Figure, ImageGrid, ImageShape};
use ndarray::{Array2, Axis, s};
use nn::Activation;
use prob::random::stream;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use run::tour::Arguments;
use run::{Folder, Plate, Progress, say};
use serde::Serialize;

use super::purpose;

/// The lengths of the codes.
pub(super) const SIZES: [usize; 5] = [2, 4, 8, 16, 32];

/// The length of the code that draws are decoded from.
pub(super) const DRAWN_CODE: usize = 8;

const SHAPE: ImageShape = ImageShape::grey(28, 28);

/// The autoencoders, and the components of the same images.
pub(super) struct Trained {
    deep: Vec<(usize, Autoencoder<f32>)>,
    pca: Pca,
}

impl Trained {
    pub(super) fn deep(&self, size: usize) -> Result<&Autoencoder<f32>> {
        let found = self.deep.iter().find(|(code, _)| *code == size);
        found.map(|(_, model)| model).with_context(|| format!("no code of {size} was trained"))
    }

    /// The components' reconstruction of images.
    fn linear(&self, size: usize, x: &Array2<f32>) -> Array2<f32> {
        let model = linear_optimum(&self.pca, &Array2::eye(size), &Array2::eye(size));
        model.reconstruct(&x.mapv(f64::from)).mapv(|p| p as f32)
    }
}

/// One autoencoder for each length of the code.
pub(super) fn train_all(
    x: &Array2<f32>,
    arguments: &Arguments,
    progress: &Progress,
) -> Result<Trained> {
    let epochs = arguments.choose(8, 3);
    let width = arguments.choose(256, 96);
    let most = SIZES[SIZES.len() - 1];
    let train_one = |size: usize| {
        let mut rng = stream(arguments.seed, [purpose::WEIGHTS, 2, size as u64]);
        let mut model = Autoencoder::new(&[784, width, 64, size], Activation::Tanh, &mut rng);
        let schedule = Schedule { epochs, batch: 64, learning_rate: 2e-3, seed: arguments.seed };
        train(&mut model, x, &schedule, |_, _| {});
        progress.line(&format!(
            "  deep, code of {size:2}: {:.2} squared error per training image",
            model.loss_per_image(x)
        ));
        progress.advance(1);
        (size, model)
    };
    let (deep, pca) = rayon::join(
        || SIZES.into_par_iter().map(train_one).collect(),
        || Pca::leading(&x.mapv(f64::from), most),
    );
    Ok(Trained { deep, pca: pca? })
}

/// Errors per image of one length of the code.
#[derive(Serialize)]
pub(super) struct CodeSize {
    code: usize,
    deep_train: f64,
    deep_test: f64,
    pca_train: f64,
    pca_test: f64,
}

/// Squared error against the length of the code.
pub(super) fn error_by_code_size(
    folder: &Folder,
    trained: &Trained,
    x: &Array2<f32>,
    test: &Array2<f32>,
) -> Result<Vec<CodeSize>> {
    let of_linear = |size: usize, x: &Array2<f32>| {
        let errors = trained.linear(size, x) - x;
        errors.iter().map(|&error| f64::from(error).powi(2)).sum::<f64>() / x.nrows() as f64
    };
    let rows: Vec<CodeSize> = trained
        .deep
        .iter()
        .map(|(code, model)| CodeSize {
            code: *code,
            deep_train: model.loss_per_image(x),
            deep_test: model.loss_per_image(test),
            pca_train: trained.pca.discarded(*code),
            pca_test: of_linear(*code, test),
        })
        .collect();
    let curve = |figure: fn(&CodeSize) -> f64| -> Vec<(f64, f64)> {
        rows.iter().map(|row| (row.code as f64, figure(row))).collect()
    };
    let figure = Chart::new("The shorter the code, the more is gained by bending it")
        .x("numbers in the code")
        .y("squared error per image")
        .log_x()
        .line("PCA, held-out", curve(|row| row.pca_test))
        .line("deep, held-out", curve(|row| row.deep_test))
        .dashed("deep, training images", curve(|row| row.deep_train));
    folder.draw(
        "error_by_code_size.png",
        &figure,
        Plate::lines(
            "autoencoder-code-size",
            "Squared error per image against the numbers in the code, from 2 to 32. All curves \
             fall; the deep autoencoder's held-out error lies below that of principal components, \
             far below at 2 numbers and less so at 32.",
        ),
    )?;
    say("  numbers   squared error per held-out image: deep autoencoder, principal components");
    for row in &rows {
        say(format!("  {:7}   {:.2}, {:.2}", row.code, row.deep_test, row.pca_test));
    }
    Ok(rows)
}

/// Images in rows of equal length.
fn grid_of(rows: &[Array2<f32>]) -> Result<ImageGrid> {
    let columns = rows.first().map_or(1, |row| row.nrows());
    let views: Vec<_> = rows.iter().map(|row| row.view()).collect();
    let pixels = ndarray::concatenate(Axis(0), &views)?.mapv_into(|p| p.clamp(0.0, 1.0));
    Ok(ImageGrid::new(pixels.view(), SHAPE).columns(columns))
}

/// The same digits through codes of different lengths.
pub(super) fn reconstructions(
    folder: &Folder,
    trained: &Trained,
    test: &Array2<f32>,
) -> Result<()> {
    let shown = test.slice(s![..12, ..]).to_owned();
    let mut rows = vec![shown.clone()];
    let mut labels = vec!["held-out digits".to_owned()];
    for size in [2, 8, 32] {
        rows.push(trained.deep(size)?.reconstruct(&shown));
        labels.push(format!("deep, {size} numbers"));
        rows.push(trained.linear(size, &shown));
        labels.push(format!("PCA, {size} numbers"));
    }
    let figure = grid_of(&rows)?
        .title("What comes back through a code of 2, 8 and 32 numbers")
        .row_labels(labels);
    folder.draw(
        "reconstructions.png",
        &figure,
        Plate::pixels(
            "autoencoder-reconstructions",
            "Twelve held-out digits in the first row, and below them what comes back through codes of 2, 8 and 32 \
             numbers, in turn from the deep autoencoder and from principal components. With 2 numbers the deep \
             network writes clear strokes, some of another digit, where the components give grey blurs; with 32 both \
             are close to the originals.",
        ),
    )
}

/// Ten digits in two numbers.
pub(super) fn codes(folder: &Folder, trained: &Trained, split: &Split) -> Result<()> {
    let count = 2000.min(split.images.len());
    let indices: Vec<usize> = (0..count).collect();
    let x: Array2<f32> = split.images.intensities(&indices);
    let labels = split.labels.as_ref().context("MNIST has labels")?[..count].to_vec();
    let model = linear_optimum(&trained.pca, &Array2::eye(2), &Array2::eye(2));
    let flat = model.encode(&x.mapv(f64::from)).mapv(|z| z as f32);
    let bent = trained.deep(2)?.encode(&x);
    let chart = |title: &str, codes: &Array2<f32>| -> Result<Chart> {
        let points = figures::points_from(codes.view())?;
        Ok(Chart::new(title).x("z₁").y("z₂").classes(points, &labels).point_radius(2.0))
    };
    let figure = Figure::new("Ten digits in two numbers")
        .panel_size(460.0, 460.0)
        .panel(chart("two principal components", &flat)?)
        .panel(chart("a tanh autoencoder's code", &bent)?);
    folder.draw(
        "codes.png",
        &figure,
        Plate::pixels(
            "autoencoder-codes",
            "Two scatter plots of the same test digits as points in the plane, ten colours for \
             ten digits. In two principal components the colours overlap nearly everywhere; in \
             the tanh autoencoder's code they form separate bent arms with empty space between \
             them.",
        ),
    )?;
    Ok(())
}

/// Straight lines from code to code, beside fading one image into the other.
pub(super) fn walks(folder: &Folder, trained: &Trained, test: &Array2<f32>) -> Result<()> {
    const STEPS: usize = 11;
    let model = trained.deep(8)?;
    let mut rows = Vec::new();
    let mut labels = Vec::new();
    for pair in 0..4 {
        let ends = test.slice(s![2 * pair..2 * pair + 2, ..]).to_owned();
        let between = |ends: &Array2<f32>| {
            Array2::from_shape_fn((STEPS, ends.ncols()), |(step, j)| {
                let t = step as f32 / (STEPS - 1) as f32;
                (1.0 - t) * ends[[0, j]] + t * ends[[1, j]]
            })
        };
        rows.push(model.decode(&between(&model.encode(&ends))));
        labels.push("between codes");
        rows.push(between(&ends));
        labels.push("between pixels");
    }
    let figure = grid_of(&rows)?
        .title("From one digit to another: straight through the code of 8 numbers, and through the pixels")
        .row_labels(labels);
    folder.draw(
        "walks.png",
        &figure,
        Plate::pixels(
            "autoencoder-walks",
            "Four walks of eleven images from one digit to another, each twice. Between codes the strokes bend and \
             move from one digit into the other; between pixels the first digit fades while the second appears over it.",
        ),
    )
}

/// Decoded draws; returns the codes' standard deviations.
pub(super) fn draws(
    folder: &Folder,
    trained: &Trained,
    x: &Array2<f32>,
    seed: u64,
) -> Result<Vec<f64>> {
    const COUNT: usize = 14;
    let model = trained.deep(DRAWN_CODE)?;
    let codes = model.encode(x).mapv(f64::from);
    let fitted = CodeGaussian::fit(&codes)?;
    let mut rng = stream(seed, [purpose::CODES]);
    let mut decoded =
        |from: &CodeGaussian| model.decode(&from.draw(COUNT, &mut rng).mapv(|z| z as f32));
    let standard = CodeGaussian::standard(DRAWN_CODE);
    let rows = [
        x.slice(s![..COUNT, ..]).to_owned(),
        decoded(&standard),
        decoded(&standard),
        decoded(&fitted),
        decoded(&fitted),
    ];
    let figure = grid_of(&rows)?
        .title("A code is not a generator: many decoded draws are no digits")
        .row_labels([
            "real digits",
            "z from N(0, I)",
            "z from N(0, I)",
            "z from fitted Gaussian",
            "z from fitted Gaussian",
        ]);
    folder.draw(
        "draws.png",
        &figure,
        Plate::pixels(
            "autoencoder-draws",
            "A row of real digits, two rows decoded from draws of N(0, I), and two from draws of a Gaussian fitted to the \
             codes. The first kind of draws are nearly all alike and few are digits; of the second kind some are digits and many \
             are strokes that belong to none.",
        ),
    )?;
    let sigma = fitted.sigma().to_vec();
    let [low, high] = [f64::min as fn(f64, f64) -> f64, f64::max]
        .map(|pick| sigma.iter().copied().reduce(pick).unwrap_or(f64::NAN));
    say(format!(
        "  standard deviations of the code of {DRAWN_CODE}: {low:.1} to {high:.1}, where N(0, I) has 1"
    ));
    Ok(sigma)
}
