//! A class: for every lab, right solutions, every known mistake that can be made with a student's means, and other ways to fail.
//! Each has to get the verdict that it was made for, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Instant;

use crate::common::{Class, all_but, mistaken, solved, untouched, with_body};
use lab::Lab;

/// A submission of one lab: which function is at stake, and what should be said of it.
pub(crate) struct Made {
    pub(crate) name: String,
    chapter: &'static str,
    pub(crate) text: String,
    function: &'static str,
    pub(crate) expected: Expected,
}

#[derive(Clone)]
pub(crate) enum Expected {
    /// With everything else solved: this verdict, and the mistake's name.
    OneWrong(&'static str, &'static str),
    /// This verdict for all exercises.
    All(&'static str),
}

/// What else can be handed in, as a function's body.
pub(crate) const OTHERS: [(&str, &str, &str); 8] = [
    ("panics", "panicked", "panic!(\"no idea\")"),
    (
        "indexes-too-far",
        "panicked",
        "let list = vec![1.0]; let index = list.len() + 1; panic!(\"{}\", list[index])",
    ),
    ("never-ends", "too slow", "loop { std::hint::black_box(0); }"),
    ("leaves", "ended the program", "std::process::exit(0)"),
    (
        "takes-all-memory",
        "ended the program",
        "let mut kept = Vec::new(); while kept.len() < 64 { kept.push(vec![0_u8; 1 << 24]); } unreachable!()",
    ),
    (
        "recurses",
        "ended the program",
        "fn deeper(n: u64) -> u64 { std::hint::black_box([n; 64])[0] + deeper(n + 1) + 1 } panic!(\"{}\", deeper(0))",
    ),
    (
        "tries-to-fork",
        "panicked",
        "std::process::Command::new(\"/bin/true\").status().expect(\"refused\"); std::process::exit(0)",
    ),
    ("not-done", "not done yet", "todo!()"),
];

pub(crate) fn submissions(lab: &Lab) -> Vec<Made> {
    let chapter = lab.chapter;
    let solution = solved(chapter);
    let mut made = Vec::new();
    let mut add = |name: String, function, text, expected| {
        made.push(Made { name: format!("{chapter}-{name}"), chapter, text, function, expected });
    };
    let first = lab.exercises[0].about().function;
    add("solved".into(), first, solution.clone(), Expected::All("correct"));
    add("untouched".into(), first, untouched(chapter), Expected::All("not done yet"));
    add("empty".into(), first, String::new(), Expected::All("does not compile"));
    let torn = solution.replacen("-> f64 {", "-> f64 {{", 1).replacen("use ", "use  use ", 1);
    add("does-not-compile".into(), first, torn, Expected::All("does not compile"));
    let stolen = with_body(&solution, first, &format!("solutions::{chapter}::{first}(todo!())"));
    add("calls-the-solution".into(), first, stolen, Expected::All("uses the course's code"));
    for exercise in &lab.exercises {
        let function = exercise.about().function;
        for mistake in exercise.mistakes() {
            if let Some(text) = mistaken(chapter, function, mistake.id) {
                let expected = Expected::OneWrong("wrong in a known way", mistake.id);
                add(format!("{function}-{}", mistake.id), function, text, expected);
            }
        }
    }
    let last = lab.exercises.last().expect("an exercise").about().function;
    for (name, verdict, body) in OTHERS {
        let text = all_but(chapter, last, body);
        add(name.into(), last, text, Expected::OneWrong(verdict, ""));
    }
    made
}

/// Grades them and prints the table of verdicts: for each kind of submission what was said of it.
pub(crate) fn grade(made: &[Made]) {
    let class = Class::new();
    for Made { name, chapter, text, .. } in made {
        class.hand_in(name, chapter, text);
    }
    let begin = Instant::now();
    let chapters: BTreeSet<&str> = made.iter().map(|made| made.chapter).collect();
    let labs: Vec<&str> = chapters.iter().flat_map(|chapter| ["--lab", chapter]).collect();
    let graded = class.graded("results", &labs);
    let seconds = begin.elapsed().as_secs_f64();

    let mut table: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut complaints = Vec::new();
    for Made { name, chapter, function, expected, text } in made {
        let lab = graded[name].labs.iter().find(|lab| lab.chapter == *chapter).expect("the lab");
        let mut log = format!("{}\n{text}", lab.log); // once is enough
        for exercise in &lab.exercises {
            let (verdict, mistake) = match expected {
                Expected::All(verdict) => (*verdict, ""),
                Expected::OneWrong(..) if exercise.exercise != *function => ("correct", ""),
                Expected::OneWrong(verdict, mistake) => (*verdict, *mistake),
            };
            let in_words = |verdict: &str, right: bool| {
                if right { verdict.to_owned() } else { format!("{verdict}, another mistake") }
            };
            let got = in_words(&exercise.verdict, exercise.mistake == mistake);
            *table.entry((verdict.to_owned(), got)).or_default() += 1;
            let points = if verdict == "correct" { exercise.of } else { 0 };
            if exercise.verdict != verdict
                || exercise.mistake != mistake
                || exercise.points != points
            {
                complaints.push(format!(
                    "{name} {}: expected {verdict} {mistake}, got {} {} with {} points: {}\n{}",
                    exercise.exercise,
                    exercise.verdict,
                    exercise.mistake,
                    exercise.points,
                    exercise.text,
                    if lab.log.is_empty() { String::new() } else { std::mem::take(&mut log) },
                ));
            }
        }
    }
    let mut shown = format!(
        "{} submissions in {seconds:.0} s\nexercises  was made to be → was told\n",
        made.len()
    );
    for ((expected, got), count) in &table {
        let _ = writeln!(shown, "{count:9}  {expected} → {got}");
    }
    println!("{shown}");
    assert!(complaints.is_empty(), "{}\n{shown}", complaints.join("\n\n"));
}
