//! The book, looked at in a real browser.

use course_tests::{Browser, Site, chromium, report, skip};

#[test]
fn readers_stumble_over_nothing() {
    if chromium().is_none() {
        return skip("SKIPPED: the book was not looked at, because chromium is not installed");
    }
    if !Site::book().join("book.toml").is_file() {
        return skip("SKIPPED: the book was not looked at, because it has no book/book.toml");
    }
    let Some(site) = Site::of_the_book().expect("the book builds") else {
        return skip(
            "SKIPPED: the book was not looked at, because mdbook is not installed \
             (cargo install mdbook@0.5.4 --locked)",
        );
    };
    let pages = site.pages().expect("a folder that can be read");
    assert!(pages.len() > 9, "nine chapters make more pages than {pages:?}");
    let mut browsers = [(); 2].map(|()| Browser::start().expect("chromium starts"));
    let findings = site.inspect(&mut browsers).expect("chromium looks at every page");
    assert!(findings.is_empty(), "\n{}", report(&findings));
}
