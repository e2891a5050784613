//! A file is whole or absent.
//!
//! **What it is for.** Models, checkpoints, pictures, summaries and lists are written by [`write_atomically`], and by nothing
//! else.
//!
//! **What it refuses to know.** What is in a file, who reads it, what an error should tell a user.
//!
//! **The decision that shaped it.** An unfinished file has a name that no other call and no other process has, and is locked
//! by who writes it. The system takes the lock back when a process ends, however it ends. So an unfinished file that
//! nobody holds was left by a process that is gone, and the next call in that folder removes it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// The names of unfinished files: `.evidence-PROCESS-CALL.partial`. They do not contain the name of the file to be, which
/// may be as long as the system allows.
const OPENING: &str = ".evidence-";
const ENDING: &str = ".partial";

/// Writes a whole file or nothing: first beside its place, then, when every byte has reached the disk, under its name.
/// Whoever reads `path` sees the old bytes or the new ones; of several that write it at once, the last wins.
///
/// # Errors
/// Whatever the operating system says; nothing half-written is left.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("summary.json");
/// file::write_atomically(&path, b"{}\n")?;
/// assert_eq!(std::fs::read(&path)?, b"{}\n");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.file_name().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    remove_abandoned(folder);
    let (partial, mut file) = create_partial(folder)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        // Locked up to here, so that it is in its place before anybody can take it for abandoned.
        .and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // The first error is the one to report; what cannot be removed now, the next call removes.
        let _ = fs::remove_file(&partial);
    }
    written
}

/// A new file, locked where the file system has locks.
fn create_partial(folder: &Path) -> io::Result<(PathBuf, File)> {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    loop {
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{OPENING}{}-{call}{ENDING}", process::id()));
        let file = match File::create_new(&path) {
            // An earlier process with our number, or one of another machine that shares the folder.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            file => file?,
        };
        match file.try_lock() {
            // Between its creation and its lock another process took it for abandoned.
            Err(TryLockError::WouldBlock) => {}
            Ok(()) if !path.exists() => {}
            Ok(()) | Err(TryLockError::Error(_)) => return Ok((path, file)),
        }
    }
}

/// Removes the unfinished files of processes that are gone. What cannot be removed does no harm.
fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !is_partial(&entry.file_name().to_string_lossy()) {
            continue;
        }
        if let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path()); // while we hold it: nobody else can begin to write it
        }
    }
}

fn is_partial(name: &str) -> bool {
    let numbers = name.strip_prefix(OPENING).and_then(|rest| rest.strip_suffix(ENDING));
    numbers.and_then(|numbers| numbers.split_once('-')).is_some_and(|(process, call)| {
        [process, call].iter().all(|number| number.parse::<u64>().is_ok())
    })
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder").flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn new_bytes_replace_old_ones_and_nothing_else_is_left() {
        let folder = folder();
        let path = folder.path().join("a");
        for bytes in [&b"a long first text"[..], b"short", b""] {
            write_atomically(&path, bytes).expect("writable");
            assert_eq!(fs::read(&path).expect("written"), bytes);
        }
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[test]
    fn what_cannot_be_written_leaves_what_was_there() {
        let folder = folder();
        fs::create_dir(folder.path().join("taken")).expect("a folder");
        assert!(write_atomically(&folder.path().join("taken"), b"x").is_err());
        assert!(write_atomically(&folder.path().join("missing/a"), b"x").is_err());
        assert!(write_atomically(&folder.path().join(".."), b"x").is_err());
        assert_eq!(names(folder.path()), ["taken"]);
    }

    /// The longest name that common file systems allow has 255 bytes.
    #[test]
    fn a_name_may_be_as_long_as_the_system_allows() {
        let folder = folder();
        let name = "x".repeat(255);
        write_atomically(&folder.path().join(&name), b"x").expect("a name that is allowed");
        assert_eq!(names(folder.path()), [name]);
    }

    #[test]
    fn only_unfinished_files_that_nobody_writes_are_removed() {
        let folder = folder();
        let write = |name: &str| fs::write(folder.path().join(name), "x").expect("a file");
        write(".evidence-4711-3.partial"); // its process is gone
        let others = [
            ".evidence-4711-.partial",
            ".evidence-4711.partial",
            ".evidence-one-2.partial",
            ".model.partial",
            "evidence-4711-3.partial",
        ];
        others.into_iter().for_each(write);
        write(".evidence-4711-4.partial");
        let held = File::open(folder.path().join(".evidence-4711-4.partial")).expect("a file");
        held.try_lock().expect("nobody else holds it");

        write_atomically(&folder.path().join("a"), b"x").expect("writable");
        let mut expected = others.to_vec();
        expected.extend([".evidence-4711-4.partial", "a"]);
        expected.sort_unstable();
        assert_eq!(names(folder.path()), expected);

        drop(held);
        write_atomically(&folder.path().join("a"), b"x").expect("writable");
        assert!(!names(folder.path()).contains(&".evidence-4711-4.partial".to_owned()));
    }

    #[test]
    fn threads_that_write_at_once_do_not_meet() {
        let folder = folder();
        let path = folder.path().join("shared");
        thread::scope(|scope| {
            for writer in 0..8_u8 {
                let (path, own) = (&path, folder.path().join(format!("own{writer}")));
                scope.spawn(move || {
                    for round in 0..20_u8 {
                        write_atomically(path, &[writer; 50_000]).expect("the shared file");
                        write_atomically(&own, &[round; 1_000]).expect("the thread's own file");
                        let seen = fs::read(path).expect("always there");
                        assert_eq!(seen.len(), 50_000, "whole");
                        assert!(seen.iter().all(|&byte| byte == seen[0]), "of one writer");
                        assert_eq!(fs::read(&own).expect("written"), [round; 1_000]);
                    }
                });
            }
        });
        let own = (0..8).map(|writer| format!("own{writer}"));
        assert_eq!(names(folder.path()), own.chain(["shared".to_owned()]).collect::<Vec<_>>());
    }
}
