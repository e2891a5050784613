//! The program in a folder of its own, with what its files mean.

#![allow(dead_code)] // each test file uses its part

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::OnceLock;

use ch07_vae::store::{self, Description};
use ch07_vae::{Objective, Trainer, Vae};
use nn::Adam;
use serde_json::Value;

/// Settings of a run that takes half a second, most of it for the pictures.
pub(crate) const SMALL: &str = "--data optdigits --hidden 16 --latent 3";

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
        Self(sandbox::Sandbox::new(env!("CARGO_BIN_EXE_ch07-vae")))
    }

    /// With a small model of the optical digits, two epochs old, in the folder `out`.
    ///
    /// It is trained once for all tests of a file; each gets a copy.
    pub(crate) fn trained() -> Self {
        static ORIGINAL: OnceLock<Sandbox> = OnceLock::new();
        let original = ORIGINAL.get_or_init(|| {
            let original = Self::new();
            original.run(&format!("{SMALL} --epochs 2 --out out")).succeeds();
            original
        });
        let copy = Self::new();
        for name in original.all_names("out") {
            copy.write(&name, original.bytes(&name));
        }
        copy
    }

    pub(crate) fn load_model(&self, name: &str) -> (Vae<f32>, Description) {
        store::load_model(&self.path(name)).expect("a sound model")
    }

    pub(crate) fn load_checkpoint(&self, name: &str) -> (Trainer, Description, Value) {
        store::load_checkpoint(&self.path(name), |_| (Adam::new(1e-3), Objective::elbo(1.0)))
            .expect("a sound checkpoint")
    }

    /// Epochs that a checkpoint knows of.
    pub(crate) fn epochs_done(&self, name: &str) -> usize {
        self.load_checkpoint(name).2["epochs"].as_array().expect("a list").len()
    }
}

/// The optical digits as they are committed: 1797 images, gzip.
pub(crate) fn digits(kind: &str) -> PathBuf {
    data::default_root().join("optdigits").join(match kind {
        "images" => "digits8x8-images-idx3-ubyte.gz",
        _ => "digits8x8-labels-idx1-ubyte.gz",
    })
}
