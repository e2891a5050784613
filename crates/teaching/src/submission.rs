//! What a student hands in: a folder with the files of some labs.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use run::say;

/// A student's file is a page or two; what is larger is no homework.
const LARGEST_FILE: u64 = 1 << 20;

/// The file in a folder of results by which it is known as the grader's own, and as nobody's work.
pub(crate) const MARK: &str = "evidence-grading";

/// How many folders below a submission's own a file may be that somebody meant.
const DEEP: usize = 6;

/// Entries of a submission that are looked at for files that somebody meant.
const MOST_ENTRIES: usize = 2000;

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
                && !entry.path().join(MARK).exists()
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
    /// Whether no other lab is graded.
    pub is_the_only_one: bool,
}

impl Place {
    /// Either the one file by itself, or a copy of the course (or part of it).
    fn candidates(&self, folder: &Path) -> [PathBuf; 2] {
        [folder.join(format!("{}.rs", self.chapter)), folder.join(&self.file)]
    }

    /// The student's text, if there is a file; an error in words for the student if it cannot be used. With
    /// `near_misses` the one file that is nearly it does, too.
    pub(crate) fn text(
        &self,
        submission: &Submission,
        near_misses: bool,
    ) -> Option<Result<String, String>> {
        let mut present: Vec<PathBuf> =
            self.candidates(&submission.folder).into_iter().filter(|file| exists(file)).collect();
        if present.is_empty() && near_misses {
            let near = self.near_misses(submission);
            present = near.iter().map(|file| submission.folder.join(file)).collect();
        }
        match present.as_slice() {
            [] => None,
            [file] => Some(read(file, &submission.folder)),
            several => {
                let names: Vec<String> = several
                    .iter()
                    .map(|file| file.strip_prefix(&submission.folder).unwrap_or(file).display())
                    .map(|name| name.to_string())
                    .collect();
                let names = names.join(" and ");
                Some(Err(format!("there are several files for this lab, {names}: hand in one")))
            }
        }
    }

    /// Files of a submission that are nearly where and how this lab's should be: with capital letters, a number that a
    /// browser added, another ending behind, one folder deeper, or `lib.rs` in a folder that names the lab.
    pub(crate) fn near_misses(&self, submission: &Submission) -> Vec<PathBuf> {
        if self.candidates(&submission.folder).iter().any(|file| exists(file)) {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut left = MOST_ENTRIES;
        self.look_for_near_misses(&submission.folder, Path::new(""), DEEP, &mut left, &mut found);
        found.sort();
        found
    }

    fn look_for_near_misses(
        &self,
        folder: &Path,
        within: &Path,
        deep: usize,
        left: &mut usize,
        found: &mut Vec<PathBuf>,
    ) {
        for entry in fs::read_dir(folder.join(within)).into_iter().flatten().flatten() {
            if *left == 0 {
                return;
            }
            *left -= 1;
            let name = entry.file_name();
            let Ok(kind) = entry.file_type() else { continue };
            let path = within.join(&name);
            let name = name.to_string_lossy().to_lowercase();
            if kind.is_dir() && deep > 0 && !name.starts_with('.') && name != "target" {
                self.look_for_near_misses(folder, &path, deep - 1, left, found);
            } else if kind.is_file() && self.is_meant(&name, within) {
                found.push(path);
            }
        }
    }

    /// Whether a file of this name, in small letters, in this folder may be meant for the lab: `ch06 (1).rs`, `ch6.rs`,
    /// `ch06-final.rs.txt`; or the `lib.rs` that was edited, if a folder says of which lab or there is one only.
    fn is_meant(&self, name: &str, within: &Path) -> bool {
        let mut parts = name.split('.');
        let stem = parts.next().unwrap_or_default();
        if !parts.any(|ending| ending == "rs") {
            return false;
        }
        let folders = within.to_string_lossy().to_lowercase();
        let chapter = |text: &str| text.strip_prefix("ch").and_then(first_number);
        let meant = match stem {
            "lib" => folders
                .split(['/', '\\'])
                .find_map(chapter)
                .or_else(|| if self.is_the_only_one { chapter(self.chapter) } else { None }),
            stem => chapter(stem),
        };
        meant.is_some() && meant == chapter(self.chapter)
    }
}

/// The number that a text begins with, past what is neither letter nor digit: 6 of `06`, `-6`, ` 06 (1)`.
fn first_number(text: &str) -> Option<u32> {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[&str], is_the_only_one: bool) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, "").expect("written");
        }
        let file = "chapters/ch06-gaussian-kl/lab/src/lib.rs".into();
        let place = Place { chapter: "ch06", file, is_the_only_one };
        let submission = Submission { name: "eve".into(), folder: folder.path().into() };
        let found = place.near_misses(&submission);
        found.iter().map(|file| file.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn what_is_nearly_the_labs_file_is_found() {
        for file in [
            "CH06.rs",
            "ch06 (1).rs",
            "ch06.rs.txt",
            "ch6.rs",
            "Ch06-final.rs",
            "ch_06.rs",
            "homework6/ch06.rs",
            "a/b/c/CH06.RS",
            "repository/chapters/ch06-gaussian-kl/lab/src/lib.rs",
            "chapters/ch06/lib.rs",
        ] {
            assert_eq!(found(&[file], false), [file]);
        }
        assert_eq!(found(&["lib.rs"], true), ["lib.rs"]);
        assert_eq!(found(&["src/lib.rs"], true), ["src/lib.rs"]);
    }

    #[test]
    fn what_is_another_labs_or_nobodys_is_not() {
        let others = [
            "ch05.rs",
            "ch60.rs",
            "ch16.rs",
            "ch06.py",
            "ch06",
            "notes06.rs",
            "lib.rs",
            "chapters/ch05-reparameterization/lab/src/lib.rs",
            "target/ch06.rs",
            ".git/ch06.rs",
        ];
        assert_eq!(found(&others, false), [""; 0]);
        assert_eq!(found(&["ch06.rs", "CH6.rs"], true), [""; 0], "the file itself is there");
        let two = found(&["CH06.rs", "old/ch06.rs"], false);
        assert_eq!(two, ["CH06.rs", "old/ch06.rs"]);
    }

    #[test]
    fn a_submission_is_neither_a_hidden_folder_nor_the_graders_own() {
        let class = tempfile::tempdir().expect("a folder");
        for folder in ["anna", ".git", "results.parts"] {
            fs::create_dir_all(class.path().join(folder)).expect("made");
        }
        fs::write(class.path().join("results.parts").join(MARK), "").expect("written");
        let names: Vec<String> = find(&[class.path().into()], &[])
            .expect("submissions")
            .into_iter()
            .map(|submission| submission.name)
            .collect();
        assert_eq!(names, ["anna"]);
    }
}
