//! Chapter 9's run.

fn main() {}
