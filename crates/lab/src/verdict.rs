//! What is said of an exercise.

use std::fmt;

use claims::{Kind, Record};
use serde::Serialize;

use crate::Place;
use crate::plain::shortened;

/// What is said of a student's function.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// It still says `todo!()`.
    NotDone,
    /// Every case passed.
    Correct {
        /// How many.
        cases: usize,
        /// The one that came closest to failing.
        hardest: Example,
    },
    /// It fails, and computes what this mistake computes.
    Known {
        /// The mistake's name.
        mistake: &'static str,
        /// The sentence for who made it.
        diagnosis: &'static str,
        /// The first case that fails.
        example: Option<Example>,
    },
    /// It fails in another way.
    Wrong {
        /// The first case that fails.
        example: Option<Example>,
        /// Why the check could not go on, if it could not.
        problem: Option<String>,
    },
    /// It panicked.
    Panicked {
        /// With these words,
        message: String,
        /// on this line of the student's,
        place: Option<Place>,
        /// and these arguments.
        asked: String,
    },
    /// No answer came in time.
    TooSlow {
        /// The time that it had.
        seconds: f64,
        /// The arguments.
        asked: String,
    },
    /// No answer came, and the program had hardly any of the machine's time: this says nothing of the function.
    Starved {
        /// Wall-clock seconds that were waited.
        seconds: f64,
    },
    /// The answer is longer than any right one can be.
    TooLong {
        /// Characters that an answer may have.
        most: u64,
        /// The arguments.
        asked: String,
    },
    /// The same arguments got different answers.
    NotDeterministic {
        /// The arguments.
        asked: String,
        /// One answer.
        first: String,
        /// The other.
        second: String,
    },
    /// The program ended instead of answering.
    Ended {
        /// Its exit status, in words.
        how: String,
        /// The arguments.
        asked: String,
    },
    /// The program could not be started, or does not answer as the lab's own does.
    Unusable {
        /// What was expected, and what came.
        reason: String,
    },
}

impl Verdict {
    /// Whether the exercise is solved.
    #[must_use]
    pub fn is_correct(&self) -> bool {
        matches!(self, Self::Correct { .. })
    }

    /// The verdict in two or three words.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotDone => "not done yet",
            Self::Correct { .. } => "correct",
            Self::Known { .. } => "wrong in a known way",
            Self::Wrong { .. } => "wrong",
            Self::Panicked { .. } => "panicked",
            Self::TooSlow { .. } => "too slow",
            Self::Starved { .. } => "not judged",
            Self::TooLong { .. } => "too long",
            Self::NotDeterministic { .. } => "not deterministic",
            Self::Ended { .. } => "ended the program",
            Self::Unusable { .. } => "cannot be asked",
        }
    }
}

/// The verdict's reasons, in lines; its name comes before.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, example: &Option<Example>| match example {
            Some(example) => write!(f, "{example}"),
            None => Ok(()),
        };
        match self {
            Self::NotDone => write!(f, "The function still says todo!()."),
            Self::Correct { cases, hardest: Example { kind: Kind::Exact, record, .. } } => {
                write!(f, "{} ", all(*cases))?;
                let (worst, error) = (significant(record.expected, 6), record.error());
                match (error, record.label.as_str()) {
                    (0.0, _) => write!(f, "Not one digit is off."),
                    (_, "") => write!(f, "The worst is {worst}, off by {error:.1e}."),
                    (_, label) => {
                        let label = shortened(label, 120);
                        write!(f, "The worst is {label} = {worst}, off by {error:.1e}.")
                    }
                }
            }
            Self::Correct { cases, hardest } => {
                write!(f, "{} The closest call: {hardest}", all(*cases))
            }
            Self::Known { diagnosis, example, .. } => {
                writeln!(f, "{diagnosis}")?;
                line(f, example)
            }
            Self::Wrong { example, problem } => {
                line(f, example)?;
                match (example, problem) {
                    (Some(_), Some(problem)) => {
                        write!(f, "\nThen the check had to stop: {problem}")
                    }
                    (None, Some(problem)) => write!(f, "The check had to stop: {problem}"),
                    _ => Ok(()),
                }
            }
            Self::Panicked { message, place, asked } => {
                match place {
                    Some(place) => writeln!(f, "{place}: {message}")?,
                    None => writeln!(f, "{message}")?,
                }
                write!(f, "Asked: {asked}")
            }
            Self::TooSlow { seconds, asked } => {
                write!(
                    f,
                    "No answer within {seconds} s. Is there a loop that does not end?\nAsked: {asked}"
                )
            }
            Self::Starved { seconds } => write!(
                f,
                "No answer within {seconds} s, but the machine is so busy that the function hardly ran. Ask again when it \
                 has less to do."
            ),
            Self::TooLong { most, asked } => write!(
                f,
                "The answer has more than {most} characters, which no right one has. Does a list grow too long?\nAsked: {asked}"
            ),
            Self::NotDeterministic { asked, first, second } => write!(
                f,
                "The same question got two answers: {first}, and in another process {second}.\nAsked: {asked}"
            ),
            Self::Ended { how, asked } => write!(
                f,
                "The program ended before the function had answered: {how}.\nAsked: {asked}"
            ),
            Self::Unusable { reason } => write!(f, "{reason}"),
        }
    }
}

