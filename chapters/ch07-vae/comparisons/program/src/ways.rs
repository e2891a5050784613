//! Three ways from one image to another, how undecided a classifier is along them, and their pictures.

use anyhow::Result;
use ch01_autoencoder::Autoencoder;
use ch07_vae::{Vae, walks};
use figures::{Chart, ImageGrid, ImageShape};
use ndarray::{Array2, Axis, concatenate, s};
use prob::Estimate;
use score::Classifier;

/// Images of a walk, its two ends included.
pub(crate) const STEPS: usize = 13;
/// Walks in the picture.
pub(crate) const SHOWN: usize = 3;

/// One way of walking: an image for each step of each walk.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    /// Walk after walk, (walks · steps) × pixels.
    images: Array2<f32>,
    /// For each step the entropy of the classifier's prediction, over the walks.
    pub(crate) entropy: Vec<Estimate>,
}

/// The three ways between the images 2k and 2k + 1 of `x`, judged by the classifier.
pub(crate) fn ways(
    vae: &Vae<f32>,
    autoencoder: &Autoencoder<f32>,
    classifier: &Classifier,
    x: Array2<f32>,
) -> Vec<Way> {
    let through_pixels = walks(x.view(), STEPS);
    let autoencoded = autoencoder.decode(&walks(autoencoder.encode(&x).view(), STEPS));
    let vae_decoded = vae.decode_mean(walks(vae.encode(x).mean.view(), STEPS));
    let ways = [
        ("autoencoder", autoencoded.mapv_into(|value| value.clamp(0.0, 1.0))),
        ("VAE", vae_decoded),
        ("pixels", through_pixels),
    ];
    let way = |(name, images)| Way { name, entropy: entropies(classifier, &images), images };
    ways.map(way).into()
}

/// Where on its walk a step is, from 0 to 1.
pub(crate) fn position(step: usize) -> f64 {
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
pub(crate) fn error(estimate: &Estimate) -> f64 {
    estimate.standard_error().unwrap_or(f64::NAN)
}

/// The first walks, three rows each and an empty one between two.
pub(crate) fn picture(
    ways: &[Way],
    shape: (usize, usize, usize),
    latent: usize,
) -> Result<ImageGrid> {
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
    let images = concatenate(Axis(0), &rows)?;
    let (channels, height, width) = shape;
    let title = format!("Straight walks through codes of {latent} numbers, and through pixels");
    Ok(ImageGrid::new(images.view(), ImageShape { channels, height, width })
        .title(title)
        .columns(STEPS)
        .row_labels(names))
}

/// How undecided the classifier is along the walks.
pub(crate) fn curves(ways: &[Way]) -> Chart {
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
