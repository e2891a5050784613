//! The numbers that the book's interactive figure `latent-plane` must show.
//!
//! The figure's data are those of `latent-plane-data`: a sheet of decoded images, the codes that they belong to, and codes of
//! test images. What it shows is looked up in them once more here, by other code.

use std::io::{Error, Result};

use prob::gaussian::standard_log_density;
use serde::Deserialize;
use serde_json::{Value, json};

/// Half a unit of the last digit shown.
const TOLERANCE: f64 = 6e-4;

/// Codes: the corners, where rows and columns are easily exchanged, and places between.
const CASES: [[f64; 2]; 6] =
    [[-3.0, 3.0], [3.0, 3.0], [3.0, -3.0], [-2.2, 0.4], [0.6, -1.8], [1.4, 1.0]];

#[derive(Deserialize)]
struct Plane {
    sprite_sheet: Sheet,
    points: Points,
}

#[derive(Deserialize)]
struct Sheet {
    file: String,
    columns: usize,
    cell_width: usize,
    cell_height: usize,
    z1: Vec<f64>,
    z2: Vec<f64>,
}

#[derive(Deserialize)]
struct Points {
    z1: Vec<f64>,
    z2: Vec<f64>,
    labels: Vec<u8>,
}

/// For some codes the prior's log-density, the class and the distance of the nearest code of a test image, and the mean
/// grey (black 0, white 1) of what the decoder draws. `plane` is the text of the `plane.json` that `latent-plane-data`
/// writes; `pixels` gives the pixels of the sheet with this file name, row by row, a byte of grey each.
///
/// # Errors
/// If `plane` is not what `latent-plane-data` writes, or the sheet cannot be had.
pub fn interactive(plane: &str, pixels: impl FnOnce(&str) -> Result<Vec<u8>>) -> Result<Value> {
    let plane: Plane = serde_json::from_str(plane)?;
    let pixels = pixels(&plane.sprite_sheet.file)?;
    let checks = CASES.iter().map(|&z| check(&plane, &pixels, z)).collect::<Result<Vec<_>>>()?;
    Ok(json!({ "element": "latent-plane", "checks": checks }))
}

fn check(
    Plane { sprite_sheet: sheet, points }: &Plane,
    pixels: &[u8],
    z: [f64; 2],
) -> Result<Value> {
    let place = |axis: &[f64], value: f64| {
        let at = axis.iter().position(|&code| (code - value).abs() < 1e-9);
        at.ok_or_else(|| {
            Error::other(format!(
                "{value} is no code of the sheet: decode it anew, or choose another"
            ))
        })
    };
    let (column, row) = (place(&sheet.z1, z[0])?, place(&sheet.z2, z[1])?);
    let stride = sheet.columns * sheet.cell_width;
    let cell = (0..sheet.cell_height).flat_map(|y| {
        let start = (row * sheet.cell_height + y) * stride + column * sheet.cell_width;
        &pixels[start..start + sheet.cell_width]
    });
    let sum: f64 = cell.map(|&grey| f64::from(grey)).sum();
    let grey = sum / (255 * sheet.cell_width * sheet.cell_height) as f64;

    let distances = points.z1.iter().zip(&points.z2).map(|(x, y)| (x - z[0]).hypot(y - z[1]));
    let nearest = distances.zip(&points.labels).min_by(|(a, _), (b, _)| a.total_cmp(b));
    let (distance, label) = nearest.ok_or_else(|| Error::other("no codes of test images"))?;
    Ok(json!({
        "set": { "z1": z[0], "z2": z[1] },
        "expect": {
            "log_prior": millionths(standard_log_density(z[0]) + standard_log_density(z[1])),
            "nearest": label,
            "distance": millionths(distance),
            "grey": millionths(grey),
        },
        "tolerance": TOLERANCE,
    }))
}

/// More digits than a page shows, fewer than processors differ in.
fn millionths(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
