//! All labs, with students in processes of their own: who has done nothing scores nothing, who solves an exercise scores full,
//! and who makes a known mistake reads its name.
//!
//! The students who solve or mistake something are this program, called with `solution CHAPTER` or `mistake CHAPTER FUNCTION
//! ID`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use lab::{Functions, Lab, Limits, Started, Verdict, Worker};
use lab_checks::labs;
use libtest_mimic::{Arguments, Failed, Trial};

/// The functions that the command line asks for.
fn functions(arguments: &[&str]) -> Option<Functions> {
    match *arguments {
        ["solution", chapter] => solutions::functions(chapter),
        ["mistake", chapter, function, id] => {
            let lab = labs().into_iter().find(|lab| lab.chapter == chapter)?;
            let mut exercises = lab.exercises.iter();
            exercises.find(|exercise| exercise.about().function == function)?.making(id)
        }
        _ => None,
    }
}

fn worker(program: &Path, arguments: &[&str]) -> Started {
    let mut command = Command::new(program);
    Ok(Arc::new(Worker::start(command.args(arguments), Limits::default())?))
}

/// The lab's own program, with the student's file as it is handed out.
fn untouched(lab: &Lab) -> Result<PathBuf, Failed> {
    let package = format!("lab-{}", lab.chapter);
    let built = Command::new(env!("CARGO"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .args(["build", "--quiet", "--package", &package, "--message-format", "json"])
        .output()?;
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    };
    let messages = String::from_utf8(built.stdout)?;
    messages
        .lines()
        .find_map(executable)
        .ok_or_else(|| format!("{package} does not compile").into())
}

fn try_out(lab: &Lab) -> Result<(), Failed> {
    let this = std::env::current_exe()?;
    let untouched = untouched(lab)?;
    let mut complaints = Vec::new();
    for exercise in &lab.exercises {
        let function = exercise.about().function;
        let mut expect =
            |who: &str, right: &dyn Fn(&Verdict) -> bool, program: &Path, arguments: &[&str]| {
                let verdict = exercise.assess(&|| worker(program, arguments), 11).verdict;
                if !right(&verdict) {
                    complaints.push(format!("{function}, {who}: {verdict:?}"));
                }
            };
        expect("untouched", &|verdict| *verdict == Verdict::NotDone, &untouched, &[]);
        expect("solution", &Verdict::is_correct, &this, &["solution", lab.chapter]);
        for mistake in exercise.mistakes() {
            let named = |verdict: &Verdict| matches!(verdict, Verdict::Known { mistake: id, .. } if *id == mistake.id);
            expect(mistake.id, &named, &this, &["mistake", lab.chapter, function, mistake.id]);
        }
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n").into()) }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let Some(functions) = functions(&words) {
        return functions.serve();
    }
    let trial = |lab: Lab| Trial::test(lab.chapter, move || try_out(&lab));
    libtest_mimic::run(&Arguments::from_args(), labs().into_iter().map(trial).collect()).exit();
}
