//! `cargo course grade`: points for what was handed in.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Args, Subcommand};
use confine::Launcher;
use lab::{AnyExercise, Lab, Limits, Started, Student, Verdict, Worker};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use run::{Progress, duration, parse, say};
use sha2::{Digest, Sha256};
use solutions::Mistaken;

use crate::attempt::Attempt;
use crate::rehearsal::Rehearsal;
use crate::results::{self, Graded, GradedExercise, GradedLab, Results, with_ending};
use crate::submission::{self, Place, Submission};
use crate::toolchain::{Compiled, Toolchain};
use crate::workshop::Workshop;

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

    /// Grades only the submission of this name
    #[arg(long, value_name = "NAME")]
    pub only: Option<String>,

    /// Takes files that are nearly where and how they should be: CH06.rs, `ch06 (1).rs`, ch06.rs.txt, homework6/ch06.rs; the
    /// file's name is told, and of two nobody is taken
    #[arg(long)]
    pub accept_near_misses: bool,

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
    if let Some(name) = &arguments.only {
        submissions.retain(|submission| submission.name == *name);
        ensure!(!submissions.is_empty(), "there is no submission called {name}");
    }
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
    let work = Workshop::open()?;
    let toolchain = Toolchain::prepare(root, launcher)?;
    let grading = Grading::new(root, tasks, toolchain, work, seed, arguments, parts)?;
    grading.rehearse()?;

    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(jobs) = arguments.jobs {
        pool = pool.num_threads(jobs);
    }
    let pool = pool.build().context("cannot start threads: try a smaller --jobs")?;
    let begin = Instant::now();
    let progress = Progress::new(submissions.len() as u64);
    let graded: Vec<Result<Part>> = pool.install(|| {
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
    let parts: Vec<Part> = graded.into_iter().flatten().collect();
    let with = |from: From| parts.iter().filter(|part| part.from == from).count();
    let (kept, course, work) =
        (with(From::Before), with(From::AnotherCourse), with(From::AnotherWork));
    let count = parts.len();
    conclude(&Results { submissions: parts.into_iter().map(|part| part.graded).collect() }, out)?;
    say(format!("{count} submissions in {}; seed {seed}", duration(begin.elapsed().as_secs_f64())));
    if kept + course + work > 0 {
        say(format!(
            "{kept} results were there already; graded again: {work} because something else was handed in, {course} because \
             the course, the compiler or the way to grade is another"
        ));
    }
    for line in near_misses(&submissions, &places) {
        say(line);
    }
    if !failed.is_empty() {
        bail!(
            "{} submissions could not be graded, for no fault of theirs; the same command tries them again:\n{}",
            failed.len(),
            failed.join("\n")
        );
    }
    Ok(())
}

/// Names of files that somebody may have meant, at the end, where a teacher sees them.
fn near_misses(submissions: &[Submission], places: &[Place]) -> Vec<String> {
    let of = |submission: &Submission| {
        let missed: Vec<String> = places
            .iter()
            .filter(|place| place.text(submission, false).is_none())
            .flat_map(|place| place.near_misses(submission))
            .map(|file| file.display().to_string())
            .collect();
        (!missed.is_empty()).then(|| format!("  {}: {}", submission.name, missed.join(", ")))
    };
    let mut lines: Vec<String> = submissions.iter().filter_map(of).collect();
    if !lines.is_empty() {
        let head = "Not handed in under the name that was asked for, but nearly (--accept-near-misses takes those of which \
                    there is one):";
        lines.insert(0, head.to_owned());
    }
    lines
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
    let labs: Vec<Lab> = labs.into_iter().filter(wanted).collect();
    let is_the_only_one = labs.len() == 1;
    labs.into_iter()
        .map(|lab| {
            let file =
                PathBuf::from(format!("chapters/{}-{}/lab/src/lib.rs", lab.chapter, lab.slug));
            if !root.join(&file).is_file() {
                bail!("the lab's own file {} is missing", file.display());
            }
            Ok(Task { place: Place { chapter: lab.chapter, file, is_the_only_one }, lab })
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
    rehearsals: Vec<Rehearsal>,
    toolchain: Toolchain,
    work: Workshop,
    seed: u64,
    parts: PathBuf,
    folders: Vec<PathBuf>,
    accepts_near_misses: bool,
    /// A hash of all that decides a verdict besides what was handed in.
    course: String,
}

/// A submission's result, and why it was graded now.
struct Part {
    graded: Graded,
    from: From,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// It was not: the result was there.
    Before,
    /// There was none.
    Nothing,
    /// There was one, of something else that was handed in.
    AnotherWork,
    /// There was one, by other checks, points, limits, or another compiler.
    AnotherCourse,
}

/// What came of judging a lab of a submission once.
struct Judged {
    lab: GradedLab,
    /// Whether the machine may have caused it.
    is_suspicious: bool,
}

impl Grading {
    fn new(
        root: &Path,
        tasks: Vec<Task>,
        toolchain: Toolchain,
        work: Workshop,
        seed: u64,
        arguments: &Arguments,
        parts: PathBuf,
    ) -> Result<Self> {
        fs::create_dir_all(&parts).with_context(|| format!("cannot make {}", parts.display()))?;
        results::write(&parts.join(submission::MARK), "Results of `cargo course grade`.\n")?;
        let chapters = tasks.iter().map(|task| task.lab.chapter);
        let rehearsals =
            chapters.map(|chapter| Rehearsal::of(root, chapter)).collect::<Result<_>>()?;
        // This program holds the checks, the points and the limits.
        let program = std::env::current_exe().context("cannot find this program")?;
        let mut course = Sha256::new_with_prefix(
            fs::read(&program).with_context(|| format!("cannot read {}", program.display()))?,
        );
        for task in &tasks {
            course.update(toolchain.fingerprint(&task.place)?);
        }
        course.update(format!("{:?} {}", arguments.seed, arguments.accept_near_misses));
        Ok(Self {
            tasks,
            rehearsals,
            toolchain,
            work,
            seed,
            parts,
            folders: arguments.folders.clone(),
            accepts_near_misses: arguments.accept_near_misses,
            course: hex(course),
        })
    }

    /// Compiles, confines and asks for each lab the solution and a mistake, as it will be done with submissions. If these are
    /// not judged as they have to be, nobody is graded.
    fn rehearse(&self) -> Result<()> {
        self.tasks.par_iter().zip(&self.rehearsals).try_for_each(|(task, rehearsal)| {
            self.rehearse_solution(task, rehearsal)?;
            let Mistaken { function, mistake, .. } = rehearsal.mistake;
            let judged = self.judge(task, &rehearsal.mistaken)?.lab;
            let wrong = judged.exercises.iter().find(|exercise| {
                let expected = if exercise.exercise == function { mistake } else { "" };
                exercise.mistake != expected
                    || (exercise.points > 0) == (exercise.exercise == function)
            });
            match wrong {
                Some(exercise) => {
                    Err(not_as_known("a solution with a known mistake", task, &judged, exercise))
                }
                None => Ok(()),
            }
        })
    }

    fn rehearse_solution(&self, task: &Task, rehearsal: &Rehearsal) -> Result<()> {
        let judged = self.judge(task, &rehearsal.solved)?.lab;
        match judged.exercises.iter().find(|exercise| exercise.points < exercise.of) {
            Some(exercise) => Err(not_as_known("the reference solution", task, &judged, exercise)),
            None => Ok(()),
        }
    }

    /// A submission's result: the one that is there already, if it is still true, or a new one.
    fn part(&self, submission: &Submission) -> Result<Part> {
        let text = |task: &Task| task.place.text(submission, self.accepts_near_misses);
        let texts: Vec<_> = self.tasks.iter().map(text).collect();
        let digest = self.digest(&texts);
        let file = self.parts.join(format!("{}.json", submission.name));
        let known =
            fs::read_to_string(&file).ok().and_then(|text| serde_json::from_str(&text).ok());
        let from = match known {
            Some(Graded { course, .. }) if course != self.course => From::AnotherCourse,
            Some(known) if known.digest == digest => {
                return Ok(Part { graded: known, from: From::Before });
            }
            Some(_) => From::AnotherWork,
            None => From::Nothing,
        };
        let attempt = Attempt::begin(&self.parts, &submission.name, &digest)?;
        let begin = Instant::now();
        let labs: Vec<GradedLab> = if attempt.is_feared() {
            self.apart(submission)?.labs
        } else {
            (self.tasks.iter().zip(&self.rehearsals).zip(texts))
                .map(|((task, rehearsal), text)| self.lab(task, rehearsal, submission, text))
                .collect::<Result<_>>()?
        };
        let graded = Graded {
            submission: submission.name.clone(),
            digest,
            course: self.course.clone(),
            seed: self.seed,
            points: labs.iter().map(|lab| lab.points).sum(),
            of: labs.iter().map(|lab| lab.of).sum(),
            seconds: begin.elapsed().as_secs_f64(),
            labs,
        };
        results::write(&file, &serde_json::to_string(&graded)?)?;
        attempt.done();
        Ok(Part { graded, from })
    }

    /// The result of a submission during which graders have ended, from a grader of its own: should it end, too, this one
    /// goes on.
    fn apart(&self, submission: &Submission) -> Result<Graded> {
        let folder = self.work.folder()?;
        let out = folder.path().join("apart");
        let mut command =
            Command::new(std::env::current_exe().context("cannot find this program")?);
        command.arg("grade").args(&self.folders).args(["--only", &submission.name, "--jobs", "1"]);
        command.args(["--seed", &self.seed.to_string()]).arg("--out").arg(&out);
        command.args(self.tasks.iter().flat_map(|task| ["--lab", task.lab.chapter]));
        command.args(self.accepts_near_misses.then_some("--accept-near-misses"));
        let output = command.output().context("cannot start a grader for it")?;
        if !output.status.success() {
            bail!(
                "graders ended while they judged it, and one that judges nothing else did so, too ({}): look at it yourself. {}",
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        let mut results = Results::read(&with_ending(&out, "json"))?;
        results.submissions.pop().context("it was not graded")
    }

    fn digest(&self, texts: &[Option<Result<String, String>>]) -> String {
        let mut hash = Sha256::new();
        for (task, text) in self.tasks.iter().zip(texts) {
            // Lengths keep the end of one text from passing as the beginning of the next.
            let text = match text {
                Some(Ok(text) | Err(text)) => text,
                None => "",
            };
            hash.update(format!("{} {} ", task.lab.chapter, text.len()));
            hash.update(text);
        }
        hex(hash)
    }

    /// Judges a lab of a submission. What the machine may have caused is believed only if the machine judges the reference
    /// solution rightly at the same time, and then only the second time.
    fn lab(
        &self,
        task: &Task,
        rehearsal: &Rehearsal,
        submission: &Submission,
        text: Option<Result<String, String>>,
    ) -> Result<GradedLab> {
        let text = match text {
            None => {
                let missed = task.place.near_misses(submission);
                let mut words = "There is no file for this lab.".to_owned();
                if !missed.is_empty() {
                    let missed: Vec<_> =
                        missed.iter().map(|file| file.display().to_string()).collect();
                    words += &format!(" Not taken, because of its name: {}.", missed.join(", "));
                }
                return Ok(task.without_points("not handed in", &words, ""));
            }
            Some(Err(problem)) => return Ok(task.without_points("not readable", &problem, "")),
            Some(Ok(text)) => text,
        };
        let first = self.judge(task, &text)?;
        if !first.is_suspicious {
            return Ok(first.lab);
        }
        self.rehearse_solution(task, rehearsal)?;
        let second = self.judge(task, &text)?;
        if second.is_suspicious {
            self.rehearse_solution(task, rehearsal)?;
        }
        Ok(second.lab)
    }

    /// Compiles a file for a lab and asks its functions, once.
    fn judge(&self, task: &Task, text: &str) -> Result<Judged> {
        let folder = self.work.folder()?;
        let program = match self.toolchain.compile(text, &task.place, folder.path())? {
            Compiled::Worker(program) => program,
            Compiled::Refused(why) => {
                let lab = task.without_points(why.verdict, &why.text, &shortened(&why.log));
                return Ok(Judged { lab, is_suspicious: !why.is_certain });
            }
        };
        let start = || -> Started {
            Ok(Arc::new(Worker::start(&mut self.toolchain.worker(&program), Limits::default())?))
        };
        let mut is_suspicious = false;
        let mut one = |exercise: &dyn AnyExercise| {
            let lab::Assessment { verdict, printed } = exercise.assess(&start, self.seed);
            is_suspicious |= may_be_the_machines(&verdict);
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
        let lab = GradedLab {
            chapter: task.lab.chapter.to_owned(),
            points: exercises.iter().map(|exercise| exercise.points).sum(),
            of: task.lab.points(),
            log: String::new(),
            exercises,
        };
        Ok(Judged { lab, is_suspicious })
    }
}

/// Whether the machine may have caused a verdict: the program could not be started, was killed from outside, left with a
/// status before it answered, or was hardly given time.
fn may_be_the_machines(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Unusable { .. } | Verdict::Starved { .. } => true,
        Verdict::Ended { how, .. } => how.starts_with("exit status") || how.contains("SIGKILL"),
        _ => false,
    }
}

/// What to say if something whose verdict is known was judged otherwise.
fn not_as_known(
    what: &str,
    task: &Task,
    judged: &GradedLab,
    exercise: &GradedExercise,
) -> anyhow::Error {
    let GradedExercise { exercise, verdict, text, printed, .. } = exercise;
    let said: Vec<&str> =
        (printed.iter().map(String::as_str)).chain(judged.log.lines()).take(5).collect();
    anyhow!(
        "{what} of {chapter}, compiled and run as submissions are, is judged `{verdict}` in `{exercise}` ({text}). That says \
         nothing of the students: it is this machine's fault (a full disk, a temporary folder in which nothing may be \
         executed, no linker, no time) or the course's.{said}",
        chapter = task.lab.chapter,
        said =
            if said.is_empty() { String::new() } else { format!(" It said:\n{}", said.join("\n")) }
    )
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
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
