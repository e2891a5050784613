//! Building a lab.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::cargo;

/// After this time of silence a student should know what takes so long, and then from time to time how far it is.
const PATIENCE: Duration = Duration::from_secs(2);
const NEWS: Duration = Duration::from_secs(5);

/// What became of building a lab.
pub(crate) enum Compiled {
    /// The worker's path.
    Program(PathBuf),
    /// What the compiler had to say.
    Rejected(String),
}

/// Builds the lab of a chapter, as in `ch06`, of the course in the folder `root`.
///
/// # Errors
/// If cargo cannot be called.
pub(crate) fn compile(root: &Path, chapter: &str) -> Result<Compiled> {
    let package = format!("lab-{chapter}");
    let mut command = cargo();
    command
        .current_dir(root)
        .args(["build", "--quiet", "--package", &package, "--bin", &package])
        .args(["--message-format", "json-render-diagnostics"])
        .args(["--color", if crate::paint::on_a_terminal() { "always" } else { "never" }])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child =
        command.spawn().context("cannot call cargo: is it installed, and on the PATH?")?;

    let (done, waiting) = mpsc::channel::<()>();
    let compiled = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&compiled);
    let patience = thread::spawn(move || {
        let passes = |time| waiting.recv_timeout(time) == Err(mpsc::RecvTimeoutError::Timeout);
        if passes(PATIENCE) {
            let _ = writeln!(io::stderr(), "Compiling; the first time takes a little longer …");
        }
        while passes(NEWS) {
            let _ = writeln!(io::stderr(), "… {} crates so far", count.load(Relaxed));
        }
    });
    let stderr = child.stderr.take();
    let complaints = thread::spawn(move || {
        let mut text = String::new();
        let read = stderr.map(|mut stderr| stderr.read_to_string(&mut text));
        read.transpose().map(|_| text)
    });
    let mut program = None;
    for message in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        compiled.fetch_add(1, Relaxed);
        let message = message.context("cannot read what cargo says")?;
        program = program.or_else(|| executable(&message, &package));
    }
    let status = child.wait()?;
    drop(done);
    // Neither thread can panic: they read and write, and give back the errors.
    let _ = patience.join();
    let complaints = complaints.join().unwrap_or_else(|_| Ok(String::new()))?;

    Ok(match program {
        Some(program) if status.success() => Compiled::Program(program),
        _ => Compiled::Rejected(complaints),
    })
}

/// The path in cargo's message about a finished program.
fn executable(message: &str, package: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let of_the_lab = message["target"]["name"] == package;
    of_the_lab.then(|| message["executable"].as_str().map(PathBuf::from))?
}
