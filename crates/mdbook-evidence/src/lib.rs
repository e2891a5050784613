//! The book's preprocessor: it makes a page of Markdown whole before mdBook renders it.
//!
//! **What it is for.** Formulas become HTML and MathML; `{{claim …}}` becomes a card and `{{value …}}` a number, both from
//! `book/evidence.json`; figures get their numbers, and references their links. The README lists all that a page may say.
//!
//! **What it refuses to know.** Every chapter. It reads what `cargo course` has written, so the book builds in seconds.
//!
//! **The decision that shaped it.** Nothing is skipped and nothing guessed: whatever a page names must exist. All
//! mistakes of all pages are collected and told at once, each with its line and the nearest name that does exist.

use std::cell::RefCell;
use std::collections::BTreeMap;

use anyhow::Result;

mod card;
mod evidence;
mod expand;
mod formula;
mod include;
mod index;
mod katex;
mod lab;
mod markup;
mod number;
mod page;
mod problem;
mod scan;
mod search;
mod sources;
mod tables;
mod value;

#[cfg(test)]
mod tests;

pub use evidence::{Claim, Evidence, Falsifier, Kind, Record, Source, Verdict};
pub use formula::{put_in, put_in_all};
pub use katex::{Katex, Rendered, SOURCE as KATEX};
pub use page::Page;
pub use problem::{Problem, Problems};
pub use search::slim_index;
pub use sources::{Equations, Figure, Row, Sources};

use expand::Expander;
use index::Index;

/// The pages of a book with everything replaced, in their order; the HTML of formulas waits for [`put_in`].
///
/// # Errors
/// All mistakes of all pages, or what keeps KaTeX from starting.
pub fn expand(pages: &[Page], sources: &Sources) -> Result<Vec<String>> {
    let katex = Katex::new(&sources.macros)?;
    let problems = RefCell::default();
    let (pages, of_labs) = lab::insert(pages, &sources.labs);
    let pages = &pages[..];
    let mut expander =
        Expander { pages, sources, katex: &katex, index: Index::default(), problems };
    let mut of_labels = Vec::new();
    expander.index = Index::new(pages, |page, offset, message| {
        of_labels.push((expand::Place::start(page).plus(offset), message));
    });
    for (page, offset, message) in of_labs {
        of_labels.push((expand::Place::start(page).plus(offset), message));
    }
    for (place, message) in of_labels {
        expander.report(place, message);
    }
    let expanded = (0..pages.len()).map(|page| expander.page(page)).collect();
    let mut problems = expander.problems.into_inner();
    if problems.is_empty() {
        return Ok(expanded);
    }
    let order: BTreeMap<String, usize> =
        pages.iter().enumerate().map(|(i, page)| (format!("book/src/{}", page.file), i)).collect();
    problems.sort_by_key(|problem| (order.get(&problem.file).copied(), problem.line));
    Err(Problems(problems).into())
}

/// The claims that a page of the course shows in a card. The list of all claims shows none.
#[must_use]
pub fn shown_claims(pages: &[Page]) -> Vec<String> {
    Index::new(pages, |_, _, _| {}).claims.into_keys().collect()
}

/// The numbers of the formulas that have one.
#[must_use]
pub fn numbered_formulas(pages: &[Page]) -> Vec<String> {
    Index::new(pages, |_, _, _| {}).equations.into_keys().collect()
}
