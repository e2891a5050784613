//! The functions of a lab, and the worker's main loop.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::panic::{self, AssertUnwindSafe, Location};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Failure, Plain, Student, panics};

/// A question as it goes through the pipe, one a line.
#[derive(Serialize, Deserialize)]
pub(crate) struct Question {
    /// What the line of the answer begins with.
    pub(crate) mark: String,
    pub(crate) function: String,
    pub(crate) input: Value,
}

type Function = Box<dyn Fn(&Value) -> Result<Value, Failure> + Send + Sync>;

/// Functions by their names.
///
/// ```
/// let functions = lab::Functions::new()
///     .with("halved", |x: f64| x / 2.0)
///     .with("scaled", |(x, factor): (Vec<f64>, f64)| -> Vec<f64> {
///         x.iter().map(|x| factor * x).collect()
///     });
/// ```
pub struct Functions {
    by_name: BTreeMap<&'static str, Function>,
    /// The file that lists them, beside the student's.
    glue: &'static str,
}

impl Default for Functions {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl Functions {
    /// None yet.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self { by_name: BTreeMap::new(), glue: Location::caller().file() }
    }

    /// And this one. Several arguments come as a tuple.
    #[must_use]
    pub fn with<I: Plain, O: Plain>(
        self,
        name: &'static str,
        function: impl Fn(I) -> O + Send + Sync + 'static,
    ) -> Self {
        self.try_with(name, move |input| Ok(function(input)))
    }

    pub(crate) fn try_with<I: Plain, O: Plain>(
        mut self,
        name: &'static str,
        function: impl Fn(I) -> Result<O, Failure> + Send + Sync + 'static,
    ) -> Self {
        let on_values = move |input: &Value| Ok(function(I::decode(input)?)?.encode());
        self.by_name.insert(name, Box::new(on_values));
        self
    }

    /// Their names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.by_name.keys().copied()
    }

    /// The worker: answers questions from standard input until there are no more.
    ///
    /// The functions may print what they like; an answer is a line of standard output that begins with its question's
    /// mark.
    pub fn serve(self) {
        panics::remember(self.glue);
        for line in io::stdin().lock().lines() {
            let question = line.ok().and_then(|line| serde_json::from_str(&line).ok());
            let Some(Question { mark, function, input }) = question else { return };
            let answer = serde_json::json!(self.ask(&function, &input));
            let mut out = io::stdout().lock();
            if writeln!(out, "\n{mark} {answer}").and_then(|()| out.flush()).is_err() {
                return; // nobody listens any more
            }
        }
    }
}

impl Student for Functions {
    fn ask(&self, function: &str, input: &Value) -> Result<Value, Failure> {
        let Some(found) = self.by_name.get(function) else {
            return Err(Failure::unusable(format!("there is no function `{function}`")));
        };
        panics::forget();
        panic::catch_unwind(AssertUnwindSafe(|| found(input)))
            .unwrap_or_else(|payload| Err(panics::caught(payload.as_ref())))
    }
}
