//! How many numbers a digit needs.

use anyhow::Result;
use ch01_autoencoder::dimension::{levina_bickel, neighbour_distances, two_nn};
use ch01_autoencoder::{OverSeeds, SEEDS};
use data::{Images, shuffled};
use figures::Bars;
use prob::random::stream;
use run::tour::Arguments;
use run::{Folder, Plate, say};
use serde::Serialize;

use super::purpose;

/// One estimate over five disjoint parts of the images.
#[derive(Serialize)]
pub(super) struct Row {
    estimator: &'static str,
    images: usize,
    dimension: OverSeeds,
}

/// Both estimators at growing numbers of images.
pub(super) fn measure(folder: &Folder, images: &Images, arguments: &Arguments) -> Result<Vec<Row>> {
    let sizes = arguments.choose::<&[usize]>(&[500, 1000, 2000, 4000], &[250, 500]);
    let order = shuffled(images.len(), &mut stream(arguments.seed, [purpose::IMAGES, 1]));
    let mut rows = Vec::new();
    for &size in sizes {
        let mut figures = [[0.0; SEEDS]; 2];
        for (k, part) in order.chunks(size).take(SEEDS).enumerate() {
            let distances = neighbour_distances(&images.intensities(part), 20);
            (figures[0][k], figures[1][k]) = (two_nn(&distances), levina_bickel(&distances));
        }
        for (estimator, figures) in ["2 neighbours", "20 neighbours"].into_iter().zip(&figures) {
            rows.push(Row { estimator, images: size, dimension: OverSeeds::of(figures) });
        }
    }
    rows.sort_by_key(|row| row.estimator);
    let mut bars = Bars::new(
        "An MNIST digit has 784 pixels, and looks like a point of about a dozen dimensions",
    )
    .x("estimated dimension, 95 % interval over five sets");
    for Row { estimator, images, dimension } in &rows {
        let name = format!("{estimator}, {} images", run::thousands(*images as u64));
        bars = bars.bar_with_interval(name, dimension.mean, dimension.low, dimension.high);
    }
    let figure = bars;
    folder.draw(
        "dimension.png",
        &figure,
        Plate::lines(
            "autoencoder-dimension",
            "Bars with intervals: the estimated dimension of MNIST digits by two estimators and \
             four numbers of images. All lie between about ten and fifteen, and grow slowly with \
             the number of images.",
        ),
    )?;
    for Row { estimator, images, dimension: OverSeeds { mean, low, high } } in &rows {
        say(format!(
            "  dimension by {estimator:13} {images:5} images: {mean:.2} ({low:.2} to {high:.2})"
        ));
    }
    Ok(rows)
}
