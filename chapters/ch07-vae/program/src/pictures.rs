//! The pictures of a run.

use anyhow::Result;
use ch07_vae::{Examples, Vae, purpose, walks};
use data::{Images, shuffled};
use figures::{Chart, Figure, FigureError, ImageGrid, ImageShape, points_from};
use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate};
use prob::random::stream;
use prob::special::normal_quantile;
use rand::Rng;
use rand_distr::StandardNormal;
use run::{Folder, Plate, say};

use super::codes::Codes;
use super::corpus::Corpus;
use super::snapshots::{FRAMES, OVERVIEW, Snapshots, remove_frames};
use super::train::Epoch;

/// All pictures that a run may leave, on whatever data.
const PICTURES: [&str; 9] = [
    "reconstructions.png",
    "samples.png",
    "interpolation.png",
    "latent_plane.png",
    OVERVIEW,
    "latent_map.png",
    "aggregate_posterior.png",
    "active_units.png",
    "learning_curves.png",
];

/// What the pictures are made from.
pub(super) struct Pictures<'a> {
    pub(super) folder: &'a Folder,
    pub(super) model: &'a Vae<f32>,
    pub(super) corpus: &'a Corpus,
    pub(super) codes: &'a Codes,
    pub(super) snapshots: &'a Snapshots,
    pub(super) seed: u64,
}

/// File names and what they show, for the closing summary.
type Drawn = Vec<(String, String)>;

