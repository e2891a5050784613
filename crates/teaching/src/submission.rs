//! What a student hands in: a folder with the files of some labs.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use run::say;

/// A student's file is a page or two; what is larger is no homework.
const LARGEST_FILE: u64 = 1 << 20;

/// A folder that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The folder's name, which names the submission in the results.
    pub name: String,
    /// Where it is.
    pub folder: PathBuf,
}

/// The submissions in these folders, by name. A folder is one if a lab's file lies in it, and else a folder of submissions.
///
/// # Errors
/// If a folder cannot be read or there is nothing in it, or two submissions have one name.
pub fn find(folders: &[PathBuf], labs: &[Place]) -> Result<Vec<Submission>> {
    let mut found = Vec::new();
    for folder in folders {
        let folder = folder
            .canonicalize()
            .with_context(|| format!("cannot open the folder {}", folder.display()))?;
        if labs.iter().any(|lab| lab.candidates(&folder).iter().any(|file| exists(file))) {
            found.push(Submission { name: name_of(&folder)?, folder });
            continue;
        }
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("cannot read the folder {}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
            // A link could lead anywhere: a submission is a folder in its own right.
            let kind = entry.file_type().ok();
            if kind.is_some_and(|kind| kind.is_symlink()) {
                say(format!("passed over, because it is a link: {}", entry.path().display()));
            }
            if kind.is_some_and(|kind| kind.is_dir())
                && !entry.file_name().to_string_lossy().starts_with('.')
            {
                found.push(Submission { name: name_of(&entry.path())?, folder: entry.path() });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if found.is_empty() {
        bail!(
            "no submissions in {}: expected a folder for each student, with ch06.rs or chapters/…/lab/src/lib.rs in it",
            folders.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(", ")
        );
    }
    if let Some(pair) = found.windows(2).find(|pair| pair[0].name == pair[1].name) {
        bail!(
            "two submissions are called {}: {} and {}; rename one of the folders",
            pair[0].name,
            pair[0].folder.display(),
            pair[1].folder.display()
        );
    }
    Ok(found)
}

fn exists(file: &Path) -> bool {
    file.symlink_metadata().is_ok()
}

fn name_of(folder: &Path) -> Result<String> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    name.with_context(|| format!("{} has no name to list it under", folder.display()))
}

/// Where a lab's file is within a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `ch06`
    pub chapter: &'static str,
    /// `chapters/ch06-gaussian-kl/lab/src/lib.rs`, from the course's root.
    pub file: PathBuf,
}

impl Place {
    /// Either the one file by itself, or a copy of the course (or part of it).
    fn candidates(&self, folder: &Path) -> [PathBuf; 2] {
        [folder.join(format!("{}.rs", self.chapter)), folder.join(&self.file)]
    }

    /// The student's text, if there is a file; an error in words for the student if it cannot be used.
    pub(crate) fn text(&self, submission: &Submission) -> Option<Result<String, String>> {
        let candidates = self.candidates(&submission.folder);
        let mut present = candidates.iter().filter(|file| exists(file));
        let file = present.next()?;
        if present.next().is_some() {
            return Some(Err(format!(
                "there are two files for this lab, {}.rs and {}: hand in one",
                self.chapter,
                self.file.display()
            )));
        }
        Some(read(file, &submission.folder))
    }
}

fn read(file: &Path, folder: &Path) -> Result<String, String> {
    let shown = file.strip_prefix(folder).unwrap_or(file).display();
    // Neither the file nor a folder on the way to it may be a link: it would lead out of the submission.
    let inside = file.canonicalize().ok().zip(folder.canonicalize().ok());
    let own = inside.is_some_and(|(real, folder)| {
        file.strip_prefix(&folder).ok() == real.strip_prefix(&folder).ok()
    });
    if !own || !file.symlink_metadata().is_ok_and(|data| data.is_file()) {
        return Err(format!(
            "{shown} is not a plain file but a link or a folder; hand in the file"
        ));
    }
    let mut bytes = Vec::new();
    let taken =
        fs::File::open(file).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes));
    if let Err(error) = taken {
        return Err(format!("{shown} cannot be read: {error}"));
    }
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(format!("{shown} is larger than a megabyte"));
    }
    String::from_utf8(bytes).map_err(|_| format!("{shown} is no text in UTF-8"))
}
