//! What kind of sentence a claim is, and so what its evidence has to cover.

use serde::Serialize;

use crate::domain::Space;

/// What kind of sentence a claim is.
#[derive(Clone, Debug, PartialEq)]
pub enum Scope {
    /// *For every …*: a universal statement over a domain. Its cases are drawn from the domain, a counter-example is searched
    /// for, and outputs that are wrong in a sixteenth of the domain only must be noticed.
    ForEvery(Space),
    /// *There is …*: an example or a counter-example. One witness is enough.
    ThereIs,
    /// *Measured*: what training runs came to.
    Measured(Setting),
    /// *Because …*: an intervention, with the cause and without it.
    Because(Cause),
}

/// On what a measurement was made. A sentence about it says no more than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// The data: `1437 optical digits of 8 × 8 pixels, 360 held out`.
    pub data: &'static str,
    /// The models, and how they are trained: `two layers of 64, 60 epochs of Adam`.
    pub settings: &'static str,
    /// How many times it was done, each time with another seed.
    pub runs: u32,
}

/// What an intervention takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What the sentence names as the cause: `the mean image in the data`.
    pub cause: &'static str,
    /// The same without it, everything else held: `the mean image subtracted`.
    pub without: &'static str,
    /// On what this was tried.
    pub on: Setting,
}

impl Scope {
    /// The words that such a sentence begins with.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::ForEvery(_) => "for every",
            Self::ThereIs => "there is",
            Self::Measured(_) => "measured",
            Self::Because(_) => "because",
        }
    }

    /// What it speaks of; nothing of an example, which speaks of itself.
    #[must_use]
    pub fn covers(&self) -> String {
        let on = |Setting { data, settings, runs }: &Setting| {
            let times = if *runs == 1 { "one run".into() } else { format!("{runs} runs") };
            format!("{data}; {settings}; {times}")
        };
        match self {
            Self::ForEvery(space) => space.described(),
            Self::ThereIs => String::new(),
            Self::Measured(setting) => on(setting),
            Self::Because(Cause { cause, without, on: setting }) => {
                format!("with {cause}, and with {without}; {}", on(setting))
            }
        }
    }
}
