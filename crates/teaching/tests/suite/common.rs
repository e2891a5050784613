//! Making up what students hand in, from the texts of the labs, the solutions and the checks.

#![allow(dead_code, unreachable_pub)] // each test uses some of it

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use teaching::{Graded, Results, solution_text};
use tempfile::TempDir;

pub fn course() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the course")
}

pub fn read(file: impl AsRef<Path>) -> String {
    let file = course().join(file);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The course as it lies here, committed, in a folder of its own: what would be exported after a commit.
pub fn committed(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("an old copy to remove");
    }
    let list = git(&course(), &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    for file in list.split('\0').filter(|file| course().join(file).is_file()) {
        let to = folder.join(file);
        fs::create_dir_all(to.parent().expect("a folder")).expect("made");
        fs::copy(course().join(file), to).expect("copied");
    }
    git(&folder, &["init", "--quiet"]);
    git(&folder, &["add", "--all"]);
    commit(&folder);
    folder
}

pub fn commit(folder: &Path) {
    let author = ["-c", "user.name=Teacher", "-c", "user.email=teacher@example.org"];
    git(folder, &[&author[..], &["commit", "--quiet", "--all", "--message", "As it is"]].concat());
}

pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").args(arguments).current_dir(folder).output().expect("git");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("names in UTF-8")
}

/// The command, given in this folder.
pub fn export(from: &Path, to: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_teaching"))
        .args(["export", "--students"])
        .arg(to)
        .current_dir(from)
        .output()
        .expect("the command")
}

/// The student's file of a chapter, as in `ch06`, with nothing done.
pub fn untouched(chapter: &str) -> String {
    let folders = fs::read_dir(course().join("chapters")).expect("chapters");
    let folder = folders
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.to_string_lossy().contains(&format!("/{chapter}-")))
        .expect("the chapter");
    read(folder.join("lab/src/lib.rs"))
}

/// A student's file with everything solved.
pub fn solved(chapter: &str) -> String {
    solution_text(&course(), chapter).expect("the solutions")
}

/// The text with another body for one of its functions.
pub fn with_body(text: &str, function: &str, body: &str) -> String {
    let (start, end) = body_of(text, function);
    format!("{}\n{body}\n{}", &text[..start], &text[end..])
}

/// Where a function's body begins and ends, without its braces.
fn body_of(text: &str, function: &str) -> (usize, usize) {
    teaching::body_of(text, function).expect("the function")
}

/// A function's arguments: a pattern and a type each.
pub fn arguments(text: &str, function: &str) -> Vec<(String, String)> {
    let from = &text[text.find(&format!("pub fn {function}(")).expect("the function")..];
    let open = from.find('(').expect("arguments");
    let close = open + closing(&from[open..]);
    split(&from[open + 1..close])
        .into_iter()
        .map(|argument| {
            let colon = argument.find(": ").expect("a type");
            (argument[..colon].trim().to_owned(), argument[colon + 1..].trim().to_owned())
        })
        .collect()
}

/// An argument as the checks hand it over: owned.
fn owned(pattern: &str, of_type: &str) -> String {
    if of_type.starts_with('(') && pattern.starts_with('(') {
        let parts = split(&pattern[1..pattern.len() - 1])
            .into_iter()
            .zip(split(&of_type[1..of_type.len() - 1]));
        let parts: Vec<String> = parts.map(|(p, t)| owned(p.trim(), t.trim())).collect();
        format!("({})", parts.join(", "))
    } else if of_type.starts_with('&') {
        format!("{pattern}.to_owned()")
    } else {
        pattern.to_owned()
    }
}

/// The offset of the bracket that closes the one at the beginning, past strings, characters and comments.
fn closing(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            b'"' => at = end_of_string(text, at),
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += text[at..].find('\n').unwrap_or(text.len() - at) - 1;
            }
            b'\'' if bytes.get(at + 2) == Some(&b'\'') => at += 2,
            _ => {}
        }
        at += 1;
    }
    panic!("nothing closes: {}", &text[..60.min(text.len())])
}

