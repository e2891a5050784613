//! An implementation under test, seen only through its outputs.

use ndarray::{Array, Dimension};

/// An implementation under test.
///
/// A check asks for [outputs](Subject::output) and never gets hold of the implementation, so that what
/// it sees can be nudged.
#[derive(Clone, Debug)]
pub struct Subject<I> {
    implementation: I,
    nudge: Perturbation,
}

impl<I> Subject<I> {
    pub(crate) fn nudged(implementation: I, nudge: Perturbation) -> Self {
        Self { implementation, nudge }
    }

    /// A part of the implementation whose answers are not numbers: a decision, a sampler. It cannot be
    /// nudged, so an exact check or a bound has no use for it.
    pub fn pick<T>(&self, part: impl FnOnce(&I) -> T) -> T {
        part(&self.implementation)
    }

    /// What the implementation answers to a question: a number, or several.
    pub fn output<O: Output>(&self, question: impl FnOnce(&I) -> O) -> O {
        question(&self.implementation).perturbed(self.nudge)
    }
}

/// A small change of a number: x ← x + absolute + relative·|x|.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Perturbation {
    /// Added to every number.
    pub absolute: f64,
    /// Added in units of the number's size.
    pub relative: f64,
}

impl Perturbation {
    pub(crate) const NONE: Self = Self { absolute: 0.0, relative: 0.0 };

    /// The number, changed.
    #[must_use]
    pub fn of(self, x: f64) -> f64 {
        if self == Self::NONE { x } else { x + self.absolute + self.relative * x.abs() }
    }
}

/// What an implementation may answer with: anything made of numbers.
pub trait Output {
    /// Every number in it, changed.
    #[must_use]
    fn perturbed(self, by: Perturbation) -> Self;
}

impl Output for f64 {
    fn perturbed(self, by: Perturbation) -> Self {
        by.of(self)
    }
}

impl Output for f32 {
    fn perturbed(self, by: Perturbation) -> Self {
        by.of(self.into()) as f32
    }
}

impl<O: Output> Output for Vec<O> {
    fn perturbed(self, by: Perturbation) -> Self {
        self.into_iter().map(|x| x.perturbed(by)).collect()
    }
}

impl<O: Output, const N: usize> Output for [O; N] {
    fn perturbed(self, by: Perturbation) -> Self {
        self.map(|x| x.perturbed(by))
    }
}

impl<A: Output, B: Output> Output for (A, B) {
    fn perturbed(self, by: Perturbation) -> Self {
        (self.0.perturbed(by), self.1.perturbed(by))
    }
}

impl<A: Output, B: Output, C: Output> Output for (A, B, C) {
    fn perturbed(self, by: Perturbation) -> Self {
        (self.0.perturbed(by), self.1.perturbed(by), self.2.perturbed(by))
    }
}

impl<O: Output, E> Output for Result<O, E> {
    fn perturbed(self, by: Perturbation) -> Self {
        self.map(|x| x.perturbed(by))
    }
}

impl<D: Dimension> Output for Array<f64, D> {
    fn perturbed(self, by: Perturbation) -> Self {
        self.mapv_into(|x| by.of(x))
    }
}
