//! The frames of a training: what the players do at one look, and the pictures of it.

use anyhow::Result;
use ch08_gan::{Trainer, purpose};
use figures::{Chart, Figure, HeatMap, ImageGrid, ImageShape, points_from};
use ndarray::{Array1, Array2, ArrayD, Axis, Ix1, Ix2, concatenate};
use nn::Scalar;
use prob::gaussian::log_density;
use run::{Folder, Plate, thousands};

use super::corpus::{Corpus, Kind, LINE_MEAN, LINE_SIGMA};
use super::look::draw;

/// Points of the plane that D is looked at, each way, and half the width of the picture.
const LATTICE: usize = 61;
const HALF_WIDTH: f64 = 3.0;

/// The part of the line that is shown, and the points that D is looked at.
const LINE: (f64, f64) = (-1.0, 5.0);
const LINE_POINTS: usize = 121;

/// Generated points in a frame, and generated images.
const POINTS: usize = 1000;
const IMAGES: usize = 36;

/// Points of the data that they are shown among.
const DATA_POINTS: usize = 200;

/// Frames in the picture of them all, at most: as rows of images, and as charts.
const MOST_ROWS: usize = 9;
const MOST_CHARTS: usize = 6;
const IMAGES_IN_ROW: usize = 14;

/// What the players do at one look. The same noise in every frame, so that one sees points and images move.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// G(z), samples × data.
    samples: Array2<f32>,
    /// D at the lattice of the plane or of the line; for images, D of the samples.
    judged: Array1<f32>,
}

impl Frame {
    /// Looks at the players as they are; the average of the generator is for results.
    pub(super) fn take(trainer: &Trainer, corpus: &Corpus, seed: u64) -> Self {
        let of_images = matches!(corpus.kind, Kind::Images { .. });
        let count = if of_images { IMAGES } else { POINTS };
        let samples = draw(&trainer.generator, count, seed, 1);
        let at = match corpus.kind {
            Kind::Line => {
                Array2::from_shape_fn((LINE_POINTS, 1), |(i, _)| between(LINE, i, LINE_POINTS))
            }
            Kind::Ring(_) => Array2::from_shape_fn((LATTICE * LATTICE, 2), |(i, axis)| {
                let i = if axis == 0 { i % LATTICE } else { i / LATTICE };
                between((-HALF_WIDTH, HALF_WIDTH), i, LATTICE)
            }),
            Kind::Images { .. } => samples.clone(),
        };
        let judged = trainer.discriminator.logits(at).mapv(Scalar::sigmoid);
        Self { samples, judged: judged.into_iter().collect() }
    }

    /// As arrays for a checkpoint.
    pub(super) fn arrays(&self) -> [ArrayD<f32>; 2] {
        [self.samples.clone().into_dyn(), self.judged.clone().into_dyn()]
    }

    /// From the arrays of a checkpoint; `None` if they are others.
    pub(super) fn from_arrays(samples: &ArrayD<f32>, judged: &ArrayD<f32>) -> Option<Self> {
        Some(Self {
            samples: samples.clone().into_dimensionality::<Ix2>().ok()?,
            judged: judged.clone().into_dimensionality::<Ix1>().ok()?,
        })
    }

    /// Writes this frame's picture.
    pub(super) fn save(&self, corpus: &Corpus, step: u64, path: &std::path::Path) -> Result<()> {
        match corpus.kind {
            Kind::Images { shape, .. } => {
                let title = format!("Step {}", thousands(step));
                images(&self.samples, shape).columns(6).title(title).save(path)?;
            }
            Kind::Line | Kind::Ring(_) => self.chart(corpus, step)?.save(path)?,
        }
        Ok(())
    }

    fn chart(&self, corpus: &Corpus, step: u64) -> Result<Chart> {
        let chart = Chart::new(format!("Step {}", thousands(step)));
        let judged = |i: usize| f64::from(self.judged[i]);
        if let Kind::Line = corpus.kind {
            let x = |i| f64::from(between(LINE, i, LINE_POINTS));
            let density = |i| log_density(x(i), LINE_MEAN, 2.0 * LINE_SIGMA.ln()).exp();
            let curve = |f: &dyn Fn(usize) -> f64| -> Vec<(f64, f64)> {
                (0..LINE_POINTS).map(|i| (x(i), f(i))).collect()
            };
            let inside = |x: &f64| (LINE.0..=LINE.1).contains(x);
            let mut shown: Vec<f64> = self.samples.iter().map(|&x| f64::from(x)).collect();
            shown.retain(inside);
            let chart =
                chart.x("x").y("density, and D(x)").x_range(LINE.0, LINE.1).y_range(0.0, 1.6);
            let chart = chart.area("data", curve(&density)).line("D(x)", curve(&judged));
            return Ok(if shown.is_empty() {
                chart
            } else {
                chart.histogram("generated", shown, 40)
            });
        }
        let map = HeatMap::from_fn(RANGE, RANGE, |x, y| bilinear(&self.judged, x, y));
        let inside: Vec<_> = points_from(self.samples.view())?
            .into_iter()
            .filter(|(x, y)| x.abs() < HALF_WIDTH && y.abs() < HALF_WIDTH)
            .collect();
        let chart = chart.x("x₁").y("x₂").equal_axes();
        let chart = chart.x_range(RANGE.0, RANGE.1).y_range(RANGE.0, RANGE.1);
        let chart = chart.heat_map(map.label("D(x)").color_range(0.0, 1.0));
        let data = corpus.train.draw(0..DATA_POINTS, 0, [purpose::SAMPLE, 2, 0]);
        let chart = chart.points("data", points_from(data.view())?);
        let chart = chart.point_radius(1.6).point_alpha(0.8);
        Ok(if inside.is_empty() { chart } else { chart.points("generated", inside) })
    }
}