fn all(cases: usize) -> String {
    if cases == 1 { "The case agrees.".to_owned() } else { format!("All {cases} cases agree.") }
}

/// A case with its numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Example {
    /// What the numbers have to do with each other.
    pub kind: Kind,
    /// The numbers.
    #[serde(flatten)]
    pub record: Record,
    /// How many questions the measured number comes from.
    pub questions: usize,
    /// The last of them, as a student would type it: the call, and a line for each argument.
    pub question: Option<String>,
}

/// The label of a length: how many `unit` a part of the answer has.
pub(crate) fn size(unit: &str, part: &str) -> String {
    format!("{unit} of {part}")
}

/// What a length is the length of, if a label is one's.
fn sized(label: &str) -> Option<(&str, &str)> {
    let (unit, part) = label.split_once(" of ")?;
    ["numbers", "rows", "columns"].contains(&unit).then_some((unit, part))
}

impl Example {
    /// The numbers in words.
    fn says(&self) -> String {
        let Record { label, measured, expected, allowed, draws, .. } = &self.record;
        let (got, wanted) = apart(*measured, *expected);
        match (self.kind, sized(label)) {
            (Kind::Exact, Some((unit, part))) => {
                let part = if part == "answer" { "your answer" } else { part };
                format!("{part} has {got} {unit}, {wanted} were expected")
            }
            (Kind::Exact, None) => format!("you have {got}, it should be {wanted}"),
            (Kind::Bound, _) => format!("{got} should be at least {wanted}"),
            (Kind::Statistical | Kind::Ratio, _) => {
                format!(
                    "{got} over {draws} draws; {wanted} give or take {allowed:.1e} was to be expected"
                )
            }
            (Kind::Trained, _) => {
                format!("{got}; {wanted} give or take {allowed:.1e} was to be expected")
            }
        }
    }
}

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = &self.record.label;
        let part = if sized(label).is_some() { "" } else { label };
        let (call, arguments) = match &self.question {
            Some(question) => question.split_once('\n').unwrap_or((question, "")),
            None => ("", ""),
        };
        match (part, self.questions) {
            // One number from many answers: the label has to say from which.
            (part, 2..) => {
                write!(
                    f,
                    "{part}: {}\nThe last of {} questions: {call}",
                    self.says(),
                    self.questions
                )?;
            }
            ("", _) if call.is_empty() => write!(f, "{}", self.says())?,
            ("", _) => write!(f, "{call}: {}", self.says())?,
            (part, _) if call.is_empty() => write!(f, "{part}: {}", self.says())?,
            (part, _) => write!(f, "{part} of {call}: {}", self.says())?,
        }
        if arguments.is_empty() { Ok(()) } else { write!(f, "\n{arguments}") }
    }
}

