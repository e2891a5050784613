//! The linear autoencoder on its way to the principal subspace, and the line that remembers everything.

use anyhow::Result;
use ch01_autoencoder::memory::memorise;
use ch01_autoencoder::subspace::{angle_at_excess, largest_angle};
use ch01_autoencoder::{Autoencoder, Model, Pca, Schedule, sigma_points, train};
use data::Images;
use figures::{Chart, Figure, ImageGrid, ImageShape};
use ndarray::{Array1, Array2, Axis};
use ndarray_rand::RandomExt;
use nn::Activation;
use prob::random::stream;
use rand_distr::StandardNormal;
use run::{Folder, Plate, say};
use serde::Serialize;

use super::{part, purpose};

/// The end of the linear training.
#[derive(Serialize)]
pub(super) struct Linear {
    code: usize,
    floor: f64,
    loss: f64,
    relative_excess: f64,
    largest_angle_degrees: f64,
    angle_allowed_at_one_percent: f64,
}

const CODE: usize = 4;

/// Excess and angle, step by step.
pub(super) fn training(folder: &Folder, images: &Images, seed: u64) -> Result<Linear> {
    let x = part(images, images.len(), seed).mapv(f64::from);
    let pca = Pca::fit(&x)?;
    let points = sigma_points(&pca);
    let (floor, subspace) = (pca.discarded(CODE), pca.subspace(CODE));
    let mut rng = stream(seed, [purpose::WEIGHTS, 0]);
    let mut model = Autoencoder::<f64>::new(&[64, CODE], Activation::Identity, &mut rng);
    let schedule = Schedule { epochs: 1500, batch: points.nrows(), learning_rate: 0.05, seed };
    let mut steps = Vec::new();
    train(&mut model, &points, &schedule, |step, model| {
        let excess = model.loss_per_image(&points) / floor - 1.0;
        let angle = largest_angle(&model.decoder.layers[0].weight, &subspace);
        steps.push((step as f64, excess, angle));
    });
    let mut excesses = Vec::new();
    let mut angles = Vec::new();
    for (step, excess, angle) in steps {
        excesses.push((step, excess.max(1e-9)));
        angles.push((step, angle?));
    }
    let allowed = angle_at_excess(&pca, CODE, 0.01);
    let loss = Chart::new("The loss looks done early …")
        .x("step")
        .y("excess over the floor, relative")
        .log_y()
        .y_range(1e-9, 100.0)
        .line("excess", &excesses)
        .hline("1 %", 0.01);
    let angle = Chart::new("… while the subspace is still turning")
        .x("step")
        .y("largest angle to the principal subspace, degrees")
        .y_range(0.0, 92.0)
        .line("angle", &angles)
        .hline(format!("allowed at 1 %: {allowed:.0}°"), allowed);
    let figure = Figure::new("A linear autoencoder finds the span of the first four components")
        .panel_size(460.0, 390.0)
        .panel(loss)
        .panel(angle);
    folder.draw(
        "linear_training.png",
        &figure,
        Plate::lines(
            "autoencoder-linear-training",
            "Two charts over the steps of one training. Left, the loss's excess over its floor, \
             on a logarithmic axis, crosses the dotted line of one per cent early. Right, the \
             largest angle between the learned and the principal subspace, in degrees, is still \
             large then and falls to 0 only later.",
        ),
    )?;
    let end = model.loss_per_image(&points);
    let numbers = Linear {
        code: CODE,
        floor,
        loss: end,
        relative_excess: end / floor - 1.0,
        largest_angle_degrees: angles.last().map_or(f64::NAN, |last| last.1),
        angle_allowed_at_one_percent: allowed,
    };
    say(format!(
        "  linear, code of {CODE}: loss {end:.5} an image, floor {floor:.5}; {:.4}° from the principal subspace",
        numbers.largest_angle_degrees
    ));
    Ok(numbers)
}

/// Fifty digits on a line.
#[derive(Serialize)]
pub(super) struct Memory {
    points: usize,
    memorised_share_of_variance: f64,
    held_out_share_of_variance: f64,
}

/// Memorised digits, what the decoder gives half-way between neighbouring codes, and digits it never saw.
pub(super) fn memory(folder: &Folder, images: &Images, seed: u64) -> Result<Memory> {
    const POINTS: usize = 50;
    const SHOWN: usize = 10;
    let all = part(images, images.len(), seed).mapv(f64::from);
    let (first, others): (Vec<usize>, Vec<usize>) = (0..all.nrows()).partition(|&i| i < POINTS);
    let (x, others) = (all.select(Axis(0), &first), all.select(Axis(0), &others));
    let mut rng = stream(seed, [purpose::CODES, 1]);
    let direction = Array1::random_using(64, StandardNormal, &mut rng);
    let model = memorise(&x, &direction);
    let total = Pca::fit(&all)?.total;
    let numbers = Memory {
        points: POINTS,
        memorised_share_of_variance: model.loss_per_image(&x) / total,
        held_out_share_of_variance: model.loss_per_image(&others) / total,
    };

    let mut order: Vec<usize> = (0..POINTS).collect();
    let code = x.dot(&direction);
    order.sort_by(|&a, &b| code[a].total_cmp(&code[b]));
    let neighbours = &order[20..20 + SHOWN];
    let seen = x.select(Axis(0), neighbours);
    let held_out = others.slice(ndarray::s![..SHOWN, ..]).to_owned();
    let halfway: Array2<f64> = Array2::from_shape_fn((SHOWN, 1), |(k, _)| {
        0.5 * (code[order[20 + k]] + code[order[21 + k]])
    });
    let rows = [
        seen.clone(),
        model.reconstruct(&seen),
        model.decode(&halfway),
        held_out.clone(),
        model.reconstruct(&held_out),
    ];
    let views: Vec<_> = rows.iter().map(|row| row.view()).collect();
    let pixels = ndarray::concatenate(Axis(0), &views)?.mapv(|p| p.clamp(0.0, 1.0) as f32);
    let figure = ImageGrid::new(pixels.view(), ImageShape::grey(8, 8))
        .title("One number a digit, without loss: a list of fifty digits, and nothing learned")
        .columns(SHOWN)
        .row_labels([
            "memorised",
            "came back",
            "half-way to the next code",
            "never seen",
            "came back",
        ]);
    folder.draw(
        "memory.png",
        &figure,
        Plate::pixels(
            "autoencoder-memory",
            "Five rows of ten digits of 8 × 8 pixels. The memorised digits and what comes back \
             for them are the same; decoded half-way between neighbouring codes they are mixtures \
             of two digits; and digits that were never seen come back as memorised ones.",
        ),
    )?;
    say(format!(
        "  {POINTS} digits in one number each: {:.1e} of the variance is lost; of other digits {:.2}",
        numbers.memorised_share_of_variance, numbers.held_out_share_of_variance
    ));
    Ok(numbers)
}
