//! The folder that a run leaves its results in.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;

use anyhow::{Context, Result};
use figures::{Format, Picture, Theme};
use serde::Serialize;

use crate::book::{self, Book, Plate};
use crate::lock::Lock;

/// An output folder, known to be writable before any work is done, and this run's alone as long as this or a copy of it
/// lives: two runs that write into one folder would leave the results of neither.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    book: Option<Book>,
    lock: Arc<Lock>,
}

impl Folder {
    /// Creates the folder if need be, tries that it can be written to, and takes it for this run.
    ///
    /// # Errors
    /// If it cannot be written to, or another run has it; the message names the folder and `--out`.
    pub fn create(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| cannot_write(path))?;
        let lock = Arc::new(Lock::take(path)?);
        Ok(Self { path: path.to_owned(), book: None, lock })
    }

    /// A folder in this one, created if need be. It belongs to the same run.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn below(&self, name: &str) -> Result<Self> {
        let path = self.path.join(name);
        fs::create_dir_all(&path).with_context(|| cannot_write(&path))?;
        Ok(Self { path, book: None, lock: Arc::clone(&self.lock) })
    }

    /// Removes what an earlier run has left here: files whose names are `ours`, as this program gives them, but for those
    /// that this run has `written`. Nothing else is touched.
    ///
    /// # Errors
    /// If the folder cannot be read, or such a file cannot be removed.
    pub fn remove_earlier(&self, ours: impl Fn(&str) -> bool, written: &[String]) -> Result<()> {
        let cannot_read = || format!("cannot read the output folder {}", self.path.display());
        for entry in fs::read_dir(&self.path).with_context(cannot_read)? {
            let entry = entry.with_context(cannot_read)?;
            let name = entry.file_name();
            let is_ours = name
                .to_str()
                .is_some_and(|name| ours(name) && written.iter().all(|written| written != name));
            if is_ours && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                fs::remove_file(entry.path()).with_context(|| {
                    format!("cannot remove {}, which an earlier run left", entry.path().display())
                })?;
            }
        }
        Ok(())
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

/// Makes the folder of a single file that is to be written, and tries that it can be written to. The folder may be one
/// in which a run goes on.
///
/// # Errors
/// If it cannot; the message names the folder and `--out`.
pub fn make_room_for(file: &Path) -> Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let probe = folder.join(format!(".probe-{}", process::id()));
    fs::create_dir_all(folder)
        .and_then(|()| File::create(&probe))
        .and_then(|_| fs::remove_file(&probe))
        .with_context(|| cannot_write(folder))
}

pub(crate) fn cannot_write(folder: &Path) -> String {
    format!("cannot write to the output folder {}: choose another with --out", folder.display())
}

/// Digits between an opening and an ending, as in the names of frames: how many; `None` if the name is of another kind.
pub fn digits_in(name: &str, opening: &str, ending: &str) -> Option<usize> {
    let digits = name.strip_prefix(opening)?.strip_suffix(ending)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(digits.len())
}

/// Whether two paths lead to one existing folder, however they are spelled.
pub fn same_folder(a: impl AsRef<Path>, b: impl AsRef<Path>) -> bool {
    match (a.as_ref().canonicalize(), b.as_ref().canonicalize()) {
        (Ok(a), Ok(b)) => a == b && a.is_dir(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder").flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_is_free_when_the_last_copy_of_it_is_gone() {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let out = temporary.path().join("out");
        let first = Folder::create(&out).expect("free");
        let frames = first.below("frames").expect("a folder in it");
        let copy = frames.clone();
        drop((first, frames));
        let message = Folder::create(&out).unwrap_err().to_string();
        assert!(message.contains("a run is going on in"), "{message}");
        Folder::create(&temporary.path().join("other")).expect("another folder is free");
        drop(copy);
        Folder::create(&out).expect("free again");
        assert_eq!(names(&out), ["frames"], "no lock is left");
    }

    #[test]
    fn a_single_file_may_go_where_a_run_goes_on() {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let out = temporary.path().join("out");
        let run = Folder::create(&out).expect("free");
        make_room_for(&out.join("draws.png")).expect("writable");
        make_room_for(&out.join("new/draws.png")).expect("writable");
        drop(run);
        assert_eq!(names(&out), ["new"], "nothing but the folder");
        fs::write(out.join("file"), "in the way").expect("a file");
        let error = format!("{:#}", make_room_for(&out.join("file/draws.png")).unwrap_err());
        assert!(error.contains("file: choose another with --out"), "{error}");
    }

    #[test]
    fn only_an_earlier_runs_files_are_removed() {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::create(temporary.path()).expect("free");
        let frames = folder.below("frames").expect("a folder");
        let users =
            ["0005.png.bak", ".png", "003.png", "00004.png", "+004.png", "cover.png", "0003.jpg"];
        for name in ["0000.png", "0001.png", "0002.png", "0004.png"].iter().chain(&users) {
            fs::write(frames.file(name), "x").expect("a file");
        }
        fs::create_dir(frames.file("0006.png")).expect("a folder by such a name");
        let written = ["0000.png", "0001.png"].map(str::to_owned);
        let ours = |name: &str| digits_in(name, "", ".png") == Some(4);
        frames.remove_earlier(ours, &written).expect("readable");
        let mut expected: Vec<_> =
            users.into_iter().chain(["0000.png", "0001.png", "0006.png"]).collect();
        expected.sort_unstable();
        assert_eq!(names(frames.path()), expected);
    }

    #[test]
    fn a_folder_has_many_spellings() {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| temporary.path().join(name);
        fs::create_dir_all(path("a/raw")).expect("a folder");
        fs::create_dir_all(path("b/raw")).expect("a folder");
        fs::write(path("file"), "x").expect("a file");
        assert!(same_folder(path("a/raw"), path("b/../a/raw/.")));
        assert!(!same_folder(path("a/raw"), path("b/raw")));
        assert!(!same_folder(path("c/raw"), path("c/raw")), "there is no such folder");
        assert!(!same_folder(path("file"), path("file")), "a file is none");
    }

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
        assert_eq!(names(folder.path()), [".run.lock", "summary.json"], "no unfinished file");
    }
}
