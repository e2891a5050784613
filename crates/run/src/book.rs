//! The pictures of a run that the book shows, light and dark, and what they show in words.
//!
//! A program draws such a picture with [`Folder::draw`](crate::Folder::draw). It goes into the output folder like any
//! other; where the command line names a folder of the book, it goes there as well, in both themes, and its entry into
//! that folder's `figures.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use figures::{Format, Picture, Rendered, Theme};
use file::write_atomically;
use serde::{Deserialize, Serialize};

use crate::lock::Lock;

/// The list of a folder's figures.
const LIST: &str = "figures.json";

/// A picture's place in the book.
#[derive(Clone, Copy, Debug)]
pub struct Plate<'a> {
    id: &'a str,
    alt: &'a str,
    format: Format,
}

impl<'a> Plate<'a> {
    /// A drawing of lines and letters: an SVG. `id` is its name in the whole book, `alt` what one would say of it to
    /// somebody who cannot see it.
    #[must_use]
    pub const fn lines(id: &'a str, alt: &'a str) -> Self {
        Self { id, alt, format: Format::Svg }
    }

    /// Images, or more points than an SVG can hold with profit: a PNG.
    #[must_use]
    pub const fn pixels(id: &'a str, alt: &'a str) -> Self {
        Self { id, alt, format: Format::Png }
    }
}

/// What the book knows of a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The crate whose program draws it.
    pub chapter: String,
    /// What it shows, in words.
    pub alt: String,
    /// The file for the light theme.
    pub light: String,
    /// The file for the dark theme.
    pub dark: String,
    /// The width in pixels at which it is best shown.
    pub width: f64,
    /// The height that goes with it.
    pub height: f64,
}

/// Figures by their names.
pub type Entries = BTreeMap<String, Entry>;

/// The list of the figures in a folder; empty if there is none yet.
///
/// # Errors
/// If it cannot be read, or is no such list.
pub fn read(folder: &Path) -> Result<Entries> {
    let path = folder.join(LIST);
    if !path.exists() {
        return Ok(Entries::new());
    }
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| {
        format!(
            "{} is no list of figures: draw them anew with `cargo course figures`",
            path.display()
        )
    })
}

/// Writes the list of the figures in a folder.
///
/// # Errors
/// If it cannot be written.
pub fn write(folder: &Path, entries: &Entries) -> Result<()> {
    let text = serde_json::to_string_pretty(entries)? + "\n";
    save(&folder.join(LIST), text.as_bytes())
}

/// The folder of the book that a run draws for.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    folder: PathBuf,
    chapter: String,
}

impl Book {
    pub(crate) fn create(folder: &Path, chapter: &str) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| {
            format!("cannot create the folder {}: choose another with --book", folder.display())
        })?;
        Ok(Self { folder: folder.to_owned(), chapter: chapter.to_owned() })
    }

    /// Writes a picture in both themes, and its entry.
    pub(crate) fn add(&self, picture: &impl Picture, plate: Plate<'_>) -> Result<()> {
        let write_in = |name: &str, theme: Theme| -> Result<(String, Rendered)> {
            let file = format!("{}.{name}.{}", plate.id, plate.format.extension());
            let rendered = picture.rendered(plate.format, theme)?;
            save(&self.folder.join(&file), &rendered.bytes)?;
            Ok((file, rendered))
        };
        let (light, Rendered { width, height, .. }) = write_in("light", Theme::light())?;
        let (dark, _) = write_in("dark", Theme::dark())?;
        let (chapter, alt) = (self.chapter.clone(), plate.alt.to_owned());
        // Programs of several chapters may draw for one book at once.
        let _turn = Lock::wait(&self.folder)
            .with_context(|| format!("cannot write to {}", self.folder.display()))?;
        let mut entries = read(&self.folder)?;
        entries.insert(plate.id.to_owned(), Entry { chapter, alt, light, dark, width, height });
        write(&self.folder, &entries)
    }
}

