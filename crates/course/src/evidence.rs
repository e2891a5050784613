//! `evidence.json`: what a run of `verify` found, for the book and for machines.

use std::collections::BTreeMap;

use claims::{FalsifierReport, Guard, Kind, Outcome, Record, Report, Scope, Side, Source};
use serde::{Deserialize, Serialize};

/// The whole file. Its schema is described in the crate's README.
#[derive(Debug, Serialize)]
pub struct Evidence {
    schema: u32,
    seed: u64,
    code: BTreeMap<&'static str, String>,
    claims: Vec<Entry>,
}

impl Evidence {
    /// The evidence of some claims, in the course's order, and the [fingerprints](crate::fingerprints) of the code that they
    /// speak of.
    #[must_use]
    pub fn new(seed: u64, code: BTreeMap<&'static str, String>, claims: Vec<Entry>) -> Self {
        Self { schema: 2, seed, code, claims }
    }
}

/// One claim's evidence.
#[derive(Debug, Serialize)]
pub struct Entry {
    id: &'static str,
    statement: &'static str,
    source: Source,
    scope: Option<ScopeEntry>,
    kind: Kind,
    verdict: &'static str,
    case: Option<String>,
    #[serde(flatten)]
    numbers: Numbers,
    margin: Option<f64>,
    cases: usize,
    draws: u64,
    alpha: f64,
    power: f64,
    falsifiers: Vec<FalsifierEntry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    records: Vec<RecordEntry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    guards: Vec<Guard>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    seed: u64,
    seconds: f64,
}

/// What kind of sentence it is, and what was looked at.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct ScopeEntry {
    sentence: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    covers: String,
    /// Cases of the domain that were tried, and looked at in search of a counter-example; whether these are all there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    tried: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    looks: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all: Option<bool>,
}

impl ScopeEntry {
    fn new(report: &Report) -> Option<Self> {
        let scope: &Scope = report.scope.as_ref()?;
        let hunted = report.hunted.as_ref();
        Some(Self {
            sentence: scope.words().to_owned(),
            covers: scope.covers(),
            tried: hunted.map(|hunted| hunted.planned),
            looks: hunted.map(|hunted| hunted.looks),
            all: hunted.map(|hunted| hunted.all),
        })
    }
}

#[derive(Debug, Serialize)]
struct FalsifierEntry {
    id: &'static str,
    rejected: bool,
    diagnosis: &'static str,
    #[serde(flatten)]
    numbers: Numbers,
}

#[derive(Debug, Serialize)]
struct RecordEntry {
    label: String,
    #[serde(flatten)]
    numbers: Numbers,
}

/// The numbers of a case; those that are not finite are left out, since JSON knows finite ones only.
#[derive(Debug, Default, Serialize)]
struct Numbers {
    measured: Option<f64>,
    expected: Option<f64>,
    tolerance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncertainty: Option<f64>,
    #[serde(skip_serializing_if = "is_at")]
    side: Side,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_at(side: &Side) -> bool {
    *side == Side::At
}

impl Numbers {
    fn of(record: &Record) -> Self {
        Self {
            measured: finite(record.measured),
            expected: finite(record.expected),
            tolerance: finite(record.allowed),
            uncertainty: finite(record.uncertainty).filter(|&half| half > 0.0),
            side: record.side,
        }
    }

