//! What only the teacher needs: grading, and the students' copy of the course.
//!
//! **What it is for.** [`grade`] turns folders that were handed in into points, diagnoses and logs; [`export`] writes the
//! copy of the course that students get, without the solutions and without this crate.
//!
//! **What it refuses to know.** What an exercise asks (`lab-checks`), how an answer is judged (`lab`), and how a program is
//! kept in bounds (`confine`).
//!
//! **The decision that shaped it.** *A submission cannot mark itself.* Its file is compiled alone, with `ndarray` and nothing
//! else; what comes of it only answers questions; and the questions come from a seed that nobody knew when it was handed in.
//! Whatever else it does (prints a verdict, leaves early, writes files) is a missing answer at best.

mod attempt;
pub mod export;
pub mod grade;
mod rehearsal;
mod results;
mod submission;
mod toolchain;
mod workshop;

pub use rehearsal::{Rehearsal, body_of, solution_text};
pub use results::{Graded, GradedExercise, GradedLab, Results};
pub use submission::{Place, Submission, find};
pub use toolchain::{Compiled, Refusal, Toolchain};