impl Pictures<'_> {
    /// Draws everything that suits the data; returns each file's name with what it shows.
    pub(super) fn draw(&self, epochs: &[Epoch]) -> Result<Drawn> {
        let mut drawn = Drawn::new();
        let mut draw = |name: &str, what: &str, outcome: Result<()>| {
            match outcome {
                Ok(()) => drawn.push((name.to_owned(), what.to_owned())),
                Err(error) if too_large(&error) => say(format!("{name} is left out: {error}")),
                Err(error) => return Err(error),
            }
            Ok(())
        };
        match (&self.corpus.test, self.corpus.image_shape) {
            (Examples::Images(images) | Examples::Grey(images), Some(shape)) => {
                draw(
                    "reconstructions.png",
                    "test images and what comes back through the code",
                    self.reconstructions(images, shape),
                )?;
                draw(
                    "samples.png",
                    "new images: codes drawn from N(0, I), decoded",
                    self.samples(shape),
                )?;
                if images.len() > 1 {
                    draw(
                        "interpolation.png",
                        "straight walks between the codes of two test images",
                        self.interpolation(images, shape),
                    )?;
                }
                if self.model.mean.outputs() == 2 {
                    draw(
                        "latent_plane.png",
                        "the plane of codes, decoded",
                        self.latent_plane(shape),
                    )?;
                }
            }
            _ => {
                draw("samples.png", "data, reconstructions and new points", self.point_clouds())?;
            }
        }
        draw(
            OVERVIEW,
            "the same draws and the same test images after epoch 0, 1, 2, 4, 8, …",
            self.snapshots.draw(self.folder, self.corpus, self.seed),
        )?;
        draw("latent_map.png", "where the encoder puts the test set", self.latent_map())?;
        let labels = self.colour_labels();
        draw(
            "aggregate_posterior.png",
            "codes drawn from q(z|x) of the test set, beside the prior",
            self.codes
                .aggregate_posterior(labels, self.seed)
                .and_then(|figure| Ok(figure.save(self.folder.file("aggregate_posterior.png"))?)),
        )?;
        draw(
            "active_units.png",
            "which coordinates of the code the model uses",
            Ok(self.codes.active_units().save(self.folder.file("active_units.png"))?),
        )?;
        draw(
            "learning_curves.png",
            "the ELBO and its two terms, epoch by epoch",
            self.learning_curves(epochs),
        )?;
        if drawn.iter().any(|(name, _)| name == OVERVIEW) {
            let what = "a picture of each of those epochs, for an animation";
            drawn.push((format!("{FRAMES}/"), what.to_owned()));
        } else {
            remove_frames(self.folder)?;
        }
        // An earlier run on other data, or with a code of two dimensions, has left others.
        let names: Vec<_> = drawn.iter().map(|(name, _)| name.clone()).collect();
        self.folder.remove_earlier(|name| PICTURES.contains(&name), &names)?;
        Ok(drawn)
    }

    fn reconstructions(&self, images: &Images, shape: (usize, usize, usize)) -> Result<()> {
        // Whole rows only, or what comes back would not stand below what it came from.
        let columns = images.len().min(12);
        let rows = (images.len() / columns).min(4);
        let chosen = some_images(images, columns * rows, self.seed, 0);
        let x = images.intensities::<f32>(&chosen);
        let back = self.model.decode_mean(self.model.encode(x.clone()).mean);
        let mut rows = Vec::new();
        for start in (0..chosen.len()).step_by(columns) {
            let range = ndarray::Slice::from(start..start + columns);
            rows.push(x.slice_axis(Axis(0), range));
            rows.push(back.slice_axis(Axis(0), range));
        }
        let labels = ["data", "decoded"].into_iter().cycle().take(rows.len());
        let figure = grid(
            concatenate(Axis(0), &rows)?.view(),
            shape,
            "Test images and their reconstructions",
        )
        .columns(columns)
        .row_labels(labels);
        self.folder.draw(
            "reconstructions.png",
            &figure,
            Plate::pixels(
                "vae-reconstructions",
                "Rows of test digits, ragged and black and white because their pixels were \
                 drawn, each above the row of what the decoder makes of their codes: the same \
                 strokes, smooth and without the noise. A few come back as another digit.",
            ),
        )
    }

    fn samples(&self, shape: (usize, usize, usize)) -> Result<()> {
        let draws = draw_from_prior(self.model, 144, self.seed);
        let figure =
            grid(draws.view(), shape, "New images: z drawn from N(0, I), decoded").columns(16);
        self.folder.draw(
            "samples.png",
            &figure,
            Plate::pixels(
                "vae-samples",
                "A grid of new images, decoded from codes drawn from the prior. Most are digits \
                 in many hands, some lie between two digits, and a few are strokes without \
                 meaning.",
            ),
        )
    }

    fn interpolation(&self, images: &Images, shape: (usize, usize, usize)) -> Result<()> {
        const STEPS: usize = 13;
        const WALKS: usize = 6;
        let ends = some_images(images, 2 * WALKS, self.seed, 1);
        let codes = self.model.encode(images.intensities(&ends)).mean;
        let decoded = self.model.decode_mean(walks(codes.view(), STEPS));
        let figure =
            grid(decoded.view(), shape, "Walking straight from one code to another").columns(STEPS);
        self.folder.draw(
            "interpolation.png",
            &figure,
            Plate::pixels(
                "vae-interpolation",
                "Six rows of thirteen images, each a straight walk from the code of one test \
                 digit to that of another. The strokes bend from one digit to the other, in \
                 some rows through a third digit or a haze.",
            ),
        )
    }

    /// Codes at the quantiles of the prior: each cell stands for the same share of N(0, I).
    fn latent_plane(&self, shape: (usize, usize, usize)) -> Result<()> {
        const SIDE: usize = 16;
        let quantiles = (0..SIDE)
            .map(|i| Ok(normal_quantile((i as f64 + 0.5) / SIDE as f64)?))
            .collect::<Result<Vec<f64>>>()?;
        let label = |z: &f64| format!("{z:.1}").replace('-', "−");
        let cells = plane(&quantiles, &quantiles);
        let figure = grid(
            self.model.decode_mean(cells).view(),
            shape,
            "The plane of codes (z₂ upward), at equal steps of the prior",
        )
        .columns(SIDE)
        .column_labels(quantiles.iter().map(label))
        .row_labels(quantiles.iter().rev().map(label));
        self.folder.draw(
            "latent_plane.png",
            &figure,
            Plate::pixels(
                "latent-plane",
                "A square grid of decoded digits over the plane of two-dimensional codes. \
                 Neighbours look alike; the digits occupy regions of the plane and pass into \
                 one another at the borders.",
            ),
        )
    }

    fn latent_map(&self) -> Result<()> {
        let codes = &self.codes.posterior.mean;
        let (plane, axes) = if codes.ncols() == 2 {
            (codes.clone(), ["code z₁", "code z₂"].map(str::to_owned))
        } else {
            let (plane, shares) = principal_plane(codes);
            let axis = |i: usize| {
                format!("principal direction {} of the codes ({:.0} %)", i + 1, 100.0 * shares[i])
            };
            (plane, [axis(0), axis(1)])
        };
        let points = points_from(plane.view())?;
        let [x, y] = axes;
        let chart = Chart::new("Where the encoder puts the test set").x(x).y(y).equal_axes();
        let chart = match self.colour_labels() {
            Some(labels) => chart.classes(points, &labels[..plane.nrows()]),
            None => chart.points("mean of q(z|x)", points),
        };
        let chart = if self.model.mean.outputs() == 2 { chart.sigma_circles() } else { chart };
        let figure = chart;
        self.folder.draw(
            "latent_map.png",
            &figure,
            Plate::pixels(
                "vae-latent-map",
                "The codes of the test digits as points in ten colours. Each digit has a region \
                 of its own, with some overlap between 4 and 9 and between 3, 5 and 8; all of \
                 them together lie around 0 within two or three units, as the circles of the \
                 prior show.",
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
                .y("nats for each example")
                .line("training", &curve(train)[skip..])
                .line("test", &curve(test)[skip..])
        };
        let figure = Figure::new("Learning curves")
            .columns(3)
            .panel_size(310.0, 330.0)
            .panel(panel("ELBO", |e| e.train.elbo(), |e| e.test.elbo()))
            .panel(panel("reconstruction", |e| e.train.reconstruction, |e| e.test.reconstruction))
            .panel(panel("KL", |e| e.train.kl, |e| e.test.kl));
        self.folder.draw(
            "learning_curves.png",
            &figure,
            Plate::lines(
                "vae-learning-curves",
                "Three charts over the epochs, with a curve for training and one for test \
                 images. The ELBO and the reconstruction rise steeply at first and then slowly; \
                 the KL rises, too. The test curves of the two terms jump up and down from \
                 epoch to epoch, while that of their difference is smooth.",
            ),
        )
    }

    /// For points in the plane: data, what comes back, and what is new.
    fn point_clouds(&self) -> Result<()> {
        let codes = &self.codes.posterior.mean;
        let indices: Vec<usize> = (0..codes.nrows()).collect();
        let x = self.corpus.test.batch(&indices, 0, self.seed, [purpose::TEST, 0]).x;
        let back = self.model.decode_mean(codes.clone());
        let new = draw_from_prior(self.model, x.nrows(), self.seed);
        // One frame for all three, so that they can be compared.
        let [x_frame, y_frame] = [0, 1].map(|axis| frame([&x, &back, &new], axis));
        let panel = |title: &str, points: &Array2<f32>| -> Result<Chart> {
            let chart = cloud(title, points.view())?;
            Ok(chart.x_range(x_frame.0, x_frame.1).y_range(y_frame.0, y_frame.1))
        };
        Figure::new("Two-dimensional toy set")
            .columns(3)
            .panel_size(400.0, 420.0)
            .panel(panel("test data", &x)?)
            .panel(panel("reconstructions", &back)?)
            .panel(panel("means of p(x|z), z from N(0, I)", &new)?)
            .save(self.folder.file("samples.png"))?;
        Ok(())
    }

    /// The classes of the test set, if there are colours for them: ten can be told apart, not more.
    fn colour_labels(&self) -> Option<&[u8]> {
        self.corpus.test_labels.as_deref().filter(|labels| labels.iter().all(|&label| label < 10))
    }
}

