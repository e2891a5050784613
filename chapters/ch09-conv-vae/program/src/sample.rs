//! `sample`: draws from the prior, decoded.

use anyhow::Result;
use ch09_conv_vae::store;
use run::say;

use super::cli::SampleArguments;
use super::pictures;

pub(super) fn sample(arguments: &SampleArguments) -> Result<()> {
    let (model, _) = store::load_model(&arguments.model)?;
    run::make_room_for(&arguments.out)?;
    let draws = pictures::draw_from_prior(&model, arguments.count, arguments.seed);
    let title = format!("{} draws: z from N(0, I), decoded", arguments.count);
    pictures::grid(draws.view(), model.image(), &title).save(&arguments.out)?;
    say(format!("{} draws in {}", arguments.count, arguments.out.display()));
    Ok(())
}
