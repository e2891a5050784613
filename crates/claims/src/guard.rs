//! What is automatically held against a check: whether it could fail at all, and where.

use serde::Serialize;

use crate::record::{Kind, Record, Tolerance};

/// How many times the tolerance an output is nudged, which a check must notice.
pub(crate) const NEAR_MISS: f64 = 10.0;

/// How many times larger than the measured error a tolerance may be without a reason.
const LOOSE: f64 = 1e4;

/// A weakness of a check that its guards have found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// Outputs that are off by ten times the tolerance pass: the tolerance is infinite, or the comparison
    /// the wrong way round, or the implementation is compared with itself.
    NearMissPassed,
    /// The tolerance is more than 10⁴ times the measured error, and no reason is given.
    LooseTolerance,
    /// The check compared nothing.
    NothingCompared,
    /// Two falsifiers that the check cannot tell apart: a student would read the wrong diagnosis.
    SameFalsifiers(String, String),
    /// Outputs that are wrong in a box of the domain pass: the check has not looked there.
    HolePassed(String),
    /// A claim about a cause that measured no effect with the cause and without it.
    NoIntervention,
    /// The check used another number of tests than the claim's share of false alarms was planned for.
    WrongNumberOfTests {
        /// As declared.
        planned: u64,
        /// As done.
        done: u64,
    },
}

/// Whether the tolerance is far above every error that was measured. Rounding counts as an error of one
/// unit in the last place, so a tolerance of 2e-12 relative is never loose.
pub(crate) fn is_loose(kind: Kind, tolerance: Tolerance, records: &[Record]) -> bool {
    let applies = matches!(kind, Kind::Exact | Kind::Bound);
    applies
        && tolerance.reason.is_none()
        && records.iter().all(|record| {
            let rounding = f64::EPSILON * record.expected.abs().max(record.measured.abs());
            record.allowed > LOOSE * record.error().max(rounding).max(f64::MIN_POSITIVE)
        })
}
