//! What can be wrong with a page, and how it is told.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A kind of thing that readers stumble over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// JavaScript threw, or wrote an error to the console.
    Console,
    /// Something was asked for and did not come.
    Request,
    /// An image is broken, invisible, or without words for those who cannot see it.
    Image,
    /// Source shows that should have become something else: `$`, `{{`, `{#`, `\frac`.
    Markup,
    /// A formula has no extent, is cut off, collides with its number, or lacks its fonts.
    Formula,
    /// Text has less than 4.5:1 contrast with its ground.
    Contrast,
    /// The page scrolls sideways, or cuts something off.
    Overflow,
    /// A link or an anchor leads nowhere in the book, or to more than one place.
    Link,
    /// An interactive figure does not start, does not obey, or shows another number than Rust.
    Figure,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Console,
        Self::Request,
        Self::Image,
        Self::Markup,
        Self::Formula,
        Self::Contrast,
        Self::Overflow,
        Self::Link,
        Self::Figure,
    ];
}

/// A fault that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its kind.
    pub fault: Fault,
    /// The page, as a path in the book.
    pub page: String,
    /// How the page was looked at.
    pub view: String,
    /// What exactly, and where on the page.
    pub what: String,
}

/// Findings for a person: by page, and once however often they were seen.
pub fn report(findings: &[Finding]) -> String {
    let mut seen: BTreeMap<(&str, Fault, &str), Vec<&str>> = BTreeMap::new();
    for finding in findings {
        let views = seen.entry((&finding.page, finding.fault, &finding.what)).or_default();
        if !views.contains(&finding.view.as_str()) {
            views.push(&finding.view);
        }
    }
    let mut text = String::new();
    for ((page, fault, what), views) in seen {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{page}: {fault:?}: {what} [{}]", views.join(", "));
    }
    text
}
