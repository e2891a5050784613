//! Declaring a claim, and running it.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use crate::budget::rates_of_a_claim;
use crate::guard::{self, Guard, NEAR_MISS};
use crate::judge::{self, Judgement};
use crate::record::{Kind, Tolerance};
use crate::report::{FalsifierReport, Outcome, Report, Source, Verdict};
use crate::subject::{Perturbation, Subject};
use crate::trial::{Cases, Check, Draws, Margins, Ratios, Runs, Trial};

/// Begins a claim; `id` is `chapter/claim`, in lower case with hyphens.
#[must_use]
pub fn claim(id: &'static str) -> Draft {
    Draft { id, statement: "", source: Source { row: None, work: None } }
}

/// A claim of which no check is known yet.
#[derive(Clone, Debug)]
pub struct Draft {
    id: &'static str,
    statement: &'static str,
    source: Source,
}

impl Draft {
    /// What is claimed, in one sentence.
    #[must_use]
    pub fn says(self, statement: &'static str) -> Self {
        Self { statement, ..self }
    }

    /// The row of the source documents' audit that the claim settles.
    #[must_use]
    pub fn settles(mut self, row: &'static str, verdict: Verdict) -> Self {
        self.source.row = Some((row, verdict));
        self
    }

    /// The paper or textbook that it is from.
    #[must_use]
    pub fn after(mut self, work: &'static str) -> Self {
        self.source.work = Some(work);
        self
    }

