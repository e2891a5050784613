//! Pictures of densities: whose they are, a mixture by EM, and mixtures in many dimensions.

use anyhow::Result;
use ch02_variational_inference::digits::{Digits, PerDimension, per_dimension};
use ch02_variational_inference::mixture::{Settings, fit};
use ch02_variational_inference::{Whitening, expected_log_density};
use figures::{Chart, Figure, HeatMap};
use ndarray::{Array2, array};
use prob::random::stream;
use prob::{FullGaussian, Gaussian, Mixture};
use run::tour::curve;
use run::{Folder, Plate, Progress};
use serde::Serialize;

use super::purpose;

/// Two densities of the same marks, and what each gives to the data on average.
#[derive(Serialize)]
pub(super) struct Misspecified {
    pub(super) under_the_data: f64,
    pub(super) under_the_model: f64,
    pub(super) kl: f64,
}

/// Two groups of students, and a model that knows of one.
pub(super) fn misspecified(folder: &Folder) -> Result<Misspecified> {
    let groups = vec![Gaussian::new(52.0, 6.0)?, Gaussian::new(76.0, 5.0)?];
    let data = Mixture::new(&[0.4, 0.6], groups)?;
    let model = Gaussian::new(data.mean(), data.variance().sqrt())?;
    let of_data = |x: f64| data.log_density(&x).unwrap_or(f64::NAN);
    let under_the_data = expected_log_density(&data, of_data)?;
    let under_the_model = expected_log_density(&data, |x| model.log_density(x))?;
    let kl = under_the_data - under_the_model;
    let figure = Chart::new(format!("Two densities of the same marks, {kl:.3} nats apart"))
        .x("mark")
        .y("density")
        .area("the data's: two groups", curve(25.0, 100.0, 600, |x| of_data(x).exp()))
        .line(
            "the model's best: one Gaussian",
            curve(25.0, 100.0, 600, |x| model.log_density(x).exp()),
        )
        .size(900.0, 480.0);
    folder.draw(
        "whose_density.png",
        &figure,
        Plate::lines(
            "vi-whose-density",
            "Two densities of the same marks. The data's has two hills, one for each group of \
             students; the best single Gaussian is one broad hill over both, too high between \
             them and too low at each.",
        ),
    )?;
    Ok(Misspecified { under_the_data, under_the_model, kl })
}

/// A component of the truth beside the fitted one.
#[derive(Serialize)]
pub(super) struct Component {
    pub(super) weight: f64,
    pub(super) fitted_weight: f64,
    pub(super) mean: [f64; 2],
    pub(super) fitted_mean: [f64; 2],
}

/// Marks of two groups, the density that EM finds, and new marks drawn from it.
pub(super) fn mixture(folder: &Folder, seed: u64) -> Result<Vec<Component>> {
    const POINTS: usize = 800;
    let with = FullGaussian::new(array![76.0, 72.0], array![[50.0, 30.0], [30.0, 70.0]].view())?;
    let without =
        FullGaussian::new(array![48.0, 54.0], array![[90.0, -20.0], [-20.0, 60.0]].view())?;
    let truth = Mixture::new(&[0.65, 0.35], vec![with, without])?;
    let mut rng = stream(seed, [purpose::GROUPS]);
    let mut draw = |from: &Mixture<FullGaussian>| -> Vec<(f64, f64)> {
        (0..POINTS).map(|_| from.sample(&mut rng)).map(|x| (x[0], x[1])).collect()
    };
    let points = draw(&truth);
    let data =
        Array2::from_shape_fn(
            (POINTS, 2),
            |(row, column)| {
                if column == 0 { points[row].0 } else { points[row].1 }
            },
        );
    let settings = Settings { floor: 1.0, ..Settings::default() };
    let found = fit(data.view(), &settings, &mut stream(seed, [purpose::GROUPS, 1]))?;
    let density =
        |x: f64, y: f64| found.mixture.log_density(&array![x, y]).map_or(f64::NAN, f64::exp);
    let frame = ((15.0, 105.0), (20.0, 105.0));
    let panel = |title: &str| {
        Chart::new(title)
            .x("mark in mechanics")
            .y("mark in statistics")
            .x_range(frame.0.0, frame.0.1)
            .y_range(frame.1.0, frame.1.1)
            .point_radius(2.0)
            .point_alpha(0.5)
    };
    let map = HeatMap::from_fn(frame.0, frame.1, density).label("density");
    let figure = Figure::new("Estimate a density, then draw from it")
        .columns(3)
        .panel_size(305.0, 360.0)
        .panel(panel("The data").points("data", &points))
        .panel(panel("Two Gaussians by EM").heat_map(map))
        .panel(panel("New marks from them").points("draws", draw(&found.mixture)));
    folder.draw(
        "mixture.png",
        &figure,
        Plate::lines(
            "vi-mixture",
            "Three panels over the marks in two subjects: the data, a cloud with two clusters; \
             the density of two Gaussians fitted by EM as a map with a ridge on each cluster; and \
             new marks drawn from it, a cloud much like the first.",
        ),
    )?;
    let nearest = |mean: [f64; 2]| {
        let apart = |c: &FullGaussian| (c.mean()[0] - mean[0]).hypot(c.mean()[1] - mean[1]);
        let components = found.mixture.components().iter().zip(found.mixture.weights());
        components.min_by(|a, b| apart(a.0).total_cmp(&apart(b.0)))
    };
    let pairs = truth.components().iter().zip(truth.weights()).filter_map(|(c, &weight)| {
        let mean = [c.mean()[0], c.mean()[1]];
        let (fitted, &fitted_weight) = nearest(mean)?;
        let fitted_mean = [fitted.mean()[0], fitted.mean()[1]];
        Some(Component { weight, fitted_weight, mean, fitted_mean })
    });
    Ok(pairs.collect())
}

