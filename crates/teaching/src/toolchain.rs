//! Compiling what was handed in, with as little as possible.
//!
//! The compiler is called directly, without cargo, on one file and with `ndarray` as the only crate: there are no build
//! scripts, no macros that run code, and neither a chapter nor the solutions to be called. It runs confined, so that
//! `include_str!` and `#[path]` find nothing but the file itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use confine::{Bounds, End, Launcher, Patience, watch};
use serde_json::Value;
use tempfile::TempDir;
use toml::Table;

/// A compiler and the compiled crates that a submission may use.
pub struct Toolchain {
    root: PathBuf,
    launcher: Launcher,
    compiler: PathBuf,
    /// Where the compiler is, with its libraries.
    sysroot: PathBuf,
    /// Copies of the compiled crates, and of nothing else.
    crates: TempDir,
    /// The file of each crate that is named on the command line.
    files: BTreeMap<&'static str, PathBuf>,
    /// The names of the course's crates, as code would write them.
    course: Vec<String>,
    /// The compiler's name and version, in its own words.
    version: String,
}

/// What a compiler may use: it has threads, and starts a linker, so it is not alone.
const COMPILER: Bounds = Bounds {
    seconds: 20,
    memory: 4 << 30,
    file: 256 << 20,
    readable: Vec::new(),
    writable: Vec::new(),
    alone: false,
};

/// What the student's program may use.
const WORKER: Bounds = Bounds {
    seconds: 30,
    memory: 1 << 30,
    file: 0,
    readable: Vec::new(),
    writable: Vec::new(),
    alone: true,
};

/// The compiler's limit is in processor time. By the wall's clock it may take longer, on a busy machine; one that is not
/// done by then is not the student's fault.
const COMPILING: Patience = Patience { time: Duration::from_secs(300), output: 1 << 20 };

/// How cargo compiles a lab (`[profile.dev]` of the workspace; a test holds the two together), so that a function computes
/// here what it computed there.
pub(crate) const PROFILE: [&str; 6] = [
    "-Copt-level=1",
    "-Clto=off",
    "-Cdebuginfo=line-tables-only",
    "-Ccodegen-units=16",
    "-Cdebug-assertions=off",
    "-Coverflow-checks=off",
];

/// What every program needs to start. What is not there is passed over.
const LIBRARIES: [&str; 6] =
    ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/proc/self"];

/// What the compiler and the linker need besides.
const TOOLS: [&str; 5] = ["/usr", "/bin", "/etc/ld.so.conf", "/etc/alternatives", "/nix/store"];

/// What became of compiling.
pub enum Compiled {
    /// The program that answers questions.
    Worker(PathBuf),
    /// Why there is none, for the student to read.
    Refused(Refusal),
}

/// Why a file was not compiled to a program.
#[derive(Debug)]
pub struct Refusal {
    /// Whether it is the file's fault beyond doubt: the compiler names a line of it. Otherwise it may be the machine's.
    pub is_certain: bool,
    /// In a word: as in "does not compile"
    pub verdict: &'static str,
    /// In a sentence or two.
    pub text: String,
    /// The compiler's words.
    pub log: String,
}

impl Toolchain {
    /// Compiles what submissions are linked with (with cargo, once), and finds the compiler.
    ///
    /// # Errors
    /// If cargo or the compiler fail.
    pub fn prepare(root: &Path, launcher: Launcher) -> Result<Self> {
        let root = root.canonicalize().context("cannot find the course's folder")?;
        let sysroot = said(Command::new(rustc()).args(["--print", "sysroot"]).current_dir(&root))?;
        let sysroot = PathBuf::from(sysroot.trim());
        let compiler = sysroot.join("bin").join(format!("rustc{}", std::env::consts::EXE_SUFFIX));
        let crates = TempDir::new().context("cannot make a folder for the compiled crates")?;
        let files = copy_crates(&root, crates.path())?;
        let course = packages(&root)?;
        let version = said(Command::new(&compiler).arg("-vV"))?;
        Ok(Self { root, launcher, compiler, sysroot, crates, files, course, version })
    }