    /// To be checked by numbers that must agree.
    pub fn exact<I>(
        self,
        tolerance: Tolerance,
        check: impl Fn(&Subject<I>, &mut Cases<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        self.checked(Kind::Exact, tolerance, 0, move |s, t| check(s, &mut Cases(t)))
    }

    /// To be checked by an inequality. The tolerance is for rounding.
    pub fn bound<I>(
        self,
        tolerance: Tolerance,
        check: impl Fn(&Subject<I>, &mut Margins<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        self.checked(Kind::Bound, tolerance, 0, move |s, t| check(s, &mut Margins(t)))
    }

    /// To be checked by so many statistical tests, which share the claim's false-alarm rate.
    pub fn statistical<I>(
        self,
        tests: u64,
        check: impl Fn(&Subject<I>, &mut Draws<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        let none = Tolerance::absolute(0.0);
        self.checked(Kind::Statistical, none, tests, move |s, t| check(s, &mut Draws(t)))
    }

    /// To be checked by so many measured ratios, which share the claim's false-alarm rate.
    pub fn ratio<I>(
        self,
        tests: u64,
        check: impl Fn(&Subject<I>, &mut Ratios<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        let none = Tolerance::absolute(0.0);
        self.checked(Kind::Ratio, none, tests, move |s, t| check(s, &mut Ratios(t)))
    }

    /// To be checked by training.
    pub fn trained<I>(
        self,
        check: impl Fn(&Subject<I>, &mut Runs<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        let none = Tolerance::absolute(0.0);
        self.checked(Kind::Trained, none, 0, move |s, t| check(s, &mut Runs(t)))
    }

    fn checked<I>(
        self,
        kind: Kind,
        tolerance: Tolerance,
        tests: u64,
        check: impl Fn(&Subject<I>, &mut Trial) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        Checked { draft: self, kind, tolerance, tests, check: Arc::new(check) }
    }
}

type AnyCheck<I> = Arc<dyn Fn(&Subject<I>, &mut Trial) -> Check + Send + Sync>;

/// A claim with a check, of which no implementation is known yet.
pub struct Checked<I> {
    draft: Draft,
    kind: Kind,
    tolerance: Tolerance,
    tests: u64,
    check: AnyCheck<I>,
}

impl<I> Checked<I> {
    /// The implementation of which the claim holds.
    pub fn holds_for(self, reference: I) -> Holding<I> {
        Holding { checked: self, reference }
    }
}

/// A claim that lacks only the proof that its check can fail. It is no [`Claim`], and cannot be run:
///
/// ```compile_fail
/// # use claims::{Tolerance, claim};
/// let unchallenged = claim("example/identity")
///     .says("f(x) = x.")
///     .exact(Tolerance::relative(1e-15), |f: &claims::Subject<fn(f64) -> f64>, cases| {
///         cases.equal("x = 2", f.output(|f| f(2.0)), 2.0);
///         Ok(())
///     })
///     .holds_for((|x| x) as fn(f64) -> f64);
/// unchallenged.run(1); // there is no such method before `fails_for`
/// ```
pub struct Holding<I> {
    checked: Checked<I>,
    reference: I,
}

impl<I> Holding<I> {
    /// A plausible mistake that the check must reject, and what to tell who makes it.
    pub fn fails_for(self, id: &'static str, diagnosis: &'static str, mistaken: I) -> Claim<I> {
        let falsifiers = vec![Falsifier { id, diagnosis, implementation: mistaken }];
        Claim { checked: self.checked, reference: self.reference, falsifiers }
    }
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

/// A statement with a check, the implementation of which it holds, and at least one of which it does not.
pub struct Claim<I> {
    checked: Checked<I>,
    reference: I,
    falsifiers: Vec<Falsifier<I>>,
}

impl<I: Clone> Claim<I> {
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

    /// Runs the check on the reference, on every falsifier, and on the reference nudged.
    #[must_use]
    pub fn run(&self, seed: u64) -> Report {
        let Checked { draft, kind, tolerance, tests, .. } = &self.checked;
        let outcome = self.outcome(Subject::new(self.reference.clone()), seed);
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
        if matches!(kind, Kind::Exact | Kind::Bound) && !self.notices_a_near_miss(seed) {
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

    /// Runs the check on somebody's implementation and says what is wrong with it.
    #[must_use]
    pub fn judge(&self, implementation: I, seed: u64) -> Judgement {
        let outcome = self.outcome(Subject::new(implementation), seed);
        if outcome.passes() {
            return Judgement::Correct(outcome);
        }
        match self.nearest(&outcome, &self.falsifier_outcomes(seed)) {
            Some(&Falsifier { id, diagnosis, .. }) => {
                Judgement::Known { falsifier: id, diagnosis, outcome }
            }
            None => Judgement::Wrong(outcome),
        }
    }

    fn falsifier_outcomes(&self, seed: u64) -> Vec<Outcome> {
        let implementations = self.falsifiers.iter().map(|f| f.implementation.clone());
        implementations.map(|mistaken| self.outcome(Subject::new(mistaken), seed)).collect()
    }

    /// The falsifier that an outcome agrees with best, if with any.
    fn nearest(&self, outcome: &Outcome, falsifiers: &[Outcome]) -> Option<&Falsifier<I>> {
        let distances = falsifiers.iter().map(|other| judge::distance(outcome, other));
        self.falsifiers
            .iter()
            .zip(distances)
            .filter_map(|(falsifier, distance)| Some((distance.filter(|&d| d <= 1.0)?, falsifier)))
            .min_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, falsifier)| falsifier)
    }

    /// An exact check must notice a nudge either way, a bound in the direction that breaks it.
    fn notices_a_near_miss(&self, seed: u64) -> bool {
        let Tolerance { absolute, relative, .. } = self.checked.tolerance;
        let rejects = |sign: f64| {
            let factor = sign * NEAR_MISS;
            let nudge = Perturbation { absolute: factor * absolute, relative: factor * relative };
            !self.outcome(Subject::nudged(self.reference.clone(), nudge), seed).passes()
        };
        if self.checked.kind == Kind::Exact {
            rejects(1.0) && rejects(-1.0)
        } else {
            rejects(1.0) || rejects(-1.0)
        }
    }

    fn outcome(&self, subject: Subject<I>, seed: u64) -> Outcome {
        let Checked { draft, tolerance, tests, check, .. } = &self.checked;
        let mut trial = Trial {
            tolerance: *tolerance,
            rates: rates_of_a_claim(*tests),
            seed,
            claim: stable_hash(draft.id),
            records: Vec::new(),
        };
        let result = panic::catch_unwind(AssertUnwindSafe(|| check(&subject, &mut trial)));
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

/// A claim about implementations of any type, as lists of claims hold it.
pub trait AnyClaim: Send + Sync {
    /// `chapter/claim`
    fn id(&self) -> &'static str;
    /// What is claimed.
    fn statement(&self) -> &'static str;
    /// Where it comes from.
    fn source(&self) -> &Source;
    /// The kind of evidence.
    fn kind(&self) -> Kind;
    /// How many falsifiers it has; one at least.
    fn falsifier_count(&self) -> usize;
    /// Runs it.
    fn run(&self, seed: u64) -> Report;
    /// Hands each falsifier in as somebody's implementation: its name, and the name under which it was
    /// diagnosed, if it was.
    fn self_diagnosis(&self, seed: u64) -> Vec<(&'static str, Option<&'static str>)>;
}

impl<I: Clone + Send + Sync> AnyClaim for Claim<I> {
    fn id(&self) -> &'static str {
        self.checked.draft.id
    }
    fn statement(&self) -> &'static str {
        self.checked.draft.statement
    }
    fn source(&self) -> &Source {
        &self.checked.draft.source
    }
    fn kind(&self) -> Kind {
        self.checked.kind
    }
    fn falsifier_count(&self) -> usize {
        self.falsifiers.len()
    }
    fn run(&self, seed: u64) -> Report {
        Self::run(self, seed)
    }
    fn self_diagnosis(&self, seed: u64) -> Vec<(&'static str, Option<&'static str>)> {
        let outcomes = self.falsifier_outcomes(seed);
        let named = |(falsifier, outcome): (&Falsifier<I>, &Outcome)| {
            let diagnosed = if outcome.passes() { None } else { self.nearest(outcome, &outcomes) };
            (falsifier.id, diagnosed.map(|falsifier| falsifier.id))
        };
        self.falsifiers.iter().zip(&outcomes).map(named).collect()
    }
}
