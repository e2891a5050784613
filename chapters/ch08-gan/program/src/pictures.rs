//! The pictures at the end of a run.

use anyhow::Result;
use ch08_gan::Generator;
use ch08_gan::game::{optimal_logit, value_at_optimum};
use figures::{Chart, Figure, points_from};
use nn::Scalar;
use prob::Gaussian;
use run::{Folder, Plate};

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
    const FILE: &str = "samples.png";
    match corpus.kind {
        Kind::Images { shape, .. } => {
            let figure = images(&draw(generator, IMAGES, seed, 0), shape)
                .columns(16)
                .title("New images: z drawn from N(0, I), through the generator");
            folder.draw(
                FILE,
                &figure,
                Plate::pixels(
                    "gan-digits-samples",
                    "A grid of new images from the generator. Most are digits with hard black strokes and frayed edges; some are broken or \
                     stand between two digits.",
                ),
            )
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
            let figure = Figure::new(format!("The ring: {}", last.quality_in_words()))
                .panel_size(460.0, 470.0)
                .panel(cloud("data", &data)?)
                .panel(cloud("generated", &draw(generator, POINTS, seed, 0))?);
            folder.draw(
                FILE,
                &figure,
                Plate::pixels(
                    "gan-ring-samples",
                    "Two scatter plots with eight circles on a ring. The data fill every circle evenly; the generated points lie in \
                     all eight circles, too, but in denser cores, and thin bridges of points lead from one circle to the next.",
                ),
            )
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
                .save(folder.file(FILE))?;
            Ok(())
        }
    }
}

/// The best discriminator against a generator on the line that is not there yet, and what it leaves to gain.
pub(super) fn optimal(folder: &Folder) -> Result<()> {
    let data = Gaussian::new(LINE_MEAN, LINE_SIGMA)?;
    let generated = Gaussian::new(LINE_MEAN - 2.0 * LINE_SIGMA, 1.4 * LINE_SIGMA)?;
    let along = |low: f64, high: f64, f: &dyn Fn(f64) -> f64| -> Vec<(f64, f64)> {
        let x = |i: u32| low + (high - low) * f64::from(i) / 300.0;
        (0..=300).map(x).map(|x| (x, f(x))).collect()
    };
    let (low, high) = (LINE_MEAN - 3.0, LINE_MEAN + 2.0);
    let density = |of: Gaussian| along(low, high, &move |x| of.log_density(x).exp());
    let answer = |x| Scalar::sigmoid(optimal_logit(&data, &generated, x));
    let players = Chart::new("D* = p/(p + q), where the data have density p and the generator q")
        .x("x")
        .y("density, and D*(x)")
        .area("data p", density(data))
        .area("generator q", density(generated))
        .line("D*", along(low, high, &answer))
        .hline("½", 0.5)
        .y_range(0.0, 1.05);
    let value = |mean: f64| -> prob::Result<(f64, f64)> {
        let generated = Gaussian::new(mean, LINE_SIGMA)?;
        Ok((mean, value_at_optimum(&data, &generated)?))
    };
    let values: prob::Result<Vec<_>> =
        along(low, high + 1.0, &|mean| mean).into_iter().map(|(mean, _)| value(mean)).collect();
    let least = -2.0 * std::f64::consts::LN_2;
    let left =
        Chart::new("The value against D*: lowest where q = p, flat where they are far apart")
            .x("mean of the generator, σ that of the data")
            .y("V(D*, G) in nats")
            .line("V(D*, G)", values?)
            .hline("−log 4", least)
            .vline("mean of the data", LINE_MEAN)
            .y_range(1.08 * least, 0.05);
    folder.draw(
        "optimal.png",
        &Figure::new("").columns(1).panel_size(860.0, 330.0).panel(players).panel(left),
        Plate::lines(
            "optimal-discriminator",
            "Above, the data's density, a generator's density to its left, and the best discriminator D*: near 0 under the generator, \
             near 1 under the data, and one half where the two densities cross. Below, the value of the game against D* \
             over the generator's mean: a valley with its floor −log 4 at the mean of the data, and flat at 0 far from it.",
        ),
    )
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
    let mut figure = Figure::new("The game, step by step").panel_size(310.0, 330.0).panel(players);
    for panel in panels {
        figure = figure.panel(panel);
    }
    const FILE: &str = "curves.png";
    match looks.last().map(|look| &look.quality) {
        Some(Quality::Ring { .. }) => folder.draw(
            FILE,
            &figure,
            Plate::lines(
                "gan-ring-curves",
                "Three charts over the steps. The discriminator's mean answers on real and on generated points approach one half from \
                 above and below; the modes covered rise to all eight; the share of points near a mode rises towards that of the data.",
            ),
        ),
        Some(Quality::Scored { .. }) => folder.draw(
            FILE,
            &figure,
            Plate::lines(
                "gan-digits-curves",
                "Three charts over the steps. The discriminator's mean answers on real and on generated images come close to one half; \
                 the Fréchet distance falls, steeply at first, and stays above that of real images; the share of the rarest class \
                 rises towards that of even classes.",
            ),
        ),
        _ => Ok(figure.save(folder.file(FILE))?),
    }
}

/// Mean and standard deviation of points on the line.
fn line(look: &Look) -> (f64, f64) {
    match look.quality {
        Quality::Line { mean, sigma } => (mean, sigma),
        _ => (0.0, 0.0),
    }
}
