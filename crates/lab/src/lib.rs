//! Exercises: a student's functions in a process of their own, and what is said of their answers.
//!
//! # What it is for
//! A lab is a file of functions to be written. The program around them, the *worker*, does nothing but compute: it
//! reads a function's name and its arguments, and writes down the answer ([`Functions::serve`]). On the other side of the
//! pipe an [`exercise`] asks its questions and comes to a [`Verdict`]. It is a check of the `claims` crate with the
//! mistakes that it knows, so a mistake that was expected is told by its name.
//!
//! ```
//! use claims::{Subject, Tolerance};
//! use lab::{Call, Functions, Verdict, exercise};
//! # use std::sync::Arc;
//! # use lab::AnyExercise;
//! let square = exercise("square")
//!     .title("A square")
//!     .arguments("x")
//!     .minutes(1)
//!     .points(1)
//!     .hints(&["What is the area of a field as long as it is wide?"])
//!     .exact(Tolerance::relative(1e-12), |student: &Subject<Call<f64, f64>>, cases| {
//!         for x in [2.0, -3.5] {
//!             cases.equal("", student.output(|f| f.call(&x))?, x * x);
//!         }
//!         Ok(())
//!     })
//!     .mistaken("doubled", "2x is the slope of the square, not the square.", |x| 2.0 * x);
//!
//! let mine = || -> lab::Started { Ok(Arc::new(Functions::new().with("square", |x: f64| x + x))) };
//! let verdict = square.assess(&mine, 1).verdict;
//! assert!(matches!(&verdict, Verdict::Known { mistake: "doubled", .. }));
//! assert!(verdict.to_string().ends_with("square(x): you have −7, it should be 12.25\nlet x = -3.5;"));
//! ```
//!
//! # What it refuses to know
//! No chapter and no solution; where the student's program lies and what keeps it in bounds: whoever starts a [`Worker`]
//! brings the command. The terminal, too: a verdict is data that can say itself in words.
//!
//! # The decision that shaped it
//! *Students' code never runs where it is judged.* It sees arguments, and neither a check nor an expected value nor a
//! seed, and all that it can say is an answer to a question. So there is nothing to be gained by printing a verdict or by
//! leaving early, and an endless loop ends with the process that it is in.

mod call;
mod cases;
mod clock;
mod exercise;
mod failure;
mod functions;
mod panics;
mod plain;
mod printed;
mod refused;
mod typed;
mod verdict;
mod worker;

pub use call::{Call, Started, Student};
pub use cases::Cases;
pub use claims::Mistake;
pub use exercise::{About, AnyExercise, Assessment, Draft, Exercise, Lab, Unchallenged, exercise};
pub use failure::{Failure, Place};
pub use functions::Functions;
pub use plain::{Plain, shaped};
pub use printed::Printed;
pub use refused::refused;
pub use typed::{Argument, Form, Step};
pub use verdict::{Example, Verdict};
pub use worker::{LONGEST_LINE, Limits, Worker};
