//! What came of running a claim.

use serde::Serialize;

use crate::guard::Guard;
use crate::hunt::Hunted;
use crate::judge;
use crate::record::{Kind, Record};
use crate::scope::Scope;

/// What the audit of the source documents says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It holds under a condition that the document does not state.
    HoldsIf,
    /// The formula or the reason is wrong, the idea survives.
    Corrected,
    /// It is wrong.
    Refuted,
    /// An empirical statement: the run decides.
    Measured,
}

/// Where a claim comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The row of the audit that it settles, with its verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<(&'static str, Verdict)>,
    /// A paper or textbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work: Option<&'static str>,
}

/// One run of a check on one implementation.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Everything that was measured.
    pub records: Vec<Record>,
    /// Why the check could not be finished, if so: an error or a panic.
    pub problem: Option<String>,
    /// How many effects were measured with a cause and without it.
    pub interventions: u64,
}

impl Outcome {
    /// Whether the implementation passes: nothing went wrong, something was compared, and every case
    /// is within what is allowed.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.problem.is_none()
            && !self.records.is_empty()
            && self.records.iter().all(Record::passes)
    }

    /// The case that is furthest off, in units of what is allowed; among equals, the closest call.
    #[must_use]
    pub fn worst(&self) -> Option<&Record> {
        self.records.iter().max_by(|a, b| {
            let key = |r: &Record| (r.score, -(r.error() / r.allowed.max(f64::MIN_POSITIVE)));
            key(a).0.total_cmp(&key(b).0).then(key(a).1.total_cmp(&key(b).1))
        })
    }

    /// All random draws together.
    #[must_use]
    pub fn draws(&self) -> u64 {
        self.records.iter().map(|record| record.draws).sum()
    }
}

/// What a check made of a falsifier.
#[derive(Clone, Debug, PartialEq)]
pub struct FalsifierReport {
    /// Its name within the claim.
    pub id: &'static str,
    /// What a student who made this mistake should read.
    pub diagnosis: &'static str,
    /// Whether the check rejected it, as it must.
    pub rejected: bool,
    /// What was measured of it.
    pub outcome: Outcome,
}

/// All that is known of a claim after running it.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// `chapter/claim`
    pub id: &'static str,
    /// What is claimed.
    pub statement: &'static str,
    /// Where it comes from.
    pub source: Source,
    /// What kind of sentence it is; none of a student's exercise.
    pub scope: Option<Scope>,
    /// The kind of evidence.
    pub kind: Kind,
    /// The seed of this run.
    pub seed: u64,
    /// The reference implementation's outcome.
    pub outcome: Outcome,
    /// What came of searching for a counter-example; nothing is searched for if the claim is not universal.
    pub hunted: Option<Hunted>,
    /// The false-alarm rate of the claim as a whole; 0 if nothing is random.
    pub alpha: f64,
    /// The probability that a falsifier of the stated effect is caught; 1 if nothing is random.
    pub power: f64,
    /// Every falsifier's report.
    pub falsifiers: Vec<FalsifierReport>,
    /// What the guards found wanting.
    pub guards: Vec<Guard>,
}

impl Report {
    /// What somebody would read who handed a falsifier in as an implementation: its name, and the name under which it is
    /// diagnosed, if it is.
    #[must_use]
    pub fn diagnoses(&self) -> Vec<(&'static str, Option<&'static str>)> {
        let outcomes = || self.falsifiers.iter().map(|falsifier| &falsifier.outcome);
        let named = |falsifier: &FalsifierReport| {
            let nearest = judge::nearest(&falsifier.outcome, outcomes());
            let nearest = nearest.filter(|_| falsifier.rejected);
            (falsifier.id, nearest.map(|index| self.falsifiers[index].id))
        };
        self.falsifiers.iter().map(named).collect()
    }

    /// Whether the claim holds, every falsifier was rejected, and no guard found a weakness.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.outcome.passes()
            && self.falsifiers.iter().all(|falsifier| falsifier.rejected)
            && self.guards.is_empty()
    }

    /// What is wrong with it: it fails, a falsifier survives, a guard finds a weakness, or who makes a known mistake reads
    /// another's diagnosis or none.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        if !self.outcome.passes() {
            let worst = self.outcome.worst();
            complaints.push(format!("fails: {worst:?} {:?}", self.outcome.problem));
        }
        let survived = self.falsifiers.iter().filter(|falsifier| !falsifier.rejected);
        complaints.extend(survived.map(|falsifier| format!("does not reject {}", falsifier.id)));
        complaints.extend(self.guards.iter().map(|guard| format!("{guard:?}")));
        let misread = self.diagnoses().into_iter().filter(|(id, by)| *by != Some(id));
        complaints.extend(misread.map(|(id, by)| format!("reads {id} as {by:?}")));
        complaints
    }

    /// The share of what is allowed that is left in the worst case: 1 for an exact hit, 0 at the edge,
    /// negative beyond.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.outcome.worst().map_or(f64::NEG_INFINITY, |record| 1.0 - record.score)
    }
}
