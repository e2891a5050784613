//! One function of a student's, as a check sees it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::{Failure, Plain, Printed};

/// Whoever answers questions: a [`Worker`](crate::Worker), or [`Functions`](crate::Functions) right here.
pub trait Student: Send + Sync {
    /// The answer of a function.
    ///
    /// # Errors
    /// If none came.
    fn ask(&self, function: &str, input: &Value) -> Result<Value, Failure>;

    /// What was printed meanwhile.
    fn printed(&self) -> Printed {
        Printed::default()
    }
}

/// A student who is ready to be asked, or why there is none.
pub type Started = Result<Arc<dyn Student>, Failure>;

/// A question, and what came.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) input: Value,
    pub(crate) answer: Result<Value, Failure>,
}

/// All that one function was asked.
pub(crate) struct Conversation {
    student: Arc<dyn Student>,
    function: &'static str,
    exchanges: Mutex<Vec<Exchange>>,
    /// Of each number that was compared, how many questions had been asked before.
    compared: Mutex<Vec<usize>>,
}

impl Conversation {
    pub(crate) fn new(student: Arc<dyn Student>, function: &'static str) -> Self {
        Self { student, function, exchanges: Mutex::default(), compared: Mutex::default() }
    }

    fn compared(&self) {
        let asked = self.exchanges().len();
        self.compared.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }

    /// The questions that the answer to a number comes from: those since the number before, or the last one that was asked.
    pub(crate) fn questions_of(&self, number: usize) -> Vec<Value> {
        let compared = self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(&end) = compared.get(number) else { return Vec::new() };
        let before = number.checked_sub(1).and_then(|before| compared.get(before));
        let begin = before.copied().unwrap_or(0).min(end.saturating_sub(1));
        self.exchanges()[begin..end].iter().map(|exchange| exchange.input.clone()).collect()
    }

    pub(crate) fn exchanges(&self) -> MutexGuard<'_, Vec<Exchange>> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, unless a question was left without an answer already: then that is the end of it.
    fn ask(&self, input: Value) -> Result<Value, Failure> {
        let mut exchanges = self.exchanges();
        if let Some(Exchange { answer: Err(failure), .. }) = exchanges.last() {
            return Err(failure.clone());
        }
        let answer = self.student.ask(self.function, &input);
        exchanges.push(Exchange { input, answer: answer.clone() });
        answer
    }
}

/// A function from `I` to `O`, a student's or a mistaken one.
pub struct Call<I, O>(Asked<I, O>);

enum Asked<I, O> {
    Student(Arc<Conversation>),
    Here(Arc<dyn Fn(I) -> O + Send + Sync>),
}

impl<I, O> Call<I, O> {
    pub(crate) fn student(conversation: &Arc<Conversation>) -> Self {
        Self(Asked::Student(Arc::clone(conversation)))
    }

    pub(crate) fn here(function: impl Fn(I) -> O + Send + Sync + 'static) -> Self {
        Self(Asked::Here(Arc::new(function)))
    }
}

impl<I, O> Call<I, O> {
    /// Notes that an answer was compared, if it is a student's.
    pub(crate) fn compared(&self) {
        if let Asked::Student(conversation) = &self.0 {
            conversation.compared();
        }
    }
}

impl<I: Plain + Clone, O: Plain> Call<I, O> {
    /// The answer to `input`.
    ///
    /// # Errors
    /// If none came, or one of another type.
    pub fn call(&self, input: &I) -> Result<O, Failure> {
        match &self.0 {
            Asked::Student(conversation) => O::decode(&conversation.ask(input.encode())?),
            Asked::Here(function) => Ok(function(input.clone())),
        }
    }
}

impl<I, O> Clone for Call<I, O> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Asked::Student(conversation) => Asked::Student(Arc::clone(conversation)),
            Asked::Here(function) => Asked::Here(Arc::clone(function)),
        })
    }
}

impl<I, O> fmt::Debug for Call<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Asked::Student(_) => "a student's function",
            Asked::Here(_) => "a function",
        })
    }
}