pub(crate) fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomically(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Compares the figures of `chapter` in the book's folder with those that its program has just drawn.
///
/// Pictures of pixels must have the same bytes. Coordinates of an SVG may be off by two tenths of a page unit, because
/// other processors round other last digits; of the image under a heat map only the place is compared, as its contours
/// are lines.
///
/// # Errors
/// If a figure is missing on either side, or another: the message names it.
pub fn compare(book: &Path, drawn: &Path, chapter: &str) -> Result<()> {
    let of_chapter = |folder: &Path| -> Result<Entries> {
        let entries = read(folder)?.into_iter();
        Ok(entries.filter(|(_, entry)| entry.chapter == chapter).collect())
    };
    let (book_has, drawn_has) = (of_chapter(book)?, of_chapter(drawn)?);
    let again = format!("draw it again with `cargo course figures {chapter}`");
    let ids: BTreeSet<&String> = book_has.keys().chain(drawn_has.keys()).collect();
    for id in ids {
        let (Some(entry), Some(fresh)) = (book_has.get(id), drawn_has.get(id)) else {
            bail!("figure {id} is only in one of the book and what {chapter} draws: {again}");
        };
        ensure!(
            entry == fresh,
            "figure {id}: the book has {entry:?}, {chapter} {fresh:?}: {again}"
        );
        for file in [&entry.light, &entry.dark] {
            let [known, new] = [book, drawn].map(|folder| {
                let path = folder.join(file);
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
            });
            let (known, new) = (known?, new?);
            let same = match (str::from_utf8(&known), str::from_utf8(&new)) {
                (Ok(known), Ok(new)) => same_drawing(known, new),
                _ => known == new,
            };
            ensure!(same, "the book's {file} is not what {chapter} draws: {again}");
        }
    }
    Ok(())
}

/// Whether two SVG documents show the same, line by line.
fn same_drawing(a: &str, b: &str) -> bool {
    a.lines().count() == b.lines().count()
        && a.lines().zip(b.lines()).all(|(a, b)| {
            let place = |line: &str| line.split(" href=").next().unwrap_or_default().to_owned();
            a == b || (a.starts_with('<') && same_tag(&place(a), &place(b)))
        })
}

/// Whether two tags are the same but for small differences in their whole numbers.
fn same_tag(a: &str, b: &str) -> bool {
    const ENDS: [char; 3] = [' ', ',', '"'];
    const TENTHS: u64 = 2;
    let words = |tag: &'_ str| tag.split_inclusive(ENDS).map(str::to_owned).collect::<Vec<_>>();
    let whole = |word: &str| word.trim_end_matches(ENDS).parse::<i64>().ok();
    let near = |(a, b): (&String, &String)| {
        a == b || whole(a).zip(whole(b)).is_some_and(|(a, b)| a.abs_diff(b) <= TENTHS)
    };
    let (a, b) = (words(a), words(b));
    a.len() == b.len() && a.iter().zip(&b).all(near)
}

#[cfg(test)]
mod tests {
    use figures::Chart;

    use super::*;
    use crate::Folder;

    fn drawn(y: f64, alt: &str) -> tempfile::TempDir {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let (out, book) = (temporary.path().join("out"), temporary.path().join("book"));
        let folder = Folder::create(&out).and_then(|out| out.with_book(Some(&book), "ch00"));
        let chart = Chart::new("a title").line("rises", [(0.0, 0.0), (0.5, y), (1.0, 1.0)]);
        let plate = Plate::lines("a-line", alt);
        folder.and_then(|folder| folder.draw("line.png", &chart, plate)).expect("writable");
        temporary
    }

    fn compared(a: &tempfile::TempDir, b: &tempfile::TempDir) -> Result<()> {
        let [a, b] = [a, b].map(|folder| folder.path().join("book"));
        compare(&a, &b, "ch00")
    }

    #[test]
    fn a_plate_is_drawn_in_both_themes_and_listed() {
        let temporary = drawn(0.2, "A line rises.");
        assert!(temporary.path().join("out/line.png").exists());
        let book = temporary.path().join("book");
        let entries = read(&book).expect("a list");
        let entry = &entries["a-line"];
        assert_eq!((entry.chapter.as_str(), entry.alt.as_str()), ("ch00", "A line rises."));
        let [light, dark] = [&entry.light, &entry.dark]
            .map(|file| fs::read_to_string(book.join(file)).expect("an SVG"));
        assert!(light.contains("#FFFFFF") && !dark.contains("#FFFFFF"));
        assert!(light.contains(&format!("width=\"{}\"", entry.width)));
    }

    /// A run that waited for its own lock would never end.
    #[test]
    fn the_books_folder_may_be_the_output_folder() {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::create(temporary.path())
            .and_then(|out| out.with_book(Some(temporary.path()), "ch00"))
            .expect("writable");
        let chart = Chart::new("a title").line("rises", [(0.0, 0.0), (1.0, 1.0)]);
        folder.draw("line.png", &chart, Plate::lines("a-line", "A line.")).expect("writable");
        assert!(read(folder.path()).expect("a list").contains_key("a-line"));
    }

    #[test]
    fn only_last_digits_may_differ() {
        let known = drawn(0.2, "A line rises.");
        // The plot is less than 500 page units high, so this is less than a tenth of one.
        assert!(compared(&known, &drawn(0.2001, "A line rises.")).is_ok());
        for other in [drawn(0.21, "A line rises."), drawn(0.2, "A line falls.")] {
            let message = compared(&known, &other).unwrap_err().to_string();
            assert!(message.contains("a-line"), "{message}");
            assert!(message.contains("cargo course figures ch00"), "{message}");
        }
    }

    #[test]
    fn a_figure_on_one_side_only_is_found() {
        let (full, empty) = (drawn(0.2, "A line rises."), tempfile::tempdir().expect("a folder"));
        for (a, b) in [(&full, &empty), (&empty, &full)] {
            assert!(compared(a, b).unwrap_err().to_string().contains("a-line"));
        }
        assert!(compared(&empty, &empty).is_ok());
    }

    #[test]
    fn words_with_digits_are_no_numbers() {
        assert!(same_tag(
            "<line x=\"10\" points=\"5,7 -9,1 \">",
            "<line x=\"12\" points=\"6,7 -8,1 \">"
        ));
        assert!(!same_tag("<line x=\"10\">", "<line x=\"13\">"));
        assert!(!same_tag("<line stroke=\"#0072B2\">", "<line stroke=\"#0072B1\">"));
        assert!(!same_tag("<line points=\"5,7 \">", "<line points=\"5,7 5,7 \">"));
    }
}
