//! `book/evidence.json`, as `cargo course verify` writes it.

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
pub struct Evidence {
    /// Every claim's evidence, in the course's order.
    pub claims: Vec<Claim>,
}

impl Evidence {
    /// The evidence of a claim.
    #[must_use]
    pub fn claim(&self, id: &str) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.id == id)
    }

    /// All claims' names.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.claims.iter().map(|claim| claim.id.as_str())
    }
}

/// What kind of evidence a claim has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Numbers that must agree.
    Exact,
    /// An inequality.
    Bound,
    /// A statistical test.
    Statistical,
    /// A measured ratio against its exact value.
    Ratio,
    /// Figures from training runs.
    Trained,
}

impl Kind {
    /// As in the classes of the HTML.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Bound => "bound",
            Self::Statistical => "statistical",
            Self::Ratio => "ratio",
            Self::Trained => "trained",
        }
    }

    /// For a reader.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "Exact",
            Self::Bound => "Bound",
            Self::Statistical => "Statistical",
            Self::Ratio => "Ratio",
            Self::Trained => "Trained",
        }
    }
}

/// One claim's evidence; the numbers are those of the case that came nearest to failing.
#[derive(Debug, Deserialize)]
#[allow(
    missing_docs,
    reason = "the fields are described in the README of `course`, which writes them"
)]
pub struct Claim {
    pub id: String,
    pub statement: String,
    pub source: Source,
    pub kind: Kind,
    pub verdict: String,
    pub case: Option<String>,
    pub measured: Option<f64>,
    pub expected: Option<f64>,
    pub tolerance: Option<f64>,
    pub margin: Option<f64>,
    pub cases: u64,
    pub draws: u64,
    pub alpha: f64,
    pub power: f64,
    pub falsifiers: Vec<Falsifier>,
    #[serde(default)]
    pub records: Vec<Record>,
    pub problem: Option<String>,
    pub seconds: f64,
}

impl Claim {
    /// Whether it holds, and every falsifier was rejected.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.verdict == "holds"
    }

    /// The id without the slash, for names in HTML.
    #[must_use]
    pub fn anchor(&self) -> String {
        self.id.replace('/', "-")
    }

    /// The chapter's slug.
    #[must_use]
    pub fn chapter(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }
}

/// Where a claim comes from.
#[derive(Debug, Deserialize)]
pub struct Source {
    /// The row of the documents' audit, and the verdict on it.
    pub row: Option<(String, Verdict)>,
    /// A paper or textbook.
    pub work: Option<String>,
}

/// What came of a statement of the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds.
    Holds,
    /// Under a condition that the document does not state.
    HoldsIf,
    /// The run decides.
    Measured,
    /// The formula or the reason is wrong, the idea survives.
    Corrected,
    /// It is wrong.
    Refuted,
}

impl Verdict {
    /// For a reader.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::HoldsIf => "holds if",
            Self::Measured => "measured",
            Self::Corrected => "corrected",
            Self::Refuted => "refuted",
        }
    }
}

/// A plausible mistake that the check rejected.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "as for `Claim`")]
pub struct Falsifier {
    pub id: String,
    pub rejected: bool,
    pub diagnosis: String,
    pub measured: Option<f64>,
    pub expected: Option<f64>,
    pub tolerance: Option<f64>,
}

/// One number of a training run.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "as for `Claim`")]
pub struct Record {
    pub label: String,
    pub measured: Option<f64>,
    pub expected: Option<f64>,
    pub tolerance: Option<f64>,
}
