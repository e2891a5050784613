//! `{{lab SLUG}}`: a page made of the file that a student edits.
//!
//! The file's doc comment is the page's beginning. Each function's whose doc comment has a title is an exercise: title, text,
//! signature.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::page::Page;
use crate::problem::unknown;

static DIRECTIVE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{\s*lab\s+([^{}]*?)\s*\}\}").expect("a valid pattern"));

/// Something wrong: in which page, at which byte.
pub(crate) type Mistake = (usize, usize, String);

/// The pages with the labs in their places, from the students' files by the slugs of their chapters.
pub(crate) fn insert(
    pages: &[Page],
    files: &BTreeMap<String, String>,
) -> (Vec<Page>, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    let with_lab = |(index, page): (usize, &Page)| {
        let text = DIRECTIVE.replace_all(&page.text, |captures: &regex::Captures<'_>| {
            let slug = &captures[1];
            files.get(slug).map(|file| markdown(slug, file)).unwrap_or_else(|| {
                let at = captures.get(0).map_or(0, |directive| directive.start());
                let known = files.keys().map(String::as_str);
                mistakes.push((index, at, unknown("lab of a chapter", slug, known)));
                String::new()
            })
        });
        Page { text: text.into_owned(), ..page.clone() }
    };
    (pages.iter().enumerate().map(with_lab).collect(), mistakes)
}

/// An exercise, as its file poses it.
struct Exercise {
    title: String,
    problem: String,
    signature: String,
}

/// The page.
fn markdown(slug: &str, text: &str) -> String {
    let beginning: String = text
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    let mut page = format!("{beginning}\nThe lab belongs to {{{{chapter {slug}}}}}.\n");
    for (number, Exercise { title, problem, signature }) in (1..).zip(exercises(text)) {
        page += &format!(
            "\n## {number}. {title} {{#{slug}-lab-{number}}}\n{problem}\n```rust,ignore\n{signature}\n```\n"
        );
    }
    page
}

fn exercises(source: &str) -> Vec<Exercise> {
    let mut exercises = Vec::new();
    let mut comment = String::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if let Some(text) = line.strip_prefix("///") {
            comment += &format!("{}\n", text.strip_prefix(' ').unwrap_or(text));
            continue;
        }
        if line.starts_with("pub fn ")
            && let Some((title, problem)) =
                comment.strip_prefix("# ").and_then(|c| c.split_once('\n'))
        {
            let mut signature = line.to_owned();
            while !signature.ends_with('{') {
                let Some(next) = lines.next() else { break };
                signature = signature + "\n" + next;
            }
            exercises.push(Exercise {
                title: title.to_owned(),
                problem: problem.to_owned(),
                signature: signature.trim_end_matches('{').trim_end().to_owned(),
            });
        }
        comment.clear();
    }
    exercises
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "//! # Lab 1: squares
//!
//! This is the file to edit.

/// Given: nothing to do here.
pub type Side = f64;

/// # The area of a square
///
/// *5 minutes, 1 point.*
///
/// Return $s^2$, as in (1.1).
pub fn area(
    side: Side,
) -> f64 {
    side * side
}

/// A helper.
pub fn helper() {}
";

    #[test]
    fn a_page_poses_what_the_file_poses() {
        let files = BTreeMap::from([("squares".to_owned(), FILE.to_owned())]);
        let page = |text: &str| Page { file: "lab-ch01.md".into(), text: text.into() };
        let (pages, mistakes) = insert(&[page("{{lab squares}}\n")], &files);
        assert!(mistakes.is_empty());
        assert_eq!(
            pages[0].text,
            "# Lab 1: squares\n\nThis is the file to edit.\n\n\
             The lab belongs to {{chapter squares}}.\n\n\
             ## 1. The area of a square {#squares-lab-1}\n\n*5 minutes, 1 point.*\n\n\
             Return $s^2$, as in (1.1).\n\n```rust,ignore\npub fn area(\n    side: Side,\n) -> f64\n```\n\n"
        );
        let (pages, mistakes) = insert(&[page("a {{lab sqares}}")], &files);
        assert_eq!(pages[0].text, "a ");
        let (page, at, message) = &mistakes[0];
        assert_eq!((*page, *at), (0, 2));
        assert!(message.contains("did you mean `squares`?"), "{message}");
    }
}
