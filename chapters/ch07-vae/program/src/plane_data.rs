//! `latent-plane-data`: the decoded plane of codes for a page that lets its reader move about in it.

use anyhow::{Result, bail};
use ch07_vae::{Vae, purpose, store};
use data::shuffled;
use figures::{ImageShape, SpriteSheet};
use prob::random::stream;
use run::Folder;
use serde::Serialize;

use super::cli::PlaneArguments;
use super::codes::Codes;
use super::corpus::Corpus;
use super::pictures::plane;

const SHEET: &str = "plane.png";
const COORDINATES: &str = "plane.json";

/// Grey values of a sheet: 16 of them look like 256 and pack into half the bytes.
const GREYS: f32 = 15.0;

/// All that a page needs besides the sheet.
#[derive(Serialize)]
struct PlaneData<'a> {
    about: &'static str,
    command: String,
    data: &'a str,
    /// Widths from pixels to code.
    encoder: Vec<usize>,
    activation: String,
    likelihood: String,
    sprite_sheet: Sheet,
    points: Points,
}

/// Cell (column i, row j) of the sheet is the decoder's mean at (z1[i], z2[j]).
#[derive(Serialize)]
struct Sheet {
    file: &'static str,
    columns: usize,
    rows: usize,
    cell_width: usize,
    cell_height: usize,
    /// What the grey of a pixel is: black 0, white 1.
    values: &'static str,
    /// Left to right.
    z1: Vec<f64>,
    /// Top to bottom.
    z2: Vec<f64>,
}

/// Means of q(z|x) of test images.
#[derive(Serialize)]
struct Points {
    z1: Vec<f64>,
    z2: Vec<f64>,
    /// Class numbers, if the data has them.
    labels: Option<Vec<u8>>,
}

pub(super) fn latent_plane_data(arguments: &PlaneArguments) -> Result<()> {
    let (model, description) = store::load_model(&arguments.model)?;
    let (path, architecture) = (arguments.model.display(), &description.architecture);
    if architecture.latent != 2 {
        bail!(
            "the plane of codes needs a model with codes of 2 dimensions, but {path} has {}: train \
             one with --latent 2",
            architecture.latent
        );
    }
    let Some((channels, height, width)) = description.image_shape else {
        bail!(
            "the plane of codes is shown by images, but {path} learned points of {}: train one on \
             images with --latent 2",
            description.data
        );
    };
    let folder = Folder::create(&arguments.out)?;
    let name = arguments.data.as_ref().unwrap_or(&description.data);
    let corpus = Corpus::load(name, architecture.likelihood)?;
    corpus.must_fit(&description)?;

    let axis = axis(arguments.side, arguments.range);
    let images = model.decode_mean(plane(&axis, &axis));
    let images = images.mapv(|value| (value.clamp(0.0, 1.0) * GREYS).round() / GREYS);
    SpriteSheet::new(images.view(), ImageShape { channels, height, width })
        .columns(arguments.side)
        .save(folder.file(SHEET))?;

    let hidden = [architecture.pixels].into_iter().chain(architecture.hidden.iter().copied());
    let data = PlaneData {
        about: "the decoder's means over the plane of codes of a VAE with a 2-dimensional code, prior \
                N(0, I), and where its encoder puts test images",
        command: format!(
            "cargo run -p ch07-vae -- latent-plane-data MODEL --side {} --range {} --points {} \
             --seed {}",
            arguments.side, arguments.range, arguments.points, arguments.seed
        ),
        data: name,
        encoder: hidden.chain([2]).collect(),
        activation: architecture.activation.to_string(),
        likelihood: architecture.likelihood.to_string(),
        sprite_sheet: Sheet {
            file: SHEET,
            columns: arguments.side,
            rows: arguments.side,
            cell_width: width,
            cell_height: height,
            values: "the decoder's mean of a pixel, black 0 to white 1",
            z2: axis.iter().rev().copied().map(thousandth).collect(),
            z1: axis.into_iter().map(thousandth).collect(),
        },
        points: points(&model, &corpus, arguments)?,
    };
    // Compact: a page loads it.
    let mut json = serde_json::to_string(&data)?;
    json.push('\n');
    file::write_atomically(&folder.file(COORDINATES), json.as_bytes())?;
    folder.list([
        (SHEET, format!("the plane, decoded: {0} × {0} images edge to edge", arguments.side)),
        (COORDINATES, "the codes of its cells, and of test images with their classes".to_owned()),
    ]);
    Ok(())
}

/// `side` values from −range to range.
fn axis(side: usize, range: f64) -> Vec<f64> {
    (0..side).map(|i| range * (2.0 * i as f64 / (side - 1) as f64 - 1.0)).collect()
}

/// A random choice of test images, encoded.
fn points(model: &Vae<f32>, corpus: &Corpus, arguments: &PlaneArguments) -> Result<Points> {
    let mean = Codes::new(model, corpus, arguments.seed)?.posterior.mean;
    let mut chosen = shuffled(mean.nrows(), &mut stream(arguments.seed, [purpose::SAMPLE, 3]));
    chosen.truncate(arguments.points);
    let along = |axis: usize| -> Vec<f64> {
        chosen.iter().map(|&i| thousandth(mean[[i, axis]].into())).collect()
    };
    let labels = corpus.test_labels.as_ref();
    Ok(Points {
        z1: along(0),
        z2: along(1),
        labels: labels.map(|labels| chosen.iter().map(|&i| labels[i]).collect()),
    })
}

/// As many digits as a page can show.
fn thousandth(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