/// A seeded choice of images, without repetition; `picture` names it.
pub(super) fn some_images(images: &Images, count: usize, seed: u64, picture: u64) -> Vec<usize> {
    let mut order = shuffled(images.len(), &mut stream(seed, [purpose::SAMPLE, 1, picture]));
    order.truncate(count);
    order
}

/// The means of p(x|z) at `count` codes from the prior, count × pixels.
pub(super) fn draw_from_prior(model: &Vae<f32>, count: usize, seed: u64) -> Array2<f32> {
    let mut rng = stream(seed, [purpose::SAMPLE]);
    let shape = (count, model.mean.outputs());
    model.decode_mean(Array2::from_shape_simple_fn(shape, || rng.sample(StandardNormal)))
}

/// Codes on a grid over the plane, row by row as an image is read: z₁ (both ascending) grows to the
/// right and z₂ upward.
pub(super) fn plane(z1: &[f64], z2: &[f64]) -> Array2<f32> {
    Array2::from_shape_fn((z1.len() * z2.len(), 2), |(cell, axis)| {
        let (row, column) = (cell / z1.len(), cell % z1.len());
        (if axis == 0 { z1[column] } else { z2[z2.len() - 1 - row] }) as f32
    })
}

/// Whether images are so large that a grid of them would be no picture to look at. A training run
/// does not fail for that.
fn too_large(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(FigureError::TooLarge { .. }))
}

