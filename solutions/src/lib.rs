//! The labs' solutions, explained: one module a chapter, one function an exercise, under the name and with the arguments
//! that it has in the student's file.
//!
//! The checks do not know this crate. Their expected values come from somewhere else, so that a solution is tested like
//! any student's. The student copy of the course is made without this folder.

use lab::Functions;

pub mod ch01;
pub mod ch02;
pub mod ch03;
pub mod ch04;
pub mod ch05;
pub mod ch06;
pub mod ch07;
pub mod ch08;
pub mod ch09;
mod mistaken;

pub use mistaken::{MISTAKEN, Mistaken};

/// The solutions of a chapter, as in `ch06`, if it has a lab.
#[must_use]
pub fn functions(chapter: &str) -> Option<Functions> {
    match chapter {
        "ch01" => Some(ch01::functions()),
        "ch02" => Some(ch02::functions()),
        "ch03" => Some(ch03::functions()),
        "ch04" => Some(ch04::functions()),
        "ch05" => Some(ch05::functions()),
        "ch06" => Some(ch06::functions()),
        "ch07" => Some(ch07::functions()),
        "ch08" => Some(ch08::functions()),
        "ch09" => Some(ch09::functions()),
        _ => None,
    }
}
