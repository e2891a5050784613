//! What every chapter's program promises, tried on the program at hand.

/// What a program promises whose run is a tour of a chapter, each promise as a test by its name. `wrong_calls` adds to the
/// calls that every such program must refuse, each with what the message has to say; `help` adds to what `--help` must name;
/// `quick_run` is the number of pictures that such a run leaves, and a function that looks at its summary. The package's
/// other tests start from `sandbox()`, an empty folder for its program.
#[macro_export]
macro_rules! promises {
    (wrong_calls: $wrong_calls:expr, help: $help:expr, quick_run: ($pictures:expr, $look:expr) $(,)?) => {
        fn sandbox() -> $crate::Sandbox {
            $crate::Sandbox::new(env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))))
        }

        #[test]
        fn wrong_calls_say_what_was_expected_and_end_with_2() {
            sandbox().refuses(&[
                ("--sed 1", "--seed"),
                ("--seed one", "invalid value 'one'"),
                ("--seed=-1", "invalid value '-1'"),
                ("--fast", "--fast"),
                ("--out", "--out"),
            ]);
            sandbox().refuses(&$wrong_calls);
        }

        #[test]
        fn a_folder_that_cannot_be_written_ends_with_1_and_a_reason() {
            sandbox().refuses_a_file_for_a_folder();
        }

        #[test]
        fn a_folder_is_one_runs_at_a_time() {
            sandbox().owns_its_folder("--quick --out out");
        }

        #[test]
        fn help_names_everything() {
            let folder = concat!("out/", env!("CARGO_PKG_NAME"));
            sandbox().helps_with(&["--seed", "--out", "--book", "--quick", folder]);
            sandbox().helps_with(&$help);
        }

        #[test]
        fn the_quick_run_leaves_pictures_and_a_summary_that_names_them() {
            $look(&sandbox().quick_run($pictures));
        }
    };
}

/// One promise more, for programs whose whole run takes seconds: the book shows what they draw.
#[macro_export]
macro_rules! draws_the_books_figures {
    () => {
        #[test]
        fn the_books_figures_are_what_this_program_draws() {
            let sandbox = sandbox();
            sandbox.run("--out out --book drawn").succeeds();
            let book = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../book/src/figures");
            let (book, drawn) = (std::path::Path::new(book), sandbox.path("drawn"));
            let compared = run::book::compare(book, &drawn, env!("CARGO_PKG_NAME"));
            assert!(compared.is_ok(), "{:#}", compared.unwrap_err());
        }
    };
}

use std::fs::{self, File};

use serde_json::Value;

use crate::{Sandbox, finish, idx_images, idx_labels};

impl Sandbox {
    /// Calls that the program must refuse before it does anything, each with what its message must contain.
    #[track_caller]
    pub fn refuses(&self, calls: &[(&str, &str)]) {
        for (line, says) in calls {
            let outcome = self.run(line);
            assert_eq!(outcome.stdout, "", "`{line}`: nothing is computed first");
            outcome.fails(2, &[says]);
        }
    }

    /// A file stands where the output folder should be.
    #[track_caller]
    pub fn refuses_a_file_for_a_folder(&self) {
        self.write("taken", "");
        let outcome = self.run("--out taken/out");
        assert_eq!(outcome.stdout, "", "nothing is computed first");
        outcome.fails(1, &["choose another with --out"]);
    }

    /// The folder `out`, which this call writes into, is one run's at a time. While another has it, the call says whose it is
    /// and touches nothing; of two that start at once, at most one has it; and what a run that was killed has left stands in
    /// nobody's way.
    #[track_caller]
    pub fn owns_its_folder(&self, line: &str) {
        self.owns("out", line);
    }

    /// The same of another folder, `out`.
    #[track_caller]
    pub fn owns(&self, out: &str, line: &str) {
        let owner = "process 4711, since 2026-11-30 12:00:00 UTC, ch00";
        let (lock, notes) = (format!("{out}/.run.lock"), format!("{out}/notes.txt"));
        self.write(&notes, "the user's");
        self.write(&lock, owner);
        let held = File::open(self.path(&lock)).expect("a file");
        held.lock().expect("nobody else holds it");
        let outcome = self.run(line);
        assert_eq!(outcome.stdout, "", "nothing is computed first");
        outcome.fails(1, &["a run is going on in", out, owner, "another folder with --out"]);
        assert_eq!(self.names(out), [".run.lock", "notes.txt"], "nothing is touched");
        drop(held); // as when the process is killed: the file stays

        let children = [0, 1].map(|_| self.program(line).spawn().expect("the program starts"));
        let outcomes = children.map(finish);
        assert!(outcomes.iter().any(|outcome| outcome.code == Some(0)), "{outcomes:?}");
        for outcome in outcomes {
            match outcome.code {
                Some(0) => assert_eq!(outcome.stderr, ""), // perhaps after the other had ended
                _ => outcome.fails(1, &["a run is going on in", out, "with --out"]),
            }
        }
        let names = self.all_names(out);
        assert!(names.iter().all(|name| !name.contains("/.")), "left over: {names:?}");
        assert_eq!(self.bytes(&notes), b"the user's");
    }