/// Images in a grid with a title. Means of a Gaussian p(x|z) may lie outside [0, 1]; what is darker than
/// black or brighter than white is drawn as black or white.
pub(super) fn grid(
    images: ArrayView2<'_, f32>,
    (channels, height, width): (usize, usize, usize),
    title: &str,
) -> ImageGrid {
    let images = images.mapv(|value| value.clamp(0.0, 1.0));
    ImageGrid::new(images.view(), ImageShape { channels, height, width }).title(title)
}

/// The range of one coordinate over several sets of points, with a little room on both sides.
pub(super) fn frame<'a>(
    sets: impl IntoIterator<Item = &'a Array2<f32>>,
    axis: usize,
) -> (f64, f64) {
    let all = sets.into_iter().flat_map(|points| points.column(axis));
    let (low, high) = all.fold((f32::MAX, f32::MIN), |(l, h), &v| (l.min(v), h.max(v)));
    (f64::from(low) - 0.5, f64::from(high) + 0.5)
}

/// Points in the plane.
pub(super) fn cloud(title: &str, points: ArrayView2<'_, f32>) -> Result<Chart> {
    let points = points_from(points)?;
    Ok(Chart::new(title).x("x₁").y("x₂").points("", points).equal_axes())
}

/// The points (n × d) in the coordinates of their first two principal directions, and the share of
/// the variance along each. By power iteration on the covariance, the first direction taken out
/// before the second.
fn principal_plane(points: &Array2<f32>) -> (Array2<f32>, [f64; 2]) {
    let points = points.mapv(f64::from);
    let mean = points.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(points.ncols()));
    let centred = &points - &mean;
    let mut covariance = centred.t().dot(&centred) / points.nrows() as f64;
    let total = covariance.diag().sum();
    let mut plane = Array2::zeros((points.nrows(), 2));
    let mut shares = [0.0; 2];
    for (axis, share) in shares.iter_mut().enumerate().take(points.ncols()) {
        let mut direction = Array1::from_shape_fn(points.ncols(), |i| 1.0 / (1.0 + i as f64));
        let mut variance = 0.0;
        for _ in 0..500 {
            let next = covariance.dot(&direction);
            variance = next.dot(&next).sqrt();
            if variance == 0.0 {
                break; // nothing varies in any further direction
            }
            direction = next / variance;
        }
        let column = direction.view().insert_axis(Axis(1));
        covariance = covariance - variance * column.dot(&column.t());
        *share = if total > 0.0 { variance / total } else { 0.0 };
        plane.column_mut(axis).assign(&centred.dot(&direction).mapv(|v| v as f32));
    }
    (plane, shares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_is_read_like_a_map() {
        let codes = plane(&[-1.0, 0.0, 1.0], &[-5.0, 5.0]);
        let expected =
            [[-1.0, 5.0], [0.0, 5.0], [1.0, 5.0], [-1.0, -5.0], [0.0, -5.0], [1.0, -5.0]];
        assert_eq!(codes, ndarray::arr2(&expected));
    }
}