/// The offset of the quote that ends the string beginning at `at`.
fn end_of_string(text: &str, at: usize) -> usize {
    let mut escaped = false;
    for (offset, byte) in text.bytes().enumerate().skip(at + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return offset,
            _ => {}
        }
    }
    panic!("an endless string")
}

/// Parts between commas that are in no brackets.
fn split(list: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, byte) in list.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' | b'<' => depth += 1,
            b')' | b']' | b'}' | b'>' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(&list[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[from..]);
    parts.into_iter().filter(|part| !part.trim().is_empty()).collect()
}

/// A student's file in which everything is solved but for one function, which makes a known mistake: its code is taken from
/// the checks, with the helpers that it calls. `None` if they call what no student has.
pub fn mistaken(chapter: &str, function: &str, mistake: &str) -> Option<String> {
    let checks = read(format!("crates/lab-checks/src/{chapter}.rs"));
    let exercise = checks.find(&format!("exercise(\"{function}\")"))?;
    let id = exercise + checks[exercise..].find(&format!("\"{mistake}\""))?;
    let diagnosis = id + mistake.len() + 2 + checks[id + mistake.len() + 2..].find('"')?;
    let comma = end_of_string(&checks, diagnosis) + 1;
    let open = checks[..id].rfind(".mistaken(")? + ".mistaken".len();
    let code = checks[comma + 1..open + closing(&checks[open..])].trim().trim_end_matches(',');

    // Types that only this exercise knows.
    let own = &checks[checks[..id].rfind("\nfn ")?..id];
    let types: String = own.lines().filter(|line| line.starts_with("    type ")).collect();
    let helpers =
        helpers(&[&checks, &read("crates/lab-checks/src/numeric.rs")], &format!("{types}{code}"))?;
    let arguments: Vec<String> = arguments(&untouched(chapter), function)
        .iter()
        .map(|(pattern, of_type)| owned(pattern, of_type))
        .collect();
    let input = match arguments.as_slice() {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    };
    let std = checks.lines().filter(|line| line.starts_with("use std"));
    let imports: String = std.map(|line| format!("pub(crate) {line}\n")).collect();
    // Counts cross the pipe as floats.
    let signature = &untouched(chapter)[..body_of(&untouched(chapter), function).0];
    let is_count = signature.ends_with("-> usize {");
    let (of_floats, as_count) = if is_count { ("::<_, f64>", " as usize") } else { ("", "") };
    let answer = "fn answer<I, O>(input: I, mistaken: impl Fn(I) -> O) -> O { mistaken(input) }";
    Some(format!(
        "{}\n#[allow(unused)]\nmod helpers {{\n{imports}\npub(crate) use ndarray::*;\npub(crate) {answer}\n{helpers}}}\n",
        all_but(
            chapter,
            function,
            &format!(
                "let input = {input};\n    {{\nuse helpers::*;\n{types}\nanswer{of_floats}(input, {code}){as_count}\n    }}"
            )
        ),
    ))
}

/// A student's file in which everything is solved but for one function, which has this body.
pub fn all_but(chapter: &str, function: &str, body: &str) -> String {
    let template = untouched(chapter);
    let others: Vec<&str> = template
        .lines()
        .filter_map(|line| line.strip_prefix("pub fn ")?.split('(').next())
        .filter(|name| *name != function)
        .collect();
    let signature = template.find(&format!("pub fn {function}(")).expect("the function");
    let (start, _) = body_of(&template, function);
    let types: String = template.lines().filter(|line| line.starts_with("pub type ")).collect();
    format!(
        "mod others {{\n{}\n}}\npub use others::{{{}}};\n#[allow(unused)]\nuse ndarray::*;\n{types}\n{}\n    {body}\n}}\n",
        solved(chapter),
        others.join(", "),
        &template[signature..start]
    )
}

