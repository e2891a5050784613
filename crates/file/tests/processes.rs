//! Several processes that write one file at once, some of them killed. This program starts itself as those processes.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs, process};

use file::write_atomically;

const LENGTH: usize = 200_000;
const WRITERS: u8 = 4;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "write", path, byte, rounds] => {
            write(
                Path::new(path),
                byte.parse().expect("a byte"),
                rounds.parse().expect("a number"),
            );
        }
        // `cargo test` passes filters and flags: this program is one test.
        [_, "--list", ..] => println!("processes_do_not_meet: test"),
        _ => processes_do_not_meet(),
    }
}

fn write(path: &Path, byte: u8, rounds: u64) {
    for _ in 0..rounds {
        if let Err(error) = write_atomically(path, &vec![byte; LENGTH]) {
            eprintln!("writer {byte}: {error}");
            process::exit(1);
        }
    }
}

fn writer(path: &Path, byte: u8, rounds: u64) -> Child {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.arg("write").arg(path).arg(byte.to_string()).arg(rounds.to_string());
    command.stdin(Stdio::null()).spawn().expect("it starts")
}

/// Half of the writers end by themselves, without an error. Half would write for ever and are killed; what they leave is
/// removed by the next call, and by no call before.
fn processes_do_not_meet() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("shared");
    write_atomically(&path, &[0; LENGTH]).expect("writable");
    let steady: Vec<Child> = (1..=WRITERS).map(|byte| writer(&path, byte, 100)).collect();
    let mut seen = BTreeSet::new();
    let mut look = || {
        let bytes = fs::read(&path).expect("always there");
        assert_eq!(bytes.len(), LENGTH, "whole");
        assert!(bytes.iter().all(|&byte| byte == bytes[0]), "of one writer");
        seen.insert(bytes[0]);
    };
    for round in 0..20 {
        let mut killed = writer(&path, WRITERS + 1, u64::MAX);
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(20 + 3 * round) {
            look();
            sleep(Duration::from_millis(1));
        }
        killed.kill().expect("a child to kill");
        killed.wait().expect("a child to wait for");
    }
    for mut child in steady {
        assert!(child.wait().expect("a child to wait for").success(), "no writer met another");
    }
    look();
    assert!(seen.len() > 1, "several wrote: {seen:?}");
    write_atomically(&path, &[0; LENGTH]).expect("writable");
    let names: Vec<_> =
        fs::read_dir(folder.path()).expect("a folder").flatten().map(|e| e.file_name()).collect();
    assert_eq!(names, ["shared"], "nothing is left of those who were killed");
}
