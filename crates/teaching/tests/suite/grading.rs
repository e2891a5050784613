//! A submission cannot mark itself, nor harm the others.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::attacks::{ATTACKS, ON_FILES};
use crate::class::{self, OTHERS};
use crate::common::{Class, course, solved, untouched};
use teaching::{Graded, GradedExercise, Results};

/// The exercise that the submissions here are about.
const EXERCISE: &str = "full_covariance_kl";

/// The student's file with another body for the exercise, and lines put before everything.
fn with_body(before: &str, body: &str) -> String {
    format!("{before}\n{}", crate::common::with_body(&untouched("ch06"), EXERCISE, body))
}

fn exercise(graded: &Graded) -> &GradedExercise {
    graded.labs[0].exercises.iter().find(|e| e.exercise == EXERCISE).expect("the exercise")
}

/// A name, the verdict, a word of the reason, and what is handed in.
type Hostile = (&'static str, &'static str, &'static str, String);

/// The attacks with their places filled in, and files that are no solutions at all.
fn hostile(places: &[(&str, String)]) -> Vec<Hostile> {
    let text = |attack: &str| {
        let attack =
            places.iter().fold(attack.to_owned(), |a, (name, place)| a.replace(name, place));
        match attack.split_once('\n') {
            Some((before, body)) if before.starts_with("#![") => with_body(before, body),
            _ => with_body("", &attack),
        }
    };
    let attacks =
        ATTACKS.iter().map(|&[name, verdict, word, body]| (name, verdict, word, text(body)));
    let letter = "Dear Professor, my dog ate it.".to_owned();
    attacks
        .chain([
            ("is-empty", "does not compile", "function is missing", String::new()),
            ("is-no-rust", "does not compile", "line 1", letter),
            ("is-untouched", "not done yet", "", untouched("ch06")),
        ])
        .collect()
}

/// Folders without a file, with one that is no text, and with links; what is said of each, and a word of the reason.
fn hand_in_no_files(class: &Class, solution: &str) -> Vec<[&'static str; 3]> {
    let folder = |name: &str| {
        let folder = class.path(&format!("class/{name}"));
        fs::create_dir_all(&folder).expect("a folder");
        folder
    };
    folder("hands-in-nothing");
    fs::write(folder("is-no-text").join("ch06.rs"), [0xff, 0xfe, 0x00]).expect("a file");
    let mut expected =
        vec![["hands-in-nothing", "not handed in", ""], ["is-no-text", "not readable", "UTF-8"]];
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(solution, folder("is-a-link").join("ch06.rs")).expect("a link");
        let chapters = folder("leads-elsewhere").join("chapters");
        symlink(course().join("chapters"), chapters).expect("a link");
        expected.push(["is-a-link", "not readable", "link"]);
        expected.push(["leads-elsewhere", "not readable", "link"]);
    }
    expected
}

/// One lab's, with every kind of verdict that is not an attack's; all labs' are in `tests/long.rs`.
#[test]
fn a_small_class_gets_the_verdicts_it_was_made_for() {
    let labs = lab_checks::labs();
    let lab = labs.iter().find(|lab| lab.chapter == "ch06").expect("the lab");
    let mut made = class::submissions(lab);
    let mut mistakes = 0;
    made.retain(|made| {
        let is_mistake =
            matches!(made.expected, class::Expected::OneWrong("wrong in a known way", _));
        mistakes += usize::from(is_mistake);
        !is_mistake || mistakes <= 2
    });
    assert_eq!(made.len(), 5 + 2 + OTHERS.len());
    class::grade(&made);
}

#[test]
fn a_submission_cannot_mark_itself() {
    let class = Class::new();
    let solution = course().join("solutions/src/ch06.rs").display().to_string();
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    // In an order in which no place can have another's name in it.
    let quoted = |path: &str| format!("{:?}", class.path(path).display().to_string());
    let hostile = hostile(&[
        ("PORT", server.local_addr().expect("an address").port().to_string()),
        ("PART", quoted("results.parts/correct.json")),
        ("RESULTS", quoted("results.json")),
        ("SOLUTION", format!("{solution:?}")),
    ]);
    for (name, _, _, text) in &hostile {
        class.hand_in(name, "ch06", text);
    }
    class.hand_in("correct", "ch06", &solved("ch06"));
    let mut expected = hand_in_no_files(&class, &solution);
    expected.extend(hostile.iter().map(|(name, verdict, word, _)| [*name, *verdict, *word]));

    let graded = class.graded("results", &["--lab", "ch06", "--seed", "5"]);
    let files_are_closed =
        confine::enforced().yes.contains(&"no files but its own and the system's libraries");
    if !files_are_closed {
        println!("SKIPPED: what is said of attacks on files, because this machine has no Landlock");
    }
    assert!(ON_FILES.iter().all(|name| expected.iter().any(|[other, ..]| name == other)));
    let mut complaints = Vec::new();
    for [name, verdict, word] in expected {
        let one = &graded[name];
        let exercise = exercise(one);
        let said = format!("{} {}", exercise.verdict, exercise.text);
        let is_held_off = files_are_closed || !ON_FILES.contains(&name);
        let right = (verdict.is_empty() || exercise.verdict == verdict)
            && said.contains(word)
            && !said.contains("got through");
        if (is_held_off && !right) || one.points > 0 {
            complaints.push(format!("{name}: {} points, {said}\n{}", one.points, one.labs[0].log));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));

    let correct = exercise(&graded["correct"]);
    assert_eq!(
        (correct.verdict.as_str(), correct.points),
        ("correct", correct.of),
        "{}",
        correct.text
    );
    assert!(correct.of > 0);
    server.set_nonblocking(true).expect("a socket");
    assert!(server.accept().is_err(), "somebody called home");
    let loud = &graded["floods"];
    let kept: usize = exercise(loud).printed.iter().map(String::len).sum();
    assert!(kept < 10_000, "{kept} bytes kept");
}

