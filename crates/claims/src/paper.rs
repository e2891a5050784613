//! All of an exam but its implementations: what is stated, how strictly it is checked, which mistakes are known. What
//! stands here is compiled once, and not once for each type of implementation.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

use serde::Serialize;

use prob::random::stream;

use crate::budget::rates_of_a_claim;
use crate::domain::Space;
use crate::guard::{self, Guard, NEAR_MISS};
use crate::hunt;
use crate::judge::{self, Judgement};
use crate::record::{Kind, Record, Tolerance};
use crate::report::{FalsifierReport, Outcome, Report, Source};
use crate::scope::Scope;
use crate::subject::Perturbation;
use crate::trial::{Check, Trial};

/// Names the random stream that chooses the cases of a domain, beside those of the check.
const CASES: u64 = u64::MAX - 5;

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
    /// What kind of sentence it is; none of a student's exercise, which is no sentence.
    pub(crate) scope: Option<Scope>,
    pub(crate) kind: Kind,
    pub(crate) tolerance: Tolerance,
    /// Statistical tests that the check makes, in each case of the domain if there is one; 0 if it is of another kind.
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

/// Runs the check on somebody's outputs, in one case of the domain; in no case, if there is no domain.
pub(crate) type Run<'a> = &'a dyn Fn(Who, &[f64], &mut Trial) -> Check;

/// What came of one case of a domain.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    pub(crate) case: Vec<f64>,
    /// How near it came to failing; above 1 it fails.
    pub(crate) pressure: f64,
    /// The number that was furthest off.
    pub(crate) worst: Option<Record>,
    pub(crate) problem: Option<String>,
}

