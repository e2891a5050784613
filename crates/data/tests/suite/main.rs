//! Data sets as they come, good and bad.

mod folders;
mod known_sets;
mod pictures;
