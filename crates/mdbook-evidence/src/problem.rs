//! What is wrong with the pages, with file and line.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The page's file, as the reader would open it.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
    /// What was expected, what came, what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// All that is wrong, in the order of the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            writeln!(f, "{problem}")?;
        }
        let count = self.0.len();
        write!(f, "{count} mistake{} in the pages", if count == 1 { "" } else { "s" })
    }
}

impl std::error::Error for Problems {}

/// "there is no claim `x`; did you mean `y`?"
pub(crate) fn unknown<'a>(
    what: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    let likeness = |other: &str| strsim::jaro_winkler(name, other);
    let nearest = known.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest {
        Some(nearest) => format!("there is no {what} `{name}`; did you mean `{nearest}`?"),
        None => format!("there is no {what} `{name}`, and no other either"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        assert_eq!(
            unknown("claim", "vae/bond", ["vae/loss", "vae/bound"]),
            "there is no claim `vae/bond`; did you mean `vae/bound`?"
        );
        assert!(unknown("figure", "x", []).ends_with("and no other either"));
    }
}
