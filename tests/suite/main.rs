//! The book in a real browser, the checks that look at it, what its search finds; the oldest Rust of the course; and that no
//! test is switched off.

mod book;
mod checks;
mod oldest_rust;
mod search;
mod targets;
