//! The book in a real browser, the checks that look at it, what its search finds; the oldest Rust of the course; that no
//! test is switched off, and no number drawn from a global generator.

mod book;
mod checks;
mod global_generators;
mod oldest_rust;
mod search;
mod targets;
