//! What every chapter's program shares: how it starts and ends, where it writes and that nobody else does
//! at the same time, which of its pictures the book shows, how it shows progress and reads numbers; and the
//! [`tour`] that the programs of chapters 1 to 6 are.
//!
//! **What it refuses to know.** No mathematics, no model, no data. The libraries of the course know
//! no terminal and no folder; this crate is where the two meet. Of a picture it knows that it can be
//! drawn in two themes, not what is on it.
//!
//! **The decision that shaped it.** A program of the course ends in one of three ways: 0 when it did
//! what was asked, 1 with a message when it could not, 2 when it was called wrongly. [`main()`] is the
//! only place that decides between them; a panic, which would be our mistake, is reported as such.

pub mod book;
mod folder;
mod lock;
pub mod parse;
mod progress;
pub mod resume;
mod root;
pub mod tour;
pub mod training;

use std::any::Any;
use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use anyhow::Context;
use rayon::{ThreadPool, ThreadPoolBuilder};

pub use book::Plate;
pub use folder::{Folder, digits_in, make_room_for, same_folder};
pub use progress::Progress;
pub use root::course_root;

/// Runs a program's body and turns its outcome into the exit status: 0, or 1 with the error and its
/// causes on standard error.
pub fn main(body: impl FnOnce() -> anyhow::Result<()>) -> ExitCode {
    panic::set_hook(Box::new(|_| {})); // reported below, in the user's terms
    match panic::catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            complain(&with_causes(&error));
            ExitCode::FAILURE
        }
        Err(panic) => {
            complain(&format!(
                "this is a mistake in the program, not yours: {}\n\
                 Please report it with the command that led here.",
                panic_message(panic.as_ref())
            ));
            ExitCode::FAILURE
        }
    }
}

/// Says on standard error what went wrong. Where nobody listens, the exit status has to do:
/// `eprintln!` would panic.
fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "error: {}", printable(message));
}

/// A text without what steers a terminal: names of files and people's words may have it in them.
pub fn printable(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !text.contains(steers) {
        return text.into();
    }
    let shown = |c: char| if steers(c) { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(shown).collect::<String>().into()
}

/// The error and its causes, without those whose words are in the line already.
fn with_causes(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !line.contains(&cause) {
            let separator = if line.is_empty() { "" } else { ": " };
            line = line + separator + &cause;
        }
    }
    line
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown")
}

/// The threads to compute with: as many as were asked for, or one for each core.
///
/// # Errors
/// If the system does not start that many.
pub fn thread_pool(threads: Option<usize>) -> anyhow::Result<ThreadPool> {
    let threads = match threads {
        Some(threads) => threads,
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .with_context(|| format!("cannot start {threads} threads: try a smaller --threads"))
}

/// Prints a line to standard output. A reader who has heard enough (`| head`) is no error.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{}", printable(&line.to_string()));
}

/// A number with its thousands apart, 60 000, with a narrow no-break space between them.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|g| str::from_utf8(g).ok()).collect();
    groups.join("\u{202f}")
}

/// A duration for people: `8 s`, `3 min 20 s`, `2 h 5 min`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..100 => format!("{whole} s"),
        100..6000 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let full = || anyhow::Error::new(io::Error::other("disk full"));
        assert_eq!(with_causes(&full().context("cannot save")), "cannot save: disk full");
        let said = full().context("cannot write model: disk full").context("cannot save");
        assert_eq!(with_causes(&said), "cannot save: cannot write model: disk full");
    }

    #[test]
    fn what_steers_a_terminal_is_shown_instead() {
        assert_eq!(printable("\u{1b}[2Jeve\rBEL\u{7}"), "\\u{1b}[2Jeve\\rBEL\\u{7}");
        assert_eq!(printable("\u{9b}31m"), "\\u{9b}31m", "one character does what ESC [ does");
        assert_eq!(printable("Müller\n\tε"), "Müller\n\tε");
    }

    #[test]
    fn numbers_are_for_people() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(60_000), "60\u{202f}000");
        assert_eq!(thousands(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(duration(8.4), "8 s");
        assert_eq!(duration(200.0), "3 min 20 s");
        assert_eq!(duration(7500.0), "2 h 5 min");
    }
}
