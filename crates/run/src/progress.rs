//! Progress: a bar on a terminal, plain lines elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{printable, say};

/// The progress of a long piece of work. On a terminal a bar on standard error; on a pipe or in a
/// log file nothing but the lines.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over `length` steps (images, samples …).
    pub fn new(length: u64) -> Self {
        // A terminal that can do nothing gets what a pipe gets.
        let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        let target =
            if is_dumb { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(length), target);
        let style = ProgressStyle::with_template("{bar:24.cyan/black} {msg}  {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(250));
        Self { bar }
    }

    /// Moves on by `steps`.
    pub fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }

    /// Starts at `step`, for work that goes on from an earlier run.
    pub fn start_at(&self, step: u64) {
        self.bar.set_position(step);
        self.bar.reset_eta();
    }

    /// What stands beside the bar; not shown on a pipe.
    pub fn message(&self, text: impl FnOnce() -> String) {
        if !self.bar.is_hidden() {
            self.bar.set_message(printable(&text()).into_owned());
        }
    }

    /// A line that stays, above the bar or on standard output.
    pub fn line(&self, text: &str) {
        self.bar.suspend(|| say(text));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
