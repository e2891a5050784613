//! Waiting for a program, but neither for ever nor for all that it says.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait, and how much to listen to.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Wall-clock time.
    pub time: Duration,
    /// Bytes kept of each of standard output and standard error. More end the program.
    pub output: u64,
}

/// Why a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, or by a limit that the system enforces.
    Exited(ExitStatus),
    /// It took too long, and was killed.
    TooSlow,
    /// It wrote too much, and was killed.
    TooLoud,
}

/// How a program ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Why.
    pub end: End,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

/// Runs a command to its end, or to that of one's patience. Its whole process group is gone afterwards.
///
/// # Errors
/// If it cannot be started.
pub fn watch(command: &mut Command, patience: Patience) -> io::Result<Ended> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let loud = Arc::new(AtomicBool::new(false));
    let stdout = listen(child.stdout.take(), patience.output, &loud);
    let stderr = listen(child.stderr.take(), patience.output, &loud);
    let deadline = Instant::now() + patience.time;
    let cut_short = loop {
        if has_ended(&mut child)? {
            break None;
        }
        if loud.load(Ordering::Relaxed) {
            break Some(End::TooLoud);
        }
        if Instant::now() >= deadline {
            break Some(End::TooSlow);
        }
        thread::sleep(Duration::from_millis(2));
    };
    let status = kill(&mut child)?;
    let text = |reader: thread::JoinHandle<Vec<u8>>| {
        String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned()
    };
    let (stdout, stderr) = (text(stdout), text(stderr));
    // It may have ended before anybody noticed how much it said.
    let end = if loud.load(Ordering::Relaxed) { Some(End::TooLoud) } else { cut_short };
    let end = end.unwrap_or(End::Exited(status));
    Ok(Ended { end, stdout, stderr })
}

/// Reads a pipe to its end or to the limit.
fn listen(
    pipe: Option<impl Read + Send + 'static>,
    limit: u64,
    loud: &Arc<AtomicBool>,
) -> thread::JoinHandle<Vec<u8>> {
    let loud = Arc::clone(loud);
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // What was read before an error is what there is to show.
            let _ = pipe.take(limit + 1).read_to_end(&mut bytes);
        }
        if bytes.len() as u64 > limit {
            bytes.truncate(limit as usize);
            loud.store(true, Ordering::Relaxed);
        }
        bytes
    })
}

/// Whether a child has ended. Its number stays taken, so that its process group can still be named.
#[cfg(unix)]
fn has_ended(child: &mut Child) -> io::Result<bool> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(Pid::from_child(child)), look)?.is_some())
}

#[cfg(not(unix))]
fn has_ended(child: &mut Child) -> io::Result<bool> {
    Ok(child.try_wait()?.is_some())
}

/// Ends a child that leads a process group, and all of that group, and waits for it.
///
/// # Errors
/// If the system cannot wait for it.
pub fn kill(child: &mut Child) -> io::Result<ExitStatus> {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        // The group cannot be signalled if all of it has ended: then there is nothing to do.
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    let _ = child.kill();
    child.wait()
}
