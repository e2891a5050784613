//! `cargo course figures`: the book's figures, from the programs of its chapters.
//!
//! A program knows which of its pictures the book shows (`run::Plate`); here stands only how it has to be run. Each runs in a
//! process of its own, into a folder below `out/figures`, and what it drew replaces the chapter's figures in the book
//! when all of it is there. A finished training in that folder is not done again, an interrupted one goes on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use run::book::{self, Entries};
use run::{course_root, say};

use crate::Chapter;
use crate::select::chapters;

/// Which figures to draw, and whether to keep them.
#[derive(Debug, Default, Args)]
pub struct Arguments {
    /// Chapters: ch06-gaussian-kl, ch06 or gaussian-kl [default: all]
    #[arg(value_name = "CHAPTER")]
    pub chapters: Vec<String>,

    /// Compares with the figures in the book instead of replacing them; pictures of trained models are the same
    /// bytes on the same type of processor only
    #[arg(long)]
    pub check: bool,
}

/// One run of a chapter's program.
struct Run {
    /// The folder of its results, below the chapter's.
    name: &'static str,
    arguments: &'static str,
    /// Where a training leaves its state, in the folder of the results.
    checkpoint: Option<&'static str>,
    /// The figures that this run is for; all that it draws, if none are named.
    only: &'static [&'static str],
}

const PLAIN: Run = Run { name: "default", arguments: "", checkpoint: None, only: &[] };

/// What has to be run for a chapter's figures: as a rule the program as it is.
fn runs(chapter: &Chapter) -> &'static [Run] {
    match chapter.slug() {
        "vae" => &[
            Run { checkpoint: Some("checkpoint.safetensors"), ..PLAIN },
            Run {
                name: "plane",
                arguments: "--latent 2 --hidden 400,200 --epochs 25 --schedule cosine",
                checkpoint: Some("checkpoint.safetensors"),
                only: &["latent-plane", "vae-latent-map"],
            },
        ],
        "gan" => &[
            Run { checkpoint: Some("mnist/checkpoint.safetensors"), ..PLAIN },
            Run {
                name: "line",
                arguments: "--data gaussian1d",
                checkpoint: Some("gaussian1d/checkpoint.safetensors"),
                only: &[],
            },
        ],
        "conv-vae" => &[Run { checkpoint: Some("checkpoint.safetensors"), ..PLAIN }],
        _ => &[PLAIN],
    }
}

/// Where the book looks for its figures.
///
/// # Errors
/// If the current folder is in no course.
pub fn book_figures() -> Result<PathBuf> {
    Ok(course_root()?.join("book/src/figures"))
}

/// Runs the command.
///
/// # Errors
/// If a name is unknown, a program fails, a file cannot be written, or, with `check`, a figure is another one.
pub fn figures(arguments: &Arguments) -> Result<()> {
    let book = book_figures()?;
    for chapter in chapters(&arguments.chapters)? {
        let drawn = draw(chapter)?;
        if arguments.check {
            book::compare(&book, &drawn, chapter.name)?;
            say(format!("{}: the book shows what the program draws", chapter.name));
        } else {
            let count = replace(&book, &drawn, chapter.name)?;
            say(format!("{}: {count} figures, light and dark", chapter.name));
        }
    }
    Ok(())
}

/// Runs the chapter's program; the folder with its figures.
fn draw(chapter: &Chapter) -> Result<PathBuf> {
    // Programs start in the root of the workspace, and name their files from there.
    let folder = Path::new("out/figures").join(chapter.name);
    let drawn = course_root()?.join(&folder).join("book");
    if drawn.exists() {
        fs::remove_dir_all(&drawn).with_context(|| format!("cannot remove {}", drawn.display()))?;
    }
    let mut all = Entries::new();
    for run in runs(chapter) {
        let out = folder.join(run.name);
        let figures = drawn.join(run.name);
        execute(chapter.name, run, &out, &figures)?;
        let mut entries = book::read(&figures)?;
        for id in run.only {
            ensure!(
                entries.contains_key(*id),
                "{} with {:?} draws no figure {id}",
                chapter.name,
                run.arguments
            );
        }
        entries.retain(|id, _| run.only.is_empty() || run.only.contains(&id.as_str()));
        for file in entries.values().flat_map(|entry| [&entry.light, &entry.dark]) {
            fs::rename(figures.join(file), drawn.join(file))
                .with_context(|| format!("{} drew no {file}", chapter.name))?;
        }
        all.extend(entries);
    }
    book::write(&drawn, &all)?;
    Ok(drawn)
}

