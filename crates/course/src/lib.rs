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

use std::collections::BTreeMap;

use anyhow::Context as _;
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

pub use evidence::{Entry, Evidence, Told};
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
    Chapter { name: "ch01-autoencoder", claims: claims_ch01::claims },
    Chapter { name: "ch02-variational-inference", claims: claims_ch02::claims },
    Chapter { name: "ch03-elbo", claims: claims_ch03::claims },
    Chapter { name: "ch04-score-function", claims: claims_ch04::claims },
    Chapter { name: "ch05-reparameterization", claims: claims_ch05::claims },
    Chapter { name: "ch06-gaussian-kl", claims: claims_ch06::claims },
    Chapter { name: "ch07-vae", claims: claims_ch07::claims },
    Chapter { name: "ch08-gan", claims: claims_ch08::claims },
    Chapter { name: "ch09-conv-vae", claims: claims_ch09::claims },
];

/// Every claim of the course, in order.
#[must_use]
pub fn all_claims() -> Vec<Box<dyn AnyClaim>> {
    CHAPTERS.iter().flat_map(|chapter| (chapter.claims)()).collect()
}

/// What the book's evidence says of each claim.
///
/// # Errors
/// If the file cannot be read, or is none that `cargo course verify` writes.
pub fn told() -> anyhow::Result<BTreeMap<String, Told>> {
    #[derive(serde::Deserialize)]
    struct File {
        claims: Vec<Told>,
    }
    let path = verify::book_evidence()?;
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let file: File = serde_json::from_str(&text)
        .with_context(|| format!("{} is not what `cargo course verify` writes", path.display()))?;
    Ok(file.claims.into_iter().map(|told| (told.id.clone(), told)).collect())
}