const RANGE: (f64, f64) = (-HALF_WIDTH, HALF_WIDTH);

/// Writes one picture of all frames, or of so many as fit on a page. Each comes with its step.
pub(super) fn draw_all(frames: &[(u64, Frame)], corpus: &Corpus, folder: &Folder) -> Result<()> {
    const FILE: &str = "frames.png";
    match corpus.kind {
        Kind::Images { shape, .. } => {
            let shown = || chosen(frames.len(), MOST_ROWS).into_iter().map(|i| &frames[i]);
            let rows: Vec<_> = shown()
                .map(|(_, frame)| frame.samples.slice_axis(Axis(0), (..IMAGES_IN_ROW).into()))
                .collect();
            let figure = images(&concatenate(Axis(0), &rows)?, shape)
                .columns(IMAGES_IN_ROW)
                .row_labels(shown().map(|(step, _)| thousands(*step)))
                .title("The same noise, step after step");
            folder.draw(
                FILE,
                &figure,
                Plate::pixels(
                    "gan-digits-frames",
                    "Rows of images from the same noise, labelled with the step. The first row is grey noise, the second has dark \
                     strokes that are hardly digits; further down they become sharper, and in the last row most columns are \
                     legible, some of them another digit than a few rows before.",
                ),
            )
        }
        Kind::Line => folder.draw(
            FILE,
            &charts(frames, corpus, "The generator's points, the data's density and D(x)")?,
            Plate::lines(
                "gan-line-frames",
                "Charts of the line at several steps: the data's bell, a histogram of generated points, and the curve D(x). \
                 The histogram begins as a spike beside the bell and moves onto it; D is high where the data are denser than \
                 the generated points, low where it is the other way round, and in the end near one half under the bell.",
            ),
        ),
        Kind::Ring(_) => folder.draw(
            FILE,
            &charts(frames, corpus, "The generator's points and D(x)")?,
            Plate::pixels(
                "gan-ring-frames",
                "Maps of D(x) over the plane at several steps, with eight groups of data points on a circle and the generated points. \
                 At step 0 all generated points are at the centre; then they form a closed ring through the groups, and in \
                 the end nearly all lie in the eight groups, with thin bridges between them.",
            ),
        ),
    }
}

/// A chart for each frame that has a place.
fn charts(frames: &[(u64, Frame)], corpus: &Corpus, what: &str) -> Result<Figure> {
    let mut figure =
        Figure::new(format!("{what}, step after step")).columns(3).panel_size(310.0, 300.0);
    for i in chosen(frames.len(), MOST_CHARTS) {
        let (step, frame) = &frames[i];
        figure = figure.panel(frame.chart(corpus, *step)?);
    }
    Ok(figure)
}

/// Which of `count` frames to show if at most `most` have a place: from the first to the last, and closer together at
/// the beginning, where more happens.
fn chosen(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    let last = count - 1;
    let mut chosen: Vec<usize> =
        (0..most).map(|j| (last * j * j).div_ceil((most - 1) * (most - 1))).collect();
    chosen.dedup();
    chosen
}

/// Images in a grid.
pub(super) fn images(
    images: &Array2<f32>,
    (channels, height, width): (usize, usize, usize),
) -> ImageGrid {
    ImageGrid::new(images.view(), ImageShape { channels, height, width })
}

/// Point `i` of `count`, from the low to the high end.
fn between((low, high): (f64, f64), i: usize, count: usize) -> f32 {
    (low + (high - low) * i as f64 / (count - 1) as f64) as f32
}

/// The lattice's values between its points.
fn bilinear(values: &Array1<f32>, x: f64, y: f64) -> f64 {
    let place = |x: f64| {
        let place = (x + HALF_WIDTH) / (2.0 * HALF_WIDTH) * (LATTICE - 1) as f64;
        let below = (place.floor().max(0.0) as usize).min(LATTICE - 2);
        (below, place - below as f64)
    };
    let ((i, right), (j, up)) = (place(x), place(y));
    let value = |i: usize, j: usize| f64::from(values[j * LATTICE + i]);
    let row = |j| (1.0 - right) * value(i, j) + right * value(i + 1, j);
    (1.0 - up) * row(j) + up * row(j + 1)
}
