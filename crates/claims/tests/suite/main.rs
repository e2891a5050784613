//! What is held against a check, and whether it is found.

mod fooled;
mod guards;
mod scope;
