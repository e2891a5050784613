//! `cargo course hint`: one more hint each time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::paint::{Colour, indented, paint};
use crate::{root, say, select};

/// Which exercise, and how much of it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Its chapter: ch06, 6 or gaussian-kl
    pub chapter: String,

    /// Its number or the name of its function
    pub exercise: String,

    /// Shows the hints that are unfolded already, and no new one
    #[arg(long, conflicts_with = "all")]
    pub again: bool,

    /// Shows all hints
    #[arg(long)]
    pub all: bool,
}

/// How many hints of each exercise are unfolded.
type Seen = BTreeMap<String, usize>;

/// Runs the command.
///
/// # Errors
/// If there is no such exercise, or what is unfolded cannot be remembered.
pub fn hint(arguments: &Arguments) -> Result<ExitCode> {
    let lab = select::lab(&arguments.chapter)?;
    let (number, exercise) = select::exercise(&lab, &arguments.exercise)?;
    let about = exercise.about();
    let file = root()?.join("out/hints.json");
    let mut seen = read(&file)?;
    let count = seen.entry(format!("{}/{}", lab.chapter, about.function)).or_default();
    let before = *count;
    *count = match arguments {
        Arguments { all: true, .. } => about.hints.len(),
        Arguments { again: true, .. } => before,
        _ => before + 1,
    }
    .min(about.hints.len());
    let unfolded = *count;
    if unfolded != before {
        write(&file, &seen)?;
    }

    say(format!("{} {number}  {}", lab.chapter, paint(Colour::Bold, about.title)));
    for (index, hint) in about.hints[..unfolded].iter().enumerate() {
        say(format!("\n  hint {} of {}", index + 1, about.hints.len()));
        say(indented(hint, "    "));
    }
    let left = about.hints.len() - unfolded;
    say(match (unfolded, left) {
        (0, _) => "\nNone is unfolded yet: call it without --again.".to_owned(),
        (_, 0) => "\nThese are all.".to_owned(),
        (_, 1) => {
            "\nThere is one more: call it again when you have thought about these.".to_owned()
        }
        (_, left) => {
            format!("\nThere are {left} more: call it again when you have thought about this.")
        }
    });
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<Seen> {
    if !file.exists() {
        return Ok(Seen::new());
    }
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| {
        format!("{} does not list how many hints you have seen: delete it", file.display())
    })
}

fn write(file: &Path, seen: &Seen) -> Result<()> {
    let text = serde_json::to_string_pretty(seen)? + "\n";
    file.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| file::write_atomically(file, text.as_bytes()))
        .with_context(|| format!("cannot write {}", file.display()))
}
