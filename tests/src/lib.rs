//! The course as a whole, as its readers meet it.
//!
//! # What it is for
//! The other crates test what they compute. Here a real Chromium opens each page of the built book,
//! by day and by night, on a phone and on a desk, with no network but this machine, and looks for
//! what a reader would stumble over: see [`Fault`]. Interactive figures are operated by keyboard,
//! mouse and finger, and their numbers compared with those that the Rust code wrote.
//!
//! | test | says |
//! |---|---|
//! | `book.rs` | the book has no fault |
//! | `search.rs` | the book's search knows each formula once, as text, and its index is small |
//! | `oldest_rust.rs` | the documents and all libraries agree with the oldest Rust of the manifest |
//! | `checks.rs` | each check finds the fault that was put into `fixture/`, and none where there is none |
//!
//! `cargo run -p course-tests --bin look -- FOLDER` leaves a picture of every page, for eyes.
//!
//! # What it refuses to know
//! What the pages say, and how the book is made beyond the command `mdbook build`, which leaves it in `html/`.
//!
//! # The decision that shaped it
//! Chromium is spoken to directly in its DevTools protocol, JSON over a pipe, and what is looked for
//! in a page is a few lines of JavaScript each (`probes/`). A driver of browsers would bring a
//! hundred crates and hide the two things needed most: the events of a page that fails quietly, and
//! real key presses.

use std::io::Write as _;

mod browser;
mod faults;
mod figures;
mod links;
mod page;
mod probes;
mod search;
mod server;
mod site;

pub use browser::{Browser, chromium};
pub use faults::{Fault, Finding, report};
pub use page::{Page, View};
pub use search::{Index, Section, torn};
pub use site::Site;

/// Says on standard error that a test was skipped, or fails where the browser is required.
///
/// `EVIDENCE_BROWSER=required` is set in CI, where nothing may be skipped.
///
/// # Panics
/// If the environment variable `EVIDENCE_BROWSER` is `required`.
pub fn skip(why: &str) {
    let required = std::env::var("EVIDENCE_BROWSER").is_ok_and(|value| value == "required");
    assert!(!required, "{why}. EVIDENCE_BROWSER=required forbids to skip the test");
    // Past libtest, which keeps what a passing test prints to itself.
    let _ = writeln!(std::io::stderr(), "{why}");
}
