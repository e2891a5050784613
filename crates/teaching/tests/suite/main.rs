//! The teacher's commands as their users meet them.

mod class;
mod common;
mod export;
mod grading;
mod guide;
