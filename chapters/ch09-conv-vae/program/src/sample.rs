//! `sample`: draws from the prior, decoded.

use std::path::Path;

use anyhow::Result;
use ch09_conv_vae::store;
use run::{Folder, say};

use super::cli::SampleArguments;
use super::pictures;

pub(super) fn sample(arguments: &SampleArguments) -> Result<()> {
    let (model, _) = store::load_model(&arguments.model)?;
    let folder = arguments.out.parent().filter(|folder| !folder.as_os_str().is_empty());
    Folder::create(folder.unwrap_or(Path::new(".")))?;
    let draws = pictures::draw_from_prior(&model, arguments.count, arguments.seed);
    let title = format!("{} draws: z from N(0, I), decoded", arguments.count);
    pictures::grid(draws.view(), model.image(), &title).save(&arguments.out)?;
    say(format!("{} draws in {}", arguments.count, arguments.out.display()));
    Ok(())
}