    /// All that decides, besides a student's text, what a lab's program is: the compiler, its arguments, the lab's own file.
    ///
    /// # Errors
    /// If the lab's files cannot be read.
    pub fn fingerprint(&self, lab: &crate::Place) -> Result<String> {
        let glue = self.glue(lab);
        let glue =
            fs::read_to_string(&glue).with_context(|| format!("cannot read {}", glue.display()))?;
        Ok(format!("{}{:?}{:?}{glue}", self.version, PROFILE, self.lints(lab)?))
    }

    /// The file that asks a student's functions, beside the student's.
    fn glue(&self, lab: &crate::Place) -> PathBuf {
        self.root.join(lab.file.with_file_name("main.rs"))
    }

    /// The lints of a lab's manifest, as arguments: cargo gives the compiler the same.
    fn lints(&self, lab: &crate::Place) -> Result<Vec<String>> {
        let package = lab.file.ancestors().nth(2).unwrap_or(&lab.file);
        let manifest = self.root.join(package).join("Cargo.toml");
        let text = fs::read_to_string(&manifest)
            .with_context(|| format!("cannot read {}", manifest.display()))?;
        let table: Table =
            text.parse().with_context(|| format!("{} is no manifest", manifest.display()))?;
        let lints = table.get("lints").and_then(|lints| lints.get("rust"));
        let lints = lints.and_then(toml::Value::as_table).into_iter().flatten();
        Ok(lints
            .filter_map(|(lint, level)| Some(format!("--{}={lint}", level.as_str()?)))
            .collect())
    }

    /// Compiles a student's text for a lab, in an empty folder.
    ///
    /// # Errors
    /// If the folder cannot be written or the compiler not be started: nothing that the student could help.
    pub fn compile(&self, text: &str, lab: &crate::Place, folder: &Path) -> Result<Compiled> {
        if let Some(text) = ::lab::refused(text) {
            return Ok(Compiled::Refused(Refusal {
                is_certain: true,
                verdict: "does not compile",
                text,
                log: String::new(),
            }));
        }
        // In the same place as in the course, so that a panic names the same line of the same file.
        let glue = lab.file.with_file_name("main.rs");
        let source = folder.join(&lab.file);
        fs::create_dir_all(source.parent().unwrap_or(folder))
            .context("cannot make a folder to compile in")?;
        fs::copy(self.glue(lab), folder.join(&glue))
            .with_context(|| format!("cannot copy {}", glue.display()))?;
        fs::write(&source, text).context("cannot write the file to compile")?;
        let name = format!("lab_{}", lab.chapter);
        let library = PathBuf::from(format!("lib{name}.rlib"));

        let mut student = vec!["--crate-type=rlib".into(), "--emit=link,dep-info".into()];
        student.extend(self.lints(lab)?);
        student.push(lab.file.display().to_string());
        if let Some(refusal) = self.run(folder, &name, &student, &[])? {
            return Ok(Compiled::Refused(refusal));
        }
        if let Some(other) = other_file(&folder.join(format!("{name}.d")), &lab.file) {
            return Ok(Compiled::Refused(Refusal {
                is_certain: true,
                verdict: "reads other files",
                text: format!(
                    "It includes {other}; a submission is one file that stands by itself."
                ),
                log: String::new(),
            }));
        }
        let own = [("lab", self.files["lab"].clone()), (&*name, library)];
        Ok(match self.run(folder, "worker", &[glue.display().to_string()], &own)? {
            Some(why) => Compiled::Refused(Refusal {
                text: format!("A function is missing, or its arguments were changed. {}", why.text),
                ..why
            }),
            None => {
                Compiled::Worker(folder.join(format!("worker{}", std::env::consts::EXE_SUFFIX)))
            }
        })
    }

    /// The command that runs a compiled program: confined, alone, and with nothing to read but itself and the system's
    /// libraries.
    #[must_use]
    pub fn worker(&self, program: &Path) -> Command {
        let libraries = LIBRARIES.iter().map(PathBuf::from);
        let readable = libraries.chain([program.to_owned()]).collect();
        Bounds { readable, ..WORKER }.command(&self.launcher, program)
    }

