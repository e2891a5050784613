//! `cargo course lab`: what is to be said of a student's solutions.

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use ::lab::{AnyExercise, Assessment, Lab, Limits, Started, Verdict, Worker};
use anyhow::{Result, anyhow, ensure};
use clap::Args;
use lab_checks::labs;

use crate::compile::{Compiled, compile};
use crate::paint::{Colour, indented, on_a_terminal, paint};
use crate::{root, say, select};

/// How often `--watch` looks at the file.
const GLANCE: Duration = Duration::from_millis(200);

/// What to judge.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A chapter: ch06, 6 or gaussian-kl [default: all that have a lab]
    pub chapter: Option<String>,

    /// An exercise: its number or the name of its function [default: all]
    pub exercise: Option<String>,

    /// Judges again whenever the file changes, until Ctrl-C
    #[arg(long, requires = "chapter")]
    pub watch: bool,

    /// Seed of the cases that are drawn at random
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// Runs the command. The exit status is 0 if all that was judged is correct.
///
/// # Errors
/// If there is no such lab or exercise, or cargo cannot be called.
pub fn lab(arguments: &Arguments) -> Result<ExitCode> {
    let labs = match &arguments.chapter {
        Some(chapter) => vec![select::lab(chapter)?],
        None => labs(),
    };
    let mut done = true;
    for (index, lab) in labs.iter().enumerate() {
        let exercises: Vec<(usize, &dyn AnyExercise)> = match &arguments.exercise {
            Some(name) => vec![select::exercise(lab, name)?],
            None => (1..).zip(lab.exercises.iter().map(|exercise| &**exercise)).collect(),
        };
        let file = the_students_file(lab)?;
        if index > 0 {
            say("");
        }
        if arguments.watch {
            watch(lab, &file, &exercises, arguments.seed)?;
        }
        done &= judge(lab, &file, &exercises, arguments.seed)?;
    }
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `chapters/ch06-…/lab/src/lib.rs`
fn the_students_file(lab: &Lab) -> Result<PathBuf> {
    let file = root().join(format!("chapters/{}-{}/lab/src/lib.rs", lab.chapter, lab.slug));
    ensure!(
        file.exists(),
        "{} is not there. It is the file of the lab: take it from the course again.",
        shown(&file)
    );
    Ok(file)
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

/// When the file was last changed; `None` if it is not there, as while an editor replaces it.
fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|data| data.modified()).ok()
}

/// Judges anew after each change of the file, and ends only by an error.
fn watch(
    lab: &Lab,
    file: &Path,
    exercises: &[(usize, &dyn AnyExercise)],
    seed: u64,
) -> Result<Infallible> {
    loop {
        if on_a_terminal() {
            say("\x1b[2J\x1b[H"); // an empty screen
        }
        let seen = changed(file);
        judge(lab, file, exercises, seed)?;
        say(format!("\nWatching {}; Ctrl-C ends it.", shown(file)));
        while changed(file) == seen {
            thread::sleep(GLANCE);
        }
    }
}

/// Compiles, asks, and tells; whether all is correct.
fn judge(
    lab: &Lab,
    file: &Path,
    exercises: &[(usize, &dyn AnyExercise)],
    seed: u64,
) -> Result<bool> {
    let title = format!("Lab of {}: {}", lab.chapter, lab.title);
    say(paint(Colour::Bold, &title));
    say(paint(Colour::Dim, &shown(file)));
    let program = match compile(lab.chapter)? {
        Compiled::Program(program) => program,
        Compiled::Rejected(why) => {
            say(format!("\n{}", paint(Colour::Red, "✗ does not compile")));
            say(indented_code(&why));
            say("Begin with the first error: the others may follow from it.");
            return Ok(false);
        }
    };
    let start = || -> Started {
        Ok(Arc::new(Worker::start(&mut Command::new(&program), Limits::default())?))
    };
    let assessments: Vec<Assessment> = thread::scope(|scope| {
        let threads: Vec<_> = exercises
            .iter()
            .map(|(_, exercise)| scope.spawn(|| exercise.assess(&start, seed)))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.collect::<Result<_, _>>().map_err(|_| anyhow!("a check ended unexpectedly"))
    })?;

    let mut correct = 0;
    let (mut points, mut all_points) = (0, 0);
    for ((number, exercise), assessment) in exercises.iter().zip(&assessments) {
        tell(lab, *number, *exercise, assessment);
        all_points += exercise.about().points;
        if assessment.verdict.is_correct() {
            correct += 1;
            points += exercise.about().points;
        }
    }
    let all = exercises.len();
    say(format!("\n{correct} of {all} correct, {points} of {all_points} points."));
    Ok(correct == all)
}

/// The compiler's words, unchanged but for empty lines at the end.
fn indented_code(text: &str) -> String {
    format!("\n{}\n", text.trim_end())
}

fn tell(
    lab: &Lab,
    number: usize,
    exercise: &dyn AnyExercise,
    Assessment { verdict, printed }: &Assessment,
) {
    let about = exercise.about();
    say(format!(
        "\n  {number}  {}  {}",
        paint(Colour::Bold, about.title),
        paint(Colour::Dim, &format!("{} · {} min", about.function, about.minutes))
    ));
    let (mark, colour) = match verdict {
        Verdict::Correct { .. } => ("✓", Colour::Green),
        Verdict::NotDone => ("·", Colour::Dim),
        Verdict::Known { .. } | Verdict::Wrong { .. } => ("✗", Colour::Red),
        _ => ("!", Colour::Yellow),
    };
    let name = match verdict {
        Verdict::Known { mistake, .. } => format!("{}: {mistake}", verdict.name()),
        _ => verdict.name().to_owned(),
    };
    say(format!("     {}", paint(colour, &format!("{mark} {name}"))));
    match verdict {
        Verdict::NotDone => {}
        _ => say(indented(verdict.to_string().trim_end(), "       ")),
    }
    if !printed.is_empty() {
        say("       It printed:");
        for line in printed.lines() {
            say(format!("       │ {line}"));
        }
    }
    if !verdict.is_correct() {
        let hint = format!("A hint: cargo course hint {} {number}", lab.chapter);
        say(format!("       {}", paint(Colour::Dim, &hint)));
    }
}
