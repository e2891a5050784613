//! How long a process has had: time in which it computed, and time in which it waited although it could have.
//!
//! A machine with more to do than it has cores gives a process less than the clock on the wall says, which is no fault of
//! its author's. Where the system tells what a process does (Linux, in `/proc`), only that counts; elsewhere the wall's.

use std::fs;
use std::time::{Duration, Instant};

/// What a process has had, up to some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Had {
    /// Processor time, of all its threads.
    computing: Duration,
    /// Wall-clock time in which no thread computed, wanted to, or waited for a disk.
    waiting: Duration,
}

/// A process's clock. It runs while it is looked at: [`Clock::time`] counts what has passed since the last look as what the
/// process is doing at this one, so it has to be looked at often.
#[derive(Debug)]
pub(crate) struct Clock {
    process: u32,
    had: Had,
    looked: Instant,
}

impl Clock {
    pub(crate) fn new(process: u32) -> Self {
        Self { process, had: Had::default(), looked: Instant::now() }
    }

    /// Time that passes until the next look is not the process's: nobody waits for it.
    pub(crate) fn resume(&mut self) {
        self.looked = Instant::now();
    }

    /// The time that the process has had in all looks so far.
    pub(crate) fn time(&mut self) -> Duration {
        let passed = self.looked.elapsed();
        self.looked += passed;
        match look(self.process) {
            Some(Look { computing, is_waiting }) => {
                if is_waiting && computing <= self.had.computing {
                    self.had.waiting += passed;
                }
                self.had.computing = computing.max(self.had.computing);
            }
            None => self.had.waiting += passed,
        }
        self.had.computing + self.had.waiting
    }
}

/// What the system says of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    computing: Duration,
    /// Whether every thread sleeps until something comes.
    is_waiting: bool,
}

/// `None` where the system does not tell.
fn look(process: u32) -> Option<Look> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let of_all = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?.flatten();
    let mut states = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("stat")).ok()?;
        Some(parse(&text)?.0)
    });
    let is_waiting = states.all(|state| state == 'S');
    Some(Look { computing: parse(&of_all)?.1, is_waiting })
}

/// State and processor time of a line of `stat` (proc(5)): `pid (name) S …`, with the ticks in user mode and in the kernel as
/// the 14th and 15th word. A tick is a hundredth of a second on every processor that Linux runs on.
fn parse(stat: &str) -> Option<(char, Duration)> {
    const FROM_STATE_TO_TICKS: usize = 11;
    let mut words = stat.rsplit_once(") ")?.1.split(' '); // a name may have spaces and brackets
    let state = words.next()?.chars().next()?;
    let mut words = words.skip(FROM_STATE_TO_TICKS - 1);
    let ticks = words.next()?.parse::<u64>().ok()? + words.next()?.parse::<u64>().ok()?;
    Some((state, Duration::from_millis(10 * ticks)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As in proc(5): the name is whatever the program calls itself.
    #[test]
    fn a_line_of_stat_is_read_from_behind_the_name() {
        let line = "7 (a) R (b) S 1 7 7 0 -1 4194304 113 0 0 0 12 30 0 0 20 0 1 0 3141 0 0";
        assert_eq!(parse(line), Some(('S', Duration::from_millis(420))));
        assert_eq!(parse("7 (a) R 1 2"), None);
        assert_eq!(parse(""), None);
    }
}
