//! mdBook's preprocessor `evidence`: a book in JSON comes in, the same book comes out with its pages expanded. And its
//! renderer `html-formulas`, which puts the formulas into the pages that the renderer `html` has written.

use std::collections::BTreeMap;
use std::io::{stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use mdbook_evidence::{Page, Sources, expand, put_in_all, slim_index};
use mdbook_preprocessor::book::{Book, Chapter};
use mdbook_preprocessor::parse_input;
use serde::Deserialize;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // mdBook asks first whether the preprocessor works for this renderer.
        ["supports", "html-formulas"] => ExitCode::FAILURE,
        ["supports", _] => ExitCode::SUCCESS,
        [] => told(preprocess()),
        ["formulas"] => told(finish()),
        _ => {
            eprintln!("mdBook starts this program: `mdbook build book`");
            ExitCode::from(2)
        }
    }
}

fn told(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What mdBook tells a renderer, as far as it matters here.
#[derive(Deserialize)]
struct Rendering {
    destination: PathBuf,
}

/// The pages lie beside this renderer's own folder, by the names of the renderers.
fn finish() -> Result<()> {
    let Rendering { destination } = serde_json::from_reader(stdin())
        .context("mdBook starts this program: `mdbook build book`")?;
    let pages = destination.with_file_name("html");
    if !pages.is_dir() {
        bail!(
            "mdBook has written no pages to {}: book.toml needs [output.html], and this renderer a name that sorts behind `html`",
            pages.display()
        );
    }
    put_in_all(&pages)?;
    slim_index(&pages)
}

fn preprocess() -> Result<()> {
    let (context, mut book) =
        parse_input(stdin()).context("mdBook starts this program: `mdbook build book`")?;
    let macros: BTreeMap<String, String> =
        context.config.get("preprocessor.evidence.macros")?.unwrap_or_default();
    let sources = Sources::read(&context.root, macros)?;
    let mut pages: Vec<Page> = book
        .chapters()
        .filter_map(|chapter| Some(Page { file: file(chapter)?, text: chapter.content.clone() }))
        .collect();
    every_page_has_a_place(&pages, &sources)?;
    for (page, text) in expand(&pages, &sources)?.into_iter().enumerate() {
        pages[page].text = text;
    }
    put_back(pages, &mut book);
    serde_json::to_writer(stdout(), &book).context("cannot hand the book back to mdBook")
}

/// The page's file, relative to `src`; a mere heading of the summary has none.
fn file(chapter: &Chapter) -> Option<String> {
    Some(chapter.path.as_ref()?.to_string_lossy().into_owned())
}

/// By their names, since mdBook hands out pages below others in one order and takes them back in another.
fn put_back(pages: Vec<Page>, book: &mut Book) {
    let mut texts: BTreeMap<String, String> =
        pages.into_iter().map(|page| (page.file, page.text)).collect();
    book.for_each_chapter_mut(|chapter| {
        if let Some(text) = file(chapter).and_then(|file| texts.remove(&file)) {
            chapter.content = text;
        }
    });
}

/// mdBook leaves out without a word what stands in an odd place of `SUMMARY.md`.
fn every_page_has_a_place(pages: &[Page], sources: &Sources) -> Result<()> {
    for entry in std::fs::read_dir(&sources.pages)?.flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        if file.ends_with(".md")
            && file != "SUMMARY.md"
            && !pages.iter().any(|page| page.file == file)
        {
            bail!(
                "{file} lies in book/src, but mdBook finds no place for it in SUMMARY.md: name it there, unnumbered pages before or after all lists"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use mdbook_preprocessor::book::BookItem;

    use super::*;

    #[test]
    fn a_page_below_another_keeps_its_own_text() {
        let chapter =
            |name: &str| Chapter::new(name, String::new(), format!("{name}.md"), Vec::new());
        let mut above = chapter("ch06");
        above.sub_items.push(BookItem::Chapter(chapter("lab")));
        let mut book = Book::new_with_items(vec![BookItem::Chapter(above)]);
        let page = |name: &str| Page { file: format!("{name}.md"), text: format!("of {name}") };
        put_back(vec![page("ch06"), page("lab")], &mut book);
        let texts: Vec<&str> = book.chapters().map(|chapter| chapter.content.as_str()).collect();
        assert_eq!(texts, ["of ch06", "of lab"]);
    }
}
