//! What is said of students whose code prints, panics, hangs, leaves, or rolls dice: each in a process of its own, which is
//! this program, called with `serve`.

mod student;

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use claims::{Subject, Tolerance};
use lab::{
    AnyExercise, Assessment, Call, Exercise, Failure, Functions, Limits, Place, Started, Student,
    Verdict, Worker, exercise,
};
use libtest_mimic::{Arguments, Trial};
use serde_json::Value;

fn functions() -> Functions {
    Functions::new()
        .with("doubled", student::doubled)
        .with("squared", student::squared)
        .with("talkative", student::talkative)
        .with("deafening", student::deafening)
        .with("untouched", student::untouched)
        .with("out_of_bounds", student::out_of_bounds)
        .with("in_a_thread", student::in_a_thread)
        .with("endless", student::endless)
        .with("leaving", student::leaving)
        .with("overflowing", student::overflowing)
        .with("unordered", student::unordered)
        .with("counting", student::counting)
        .with("asleep", student::asleep)
        .with("in_many_threads", student::in_many_threads)
        .with("lengthy", student::lengthy)
}

fn worker(limits: Limits) -> Result<Worker, Failure> {
    let program = std::env::current_exe().expect("this program has a path");
    Worker::start(Command::new(program).arg("serve"), limits)
}

fn start() -> Started {
    Ok(Arc::new(worker(Limits::default())?))
}

/// To double a number.
fn doubling(function: &'static str) -> Exercise<f64, f64> {
    exercise(function)
        .arguments("x")
        .exact(Tolerance::relative(1e-12), |student: &Subject<Call<f64, f64>>, cases| {
            for x in [1.5, -2.0, 7.25] {
                cases.equal("", student.output(|f| f.call(&x))?, 2.0 * x);
            }
            Ok(())
        })
        .mistaken("squared", "That is the square.", |x| x * x)
}

fn assess(function: &'static str) -> Assessment {
    doubling(function).assess(&start, 1)
}

fn verdict(function: &'static str) -> Verdict {
    assess(function).verdict
}

fn a_right_function_is_correct_and_shows_its_closest_call() {
    match verdict("doubled") {
        Verdict::Correct { cases: 3, hardest } => assert_eq!(hardest.record.error(), 0.0),
        other => panic!("{other:?}"),
    }
}

fn a_known_mistake_is_named_with_the_smallest_case_that_shows_it() {
    match verdict("squared") {
        Verdict::Known { mistake: "squared", example: Some(example), .. } => {
            assert_eq!(
                example.to_string(),
                "squared(x): you have 2.25, it should be 3\nlet x = 1.5;"
            );
        }
        other => panic!("{other:?}"),
    }
}

fn what_a_student_prints_is_shown_and_disturbs_nothing() {
    let Assessment { verdict, printed } = assess("talkative");
    assert!(verdict.is_correct(), "{verdict:?}");
    let lines = printed.lines();
    assert_eq!(lines.iter().filter(|line| *line == "aloud").count(), 3);
    let out: Vec<&String> = lines.iter().filter(|line| *line != "aloud").collect();
    assert_eq!(out[..2], ["thinking of 1.5", "answer-1 {\"Ok\": 0.0}"]);
    assert_eq!(out.len(), 6, "an empty line is none of theirs: {out:?}");
    assert!(assess("doubled").printed.is_empty());
}

fn a_flood_is_shortened() {
    let Assessment { verdict, printed } = assess("deafening");
    assert!(verdict.is_correct(), "{verdict:?}");
    let lines = printed.lines();
    assert!(lines.len() < 20 && lines.iter().all(|line| line.chars().count() < 250), "{lines:?}");
    assert!(lines[lines.len() - 1].ends_with("more lines"), "{lines:?}");
}

fn an_untouched_function_is_not_done() {
    assert_eq!(verdict("untouched"), Verdict::NotDone);
}

