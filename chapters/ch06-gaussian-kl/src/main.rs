//! The run of chapter 6.
fn main() {}
