//! A student's program in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::clock::Clock;
use crate::functions::Question;
use crate::{Failure, Printed, Student};

/// How long a student's code may take: time in which it computed, or waited by itself, and not time in which the machine did
/// something else ([`Clock`]).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one answer.
    pub question: Duration,
    /// For all answers of one process.
    pub all: Duration,
}

impl Default for Limits {
    /// Ten times what a slow but sensible answer takes on a slow machine.
    fn default() -> Self {
        Self { question: Duration::from_secs(2), all: Duration::from_secs(10) }
    }
}

/// So many times the limit an answer is waited for by the wall's clock: a machine that has given the process less than the
/// limit by then has no time for it.
const STARVED: u32 = 60;

/// How often to look whether the time is up.
const GLANCE: Duration = Duration::from_millis(20);

/// Bytes of a line that are kept. The longest right answer of all labs has a hundredth of that (a test of theirs).
pub const LONGEST_LINE: usize = 1 << 20;

/// Lines that may wait to be looked at. Nobody who answers one question at a time needs more than one.
const WAITING_LINES: usize = 4;

/// How long a process may take to go, once it has nothing more to do.
const PARTING: Duration = Duration::from_millis(500);

/// A process that answers questions: [`Functions::serve`](crate::Functions::serve) is its other end.
///
/// It is killed when it is too slow, and when the `Worker` is dropped.
pub struct Worker {
    state: Mutex<State>,
    printed: Arc<Mutex<Printed>>,
}

struct State {
    child: Child,
    /// What is sent here goes to the process, from a thread of its own: a process that does not read stops nobody.
    questions: Sender<Vec<u8>>,
    answers: Receiver<Line>,
    /// Comes with an error as soon as both channels of the process are closed.
    open: Receiver<()>,
    limits: Limits,
    clock: Clock,
    asked: u64,
    /// Tells this worker's answers from all else that is printed.
    mark: u64,
}

impl Worker {
    /// Starts the process. The command says which, and where it is kept in bounds; its three standard channels are
    /// replaced.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(command: &mut Command, limits: Limits) -> Result<Self, Failure> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| {
                let program = command.get_program().to_string_lossy();
                Failure::unusable(format!("{program} cannot be started: {error}"))
            })?;
        let printed = Arc::new(Mutex::default());
        let (answer, answers) = mpsc::sync_channel(WAITING_LINES);
        let (closing, open) = mpsc::channel();
        let mark = entropy();
        if let Some(out) = child.stdout.take() {
            let (printed, closing) = (Arc::clone(&printed), closing.clone());
            thread::spawn(move || {
                read(out, &printed, |line| line.starts_with(&answer_start(mark)), &answer);
                drop(closing);
            });
        }
        if let Some(err) = child.stderr.take() {
            let printed = Arc::clone(&printed);
            let (nobody, _) = mpsc::sync_channel(0);
            thread::spawn(move || {
                read(err, &printed, |_| false, &nobody);
                drop(closing);
            });
        }
        let (questions, to_write) = mpsc::channel();
        if let Some(input) = child.stdin.take() {
            thread::spawn(move || write(input, &to_write));
        }
        let clock = Clock::new(child.id());
        let state = State { child, questions, answers, open, limits, clock, asked: 0, mark };
        Ok(Self { state: Mutex::new(state), printed })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number that no other process knows.
fn entropy() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one("a worker")
}

fn answer_start(mark: u64) -> String {
    format!("answer-{mark:016x}-")
}

/// A line that a process wrote, without its end.
struct Line {
    text: String,
    /// Whether there was more of it than is kept.
    is_cut: bool,
}

/// Passes on the lines that are answers and keeps the others as printed, until the channel is closed.
fn read(
    from: impl Read,
    printed: &Mutex<Printed>,
    is_answer: impl Fn(&str) -> bool,
    answers: &SyncSender<Line>,
) {
    let keep = |text: &str| printed.lock().unwrap_or_else(PoisonError::into_inner).add(text);
    let mut from = BufReader::new(from);
    let mut empty_before = false;
    while let Some(line) = next_line(&mut from) {
        // An answer begins with an empty line of its own, for whatever was printed without an end.
        let is_answer = is_answer(&line.text);
        if empty_before && !is_answer {
            keep("");
        }
        empty_before = line.text.is_empty();
        if is_answer {
            if answers.send(line).is_err() {
                return;
            }
        } else if !empty_before {
            keep(&line.text);
        }
    }
    if empty_before {
        keep("");
    }
}

