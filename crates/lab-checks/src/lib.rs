//! The labs' exercises: what is checked, which mistakes are known, hints, minutes, points. One module a chapter.
//!
//! **What it is for.** An exercise asks a student's function questions and compares the answers; so do the same questions put
//! to a mistake, and a student who makes it reads its name.
//!
//! **What it refuses to know.** The solutions: an expected value comes from a closed form, an integral, a difference quotient,
//! a sum over all cases, or from the way in which a case was made, and never from the code that a student is to write.
//!
//! **The decision that shaped it.** Cases are listed from the smallest to the largest and labelled for a reader, because the
//! first one that fails is shown. Some are drawn at random, so that a new seed asks new questions.

mod ch01;
mod ch02;
mod ch03;
mod ch04;
mod ch05;
mod ch06;
mod ch07;
mod ch08;
mod ch09;
mod numeric;

use lab::Lab;

/// All labs, in the order of the chapters.
#[must_use]
pub fn labs() -> Vec<Lab> {
    vec![
        ch01::lab(),
        ch02::lab(),
        ch03::lab(),
        ch04::lab(),
        ch05::lab(),
        ch06::lab(),
        ch07::lab(),
        ch08::lab(),
        ch09::lab(),
    ]
}
