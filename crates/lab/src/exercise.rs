//! Declaring an exercise, and judging who does it.

use std::sync::Arc;

use claims::{
    Cases, Check, Checked, Draws, Exam, Judgement, Kind, Margins, Outcome, Subject, Tolerance,
};
use serde::Serialize;
use serde_json::Value;

use crate::call::{Conversation, Exchange};
use crate::plain::shortened;
use crate::{Call, Example, Failure, Functions, Plain, Printed, Started, Student, Verdict};

/// Questions that are asked a second time, in another process and in the opposite order.
const REPEATED: usize = 8;

/// Characters of a question or an answer that are shown.
const SHOWN: usize = 160;

/// Begins an exercise. `function` is its name in the student's file.
#[must_use]
pub fn exercise(function: &'static str) -> Draft {
    Draft(About { function, title: "", minutes: 0, points: 0, hints: &[] })
}

/// What a reader is told of an exercise, besides the problem, which stands in the student's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// The name of the function to be written.
    pub function: &'static str,
    /// A few words.
    pub title: &'static str,
    /// How long it takes who has read the chapter.
    pub minutes: u32,
    /// What it counts.
    pub points: u32,
    /// From a nudge to nearly the formula.
    pub hints: &'static [&'static str],
}

/// A plausible mistake, as a list shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// Its name within the exercise.
    pub id: &'static str,
    /// The sentence for who made it.
    pub diagnosis: &'static str,
}

/// An exercise without a check.
#[derive(Clone, Copy, Debug)]
pub struct Draft(About);

impl Draft {
    /// A few words that say what it is about.
    #[must_use]
    pub fn title(self, title: &'static str) -> Self {
        Self(About { title, ..self.0 })
    }

    /// How long it takes who has read the chapter.
    #[must_use]
    pub fn minutes(self, minutes: u32) -> Self {
        Self(About { minutes, ..self.0 })
    }

    /// What it counts.
    #[must_use]
    pub fn points(self, points: u32) -> Self {
        Self(About { points, ..self.0 })
    }

