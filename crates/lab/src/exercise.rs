//! Declaring an exercise, and judging who does it.

use std::sync::Arc;

use claims::{
    Check, Checked, Draws, Exam, Judgement, Kind, Margins, Mistake, Outcome, Subject, Tolerance,
};
use serde::Serialize;
use serde_json::Value;

use crate::call::{Conversation, Exchange};
use crate::plain::{alike, shortened};
use crate::typed::{Form, Signature};
use crate::{
    Argument, Call, Cases, Example, Failure, Functions, Plain, Printed, Started, Student, Verdict,
};

/// Questions that are asked a second time, in another process and in the opposite order.
const REPEATED: usize = 8;

/// Characters of an answer that are shown.
const SHOWN: usize = 160;

/// How many times the tolerance a student's answer and a mistake's may differ and still be the same: both may be computed
/// in several ways, and a mistake's rounding is not what the tolerance was chosen for.
const SAME_MISTAKE: f64 = 100.0;

/// Begins an exercise. `function` is its name in the student's file.
#[must_use]
pub fn exercise(function: &'static str) -> Draft {
    Draft(About { function, arguments: "", title: "", minutes: 0, points: 0, hints: &[] })
}

/// What a reader is told of an exercise, besides the problem, which stands in the student's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// The name of the function to be written.
    pub function: &'static str,
    /// Its arguments, by their names in the student's file.
    pub arguments: &'static str,
    /// A few words.
    pub title: &'static str,
    /// How long it takes who has read the chapter.
    pub minutes: u32,
    /// What it counts.
    pub points: u32,
    /// From a nudge to nearly the formula.
    pub hints: &'static [&'static str],
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

    /// The names of the arguments in the student's file, so that a question can be typed in: `(weight, bias), pixels`.
    #[must_use]
    pub fn arguments(self, arguments: &'static str) -> Self {
        Self(About { arguments, ..self.0 })
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
    pub fn exact<I: 'static, O: 'static>(
        self,
        tolerance: Tolerance,
        check: impl Fn(&Subject<Call<I, O>>, &mut Cases<'_>) -> Check + Send + Sync + 'static,
    ) -> Unchallenged<I, O> {
        let noted = move |subject: &Subject<Call<I, O>>, cases: &mut claims::Cases<'_>| {
            let call = subject.pick(Call::clone);
            check(subject, &mut Cases::new(cases, &|| call.compared()))
        };
        let checked = claims::exam(self.0.function).exact(tolerance, noted);
        self.unchallenged(Kind::Exact, Some(tolerance), checked)
    }

    /// To be checked by an inequality. The tolerance is for rounding.
    pub fn bound<I, O>(
        self,
        tolerance: Tolerance,
        check: impl Fn(&Subject<Call<I, O>>, &mut Margins<'_>) -> Check + Send + Sync + 'static,
    ) -> Unchallenged<I, O> {
        let checked = claims::exam(self.0.function).bound(tolerance, check);
        self.unchallenged(Kind::Bound, None, checked)
    }

    /// To be checked by so many statistical tests.
    pub fn statistical<I, O>(
        self,
        tests: u64,
        check: impl Fn(&Subject<Call<I, O>>, &mut Draws<'_>) -> Check + Send + Sync + 'static,
    ) -> Unchallenged<I, O> {
        let checked = claims::exam(self.0.function).statistical(tests, check);
        self.unchallenged(Kind::Statistical, None, checked)
    }

    fn unchallenged<I, O>(
        self,
        kind: Kind,
        tolerance: Option<Tolerance>,
        checked: Checked<Call<I, O>>,
    ) -> Unchallenged<I, O> {
        Unchallenged { sheet: Sheet { about: self.0, kind, tolerance }, checked }
    }
}

/// All of an exercise that does not depend on the types of its function. What stands here is compiled once.
#[derive(Clone, Copy)]
struct Sheet {
    about: About,
    kind: Kind,
    /// Of answers that are compared number by number; none if they are judged by what they are on average.
    tolerance: Option<Tolerance>,
}

/// An exercise that lacks the proof that its check can fail: it cannot be put into a [`Lab`] yet.
pub struct Unchallenged<I, O> {
    sheet: Sheet,
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
        Exercise { sheet: self.sheet, exam }
    }
}

/// A function to be written, from `I` to `O`.
pub struct Exercise<I, O> {
    sheet: Sheet,
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
        self.knowing(id, diagnosis, Call::here(function))
    }

    /// The same for all functions from `I` to `O`.
    fn knowing(self, id: &'static str, diagnosis: &'static str, mistaken: Call<I, O>) -> Self {
        Self { exam: self.exam.fails_for(id, diagnosis, mistaken), ..self }
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

    /// The function's arguments; none if they have no names.
    fn arguments(&self) -> Vec<Argument>;

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
        &self.sheet.about
    }

    fn arguments(&self) -> Vec<Argument> {
        self.sheet.signature(I::form()).arguments()
    }

    fn mistakes(&self) -> Vec<Mistake> {
        self.exam.mistakes().to_vec()
    }

    fn assess(&self, start: &dyn Fn() -> Started, seed: u64) -> Assessment {
        let signature = self.sheet.signature(I::form());
        Judge { sheet: self.sheet, signature, exercise: self }
            .assess(start, &|conversation| self.exam.judge(&Call::student(conversation), seed))
    }

    fn making(&self, mistake: &str) -> Option<Functions> {
        let mistaken = self.exam.making(mistake)?.clone();
        let function = self.sheet.about.function;
        Some(Functions::new().try_with(function, move |input: I| mistaken.call(&input)))
    }

    fn complaints(&self, solution: &Arc<dyn Student>, seed: u64) -> Vec<String> {
        let conversation = Conversation::new(Arc::clone(solution), self.sheet.about.function);
        self.exam.examine(&Call::student(&Arc::new(conversation)), seed).complaints()
    }
}

