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

/// What kind of sentence a claim is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Sentence {
    /// A universal statement over a domain.
    #[serde(rename = "for every")]
    ForEvery,
    /// An example or a counter-example.
    #[serde(rename = "there is")]
    ThereIs,
    /// What training runs came to.
    #[serde(rename = "measured")]
    Measured,
    /// A cause, taken away.
    #[serde(rename = "because")]
    Because,
}

impl Sentence {
    /// For a reader.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ForEvery => "For every",
            Self::ThereIs => "There is",
            Self::Measured => "Measured",
            Self::Because => "Because",
        }
    }
}

/// What a claim covers, and what was looked at.
#[derive(Debug, Deserialize)]
pub struct Scope {
    /// What kind of sentence it is.
    pub sentence: Sentence,
    /// The domain, or the data and settings, in words.
    #[serde(default)]
    pub covers: String,
    /// Cases of the domain that were tried.
    pub tried: Option<u64>,
    /// Cases of the domain that were looked at, those in search of a counter-example included.
    pub looks: Option<u64>,
    /// Whether these are all that there are.
    #[serde(default)]
    pub all: Option<bool>,
}

/// On which side of the expected number a measured one should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// At it, or not further from it than is allowed.
    #[default]
    At,
    /// Above it.
    Above,
    /// Below it.
    Below,
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
    pub scope: Scope,
    pub kind: Kind,
    pub verdict: String,
    pub case: Option<String>,
    pub measured: Option<f64>,
    pub expected: Option<f64>,
    pub tolerance: Option<f64>,
    pub uncertainty: Option<f64>,
    #[serde(default)]
    pub side: Side,
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
    #[serde(default)]
    pub side: Side,
}

/// One number of a training run.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "as for `Claim`")]
pub struct Record {
    pub label: String,
    pub measured: Option<f64>,
    pub expected: Option<f64>,
    pub tolerance: Option<f64>,
    pub uncertainty: Option<f64>,
    #[serde(default)]
    pub side: Side,
}
