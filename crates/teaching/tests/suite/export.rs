//! The students' copy: complete enough to work with, and without a line of a solution.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn course() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the course")
}

fn export(to: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_teaching"))
        .args(["export", "--students"])
        .arg(to)
        .output()
        .expect("the command")
}

/// All files below a folder, but for what git and cargo keep there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with(".git") && !path.ends_with("target") {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

/// Lines of the solutions that say something: no braces, no lists of names.
fn telling_lines() -> BTreeSet<String> {
    let course = course();
    let solutions = files(&course.join("solutions/src"));
    let read = |file: &PathBuf| fs::read_to_string(file).expect("a solution");
    let lines: Vec<String> = solutions
        .iter()
        .flat_map(|file| read(file).lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>())
        .collect();
    // What chapters print anyway; and of a lab's file the signatures and the questions, but no body.
    let given: BTreeSet<String> = files(&course.join("chapters"))
        .iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "rs"))
        .flat_map(|file| {
            let is_lab = file.ends_with("lab/src/lib.rs");
            let text = read(file);
            let open = text.lines().filter(|line| !is_lab || !line.starts_with(' '));
            open.map(|line| line.trim().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    let telling = |line: &String| {
        line.chars().filter(|c| c.is_alphanumeric()).count() >= 30
            && !line.starts_with("use ")
            && !given.contains(line)
    };
    lines.into_iter().filter(telling).collect()
}

#[test]
fn the_students_copy_works_and_tells_no_solution() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("students");
    if copy.exists() {
        fs::remove_dir_all(&copy).expect("an old copy to remove");
    }
    let output = export(&copy);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let lines = telling_lines();
    assert!(lines.len() > 100, "{} lines to look for", lines.len());
    let mut found = Vec::new();
    for file in files(&copy) {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let own: BTreeSet<&str> = text.lines().map(str::trim).collect();
        let told = lines.iter().filter(|line| own.contains(line.as_str()));
        found.extend(told.map(|line| format!("{}: {line}", file.display())));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    let page = fs::read_to_string(copy.join("book/src/ch06-gaussian-kl.md")).expect("a page");
    assert!(
        page.contains("## Exercises") && !page.contains("class=\"teacher\""),
        "notes for teachers"
    );
    assert!(!page.contains("Exercises, in short"), "answers to the book's exercises");
    for kept in teaching::export::KEPT_BACK {
        let replaced = kept == ".github";
        assert!(replaced || !copy.join(kept).exists(), "{kept} is in the students' copy");
    }

    // Nothing there mentions what is not there, and it works without a network.
    let cargo = |arguments: &[&str]| {
        Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&copy)
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("students-target"))
            .env_remove("CARGO_MANIFEST_DIR")
            .output()
            .expect("cargo")
    };
    let lock = fs::read_to_string(copy.join("Cargo.lock")).expect("the lock file");
    for package in ["solutions", "teaching", "confine", "landlock"] {
        assert!(!lock.contains(&format!("name = \"{package}\"")), "{package}");
    }
    let lab = cargo(&["--offline", "--locked", "course", "lab", "ch06"]);
    let said = String::from_utf8_lossy(&lab.stdout).into_owned();
    let problem = String::from_utf8_lossy(&lab.stderr).into_owned();
    assert!(said.contains("not done yet") && said.contains("0 of"), "{said}\n{problem}");
    assert_eq!(lab.status.code(), Some(1), "{problem}");
    assert!(!cargo(&["--offline", "course", "grade", "x"]).status.success());
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("thesis.tex"), "precious").expect("a file");
    let output = export(folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not empty"));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
}