impl Sheet {
    fn signature(&self, form: Form) -> Signature {
        let About { function, arguments, .. } = self.about;
        Signature { function, arguments, form }
    }
}

/// Who judges a student's function.
struct Judge<'a> {
    sheet: Sheet,
    signature: Signature,
    exercise: &'a dyn AnyExercise,
}

impl Judge<'_> {
    fn assess(
        &self,
        start: &dyn Fn() -> Started,
        judge: &dyn Fn(&Arc<Conversation>) -> Judgement,
    ) -> Assessment {
        let student = match start() {
            Ok(student) => student,
            Err(failure) => {
                return Assessment { verdict: failed(failure, ""), printed: Printed::default() };
            }
        };
        let conversation = Conversation::new(Arc::clone(&student), self.signature.function);
        let conversation = Arc::new(conversation);
        let judgement = judge(&conversation);
        let exchanges = conversation.exchanges().clone();
        let verdict = match exchanges.last() {
            Some(Exchange { answer: Err(failure), input }) => {
                failed(failure.clone(), &self.signature.typed(input))
            }
            _ => another_answer(&exchanges, &self.signature, start)
                .unwrap_or_else(|| self.verdict(judgement, &conversation)),
        };
        Assessment { verdict, printed: student.printed() }
    }

    /// What is said of a judgement. A mistake is named only if *every* answer is the mistake's: a check may look at a sum of
    /// the numbers of an answer, or give up early, and another mistake may look alike in that.
    fn verdict(&self, judgement: Judgement, conversation: &Conversation) -> Verdict {
        let kind = self.sheet.kind;
        let example = |outcome: &Outcome| {
            let first = outcome.records.iter().position(|record| !record.passes())?;
            let record = outcome.records[first].clone();
            let asked = conversation.questions_of(first);
            let question = asked.last().map(|input| self.signature.typed(input));
            Some(Example { kind, record, questions: asked.len(), question })
        };
        match judgement {
            Judgement::Correct(outcome) => match outcome.worst().cloned() {
                Some(record) => Verdict::Correct {
                    cases: outcome.records.len(),
                    hardest: Example { kind, record, questions: 0, question: None },
                },
                None => Verdict::Unusable { reason: "the check compared nothing".into() },
            },
            Judgement::Known { falsifier, diagnosis, outcome }
                if self.answers_like(falsifier, &conversation.exchanges()) =>
            {
                Verdict::Known { mistake: falsifier, diagnosis, example: example(&outcome) }
            }
            Judgement::Known { outcome, .. } | Judgement::Wrong(outcome) => {
                Verdict::Wrong { example: example(&outcome), problem: outcome.problem }
            }
        }
    }

    /// Whether who makes this mistake would have given all of these answers.
    fn answers_like(&self, mistake: &str, exchanges: &[Exchange]) -> bool {
        let Some(tolerance) = self.sheet.tolerance else { return true };
        let Some(mistaken) = self.exercise.making(mistake) else { return false };
        exchanges.iter().all(|Exchange { input, answer }| {
            match (answer, mistaken.ask(self.signature.function, input)) {
                (Ok(answer), Ok(theirs)) => alike(answer, &theirs, SAME_MISTAKE, tolerance),
                _ => false,
            }
        })
    }
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

/// Asks some questions again, the last one first, and compares the answers' bits.
fn another_answer(
    exchanges: &[Exchange],
    signature: &Signature,
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
        let again = student.ask(signature.function, input);
        if let Err(failure @ (Failure::Starved { .. } | Failure::Unusable { .. })) = again {
            return Some(failed(failure, "")); // the machine's fault, and no second answer
        }
        let (first, second) = (text(answer), text(&again));
        (first != second).then(|| Verdict::NotDeterministic {
            asked: signature.typed(input),
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
