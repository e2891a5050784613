//! Pictures of every page of the book, for eyes: `look FOLDER [PAGE…]`.
//!
//! In FOLDER is then, for each page, a PNG by day and by night, at 1440 and at 390 pixels, and a PDF
//! as it would be printed.

use std::path::PathBuf;

use anyhow::{Context, Result};
use course_tests::{Browser, Page, Site, View};

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
            std::fs::write(folder.join(format!("{name}-{view}.png")), open.picture(view)?)?;
            if view == View::ALL[0] {
                std::fs::write(folder.join(format!("{name}.pdf")), open.pdf()?)?;
            }
        }
        println!("{name}");
    }
    Ok(())
}