    /// Runs the compiler; a refusal if it does not accept the code.
    fn run(
        &self,
        folder: &Path,
        name: &str,
        arguments: &[String],
        crates: &[(&str, PathBuf)],
    ) -> Result<Option<Refusal>> {
        let bounds = Bounds {
            readable: LIBRARIES
                .iter()
                .chain(&TOOLS)
                .map(PathBuf::from)
                .chain([self.sysroot.clone(), self.crates.path().into()])
                .collect(),
            writable: vec![folder.to_owned(), "/dev/null".into()],
            ..COMPILER
        };
        let mut command = bounds.command(&self.launcher, &self.compiler);
        if cfg!(unix) {
            command.env("PATH", "/usr/local/bin:/usr/bin:/bin"); // for the linker
        } else if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.env("TMPDIR", folder).current_dir(folder);
        command
            .args(["--edition=2024", "--error-format=json", "--crate-name", name, "--out-dir=."])
            .args(PROFILE)
            .args(arguments)
            .arg(format!("-Ldependency={}", self.crates.path().display()));
        let ndarray = [("ndarray", self.files["ndarray"].clone())];
        for (name, file) in ndarray.iter().chain(crates) {
            command.arg("--extern").arg(format!("{name}={}", file.display()));
        }
        let ended = watch(&mut command, COMPILING).context("cannot start the compiler")?;
        let log = rendered(&ended.stderr);
        let is_certain = has_a_place(&ended.stderr);
        Ok(match ended.end {
            End::Exited(status) if status.success() => None,
            End::Exited(status) if ran_out_of_time(status) => Some(Refusal::too_slow(log)),
            // It may have so much to say about the file that it had to be stopped.
            End::Exited(_) | End::TooLoud => Some(match self.foreign_crate(&ended.stderr) {
                Some(name) => Refusal {
                    is_certain,
                    verdict: "uses the course's code",
                    text: format!(
                        "It uses the course's crate `{name}`. An exercise is to be written, not called: std and ndarray are \
                         all there is."
                    ),
                    log,
                },
                None => Refusal {
                    is_certain,
                    verdict: "does not compile",
                    text: first_error(&ended.stderr),
                    log,
                },
            }),
            End::TooSlow => Some(Refusal { is_certain: false, ..Refusal::too_slow(log) }),
        })
    }

    /// A crate of the course that the code wanted, by the compiler's errors about names that it does not know.
    fn foreign_crate(&self, messages: &str) -> Option<&str> {
        let unknown = |message: &Value| {
            let code = message["code"]["code"].as_str().unwrap_or_default();
            let text = message["message"].as_str().unwrap_or_default().to_owned();
            matches!(code, "E0432" | "E0433" | "E0463").then_some(text)
        };
        let wanted: Vec<String> = diagnostics(messages).iter().filter_map(unknown).collect();
        let named = |name: &&String| {
            wanted.iter().any(|text| text.split(['`', ':']).any(|part| part == name.as_str()))
        };
        self.course.iter().find(named).map(String::as_str)
    }
}

impl Refusal {
    fn too_slow(log: String) -> Self {
        Self {
            is_certain: true,
            verdict: "compiling takes too long",
            text: format!(
                "The compiler did not come to an end within {} s. Is there an endless constant?",
                COMPILER.seconds
            ),
            log,
        }
    }
}

/// Whether the limit on processor time ended a process.
fn ran_out_of_time(status: ExitStatus) -> bool {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    const SIGXCPU: i32 = 24; // on Linux and on macOS
    signal == Some(SIGXCPU)
}

/// Whether an error of the compiler's is about a place in the code. Others are about the linker, the disk, the machine.
fn has_a_place(messages: &str) -> bool {
    let is_placed = |message: &Value| {
        let spans = message["spans"].as_array();
        message["level"] == "error" && spans.is_some_and(|spans| !spans.is_empty())
    };
    diagnostics(messages).iter().any(is_placed)
}

