//! The pictures of a run.

use anyhow::Result;
use ch07_vae::walks;
use ch09_conv_vae::{Vae, purpose};
use data::shuffled;
use figures::{Chart, Figure, ImageGrid, ImageShape};
use ndarray::{Array2, ArrayView2, Axis, Slice, concatenate};
use nn::Parameters;
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;
use run::{Folder, Plate};

use super::corpus::Corpus;
use super::train::Epoch;

/// What the pictures are made from.
pub(super) struct Pictures<'a> {
    pub(super) folder: &'a Folder,
    pub(super) model: &'a Vae<f32>,
    pub(super) corpus: &'a Corpus,
    pub(super) seed: u64,
}

impl Pictures<'_> {
    /// Draws everything; returns each file's name with what it shows.
    pub(super) fn draw(&self, epochs: &[Epoch]) -> Result<Vec<(String, String)>> {
        self.reconstructions()?;
        self.samples()?;
        self.interpolation()?;
        self.windows()?;
        self.learning_curves(epochs)?;
        let shown = [
            ("reconstructions.png", "test images and what comes back through the code"),
            ("samples.png", "new images: codes drawn from N(0, I), decoded"),
            ("interpolation.png", "straight walks between the codes of two test images"),
            (
                "windows.png",
                "what the first convolution looks for, the last transposed one paints with",
            ),
            ("learning_curves.png", "the ELBO and its two terms, epoch by epoch"),
        ];
        Ok(shown.map(|(name, what)| (name.to_owned(), what.to_owned())).to_vec())
    }

    fn reconstructions(&self) -> Result<()> {
        // Whole rows only, or what comes back would not stand below what it came from.
        let columns = self.corpus.test_grey.len().min(14);
        let lines = (self.corpus.test_grey.len() / columns).min(4);
        let x = self.test_images(columns * lines, 0);
        let back = self.model.decode_mean(self.model.encode(&x).mean);
        let mut rows = Vec::new();
        for start in (0..x.nrows()).step_by(columns) {
            let range = Slice::from(start..start + columns);
            rows.extend([x.slice_axis(Axis(0), range), back.slice_axis(Axis(0), range)]);
        }
        let labels = ["data", "decoded"].into_iter().cycle().take(rows.len());
        let images = concatenate(Axis(0), &rows)?;
        let figure =
            grid(images.view(), self.model.image(), "Test images and their reconstructions")
                .columns(columns)
                .row_labels(labels);
        self.folder.draw(
            "reconstructions.png",
            &figure,
            Plate::pixels(
                "conv-vae-reconstructions",
                "Rows of test digits, each above the row of what comes back through the code: \
                 the same digits with the same slant and width of stroke, slightly smoother.",
            ),
        )
    }

    fn samples(&self) -> Result<()> {
        let draws = draw_from_prior(self.model, 144, self.seed);
        let figure =
            grid(draws.view(), self.model.image(), "New images: z drawn from N(0, I), decoded")
                .columns(16);
        self.folder.draw(
            "samples.png",
            &figure,
            Plate::pixels(
                "conv-vae-samples",
                "A grid of new images, decoded from codes drawn from the prior. Most are \
                 digits, with sharper strokes than those of the dense model; some are mixtures \
                 of strokes that are none.",
            ),
        )
    }

    fn interpolation(&self) -> Result<()> {
        const STEPS: usize = 13;
        const WALKS: usize = 6;
        let codes = self.model.encode(&self.test_images(2 * WALKS, 1)).mean;
        // A single test image walks nowhere.
        let z = if codes.nrows() < 2 { codes } else { walks(codes.view(), STEPS) };
        let decoded = self.model.decode_mean(z);
        let figure =
            grid(decoded.view(), self.model.image(), "Walking straight from one code to another")
                .columns(STEPS);
        self.folder.draw(
            "interpolation.png",
            &figure,
            Plate::pixels(
                "conv-vae-interpolation",
                "Six rows of thirteen images, each a straight walk from the code of one test \
                 digit to that of another. Strokes open, close and turn on the way.",
            ),
        )
    }

    /// The windows of the outermost layers, each scaled so that 0 is the middle grey.
    fn windows(&self) -> Result<()> {
        let layer = |name: &str| {
            let weight = self.model.tensors().find(|(tensor, _)| tensor == name);
            weight.map(|(_, weight)| weight.to_owned())
        };
        let last = format!("deconv{}.weight", self.model.transposed.len());
        let mut rows = Vec::new();
        for name in ["conv1.weight", &last] {
            let Some(weight) = layer(name) else { continue };
            // Out (or in) × channels × kernel × kernel; windows of grey images only have one channel.
            for window in weight.axis_iter(Axis(0)) {
                let largest = window.iter().fold(f32::MIN_POSITIVE, |a, w| a.max(w.abs()));
                rows.push(window.iter().map(|w| 0.5 + 0.5 * w / largest).collect::<Vec<_>>());
            }
        }
        let (count, length) = (rows.len(), rows.first().map_or(0, Vec::len));
        let images = Array2::from_shape_vec((count, length), rows.concat())?;
        let window = &self.model.convolutions[0].window;
        let shape = (window.fine.0, window.kernel, window.kernel);
        let figure = grid(images.view(), shape, "The windows next to the image; middle grey is 0")
            .columns(count / 2)
            .row_labels(["first convolution", "last transposed one"]);
        self.folder.draw(
            "windows.png",
            &figure,
            Plate::pixels(
                "conv-vae-windows",
                "Two rows of small square windows in grey. Those of the first convolution show \
                 edges in several directions, bright on one side and dark on the other; those \
                 of the last transposed convolution show blobs and bars to paint with.",
            ),
        )
    }

    fn learning_curves(&self, epochs: &[Epoch]) -> Result<()> {
        let curve = |value: fn(&Epoch) -> f64| -> Vec<(f64, f64)> {
            epochs.iter().map(|epoch| (epoch.epoch as f64, value(epoch))).collect()
        };
        // The first epoch of a long run lies far below the others and would flatten them.
        let skip = if epochs.len() >= 10 { 1 } else { 0 };
        let panel = |title: &str, train: fn(&Epoch) -> f64, test: fn(&Epoch) -> f64| {
            Chart::new(title)
                .x("epoch")
                .y("nats for each image")
                .line("training", &curve(train)[skip..])
                .line("test", &curve(test)[skip..])
        };
        let figure = Figure::new("Learning curves")
            .columns(3)
            .panel_size(310.0, 330.0)
            .panel(panel("ELBO", Epoch::train_elbo, Epoch::test_elbo))
            .panel(panel("reconstruction", |e| e.train_reconstruction, |e| e.test_reconstruction))
            .panel(panel("KL", |e| e.train_kl, |e| e.test_kl));
        self.folder.draw(
            "learning_curves.png",
            &figure,
            Plate::lines(
                "conv-vae-learning-curves",
                "Three charts over the epochs, with a curve for training and one for test \
                 images. ELBO and reconstruction rise quickly and then ever more slowly, and \
                 become level as the learning rate falls to 0; the KL rises, too. The training \
                 curves end above those of the test images.",
            ),
        )
    }

    /// A seeded choice of test images, without repetition, as they were before they were made binary.
    fn test_images(&self, count: usize, picture: u64) -> Array2<f32> {
        let images = &self.corpus.test_grey;
        let mut order =
            shuffled(images.len(), &mut stream(self.seed, [purpose::SAMPLE, 1, picture]));
        order.truncate(count);
        images.intensities(&order)
    }
}

/// The means of p(x|z) at `count` codes from the prior, count × pixels.
pub(super) fn draw_from_prior(model: &Vae<f32>, count: usize, seed: u64) -> Array2<f32> {
    let mut rng = stream(seed, [purpose::SAMPLE]);
    let shape = (count, model.latent());
    model.decode_mean(Array2::from_shape_simple_fn(shape, || rng.sample(StandardNormal)))
}

/// Images in a grid with a title.
pub(super) fn grid(
    images: ArrayView2<'_, f32>,
    (channels, height, width): (usize, usize, usize),
    title: &str,
) -> ImageGrid {
    ImageGrid::new(images, ImageShape { channels, height, width }).title(title)
}
