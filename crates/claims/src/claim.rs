//! Declaring a claim, and running it.

use std::sync::Arc;

use crate::exam::{Checked, Exam};
use crate::judge::Judgement;
use crate::paper::Paper;
use crate::record::{Kind, Tolerance};
use crate::report::{Report, Source, Verdict};
use crate::subject::Subject;
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
        let Self { id, statement, source } = self;
        let paper = Paper { id, statement, source, kind, tolerance, tests, mistakes: Vec::new() };
        Checked { paper, check: Arc::new(check) }
    }
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
    fn run(&self, seed: u64) -> Report;
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
    fn run(&self, seed: u64) -> Report {
        Self::run(self, seed)
    }
}
