//! The students' copy: complete enough to work with, and without a line of a solution.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{committed, course, export, git};

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
fn the_students_copy_tells_no_solution_and_names_nothing_that_it_lacks() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("students");
    if copy.exists() {
        fs::remove_dir_all(&copy).expect("an old copy to remove");
    }
    let output = export(&committed("course-to-export"), &copy);
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

    assert_eq!(named_but_not_there(&copy), [""; 0]);
    let lock = fs::read_to_string(copy.join("Cargo.lock")).expect("the lock file");
    for package in ["solutions", "teaching", "confine", "landlock"] {
        assert!(!lock.contains(&format!("name = \"{package}\"")), "{package}");
    }
    let manifest = fs::read_to_string(copy.join("Cargo.toml")).expect("the manifest");
    let profiles = manifest.lines().filter_map(|line| {
        line.strip_prefix("[profile.dev.package.")?
            .strip_suffix(']')
            .filter(|name| *name != "\"*\"")
    });
    let of_nobody: Vec<&str> =
        profiles.filter(|name| !lock.contains(&format!("name = \"{name}\""))).collect();
    assert_eq!(of_nobody, [""; 0], "cargo warns of profiles that are nobody's");
}

/// Files, folders and packages of the course that the copy's documents and commands name, and that it does not have.
fn named_but_not_there(copy: &Path) -> Vec<String> {
    let manifests = files(copy).into_iter().filter(|file| file.ends_with("Cargo.toml"));
    let packages: BTreeSet<String> = manifests
        .filter_map(|file| {
            let text = fs::read_to_string(file).ok()?;
            let line = text.lines().find(|line| line.starts_with("name = "))?;
            Some(line.split('"').nth(1)?.to_owned())
        })
        .collect();
    let mut missing = Vec::new();
    for document in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "justfile"] {
        let text = fs::read_to_string(copy.join(document)).expect("a document");
        let words: Vec<&str> =
            text.split(|c: char| c.is_whitespace() || "`()|,;".contains(c)).collect();
        for word in &words {
            let word = word.trim_end_matches(['.', ':', '/']).split('#').next().unwrap_or_default();
            let tops = [
                ".ci",
                ".github",
                "benches",
                "book",
                "chapters",
                "crates",
                "scripts",
                "solutions",
                "teaching",
            ];
            let is_path = tops.iter().any(|top| word.starts_with(&format!("{top}/")));
            if is_path
                && !word.contains(['…', '*', '<', 'N'])
                && !word.contains("/.")
                && !copy.join(word).exists()
            {
                missing.push(format!("{document}: {word}"));
            }
        }
        for pair in words.windows(2).filter(|pair| pair[0] == "-p" && !pair[1].contains('N')) {
            if !packages.contains(pair[1]) {
                missing.push(format!("{document}: -p {}", pair[1]));
            }
        }
    }
    missing
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("thesis.tex"), "precious").expect("a file");
    let output = export(&committed("course-to-keep"), folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not empty"));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

/// What a teacher's folder fills with in a term: none of it goes out, wherever it lies and whatever it is called.
#[test]
fn what_git_does_not_track_stays_here() {
    let course = committed("course-with-secrets");
    let secret = "Eve Adams, 3 points of 14";
    let planted = [
        "submissions/eve/ch06.rs",
        "results/ch06.csv",
        "results/ch06.parts/eve.json",
        "class-of-2026/eve/ch06.rs",
        "grades.xlsx",
        "chapters/ch06-gaussian-kl/lab/src/exam.rs",
        "book/src/ünveröffentlicht.md",
        "crates/lab-checks/src/ch10.rs",
        ".secret",
    ];
    for file in planted {
        let path = course.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, secret).expect("written");
    }
    let copy = tempfile::tempdir().expect("a folder");
    let output = export(&course, copy.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for file in files(copy.path()) {
        let bytes = fs::read(&file).expect("a file");
        let has = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
        let masked: Vec<u8> = secret.bytes().map(|byte| byte ^ 0x2a).collect();
        assert!(!has(secret.as_bytes()) && !has(&masked), "{}", file.display());
    }
    for file in planted {
        assert!(!copy.path().join(file).exists(), "{file}");
    }
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    for named in ["class-of-2026/", "grades.xlsx", "exam.rs"] {
        assert!(said.contains(named), "{said}");
    }
    assert!(!said.contains("submissions"), "ignored by git: {said}");
}

#[test]
fn a_lab_that_the_teacher_solved_does_not_go_out() {
    let course = committed("course-that-is-solved");
    let lab = "chapters/ch06-gaussian-kl/lab/src/lib.rs";
    let kept = "solutions/src/ch06.rs";
    let change = |file: &str| {
        let text = fs::read_to_string(course.join(file)).expect("a file");
        fs::write(course.join(file), text + "// changed\n").expect("written");
    };
    let refused = |named: &str| {
        let copy = tempfile::tempdir().expect("a folder");
        let to = copy.path().join("students");
        let output = export(&course, &to);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(said.contains(named) && said.contains("as they were committed"), "{said}");
        assert!(!to.exists(), "nothing is half written");
    };
    change(lab);
    refused(lab);
    git(&course, &["add", lab]);
    refused(lab); // staged is not committed
    git(&course, &["reset", "--quiet", "--hard"]);
    fs::remove_file(course.join("book/src/preface.md")).expect("a page");
    refused("book/src/preface.md");
    git(&course, &["reset", "--quiet", "--hard"]);
    // What students do not get may be as it likes.
    change(kept);
    let copy = tempfile::tempdir().expect("a folder");
    assert!(export(&course, copy.path()).status.success());
}
