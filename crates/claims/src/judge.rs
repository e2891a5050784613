//! Which mistake was made.

use crate::record::Record;
use crate::report::Outcome;

/// What a claim's check says of somebody's implementation.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// It passes.
    Correct(Outcome),
    /// It fails, and agrees with a falsifier in every case: this mistake, then.
    Known {
        /// The falsifier's name.
        falsifier: &'static str,
        /// The sentence to read.
        diagnosis: &'static str,
        /// What was measured.
        outcome: Outcome,
    },
    /// It fails in another way.
    Wrong(Outcome),
}

/// How far two outcomes of one check are apart, in units of what is allowed: at most 1 if they agree in
/// every case. `None` if they did not get through the same cases.
pub(crate) fn distance(a: &Outcome, b: &Outcome) -> Option<f64> {
    if a.records.len() != b.records.len() || a.problem.is_some() != b.problem.is_some() {
        return None;
    }
    let apart = |(a, b): (&Record, &Record)| {
        // What is allowed around one expected value scales with it; the two values may be larger.
        let size = |r: &Record| {
            let ratio = (r.measured / r.expected).abs();
            r.allowed * if ratio.is_finite() { ratio.max(1.0) } else { 1.0 }
        };
        let allowed = if a.draws > 0 { a.allowed.min(b.allowed) } else { size(a).max(size(b)) };
        let difference = |a: f64, b: f64| {
            if a == b || (a.is_nan() && b.is_nan()) {
                return 0.0;
            }
            let apart = (a - b).abs() / allowed.max(f64::MIN_POSITIVE);
            // `max` would drop the NaN of a number beside an infinity or a NaN.
            if apart.is_nan() { f64::INFINITY } else { apart }
        };
        // Of a bound either side may be the one that the implementation answers for.
        difference(a.measured, b.measured).max(difference(a.expected, b.expected))
    };
    let pairs = a.records.iter().zip(&b.records).map(apart);
    Some(pairs.fold(0.0, f64::max))
}

/// Which of several mistakes' outcomes an outcome agrees with best, if with any.
pub(crate) fn nearest<'a>(
    outcome: &Outcome,
    mistakes: impl IntoIterator<Item = &'a Outcome>,
) -> Option<usize> {
    let distances = mistakes.into_iter().map(|mistake| distance(outcome, mistake));
    let near = distances.enumerate().filter_map(|(i, d)| Some((i, d.filter(|&d| d <= 1.0)?)));
    near.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(i, _)| i)
}

/// Whether two outcomes of one check cannot be told apart.
pub(crate) fn agree(a: &Outcome, b: &Outcome) -> bool {
    distance(a, b).is_some_and(|distance| distance <= 1.0)
}
