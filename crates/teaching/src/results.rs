//! What is kept of a grading: one record a submission, and tables of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

/// All that is known of one submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Graded {
    /// The submission's name.
    pub submission: String,
    /// A hash of what was handed in. Another hash: to be graded again.
    pub digest: String,
    /// A hash of how it was graded: checks, points, limits, compiler. Another hash: to be graded again.
    #[serde(default)]
    pub course: String,
    /// The seed of the hidden questions, to ask the same ones again.
    pub seed: u64,
    /// Points of all labs together.
    pub points: u32,
    /// What could have been had.
    pub of: u32,
    /// Wall-clock seconds that the grading took.
    pub seconds: f64,
    /// Lab by lab.
    pub labs: Vec<GradedLab>,
}

/// One lab of a submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradedLab {
    /// `ch06`
    pub chapter: String,
    /// Points of its exercises.
    pub points: u32,
    /// What could have been had.
    pub of: u32,
    /// Why it could not be run, for the student to read: the compiler's words, say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub log: String,
    /// Exercise by exercise.
    pub exercises: Vec<GradedExercise>,
}

/// One exercise of a submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradedExercise {
    /// The function's name.
    pub exercise: String,
    /// Points: all or nothing.
    pub points: u32,
    /// What could have been had.
    pub of: u32,
    /// In a word: correct, wrong, known-mistake, not-done, panicked, …
    pub verdict: String,
    /// The mistake's name, if it is a known one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mistake: String,
    /// For the student: the diagnosis, the counter-example, the message.
    pub text: String,
    /// What the program printed meanwhile, shortened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub printed: Vec<String>,
}

/// A table, as JSON and CSV.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// By name.
    pub submissions: Vec<Graded>,
}

impl Results {
    /// From a file that was written before.
    ///
    /// # Errors
    /// If it cannot be read, or is none.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} holds no results of `cargo course grade`", file.display()))
    }

    /// Writes FILE.json and FILE.csv, each whole or not at all.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn write(&self, out: &Path) -> Result<[PathBuf; 2]> {
        let files = [with_ending(out, "json"), with_ending(out, "csv")];
        write(&files[0], &(serde_json::to_string_pretty(self)? + "\n"))?;
        write(&files[1], &self.csv())?;
        Ok(files)
    }

    /// One line for each exercise of each submission, in UTF-8 with a mark in front that says so: spreadsheets take it for
    /// another encoding else.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut text =
            String::from("\u{feff}submission,chapter,exercise,points,of,verdict,mistake,text\n");
        for graded in &self.submissions {
            for lab in &graded.labs {
                for exercise in &lab.exercises {
                    let GradedExercise {
                        exercise, points, of, verdict, mistake, text: words, ..
                    } = exercise;
                    let cells = [&graded.submission, &lab.chapter, exercise];
                    let cells =
                        cells.into_iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
                    let (mistake, words) = (quoted(mistake), quoted(words));
                    text += &format!("{cells},{points},{of},{verdict},{mistake},{words}\n");
                }
            }
        }
        text
    }

    /// The results of several shards as one.
    ///
    /// # Errors
    /// If a submission is in two of them with different results.
    pub fn merged(parts: impl IntoIterator<Item = Self>) -> Result<Self> {
        let mut by_name: BTreeMap<String, Graded> = BTreeMap::new();
        for graded in parts.into_iter().flat_map(|part| part.submissions) {
            if let Some(other) = by_name.insert(graded.submission.clone(), graded.clone())
                && other != graded
            {
                bail!(
                    "{} is in two files with different results: merge the files of one grading",
                    graded.submission
                );
            }
        }
        Ok(Self { submissions: by_name.into_values().collect() })
    }
}

/// A cell of a CSV file (RFC 4180). What begins like a formula is kept from being one in a spreadsheet: at the cell's begin,
/// and behind whatever a spreadsheet may be told to cut cells at.
fn quoted(cell: &str) -> String {
    const CUTS: [char; 9] = [',', ';', '|', ':', '\t', '\n', '\r', '"', '\''];
    let mut safe = String::with_capacity(cell.len() + 2);
    let mut at_a_begin = true;
    for c in cell.chars() {
        if at_a_begin && matches!(c, '=' | '+' | '-' | '@') {
            safe.push('\'');
        }
        at_a_begin = CUTS.contains(&c) || at_a_begin && c.is_whitespace();
        safe.push(c);
    }
    format!("\"{}\"", safe.replace('"', "\"\""))
}

/// `out` with this ending, whatever ending of the two it was given with.
#[must_use]
pub(crate) fn with_ending(out: &Path, ending: &str) -> PathBuf {
    let known = out.extension().is_some_and(|e| e == "csv" || e == "json");
    let stem = if known { out.with_extension("") } else { out.to_owned() };
    let mut name = stem.into_os_string();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Writes a file whole or not at all.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write(file: &Path, text: &str) -> Result<()> {
    file::write_atomically(file, text.as_bytes())
        .with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula_wherever_a_spreadsheet_cuts() {
        for (cell, safe) in [
            ("=1+1", "\"'=1+1\""),
            ("eve;=1+1", "\"eve;'=1+1\""),
            ("eve\t @SUM(A1)", "\"eve\t '@SUM(A1)\""),
            ("a\n-2", "\"a\n'-2\""),
            ("say \"=1\"", "\"say \"\"'=1\"\"\""),
            ("'+1", "\"''+1\""),
            ("Müller-Lüdenscheidt", "\"Müller-Lüdenscheidt\""),
            ("x = 2: y = 3", "\"x = 2: y = 3\""),
        ] {
            assert_eq!(quoted(cell), safe);
        }
    }

    #[test]
    fn a_spreadsheet_is_told_that_names_are_utf_8() {
        assert!(Results::default().csv().as_bytes().starts_with(&[0xef, 0xbb, 0xbf]));
    }
}
