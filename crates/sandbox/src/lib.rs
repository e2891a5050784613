//! A program under test, in a folder of its own.
//!
//! **What it is for.** The chapters' programs are tested as their users meet them: called with a line of arguments, in an
//! empty folder, and judged by exit status, words and files.
//!
//! **What it refuses to know.** Which program it is, and what its files mean; of a checkpoint, only where it says which data
//! it learned from.
//!
//! **The decision that shaped it.** Whatever goes wrong here is a failed test, so everything panics with what it was about;
//! and a program that hangs is killed, because a suite has to end.

mod promises;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Runs in tests take seconds, on a busy machine a minute. One that takes longer hangs: it is killed, and its test fails.
const PATIENCE: Duration = Duration::from_secs(300);

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status; `None` if a signal ended the program.
    pub code: Option<i32>,
    /// All that it wrote to standard output.
    pub stdout: String,
    /// All that it wrote to standard error.
    pub stderr: String,
}

impl Outcome {
    /// The standard output of a run that did what was asked and complained of nothing.
    #[track_caller]
    pub fn succeeds(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.stdout
    }

    /// A run that failed, for a reason that is the user's and that names all these `parts`.
    #[track_caller]
    pub fn fails(self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert!(self.stderr.starts_with("error: "), "{}", self.stderr);
        assert!(!self.stderr.contains("mistake in the program"), "{}", self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is not in: {}", self.stderr);
        }
    }
}

/// A folder, empty at first, that a program runs in.
#[derive(Debug)]
pub struct Sandbox {
    program: &'static str,
    folder: tempfile::TempDir,
}

impl Sandbox {
    /// For the program at this path, as in `env!("CARGO_BIN_EXE_ch07-vae")`.
    pub fn new(program: &'static str) -> Self {
        Self { program, folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// Where `name` is, or would be.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file's content.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A file's content as JSON.
    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a file, with the folders that it needs.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a new folder");
        fs::write(path, bytes).expect("a new file");
    }

    /// Writes a set of images with bright and dark stripes in MNIST's format, without labels: `counts` of them for
    /// training and test.
    pub fn write_images(&self, folder: &str, counts: [u32; 2], height: u32, width: u32) {
        for (part, count) in ["train", "t10k"].into_iter().zip(counts) {
            let name = format!("{folder}/{part}-images-idx3-ubyte");
            self.write(&name, idx_images(count, height, width));
        }
    }

    /// Writes pictures of 8×8 pixels, PNG and JPEG by turns, each of one colour: `counts` of them into `train` and `test`,
    /// in folders of the two classes `dark` and `light`.
    pub fn write_pictures(&self, folder: &str, counts: [u8; 2], colour: impl Fn(u8) -> [u8; 3]) {
        for (part, count) in ["train", "test"].into_iter().zip(counts) {
            for i in 0..count {
                let class = if i < count / 2 { "dark" } else { "light" };
                let pixels = colour(i).repeat(64);
                let (bytes, ending) =
                    if i % 2 == 0 { (png((8, 8), &pixels), "png") } else { (jpeg(&pixels), "jpg") };
                self.write(&format!("{folder}/{part}/{class}/{i}.{ending}"), bytes);
            }
        }
    }

    /// The names in a folder, sorted.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("a folder");
        let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<_> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The files in a folder and in those below it, each with its path from here, sorted.
    pub fn all_names(&self, folder: &str) -> Vec<String> {
        let below = |name: String| {
            let path = format!("{folder}/{name}");
            if self.path(&path).is_dir() { self.all_names(&path) } else { vec![path] }
        };
        self.names(folder).into_iter().flat_map(below).collect()
    }

    /// The program with `line` as its arguments, split at spaces.
    pub fn program(&self, line: &str) -> Command {
        let mut command = Command::new(self.program);
        command.args(line.split_whitespace()).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, line: &str) -> Outcome {
        finish(self.program(line).spawn().expect("the program starts"))
    }
}

/// Waits for a child, but not for ever.
pub fn finish(mut child: Child) -> Outcome {
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

/// Reads a pipe to its end, so that the child never waits for a reader.
fn listen(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).expect("a readable pipe");
        }
        String::from_utf8(bytes).expect("the program writes UTF-8")
    })
}

/// An idx file of striped images.
pub fn idx_images(count: u32, height: u32, width: u32) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 3];
    [count, height, width].iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    for image in 0..count {
        let stripe = |pixel: u32| if (pixel + image) % 4 < 2 { 230 } else { 20 };
        bytes.extend((0..height * width).map(stripe));
    }
    bytes
}

/// An idx file of labels, class after class.
pub fn idx_labels(count: u32, classes: u32) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 1];
    bytes.extend(count.to_be_bytes());
    bytes.extend((0..count).map(|i| (i % classes) as u8));
    bytes
}

/// A PNG file of this width and height with three channels.
pub fn png((width, height): (u32, u32), pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels))
        .expect("writing to memory");
    bytes
}

/// A JPEG file of 8×8 pixels with three channels.
fn jpeg(pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 100);
    encoder.encode(pixels, 8, 8, jpeg_encoder::ColorType::Rgb).expect("writing to memory");
    bytes
}

/// Whether a file starts as PNG files do.
pub fn is_png(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.len() > 1000)
}