/// Two numbers with as many digits as it takes to tell them apart: six at least, and all if they differ in the last.
fn apart(a: f64, b: f64) -> (String, String) {
    (6..18)
        .map(|digits| (significant(a, digits), significant(b, digits)))
        .find(|(a, b)| a != b)
        .unwrap_or_else(|| (significant(a, 6), significant(b, 6)))
}

/// A number with so many significant digits, without the zeros at its end.
fn significant(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return if x.is_nan() {
            "NaN".into()
        } else if x > 0.0 {
            "∞".into()
        } else {
            "−∞".into()
        };
    }
    let scientific = format!("{:.*e}", digits - 1, x);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if x == 0.0 || (-4..9).contains(&exponent) {
        let decimals = usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0);
        without_zeros(&format!("{x:.decimals$}"))
    } else {
        format!("{}e{exponent}", without_zeros(mantissa))
    }
    .replace('-', "−")
}

fn without_zeros(number: &str) -> String {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use claims::Side;

    use super::*;

    #[test]
    fn numbers_show_what_sets_them_apart() {
        assert_eq!(apart(1.0, 2.5), ("1".into(), "2.5".into()));
        assert_eq!(apart(0.1, 0.1), ("0.1".into(), "0.1".into()));
        assert_eq!(apart(1.0, 1.0 + 1e-9), ("1".into(), "1.000000001".into()));
        assert_eq!(apart(-1e-12, f64::NAN), ("−1e−12".into(), "NaN".into()));
        assert_eq!(apart(123_456_789.0, 12.0), ("123456789".into(), "12".into()));
        assert_eq!(apart(0.0, f64::INFINITY), ("0".into(), "∞".into()));
    }

    #[test]
    fn a_correct_answer_tells_how_close_it_is() {
        let record = |measured| Record {
            label: "∂f[0]".into(),
            measured,
            expected: 4.0,
            allowed: 1e-9,
            uncertainty: 0.0,
            side: Side::At,
            score: 0.0,
            draws: 0,
        };
        let says = |cases, measured| {
            let record = record(measured);
            let hardest = Example { kind: Kind::Exact, record, questions: 0, question: None };
            Verdict::Correct { cases, hardest }.to_string()
        };
        assert_eq!(says(3, 4.0), "All 3 cases agree. Not one digit is off.");
        assert_eq!(says(1, 4.5), "The case agrees. The worst is ∂f[0] = 4, off by 5.0e-1.");
    }

    #[test]
    fn a_counter_example_shows_its_question_its_number_and_a_wrong_length_as_a_length() {
        let says = |label: &str, measured, expected, questions| {
            let record = Record {
                label: label.into(),
                measured,
                expected,
                allowed: 1e-9,
                uncertainty: 0.0,
                side: Side::At,
                score: 2.0,
                draws: 0,
            };
            let question = Some("f(&x, y)\nlet x = array![1.0];\nlet y = 2;".to_owned());
            Example { kind: Kind::Exact, record, questions, question }.to_string()
        };
        let input = "let x = array![1.0];\nlet y = 2;";
        assert_eq!(
            says("", 0.5, 1.0, 1),
            format!("f(&x, y): you have 0.5, it should be 1\n{input}")
        );
        assert_eq!(
            says("∂L/∂x[3]", 0.5, 1.0, 1),
            format!("∂L/∂x[3] of f(&x, y): you have 0.5, it should be 1\n{input}")
        );
        assert_eq!(
            says(&size("numbers", "answer"), 3.0, 2.0, 1),
            format!("f(&x, y): your answer has 3 numbers, 2 were expected\n{input}")
        );
        assert_eq!(
            says(&size("rows", "∂L/∂x"), 3.0, 2.0, 1),
            format!("f(&x, y): ∂L/∂x has 3 rows, 2 were expected\n{input}")
        );
        assert_eq!(
            says("mean over all tosses", 0.5, 1.0, 8),
            format!(
                "mean over all tosses: you have 0.5, it should be 1\n\
                 The last of 8 questions: f(&x, y)\n{input}"
            )
        );
    }
}
