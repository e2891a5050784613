//! `cargo course grade`: points for what was handed in.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use confine::Launcher;
use lab::{AnyExercise, Lab, Limits, Started, Student, Verdict, Worker};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use run::{Progress, duration, parse, say};
use sha2::{Digest, Sha256};

use crate::results::{self, Graded, GradedExercise, GradedLab, Results, with_ending};
use crate::submission::{self, Place, Submission};
use crate::toolchain::{Compiled, Toolchain};

/// What to grade, and where to.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    /// Folders: a submission (with ch06.rs or chapters/…/lab/src/lib.rs in it), or a folder of submissions
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,

    /// Where the results go: FILE.csv and FILE.json, and FILE.parts/ with one file a submission. A second call with the same
    /// FILE goes on where the first was interrupted, and grades again only what has changed
    #[arg(long, value_name = "FILE", required = true)]
    pub out: Option<PathBuf>,

    /// The labs to grade, as in ch06 [default: all]
    #[arg(long = "lab", value_name = "CHAPTER")]
    pub labs: Vec<String>,

    /// Seed of the hidden questions [default: one that nobody knows; the results name it]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// Submissions at a time [default: all cores]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub jobs: Option<usize>,

    /// Grades only every N-th submission, beginning with the I-th (1 ≤ I ≤ N): a machine's share
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,

    #[command(subcommand)]
    merge: Option<Merge>,
}

#[derive(Debug, Subcommand)]
enum Merge {
    /// Puts the results of several shards together
    Merge {
        /// Results: the JSON files
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Where they go: FILE.csv and FILE.json
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// A machine's share of the submissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers =
            text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((index, of)) if 1 <= index && index <= of => Ok(Self { index, of }),
            _ => Err(format!("expected I/N with 1 ≤ I ≤ N, as in 3/10, not `{text}`")),
        }
    }
}

/// A lab with the place of its file and the solutions.
struct Task {
    lab: Lab,
    place: Place,
}

/// Runs the command. `root` is the course's folder, `launcher` how this program confines a process.
///
/// # Errors
/// If there is nothing to grade, something cannot be read or written, or a reference solution fails its check.
pub fn grade(arguments: &Arguments, root: &Path, launcher: Launcher) -> Result<()> {
    if let Some(Merge::Merge { files, out }) = &arguments.merge {
        let parts = files.iter().map(|file| Results::read(file)).collect::<Result<Vec<_>>>()?;
        return conclude(&Results::merged(parts)?, out);
    }
    let out = arguments.out.as_deref().context("--out is missing")?;
    let tasks = tasks(root, &arguments.labs)?;
    let places: Vec<Place> = tasks.iter().map(|task| task.place.clone()).collect();
    let mut submissions = submission::find(&arguments.folders, &places)?;
    if let Some(Shard { index, of }) = arguments.shard {
        submissions = submissions.into_iter().skip(index - 1).step_by(of).collect();
    }
    let confine::Enforced { yes, no } = confine::enforced();
    say(format!("Enforced here: {}.", yes.join("; ")));
    if !no.is_empty() {
        say(format!(
            "NOT enforced on this system: {}. Grade strangers' code elsewhere.",
            no.join("; ")
        ));
    }

    let seed = arguments.seed.unwrap_or_else(|| RandomState::new().hash_one("hidden questions"));
    for task in &tasks {
        task.solution_passes(seed)?;
    }
    let parts = with_ending(out, "parts");
    fs::create_dir_all(&parts).with_context(|| format!("cannot make {}", parts.display()))?;
    let toolchain = Toolchain::prepare(root, launcher)?;
    let grading = Grading { tasks, toolchain, seed, asked_seed: arguments.seed, parts };

    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(jobs) = arguments.jobs {
        pool = pool.num_threads(jobs);
    }
    let pool = pool.build().context("cannot start threads: try a smaller --jobs")?;
    let begin = Instant::now();
    let progress = Progress::new(submissions.len() as u64);
    let graded: Vec<Result<Graded>> = pool.install(|| {
        let one = |submission: &Submission| {
            progress.message(|| submission.name.clone());
            let graded = grading.part(submission);
            progress.advance(1);
            graded.with_context(|| submission.name.clone())
        };
        submissions.par_iter().map(one).collect()
    });
    drop(progress);

    let failed: Vec<String> =
        graded.iter().filter_map(|one| Some(format!("{:#}", one.as_ref().err()?))).collect();
    let submissions: Vec<Graded> = graded.into_iter().flatten().collect();
    let count = submissions.len();
    conclude(&Results { submissions }, out)?;
    say(format!("{count} submissions in {}; seed {seed}", duration(begin.elapsed().as_secs_f64())));
    if !failed.is_empty() {
        bail!(
            "{} submissions could not be graded, for no fault of theirs; the same command tries them again:\n{}",
            failed.len(),
            failed.join("\n")
        );
    }
    Ok(())
}