/// What a check found in the cases that it was given.
pub(crate) struct Examined {
    pub(crate) outcome: Outcome,
    pub(crate) looked: Vec<Looked>,
}

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

    /// The check of the candidate, of every mistake, and of the candidate nudged; `effort` times the usual search for a
    /// counter-example.
    pub(crate) fn examine(&self, run: Run<'_>, seed: u64, effort: usize) -> Report {
        let who = Who::Candidate(Perturbation::NONE);
        let mut examined = self.examined(run, who, self.cases(seed), seed);
        let outcomes = self.outcomes_of_mistakes(run, seed);
        let reported = |(&Mistake { id, diagnosis }, outcome): (&Mistake, Outcome)| {
            FalsifierReport { id, diagnosis, rejected: !outcome.passes(), outcome }
        };
        let falsifiers: Vec<_> = self.mistakes.iter().zip(outcomes).map(reported).collect();
        let guards = self.guards(&examined, &falsifiers, run, seed);
        let hunted = match &self.scope {
            Some(Scope::ForEvery(space)) => {
                Some(hunt::hunt(self, space, &mut examined, run, (seed, effort)))
            }
            _ => None,
        };
        let tests = self.all_tests(seed);
        let rates = rates_of_a_claim(tests);
        let random = self.kind.is_statistical();
        Report {
            id: self.id,
            statement: self.statement,
            source: self.source.clone(),
            scope: self.scope.clone(),
            kind: self.kind,
            seed,
            outcome: examined.outcome,
            hunted,
            alpha: if random { rates.alpha() * tests as f64 } else { 0.0 },
            power: if random { rates.power() } else { 1.0 },
            falsifiers,
            guards,
        }
    }

    /// Boxes of the domain in which outputs may be wrong without the check noticing; none of a claim without a domain.
    pub(crate) fn unseen(&self, run: Run<'_>, seed: u64) -> Vec<String> {
        let examined =
            self.examined(run, Who::Candidate(Perturbation::NONE), self.cases(seed), seed);
        self.holes(&examined, run, seed)
    }

    fn holes(&self, examined: &Examined, run: Run<'_>, seed: u64) -> Vec<String> {
        match (&self.scope, self.kind) {
            (Some(Scope::ForEvery(space)), Kind::Exact | Kind::Bound) => {
                hunt::unseen(self, space, &examined.looked, run, seed)
            }
            _ => Vec::new(),
        }
    }

    fn guards(
        &self,
        examined: &Examined,
        falsifiers: &[FalsifierReport],
        run: Run<'_>,
        seed: u64,
    ) -> Vec<Guard> {
        let outcome = &examined.outcome;
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
        if outcome.passes() {
            guards.extend(self.holes(examined, run, seed).into_iter().map(Guard::HolePassed));
        }
        for (i, a) in falsifiers.iter().enumerate() {
            let same = falsifiers[..i].iter().filter(|b| judge::agree(&a.outcome, &b.outcome));
            guards.extend(same.map(|b| Guard::SameFalsifiers(b.id.to_owned(), a.id.to_owned())));
        }
        let (planned, done) = (self.all_tests(seed), outcome.records.len() as u64);
        if self.kind.is_statistical() && outcome.problem.is_none() && done != planned {
            guards.push(Guard::WrongNumberOfTests { planned, done });
        }
        if matches!(self.scope, Some(Scope::Because(_))) && outcome.interventions == 0 {
            guards.push(Guard::NoIntervention);
        }
        guards
    }

    /// An exact check must notice a nudge either way, a bound in the direction that breaks it.
    fn notices_a_near_miss(&self, run: Run<'_>, seed: u64) -> bool {
        let rejects =
            |sign: f64| !self.outcome(run, Who::Candidate(self.near_miss(sign)), seed).passes();
        if self.kind == Kind::Exact {
            rejects(1.0) && rejects(-1.0)
        } else {
            rejects(1.0) || rejects(-1.0)
        }
    }

    /// Outputs off by ten times the tolerance.
    pub(crate) fn near_miss(&self, sign: f64) -> Perturbation {
        let Tolerance { absolute, relative, .. } = self.tolerance;
        let factor = sign * NEAR_MISS;
        Perturbation { absolute: factor * absolute, relative: factor * relative }
    }

    fn outcomes_of_mistakes(&self, run: Run<'_>, seed: u64) -> Vec<Outcome> {
        let mistakes = 0..self.mistakes.len();
        mistakes.map(|index| self.outcome(run, Who::Mistaken(index), seed)).collect()
    }

    fn outcome(&self, run: Run<'_>, who: Who, seed: u64) -> Outcome {
        self.examined(run, who, self.cases(seed), seed).outcome
    }

    /// The cases that the check goes through at a seed; a single one without a value if there is no domain.
    fn cases(&self, seed: u64) -> Vec<Vec<f64>> {
        match self.space() {
            Some(space) => space.to_try(&mut stream(seed, [self.stream(), CASES]), 1),
            None => vec![Vec::new()],
        }
    }

    fn space(&self) -> Option<&Space> {
        match &self.scope {
            Some(Scope::ForEvery(space)) => Some(space),
            _ => None,
        }
    }

    /// How many statistical tests are made in all cases together.
    fn all_tests(&self, seed: u64) -> u64 {
        if self.tests == 0 { 0 } else { self.tests * self.cases(seed).len() as u64 }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The claim's name among random streams.
    pub(crate) fn stream(&self) -> u64 {
        stable_hash(self.id)
    }

    /// The check in some cases.
    pub(crate) fn examined(
        &self,
        run: Run<'_>,
        who: Who,
        cases: Vec<Vec<f64>>,
        seed: u64,
    ) -> Examined {
        let tests = self.tests * cases.len() as u64;
        let mut trial = Trial {
            tolerance: self.tolerance,
            rates: rates_of_a_claim(tests),
            seed,
            claim: self.stream(),
            interventions: 0,
            at: String::new(),
            records: Vec::new(),
        };
        let mut looked = Vec::with_capacity(cases.len());
        let mut first_problem = None;
        for case in cases {
            if let Some(space) = self.space() {
                trial.at = space.shown(&case);
            }
            let before = trial.records.len();
            let result = panic::catch_unwind(AssertUnwindSafe(|| run(who, &case, &mut trial)));
            let problem = match result {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(panic) => Some(format!("panicked: {}", panic_message(panic.as_ref()))),
            };
            let look = Looked::new(case, &trial.records[before..], problem, self.kind);
            if let (None, Some(problem)) = (&first_problem, &look.problem) {
                let at =
                    if trial.at.is_empty() { String::new() } else { format!(" at {}", trial.at) };
                first_problem = Some(format!("{problem}{at}"));
            }
            looked.push(look);
        }
        let Trial { records, interventions, .. } = trial;
        Examined { outcome: Outcome { records, problem: first_problem, interventions }, looked }
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