    /// A training on the folder `mine` goes on with the images that it learned from, and with no others. `start` and `resume`
    /// are its calls, with `--out out`.
    #[track_caller]
    pub fn goes_on_with_its_data_only(&self, start: &str, resume: &str) {
        const TRAIN: &str = "mine/train-images-idx3-ubyte";
        const TEST: &str = "mine/t10k-images-idx3-ubyte";
        const LABELS: &str = "mine/train-labels-idx1-ubyte";
        const HEADER: usize = 16;
        let [count, height, width] = [40, 6, 5];
        let pixels = (height * width) as usize;
        self.write_images("mine", [count, 8], height, width);
        self.run(start).succeeds();
        let named = |name| {
            let all = self.all_names("out").into_iter();
            all.filter(|path| path.ends_with(name)).collect::<Vec<_>>().concat()
        };
        let results = [named("/checkpoint.safetensors"), named("/model.safetensors")];
        let before = results.each_ref().map(|name| self.bytes(name));
        let says_data = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("sha256");
        assert!(says_data(&before[0]) && !says_data(&before[1]), "what --resume needs is there");

        let changed = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = self.bytes(name);
            change(&mut bytes);
            (name.to_owned(), bytes)
        };
        let one_pixel = |bytes: &mut Vec<u8>| bytes[HEADER + 7] ^= 1;
        let others = [
            (changed(TRAIN, &one_pixel), "40 training and 8 test images"),
            (changed(TEST, &one_pixel), "40 training and 8 test images"),
            (changed(TRAIN, &|bytes| bytes[HEADER..].rotate_left(pixels)), "40 training"),
            ((TRAIN.to_owned(), idx_images(count - 1, height, width)), "39 training and 8 test"),
            ((TEST.to_owned(), idx_images(9, height, width)), "40 training and 9 test"),
            ((LABELS.to_owned(), idx_labels(count, 4)), "40 training and 8 test images"),
        ];
        for ((name, bytes), now) in others {
            let original = self.path(&name).exists().then(|| self.bytes(&name));
            self.write(&name, bytes);
            let then = "learned from 40 training and 8 test images (SHA-256 ";
            let now = format!("mine now holds {now}");
            self.run(resume)
                .fails(1, &[then, &now, "put the former data back", "without --resume"]);
            let after = results.each_ref().map(|name| self.bytes(name));
            assert!(before == after, "nothing is touched");
            match original {
                Some(bytes) => self.write(&name, bytes),
                None => fs::remove_file(self.path(&name)).expect("a file to remove"),
            }
        }

        // The same images in a file of another name are the same images.
        let dotted = self.path("mine/train-images.idx3-ubyte");
        fs::rename(self.path(TRAIN), dotted).expect("a file to rename");
        let stdout = self.run(resume).succeeds();
        assert!(stdout.contains("going on after"), "{stdout}");
        assert!(before == results.each_ref().map(|name| self.bytes(name)));

        // A checkpoint from before they knew is believed, and that is said.
        self.write(&results[0], without_data(&before[0]));
        let stdout = self.run(resume).succeeds();
        let says = "does not say which data it learned from: going on with what mine holds now, 40 training";
        assert!(stdout.contains(says), "{stdout}");
        assert!(before[1] == self.bytes(&results[1]), "the same model");
    }

    /// The words that `--help` must contain.
    #[track_caller]
    pub fn helps_with(&self, words: &[&str]) {
        let help = self.run("--help").succeeds();
        for word in words {
            assert!(help.contains(word), "--help says nothing of {word}");
        }
    }

    /// The summary of a quick run with seed 3, in the folder `out`. The run leaves so many pictures, the summary and the
    /// closing words name them, and the same seed leaves the same bytes with another number of threads.
    #[track_caller]
    pub fn quick_run(&self, pictures: usize) -> Value {
        let [said, _] = [("out", "1"), ("again", "2")].map(|(folder, threads)| {
            let mut program = self.program(&format!("--quick --seed 3 --out {folder}"));
            program.env("RAYON_NUM_THREADS", threads);
            finish(program.spawn().expect("the program starts")).succeeds()
        });
        let summary = self.json("out/summary.json");
        let files: Vec<_> = summary["files"].as_array().expect("a list of files").iter().collect();
        assert_eq!(files.len(), pictures);
        for file in files {
            let name = file.as_str().expect("a name");
            assert!(said.contains(name), "{name} is not named in the closing words");
            let bytes = self.bytes(&format!("out/{name}"));
            assert!(bytes.starts_with(b"\x89PNG"), "{name}");
            assert!(bytes == self.bytes(&format!("again/{name}")), "{name}: same seed, same bytes");
        }
        assert_eq!(self.bytes("out/summary.json"), self.bytes("again/summary.json"));
        summary
    }
}

/// A checkpoint as earlier versions wrote it: its description says nothing of the data. (A file of this format begins with the
/// length of its header, which is JSON.)
fn without_data(bytes: &[u8]) -> Vec<u8> {
    let (length, rest) = bytes.split_first_chunk().expect("a length");
    let (header, tensors) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let mut header: Value = serde_json::from_slice(header).expect("JSON");
    let text = &mut header["__metadata__"]["evidence"];
    let mut description: Value =
        serde_json::from_str(text.as_str().expect("a description")).expect("JSON");
    let run = description["run"].as_object_mut().expect("what the program remembers");
    run.remove("data").expect("it knows its data");
    *text = description.to_string().into();
    let header = header.to_string();
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), tensors].concat()
}
