//! Pictures of every page of the book, for eyes: `look FOLDER [PAGE…]`.
//!
//! In FOLDER are then, for each page, PNGs by day and by night, at 1440 and at 390 pixels, each of so
//! many pixels' height and numbered from the top, and a PDF as it would be printed.

use std::path::PathBuf;

use anyhow::{Context, Result};
use course_tests::{Browser, Page, Site, View};

/// How much of a page is on one picture.
const HEIGHT: u32 = 2000;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context("usage: look FOLDER [PAGE…]")?);
    let wanted: Vec<String> = arguments.collect();
    std::fs::create_dir_all(&folder)?;
    let site = Site::of_the_book()?.context("mdbook is not installed")?;
    let mut browser = Browser::start()?;
    for page in site.pages()? {
        let name = page.trim_end_matches(".html").replace('/', "-");
        if !wanted.is_empty() && !wanted.contains(&name) {
            continue;
        }
        let address = format!("{}{page}", site.address());
        for view in View::ALL {
            let mut open = Page::open(&mut browser, &address, view)?;
            if view == View::ALL[0] {
                std::fs::write(folder.join(format!("{name}.pdf")), open.pdf()?)?;
            }
            for (number, picture) in open.pictures(view, HEIGHT)?.iter().enumerate() {
                std::fs::write(folder.join(format!("{name}-{view}-{number:02}.png")), picture)?;
            }
        }
        println!("{name}");
    }
    Ok(())
}
