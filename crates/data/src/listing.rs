//! What is in a folder: the pictures, and what is passed over.

use crate::DataError;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

/// The endings of pictures, in any case.
const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];

/// Names and reasons are told up to here, then counted.
const TOLD: usize = 6;

/// The pictures below a folder.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Their paths from the folder, in the order of names (of their bytes: `10.png` comes before `2.png`).
    pub(crate) files: BTreeSet<PathBuf>,
    /// How many entries were passed over, by the reason.
    passed: BTreeMap<String, usize>,
}

impl Listing {
    /// Goes through a folder and the folders below, but not through links and hidden ones.
    pub(crate) fn of(folder: &Path) -> Result<Self, DataError> {
        let mut listing = Self::default();
        listing.add(folder, Path::new(""))?;
        Ok(listing)
    }

    fn add(&mut self, folder: &Path, below: &Path) -> Result<(), DataError> {
        for entry in entries(&folder.join(below))? {
            let path = below.join(entry.file_name());
            match Entry::of(&entry)? {
                Entry::Picture => _ = self.files.insert(path),
                Entry::Folder => self.add(folder, &path)?,
                Entry::Other(reason) => *self.passed.entry(reason).or_default() += 1,
            }
        }
        Ok(())
    }

    /// `160 training images from 163 files in mine/train; 3 passed over: 1 hidden, 2 .txt`.
    pub(crate) fn summary(&self, kind: &str, folder: &Path) -> String {
        let (images, passed) = (self.files.len(), self.passed.values().sum::<usize>());
        let (images, files) =
            (counted(images, &format!("{kind} image")), counted(images + passed, "file"));
        let place = folder.display();
        let read = format!("{images} from {files} in {place}");
        if passed == 0 { read } else { format!("{read}; {passed} passed over: {}", self.reasons()) }
    }

    /// What was passed over, the most frequent reason first.
    pub(crate) fn reasons(&self) -> String {
        let mut reasons: Vec<_> = self.passed.iter().collect();
        reasons.sort_by_key(|&(_, &count)| std::cmp::Reverse(count));
        let rest: usize = reasons.iter().skip(TOLD).map(|&(_, &count)| count).sum();
        let told = reasons.iter().take(TOLD).map(|(reason, count)| format!("{count} {reason}"));
        let rest = (rest > 0).then(|| format!("{rest} of other kinds"));
        told.chain(rest).collect::<Vec<_>>().join(", ")
    }
}

/// What is done with an entry of a folder.
enum Entry {
    Picture,
    Folder,
    /// Passed over, for this reason.
    Other(String),
}

impl Entry {
    fn of(entry: &DirEntry) -> Result<Self, DataError> {
        let kind =
            entry.file_type().map_err(|reason| DataError::Io { path: entry.path(), reason })?;
        let name = entry.file_name();
        let reason = if is_hidden(&name) {
            "hidden".to_owned()
        } else if kind.is_symlink() {
            "linked".to_owned()
        } else if name.to_str().is_none() {
            "named in no UTF-8".to_owned()
        } else if kind.is_dir() {
            return Ok(Self::Folder);
        } else if !kind.is_file() {
            "no regular file".to_owned()
        } else {
            let ending = Path::new(&name).extension().unwrap_or_default().to_string_lossy();
            match ending.to_lowercase() {
                ending if ENDINGS.contains(&ending.as_str()) => return Ok(Self::Picture),
                ending if ending.is_empty() => "without an ending".to_owned(),
                ending => format!(".{ending}"),
            }
        };
        Ok(Self::Other(reason))
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with('.')
}

fn entries(folder: &Path) -> Result<Vec<DirEntry>, DataError> {
    fs::read_dir(folder)
        .and_then(Iterator::collect)
        .map_err(|reason| DataError::Io { path: folder.into(), reason })
}

/// The names of what is directly in a folder and not hidden, in order: folders, which may be links, and the rest.
pub(crate) fn names(folder: &Path) -> Result<[Vec<String>; 2], DataError> {
    let mut entries: Vec<_> = entries(folder)?.iter().map(DirEntry::path).collect();
    entries.retain(|path| !path.file_name().is_some_and(is_hidden));
    entries.sort();
    let (folders, others): (Vec<_>, Vec<_>) = entries.iter().partition(|path| path.is_dir());
    Ok([folders, others].map(|paths| {
        let name = |path: &&PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into();
        paths.iter().map(name).collect()
    }))
}

/// The first few names, and how many more there are; `nothing` if there are none.
pub(crate) fn enumerated(names: &[String]) -> String {
    let told = names[..names.len().min(TOLD)].join(", ");
    match names.len().checked_sub(TOLD) {
        _ if names.is_empty() => "nothing".into(),
        None | Some(0) => told,
        Some(more) => format!("{told} and {more} more"),
    }
}

/// `1 file`, `2 files`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
