//! The book in a real browser, and the checks that look at it.

mod book;
mod checks;
