//! What every chapter's program promises, tried on the program at hand.

use std::fs::File;

use serde_json::Value;

use crate::{Sandbox, finish};

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
