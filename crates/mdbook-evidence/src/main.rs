//! mdBook's preprocessor `evidence`: a book in JSON comes in, the same book comes out with its pages whole.

use std::collections::BTreeMap;
use std::io::{stdin, stdout};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use mdbook_evidence::{Page, Sources, expand};
use mdbook_preprocessor::parse_input;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // mdBook asks first whether the preprocessor works for this renderer. It works for all.
        ["supports", _] => ExitCode::SUCCESS,
        [] => match preprocess() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error:#}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("mdBook starts this program: `mdbook build book`");
            ExitCode::from(2)
        }
    }
}

fn preprocess() -> Result<()> {
    let (context, mut book) =
        parse_input(stdin()).context("mdBook starts this program: `mdbook build book`")?;
    let macros: BTreeMap<String, String> =
        context.config.get("preprocessor.evidence.macros")?.unwrap_or_default();
    let sources = Sources::read(&context.root, macros)?;
    let pages: Vec<Page> = book
        .chapters()
        .filter_map(|chapter| {
            let file = chapter.path.as_ref()?.to_string_lossy().into_owned();
            Some(Page { file, text: chapter.content.clone() })
        })
        .collect();
    every_page_has_a_place(&pages, &sources)?;
    let mut expanded = expand(&pages, &sources)?.into_iter();
    book.for_each_chapter_mut(|chapter| {
        if chapter.path.is_some()
            && let Some(text) = expanded.next()
        {
            chapter.content = text;
        }
    });
    serde_json::to_writer(stdout(), &book).context("cannot hand the book back to mdBook")
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
