//! `ring-seeds`: how much of a result on the ring is luck, and what makes a generator collapse.

use std::time::Instant;

use anyhow::{Result, bail};
use ch08_gan::Examples;
use ch08_gan::modes::{Modes, SAMPLES};
use data::toy::Ring;
use figures::{Chart, Figure, points_from};
use ndarray::Array2;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use run::{Folder, Progress, say};
use serde::Serialize;

use super::cli::{SeedsArguments, TrainArguments};
use super::corpus::{Corpus, RING};
use super::look::draw;
use super::plan::Plan;

/// A training has gone well with all modes covered and so many points near them.
const GOOD_SHARE: f64 = 0.9;

/// The setting that collapses: the discriminator's learning rate is a tenth of the generator's. It needs no long
/// training to show it.
const SLOW_DISCRIMINATOR: f64 = 1e-4;
const SLOW_STEPS: usize = 4000;

/// Points of each seed on the picture, and the most seeds shown.
const SHOWN_POINTS: usize = 600;
const SHOWN_SEEDS: usize = 10;

/// One training.
#[derive(Serialize)]
struct Row {
    seed: u64,
    modes_covered: usize,
    good_share: f64,
    shares: Vec<f64>,
    /// On one thread, beside the other trainings.
    seconds: f64,
    #[serde(skip)]
    points: Array2<f32>,
}

/// One setting with all its seeds.
#[derive(Serialize)]
struct Setting {
    name: &'static str,
    command: String,
    plan: Plan,
    seeds_with_all_modes_and_90_percent: usize,
    seeds: Vec<Row>,
}

pub(super) fn ring_seeds(arguments: &SeedsArguments) -> Result<()> {
    let pool = run::thread_pool(arguments.threads)?;
    let folder = Folder::create(&arguments.out)?;
    let corpus = Corpus::load(RING)?;
    let recommended = Plan::new(&TrainArguments::silent(arguments.steps), RING)?;
    let collapsing = Plan {
        discriminator_learning_rate: SLOW_DISCRIMINATOR,
        steps: recommended.steps.min(SLOW_STEPS),
        ..recommended.clone()
    };
    let mut settings = Vec::new();
    for (name, flags, plan) in [
        ("recommended", String::new(), recommended),
        (
            "slow discriminator",
            format!(" --lr-d {SLOW_DISCRIMINATOR} --steps {}", collapsing.steps),
            collapsing,
        ),
    ] {
        let command = format!("cargo run -p ch08-gan -- --data ring{flags} --seed N");
        let progress = Progress::new(arguments.seeds as u64);
        let seeds: Vec<Row> = pool.install(|| {
            let seeds = 1..=arguments.seeds as u64;
            let each = |seed| one(&Plan { seed, ..plan.clone() }, &corpus.train, &progress);
            seeds.into_par_iter().map(each).collect::<Result<_>>()
        })?;
        drop(progress);
        let good = |row: &&Row| row.modes_covered == 8 && row.good_share >= GOOD_SHARE;
        let count = seeds.iter().filter(good).count();
        say(format!("\n{name}: {command}\n   seed  modes  within 3σ  seconds"));
        for row in &seeds {
            say(format!(
                "  {:5}  {:5}  {:7.1} %  {:7.1}",
                row.seed,
                row.modes_covered,
                100.0 * row.good_share,
                row.seconds
            ));
        }
        say(format!(
            "  {count} of {} seeds cover all modes with at least 90 % of their points within 3σ.",
            seeds.len()
        ));
        settings.push(Setting {
            name,
            command,
            plan,
            seeds_with_all_modes_and_90_percent: count,
            seeds,
        });
    }
    say(
        "\nA discriminator that follows at a tenth of the generator's pace is nearly a fixed one, and against a \
         fixed D the best a generator can do is to put everything where D is highest: max over D of min over G \
         instead of min over G of max over D.",
    );
    picture(&folder, &settings)?;
    folder.write_json("ring_seeds.json", &settings)?;
    folder.list([
        ("ring_seeds.png", "the points of every seed"),
        ("ring_seeds.json", "the same figures"),
    ]);
    Ok(())
}

/// One training on the calling thread.
fn one(plan: &Plan, ring: &Examples, progress: &Progress) -> Result<Row> {
    let begin = Instant::now();
    let schedule = plan.schedule();
    let mut trainer = schedule.players(&plan.architecture(ring.width()), plan.seed);
    for step in 1..=schedule.steps {
        if !schedule.step(&mut trainer, ring, plan.seed).finite() {
            bail!("seed {}: the players left the numbers at step {step}", plan.seed);
        }
    }
    let points = draw(&trainer.average, SAMPLES, plan.seed, 0);
    let modes = Modes::of(points.view(), &Ring::default());
    progress.advance(1);
    Ok(Row {
        seed: plan.seed,
        modes_covered: modes.covered(),
        good_share: modes.good(),
        shares: modes.shares,
        seconds: begin.elapsed().as_secs_f64(),
        points,
    })
}

fn picture(folder: &Folder, settings: &[Setting]) -> Result<()> {
    let columns = settings.iter().map(|setting| setting.seeds.len()).max().unwrap_or(1);
    let mut figure = Figure::new(
        "The same game with other seeds: above as recommended, below with a slow discriminator",
    )
    .columns(columns.min(SHOWN_SEEDS))
    .panel_size(240.0, 260.0);
    for setting in settings {
        for row in setting.seeds.iter().take(SHOWN_SEEDS) {
            let inside: Vec<_> = points_from(row.points.view())?
                .into_iter()
                .take(SHOWN_POINTS)
                .filter(|(x, y)| x.abs() < 3.0 && y.abs() < 3.0)
                .collect();
            let title = format!("{} modes, {:.0} %", row.modes_covered, 100.0 * row.good_share);
            let mut chart = Chart::new(title).equal_axes().x_range(-3.0, 3.0).y_range(-3.0, 3.0);
            let ring = Ring::default();
            for centre in ring.centres().rows() {
                let reach = 3.0 * ring.sigma;
                chart = chart.ellipse("", (centre[0], centre[1]), (reach, reach));
            }
            figure = figure.panel(chart.points("", inside).point_radius(1.5));
        }
    }
    figure.save(folder.file("ring_seeds.png"))?;
    Ok(())
}