fn execute(chapter: &str, run: &Run, out: &Path, figures: &Path) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    let root = course_root()?;
    command.current_dir(&root).args(["run", "--quiet", "--package", chapter, "--"]);
    command.args(run.arguments.split_whitespace());
    command.arg("--out").arg(out).arg("--book").arg(figures);
    if run.checkpoint.is_some_and(|checkpoint| root.join(out).join(checkpoint).exists()) {
        command.arg("--resume");
    }
    say(format!("{chapter} {}", run.arguments).trim_end());
    let status = command.status().context("cannot start cargo: is it installed?")?;
    if !status.success() {
        bail!(
            "{chapter} failed; if it went on from an earlier training, remove {} and start again",
            out.display()
        );
    }
    Ok(())
}

/// Puts a chapter's figures in the place of those that the book has; how many they are.
fn replace(book: &Path, drawn: &Path, chapter: &str) -> Result<usize> {
    let fresh = book::read(drawn)?;
    let mut entries = book::read(book)?;
    for id in fresh.keys() {
        if let Some(other) = entries.get(id).filter(|other| other.chapter != chapter) {
            bail!(
                "two figures are called {id}: rename that of {} or that of {chapter}",
                other.chapter
            );
        }
    }
    let of_chapter = |entries: &Entries| -> BTreeSet<String> {
        let own = entries.values().filter(|entry| entry.chapter == chapter);
        own.flat_map(|entry| [entry.light.clone(), entry.dark.clone()]).collect()
    };
    let (before, now) = (of_chapter(&entries), of_chapter(&fresh));
    for file in &now {
        let to = book.join(file);
        fs::copy(drawn.join(file), &to)
            .with_context(|| format!("cannot write {}", to.display()))?;
    }
    let count = fresh.len();
    entries.retain(|_, entry| entry.chapter != chapter);
    entries.extend(fresh);
    book::write(book, &entries)?;
    for file in before.difference(&now).map(|file| book.join(file)).filter(|file| file.exists()) {
        fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with figures of these names and chapters, their files filled with the chapter's name.
    fn folder(figures: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let entry = |(id, chapter): &(&str, &str)| {
            let [light, dark] = ["light", "dark"].map(|theme| format!("{id}.{theme}.svg"));
            for file in [&light, &dark] {
                fs::write(folder.path().join(file), chapter).expect("writable");
            }
            let (chapter, alt) = ((*chapter).to_owned(), String::new());
            let entry = book::Entry { chapter, alt, light, dark, width: 1.0, height: 1.0 };
            ((*id).to_owned(), entry)
        };
        let entries = figures.iter().map(entry).collect();
        book::write(folder.path(), &entries).expect("writable");
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let files = fs::read_dir(folder).expect("readable").flatten();
        let mut names: Vec<String> =
            files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn only_the_chapters_own_figures_are_replaced() {
        let book = folder(&[("gone", "ch05"), ("kept", "ch05"), ("other", "ch06")]);
        let drawn = folder(&[("kept", "ch05"), ("new", "ch05")]);
        assert_eq!(replace(book.path(), drawn.path(), "ch05").expect("replaced"), 2);
        let expected = folder(&[("kept", "ch05"), ("new", "ch05"), ("other", "ch06")]);
        assert_eq!(names(book.path()), names(expected.path()));
        let [is, should] =
            [&book, &expected].map(|folder| book::read(folder.path()).expect("a list"));
        assert_eq!(is, should);
    }

    #[test]
    fn a_name_is_given_once() {
        let (book, drawn) = (folder(&[("same", "ch05")]), folder(&[("same", "ch06")]));
        let before = names(book.path());
        let message = replace(book.path(), drawn.path(), "ch06").unwrap_err().to_string();
        assert!(message.contains("same") && message.contains("ch05"), "{message}");
        assert_eq!(names(book.path()), before);
        let text = fs::read_to_string(book.path().join("same.light.svg")).expect("still there");
        assert_eq!(text, "ch05");
    }
}