/// The compiler that cargo would take.
fn rustc() -> std::ffi::OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn said(command: &mut Command) -> Result<String> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot start {shown}"))?;
    if !output.status.success() {
        bail!("{shown} failed ({}):\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).with_context(|| format!("{shown} wrote no UTF-8"))
}

/// Has cargo compile the crate `lab` with all that it stands on, and copies the results. There are other compiled crates
/// in cargo's folder, the solutions among them.
fn copy_crates(root: &Path, to: &Path) -> Result<BTreeMap<&'static str, PathBuf>> {
    let messages = said(
        cargo().args(["build", "--quiet", "-p", "lab", "--message-format=json"]).current_dir(root),
    )?;
    let mut files = BTreeMap::new();
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        if message["reason"] != "compiler-artifact" {
            continue;
        }
        for file in message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str)
        {
            let file = Path::new(file);
            let Some(name) = file.file_name() else { continue };
            let copy = to.join(name);
            fs::copy(file, &copy).with_context(|| format!("cannot copy {}", file.display()))?;
            for wanted in ["lab", "ndarray"] {
                let it = message["target"]["name"] == wanted;
                if it && file.extension().is_some_and(|ending| ending == "rlib") {
                    files.insert(wanted, copy.clone());
                }
            }
        }
    }
    for wanted in ["lab", "ndarray"] {
        if !files.contains_key(wanted) {
            bail!("cargo compiled no crate `{wanted}`");
        }
    }
    Ok(files)
}

/// The names of the workspace's crates, as code would write them.
fn packages(root: &Path) -> Result<Vec<String>> {
    let metadata = said(
        cargo()
            .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
            .current_dir(root),
    )?;
    let metadata: Value =
        serde_json::from_str(&metadata).context("what cargo says of the workspace is no JSON")?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let names = packages.filter_map(|package| package["name"].as_str());
    // The labs' own crates hold nothing but what students write.
    let is_a_lab =
        |name: &str| name.strip_prefix("lab-ch").is_some_and(|n| n.parse::<u8>().is_ok());
    let names = names.filter(|name| !is_a_lab(name));
    Ok(names.map(|name| name.replace('-', "_")).collect())
}

/// A file besides the student's that went into a crate, by the list that the compiler makes for `make`.
fn other_file(list: &Path, own: &Path) -> Option<String> {
    let list = fs::read_to_string(list).ok()?;
    let files = list
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split_once(": ").map_or("", |(_, files)| files).split_whitespace());
    files.map(str::to_owned).find(|file| Path::new(file) != own)
}

fn diagnostics(messages: &str) -> Vec<Value> {
    messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The compiler's messages as it would print them; what is no message, as it is.
fn rendered(messages: &str) -> String {
    let line = |line: &str| match serde_json::from_str::<Value>(line) {
        Ok(message) => message["rendered"].as_str().unwrap_or_default().to_owned(),
        Err(_) => format!("{line}\n"),
    };
    messages.lines().map(line).collect()
}

fn first_error(messages: &str) -> String {
    let errors = diagnostics(messages);
    let error = errors.iter().find(|message| message["level"] == "error");
    match error {
        Some(error) => {
            let text = error["message"].as_str().unwrap_or_default();
            match error["spans"][0]["line_start"].as_u64() {
                Some(line) => format!("line {line}: {text}"),
                None => text.to_owned(),
            }
        }
        None => {
            "The compiler ended without a message: it may have run out of memory or time.".into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `cargo course lab` compiles with the workspace's dev profile.
    #[test]
    fn the_grader_compiles_as_cargo_does() {
        let manifest = run::course_root().expect("the course").join("Cargo.toml");
        let text = fs::read_to_string(manifest).expect("the manifest");
        let table: Table = text.parse().expect("TOML");
        let dev = &table["profile"]["dev"];
        let on = |key: &str| if dev[key].as_bool().expect("a switch") { "on" } else { "off" };
        let flags = [
            format!("-Copt-level={}", dev["opt-level"]),
            format!("-Clto={}", dev["lto"].as_str().expect("a word")),
            format!("-Cdebuginfo={}", dev["debug"].as_str().expect("a word")),
            format!("-Ccodegen-units={}", dev["codegen-units"]),
            format!("-Cdebug-assertions={}", on("debug-assertions")),
            format!("-Coverflow-checks={}", on("overflow-checks")),
        ];
        assert_eq!(flags, PROFILE);
    }

    #[test]
    fn an_error_has_a_place_or_may_be_the_machines() {
        let placed = r#"{"level":"error","message":"mismatched types","spans":[{"line_start":3}]}"#;
        let linker = r#"{"level":"error","message":"linker `cc` not found","spans":[]}"#;
        let warning = r#"{"level":"warning","message":"unused","spans":[{"line_start":3}]}"#;
        assert!(has_a_place(&format!("{linker}\n{placed}")));
        assert!(!has_a_place(&format!("{linker}\n{warning}\nKilled")));
        assert!(!has_a_place(""));
    }
}
