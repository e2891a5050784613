//! `rate-distortion`: what a code costs and what it buys, for several weights β of the KL term.

use anyhow::{Context, Result, bail};
use ch07_vae::{Likelihood, Objective, average_terms};
use figures::{Chart, HeatMap, Theme};
use run::{Folder, Progress, say};
use serde::Serialize;

use super::cli::{RateDistortionArguments, TrainArguments};
use super::corpus::Corpus;
use super::fit::fit;
use super::settings::Settings;

/// Codes for each test example: enough for noise far below what a picture shows.
const CODES: usize = 16;
/// The most points that a picture tells apart by colour.
const MOST: usize = 10;
const PICTURE: &str = "rate_distortion.png";
const REPORT: &str = "rate_distortion.json";

/// A model's place in the plane: nats for each test example.
#[derive(Clone, Copy, Debug, Serialize)]
struct Point {
    beta: f64,
    /// R = E[KL(q(z|x) ‖ p(z))].
    rate_nats: f64,
    /// D = −E[log p(x|z)], z from q(z|x).
    distortion_nats: f64,
    /// −(R + D).
    elbo_nats: f64,
}

#[derive(Serialize)]
struct Report<'a> {
    settings: &'a Settings,
    likelihood: String,
    test_examples: usize,
    codes_per_example: usize,
    /// −log p(x) of pixels that are independent of each other and of any code.
    distortion_without_code_nats: Option<f64>,
    points: &'a [Point],
}

pub(super) fn rate_distortion(arguments: &RateDistortionArguments) -> Result<()> {
    let mut betas = arguments.betas.clone();
    betas.sort_by(f64::total_cmp);
    if let Some(pair) = betas.windows(2).find(|pair| pair[0] == pair[1]) {
        bail!("--betas has {} twice: give each weight once", pair[0]);
    }
    if betas.len() > MOST {
        bail!(
            "--betas has {} weights: give at most {MOST}, or their points run together",
            betas.len()
        );
    }
    let settings = settings(arguments)?;
    let folder = Folder::create(&arguments.out)?;
    let corpus = Corpus::load(&settings.data, settings.likelihood)?;
    say(format!(
        "{}: a model for each of {} weights β, {} epochs each; in nats for each test example",
        corpus.name,
        betas.len(),
        settings.epochs
    ));
    let points =
        run::thread_pool(arguments.threads)?.install(|| sweep(&settings, &corpus, &betas))?;

    let without_code = independent_pixels(&corpus, settings.likelihood);
    picture(&points, without_code, &corpus.name)?.save(folder.file(PICTURE))?;
    let report = Report {
        likelihood: settings.likelihood.to_string(),
        settings: &settings,
        test_examples: corpus.test.len(),
        codes_per_example: CODES,
        distortion_without_code_nats: without_code,
        points: &points,
    };
    folder.write_json(REPORT, &report)?;
    say("");
    folder.list([
        (PICTURE, "the rate-distortion plane, a point for each β"),
        (REPORT, "settings and figures"),
    ]);
    Ok(())
}

/// What a training run would take, with fewer epochs: each of the models is small.
fn settings(arguments: &RateDistortionArguments) -> Result<Settings> {
    let data = arguments.data.clone();
    let usual_epochs = if data == "mnist" { 10 } else { 150 };
    Settings::new(&TrainArguments {
        epochs: Some(arguments.epochs.unwrap_or(usual_epochs)),
        data: Some(data),
        seed: Some(arguments.seed),
        ..TrainArguments::default()
    })
}

/// Trains a model for each weight, from the same start and on the same noise, and tests it.
fn sweep(settings: &Settings, corpus: &Corpus, betas: &[f64]) -> Result<Vec<Point>> {
    let steps = betas.len() * settings.epochs * corpus.train.len();
    let progress = Progress::new(steps as u64);
    progress.line(&format!("\n{:>8}{:>12}{:>14}{:>12}", "β", "rate R", "distortion D", "ELBO"));
    let one = |&beta: &f64| {
        progress.message(|| format!("β = {beta}"));
        let settings = Settings { objective: Objective::elbo(beta), ..settings.clone() };
        let model = fit(&settings, corpus, &progress).with_context(|| {
            format!("β = {beta} is too much for the learning rate: leave it out")
        })?;
        let measure = Objective { particles: CODES, ..Objective::elbo(1.0) };
        let test = average_terms(&model, &corpus.test, &measure, settings.seed, 0);
        let point = Point {
            beta,
            rate_nats: test.kl,
            distortion_nats: -test.reconstruction,
            elbo_nats: test.elbo(),
        };
        progress.line(&format!(
            "{beta:>8}{:>12.3}{:>14.3}{:>12.3}",
            point.rate_nats, point.distortion_nats, point.elbo_nats
        ));
        Ok(point)
    };
    betas.iter().map(one).collect()
}

/// The distortion that needs no code at all: binary pixels with the probabilities of the training set.
fn independent_pixels(corpus: &Corpus, likelihood: Likelihood) -> Option<f64> {
    if likelihood != Likelihood::Bernoulli {
        return None;
    }
    let trained = corpus.train.pixel_means()?;
    let tested = corpus.test.pixel_means()?;
    // A pixel that is never on in training keeps a small chance: one image in twice as many.
    let least = 0.5 / (corpus.train.len() as f64 + 1.0);
    let nats = |(p, on): (f64, f64)| {
        let p = p.clamp(least, 1.0 - least);
        -(on * p.ln() + (1.0 - on) * (1.0 - p).ln())
    };
    Some(trained.into_iter().zip(tested).map(nats).sum())
}

/// The points over the ELBO as colour, with its lines of equal value.
fn picture(points: &[Point], without_code: Option<f64>, name: &str) -> Result<Chart> {
    let span = |value: fn(&Point) -> f64, more: Option<f64>| {
        let values = points.iter().map(value).chain(more);
        values.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)))
    };
    let (_, most_rate) = span(|p| p.rate_nats, None);
    let (low, high) = span(|p| p.distortion_nats, without_code);
    let room = (0.08 * (high - low)).max(1.0);
    let x = (0.0, (1.1 * most_rate).max(1.0));
    let y = (low - room, high + room);
    let map = HeatMap::from_fn(x, y, |rate, distortion| -(rate + distortion))
        .label("ELBO")
        .contours(round_levels(-(x.1 + y.1), -y.0));
    let place = |p: &Point| (p.rate_nats, p.distortion_nats);
    let places: Vec<_> = points.iter().map(place).collect();
    let labels: Vec<u8> = (0..points.len() as u8).collect();
    // The curve, and with it the first point, stands out from every colour of the map.
    let mut theme = Theme::light();
    theme.series[0] = theme.paper;
    let chart = Chart::new(format!("What the code costs and what it buys ({name})"))
        .x("rate R: KL(q(z|x) ‖ p(z)), nats for each example")
        .y("distortion D: −log p(x|z), nats for each example; ELBO = −(R + D)")
        .heat_map(map)
        .line("", places.clone())
        .classes(places, labels)
        .class_names(points.iter().map(|p| format!("β = {}", p.beta)))
        .theme(theme)
        .size(900.0, 620.0);
    Ok(match without_code {
        Some(distortion) => chart.hline("no code", distortion),
        None => chart,
    })
}

/// About eight round values between two.
fn round_levels(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / 8.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|&s| s >= rough);
    let step = step.unwrap_or(10.0 * power);
    let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
    (first..=last).map(|i| i as f64 * step).collect()
}
