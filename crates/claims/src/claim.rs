//! Declaring a claim, and running it.

use std::sync::Arc;

use crate::domain::Domain;
use crate::exam::{Checked, Exam};
use crate::judge::Judgement;
use crate::paper::Paper;
use crate::record::{Kind, Tolerance};
use crate::report::{Report, Source, Verdict};
use crate::scope::{Cause, Scope, Setting};
use crate::subject::Subject;
use crate::trial::{Cases, Check, Draws, Margins, Ratios, Runs, Trial};

/// Begins a claim; `id` is `chapter/claim`, in lower case with hyphens.
#[must_use]
pub fn claim(id: &'static str) -> Draft {
    Draft { id, statement: "", source: Source { row: None, work: None } }
}

/// A claim of which it is not known yet what kind of sentence it is, and so what its check has to cover. A universal one
/// needs a domain:
///
/// ```compile_fail,E0599
/// # use claims::{Tolerance, claim};
/// let of_no_domain = claim("example/identity")
///     .says("f(x) = x for every x.")
///     .exact(Tolerance::relative(1e-15), |f: &claims::Subject<fn(f64) -> f64>, cases| {
///         cases.equal("x = 2", f.output(|f| f(2.0)), 2.0); // there is no such method before `for_every`
///         Ok(())
///     });
/// ```
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

    /// *For every* case of a domain. The check is given one case at a time.
    #[must_use]
    pub fn for_every<const N: usize>(self, domain: Domain<N>) -> ForEvery<N> {
        ForEvery(self.scoped(Scope::ForEvery(domain.0)))
    }

    /// *There is* an example, or a counter-example.
    #[must_use]
    pub fn there_is(self) -> Scoped {
        self.scoped(Scope::ThereIs)
    }

    /// *Measured*, on this and no more.
    #[must_use]
    pub fn measured(self, on: Setting) -> Scoped {
        self.scoped(Scope::Measured(on))
    }

    /// *Because*: the check measures an [effect](Runs::effect) with the cause and without it.
    #[must_use]
    pub fn because(self, cause: Cause) -> Scoped {
        self.scoped(Scope::Because(cause))
    }

    fn scoped(self, scope: Scope) -> Scoped {
        let Self { id, statement, source } = self;
        Scoped { id, statement, source, scope: Some(scope) }
    }
}

/// An exam of somebody's implementation, which states nothing.
#[must_use]
pub fn exam(id: &'static str) -> Scoped {
    Scoped { id, statement: "", source: Source { row: None, work: None }, scope: None }
}

/// A claim of which it is known what kind of sentence it is, and no check yet.
#[derive(Clone, Debug)]
pub struct Scoped {
    id: &'static str,
    statement: &'static str,
    source: Source,
    scope: Option<Scope>,
}