fn a_panic_is_told_with_the_students_line() {
    for (function, said, on_line) in
        [("out_of_bounds", "out of bounds", 35), ("in_a_thread", "a whole number", 39)]
    {
        let asked_for = format!("{function}(x)\nlet x = 1.5;");
        match verdict(function) {
            Verdict::Panicked { message, place: Some(Place { file, line }), asked } => {
                assert!(message.contains(said), "{message}");
                assert!(file.ends_with("crates/lab/tests/worker/student.rs"), "{file}");
                assert_eq!((line, asked.as_str()), (on_line, asked_for.as_str()), "{message}");
                assert!(verdict(function).to_string().ends_with(&format!("Asked: {asked_for}")));
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Whether it computes, in one thread or in several, or waits for nothing.
fn who_does_not_come_to_an_end_is_ended() {
    for function in ["endless", "in_many_threads", "asleep"] {
        let began = Instant::now();
        let limits = Limits { question: Duration::from_millis(200), ..Limits::default() };
        let start = || -> Started { Ok(Arc::new(worker(limits)?)) };
        let verdict = doubling(function).assess(&start, 1).verdict;
        let asked = format!("{function}(x)\nlet x = 1.5;");
        assert_eq!(verdict, Verdict::TooSlow { seconds: 0.2, asked });
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
}

/// Processes that compute beside it take most of two cores, but none of its time.
fn a_busy_machine_is_not_the_students_fault() {
    let limits = Limits { question: Duration::from_secs(1), ..Limits::default() };
    let others: Vec<Worker> = (0..6).map(|_| worker(limits).expect("a process")).collect();
    std::thread::scope(|scope| {
        for other in &others {
            scope.spawn(|| other.ask("endless", &Value::from(1.0)));
        }
        let limits = Limits { question: Duration::from_millis(100), ..Limits::default() };
        for x in [1.0, 2.0, 3.0] {
            let start = || -> Started { Ok(Arc::new(worker(limits)?)) };
            let student = start().expect("a process");
            assert_eq!(student.ask("doubled", &Value::from(x)), Ok(Value::from(2.0 * x)));
        }
    });
}

fn an_answer_longer_than_any_right_one_is_not_read_to_its_end() {
    let worker = worker(Limits::default()).expect("a process");
    let just_short = worker.ask("lengthy", &Value::from(200_000));
    assert_eq!(just_short.expect("0.8 MB").as_array().map(Vec::len), Some(200_000));
    let answer = worker.ask("lengthy", &Value::from(2_000_000));
    assert_eq!(answer, Err(Failure::TooLong { most: lab::LONGEST_LINE as u64 }));
}

fn time_is_limited_for_all_questions_together() {
    let limits = Limits { all: Duration::from_millis(50), ..Limits::default() };
    let busy = worker(limits).expect("a process");
    let answer = busy.ask("endless", &Value::from(1.0));
    assert_eq!(answer, Err(Failure::TooSlow { seconds: 0.05 }));
    // What passes while nothing is asked is nobody's.
    let idle = worker(limits).expect("a process");
    std::thread::sleep(3 * limits.all);
    assert_eq!(idle.ask("doubled", &Value::from(1.0)), Ok(Value::from(2.0)));
}

fn leaving_with_success_is_no_success() {
    let Assessment { verdict, printed } = assess("leaving");
    match verdict {
        Verdict::Ended { how, .. } => assert!(how.contains("exit status 0"), "{how}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(printed.lines(), ["all exercises: correct, 100 points"]);
}

fn a_recursion_without_end_is_an_end() {
    let Assessment { verdict, printed } = assess("overflowing");
    assert!(matches!(verdict, Verdict::Ended { .. }), "{verdict:?}");
    let lines = printed.lines();
    assert!(lines.iter().any(|line| line.contains("overflowed its stack")), "{lines:?}");
}

fn an_answer_that_depends_on_chance_or_on_the_past_is_found() {
    for function in ["unordered", "counting"] {
        let verdict = verdict(function);
        assert!(matches!(verdict, Verdict::NotDeterministic { .. }), "{verdict:?}");
    }
}

fn a_function_that_is_not_there_and_a_program_that_is_not_there_are_told() {
    match verdict("forgotten") {
        Verdict::Unusable { reason } => assert!(reason.contains("`forgotten`"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let nowhere = || -> Started {
        let mut command = Command::new("a-program-that-is-not-there");
        Ok(Arc::new(Worker::start(&mut command, Limits::default())?))
    };
    match doubling("doubled").assess(&nowhere, 1).verdict {
        Verdict::Unusable { reason } => assert!(reason.contains("cannot be started"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return functions().serve();
    }
    macro_rules! trials {
        ($($name:ident),* $(,)?) => {
            vec![$(Trial::test(stringify!($name), || { $name(); Ok(()) })),*]
        };
    }
    let trials = trials![
        a_right_function_is_correct_and_shows_its_closest_call,
        a_known_mistake_is_named_with_the_smallest_case_that_shows_it,
        what_a_student_prints_is_shown_and_disturbs_nothing,
        a_flood_is_shortened,
        an_untouched_function_is_not_done,
        a_panic_is_told_with_the_students_line,
        who_does_not_come_to_an_end_is_ended,
        a_busy_machine_is_not_the_students_fault,
        an_answer_longer_than_any_right_one_is_not_read_to_its_end,
        time_is_limited_for_all_questions_together,
        leaving_with_success_is_no_success,
        a_recursion_without_end_is_an_end,
        an_answer_that_depends_on_chance_or_on_the_past_is_found,
        a_function_that_is_not_there_and_a_program_that_is_not_there_are_told,
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