#[test]
fn an_interrupted_grading_goes_on_and_shards_add_up() {
    let class = Class::new();
    class.hand_in("a", "ch06", &solved("ch06"));
    class.hand_in("b", "ch06", &untouched("ch06"));
    class.hand_in("c", "ch06", &with_body("", "mean.sum() + covariance.sum()"));
    let all = class.graded("all", &["--lab", "ch06", "--seed", "3"]);

    // A part that is there is believed, unless what was handed in has changed, or how it is graded.
    let part = class.path("all.parts/a.json");
    let text = fs::read_to_string(&part).expect("a part");
    let altered = text.replacen("\"points\":", "\"points\":1", 1);
    let by_another_course = altered.replacen("\"course\":\"", "\"course\":\"0", 1);
    fs::write(&part, by_another_course).expect("a file");
    let output = class.grade("all", &["--lab", "ch06", "--seed", "3"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("2 results were there already"), "{said}");
    assert!(
        said.contains("0 because something else was handed in, 1 because the course"),
        "{said}"
    );
    assert_eq!(class.results("all")["a"].points, all["a"].points, "graded again");
    fs::write(&part, altered).expect("a file");
    fs::remove_file(class.path("all.parts/b.json")).expect("a part");
    class.hand_in("c", "ch06", &solved("ch06"));
    let again = class.graded("all", &["--lab", "ch06", "--seed", "3"]);
    assert_ne!(again["a"].points, all["a"].points, "it was not taken from the first run");
    assert_eq!(again["b"].points, 0);
    assert_eq!(again["c"].points, all["a"].points);

    // Three machines with one submission each, or one machine with all: the same table.
    let mut files = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let out = format!("shard-{}", &shard[..1]);
        assert_eq!(
            class.graded(&out, &["--lab", "ch06", "--seed", "3", "--shard", shard]).len(),
            1
        );
        files.push(class.path(&format!("{out}.json")));
    }
    let merge = |files: &[PathBuf]| {
        Command::new(env!("CARGO_BIN_EXE_teaching"))
            .args(["grade", "merge"])
            .args(files)
            .arg("--out")
            .arg(class.path("merged.csv"))
            .output()
            .expect("the command")
    };
    assert!(merge(&files).status.success());
    let whole = class.graded("whole", &["--lab", "ch06", "--seed", "3"]);
    let merged = Results::read(&class.path("merged.json")).expect("results");
    assert_eq!(merged.csv(), fs::read_to_string(class.path("whole.csv")).expect("a table"));
    assert_eq!(merged.submissions.len(), whole.len());
    files.push(class.path("all.json"));
    let conflict = merge(&files);
    assert!(!conflict.status.success());
    assert!(String::from_utf8_lossy(&conflict.stderr).contains("different results"));
}

#[test]
fn a_wrong_call_says_what_to_do() {
    let class = Class::new();
    class.hand_in("a", "ch06", &untouched("ch06"));
    let fails = |output: Output, code: i32, word: &str| {
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{message}");
        assert!(message.contains(word), "{message}");
    };
    fails(class.grade("r", &["--shard", "4/3"]), 2, "3/10");
    fails(class.grade("r", &["--lab", "ch77"]), 1, "there is no lab `ch77`");
    fails(class.grade("class/a/ch06.rs/r", &[]), 1, "ch06.rs");
    let nothing = Class::new();
    fs::create_dir_all(nothing.path("class")).expect("a folder");
    fails(nothing.grade("r", &[]), 1, "no submissions");
    let no_results = class.path("class/a/ch06.rs");
    let merge = Command::new(env!("CARGO_BIN_EXE_teaching"))
        .args(["grade", "merge", "--out", "r"])
        .arg(no_results)
        .output();
    fails(merge.expect("the command"), 1, "no results");
}