/// Means over the fits at one number of dimensions, nats per dimension gained over one Gaussian.
#[derive(Serialize)]
pub(super) struct Gain {
    pub(super) dimensions: usize,
    pub(super) training: f64,
    pub(super) held_out: f64,
    pub(super) held_out_lowest: f64,
    pub(super) held_out_highest: f64,
}

/// Ten Gaussians on the digits, in 2 to 64 whitened principal components.
pub(super) fn high_dimension(folder: &Folder, seed: u64, fits: u64) -> Result<Vec<Gain>> {
    const DIMENSIONS: [usize; 7] = [2, 4, 8, 16, 32, 48, 64];
    let settings = Settings { components: 10, floor: 1.0, iterations: 30, least_gain: 1e-3 };
    let digits = Digits::load(&data::default_root(), seed)?;
    let whitening = Whitening::of(digits.train.view())?;
    let progress = Progress::new(DIMENSIONS.len() as u64 * fits);
    let mut gains = Vec::new();
    for dimensions in DIMENSIONS {
        progress.message(|| format!("ten Gaussians in {dimensions} dimensions"));
        let mut runs: Vec<PerDimension> = Vec::new();
        for fit in 0..fits {
            let seed = seed.wrapping_add(fit);
            runs.push(per_dimension(&digits, &whitening, dimensions, &settings, seed)?);
            progress.advance(1);
        }
        let mean = |of: &dyn Fn(&PerDimension) -> f64| {
            runs.iter().map(of).sum::<f64>() / runs.len() as f64
        };
        let held_out = |run: &PerDimension| run.test - run.one_gaussian;
        gains.push(Gain {
            dimensions,
            training: mean(&|run| run.train - run.one_gaussian),
            held_out: mean(&held_out),
            held_out_lowest: runs.iter().map(held_out).fold(f64::INFINITY, f64::min),
            held_out_highest: runs.iter().map(held_out).fold(f64::NEG_INFINITY, f64::max),
        });
    }
    let points = |of: fn(&Gain) -> f64| -> Vec<(f64, f64)> {
        gains.iter().map(|gain| (gain.dimensions as f64, of(gain))).collect()
    };
    let band: Vec<(f64, f64, f64)> = gains
        .iter()
        .map(|gain| (gain.dimensions as f64, gain.held_out_lowest, gain.held_out_highest))
        .collect();
    let figure = Chart::new("Ten Gaussians on digits: in many dimensions little carries over")
        .x("principal components, of 64 pixels")
        .y("nats per dimension over one Gaussian")
        .log_x()
        .line("training images", points(|gain| gain.training))
        .line("held-out images", points(|gain| gain.held_out))
        .band("held-out images", band)
        .hline("one Gaussian", 0.0)
        .size(900.0, 520.0);
    folder.draw(
        "high_dimension.png",
        &figure,
        Plate::lines(
            "vi-high-dimension",
            "Nats per dimension gained by ten Gaussians over a single one, against the number of \
             principal components from 2 to 64. Both curves rise up to sixteen components; \
             beyond, the one of training images falls a little, and the one of held-out images \
             falls nearly to the dotted line at 0.",
        ),
    )?;
    Ok(gains)
}
