//! The program in a folder of its own, and files to feed it.

#![allow(dead_code)] // each test file uses its part

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nn::checkpoint::Checkpoint;
use serde_json::Value;

/// No run here takes more than some seconds; one that hangs is killed, and its test fails.
const PATIENCE: Duration = Duration::from_secs(300);

/// Settings of a run on the ring that takes a moment, most of it for the pictures.
pub(crate) const SMALL: &str = "--data ring --hidden 16,16 --batch 64 --steps 40 --frames 2";

/// How a run ended.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// A run that did what was asked and complained of nothing.
    #[track_caller]
    pub(crate) fn succeeds(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.stdout
    }

    /// A run that failed, for a reason that is the user's and that names all these `parts`.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert!(self.stderr.starts_with("error: "), "{}", self.stderr);
        assert!(!self.stderr.contains("mistake in the program"), "{}", self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is not in: {}", self.stderr);
        }
    }
}

/// An empty folder that the program runs in.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a new folder");
        fs::write(path, bytes).expect("a new file");
    }

    /// The names in a folder, sorted.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("a folder");
        let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<_> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.bytes(name)).expect("sound JSON")
    }

    /// The program with `line` as its arguments, split at spaces.
    pub(crate) fn program(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ch08-gan"));
        command.args(line.split_whitespace()).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, line: &str) -> Outcome {
        finish(self.program(line).spawn().expect("the program starts"))
    }

    /// Steps that a checkpoint knows of.
    pub(crate) fn steps_done(&self, name: &str) -> u64 {
        let file = Checkpoint::open(&self.path(name)).expect("a whole checkpoint");
        let state: Value =
            serde_json::from_str(file.metadata().expect("a description")).expect("sound JSON");
        state["steps"].as_u64().expect("a number of steps")
    }

    /// A set of images with bright and dark stripes, for training and test, without labels.
    pub(crate) fn write_images(&self, folder: &str, counts: [u32; 2], height: u32, width: u32) {
        for (part, count) in ["train", "t10k"].into_iter().zip(counts) {
            let name = format!("{folder}/{part}-images-idx3-ubyte");
            self.write(&name, idx_images(count, height, width));
        }
    }
}

/// Waits for a child, but not for ever.
pub(crate) fn finish(mut child: Child) -> Outcome {
    fn listen(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut pipe) = pipe {
                pipe.read_to_end(&mut bytes).expect("a readable pipe");
            }
            String::from_utf8(bytes).expect("the program writes UTF-8")
        })
    }
    let (stdout, stderr) = (listen(child.stdout.take()), listen(child.stderr.take()));
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait().expect("a child to wait for") {
            Some(status) => break status,
            None if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            None => {
                child.kill().expect("a child to kill");
                panic!("the program was still running after {PATIENCE:?}");
            }
        }
    };
    Outcome {
        code: status.code(),
        stdout: stdout.join().expect("a reader"),
        stderr: stderr.join().expect("a reader"),
    }
}

fn idx_images(count: u32, height: u32, width: u32) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 3];
    [count, height, width].iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    for image in 0..count {
        let stripe = |pixel: u32| if (pixel + image) % 4 < 2 { 230 } else { 20 };
        bytes.extend((0..height * width).map(stripe));
    }
    bytes
}
