//! Running a program that nobody trusts.
//!
//! **What it is for.** A submission is compiled and run on the teacher's machine. Here is what it cannot do there, and
//! how a program that overstays, overflows or floods is ended.
//!
//! **What it refuses to know.** Labs, and what the program is supposed to compute.
//!
//! **The decision that shaped it.** A process that gives up its rights cannot take them back, so the limits are set by a
//! *launcher*: this program, started once more, which lays them on itself and then becomes the other one
//! ([`Bounds::command`], [`enter`]). That takes neither root nor `unsafe`, and works in containers, on GitHub's machines
//! and on a cluster's nodes alike, where namespaces are often refused.
//!
//! # What is enforced where
//!
//! | | Linux | macOS | Windows |
//! |---|---|---|---|
//! | wall-clock time, amount of output, the process is killed at the end | yes | yes | yes |
//! | processor time, size and number of files (`setrlimit`) | yes | yes | no |
//! | memory (`RLIMIT_AS`) | yes | no | no |
//! | the process ends with the one that started it | yes | no | no |
//! | no file but those named (Landlock, Linux 5.13 or later) | yes | no | no |
//! | no TCP connections (Landlock, Linux 6.7 or later) | yes | no | no |
//! | no signals to processes outside (Landlock, Linux 6.12 or later) | yes | no | no |
//! | alone: no other processes, sockets, or signals to others (seccomp) | yes | no | no |
//!
//! [`enforced`] says what holds on the machine that it runs on.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

#[cfg(target_os = "linux")]
mod linux;
mod watch;

pub use watch::{End, Ended, Patience, kill, watch};

/// What a program may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Processor time, in seconds.
    pub seconds: u64,
    /// Address space, in bytes.
    pub memory: u64,
    /// The largest file that it may write, in bytes.
    pub file: u64,
    /// Files and folders that it may read and execute. What is not there is passed over.
    pub readable: Vec<PathBuf>,
    /// Files and folders that it may also change.
    pub writable: Vec<PathBuf>,
    /// Whether it has to do without other processes, sockets and signals: it can compute, in threads if it likes, and read
    /// and write what is open. Compilers and linkers cannot live like that, a function can.
    pub alone: bool,
}

/// What can go wrong on the way into confinement.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The launcher was not called by [`Bounds::command`].
    #[error("the limits cannot be read ({0}): this command is for the program's own use")]
    Order(#[from] serde_json::Error),
    /// A limit could not be set.
    #[error("cannot set the limit on {what}: {why}")]
    Limit {
        /// What was to be limited.
        what: &'static str,
        /// What the system said.
        why: String,
    },
    /// The program could not be started.
    #[error("cannot start {}: {why}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// What the system said.
        why: io::Error,
    },
}

/// Files that may be open at once.
#[cfg(unix)]
const OPEN_FILES: u64 = 128;

impl Bounds {
    /// A command that runs `program` within these bounds, with an empty environment and in a process group of its own.
    /// Arguments, pipes and the working folder can be set on it as on any command; `launcher` is a program, with its
    /// first arguments, that passes all further ones to [`enter`].
    #[must_use]
    pub fn command(&self, launcher: &Launcher, program: &Path) -> Command {
        #[cfg(unix)]
        let mut command = {
            let order = Order { bounds: self.clone(), parent: std::process::id() };
            let order = serde_json::json!(order).to_string();
            let mut command = Command::new(&launcher.program);
            command.args(&launcher.arguments).arg(order).arg(program);
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
            command
        };
        // Elsewhere no process can become another one, and there is nothing that it could give up before.
        #[cfg(not(unix))]
        let mut command = {
            let _ = launcher;
            Command::new(program)
        };
        command.env_clear();
        command
    }
}

/// What the launcher is told.
#[derive(Serialize, Deserialize)]
struct Order {
    bounds: Bounds,
    /// Who waits for the program.
    parent: u32,
}

/// The program that confines itself.
#[derive(Clone, Debug)]
pub struct Launcher {
    /// Where it is.
    pub program: PathBuf,
    /// Its first arguments.
    pub arguments: Vec<OsString>,
}

/// The launcher's work: confines this process and becomes the program that `arguments` name (the bounds, the program, its
/// arguments). Comes back only if that fails.
pub fn enter(arguments: &[OsString]) -> Error {
    let [order, program, arguments @ ..] = arguments else {
        return Error::Limit { what: "anything", why: "no program is named".into() };
    };
    let order: Order = match serde_json::from_str(&order.to_string_lossy()) {
        Ok(order) => order,
        Err(error) => return error.into(),
    };
    if let Err(error) = confine(&order) {
        return error;
    }
    #[cfg(unix)]
    let why = std::os::unix::process::CommandExt::exec(Command::new(program).args(arguments));
    #[cfg(not(unix))]
    let why = io::Error::from(io::ErrorKind::Unsupported);
    #[cfg(not(unix))]
    let _ = arguments;
    Error::Start { program: program.into(), why }
}

/// Lays the bounds on this process, for good.
fn confine(Order { bounds, parent }: &Order) -> Result<(), Error> {
    #[cfg(unix)]
    limit_resources(bounds)?;
    #[cfg(target_os = "linux")]
    {
        linux::end_with_the_parent(*parent)?;
        linux::limit_files(&bounds.readable, &bounds.writable)?;
        if bounds.alone {
            linux::limit_calls()?;
        }
    }
    #[cfg(not(unix))]
    let _ = bounds;
    #[cfg(not(target_os = "linux"))]
    let _ = parent;
    Ok(())
}

#[cfg(unix)]
fn limit_resources(bounds: &Bounds) -> Result<(), Error> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limits = [
        // At the first a signal that says why (SIGXCPU), at the second one that cannot be caught.
        ("processor time", Resource::Cpu, bounds.seconds, bounds.seconds + 1),
        #[cfg(target_os = "linux")]
        ("memory", Resource::As, bounds.memory, bounds.memory),
        ("the size of files", Resource::Fsize, bounds.file, bounds.file),
        ("open files", Resource::Nofile, OPEN_FILES, OPEN_FILES),
        ("core dumps", Resource::Core, 0, 0),
    ];
    for (what, resource, limit, maximum) in limits {
        let limit = Rlimit { current: Some(limit), maximum: Some(maximum) };
        setrlimit(resource, limit).map_err(|why| Error::Limit { what, why: why.to_string() })?;
    }
    Ok(())
}

/// What is enforced on this machine, and what is not, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enforced {
    /// What a program cannot do here.
    pub yes: Vec<&'static str>,
    /// What this system lets it do.
    pub no: Vec<&'static str>,
}

/// What is enforced on this machine.
#[must_use]
pub fn enforced() -> Enforced {
    #[cfg(target_os = "linux")]
    let linux::Supported { files, network, signals, calls } = linux::supported();
    #[cfg(not(target_os = "linux"))]
    let [files, network, signals, calls] = [false; 4];
    let list = [
        ("wall-clock time, output, one process killed at the end", true),
        ("processor time, size and number of files", cfg!(unix)),
        ("memory", cfg!(target_os = "linux")),
        ("no files but its own and the system's libraries", files),
        ("no network for the compiler", network),
        ("no signals from the compiler to other processes", signals),
        ("no processes, network or signals for the student's code", calls),
    ];
    let those =
        |wanted| list.iter().filter(|(_, is)| *is == wanted).map(|(what, _)| *what).collect();
    Enforced { yes: those(true), no: those(false) }
}
