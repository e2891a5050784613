//! Every exercise of every lab: the solution passes it, each mistake is told by its name, and no answer stops the checker.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use lab::{About, Failure, Started, Student, Verdict};
use lab_checks::labs;
use serde_json::Value;

use crate::{Asked, all, solutions};

/// Seeds on which everything is tried. At any other seed the statements hold as well; three show that nothing hangs on one.
const SEEDS: [u64; 3] = [0, 1, 2026];

#[test]
fn every_exercise_can_be_read_and_hinted_at() {
    all(|lab, exercise| {
        let about = exercise.about();
        let mistakes = exercise.mistakes();
        let names: BTreeSet<&str> = mistakes.iter().map(|mistake| mistake.id).collect();
        let named = |name| solutions(lab).names().any(|other| other == name);
        [
            (about.title.is_empty(), "it has no title"),
            (!(1..=60).contains(&about.minutes), "it takes more than an hour, or no time"),
            (about.points == 0, "it counts nothing"),
            (about.hints.len() < 3, "it has fewer than three hints"),
            (mistakes.len() < 3, "fewer than three mistakes are known"),
            (names.len() < mistakes.len(), "two mistakes have one name"),
            (mistakes.iter().any(|m| !m.diagnosis.ends_with('.')), "a diagnosis is no sentence"),
            (!named(about.function), "it has no solution"),
        ]
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, what)| what.to_owned())
        .collect()
    });
}

#[test]
fn every_lab_has_three_to_six_exercises() {
    for lab in labs() {
        assert!((3..=6).contains(&lab.exercises.len()), "{}", lab.chapter);
        let functions: BTreeSet<_> = lab.exercises.iter().map(|e| e.about().function).collect();
        let solved: BTreeSet<_> = solutions(&lab).names().collect();
        assert_eq!(functions, solved, "{}", lab.chapter);
    }
}

/// A file of the course.
fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The arguments of a function as its signature names them, without their types.
fn parameters(file: &str, function: &str) -> String {
    let begin = file.find(&format!("pub fn {function}(")).expect("the function");
    let list = &file[begin + "pub fn (".len() + function.len()..];
    let (mut depth, mut in_type, mut names) = (0_i32, false, String::new());
    for (c, next) in list.chars().zip(list.chars().skip(1)) {
        match c {
            ')' if depth == 0 => break,
            '(' | '[' | '<' => depth += 1,
            ')' | ']' | '>' => depth -= 1,
            _ => {}
        }
        match c {
            ':' if depth == 0 => in_type = true,
            ',' if depth == 0 => {
                in_type = false;
                names.push_str(", ");
            }
            '\n' => {}
            ' ' if next == ' ' || depth == 0 => {}
            c if !in_type => names.push(c),
            _ => {}
        }
    }
    names.trim_end_matches(", ").to_owned()
}

#[test]
fn the_students_file_poses_the_exercises_in_order_and_the_book_shows_it() {
    for lab in labs() {
        let folder = format!("chapters/{}-{}/lab/src", lab.chapter, lab.slug);
        let (file, glue) = (read(&format!("{folder}/lib.rs")), read(&format!("{folder}/main.rs")));
        let mut rest = file.as_str();
        for (number, exercise) in (1..).zip(&lab.exercises) {
            let About { function, title, minutes, points, .. } = exercise.about();
            let plural = if *points == 1 { "" } else { "s" };
            let head =
                format!("/// # {title}\n///\n/// *{minutes} minutes, {points} point{plural}.*\n");
            let parameters = parameters(&file, function);
            assert_eq!(exercise.about().arguments, parameters, "{folder}/lib.rs: {function}");
            assert!(
                !exercise.arguments().is_empty(),
                "{function} takes another number of arguments"
            );
            let body = format!("todo!(\"exercise {number}\")");
            for part in [&head, &format!("pub fn {function}("), &body] {
                let place = rest.find(part);
                let place =
                    place.unwrap_or_else(|| panic!("{folder}/lib.rs: `{part}` should follow"));
                rest = &rest[place + part.len()..];
            }
            assert!(glue.contains(&format!("\"{function}\"")), "{folder}/main.rs: {function}");
        }
        assert!(!rest.contains("todo!("), "{folder}/lib.rs: the check of the last one is missing");
        let page = read(&format!("book/src/lab-{}.md", lab.chapter));
        assert!(page.contains(&format!("{{{{lab {}}}}}", lab.slug)), "the page of {}", lab.chapter);
    }
}

#[test]
fn the_solution_passes_and_no_mistake_does() {
    all(|lab, exercise| {
        let solution: Arc<dyn Student> = Arc::new(solutions(lab));
        let complaints = |&seed| {
            exercise
                .complaints(&solution, seed)
                .into_iter()
                .map(move |what| format!("seed {seed}: {what}"))
        };
        SEEDS.iter().flat_map(complaints).collect()
    });
}

#[test]
fn a_student_reads_correct_or_the_mistakes_name() {
    all(|lab, exercise| {
        let verdict = |start: &dyn Fn() -> Started| exercise.assess(start, 7).verdict;
        let mut complaints = Vec::new();
        let solved = verdict(&|| Ok(Arc::new(solutions(lab))));
        if !solved.is_correct() {
            complaints.push(format!("the solution gets {solved:?}"));
        }
        for mistake in exercise.mistakes() {
            let making = || -> Started {
                let functions = exercise.making(mistake.id).ok_or(Failure::NotDone)?;
                Ok(Arc::new(functions))
            };
            match verdict(&making) {
                Verdict::Known { mistake: named, .. } if named == mistake.id => {}
                other => complaints.push(format!("{} gets {other:?}", mistake.id)),
            }
        }
        complaints
    });
}

/// Without the last item of each list; no number remains where only numbers were.
fn cut_short(value: Value) -> Value {
    match value {
        Value::Array(mut items) => {
            items.pop();
            items.into_iter().map(cut_short).collect()
        }
        other => other,
    }
}

fn empty(value: Value) -> Value {
    if value.is_array() { Value::Array(Vec::new()) } else { value }
}

fn not_a_number(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(not_a_number).collect(),
        Value::Number(number) if number.is_f64() => Value::from("NaN"),
        other => other,
    }
}

#[test]
fn an_answer_of_the_wrong_size_or_without_numbers_is_wrong_and_stops_no_check() {
    all(|lab, exercise| {
        let spoil = |change| {
            let start =
                || -> Started { Ok(Arc::new(Asked::new(solutions(lab)).answering(change))) };
            exercise.assess(&start, 7).verdict
        };
        let mut complaints = Vec::new();
        for (name, change) in [
            ("cut short", cut_short as fn(Value) -> Value),
            ("empty", empty),
            ("NaN", not_a_number),
        ] {
            match spoil(change) {
                // An exercise that answers with one number cannot be cut.
                Verdict::Correct { .. } if name != "NaN" => {}
                Verdict::Wrong { problem: Some(problem), .. } if problem.contains("panicked") => {
                    complaints.push(format!("{name}: the check {problem}"));
                }
                Verdict::Wrong { .. } | Verdict::Known { .. } => {}
                other => complaints.push(format!("{name}: {other:?}")),
            }
        }
        complaints
    });
}