    /// Those of the case that came nearest to failing.
    fn worst(outcome: &Outcome) -> Self {
        outcome.worst().map(Self::of).unwrap_or_default()
    }
}

fn finite(number: f64) -> Option<f64> {
    Some(number).filter(|number| number.is_finite())
}

impl Entry {
    /// What a report says, and how long it took.
    #[must_use]
    pub fn new(report: &Report, seconds: f64) -> Self {
        let falsifier = |falsifier: &FalsifierReport| FalsifierEntry {
            id: falsifier.id,
            rejected: falsifier.rejected,
            diagnosis: falsifier.diagnosis,
            numbers: Numbers::worst(&falsifier.outcome),
        };
        let record = |record: &Record| RecordEntry {
            label: record.label.clone(),
            numbers: Numbers::of(record),
        };
        // What training came to is told number by number; of other claims the worst case says enough.
        let told = if report.kind == Kind::Trained { &report.outcome.records[..] } else { &[] };
        Self {
            id: report.id,
            statement: report.statement,
            source: report.source.clone(),
            scope: ScopeEntry::new(report),
            kind: report.kind,
            verdict: if report.passed() { "holds" } else { "fails" },
            case: report.outcome.worst().map(|record| record.label.clone()),
            numbers: Numbers::worst(&report.outcome),
            margin: finite(report.margin()),
            cases: report.outcome.records.len(),
            draws: report.outcome.draws(),
            alpha: report.alpha,
            power: report.power,
            falsifiers: report.falsifiers.iter().map(falsifier).collect(),
            records: told.iter().map(record).collect(),
            guards: report.guards.clone(),
            problem: report.outcome.problem.clone(),
            seed: report.seed,
            seconds: (seconds * 1000.0).round() / 1000.0,
        }
    }
}

/// What a file of evidence says of a claim, and is held against a run.
#[derive(Debug, Deserialize)]
pub struct Told {
    /// Its name.
    pub id: String,
    statement: String,
    scope: Option<ScopeEntry>,
    kind: String,
    verdict: String,
    case: Option<String>,
    measured: Option<f64>,
    expected: Option<f64>,
    tolerance: Option<f64>,
    cases: usize,
    draws: u64,
    alpha: f64,
    power: f64,
    falsifiers: Vec<ToldFalsifier>,
    #[serde(default)]
    records: Vec<ToldRecord>,
}

#[derive(Debug, Deserialize)]
struct ToldFalsifier {
    id: String,
    diagnosis: String,
    rejected: bool,
    measured: Option<f64>,
    expected: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct ToldRecord {
    label: String,
    measured: Option<f64>,
    expected: Option<f64>,
}

/// By how much a number may differ from one processor to another where no tolerance of the claim says more: relatively, and
/// absolutely, since what is left of numbers that cancel is made of roundings.
const PROCESSORS: f64 = 1e-6;
const CANCELLED: f64 = 1e-9;

impl Told {
    /// Where the file says something else than a run: words and counts are equal; numbers are within the claim's tolerance, or
    /// its interval, of what this run measured in the same case.
    ///
    /// The search for a counter-example follows the last digits, and so takes another way on another kind of processor: how far
    /// it looked is not compared, and of a worst case that this run never came to, only whether the file's numbers agree with
    /// the claim.
    #[must_use]
    pub fn differences(&self, report: &Report) -> Vec<String> {
        let mut differences = Vec::new();
        let mut equal = |what: &str, told: String, is: String| {
            if told != is {
                differences.push(format!("{what}: the file says {told}, the run {is}"));
            }
        };
        let is = Entry::new(report, 0.0);
        equal("statement", self.statement.clone(), is.statement.to_owned());
        let fixed = |scope: &Option<ScopeEntry>| {
            let fixed = |s: &ScopeEntry| {
                format!("{} {}, tried {:?}, all: {:?}", s.sentence, s.covers, s.tried, s.all)
            };
            scope.as_ref().map_or_else(String::new, fixed)
        };
        equal("scope", fixed(&self.scope), fixed(&is.scope));
        equal("kind", self.kind.clone(), format!("{:?}", is.kind).to_lowercase());
        equal("verdict", self.verdict.clone(), is.verdict.to_owned());
        // The worst case that the search came upon may be one more.
        let hunted = report.hunted.is_some();
        if !hunted || self.cases.abs_diff(is.cases) > 1 {
            equal("cases", self.cases.to_string(), is.cases.to_string());
        }
        equal("draws", self.draws.to_string(), is.draws.to_string());
        equal("alpha", self.alpha.to_string(), is.alpha.to_string());
        equal("power", self.power.to_string(), is.power.to_string());
        let words =
            |id: &str, diagnosis: &str, rejected: bool| format!("{id}: {diagnosis} {rejected}");
        let falsifiers = self.falsifiers.iter().map(|f| words(&f.id, &f.diagnosis, f.rejected));
        let rejected = report.falsifiers.iter().map(|f| words(f.id, f.diagnosis, f.rejected));
        equal("falsifiers", falsifiers.collect::<String>(), rejected.collect());

        let records = &report.outcome.records;
        let mut number =
            |what: &str, label: Option<&str>, told: [Option<f64>; 2], among: &[Record]| {
                let same = |record: &&Record| label.is_none_or(|label| record.label == label);
                let mut of_this_case = among.iter().filter(same).peekable();
                let agrees = if of_this_case.peek().is_none() && hunted {
                    self.agrees_with_itself()
                } else {
                    of_this_case.any(|record| is_as_told(told, record))
                };
                if !agrees {
                    let [measured, expected] = told;
                    differences.push(format!(
                        "{what}: no run measures {measured:?} where {expected:?} is expected"
                    ));
                }
            };
        let case = self.case.as_deref();
        number(case.unwrap_or("the case"), case, [self.measured, self.expected], records);
        for ToldRecord { label, measured, expected } in &self.records {
            number(label, Some(label), [*measured, *expected], records);
        }
        for (told, is) in self.falsifiers.iter().zip(&report.falsifiers) {
            let numbers = [told.measured, told.expected];
            if told.measured.is_some() && told.expected.is_some() {
                number(&told.id, None, numbers, &is.outcome.records);
            }
        }
        differences
    }

    /// Whether the numbers of the worst case are within the tolerance that the file names.
    fn agrees_with_itself(&self) -> bool {
        match (self.measured, self.expected, self.tolerance) {
            (Some(measured), Some(expected), Some(tolerance)) => {
                let error = measured - expected;
                if self.kind == "bound" { error >= -tolerance } else { error.abs() <= tolerance }
            }
            _ => false,
        }
    }
}

/// Whether a file's two numbers are those of a record.
fn is_as_told([measured, expected]: [Option<f64>; 2], record: &Record) -> bool {
    let near = |told: Option<f64>, is: f64| match (told, finite(is)) {
        (None, None) => true,
        (Some(told), Some(is)) => {
            let own = if record.uncertainty > 0.0 { record.uncertainty } else { record.allowed };
            (told - is).abs() <= own.max(PROCESSORS * is.abs()).max(CANCELLED)
        }
        _ => false,
    };
    near(measured, record.measured) && near(expected, record.expected)
}
