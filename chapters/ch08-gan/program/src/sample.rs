//! `sample`: draws from a trained generator.

use anyhow::Result;
use ch08_gan::store;
use figures::{Chart, points_from};
use run::say;

use super::cli::SampleArguments;
use super::frames::images;
use super::look::draw;

pub(super) fn sample(arguments: &SampleArguments) -> Result<()> {
    let (generator, _, description) = store::load_model(&arguments.model)?;
    run::make_room_for(&arguments.out)?;
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
