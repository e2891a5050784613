//! `sample`: draws from the prior, decoded.

use anyhow::Result;
use ch07_vae::store;
use run::say;

use super::cli::SampleArguments;
use super::pictures;

pub(super) fn sample(arguments: &SampleArguments) -> Result<()> {
    let (model, description) = store::load_model(&arguments.model)?;
    run::make_room_for(&arguments.out)?;
    let draws = pictures::draw_from_prior(&model, arguments.count, arguments.seed);
    let title = format!("{} draws: z from N(0, I), decoded", arguments.count);
    match description.image_shape {
        Some(shape) => pictures::grid(draws.view(), shape, &title).save(&arguments.out)?,
        None => pictures::cloud(&title, draws.view())?.save(&arguments.out)?,
    }
    say(format!("{} draws in {}", arguments.count, arguments.out.display()));
    Ok(())
}
