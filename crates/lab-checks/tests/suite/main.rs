//! The exercises, held against solutions, mistakes and near misses; against students who leave an argument out of account; and
//! against neighbours of the known mistakes.

mod arguments;
mod labs;
mod neighbours;

use std::sync::{Arc, Mutex};

use lab::{AnyExercise, Failure, Functions, Lab, Started, Student, Verdict};
use serde_json::Value;

/// The student who solves everything.
fn solutions(lab: &Lab) -> Functions {
    solutions::functions(lab.chapter).unwrap_or_else(|| panic!("{} has no solutions", lab.chapter))
}

/// Calls `examine` on every exercise, and shows all that it complains of.
fn all(examine: impl Fn(&Lab, &dyn AnyExercise) -> Vec<String>) {
    let mut complaints = Vec::new();
    for lab in lab_checks::labs() {
        for exercise in &lab.exercises {
            let of_this = examine(&lab, &**exercise);
            let name = format!("{} {}", lab.chapter, exercise.about().function);
            complaints.extend(of_this.iter().map(|complaint| format!("{name}: {complaint}")));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

type Change = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// Answers like another student, whose questions or answers are changed; notes the questions.
struct Asked {
    student: Functions,
    question: Option<Change>,
    answer: Option<fn(Value) -> Value>,
    questions: Arc<Mutex<Vec<Value>>>,
}

impl Asked {
    fn new(student: Functions) -> Self {
        Self { student, question: None, answer: None, questions: Arc::default() }
    }

    fn answering(self, change: fn(Value) -> Value) -> Self {
        Self { answer: Some(change), ..self }
    }

    fn reading(self, change: &Change) -> Self {
        Self { question: Some(Arc::clone(change)), ..self }
    }
}

impl Student for Asked {
    fn ask(&self, function: &str, input: &Value) -> Result<Value, Failure> {
        let mut input = input.clone();
        if let Ok(mut questions) = self.questions.lock() {
            questions.push(input.clone());
        }
        if let Some(change) = &self.question {
            change(&mut input);
        }
        let answer = self.student.ask(function, &input)?;
        Ok(self.answer.map_or(answer.clone(), |change| change(answer)))
    }
}

/// What is said of a student.
fn verdict(exercise: &dyn AnyExercise, seed: u64, student: impl Fn() -> Asked) -> Verdict {
    exercise.assess(&|| -> Started { Ok(Arc::new(student())) }, seed).verdict
}

/// All that an exercise asks.
fn questions(lab: &Lab, exercise: &dyn AnyExercise, seed: u64) -> Vec<Value> {
    let questions = Arc::new(Mutex::new(Vec::new()));
    verdict(exercise, seed, || Asked {
        questions: Arc::clone(&questions),
        ..Asked::new(solutions(lab))
    });
    Arc::try_unwrap(questions).ok().and_then(|all| all.into_inner().ok()).unwrap_or_default()
}