/// Writes the results and says where they are.
fn conclude(results: &Results, out: &Path) -> Result<()> {
    let files = results.write(out)?;
    let mean = results.submissions.iter().map(|graded| f64::from(graded.points)).sum::<f64>()
        / results.submissions.len().max(1) as f64;
    let most = results.submissions.iter().map(|graded| graded.of).max().unwrap_or_default();
    say(format!("Mean {mean:.1} of {most} points"));
    for file in files {
        say(format!("  {}", file.display()));
    }
    Ok(())
}

/// The labs with these names, or all.
fn tasks(root: &Path, names: &[String]) -> Result<Vec<Task>> {
    let labs = lab_checks::labs();
    let known: BTreeSet<&str> = labs.iter().map(|lab| lab.chapter).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name.as_str())) {
        let known: Vec<&str> = known.into_iter().collect();
        bail!("there is no lab `{name}`; there are {}", known.join(", "));
    }
    let wanted = |lab: &Lab| names.is_empty() || names.iter().any(|name| name == lab.chapter);
    labs.into_iter()
        .filter(wanted)
        .map(|lab| {
            let file =
                PathBuf::from(format!("chapters/{}-{}/lab/src/lib.rs", lab.chapter, lab.slug));
            if !root.join(&file).is_file() {
                bail!("the lab's own file {} is missing", file.display());
            }
            Ok(Task { place: Place { chapter: lab.chapter, file }, lab })
        })
        .collect()
}

impl Task {
    /// The reference solution has to be right by the very questions that will be asked.
    fn solution_passes(&self, seed: u64) -> Result<()> {
        let chapter = self.lab.chapter;
        let functions = solutions::functions(chapter)
            .with_context(|| format!("there are no solutions for {chapter}"))?;
        let solution: Arc<dyn Student> = Arc::new(functions);
        for exercise in &self.lab.exercises {
            let start = || -> Started { Ok(Arc::clone(&solution)) };
            let verdict = exercise.assess(&start, seed).verdict;
            if !verdict.is_correct() {
                bail!(
                    "the solution of {chapter}'s exercise `{}` fails at seed {seed}, so nobody was graded: {} {verdict}",
                    exercise.about().function,
                    verdict.name()
                );
            }
        }
        Ok(())
    }
}

/// All that grading a submission takes.
struct Grading {
    tasks: Vec<Task>,
    toolchain: Toolchain,
    seed: u64,
    asked_seed: Option<u64>,
    parts: PathBuf,
}

