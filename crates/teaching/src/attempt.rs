//! That a submission is being judged, for the grader that comes after one which did not survive it.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// After so many graders ended while they judged the same work, it may be the cause, or they were interrupted by chance.
const FEARED: usize = 2;

/// A file beside the results, with a line for each attempt, locked while one goes on.
pub(crate) struct Attempt {
    path: PathBuf,
    is_feared: bool,
    _file: File,
}

impl Attempt {
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn begin(parts: &Path, submission: &str, digest: &str) -> Result<Self> {
        let path = parts.join(format!("{submission}.judging"));
        let cannot = || format!("cannot write {}", path.display());
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .with_context(cannot)?;
        // Another grader of the same results may be at it; where locks are unknown, as if there were none.
        let is_held = matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock));
        let mut before = String::new();
        file.read_to_string(&mut before).with_context(cannot)?;
        let attempts = before.lines().filter(|line| *line == digest).count();
        let is_feared = attempts >= FEARED && !is_held;
        file.seek(std::io::SeekFrom::End(0)).with_context(cannot)?;
        writeln!(file, "{digest}").with_context(cannot)?;
        Ok(Self { path, is_feared, _file: file })
    }

    /// Whether graders have ended while they judged this.
    pub(crate) fn is_feared(&self) -> bool {
        self.is_feared
    }

    /// It was survived.
    pub(crate) fn done(self) {
        let _ = fs::remove_file(&self.path); // or it counts as an attempt, of which one is no harm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_two_graders_is_feared_unless_it_has_changed() {
        let parts = tempfile::tempdir().expect("a folder");
        let begin = |digest| Attempt::begin(parts.path(), "eve", digest).expect("a file");
        for _ in 0..FEARED {
            assert!(!begin("a").is_feared()); // dropped without a word, as when the grader dies
        }
        assert!(begin("a").is_feared());
        let other = begin("b");
        assert!(!other.is_feared(), "another work");
        other.done();
        assert!(!begin("a").is_feared(), "after a success, anew");
    }
}
