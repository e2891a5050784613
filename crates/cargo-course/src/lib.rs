//! The command `cargo course …`.
//!
//! **What it is for.** [`lab`] judges a student's solutions, [`hint`] helps without telling. What needs the chapters or the
//! solutions, it [hands on](hand_on) to another package.
//!
//! **What it refuses to know.** How an exercise is judged (`lab`), and what it is about (`lab-checks`).
//!
//! **The decision that shaped it.** No chapter is linked here. A student who types `cargo course lab ch06` for the first time
//! waits for a few small crates, and not for nine chapters with their programs.

mod compile;
pub mod hint;
pub mod lab;
mod paint;
mod select;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

/// The course's folder: the one with the chapters, here or above.
///
/// # Errors
/// If there is none.
fn root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    let root = here.ancestors().find(|folder| folder.join("chapters").is_dir());
    root.map(Path::to_path_buf).with_context(|| {
        format!("{} is not inside the course: go to its folder first", here.display())
    })
}

/// The cargo that runs this program.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Calls another package of the workspace: `course`, which knows all chapters, or `teaching`, which knows the solutions.
///
/// # Errors
/// If cargo cannot be called.
pub fn hand_on(package: &str, command: &str, arguments: &[OsString]) -> Result<ExitCode> {
    let status = cargo()
        .args(["run", "--package", package, "--", command])
        .args(arguments)
        .status()
        .context("cannot call cargo: is it installed, and on the PATH?")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Prints a line. A reader who has heard enough (`| head`) is no error.
fn say(line: impl std::fmt::Display) {
    let _ = writeln!(io::stdout(), "{line}");
}
