//! All of an exam but its implementations: what is stated, how strictly it is checked, which mistakes are known. What
//! stands here is compiled once, and not once for each type of implementation.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

use serde::Serialize;

use crate::budget::rates_of_a_claim;
use crate::guard::{self, Guard, NEAR_MISS};
use crate::judge::{self, Judgement};
use crate::record::{Kind, Tolerance};
use crate::report::{FalsifierReport, Outcome, Report, Source};
use crate::subject::Perturbation;
use crate::trial::{Check, Trial};

/// A plausible mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// Its name within the claim.
    pub id: &'static str,
    /// The sentence for who made it.
    pub diagnosis: &'static str,
}

/// What is stated, how it is checked, and the mistakes that the check must reject.
#[derive(Clone, Debug)]
pub struct Paper {
    pub(crate) id: &'static str,
    pub(crate) statement: &'static str,
    pub(crate) source: Source,
    pub(crate) kind: Kind,
    pub(crate) tolerance: Tolerance,
    /// Statistical tests that the check makes; 0 if it is of another kind.
    pub(crate) tests: u64,
    pub(crate) mistakes: Vec<Mistake>,
}

/// Whose outputs a check looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who {
    /// Those of the implementation that is examined, nudged.
    Candidate(Perturbation),
    /// Those of the mistake with this index.
    Mistaken(usize),
}

/// Runs the check on somebody's outputs.
pub(crate) type Run<'a> = &'a dyn Fn(Who, &mut Trial) -> Check;

impl Paper {
    /// What is wrong with the candidate.
    pub(crate) fn judge(&self, run: Run<'_>, seed: u64) -> Judgement {
        let outcome = self.outcome(run, Who::Candidate(Perturbation::NONE), seed);
        if outcome.passes() {
            return Judgement::Correct(outcome);
        }
        match judge::nearest(&outcome, &self.outcomes_of_mistakes(run, seed)) {
            Some(index) => {
                let Mistake { id, diagnosis } = self.mistakes[index];
                Judgement::Known { falsifier: id, diagnosis, outcome }
            }
            None => Judgement::Wrong(outcome),
        }
    }

    /// The check of the candidate, of every mistake, and of the candidate nudged.
    pub(crate) fn examine(&self, run: Run<'_>, seed: u64) -> Report {
        let outcome = self.outcome(run, Who::Candidate(Perturbation::NONE), seed);
        let outcomes = self.outcomes_of_mistakes(run, seed);
        let reported = |(&Mistake { id, diagnosis }, outcome): (&Mistake, Outcome)| {
            FalsifierReport { id, diagnosis, rejected: !outcome.passes(), outcome }
        };
        let falsifiers: Vec<_> = self.mistakes.iter().zip(outcomes).map(reported).collect();
        let guards = self.guards(&outcome, &falsifiers, run, seed);
        let rates = rates_of_a_claim(self.tests);
        let random = self.kind.is_statistical();
        Report {
            id: self.id,
            statement: self.statement,
            source: self.source.clone(),
            kind: self.kind,
            seed,
            outcome,
            alpha: if random { rates.alpha() * self.tests as f64 } else { 0.0 },
            power: if random { rates.power() } else { 1.0 },
            falsifiers,
            guards,
        }
    }

    fn guards(
        &self,
        outcome: &Outcome,
        falsifiers: &[FalsifierReport],
        run: Run<'_>,
        seed: u64,
    ) -> Vec<Guard> {
        let mut guards = Vec::new();
        if outcome.records.is_empty() {
            guards.push(Guard::NothingCompared);
        }
        if matches!(self.kind, Kind::Exact | Kind::Bound) && !self.notices_a_near_miss(run, seed) {
            guards.push(Guard::NearMissPassed);
        }
        if guard::is_loose(self.kind, self.tolerance, &outcome.records) {
            guards.push(Guard::LooseTolerance);
        }
        for (i, a) in falsifiers.iter().enumerate() {
            let same = falsifiers[..i].iter().filter(|b| judge::agree(&a.outcome, &b.outcome));
            guards.extend(same.map(|b| Guard::SameFalsifiers(b.id.to_owned(), a.id.to_owned())));
        }
        let (planned, done) = (self.tests, outcome.records.len() as u64);
        if self.kind.is_statistical() && outcome.problem.is_none() && done != planned {
            guards.push(Guard::WrongNumberOfTests { planned, done });
        }
        guards
    }

    /// An exact check must notice a nudge either way, a bound in the direction that breaks it.
    fn notices_a_near_miss(&self, run: Run<'_>, seed: u64) -> bool {
        let Tolerance { absolute, relative, .. } = self.tolerance;
        let rejects = |sign: f64| {
            let factor = sign * NEAR_MISS;
            let nudge = Perturbation { absolute: factor * absolute, relative: factor * relative };
            !self.outcome(run, Who::Candidate(nudge), seed).passes()
        };
        if self.kind == Kind::Exact {
            rejects(1.0) && rejects(-1.0)
        } else {
            rejects(1.0) || rejects(-1.0)
        }
    }

    fn outcomes_of_mistakes(&self, run: Run<'_>, seed: u64) -> Vec<Outcome> {
        let mistakes = 0..self.mistakes.len();
        mistakes.map(|index| self.outcome(run, Who::Mistaken(index), seed)).collect()
    }

    fn outcome(&self, run: Run<'_>, who: Who, seed: u64) -> Outcome {
        let mut trial = Trial {
            tolerance: self.tolerance,
            rates: rates_of_a_claim(self.tests),
            seed,
            claim: stable_hash(self.id),
            records: Vec::new(),
        };
        let result = panic::catch_unwind(AssertUnwindSafe(|| run(who, &mut trial)));
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
