//! The folder that a run leaves its results in.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use figures::{Format, Picture, Theme};
use serde::Serialize;

use crate::book::{self, Book, Plate};

/// An output folder, known to be writable before any work is done.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    book: Option<Book>,
}

impl Folder {
    /// Creates the folder if need be and tries that it can be written to.
    ///
    /// # Errors
    /// If it cannot; the message names the folder and `--out`.
    pub fn create(path: &Path) -> Result<Self> {
        let probe = path.join(".probe");
        fs::create_dir_all(path)
            .and_then(|()| fs::write(&probe, "x"))
            .and_then(|()| fs::remove_file(&probe))
            .with_context(|| {
                format!(
                    "cannot write to the output folder {}: choose another with --out",
                    path.display()
                )
            })?;
        Ok(Self { path: path.to_owned(), book: None })
    }

    /// The same folder, from which plates go into a folder of the book as well, if there is one to go to.
    /// `chapter` is the name of the crate.
    ///
    /// # Errors
    /// If the book's folder cannot be created; the message names it and `--book`.
    pub fn with_book(self, book: Option<&Path>, chapter: &str) -> Result<Self> {
        let book = book.map(|book| Book::create(book, chapter)).transpose()?;
        Ok(Self { book, ..self })
    }

    /// Writes a picture that the book shows: to the file of this name as a PNG, and to the book's folder as its
    /// plate says.
    ///
    /// # Errors
    /// If something is wrong with the picture's data, or a file cannot be written.
    pub fn draw(&self, name: &str, picture: &impl Picture, plate: Plate<'_>) -> Result<()> {
        let rendered = picture.rendered(Format::Png, Theme::light())?;
        book::save(&self.file(name), &rendered.bytes)?;
        match &self.book {
            Some(book) => book.add(picture, plate),
            None => Ok(()),
        }
    }

    /// The path of a file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `value` as readable JSON, whole or not at all.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_string_pretty(value)?;
        text.push('\n');
        book::save(&self.file(name), text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_below_a_file_is_refused_with_its_name() {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let file = temporary.path().join("file");
        fs::write(&file, "in the way").expect("a file");
        let error = format!("{:#}", Folder::create(&file.join("out")).unwrap_err());
        assert!(error.contains("file/out") && error.contains("with --out"), "{error}");
    }

    #[test]
    fn json_is_written_under_its_name() {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::create(&temporary.path().join("a/b")).expect("nested folders");
        folder.write_json("summary.json", &[1, 2]).expect("writable");
        let text = fs::read_to_string(folder.file("summary.json")).expect("written");
        assert_eq!(text, "[\n  1,\n  2\n]\n");
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1, "nothing left over");
    }
}
