//! `evidence.json`: what a run of `verify` found, for the book and for machines.

use std::collections::BTreeMap;

use claims::{Guard, Kind, Record, Report, Source};
use serde::Serialize;

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
        Self { schema: 1, seed, code, claims }
    }
}

/// One claim's evidence.
#[derive(Debug, Serialize)]
pub struct Entry {
    id: &'static str,
    statement: &'static str,
    source: Source,
    kind: Kind,
    verdict: &'static str,
    case: Option<String>,
    measured: Option<f64>,
    expected: Option<f64>,
    tolerance: Option<f64>,
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

#[derive(Debug, Serialize)]
struct FalsifierEntry {
    id: &'static str,
    rejected: bool,
    diagnosis: &'static str,
    measured: Option<f64>,
    expected: Option<f64>,
    tolerance: Option<f64>,
}

#[derive(Debug, Serialize)]
struct RecordEntry {
    label: String,
    measured: Option<f64>,
    expected: Option<f64>,
    tolerance: Option<f64>,
}

impl RecordEntry {
    fn new(record: &Record) -> Self {
        Self {
            label: record.label.clone(),
            measured: finite(record.measured),
            expected: finite(record.expected),
            tolerance: finite(record.allowed),
        }
    }
}

/// JSON knows finite numbers only.
fn finite(number: f64) -> Option<f64> {
    Some(number).filter(|number| number.is_finite())
}

impl Entry {
    /// What a report says, and how long it took.
    #[must_use]
    pub fn new(report: &Report, seconds: f64) -> Self {
        let worst = report.outcome.worst();
        let number = |value: fn(&Record) -> f64| worst.map(value).and_then(finite);
        let falsifier = |f: &claims::FalsifierReport| {
            let worst = f.outcome.worst();
            let number = |value: fn(&Record) -> f64| worst.map(value).and_then(finite);
            FalsifierEntry {
                id: f.id,
                rejected: f.rejected,
                diagnosis: f.diagnosis,
                measured: number(|record| record.measured),
                expected: number(|record| record.expected),
                tolerance: number(|record| record.allowed),
            }
        };
        // What training came to is told number by number; of other claims the worst case says enough.
        let told = if report.kind == Kind::Trained { &report.outcome.records[..] } else { &[] };
        Self {
            id: report.id,
            statement: report.statement,
            source: report.source.clone(),
            kind: report.kind,
            verdict: if report.passed() { "holds" } else { "fails" },
            case: worst.map(|record| record.label.clone()),
            measured: number(|record| record.measured),
            expected: number(|record| record.expected),
            tolerance: number(|record| record.allowed),
            margin: finite(report.margin()),
            cases: report.outcome.records.len(),
            draws: report.outcome.draws(),
            alpha: report.alpha,
            power: report.power,
            falsifiers: report.falsifiers.iter().map(falsifier).collect(),
            records: told.iter().map(RecordEntry::new).collect(),
            guards: report.guards.clone(),
            problem: report.outcome.problem.clone(),
            seed: report.seed,
            seconds: (seconds * 1000.0).round() / 1000.0,
        }
    }
}
