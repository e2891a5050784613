//! A check, and the mistakes that it knows: what a claim and a student's exercise have in common.

use std::sync::Arc;

use crate::judge::Judgement;
use crate::paper::{Mistake, Paper, Who};
use crate::report::Report;
use crate::subject::{Perturbation, Subject};
use crate::trial::{Check, Trial};

type AnyCheck<I> = Arc<dyn Fn(&Subject<I>, &[f64], &mut Trial) -> Check + Send + Sync>;

/// A statement with a check, of which no implementation is known yet.
pub struct Checked<I> {
    pub(crate) paper: Paper,
    pub(crate) check: AnyCheck<I>,
}

impl<I> Checked<I> {
    /// A plausible mistake that the check must reject, and what to tell who makes it. Without a
    /// reference, this is no claim yet but an [`Exam`] for somebody's implementation.
    pub fn fails_for(self, id: &'static str, diagnosis: &'static str, mistaken: I) -> Exam<I> {
        Exam { checked: self, mistaken: Vec::new() }.fails_for(id, diagnosis, mistaken)
    }
}

/// A check and one mistake at least that it must reject: enough to judge somebody's implementation. A
/// [`Claim`](crate::Claim) adds the implementation of which it holds.
pub struct Exam<I> {
    checked: Checked<I>,
    /// In the order of the paper's mistakes.
    mistaken: Vec<I>,
}

impl<I> Exam<I> {
    /// One more plausible mistake.
    #[must_use]
    pub fn fails_for(mut self, id: &'static str, diagnosis: &'static str, mistaken: I) -> Self {
        self.checked.paper.mistakes.push(Mistake { id, diagnosis });
        self.mistaken.push(mistaken);
        self
    }

    pub(crate) fn paper(&self) -> &Paper {
        &self.checked.paper
    }

    /// The mistakes.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        &self.paper().mistakes
    }

    /// The implementation that makes a mistake.
    #[must_use]
    pub fn making(&self, mistake: &str) -> Option<&I> {
        let index = self.mistakes().iter().position(|known| known.id == mistake)?;
        self.mistaken.get(index)
    }
}

impl<I: Clone> Exam<I> {
    /// Runs the check on somebody's implementation and says what is wrong with it.
    #[must_use]
    pub fn judge(&self, implementation: &I, seed: u64) -> Judgement {
        self.paper().judge(&|who, case, trial| self.run(implementation, who, case, trial), seed)
    }

    /// Runs the check on the implementation of which the statement should hold, on every falsifier, and
    /// on that implementation nudged.
    #[must_use]
    pub fn examine(&self, reference: &I, seed: u64) -> Report {
        self.hunted(reference, seed, 1)
    }

    /// The same with `effort` times the usual search for a counter-example.
    pub(crate) fn hunted(&self, reference: &I, seed: u64, effort: usize) -> Report {
        let run = |who, case: &[f64], trial: &mut _| self.run(reference, who, case, trial);
        self.paper().examine(&run, seed, effort)
    }

    /// Boxes of the domain in which outputs may be wrong without the check noticing.
    pub(crate) fn unseen(&self, reference: &I, seed: u64) -> Vec<String> {
        let run = |who, case: &[f64], trial: &mut _| self.run(reference, who, case, trial);
        self.paper().unseen(&run, seed)
    }

    fn run(&self, candidate: &I, who: Who, case: &[f64], trial: &mut Trial) -> Check {
        let (implementation, nudge) = match who {
            Who::Candidate(nudge) => (candidate, nudge),
            Who::Mistaken(index) => (&self.mistaken[index], Perturbation::NONE),
        };
        (self.checked.check)(&Subject::nudged(implementation.clone(), nudge), case, trial)
    }
}
