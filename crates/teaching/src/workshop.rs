//! Where submissions are compiled: a folder for each, below one of this grader's own, which is gone when the grader is.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process;
use std::thread;

use anyhow::{Context, Result};
use tempfile::TempDir;

/// What the names of such folders begin with.
const NAME: &str = "evidence-grading-";

/// What a grader that lives holds locked in its folder.
const LOCK: &str = "lock";

/// This grader's folder.
pub(crate) struct Workshop {
    folder: TempDir,
    /// Whoever comes after this grader sees by it that nobody works here any more.
    _lock: File,
}

impl Workshop {
    /// A new one. Those of graders that were killed are removed.
    ///
    /// # Errors
    /// If there is no place for it.
    pub(crate) fn open() -> Result<Self> {
        let place = std::env::temp_dir();
        remove_abandoned(&place);
        let folder = tempfile::Builder::new().prefix(NAME).tempdir_in(&place).with_context(|| {
            format!(
                "cannot make a folder to compile in, in {}: make room there, or name another with TMPDIR",
                place.display()
            )
        })?;
        let lock = File::create(folder.path().join(LOCK)).context("cannot make a lock")?;
        // Where locks are unknown, nothing is removed: `remove_abandoned` needs one.
        let _ = lock.lock();
        remove_when_interrupted(folder.path().to_owned());
        Ok(Self { folder, _lock: lock })
    }

    /// A new folder for one submission.
    ///
    /// # Errors
    /// If there is no place for it.
    pub(crate) fn folder(&self) -> Result<TempDir> {
        let folder = tempfile::tempdir_in(self.folder.path());
        folder.context("cannot make a folder to compile in: is the disk full?")
    }
}

/// Removes the folders that no grader holds.
fn remove_abandoned(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(NAME);
        let lock = if is_ours { File::open(entry.path().join(LOCK)).ok() } else { None };
        if lock.is_some_and(|lock| lock.try_lock().is_ok()) {
            // Somebody else's, or gone meanwhile: then it is not ours to remove.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Ctrl-C and a polite end: the folder goes, and with it this process; the programs that it confines follow.
#[cfg(unix)]
fn remove_when_interrupted(folder: PathBuf) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]) else {
        return; // the next grader removes it
    };
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let _ = fs::remove_dir_all(&folder);
            process::exit(128 + signal);
        }
    });
}

#[cfg(not(unix))]
fn remove_when_interrupted(_: PathBuf) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_grader_left_is_removed_and_a_living_ones_is_not() {
        let place = tempfile::tempdir().expect("a folder");
        let make = |name: &str| {
            let folder = place.path().join(name);
            fs::create_dir_all(folder.join("compiled")).expect("made");
            (File::create(folder.join(LOCK)).expect("made"), folder)
        };
        let (living, held) = make("evidence-grading-1");
        living.lock().expect("a lock");
        let (_, abandoned) = make("evidence-grading-2");
        let (_, foreign) = make("somebody-elses");
        remove_abandoned(place.path());
        assert_eq!(
            [&held, &abandoned, &foreign].map(|folder| folder.exists()),
            [true, false, true]
        );
    }
}
