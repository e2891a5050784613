//! A check, and the mistakes that it knows: what a claim and a student's exercise have in common.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use crate::budget::rates_of_a_claim;
use crate::claim::{Draft, Holding};
use crate::guard::{self, Guard, NEAR_MISS};
use crate::judge::{self, Judgement};
use crate::record::{Kind, Tolerance};
use crate::report::{FalsifierReport, Outcome, Report};
use crate::subject::{Perturbation, Subject};
use crate::trial::{Check, Trial};

type AnyCheck<I> = Arc<dyn Fn(&Subject<I>, &mut Trial) -> Check + Send + Sync>;

/// A statement with a check, of which no implementation is known yet.
pub struct Checked<I> {
    pub(crate) draft: Draft,
    pub(crate) kind: Kind,
    pub(crate) tolerance: Tolerance,
    /// Statistical tests that the check makes; 0 if it is of another kind.
    pub(crate) tests: u64,
    pub(crate) check: AnyCheck<I>,
}

impl<I> Checked<I> {
    /// The implementation of which the claim holds.
    pub fn holds_for(self, reference: I) -> Holding<I> {
        Holding { checked: self, reference }
    }

    /// A plausible mistake that the check must reject, and what to tell who makes it. Without a
    /// reference, this is no claim yet but an [`Exam`] for somebody's implementation.
    pub fn fails_for(self, id: &'static str, diagnosis: &'static str, mistaken: I) -> Exam<I> {
        Exam {
            checked: self,
            falsifiers: vec![Falsifier { id, diagnosis, implementation: mistaken }],
        }
    }

    fn outcome(&self, subject: &Subject<I>, seed: u64) -> Outcome {
        let mut trial = Trial {
            tolerance: self.tolerance,
            rates: rates_of_a_claim(self.tests),
            seed,
            claim: stable_hash(self.draft.id),
            records: Vec::new(),
        };
        let result = panic::catch_unwind(AssertUnwindSafe(|| (self.check)(subject, &mut trial)));
        let problem = match result {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(panic) => Some(format!("panicked: {}", panic_message(panic.as_ref()))),
        };
        Outcome { records: trial.records, problem }
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown")
}

/// FNV-1a: a number for a name that no version of Rust changes, since it names random streams.
fn stable_hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A plausible mistake.
#[derive(Clone, Debug)]
pub struct Falsifier<I> {
    /// Its name within the claim.
    pub id: &'static str,
    /// The sentence for a student who made it.
    pub diagnosis: &'static str,
    /// The mistaken implementation.
    pub implementation: I,
}

/// A check and one mistake at least that it must reject: enough to judge somebody's implementation. A
/// [`Claim`](crate::Claim) adds the implementation of which it holds.
pub struct Exam<I> {
    pub(crate) checked: Checked<I>,
    pub(crate) falsifiers: Vec<Falsifier<I>>,
}

impl<I> Exam<I> {
    /// One more plausible mistake.
    #[must_use]
    pub fn fails_for(mut self, id: &'static str, diagnosis: &'static str, mistaken: I) -> Self {
        self.falsifiers.push(Falsifier { id, diagnosis, implementation: mistaken });
        self
    }

    /// The mistakes.
    #[must_use]
    pub fn falsifiers(&self) -> &[Falsifier<I>] {
        &self.falsifiers
    }
}

impl<I: Clone> Exam<I> {
    /// Runs the check on somebody's implementation and says what is wrong with it.
    #[must_use]
    pub fn judge(&self, implementation: I, seed: u64) -> Judgement {
        let outcome = self.outcome(Subject::new(implementation), seed);
        if outcome.passes() {
            return Judgement::Correct(outcome);
        }
        match judge::nearest(&outcome, &self.falsifier_outcomes(seed)) {
            Some(index) => {
                let Falsifier { id, diagnosis, .. } = self.falsifiers[index];
                Judgement::Known { falsifier: id, diagnosis, outcome }
            }
            None => Judgement::Wrong(outcome),
        }
    }

    /// Runs the check on the implementation of which the statement should hold, on every falsifier, and
    /// on that implementation nudged.
    #[must_use]
    pub fn examine(&self, reference: &I, seed: u64) -> Report {
        let Checked { draft, kind, tolerance, tests, .. } = &self.checked;
        let outcome = self.outcome(Subject::new(reference.clone()), seed);
        let falsifiers: Vec<FalsifierReport> = self
            .falsifiers
            .iter()
            .zip(self.falsifier_outcomes(seed))
            .map(|(&Falsifier { id, diagnosis, .. }, outcome)| FalsifierReport {
                id,
                diagnosis,
                rejected: !outcome.passes(),
                outcome,
            })
            .collect();

        let mut guards = Vec::new();
        if outcome.records.is_empty() {
            guards.push(Guard::NothingCompared);
        }
        if matches!(kind, Kind::Exact | Kind::Bound) && !self.notices_a_near_miss(reference, seed) {
            guards.push(Guard::NearMissPassed);
        }
        if guard::is_loose(*kind, *tolerance, &outcome.records) {
            guards.push(Guard::LooseTolerance);
        }
        for (i, a) in falsifiers.iter().enumerate() {
            for b in &falsifiers[..i] {
                if judge::agree(&a.outcome, &b.outcome) {
                    guards.push(Guard::SameFalsifiers(b.id.to_owned(), a.id.to_owned()));
                }
            }
        }
        let done = outcome.records.len() as u64;
        if kind.is_statistical() && outcome.problem.is_none() && done != *tests {
            guards.push(Guard::WrongNumberOfTests { planned: *tests, done });
        }

        let rates = rates_of_a_claim(*tests);
        let random = kind.is_statistical();
        Report {
            id: draft.id,
            statement: draft.statement,
            source: draft.source.clone(),
            kind: *kind,
            seed,
            outcome,
            alpha: if random { rates.alpha() * *tests as f64 } else { 0.0 },
            power: if random { rates.power() } else { 1.0 },
            falsifiers,
            guards,
        }
    }

    /// An exact check must notice a nudge either way, a bound in the direction that breaks it.
    fn notices_a_near_miss(&self, reference: &I, seed: u64) -> bool {
        let Tolerance { absolute, relative, .. } = self.checked.tolerance;
        let rejects = |sign: f64| {
            let factor = sign * NEAR_MISS;
            let nudge = Perturbation { absolute: factor * absolute, relative: factor * relative };
            !self.outcome(Subject::nudged(reference.clone(), nudge), seed).passes()
        };
        if self.checked.kind == Kind::Exact {
            rejects(1.0) && rejects(-1.0)
        } else {
            rejects(1.0) || rejects(-1.0)
        }
    }

    fn outcome(&self, subject: Subject<I>, seed: u64) -> Outcome {
        self.checked.outcome(&subject, seed)
    }

    fn falsifier_outcomes(&self, seed: u64) -> Vec<Outcome> {
        let implementations = self.falsifiers.iter().map(|f| f.implementation.clone());
        implementations.map(|mistaken| self.outcome(Subject::new(mistaken), seed)).collect()
    }
}
