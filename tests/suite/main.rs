//! The book in a real browser, the checks that look at it, what its search finds; and the oldest Rust of the course.

mod book;
mod checks;
mod oldest_rust;
mod search;
