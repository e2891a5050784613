//! A statement, its evidence, and proof that the check can fail.
//!
//! # What it is for
//! Every mathematical sentence of the book that can be checked is a [`Claim`]: what it states, where it
//! comes from, what kind of sentence it is, a check that computes evidence from an *implementation under test*, the implementation
//! of which it holds, and at least one [falsifier](Holding::fails_for): a named, plausible mistake that
//! the same check must reject. A student's code goes through the same check, and if it makes one of
//! those mistakes, [`Claim::judge`] says which.
//!
//! ```
//! use claims::{Tolerance, Verdict, claim, domain, real};
//!
//! type Kl = fn(f64, f64) -> f64; // of N(mean, 1) from N(0, sigma²)
//! let kl = claim("example/unit-gaussian")
//!     .says("KL(N(m, 1) ‖ N(0, 1)) = m²/2")
//!     .settles("kl-1d", Verdict::Holds)
//!     .for_every(domain([real("m", -5.0..=5.0)]))
//!     .exact(Tolerance::relative(1e-14).or_absolute(1e-15), |kl, [mean], cases| {
//!         let measured = kl.output(|kl: &Kl| kl(mean, 1.0));
//!         cases.equal("", measured, 0.5 * mean * mean);
//!         Ok(())
//!     })
//!     .holds_for((|mean, sigma| (mean * mean + 1.0) / (2.0 * sigma * sigma) - 0.5) as Kl)
//!     .fails_for("no-half", "The exponent of a Gaussian carries a ½.", |mean, _| mean * mean);
//! assert!(kl.run(1).passed());
//! ```
//!
//! # What it refuses to know
//! No chapter, no clock, no file, no terminal: `course` runs claims and reports them.
//!
//! # The decision that shaped it
//! A check never sees an implementation itself, only a [`Subject`] through which its outputs pass.
//! So the same check can be run on the reference, on each falsifier, on a student's code, and on the
//! reference with its outputs *nudged*: by ten times the tolerance, which every exact check and every
//! bound must notice. And there is no way to make a [`Claim`] without a falsifier: it is the call that
//! makes it one.
//!
//! Nor does a check choose where it looks. A claim says what kind of sentence it is ([`Scope`]), a universal one over which
//! [`Domain`]; its check is given one case at a time, and the same lines go through the cases, search for a
//! counter-example, and are tried with outputs that are wrong in a part of the domain only.

mod apart;
mod budget;
mod claim;
mod domain;
mod exam;
pub mod examine;
mod guard;
mod hunt;
mod judge;
mod paper;
mod record;
mod report;
mod scope;
mod self_tests;
mod subject;
mod trial;

pub use apart::apart;
pub use budget::{
    CLAIM_SLOTS, FALSIFIER_SLOTS, FAMILY_FALSE_ALARMS, FAMILY_MISSES, rates_of_a_claim,
};
pub use claim::{AnyClaim, Claim, Draft, ForEvery, Holding, Scoped, claim, exam};
pub use domain::{
    Domain, Range, Space, Variable, domain, one_of, real, scale, seed, signed, whole,
};
pub use exam::{Checked, Exam};
pub use guard::Guard;
pub use hunt::Hunted;
pub use judge::Judgement;
pub use paper::{Mistake, Paper};
pub use record::{Kind, Record, Side, Tolerance};
pub use report::{FalsifierReport, Outcome, Report, Source, Verdict};
pub use scope::{Cause, Scope, Setting};
pub use self_tests::self_tests;
pub use subject::{Output, Perturbation, Subject};
pub use trial::{Cases, Check, CheckError, Draws, Expected, Margins, Ratios, Rng, Runs};
