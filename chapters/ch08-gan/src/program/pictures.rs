//! The pictures at the end of a run.

use anyhow::Result;
use ch08_gan::Generator;
use figures::{Chart, Figure, points_from};
use run::Folder;

use super::corpus::{Corpus, Kind, LINE_MEAN, LINE_SIGMA};
use super::frames::images;
use super::look::{Look, Quality, draw};

/// Images on the picture of samples, and points.
const IMAGES: usize = 144;
const POINTS: usize = 2000;

/// New examples, beside the data where those are points.
pub(super) fn samples(
    folder: &Folder,
    generator: &Generator<f32>,
    corpus: &Corpus,
    last: &Look,
    seed: u64,
) -> Result<()> {
    let path = folder.file("samples.png");
    match corpus.kind {
        Kind::Images { shape, .. } => {
            images(&draw(generator, IMAGES, seed, 0), shape)
                .columns(16)
                .title("New images: z drawn from N(0, I), through the generator")
                .save(path)?;
        }
        Kind::Ring(ring) => {
            let cloud = |title: &str, points: &ndarray::Array2<f32>| -> Result<Chart> {
                let mut chart = Chart::new(title).x("x₁").y("x₂").equal_axes();
                for centre in ring.centres().rows() {
                    let reach = 3.0 * ring.sigma;
                    chart = chart.ellipse("", (centre[0], centre[1]), (reach, reach));
                }
                let chart = chart.x_range(-3.0, 3.0).y_range(-3.0, 3.0);
                Ok(chart.points("", points_from(points.view())?))
            };
            let data = corpus.train.draw(0..POINTS, seed, [ch08_gan::purpose::SAMPLE, 1, 0]);
            Figure::new(format!("The ring: {}", last.quality_in_words()))
                .panel_size(520.0, 520.0)
                .panel(cloud("data", &data)?)
                .panel(cloud("generated", &draw(generator, POINTS, seed, 0))?)
                .save(path)?;
        }
        Kind::Line => {
            let values: Vec<f64> =
                draw(generator, 10_000, seed, 0).iter().map(|&x| f64::from(x)).collect();
            let density: Vec<(f64, f64)> = (0..=200)
                .map(|i| LINE_MEAN + LINE_SIGMA * (0.05 * f64::from(i) - 5.0))
                .map(|x| {
                    (x, prob::gaussian::log_density(x, LINE_MEAN, 2.0 * LINE_SIGMA.ln()).exp())
                })
                .collect();
            Chart::new(format!("Points on the line: {}", last.quality_in_words()))
                .x("x")
                .y("density")
                .histogram("generated", values, 60)
                .line("data", density)
                .save(path)?;
        }
    }
    Ok(())
}

/// The two players by the step, and how good the generator is.
pub(super) fn curves(folder: &Folder, looks: &[Look]) -> Result<()> {
    let curve = |value: &dyn Fn(&Look) -> f64| -> Vec<(f64, f64)> {
        looks.iter().map(|look| (look.step as f64, value(look))).collect()
    };
    let players = Chart::new("What the discriminator says")
        .x("step")
        .y("mean D since the look before")
        .y_range(0.0, 1.0)
        .line("real", curve(&|look| look.d_real))
        .line("generated", curve(&|look| look.d_generated))
        .hline("½", 0.5);
    let quality = |title: &str, y: &str, value: &dyn Fn(&Quality) -> f64| {
        Chart::new(title).x("step").y(y).line("generated", curve(&|look| value(&look.quality)))
    };
    let panels = match looks.last().map(|look| &look.quality) {
        Some(Quality::Ring { .. }) => vec![
            quality("Modes covered, of 8", "modes", &|quality| match quality {
                Quality::Ring { modes_covered, .. } => *modes_covered as f64,
                _ => 0.0,
            })
            .y_range(0.0, 8.4),
            quality("Points near a mode", "share within 3σ", &|quality| match quality {
                Quality::Ring { good_share, .. } => *good_share,
                _ => 0.0,
            })
            .hline("data", 1.0 - (-4.5f64).exp())
            .y_range(0.0, 1.02),
        ],
        Some(Quality::Scored { floor, .. }) => vec![
            quality("Fréchet distance to real images", "squared, of features", &|quality| {
                match quality {
                    Quality::Scored { frechet, .. } => *frechet,
                    _ => 0.0,
                }
            })
            .hline("real images", *floor)
            .log_y(),
            quality("The rarest class", "share of the images", &|quality| match quality {
                Quality::Scored { class_shares, .. } => super::look::ends(class_shares).0,
                _ => 0.0,
            })
            .y_range(0.0, 0.12)
            .hline("even", 0.1),
        ],
        Some(Quality::Line { .. }) => vec![
            Chart::new("Mean and standard deviation")
                .x("step")
                .y("units of x")
                .line("mean", curve(&|look| line(look).0))
                .line("σ", curve(&|look| line(look).1))
                .hline("data's mean", LINE_MEAN)
                .hline("data's σ", LINE_SIGMA),
        ],
        _ => vec![
            Chart::new("How far apart two images are")
                .x("step")
                .y("relative to the data")
                .line("generated", curve(&|look| look.spread))
                .hline("data", 1.0),
        ],
    };
    let mut figure = Figure::new("The game, step by step").panel_size(420.0, 360.0).panel(players);
    for panel in panels {
        figure = figure.panel(panel);
    }
    figure.save(folder.file("curves.png"))?;
    Ok(())
}

/// Mean and standard deviation of points on the line.
fn line(look: &Look) -> (f64, f64) {
    match look.quality {
        Quality::Line { mean, sigma } => (mean, sigma),
        _ => (0.0, 0.0),
    }
}
