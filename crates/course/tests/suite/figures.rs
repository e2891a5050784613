//! The book's figures as they lie there: whole, listed, described, and small enough for a page.

use std::collections::BTreeSet;
use std::fs;

use course::CHAPTERS;
use course::figures::book_figures;
use run::book::{self, Entries};

fn entries() -> Entries {
    book::read(&book_figures().expect("the course")).expect("the list of figures")
}

#[test]
fn what_is_listed_is_there_and_what_is_there_is_listed() {
    let listed: BTreeSet<String> =
        entries().into_values().flat_map(|entry| [entry.light, entry.dark]).collect();
    let files =
        fs::read_dir(book_figures().expect("the course")).expect("the folder of figures").flatten();
    let there: BTreeSet<String> = files
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".svg") || name.ends_with(".png"))
        .collect();
    assert_eq!(listed, there);
}

#[test]
fn every_chapter_has_figures_and_every_figure_a_chapter() {
    let chapters: BTreeSet<String> = entries().into_values().map(|entry| entry.chapter).collect();
    let expected: BTreeSet<String> = CHAPTERS
        .iter()
        .filter(|chapter| chapter.slug() != "testing") // claims about the tests, without a program
        .map(|chapter| chapter.name.to_owned())
        .collect();
    assert_eq!(chapters, expected);
}

#[test]
fn every_figure_is_described_in_a_sentence_or_more() {
    for (id, entry) in entries() {
        let alt = &entry.alt;
        // Shorter than this is a title, longer is a text that nobody wants to be read in place of a picture.
        assert!((60..=420).contains(&alt.chars().count()), "{id}: {alt}");
        assert!(alt.ends_with('.') && !alt.contains("  "), "{id}: {alt}");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(id.chars().all(plain), "{id}: letters, digits and hyphens only");
    }
}

/// The width and height that a file says it has: of an SVG in page units, of a PNG in pixels.
fn size(bytes: &[u8]) -> (f64, f64) {
    if bytes.starts_with(b"\x89PNG") {
        // The header: 8 bytes of signature, 8 of length and type, then width and height.
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
        return (f64::from(number(16)), f64::from(number(20)));
    }
    let text = str::from_utf8(bytes).expect("an SVG is text");
    let number = |name: &str| {
        let rest = text.split_once(&format!(" {name}=\"")).expect("the attribute").1;
        rest.split('"').next().and_then(|number| number.parse().ok()).expect("a number")
    };
    (number("width"), number("height"))
}

#[test]
fn sizes_are_as_listed_and_files_as_small_as_a_page_can_bear() {
    let mut total = 0;
    for (id, entry) in entries() {
        for file in [&entry.light, &entry.dark] {
            let bytes = fs::read(book_figures().expect("the course").join(file)).expect("the file");
            total += bytes.len();
            let scale = if file.ends_with(".png") { 2.0 } else { 1.0 };
            let (width, height) = size(&bytes);
            assert!((width - scale * entry.width).abs() <= 1.0, "{file}: {width} pixels wide");
            assert!((height - scale * entry.height).abs() <= 1.0, "{file}: {height} pixels high");
            let most = if file.ends_with(".png") { 600_000 } else { 300_000 };
            assert!(bytes.len() < most, "{file} of {id} has {} bytes", bytes.len());
        }
    }
    assert!(total < 12_000_000, "{total} bytes of figures");
}