impl Grading {
    /// A submission's result: the one that is there already, if it is still true, or a new one.
    fn part(&self, submission: &Submission) -> Result<Graded> {
        let texts: Vec<_> = self.tasks.iter().map(|task| task.place.text(submission)).collect();
        let digest = self.digest(&texts);
        let file = self.parts.join(format!("{}.json", submission.name));
        let known =
            fs::read_to_string(&file).ok().and_then(|text| serde_json::from_str(&text).ok());
        if let Some(known) = known.filter(|known: &Graded| known.digest == digest) {
            return Ok(known);
        }
        let begin = Instant::now();
        let labs: Vec<GradedLab> = self
            .tasks
            .iter()
            .zip(texts)
            .map(|(task, text)| self.lab(task, text))
            .collect::<Result<_>>()?;
        let graded = Graded {
            submission: submission.name.clone(),
            digest,
            seed: self.seed,
            points: labs.iter().map(|lab| lab.points).sum(),
            of: labs.iter().map(|lab| lab.of).sum(),
            seconds: begin.elapsed().as_secs_f64(),
            labs,
        };
        results::write(&file, &serde_json::to_string(&graded)?)?;
        Ok(graded)
    }

    fn digest(&self, texts: &[Option<Result<String, String>>]) -> String {
        let mut hash = Sha256::new();
        for (task, text) in self.tasks.iter().zip(texts) {
            // Lengths keep the end of one text from passing as the beginning of the next.
            let text = match text {
                Some(Ok(text) | Err(text)) => text,
                None => "",
            };
            hash.update(format!("{} {} {:?} ", task.lab.chapter, text.len(), self.asked_seed));
            hash.update(text);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn lab(&self, task: &Task, text: Option<Result<String, String>>) -> Result<GradedLab> {
        let text = match text {
            None => {
                return Ok(task.without_points(
                    "not handed in",
                    "There is no file for this lab.",
                    "",
                ));
            }
            Some(Err(problem)) => return Ok(task.without_points("not readable", &problem, "")),
            Some(Ok(text)) => text,
        };
        let folder = tempfile::tempdir().context("cannot make a folder to compile in")?;
        let program = match self.toolchain.compile(&text, &task.place, folder.path())? {
            Compiled::Worker(program) => program,
            Compiled::Refused(why) => {
                return Ok(task.without_points(why.verdict, &why.text, &shortened(&why.log)));
            }
        };
        let start = || -> Started {
            Ok(Arc::new(Worker::start(&mut self.toolchain.worker(&program), Limits::default())?))
        };
        let one = |exercise: &dyn AnyExercise| {
            let lab::Assessment { verdict, printed } = exercise.assess(&start, self.seed);
            let about = exercise.about();
            let mistake = match &verdict {
                Verdict::Known { mistake, .. } => (*mistake).to_owned(),
                _ => String::new(),
            };
            GradedExercise {
                exercise: about.function.to_owned(),
                points: if verdict.is_correct() { about.points } else { 0 },
                of: about.points,
                verdict: verdict.name().to_owned(),
                mistake,
                text: verdict.to_string(),
                printed: printed.lines(),
            }
        };
        let exercises: Vec<_> = task.lab.exercises.iter().map(|e| one(e.as_ref())).collect();
        Ok(GradedLab {
            chapter: task.lab.chapter.to_owned(),
            points: exercises.iter().map(|exercise| exercise.points).sum(),
            of: task.lab.points(),
            log: String::new(),
            exercises,
        })
    }
}

impl Task {
    /// Every exercise of a lab that could not be run.
    fn without_points(&self, verdict: &str, text: &str, log: &str) -> GradedLab {
        let one = |exercise: &dyn AnyExercise| GradedExercise {
            exercise: exercise.about().function.to_owned(),
            points: 0,
            of: exercise.about().points,
            verdict: verdict.to_owned(),
            mistake: String::new(),
            text: text.to_owned(),
            printed: Vec::new(),
        };
        GradedLab {
            chapter: self.lab.chapter.to_owned(),
            points: 0,
            of: self.lab.points(),
            log: log.to_owned(),
            exercises: self.lab.exercises.iter().map(|exercise| one(exercise.as_ref())).collect(),
        }
    }
}

/// A log that fits into a table: its beginning.
fn shortened(log: &str) -> String {
    const KEPT: usize = 4000;
    match log.char_indices().nth(KEPT) {
        Some((end, _)) => format!("{}\n… shortened", &log[..end]),
        None => log.to_owned(),
    }
}
