//! `cargo course lab` and `cargo course hint` as students type them, in a course that has one lab.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// A course of its own, with the lab of chapter 6. There is one at a time: all are built in one folder, where the last lab that was built
/// has the name.
struct Course {
    folder: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

static ALONE: Mutex<()> = Mutex::new(());

const LAB: &str = "chapters/ch06-gaussian-kl/lab";
/// The function of the exercise that is done here.
const FUNCTION: &str = "full_covariance_kl";
/// Building a lab takes seconds, and minutes on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(300);

impl Course {
    fn new() -> Self {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let course = Self { folder: tempfile::tempdir().expect("a folder"), _alone };
        let root = root();
        let manifest =
            fs::read_to_string(root.join("Cargo.toml")).expect("the workspace's manifest");
        let members = manifest.find("members = [").expect("its members");
        let end = members + manifest[members..].find(']').expect("their end");
        let manifest = manifest
            .replace(&manifest[members..=end], "members = [\"chapters/*/lab\"]")
            .replace("{ path = \"", &format!("{{ path = \"{}/", root.display()));
        course.write("Cargo.toml", &manifest);
        for file in ["Cargo.lock", &format!("{LAB}/Cargo.toml"), &format!("{LAB}/src/main.rs")] {
            course.write(file, &fs::read_to_string(root.join(file)).expect("a file of the course"));
        }
        course.write(&format!("{LAB}/src/lib.rs"), &untouched());
        course
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
        fs::write(path, text).expect("a new file");
    }

    /// Replaces the body of the exercise's function.
    fn answer(&self, body: &str) {
        let text = untouched();
        let function = text.find(&format!("fn {FUNCTION}")).expect("the exercise");
        let todo = function + text[function..].find("todo!(").expect("its body");
        let end = todo + text[todo..].find('\n').expect("its end");
        let answered = format!("{}{body}{}", &text[..todo], &text[end..]);
        self.write(&format!("{LAB}/src/lib.rs"), &answered);
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-course"));
        command
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            // What is compiled already need not be compiled again.
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join(".."))
            .env("CARGO_NET_OFFLINE", "true");
        command
    }

    /// The exit status and the output.
    fn says(&self, line: &str) -> (i32, String) {
        let output = self.command(line).output().expect("the program runs");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).expect("the program writes UTF-8");
        (output.status.code().expect("no signal"), text)
    }
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the course's folder")
}

fn untouched() -> String {
    fs::read_to_string(root().join(LAB).join("src/lib.rs")).expect("the student's file")
}

/// ½(tr Σ + ‖μ‖² − D − log det Σ) with the opinion about the last that is given.
fn kl(log_det: &str) -> String {
    format!(
        "let mut left = covariance.clone();
         let mut log_det = 0.0;
         for k in 0..mean.len() {{
             log_det += left[[k, k]].ln();
             for i in k + 1..mean.len() {{
                 let factor = left[[i, k]] / left[[k, k]];
                 for j in k..mean.len() {{ left[[i, j]] -= factor * left[[k, j]]; }}
             }}
         }}
         0.5 * (covariance.diag().sum() + mean.dot(mean) - mean.len() as f64 - {log_det})"
    )
}

