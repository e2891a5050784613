//! The teacher's commands as their users meet them.

mod attacks;
mod class;
mod common;
mod export;
mod grading;
mod guide;
