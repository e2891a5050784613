//! `cargo course interactive`: what the book's interactive figures are made of and compared with, one file of numbers each,
//! from the chapter's own functions.

use std::fs::{self, File};
use std::io::{self, BufReader, Error};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use run::say;
use serde_json::Value;

/// Whether to keep the numbers.
#[derive(Debug, Default, Args)]
pub struct Arguments {
    /// Compares with the files in the book instead of replacing them
    #[arg(long)]
    pub check: bool,
}

/// Runs the command.
///
/// # Errors
/// If numbers cannot be had, a file cannot be written, or, with `check`, a file has others.
pub fn interactive(arguments: &Arguments) -> Result<()> {
    let book = book_figures()?;
    for figure in &ALL {
        if arguments.check {
            figure.compare(&book)?;
            say(format!("{}: the book has these numbers", figure.element));
        } else {
            figure.write(&book)?;
            say(format!("{}: written", figure.element));
        }
    }
    Ok(())
}

fn book_figures() -> Result<PathBuf> {
    Ok(run::course_root()?.join("book/src/figures"))
}

/// A figure's custom element, and the function that has its numbers.
pub struct Interactive {
    /// The name of the element and of the file.
    pub element: &'static str,
    numbers: fn(book_figures: &Path) -> Result<Value>,
}

/// All of them, in the order of the chapters.
pub const ALL: [Interactive; 5] = [
    Interactive { element: "elbo-gap", numbers: |_| Ok(ch03_elbo::interactive::interactive()?) },
    Interactive {
        element: "gradient-histograms",
        numbers: |_| Ok(ch04_score_function::interactive::interactive()?),
    },
    Interactive {
        element: "kl-explorer",
        numbers: |_| Ok(ch06_gaussian_kl::interactive::interactive()),
    },
    Interactive { element: "latent-plane", numbers: latent_plane },
    Interactive {
        element: "optimal-discriminator",
        numbers: |_| Ok(ch08_gan::interactive::interactive()?),
    },
];

/// From the files that chapter 7's `latent-plane-data` has put into the book.
fn latent_plane(book_figures: &Path) -> Result<Value> {
    let folder = book_figures.join("latent-plane");
    let plane = fs::read_to_string(folder.join("plane.json"))?;
    Ok(ch07_vae::interactive::interactive(&plane, |sheet| grey_pixels(&folder.join(sheet)))?)
}

/// The bytes of a PNG with one byte of grey a pixel.
fn grey_pixels(path: &Path) -> io::Result<Vec<u8>> {
    let mut reader =
        png::Decoder::new(BufReader::new(File::open(path)?)).read_info().map_err(Error::other)?;
    if reader.output_color_type() != (png::ColorType::Grayscale, png::BitDepth::Eight) {
        return Err(Error::other(format!(
            "{} is no image of greys: decode it anew",
            path.display()
        )));
    }
    let size = reader.output_buffer_size().ok_or_else(|| Error::other("an image too large"))?;
    let mut pixels = vec![0; size];
    reader.next_frame(&mut pixels).map_err(Error::other)?;
    Ok(pixels)
}

impl Interactive {
    /// Writes the file below the book's folder of figures.
    ///
    /// # Errors
    /// If the numbers cannot be had, or the file cannot be written.
    pub fn write(&self, book_figures: &Path) -> Result<()> {
        let folder = book_figures.join("interactive");
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let path = folder.join(self.file());
        file::write_atomically(&path, self.text(book_figures)?.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Compares the file in the book with what the code says now.
    ///
    /// # Errors
    /// If they differ, or the file is not there.
    pub fn compare(&self, book_figures: &Path) -> Result<()> {
        let path = book_figures.join("interactive").join(self.file());
        let again = "write it with `cargo course interactive`";
        let known = fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}: {again}", path.display()))?;
        ensure!(
            known == self.text(book_figures)?,
            "{} is not what the code says: {again}",
            path.display()
        );
        Ok(())
    }

    fn file(&self) -> String {
        format!("{}.json", self.element)
    }

    fn text(&self, book_figures: &Path) -> Result<String> {
        // Compact: a page loads it.
        let numbers = (self.numbers)(book_figures)
            .with_context(|| format!("the numbers of the interactive figure {}", self.element))?;
        Ok(serde_json::to_string(&numbers)? + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_has_the_numbers_that_the_code_has() {
        for figure in &ALL {
            figure.compare(&book_figures().expect("the course")).expect("the same numbers");
        }
    }

    #[test]
    fn another_number_is_noticed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [_, _, figure, ..] = &ALL;
        figure.write(folder.path()).expect("writable");
        figure.compare(folder.path()).expect("the same numbers");
        let path = folder.path().join("interactive/kl-explorer.json");
        let text = fs::read_to_string(&path).expect("readable");
        fs::write(&path, text.replacen("\"reverse\":0.", "\"reverse\":1.", 1)).expect("writable");
        let message = figure.compare(folder.path()).unwrap_err().to_string();
        assert!(
            message.contains("kl-explorer.json") && message.contains("cargo course interactive"),
            "{message}"
        );
    }
}
