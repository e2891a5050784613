//! What a student's program printed.

use serde::Serialize;

use crate::plain::shortened;

/// Characters that are kept. Who prints more is told how much is left out.
const KEPT: usize = 2000;

/// Characters that are kept of one line.
const KEPT_OF_A_LINE: usize = 200;

/// What a program printed, to both of its channels, shortened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Printed {
    lines: Vec<String>,
    characters: usize,
    /// Lines that were not kept.
    left_out: usize,
}

impl Printed {
    pub(crate) fn add(&mut self, line: &str) {
        let line = shortened(line, KEPT_OF_A_LINE);
        let length = line.chars().count();
        if self.left_out > 0 || self.characters + length > KEPT {
            self.left_out += 1;
        } else {
            self.characters += length + 1;
            self.lines.push(line);
        }
    }

    /// Whether nothing was printed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.left_out == 0
    }

    /// The lines, and at the end how many more there were.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = self.lines.clone();
        if self.left_out > 0 {
            lines.push(format!("… and {} more lines", self.left_out));
        }
        lines
    }
}
