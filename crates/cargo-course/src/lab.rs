//! `cargo course lab`: what is to be said of a student's solutions.

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

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
    let root = root()?;
    let mut done = true;
    for (index, lab) in labs.iter().enumerate() {
        let exercises: Vec<(usize, &dyn AnyExercise)> = match &arguments.exercise {
            Some(name) => vec![select::exercise(lab, name)?],
            None => (1..).zip(lab.exercises.iter().map(|exercise| &**exercise)).collect(),
        };
        if index > 0 {
            say("");
        }
        let desk = Desk { lab, exercises, file: the_students_file(&root, lab)?, root: &root };
        if arguments.watch {
            desk.watch(arguments.seed)?;
        }
        done &= desk.judge(arguments.seed)?;
    }
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where a student works.
struct Desk<'a> {
    lab: &'a Lab,
    /// Those that are asked for, with their numbers.
    exercises: Vec<(usize, &'a dyn AnyExercise)>,
    /// The course's folder.
    root: &'a Path,
    /// The student's file, as seen from there.
    file: PathBuf,
}

/// `chapters/ch06-…/lab/src/lib.rs`
fn the_students_file(root: &Path, lab: &Lab) -> Result<PathBuf> {
    let file: PathBuf =
        ["chapters", &format!("{}-{}", lab.chapter, lab.slug), "lab", "src", "lib.rs"]
            .iter()
            .collect();
    ensure!(
        root.join(&file).exists(),
        "{} is not there. It is the file of the lab: take it from the course again.",
        file.display()
    );
    Ok(file)
}

impl Desk<'_> {
    /// Judges anew after each change of the file, and ends only by an error.
    fn watch(&self, seed: u64) -> Result<Infallible> {
        // `None` if it is not there, as while an editor replaces it.
        let changed =
            || fs::metadata(self.root.join(&self.file)).and_then(|data| data.modified()).ok();
        loop {
            if on_a_terminal() {
                say("\x1b[2J\x1b[H"); // an empty screen
            }
            let seen = changed();
            self.judge(seed)?;
            say(format!("\nWatching {}; Ctrl-C ends it.", self.file.display()));
            while changed() == seen {
                thread::sleep(GLANCE);
            }
        }
    }

    /// Compiles, asks, and tells; whether all is correct.
    fn judge(&self, seed: u64) -> Result<bool> {
        say(paint(Colour::Bold, &format!("Lab of {}: {}", self.lab.chapter, self.lab.title)));
        say(paint(Colour::Dim, &self.file.display().to_string()));
        let text = fs::read_to_string(self.root.join(&self.file));
        let compiled = match text.ok().as_deref().and_then(::lab::refused) {
            Some(why) => Compiled::Rejected(why),
            None => compile(self.root, self.lab.chapter)?,
        };
        let program = match compiled {
            Compiled::Program(program) => program,
            Compiled::Rejected(why) => {
                say(format!("\n{}\n", paint(Colour::Red, "✗ does not compile")));
                say(why.trim_end());
                say("\nBegin with the first error: the others may follow from it.");
                return Ok(false);
            }
        };
        let assessments = self.assess(&program, seed)?;
        let mut correct = 0;
        let (mut points, mut all_points) = (0, 0);
        for ((number, exercise), assessment) in self.exercises.iter().zip(&assessments) {
            self.tell(*number, *exercise, assessment);
            all_points += exercise.about().points;
            if assessment.verdict.is_correct() {
                correct += 1;
                points += exercise.about().points;
            }
        }
        let all = self.exercises.len();
        say(format!("\n{correct} of {all} correct, {points} of {all_points} points."));
        Ok(correct == all)
    }

    /// All exercises at once: one that waits for an endless loop keeps no other waiting.
    fn assess(&self, program: &Path, seed: u64) -> Result<Vec<Assessment>> {
        let start = || -> Started {
            Ok(Arc::new(Worker::start(&mut Command::new(program), Limits::default())?))
        };
        thread::scope(|scope| {
            let threads: Vec<_> = self
                .exercises
                .iter()
                .map(|(_, exercise)| scope.spawn(|| exercise.assess(&start, seed)))
                .collect();
            let joined = threads.into_iter().map(|thread| thread.join());
            joined.collect::<Result<_, _>>().map_err(|_| anyhow!("a check ended unexpectedly"))
        })
    }

    fn tell(&self, number: usize, exercise: &dyn AnyExercise, assessment: &Assessment) {
        let (about, Assessment { verdict, printed }) = (exercise.about(), assessment);
        let (title, function) = (paint(Colour::Bold, about.title), about.function);
        let details = paint(Colour::Dim, &format!("{function} · {} min", about.minutes));
        say(format!("\n  {number}  {title}  {details}"));
        let (mark, colour) = match verdict {
            Verdict::Correct { .. } => ("✓", Colour::Green),
            Verdict::NotDone => ("·", Colour::Dim),
            Verdict::Known { .. } | Verdict::Wrong { .. } => ("✗", Colour::Red),
            _ => ("!", Colour::Yellow),
        };
        let name = match verdict {
            Verdict::Known { mistake, .. } => format!("{mark} {}: {mistake}", verdict.name()),
            _ => format!("{mark} {}", verdict.name()),
        };
        say(format!("     {}", paint(colour, &name)));
        if *verdict != Verdict::NotDone {
            say(indented(&verdict.to_string(), "       "));
        }
        if !printed.is_empty() {
            say("       It printed:");
            for line in printed.lines() {
                say(format!("       │ {line}"));
            }
        }
        if !verdict.is_correct() {
            let hint = format!("A hint: cargo course hint {} {number}", self.lab.chapter);
            say(format!("       {}", paint(Colour::Dim, &hint)));
        }
    }
}
