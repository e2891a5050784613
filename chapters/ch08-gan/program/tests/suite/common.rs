//! The program in a folder of its own, with what its files mean.

#![allow(dead_code)] // each test file uses its part

use std::ops::Deref;

use nn::checkpoint::Checkpoint;
use serde_json::Value;

/// Settings of a run on the ring that takes a moment, most of it for the pictures.
pub(crate) const SMALL: &str = "--data ring --hidden 16,16 --batch 64 --steps 40 --frames 2";

/// An empty folder that the program runs in.
pub(crate) struct Sandbox(sandbox::Sandbox);

impl Deref for Sandbox {
    type Target = sandbox::Sandbox;

    fn deref(&self) -> &sandbox::Sandbox {
        &self.0
    }
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self(sandbox::Sandbox::new(env!("CARGO_BIN_EXE_ch08-gan")))
    }

    /// Steps that a checkpoint knows of.
    pub(crate) fn steps_done(&self, name: &str) -> u64 {
        let file = Checkpoint::open(&self.path(name)).expect("a whole checkpoint");
        let state: Value =
            serde_json::from_str(file.metadata().expect("a description")).expect("sound JSON");
        state["steps"].as_u64().expect("a number of steps")
    }
}