/// The next line, as much of it as is kept; `None` at the end.
fn next_line(from: &mut impl BufRead) -> Option<Line> {
    let (mut kept, mut is_cut, mut any) = (Vec::new(), false, false);
    loop {
        let buffer = from.fill_buf().ok()?;
        if buffer.is_empty() {
            break;
        }
        any = true;
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        let room = LONGEST_LINE - kept.len();
        kept.extend_from_slice(&part[..part.len().min(room)]);
        is_cut |= part.len() > room;
        let used = part.len() + usize::from(end.is_some());
        from.consume(used);
        if end.is_some() {
            break;
        }
    }
    any.then(|| Line { text: String::from_utf8_lossy(&kept).into_owned(), is_cut })
}

fn write(mut to: ChildStdin, questions: &Receiver<Vec<u8>>) {
    for question in questions {
        if to.write_all(&question).and_then(|()| to.flush()).is_err() {
            return; // it is gone, and whoever waits for the answer notices
        }
    }
}

impl State {
    fn ask(&mut self, function: &str, input: &Value) -> Result<Value, Failure> {
        self.asked += 1;
        let mark = format!("{}{}", answer_start(self.mark), self.asked);
        let question =
            Question { mark: mark.clone(), function: function.to_owned(), input: input.clone() };
        let mut line = serde_json::to_vec(&question)
            .map_err(|error| Failure::unusable(format!("the question is no JSON: {error}")))?;
        line.push(b'\n');
        if self.questions.send(line).is_err() {
            return Err(self.ended());
        }
        let answer = self.answer()?;
        if answer.is_cut {
            self.kill();
            return Err(Failure::TooLong { most: LONGEST_LINE as u64 });
        }
        answer
            .text
            .strip_prefix(&mark)
            .and_then(|json| serde_json::from_str::<Result<Value, Failure>>(json).ok())
            .unwrap_or_else(|| {
                Err(Failure::unusable("what came back is no answer to the question"))
            })
    }

    /// Waits for a line of an answer, as long as the process has time left.
    fn answer(&mut self) -> Result<Line, Failure> {
        let Limits { question, all } = self.limits;
        let begin = Instant::now();
        self.clock.resume();
        let before = self.clock.time();
        loop {
            match self.answers.recv_timeout(GLANCE.min(question)) {
                Ok(line) => {
                    self.clock.time();
                    return Ok(line);
                }
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let had = self.clock.time();
            if had >= all {
                return Err(self.too_slow(all));
            }
            if had - before >= question {
                return Err(self.too_slow(question));
            }
            if begin.elapsed() >= STARVED * question {
                self.kill();
                return Err(Failure::Starved { seconds: begin.elapsed().as_secs_f64().round() });
            }
        }
    }

    fn too_slow(&mut self, limit: Duration) -> Failure {
        self.kill();
        Failure::TooSlow { seconds: limit.as_secs_f64() }
    }

    fn ended(&mut self) -> Failure {
        let how = match self.wait() {
            Some(status) => in_words(status),
            None => "it closed its output, and went on".to_owned(),
        };
        Failure::Ended { how }
    }

    /// Waits for the process to go by itself, and then no longer.
    fn wait(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + PARTING;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(2)),
                _ => break,
            }
        }
        self.kill();
        None
    }

    fn kill(&mut self) {
        // Both fail only if the process is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn in_words(status: ExitStatus) -> String {
    match status.code() {
        Some(0) => "it left as if all were well (exit status 0)".to_owned(),
        Some(code) => format!("exit status {code}"),
        None => format!("{status}"), // "signal: 6 (SIGABRT)"
    }
}

impl Student for Worker {
    fn ask(&self, function: &str, input: &Value) -> Result<Value, Failure> {
        self.state().ask(function, input)
    }

    /// Ends the process: what it had to say is said.
    fn printed(&self) -> Printed {
        let mut state = self.state();
        state.questions = mpsc::channel().0;
        state.wait();
        // A process that the student's code started may hold the channels open; then what has come has to do.
        let _ = state.open.recv_timeout(PARTING);
        self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.state().kill();
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}
