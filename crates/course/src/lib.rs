//! The command `cargo course …`: one place that knows every chapter.
//!
//! **What it is for.** [`verify`] runs every claim of the course and reports it: a table for people,
//! `evidence.json` for the book, JUnit for machines. [`figures`] draws the book's figures.
//!
//! **What it refuses to know.** How a claim is checked (`claims`) and what it is about (the chapters).
//!
//! **The decision that shaped it.** It knows the chapters through one table, [`CHAPTERS`], one line a
//! chapter. Nothing else in the workspace depends on all of them. Their programs it starts as a reader does, with `cargo
//! run`: what they draw is then what a reader sees.

use claims::AnyClaim;

mod evidence;
pub mod figures;
mod fingerprint;
pub mod interactive;
mod junit;
mod select;
mod soak;
mod table;
pub mod verify;

pub use evidence::{Entry, Evidence};
pub use fingerprint::fingerprints;
pub use select::{Unknown, select};
pub use table::explain;

/// A chapter, as far as the whole course needs to know it.
#[derive(Clone, Copy)]
pub struct Chapter {
    /// The crate's name, `ch06-gaussian-kl`.
    pub name: &'static str,
    /// Its claims.
    pub claims: fn() -> Vec<Box<dyn AnyClaim>>,
}

impl Chapter {
    /// The name without its number: what the ids of its claims begin with.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        self.name.split_once('-').map_or(self.name, |(_, slug)| slug)
    }
}

/// Every chapter of the course, in order, after the claims about the tests themselves.
pub const CHAPTERS: &[Chapter] = &[
    Chapter { name: "ch00-testing", claims: claims::self_tests },
    Chapter { name: "ch01-autoencoder", claims: ch01_autoencoder::claims::claims },
    Chapter {
        name: "ch02-variational-inference",
        claims: ch02_variational_inference::claims::claims,
    },
    Chapter { name: "ch03-elbo", claims: ch03_elbo::claims::claims },
    Chapter { name: "ch04-score-function", claims: ch04_score_function::claims::claims },
    Chapter { name: "ch05-reparameterization", claims: ch05_reparameterization::claims::claims },
    Chapter { name: "ch06-gaussian-kl", claims: ch06_gaussian_kl::claims::claims },
    Chapter { name: "ch07-vae", claims: ch07_vae::claims::claims },
    Chapter { name: "ch08-gan", claims: ch08_gan::claims::claims },
    Chapter { name: "ch09-conv-vae", claims: ch09_conv_vae::claims::claims },
];

/// Every claim of the course, in order.
#[must_use]
pub fn all_claims() -> Vec<Box<dyn AnyClaim>> {
    CHAPTERS.iter().flat_map(|chapter| (chapter.claims)()).collect()
}