impl Scoped {
    /// To be checked by numbers that must agree.
    pub fn exact<I>(
        self,
        tolerance: Tolerance,
        check: impl Fn(&Subject<I>, &mut Cases<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        self.checked(Kind::Exact, tolerance, 0, move |s, _, t| check(s, &mut Cases(t)))
    }

    /// To be checked by an inequality. The tolerance is for rounding.
    pub fn bound<I>(
        self,
        tolerance: Tolerance,
        check: impl Fn(&Subject<I>, &mut Margins<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        self.checked(Kind::Bound, tolerance, 0, move |s, _, t| check(s, &mut Margins(t)))
    }

    /// To be checked by so many statistical tests, which share the claim's false-alarm rate.
    pub fn statistical<I>(
        self,
        tests: u64,
        check: impl Fn(&Subject<I>, &mut Draws<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        let none = Tolerance::absolute(0.0);
        self.checked(Kind::Statistical, none, tests, move |s, _, t| check(s, &mut Draws(t)))
    }

    /// To be checked by so many measured ratios, which share the claim's false-alarm rate.
    pub fn ratio<I>(
        self,
        tests: u64,
        check: impl Fn(&Subject<I>, &mut Ratios<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        let none = Tolerance::absolute(0.0);
        self.checked(Kind::Ratio, none, tests, move |s, _, t| check(s, &mut Ratios(t)))
    }

    /// To be checked by training.
    pub fn trained<I>(
        self,
        check: impl Fn(&Subject<I>, &mut Runs<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        let none = Tolerance::absolute(0.0);
        self.checked(Kind::Trained, none, 0, move |s, _, t| check(s, &mut Runs(t)))
    }

    fn checked<I>(
        self,
        kind: Kind,
        tolerance: Tolerance,
        tests: u64,
        check: impl Fn(&Subject<I>, &[f64], &mut Trial) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        let Self { id, statement, source, scope } = self;
        let mistakes = Vec::new();
        let paper = Paper { id, statement, source, scope, kind, tolerance, tests, mistakes };
        Checked { paper, check: Arc::new(check) }
    }
}

/// A claim about every case of a domain, of which no check is known yet. A check gets one case at a time, as the values of
/// the domain's variables, and the claim's seed decides which cases.
#[derive(Clone, Debug)]
pub struct ForEvery<const N: usize>(Scoped);

impl<const N: usize> ForEvery<N> {
    /// To be checked by numbers that must agree.
    pub fn exact<I>(
        self,
        tolerance: Tolerance,
        check: impl Fn(&Subject<I>, [f64; N], &mut Cases<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        let check = move |s: &_, case: &[f64], t: &mut _| check(s, of(case), &mut Cases(t));
        self.0.checked(Kind::Exact, tolerance, 0, check)
    }

    /// To be checked by an inequality. The tolerance is for rounding.
    pub fn bound<I>(
        self,
        tolerance: Tolerance,
        check: impl Fn(&Subject<I>, [f64; N], &mut Margins<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        let check = move |s: &_, case: &[f64], t: &mut _| check(s, of(case), &mut Margins(t));
        self.0.checked(Kind::Bound, tolerance, 0, check)
    }

    /// To be checked by so many statistical tests in each case; they share the claim's false-alarm rate.
    pub fn statistical<I>(
        self,
        tests: u64,
        check: impl Fn(&Subject<I>, [f64; N], &mut Draws<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        let none = Tolerance::absolute(0.0);
        let check = move |s: &_, case: &[f64], t: &mut _| check(s, of(case), &mut Draws(t));
        self.0.checked(Kind::Statistical, none, tests, check)
    }

    /// To be checked by so many measured ratios in each case, which share the claim's false-alarm rate.
    pub fn ratio<I>(
        self,
        tests: u64,
        check: impl Fn(&Subject<I>, [f64; N], &mut Ratios<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        let none = Tolerance::absolute(0.0);
        let check = move |s: &_, case: &[f64], t: &mut _| check(s, of(case), &mut Ratios(t));
        self.0.checked(Kind::Ratio, none, tests, check)
    }

    /// To be checked by training.
    pub fn trained<I>(
        self,
        check: impl Fn(&Subject<I>, [f64; N], &mut Runs<'_>) -> Check + Send + Sync + 'static,
    ) -> Checked<I> {
        let none = Tolerance::absolute(0.0);
        let check = move |s: &_, case: &[f64], t: &mut _| check(s, of(case), &mut Runs(t));
        self.0.checked(Kind::Trained, none, 0, check)
    }
}

/// The case of a domain of `N` variables.
fn of<const N: usize>(case: &[f64]) -> [f64; N] {
    case.try_into().expect("a case of the domain")
}

impl<I> Checked<I> {
    /// The implementation of which the claim holds.
    pub fn holds_for(self, reference: I) -> Holding<I> {
        Holding { checked: self, reference }
    }
}

/// A claim that lacks only the proof that its check can fail. It is no [`Claim`], and cannot be run:
///
/// ```compile_fail,E0599
/// # use claims::{Tolerance, claim, domain, real};
/// let unchallenged = claim("example/identity")
///     .says("f(x) = x.")
///     .for_every(domain([real("x", -1.0..=1.0)]))
///     .exact(Tolerance::relative(1e-15), |f: &claims::Subject<fn(f64) -> f64>, [x], cases| {
///         cases.equal("", f.output(|f| f(x)), x);
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
        let exam = self.checked.fails_for(id, diagnosis, mistaken);
        Claim { exam, reference: self.reference }
    }
}

/// A statement with a check, the implementation of which it holds, and at least one of which it does not.
pub struct Claim<I> {
    exam: Exam<I>,
    reference: I,
}

impl<I: Clone> Claim<I> {
    /// One more plausible mistake.
    #[must_use]
    pub fn fails_for(self, id: &'static str, diagnosis: &'static str, mistaken: I) -> Self {
        Self { exam: self.exam.fails_for(id, diagnosis, mistaken), ..self }
    }

    /// Runs the check on the reference, on every falsifier, and on the reference nudged.
    #[must_use]
    pub fn run(&self, seed: u64) -> Report {
        self.exam.examine(&self.reference, seed)
    }

    /// The same with `effort` times the usual search for a counter-example.
    #[must_use]
    pub fn hunt(&self, seed: u64, effort: usize) -> Report {
        self.exam.hunted(&self.reference, seed, effort)
    }

    /// Runs the check on somebody's implementation and says what is wrong with it.
    #[must_use]
    pub fn judge(&self, implementation: &I, seed: u64) -> Judgement {
        self.exam.judge(implementation, seed)
    }
}

/// A claim about implementations of any type, as lists of claims hold it.
pub trait AnyClaim: Send + Sync {
    /// All of it but the implementations.
    fn paper(&self) -> &Paper;
    /// Runs it.
    fn run(&self, seed: u64) -> Report {
        self.hunt(seed, 1)
    }
    /// Runs it with `effort` times the usual search for a counter-example.
    fn hunt(&self, seed: u64, effort: usize) -> Report;
    /// Boxes of the domain in which outputs may be wrong without the check noticing; none if it has no domain.
    fn unseen(&self, seed: u64) -> Vec<String>;
}

impl dyn AnyClaim + '_ {
    /// `chapter/claim`
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.paper().id
    }
    /// What is claimed.
    #[must_use]
    pub fn statement(&self) -> &'static str {
        self.paper().statement
    }
    /// Where it comes from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.paper().source
    }
    /// What kind of sentence it is.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        self.paper().scope.as_ref()
    }
    /// The kind of evidence.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.paper().kind
    }
    /// The names of its falsifiers; one at least.
    #[must_use]
    pub fn falsifiers(&self) -> Vec<&'static str> {
        self.paper().mistakes.iter().map(|mistake| mistake.id).collect()
    }
}

impl<I: Clone + Send + Sync> AnyClaim for Claim<I> {
    fn paper(&self) -> &Paper {
        self.exam.paper()
    }
    fn hunt(&self, seed: u64, effort: usize) -> Report {
        Self::hunt(self, seed, effort)
    }
    fn unseen(&self, seed: u64) -> Vec<String> {
        self.exam.unseen(&self.reference, seed)
    }
}
