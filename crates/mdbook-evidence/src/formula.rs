//! A formula's way through mdBook.
//!
//! mdBook indexes the text of a page for its search: all of it, a word an element, and so a formula of KaTeX letter by letter,
//! once of its MathML and once more of its HTML. Attributes it leaves alone. So in the page that mdBook renders, a formula is its
//! reading, and its HTML waits in an attribute; when the pages are written, [`put_in`] puts it where it belongs.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, Result, bail};
use regex::{Captures, Regex};

use crate::katex::Rendered;
use crate::markup::escape;

static WAITING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"<span class="formula" data-html="([^"]*)">[^<]*</span>"#)
        .expect("a valid pattern")
});

/// The formula for the page that mdBook renders, in one line, in which Markdown finds nothing to interpret.
pub(crate) fn waiting(formula: &Rendered) -> String {
    format!(
        "<span class=\"formula\" data-html=\"{}\">{}</span>",
        escape(&formula.html),
        literal(&formula.reading)
    )
}

/// Every character that could mean something to Markdown as a number.
fn literal(text: &str) -> String {
    let mut proof = String::with_capacity(2 * text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            proof.push_str(&format!("&#{};", u32::from(c)));
        } else {
            proof.push(c);
        }
    }
    proof
}

/// A page with the HTML of all its formulas in place.
#[must_use]
pub fn put_in(page: &str) -> String {
    WAITING.replace_all(page, |found: &Captures<'_>| unescape(&found[1])).into_owned()
}

/// The same for all pages of a folder and of the folders in it.
///
/// # Errors
/// If a page cannot be read or written, or if a formula is left over.
pub fn put_in_all(folder: &Path) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if path.is_dir() {
            put_in_all(&path)?;
        } else if path.extension().is_some_and(|ending| ending == "html") {
            put_in_file(&path)?;
        }
    }
    Ok(())
}

fn put_in_file(path: &Path) -> Result<()> {
    let page =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let whole = put_in(&page);
    if whole.contains(" data-html=") {
        bail!(
            "{}: mdBook has changed the element around a formula, expected {}",
            path.display(),
            WAITING.as_str()
        );
    }
    if whole != page {
        fs::write(path, whole).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// What [`escape`] and mdBook write into attributes, back to characters.
fn unescape(attribute: &str) -> String {
    const ENTITIES: [(&str, &str); 7] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#92;", "\\"),
        ("&#124;", "|"),
        ("&amp;", "&"), // last, lest `&amp;lt;` lose twice
    ];
    ENTITIES
        .iter()
        .fold(attribute.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Katex;

    /// What pulldown-cmark, mdBook's reader of Markdown, makes of a line with a formula.
    fn page(tex: &str) -> (Rendered, String) {
        let katex = Katex::new(&BTreeMap::new()).expect("KaTeX starts");
        let formula = katex.render(tex, false).expect("a formula");
        let line = format!("a *b* {} c\n", waiting(&formula));
        let mut page = String::new();
        pulldown_cmark::html::push_html(
            &mut page,
            pulldown_cmark::Parser::new_ext(&line, pulldown_cmark::Options::all()),
        );
        (formula, page)
    }

    #[test]
    fn markdown_leaves_a_formula_as_it_is() {
        for tex in [
            "a_1 * b_2 * c",
            "[x](y) \\backslash",
            "a < b \\& > \\_ ~ |x|",
            "p'' --- f",
            "\\text{\"<a href='b'>\\&lt;\"}",
            "\\text{`x` \\{\\{y\\}\\} \\$}",
        ] {
            let (formula, page) = page(tex);
            assert_eq!(put_in(&page), format!("<p>a <em>b</em> {} c</p>\n", formula.html), "{tex}");
            assert!(!formula.html.contains("annotation"), "{tex}");
        }
    }

    #[test]
    fn until_then_the_page_has_the_reading_as_its_text() {
        let (_, page) = page("a_1 * b_2 < |c|");
        let tags = Regex::new("<[^>]*>").expect("a valid pattern");
        assert_eq!(tags.replace_all(&page, ""), "a b a_1 ∗ b_2 &lt; |c| c\n");
        assert!(!page.contains("<math"), "{page}");
    }

    #[test]
    fn all_pages_of_a_folder_become_whole() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (formula, page) = page("x^2");
        fs::create_dir(folder.path().join("lab")).expect("a folder");
        for name in ["a.html", "lab/b.html", "c.js"] {
            fs::write(folder.path().join(name), &page).expect("a file");
        }
        put_in_all(folder.path()).expect("pages");
        let read = |name| fs::read_to_string(folder.path().join(name)).expect("a file");
        let whole = format!("<p>a <em>b</em> {} c</p>\n", formula.html);
        assert_eq!(
            [read("a.html"), read("lab/b.html"), read("c.js")],
            [whole.clone(), whole, page]
        );
    }

    #[test]
    fn a_formula_that_is_left_over_is_told() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let changed = "<span data-html=\"x\" class=\"formula\">x</span>";
        fs::write(folder.path().join("a.html"), changed).expect("a file");
        let error = put_in_all(folder.path()).expect_err("a formula is left over").to_string();
        assert!(error.contains("a.html: mdBook has changed the element"), "{error}");
    }
}