    /// From a nudge to nearly the formula.
    #[must_use]
    pub fn hints(self, hints: &'static [&'static str]) -> Self {
        Self(About { hints, ..self.0 })
    }

    /// To be checked by numbers that must agree. Put the smallest case first: the first that fails is shown.
    pub fn exact<I, O>(
        self,
        tolerance: Tolerance,
        check: impl Fn(&Subject<Call<I, O>>, &mut Cases<'_>) -> Check + Send + Sync + 'static,
    ) -> Unchallenged<I, O> {
        let checked = claims::claim(self.0.function).exact(tolerance, check);
        Unchallenged { about: self.0, kind: Kind::Exact, checked }
    }

    /// To be checked by an inequality. The tolerance is for rounding.
    pub fn bound<I, O>(
        self,
        tolerance: Tolerance,
        check: impl Fn(&Subject<Call<I, O>>, &mut Margins<'_>) -> Check + Send + Sync + 'static,
    ) -> Unchallenged<I, O> {
        let checked = claims::claim(self.0.function).bound(tolerance, check);
        Unchallenged { about: self.0, kind: Kind::Bound, checked }
    }

    /// To be checked by so many statistical tests.
    pub fn statistical<I, O>(
        self,
        tests: u64,
        check: impl Fn(&Subject<Call<I, O>>, &mut Draws<'_>) -> Check + Send + Sync + 'static,
    ) -> Unchallenged<I, O> {
        let checked = claims::claim(self.0.function).statistical(tests, check);
        Unchallenged { about: self.0, kind: Kind::Statistical, checked }
    }
}

/// An exercise that lacks the proof that its check can fail: it cannot be put into a [`Lab`] yet.
pub struct Unchallenged<I, O> {
    about: About,
    kind: Kind,
    checked: Checked<Call<I, O>>,
}

impl<I: 'static, O: 'static> Unchallenged<I, O> {
    /// A plausible mistake, and the sentence for who makes it: what was done, and what to do instead.
    pub fn mistaken(
        self,
        id: &'static str,
        diagnosis: &'static str,
        function: impl Fn(I) -> O + Send + Sync + 'static,
    ) -> Exercise<I, O> {
        let exam = self.checked.fails_for(id, diagnosis, Call::here(function));
        Exercise { about: self.about, kind: self.kind, exam }
    }
}

/// A function to be written, from `I` to `O`.
pub struct Exercise<I, O> {
    about: About,
    kind: Kind,
    exam: Exam<Call<I, O>>,
}

impl<I: 'static, O: 'static> Exercise<I, O> {
    /// One more plausible mistake.
    #[must_use]
    pub fn mistaken(
        self,
        id: &'static str,
        diagnosis: &'static str,
        function: impl Fn(I) -> O + Send + Sync + 'static,
    ) -> Self {
        Self { exam: self.exam.fails_for(id, diagnosis, Call::here(function)), ..self }
    }
}

/// What came of judging a student's function.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessment {
    /// What is said of it.
    pub verdict: Verdict,
    /// What it printed meanwhile.
    pub printed: Printed,
}

/// An exercise on a function of any type, as a lab holds it.
pub trait AnyExercise: Send + Sync {
    /// What a reader is told.
    fn about(&self) -> &About;

    /// The mistakes that are known.
    fn mistakes(&self) -> Vec<Mistake>;

    /// Judges a student. `start` is called twice, the second time for the questions that are repeated. The seed decides
    /// which cases are tried, where they are random.
    fn assess(&self, start: &dyn Fn() -> Started, seed: u64) -> Assessment;

    /// A student who makes this mistake, if there is such a one.
    fn making(&self, mistake: &str) -> Option<Functions>;

    /// What is wrong with the exercise itself, given a student who solves it: the solution is rejected or a mistake passes,
    /// two mistakes are the same, or the check is too weak.
    fn complaints(&self, solution: &Arc<dyn Student>, seed: u64) -> Vec<String>;
}

impl<I: Plain + Clone + 'static, O: Plain + 'static> AnyExercise for Exercise<I, O> {
    fn about(&self) -> &About {
        &self.about
    }

    fn mistakes(&self) -> Vec<Mistake> {
        let shown = |f: &claims::Falsifier<_>| Mistake { id: f.id, diagnosis: f.diagnosis };
        self.exam.falsifiers().iter().map(shown).collect()
    }

    fn assess(&self, start: &dyn Fn() -> Started, seed: u64) -> Assessment {
        let student = match start() {
            Ok(student) => student,
            Err(failure) => {
                return Assessment { verdict: failed(failure, ""), printed: Printed::default() };
            }
        };
        let conversation = Arc::new(Conversation::new(Arc::clone(&student), self.about.function));
        let judgement = self.exam.judge(Call::student(&conversation), seed);
        let exchanges = conversation.exchanges().clone();
        let verdict = match exchanges.last() {
            Some(Exchange { answer: Err(failure), input }) => {
                failed(failure.clone(), &shown(input))
            }
            _ => another_answer(&exchanges, self.about.function, start)
                .unwrap_or_else(|| verdict(self.kind, judgement)),
        };
        Assessment { verdict, printed: student.printed() }
    }

    fn making(&self, mistake: &str) -> Option<Functions> {
        let found = self.exam.falsifiers().iter().find(|falsifier| falsifier.id == mistake)?;
        let mistaken = found.implementation.clone();
        Some(Functions::new().try_with(self.about.function, move |input: I| mistaken.call(&input)))
    }

    fn complaints(&self, solution: &Arc<dyn Student>, seed: u64) -> Vec<String> {
        let conversation = Arc::new(Conversation::new(Arc::clone(solution), self.about.function));
        let report = self.exam.examine(&Call::student(&conversation), seed);
        let mut complaints = Vec::new();
        if !report.outcome.passes() {
            let (worst, problem) = (report.outcome.worst(), &report.outcome.problem);
            complaints.push(format!("the solution is rejected: {worst:?} {problem:?}"));
        }
        let passed = report.falsifiers.iter().filter(|falsifier| !falsifier.rejected);
        complaints.extend(passed.map(|falsifier| format!("{} passes", falsifier.id)));
        complaints.extend(report.guards.iter().map(|guard| format!("{guard:?}")));
        let misread = report.diagnoses().into_iter().filter(|(id, by)| *by != Some(id));
        complaints.extend(misread.map(|(id, by)| format!("{id} is read as {by:?}")));
        complaints
    }
}

fn shown(value: &Value) -> String {
    shortened(&value.to_string(), SHOWN)
}

fn failed(failure: Failure, asked: &str) -> Verdict {
    let asked = asked.to_owned();
    match failure {
        Failure::NotDone => Verdict::NotDone,
        Failure::Panicked { message, place } => Verdict::Panicked { message, place, asked },
        Failure::TooSlow { seconds } => Verdict::TooSlow { seconds, asked },
        Failure::Starved { seconds } => Verdict::Starved { seconds },
        Failure::TooLong { most } => Verdict::TooLong { most, asked },
        Failure::Ended { how } => Verdict::Ended { how, asked },
        Failure::Unusable { reason } => Verdict::Unusable { reason },
    }
}

fn verdict(kind: Kind, judgement: Judgement) -> Verdict {
    let example = |outcome: &Outcome| {
        let record = outcome.records.iter().find(|record| !record.passes());
        record.map(|record| Example { kind, record: record.clone() })
    };
    match judgement {
        Judgement::Correct(outcome) => match outcome.worst() {
            Some(record) => Verdict::Correct {
                cases: outcome.records.len(),
                hardest: Example { kind, record: record.clone() },
            },
            None => Verdict::Unusable { reason: "the check compared nothing".into() },
        },
        Judgement::Known { falsifier, diagnosis, outcome } => {
            Verdict::Known { mistake: falsifier, diagnosis, example: example(&outcome) }
        }
        Judgement::Wrong(outcome) => {
            Verdict::Wrong { example: example(&outcome), problem: outcome.problem }
        }
    }
}

/// Asks some questions again, the last one first, and compares the answers' bits.
fn another_answer(
    exchanges: &[Exchange],
    function: &'static str,
    start: &dyn Fn() -> Started,
) -> Option<Verdict> {
    let student = match start() {
        Ok(student) => student,
        Err(failure) => return Some(failed(failure, "")),
    };
    let step = exchanges.len().div_ceil(REPEATED).max(1);
    exchanges.iter().step_by(step).rev().find_map(|Exchange { input, answer }| {
        let text = |answer: &Result<Value, Failure>| match answer {
            Ok(value) => value.to_string(), // every float with all its digits, and −0 apart from 0
            Err(failure) => failure.to_string(),
        };
        let again = student.ask(function, input);
        if let Err(failure @ (Failure::Starved { .. } | Failure::Unusable { .. })) = again {
            return Some(failed(failure, "")); // the machine's fault, and no second answer
        }
        let (first, second) = (text(answer), text(&again));
        (first != second).then(|| Verdict::NotDeterministic {
            asked: shown(input),
            first: shortened(&first, SHOWN),
            second: shortened(&second, SHOWN),
        })
    })
}

/// A chapter's exercises.
pub struct Lab {
    /// As in `ch06`.
    pub chapter: &'static str,
    /// The chapter's name in the book, as in `gaussian-kl`.
    pub slug: &'static str,
    /// The lab's name.
    pub title: &'static str,
    /// In the order of the student's file.
    pub exercises: Vec<Box<dyn AnyExercise>>,
}

impl Lab {
    /// Without an exercise yet.
    #[must_use]
    pub const fn new(chapter: &'static str, slug: &'static str, title: &'static str) -> Self {
        Self { chapter, slug, title, exercises: Vec::new() }
    }

    /// And this one.
    #[must_use]
    pub fn exercise(mut self, exercise: impl AnyExercise + 'static) -> Self {
        self.exercises.push(Box::new(exercise));
        self
    }

    /// All points that can be had.
    #[must_use]
    pub fn points(&self) -> u32 {
        self.exercises.iter().map(|exercise| exercise.about().points).sum()
    }

    /// The minutes of all exercises.
    #[must_use]
    pub fn minutes(&self) -> u32 {
        self.exercises.iter().map(|exercise| exercise.about().minutes).sum()
    }
}
