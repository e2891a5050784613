//! Whose a folder is: one run's at a time.
//!
//! A lock of the system on a hidden file. The system gives it back when the process ends, however it ends, so a file that a
//! killed run left stands in nobody's way. What is written in it is for people.

use std::env;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::folder::cannot_write;
use crate::say;

/// The file's name. It is there only while a run goes on, and after one that was killed.
const NAME: &str = ".run.lock";
/// The name of the one that is waited for. Another, because the folder may be the run's own.
const TURN: &str = ".turn.lock";

/// A folder that is ours until this goes away.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    /// Open as long as we hold it.
    file: File,
}

impl Lock {
    /// Takes an existing folder, and tries with that whether it can be written to.
    ///
    /// # Errors
    /// If another run has it: the message says which, since when and what to do. If it cannot be written to.
    pub(crate) fn take(folder: &Path) -> Result<Self> {
        Self::take_by(folder, File::try_lock)
    }

    fn take_by(
        folder: &Path,
        try_lock: impl Fn(&File) -> Result<(), TryLockError>,
    ) -> Result<Self> {
        let path = folder.join(NAME);
        let cannot_write = || cannot_write(folder);
        loop {
            let mut file = open(&path).with_context(cannot_write)?;
            match try_lock(&file) {
                Err(TryLockError::WouldBlock) => bail!(
                    "a run is going on in {} ({}): wait until it has ended, or choose another folder with --out",
                    folder.display(),
                    owner(&mut file)
                ),
                Err(TryLockError::Error(error)) => say(format!(
                    "The file system of {} has no locks ({error}): do not start another run there while this one goes on.",
                    folder.display()
                )),
                // Its run ended between our opening and our locking it, and took it away.
                Ok(()) if !is_at(&file, &path) => continue,
                Ok(()) => {}
            }
            // From here on it is removed at the end, also if the disk is full.
            let mut lock = Self { path, file };
            lock.file
                .set_len(0)
                .and_then(|()| lock.file.write_all((ourselves() + "\n").as_bytes()))
                .with_context(cannot_write)?;
            return Ok(lock);
        }
    }

    /// Waits until nobody else has the folder, for a moment's work in it.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub(crate) fn wait(folder: &Path) -> io::Result<Self> {
        let path = folder.join(TURN);
        loop {
            let file = open(&path)?;
            // Without locks everybody goes on at once, as if there were nobody else.
            if file.lock().is_err() || is_at(&file, &path) {
                return Ok(Self { path, file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While we hold it: whoever opens it now notices that it is gone. If it stays, it is one that nobody holds.
        let _ = fs::remove_file(&self.path);
    }
}

/// Opens the file with all that is in it.
fn open(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create(true).truncate(false).open(path)
}

/// Whether this file is still the one at this path.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let place = |data: fs::Metadata| (data.dev(), data.ino());
        let places = (file.metadata().map(place), fs::metadata(path).map(place));
        matches!(places, (Ok(ours), Ok(there)) if ours == there)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

/// What a run says of itself, in one line.
fn ourselves() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut arguments = env::args_os();
    let program = arguments.next().map(PathBuf::from).unwrap_or_default();
    let program = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let command =
        arguments.fold(program, |line, argument| line + " " + &argument.to_string_lossy());
    format!("process {}, since {}, {command}", process::id(), moment(seconds))
}

/// What another run has said of itself.
fn owner(file: &mut File) -> String {
    const MOST: u64 = 1000;
    let mut bytes = Vec::new();
    // The run may have locked the file and not written to it yet; some systems lock it for readers, too.
    let _ = file.take(MOST).read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().next().unwrap_or_default().trim();
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    if line.is_empty() { "another process".to_owned() } else { line }
}

/// A moment in words, from the seconds since the beginning of 1970.
fn moment(seconds: u64) -> String {
    let (mut day, of_day) = (seconds / 86_400, seconds % 86_400);
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while day >= 365 + u64::from(is_leap(year)) {
        day -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year}-{month:02}-{:02} {hour:02}:{minute:02}:{second:02} UTC", day + 1)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    #[test]
    fn a_folder_has_one_owner_at_a_time() {
        let folder = folder();
        let first = Lock::take(folder.path()).expect("free");
        let message = Lock::take(folder.path()).unwrap_err().to_string();
        let ours = format!("process {}, since 20", process::id());
        for part in [folder.path().to_str().expect("UTF-8"), &ours, " UTC, run-", "with --out"] {
            assert!(message.contains(part), "`{part}` is not in: {message}");
        }
        drop(first);
        assert!(!folder.path().join(NAME).exists(), "nothing is left");
        Lock::take(folder.path()).expect("free again");
    }

    #[test]
    fn what_a_killed_run_left_stands_in_nobodys_way() {
        let folder = folder();
        for left in ["process 4711, since 2026-11-30 12:00:00 UTC, ch07-vae\n", "", "\u{0}\u{7}"] {
            fs::write(folder.path().join(NAME), left).expect("a file");
            let lock = Lock::take(folder.path()).expect("nobody holds it");
            let text = fs::read_to_string(folder.path().join(NAME)).expect("a file");
            assert!(text.starts_with(&format!("process {},", process::id())), "{text}");
            assert_eq!(text.lines().count(), 1, "nothing of the other's is left: {text}");
            drop(lock);
        }
    }

    /// A terminal is not to be written to by a file's content, nor memory to be filled.
    #[test]
    fn an_owner_is_told_in_a_line_without_control_characters() {
        let folder = folder();
        for (text, told) in [
            ("", "another process".to_owned()),
            ("\n\n", "another process".to_owned()),
            ("process 1\u{1b}[2J, x\nmore", "process 1[2J, x".to_owned()),
            (&"x".repeat(5000), "x".repeat(1000)),
        ] {
            let path = folder.path().join("lock");
            fs::write(&path, text).expect("a file");
            assert_eq!(owner(&mut File::open(&path).expect("a file")), told);
        }
    }

    #[test]
    fn without_locks_a_run_goes_on() {
        let folder = folder();
        let no_locks = |_: &File| Err(TryLockError::Error(io::ErrorKind::Unsupported.into()));
        let first = Lock::take_by(folder.path(), no_locks).expect("said, and gone on");
        let second = Lock::take_by(folder.path(), no_locks).expect("said, and gone on");
        drop((first, second));
        assert!(!folder.path().join(NAME).exists());
    }

    /// A file that is taken away while another waits for it is no lock any more: with that, two would count up at once.
    #[test]
    fn of_many_at_once_each_has_its_turn() {
        const THREADS: u64 = 8;
        const TURNS: u64 = 50;
        let folder = folder();
        let count = folder.path().join("count");
        fs::write(&count, "0").expect("a file");
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for _ in 0..TURNS {
                        let _turn = Lock::wait(folder.path()).expect("writable");
                        let before: u64 = fs::read_to_string(&count)
                            .expect("a file")
                            .parse()
                            .expect("a whole number");
                        fs::write(&count, (before + 1).to_string()).expect("a file");
                    }
                });
            }
        });
        let total = fs::read_to_string(&count).expect("a file");
        assert_eq!(total, (THREADS * TURNS).to_string());
    }

    /// By `date --utc --date=@N`.
    #[test]
    fn moments_are_those_of_the_calendar() {
        for (seconds, words) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (951_868_800, "2000-03-01 00:00:00 UTC"),
            (1_767_225_599, "2025-12-31 23:59:59 UTC"),
            (1_796_083_445, "2026-12-01 00:04:05 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(moment(seconds), words);
        }
    }
}
