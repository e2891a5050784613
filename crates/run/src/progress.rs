//! Progress: a bar on a terminal, plain lines elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{printable, say};

/// The progress of a long piece of work. On a terminal a bar on standard error; on a pipe or in a
/// log file nothing but the lines.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    /// When this call began, and the step that it began at.
    begin: (Instant, u64),
}

impl Progress {
    /// A bar over `length` steps (images, samples …).
    pub fn new(length: u64) -> Self {
        Self::resumed(length, 0)
    }

    /// A bar over `length` steps, for work that goes on at `step`.
    pub fn resumed(length: u64, step: u64) -> Self {
        // A terminal that can do nothing gets what a pipe gets.
        let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        let target =
            if is_dumb { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(length), target);
        let style = ProgressStyle::with_template("{bar:24.cyan/black} {msg}  {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(250));
        bar.set_position(step);
        bar.reset_eta();
        Self { bar, begin: (Instant::now(), step) }
    }

    /// Moves on by `steps`.
    pub fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }

    /// Seconds since the beginning.
    pub fn seconds(&self) -> f64 {
        self.begin.0.elapsed().as_secs_f64()
    }

    /// Steps in each second of this call; 0 if there was none.
    pub fn rate(&self) -> f64 {
        match self.bar.position() - self.begin.1 {
            0 => 0.0,
            done => done as f64 / self.seconds(),
        }
    }

    /// Seconds to the end, if it goes on like this.
    pub fn left(&self) -> f64 {
        let steps = self.bar.length().unwrap_or(0).saturating_sub(self.bar.position());
        if steps == 0 { 0.0 } else { steps as f64 / self.rate() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_steps_of_this_call_count_for_its_pace() {
        let progress = Progress::resumed(100, 40);
        assert_eq!(progress.rate(), 0.0);
        progress.advance(20);
        // What is left is twice what was done; the clock goes on between two looks at it, and divisions are rounded.
        let (before, left, after) = (progress.seconds(), progress.left(), progress.seconds());
        assert!(1.999 * before < left && left < 2.001 * after, "{before} {left} {after}");
        progress.advance(40);
        assert_eq!(progress.left(), 0.0);
    }
}