/// A temporary folder in which nothing may be executed, one that is full, and none at all. Who repairs it and calls again has
/// lost nothing.
#[test]
fn a_machine_that_cannot_grade_grades_nobody() {
    let class = Class::new();
    class.hand_in("anna", "ch06", &solved("ch06"));
    class.hand_in("eve", "ch06", &untouched("ch06"));
    let grade = |temporary: &str, options: &str| -> Output {
        let place = class.path(temporary);
        let program = env!("CARGO_BIN_EXE_teaching");
        // A mount of this process's own; it is gone with it.
        let script = format!(
            "mount -t tmpfs -o {options} none {place:?} && TMPDIR={place:?} exec {program:?} grade {:?} --jobs 2 --out {:?} \
             --lab ch06 --seed 1",
            class.path("class"),
            class.path("results"),
        );
        Command::new("unshare").args(["--mount", "sh", "-c", &script]).output().expect("unshare")
    };
    for folder in ["noexec", "full", "fine"] {
        fs::create_dir(class.path(folder)).expect("made");
    }
    let can_mount = Command::new("unshare")
        .args(["--mount", "sh", "-c", &format!("mount -t tmpfs none {:?}", class.path("fine"))])
        .output()
        .is_ok_and(|output| output.status.success());
    if cfg!(not(target_os = "linux")) || !can_mount {
        println!("SKIPPED: a machine at fault, because nothing can be mounted here");
        return;
    }
    for (folder, options) in [("noexec", "noexec"), ("full", "size=100k"), ("full", "size=1m")] {
        let output = grade(folder, options);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{folder}: {said}");
        assert!(
            said.contains("says nothing of the students") || said.contains("cannot"),
            "{folder}: {said}"
        );
        assert!(!said.contains("eve") && !said.contains("anna"), "{folder}: {said}");
        assert!(!class.path("results.csv").exists(), "{folder}");
        assert!(!class.path("results.parts/anna.json").exists(), "{folder}");
    }
    let repaired = grade("fine", "size=1g");
    assert!(repaired.status.success(), "{}", String::from_utf8_lossy(&repaired.stderr));
    let results = class.results("results");
    assert_eq!(results["anna"].points, results["anna"].of);
    assert_eq!(results["eve"].points, 0);
    let nowhere = Command::new(env!("CARGO_BIN_EXE_teaching"))
        .args(["grade", "--lab", "ch06", "--out"])
        .arg(class.path("nowhere"))
        .arg(class.path("class"))
        .env("TMPDIR", class.path("not-there"))
        .output()
        .expect("the command");
    let said = String::from_utf8_lossy(&nowhere.stderr).into_owned();
    assert_eq!(nowhere.status.code(), Some(1), "{said}");
    assert!(said.contains("TMPDIR") && said.contains("not-there"), "{said}");
}

#[test]
fn names_that_are_nearly_right_are_told_and_taken_when_asked_to() {
    let class = Class::new();
    let write = |file: &str| {
        let path = class.path("class").join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, solved("ch06")).expect("written");
    };
    write("anna/CH06.rs");
    write("ben/homework6/ch06 (1).rs");
    write("cleo/ch06.rs.txt");
    write("cleo/old/ch06.rs");
    write("dan/lib.rs");
    class.hand_in("eve", "ch06", &solved("ch06"));
    let arguments = ["--lab", "ch06", "--seed", "3"];
    let output = class.grade("plain", &arguments);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for name in ["anna: CH06.rs", "ben: homework6/ch06 (1).rs", "dan: lib.rs", "ch06.rs.txt"] {
        assert!(said.contains(name), "{name}: {said}");
    }
    let plain = class.results("plain");
    let points = |of: &str| plain[of].points;
    assert_eq!(["anna", "ben", "cleo", "dan"].map(points), [0; 4]);
    assert!(
        exercise(&plain["ben"]).text.contains("ch06 (1).rs"),
        "{}",
        exercise(&plain["ben"]).text
    );
    let taken = class.graded("taken", &[&arguments[..], &["--accept-near-misses"]].concat());
    for name in ["anna", "ben", "dan", "eve"] {
        assert_eq!(taken[name].points, taken[name].of, "{name}");
    }
    let two = exercise(&taken["cleo"]);
    assert!(two.verdict == "not readable" && two.text.contains("several files"), "{}", two.text);
}

#[test]
fn the_graders_own_files_are_nobodys() {
    let class = Class::new();
    class.hand_in("anna", "ch06", &untouched("ch06"));
    let out = "class/results"; // among the submissions
    let first = class.graded(out, &["--lab", "ch06"]);
    let again = class.graded(out, &["--lab", "ch06"]);
    assert_eq!([first.len(), again.len()], [1, 1], "{:?}", again.keys());
}
