//! What takes minutes, and so is run by its name: `cargo test -p teaching --test long`.

#[path = "suite/class.rs"]
mod class;
#[path = "suite/common.rs"]
mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use class::{Expected, Made, grade, submissions};
use common::{Class, all_but, committed, course, export, solved};

/// No mistake of any lab may be taken for another in grading.
#[test]
fn a_class_of_all_labs_gets_the_verdicts_it_was_made_for() {
    let labs = lab_checks::labs();
    let made: Vec<Made> = labs.iter().flat_map(submissions).collect();
    let mistakes: usize =
        labs.iter().flat_map(|lab| &lab.exercises).map(|e| e.mistakes().len()).sum();
    let told = made
        .iter()
        .filter(|made| matches!(made.expected, Expected::OneWrong("wrong in a known way", _)))
        .count();
    println!("{told} of {mistakes} known mistakes can be made with std and ndarray alone");
    assert!(made.len() >= 200, "{}", made.len());
    grade(&made);
}

/// What a student is told at home and what the grader says: the same, for whatever compiles or does not.
#[test]
fn the_lab_and_the_grader_judge_alike() {
    let labs = lab_checks::labs();
    let lab = labs.iter().find(|lab| lab.chapter == "ch06").expect("the lab");
    let mut files: Vec<(String, String)> = submissions(lab)
        .into_iter()
        // Other processes and the end of the memory are refused by the grader only, and the book says so.
        .filter(|made| {
            !["takes-all-memory", "tries-to-fork"].iter().any(|x| made.name.ends_with(x))
        })
        .map(|made| (made.name, made.text))
        .collect();
    let right = solved("ch06");
    let threads = "let squares = std::thread::spawn({ let mean = mean.clone(); move || mean.mapv(|m| m * m).sum() });
         let mut log_var = log_var.clone();
         let prior = prior_sigma * prior_sigma;
         let own = log_var.iter().map(|v| 0.5 * (prior.ln() - v + v.exp() / prior - 1.0)).sum::<f64>();
         log_var.par_mapv_inplace(|v| v);
         own + 0.5 * squares.join().unwrap() / prior";
    let in_c = "let mut Sum = 0.0; let mut I = (0);
         while (I < mean.len()) { let PriorVar = (prior_sigma * prior_sigma);
             Sum = (Sum + (0.5 * (PriorVar.ln() - log_var[I] + ((log_var[I].exp() + (mean[I] * mean[I])) / PriorVar) - 1.0)));
             I = (I + 1); }; return (Sum);";
    let others = [
        ("denies-warnings", format!("#![deny(warnings)]\n{right}")),
        (
            "denies-warnings-and-has-some",
            format!("#![deny(warnings)]\n{right}\nfn Unused() {{ let X = 1; }}\n"),
        ),
        ("in-threads", all_but("ch06", "kl_to_wide_prior", threads)),
        ("in-the-style-of-c", all_but("ch06", "kl_to_wide_prior", in_c)),
        (
            "many-warnings",
            format!(
                "{right}\n{}",
                (0..400).map(|i| format!("fn F{i}(A: f64) -> f64 {{ (A) }}\n")).collect::<String>()
            ),
        ),
        (
            "out-of-bounds",
            all_but("ch06", "kl_to_wide_prior", "mean[mean.len()] + log_var[0] + prior_sigma"),
        ),
        (
            "wrong-shapes",
            all_but(
                "ch06",
                "kl_to_wide_prior",
                "(mean + &Array1::<f64>::zeros(77)).sum() + log_var[0] + prior_sigma",
            ),
        ),
        (
            "wraps-around",
            all_but(
                "ch06",
                "kl_to_wide_prior",
                "let mut n = mean.len() as u8; n = n.wrapping_sub(1); let m = 255_u8.max(n); (m + n.max(1)) as f64 + log_var[0] + prior_sigma",
            ),
        ),
        ("allows-unsafe", format!("#![allow(unsafe_code)]\n{right}")),
    ];
    files.extend(others.map(|(name, text)| (name.to_owned(), text)));

    let class = Class::new();
    for (name, text) in &files {
        class.hand_in(name, "ch06", text);
    }
    let graded = class.graded("results", &["--lab", "ch06", "--seed", "1"]);
    let mut different = Vec::new();
    for (name, text) in &files {
        let at_home = at_home(text);
        let exercises = &graded[name].labs[0].exercises;
        let by_grader: BTreeMap<String, String> = exercises
            .iter()
            .map(|exercise| {
                let mistake = if exercise.mistake.is_empty() {
                    String::new()
                } else {
                    format!(": {}", exercise.mistake)
                };
                (exercise.exercise.clone(), format!("{}{mistake}", exercise.verdict))
            })
            .collect();
        // At home the compiler's words stand for all exercises.
        let same = if at_home.is_empty() {
            by_grader
                .values()
                .all(|v| ["does not compile", "uses the course's code"].contains(&v.as_str()))
        } else {
            at_home == by_grader
        };
        if !same {
            different.push(format!(
                "{name}: at home {at_home:?}, graded {by_grader:?}\n{}",
                graded[name].labs[0].log
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n\n"));
}

/// The verdict of each exercise by `cargo course lab`; none if the file does not compile.
fn at_home(text: &str) -> BTreeMap<String, String> {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("at-home");
    let root = course();
    let lab = "chapters/ch06-gaussian-kl/lab";
    if !copy.exists() {
        // A course with this lab only; the crates that it stands on are the course's.
        let manifest = common::read("Cargo.toml");
        let from = manifest.find("members = [").expect("members");
        let to = from + manifest[from..].find(']').expect("their end");
        let manifest = manifest
            .replace(&manifest[from..=to], "members = [\"chapters/*/lab\"]")
            .replace("path = \"", &format!("path = \"{}/", root.display()));
        fs::create_dir_all(copy.join(lab).join("src")).expect("made");
        fs::write(copy.join("Cargo.toml"), manifest).expect("written");
        for file in ["Cargo.lock", &format!("{lab}/Cargo.toml"), &format!("{lab}/src/main.rs")] {
            fs::copy(root.join(file), copy.join(file)).expect("copied");
        }
    }
    fs::write(copy.join(lab).join("src/lib.rs"), text).expect("written");
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "cargo-course", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .args(["--", "lab", "ch06"])
        .current_dir(&copy)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("at-home-target"))
        .output()
        .expect("cargo");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut verdicts = BTreeMap::new();
    let mut function = None;
    for line in said.lines() {
        if let Some((head, minutes)) = line.rsplit_once(" · ")
            && minutes.ends_with(" min")
        {
            function = head.rsplit_once("  ").map(|(_, name)| name.to_owned());
        } else if let Some(rest) = line.strip_prefix("     ").filter(|rest| !rest.starts_with(' '))
            && let Some(function) = function.take()
        {
            let verdict = rest.split_once(' ').expect("a mark and a verdict").1;
            verdicts.insert(function, verdict.to_owned());
        }
    }
    assert!(
        said.contains("does not compile") || verdicts.len() == 5,
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    verdicts
}

/// What a student gets compiles without a network from what the course's own build has fetched, and there is nothing to grade
/// with. It compiles a third of the course, which takes a minute.
#[test]
fn the_students_copy_works_without_a_network() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("students-at-work");
    if copy.exists() {
        fs::remove_dir_all(&copy).expect("an old copy to remove");
    }
    let output = export(&committed("course-to-work-with"), &copy);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let cargo = |arguments: &[&str]| {
        Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&copy)
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("students-target"))
            .env_remove("CARGO_MANIFEST_DIR")
            .output()
            .expect("cargo")
    };
    let lab = cargo(&["--offline", "--locked", "course", "lab", "ch06"]);
    let said = String::from_utf8_lossy(&lab.stdout).into_owned();
    let problem = String::from_utf8_lossy(&lab.stderr).into_owned();
    assert!(said.contains("not done yet") && said.contains("0 of"), "{said}\n{problem}");
    assert_eq!(lab.status.code(), Some(1), "{problem}");
    assert!(!cargo(&["--offline", "course", "grade", "x"]).status.success());
}