/// The names that a text takes from crates which no student has, and those crates.
fn foreign(text: &str) -> Vec<&str> {
    const CRATES: [&str; 7] = ["autodiff", "claims", "lab", "prob", "rand", "rand_distr", "shaped"];
    let statements = text.split("use ").skip(1).filter_map(|from| from.split(';').next());
    let names = statements
        .filter(|statement| words(statement).next().is_some_and(|first| CRATES.contains(&first)))
        .flat_map(|statement| words(statement).skip(1))
        .filter(|word| !["", "self", "as", "_"].contains(word));
    names.chain(CRATES).collect()
}

/// The items that some code needs, and those that they need; `None` if that leads to what no student has.
fn helpers(texts: &[&String], code: &str) -> Option<String> {
    let items: BTreeMap<String, String> =
        texts.iter().flat_map(|text| top_level_items(text)).collect();
    let foreign: Vec<&str> = texts.iter().flat_map(|text| foreign(text)).collect();
    let mut wanted: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open: Vec<&str> = vec![code];
    while let Some(text) = open.pop() {
        if words(text).any(|word| foreign.contains(&word)) {
            return None;
        }
        for (name, item) in &items {
            if uses(text, name, item) && wanted.insert(name, item).is_none() {
                open.push(item);
            }
        }
    }
    Some(wanted.values().map(|item| format!("{item}\n")).collect())
}

/// Whether a text names an item. The name of a function may be that of a variable: then it is neither called nor handed on.
fn uses(text: &str, name: &str, item: &str) -> bool {
    let is_function = item.starts_with("pub(crate) fn ");
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let whole = !before.ends_with(is_part)
            && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let called = after.starts_with(['(', ':']) || before.ends_with("map(");
        whole && !before.ends_with("fn ") && (called || !is_function)
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// Functions, types and constants by name, as rustfmt lays them out; a type with what is implemented for it.
fn top_level_items(text: &str) -> BTreeMap<String, String> {
    let mut items: BTreeMap<String, String> = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let head = line.trim_start_matches("pub(crate) ").to_owned();
        if !["fn ", "type ", "const ", "struct ", "impl "].iter().any(|kind| head.starts_with(kind))
        {
            continue;
        }
        let name = words(&head).nth(1).expect("a name").to_owned();
        let mut item = head;
        while !(item.ends_with("\n}") || item.ends_with(';') && !item.contains('{')) {
            item = format!("{item}\n{}", lines.next().expect("the item's end"));
        }
        if item.starts_with("impl ") {
            items.entry(name).or_default().push_str(
                &item
                    .replace("    const ", "    pub(crate) const ")
                    .replace("fn ", "pub(crate) fn "),
            );
        } else if !item.contains("AnyExercise") {
            let fields = |item: &str| item.replace("\n    ", "\n    pub(crate) ");
            let item = if item.starts_with("struct ") { fields(&item) } else { item };
            items.insert(name, format!("pub(crate) {item}\n"));
        }
    }
    items
}

/// A class in a folder of its own.
pub struct Class {
    folder: TempDir,
}

impl Class {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A submission of one file.
    pub fn hand_in(&self, name: &str, chapter: &str, text: &str) {
        let file = self.path("class").join(name).join(format!("{chapter}.rs"));
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
    }

    pub fn grade(&self, out: &str, more: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_teaching"))
            .arg("grade")
            .arg(self.path("class"))
            .args(["--jobs", "2", "--out"])
            .arg(self.path(out))
            .args(more)
            .output()
            .expect("the command")
    }

    #[track_caller]
    pub fn graded(&self, out: &str, more: &[&str]) -> BTreeMap<String, Graded> {
        let output = self.grade(out, more);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.results(out)
    }

    /// The results that lie there.
    #[track_caller]
    pub fn results(&self, out: &str) -> BTreeMap<String, Graded> {
        let results = Results::read(&self.path(&format!("{out}.json"))).expect("results");
        results.submissions.into_iter().map(|graded| (graded.submission.clone(), graded)).collect()
    }
}
