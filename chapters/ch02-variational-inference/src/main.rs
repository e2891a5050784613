//! The run of chapter 2.

fn main() {}
