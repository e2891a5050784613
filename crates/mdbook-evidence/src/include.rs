//! `{{#include FILE:ANCHOR}}`: code from the course's crates, without the indentation that it has there.
//!
//! mdBook has these, too, but leaves out silently what it does not find, and indents methods.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::problem::unknown;

static INCLUDE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\\)?\{\{\s*#(\w+)\s+([^}]*?)\s*\}\}").expect("a valid pattern"));
static ANCHOR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"ANCHOR:\s*([\w-]+)").expect("a valid pattern"));
static ANCHOR_END: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"ANCHOR_END:\s*([\w-]+)").expect("a valid pattern"));

/// Checks all includes of a page; `report` gets byte and message.
pub(crate) fn check(text: &str, folder: &Path, report: &mut impl FnMut(usize, String)) {
    let mut files = BTreeMap::new();
    for captures in INCLUDE.captures_iter(text).filter(|captures| captures.get(1).is_none()) {
        let start = captures.get(0).expect("the whole match").start();
        let checked = match &captures[2] {
            "include" => included(captures.get(3).expect("a path").as_str(), folder, &mut files),
            "title" => Ok(()),
            other => Err(unknown("helper", &format!("#{other}"), ["#include", "#title"])),
        };
        if let Err(message) = checked {
            report(start, message);
        }
    }
}

/// The page with the code in it. What [`check`] complains of stays as it is.
pub(crate) fn replace(text: &str, folder: &Path) -> String {
    INCLUDE
        .replace_all(text, |captures: &Captures<'_>| {
            let code = captures[3].split_once(':').and_then(|(file, anchor)| {
                Some(anchored(&fs::read_to_string(folder.join(file)).ok()?, anchor))
            });
            match code {
                Some(code) if captures.get(1).is_none() && &captures[2] == "include" => code,
                _ => captures[0].to_owned(),
            }
        })
        .into_owned()
}

/// The lines between an anchor's two ends, without marks of anchors, moved to the left margin.
fn anchored(source: &str, anchor: &str) -> String {
    let names = |pattern: &Regex, line| {
        pattern.captures(line).is_some_and(|captures| &captures[1] == anchor)
    };
    let lines: Vec<&str> = source
        .lines()
        .skip_while(|line| !names(&ANCHOR, line))
        .take_while(|line| !names(&ANCHOR_END, line))
        .filter(|line| !ANCHOR.is_match(line) && !ANCHOR_END.is_match(line))
        .collect();
    let indentation = |line: &&str| line.len() - line.trim_start().len();
    let written = lines.iter().filter(|line| !line.trim().is_empty());
    let margin = written.map(indentation).min().unwrap_or(0);
    let moved: Vec<&str> = lines.iter().map(|line| line.get(margin..).unwrap_or("")).collect();
    moved.join("\n")
}

fn included<'a>(
    what: &'a str,
    folder: &Path,
    files: &mut BTreeMap<&'a str, Option<String>>,
) -> Result<(), String> {
    let (file, anchor) = what.split_once(':').ok_or_else(|| {
        format!("{what} is included whole: name an anchor, `{{{{#include {what}:ANCHOR}}}}`")
    })?;
    if anchor.split(':').any(|part| part.is_empty() || part.parse::<u32>().is_ok()) {
        return Err(format!("`{anchor}` counts lines, which move: include {file} by an anchor"));
    }
    let source = files.entry(file).or_insert_with(|| fs::read_to_string(folder.join(file)).ok());
    let Some(source) = source else { return Err(missing_file(file, folder)) };
    let names = |pattern: &Regex| -> Vec<String> {
        pattern.captures_iter(source).map(|captures| captures[1].to_owned()).collect()
    };
    let anchors = names(&ANCHOR);
    if !anchors.iter().any(|name| name == anchor) {
        let known = anchors.iter().map(String::as_str);
        return Err(format!("{file}: {}", unknown("anchor", anchor, known)));
    }
    if !names(&ANCHOR_END).iter().any(|name| name == anchor) {
        return Err(format!("{file}: anchor `{anchor}` has no `ANCHOR_END: {anchor}`"));
    }
    Ok(())
}

fn missing_file(file: &str, folder: &Path) -> String {
    let path = Path::new(file);
    let parent = folder.join(path.parent().unwrap_or(Path::new("")));
    let Ok(entries) = fs::read_dir(&parent) else {
        return format!("there is no folder {}", path.parent().unwrap_or(path).display());
    };
    let names: Vec<String> =
        entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("{file}: {}", unknown("file", &name, names.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let code =
            "// ANCHOR: closed-form\nfn f() {}\n// ANCHOR_END: closed-form\n// ANCHOR: open\n";
        fs::write(folder.path().join("code.rs"), code).expect("written");
        let mut found = Vec::new();
        check(text, folder.path(), &mut |_, message| found.push(message));
        found
    }

    #[test]
    fn an_anchor_that_exists_is_fine() {
        let fine = "```rust\n{{#include code.rs:closed-form}}\n```\n\\{{#include x}} {{#title T}}";
        assert!(problems(fine).is_empty(), "{:?}", problems(fine));
    }

    #[test]
    fn a_method_begins_at_the_margin() {
        let source = "impl A {\n    // ANCHOR: outer\n    // ANCHOR: f\n    fn f() {\n\n        1\n    }\n    \
                      // ANCHOR_END: f\n    fn g() {}\n    // ANCHOR_END: outer\n}\n";
        assert_eq!(anchored(source, "f"), "fn f() {\n\n    1\n}");
        assert_eq!(anchored(source, "outer"), "fn f() {\n\n    1\n}\nfn g() {}");
    }

    #[test]
    fn code_takes_the_place_of_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.rs"), "// ANCHOR: x\n  x();\n// ANCHOR_END: x\n")
            .expect("written");
        let page = "```rust\n{{#include a.rs:x}}\n```\n\\{{#include a.rs:x}} {{#title T}}";
        let expected = "```rust\nx();\n```\n\\{{#include a.rs:x}} {{#title T}}";
        assert_eq!(replace(page, folder.path()), expected);
    }

    #[test]
    fn each_mistake_is_told() {
        for (text, expected) in [
            ("{{#include code.rs:closed-from}}", "did you mean `closed-form`"),
            ("{{#include cod.rs:open}}", "did you mean `code.rs`"),
            ("{{#include nowhere/code.rs:open}}", "there is no folder nowhere"),
            ("{{#include code.rs:open}}", "has no `ANCHOR_END: open`"),
            ("{{#include code.rs:3:9}}", "counts lines"),
            ("{{#include code.rs}}", "name an anchor"),
            ("{{#rustdoc_include code.rs:open}}", "there is no helper `#rustdoc_include`"),
        ] {
            let found = problems(text);
            assert!(found.len() == 1 && found[0].contains(expected), "{text}: {found:?}");
        }
    }
}
