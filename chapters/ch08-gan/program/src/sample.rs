//! `sample`: draws from a trained generator.

use std::path::Path;

use anyhow::Result;
use ch08_gan::store;
use figures::{Chart, points_from};
use run::{Folder, say};

use super::cli::SampleArguments;
use super::frames::images;
use super::look::draw;

pub(super) fn sample(arguments: &SampleArguments) -> Result<()> {
    let (generator, _, description) = store::load_model(&arguments.model)?;
    let folder = arguments.out.parent().filter(|folder| !folder.as_os_str().is_empty());
    Folder::create(folder.unwrap_or(Path::new(".")))?;
    let draws = draw(&generator, arguments.count, arguments.seed, 0);
    let title = format!("{} draws: z from N(0, I), through the generator", arguments.count);
    match (description.image_shape, description.architecture.data) {
        (Some(shape), _) => images(&draws, shape).title(title).save(&arguments.out)?,
        (None, 2) => Chart::new(title)
            .x("x₁")
            .y("x₂")
            .points("", points_from(draws.view())?)
            .equal_axes()
            .save(&arguments.out)?,
        (None, _) => {
            let values: Vec<f64> = draws.iter().map(|&x| f64::from(x)).collect();
            Chart::new(title).x("x").y("density").histogram("", values, 60).save(&arguments.out)?;
        }
    }
    say(format!("{} draws in {}", arguments.count, arguments.out.display()));
    Ok(())
}