/// One student's evening.
#[test]
fn a_lab_answers_from_untouched_to_correct() {
    let course = Course::new();
    let exercise = format!("lab ch06 {FUNCTION}");
    let (status, text) = course.says("lab gaussian-kl");
    assert_eq!(status, 1, "{text}");
    assert!(!text.contains('✓') && text.contains("· not done yet"), "{text}");
    assert!(
        text.contains("0 of 5 correct, 0 of ") && text.contains("cargo course hint ch06 5"),
        "{text}"
    );
    assert!(!text.contains('\x1b'), "colours are for terminals: {text}");

    course.answer("let half: f64 = \"a half\"; half");
    let (status, text) = course.says(&exercise);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("✗ does not compile") && text.contains("error[E0308]"), "{text}");
    assert!(text.contains("lab/src/lib.rs:"), "{text}");

    course.answer(&kl("(-log_det)"));
    let (status, text) = course.says(&exercise);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("✗ wrong in a known way: log-determinant-added"), "{text}");
    let shown = "full_covariance_kl(&mean, &covariance): you have 2.19315, it should be 0.806853\n       \
                 let mean = array![0.0];\n       let covariance = array![[4.0]];\n";
    assert!(text.contains(shown), "{text}");

    course.answer("covariance[[mean.len(), 0]]");
    let (_, text) = course.says(&exercise);
    assert!(text.contains("! panicked") && text.contains(&format!("{LAB}/src/lib.rs:")), "{text}");
    assert!(text.contains("Asked: full_covariance_kl(&mean, &covariance)\n"), "{text}");

    course.answer(&format!("println!(\"D = {{}}\", mean.len()); {}", kl("log_det")));
    let (status, text) = course.says(&exercise);
    assert_eq!(status, 0, "{text}");
    assert!(
        text.contains("✓ correct") && text.contains("1 of 1 correct, 3 of 3 points."),
        "{text}"
    );
    assert!(text.contains("It printed:\n       │ D = 1\n"), "{text}");
}

/// A program that does not end by itself.
struct Watching(Child);

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn watching_judges_again_when_the_file_changes() {
    let course = Course::new();
    let mut command = course.command(&format!("lab 6 {FUNCTION} --watch"));
    let mut watching = Watching(command.stdout(Stdio::piped()).spawn().expect("the program runs"));
    let (line, lines) = mpsc::channel();
    let output = BufReader::new(watching.0.stdout.take().expect("its output"));
    thread::spawn(move || {
        for text in output.lines().map_while(Result::ok) {
            let _ = line.send(text);
        }
    });
    let wait_for = |what: &str| {
        let mut seen = String::new();
        while !seen.contains(what) {
            seen += &lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no `{what}`: {seen}"));
        }
    };
    wait_for("not done yet");
    wait_for("Watching chapters");
    course.answer(&kl("log_det"));
    wait_for("✓ correct");
    wait_for("Watching chapters");
    assert!(watching.0.try_wait().expect("its status").is_none(), "it goes on");
}

#[test]
fn hints_unfold_one_by_one() {
    let course = Course::new();
    let hint = |rest: &str| course.says(&format!("hint ch06 {FUNCTION} {rest}")).1;
    assert!(hint("--again").contains("None is unfolded yet"));
    let first = hint("");
    assert!(first.contains("hint 1 of 3") && !first.contains("hint 2 of 3"), "{first}");
    assert!(first.contains("There are 2 more"), "{first}");
    assert_eq!(hint("--again"), first);
    let second = hint("");
    assert!(second.contains("hint 2 of 3") && !second.contains("hint 3 of 3"), "{second}");
    let all = hint("--all");
    assert!(all.contains("hint 3 of 3") && all.contains("These are all."), "{all}");
    assert_eq!(hint(""), all, "there is no fourth");

    course.write("out/hints.json", "scribble");
    let (status, text) = course.says("hint ch06 1");
    assert_eq!(status, 1);
    assert!(text.contains("out/hints.json") && text.contains("delete it"), "{text}");
}

#[test]
fn what_is_not_there_is_said_so() {
    let course = Course::new();
    let (status, text) = course.says("lab gausian-kl");
    assert_eq!(status, 1);
    assert!(text.starts_with("error: ") && text.contains("did you mean `gaussian-kl`?"), "{text}");
    let (status, text) = course.says("hint ch06 17");
    assert_eq!(status, 1);
    assert!(text.contains("no exercise `17`") && text.contains(FUNCTION), "{text}");
    let (status, text) = course.says("lab ch05");
    assert_eq!(status, 1);
    assert!(text.contains("lib.rs is not there"), "{text}");
    assert_eq!(course.says("lab --watch").0, 2, "one lab at a time");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let output =
        course.command("lab ch06").current_dir(elsewhere.path()).output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stderr).contains("not inside the course"));
}
