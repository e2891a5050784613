//! What a universal claim speaks of, as data: named variables with their ranges.

use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::sync::Arc;

use rand::Rng as _;
use serde::Serialize;

use crate::trial::Rng;

/// Cases that are tried if a domain does not say how many.
const CASES: usize = 160;

/// A domain with at most so many points is gone through from one end to the other.
const ALL: usize = 1024;

/// Seeds that a variable of that kind ranges over: enough that no two cases meet, few enough to be typed.
const SEEDS: f64 = 65536.0;

/// How the values of a variable are spread over its range.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Range {
    /// Every number between two, evenly.
    Even(f64, f64),
    /// Every number between two positive ones, evenly in its logarithm.
    Log(f64, f64),
    /// Either sign, the size between two positive numbers, evenly in its logarithm; and 0.
    Signed(f64, f64),
    /// Whole numbers from one to another.
    Whole(i64, i64),
    /// These and no others.
    OneOf(Vec<f64>),
    /// The seed of something random: a model, a data set, a starting point.
    Seed,
}

/// A variable of a domain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variable {
    name: &'static str,
    range: Range,
    /// Values at which something may be different.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    special: Vec<f64>,
}

fn variable(name: &'static str, range: Range) -> Variable {
    Variable { name, range, special: Vec::new() }
}

/// A number between two.
#[must_use]
pub fn real(name: &'static str, range: RangeInclusive<f64>) -> Variable {
    variable(name, Range::Even(*range.start(), *range.end()))
}

/// A positive number whose logarithm is spread evenly: a scale, a variance, a rate.
#[must_use]
pub fn scale(name: &'static str, range: RangeInclusive<f64>) -> Variable {
    assert!(*range.start() > 0.0, "{name}: a scale is positive");
    variable(name, Range::Log(*range.start(), *range.end()))
}

/// A number of either sign whose *size* is spread like that of a [`scale`]; or 0.
#[must_use]
pub fn signed(name: &'static str, size: RangeInclusive<f64>) -> Variable {
    assert!(*size.start() > 0.0, "{name}: a size is positive");
    variable(name, Range::Signed(*size.start(), *size.end()))
}

/// A whole number.
#[must_use]
pub fn whole(name: &'static str, range: RangeInclusive<i64>) -> Variable {
    variable(name, Range::Whole(*range.start(), *range.end()))
}

/// One of a few numbers.
#[must_use]
pub fn one_of(name: &'static str, values: &[f64]) -> Variable {
    assert!(!values.is_empty(), "{name}: there is no value");
    variable(name, Range::OneOf(values.to_vec()))
}

/// The seed of something random that is too large to be written down number by number.
#[must_use]
pub fn seed(name: &'static str) -> Variable {
    variable(name, Range::Seed)
}

impl Variable {
    /// Values at which something may be different; the ends, and 0 if it is within, are tried anyway.
    #[must_use]
    pub fn special(mut self, values: &[f64]) -> Self {
        self.special.extend(values);
        self
    }

    /// How many values there are, if they can be counted.
    fn count(&self) -> Option<usize> {
        match &self.range {
            Range::Whole(low, high) => Some((high - low + 1) as usize),
            Range::OneOf(values) => Some(values.len()),
            _ => None,
        }
    }

    /// The value at a place between 0 and 1; the variable's values lie there as they are spread.
    pub(crate) fn at(&self, place: f64) -> f64 {
        let place = place.clamp(0.0, 1.0);
        let between = |low: f64, high: f64| low + place * (high - low);
        let index = |count: usize| ((place * count as f64) as usize).min(count - 1);
        match &self.range {
            Range::Even(low, high) => readable(between(*low, *high)).clamp(*low, *high),
            Range::Log(low, high) => readable(log_between(*low, *high, place)).clamp(*low, *high),
            Range::Signed(low, high) => {
                let size = |place| readable(log_between(*low, *high, place)).clamp(*low, *high);
                // The middle is 0, which has a little room of its own.
                let from_middle = (place - 0.5).abs() * 2.0;
                if from_middle < 0.01 { 0.0 } else { size(from_middle).copysign(place - 0.5) }
            }
            Range::Whole(low, high) => (low + index((high - low + 1) as usize) as i64) as f64,
            Range::OneOf(values) => values[index(values.len())],
            Range::Seed => (place * SEEDS).floor().min(SEEDS - 1.0),
        }
    }

    /// Where a value lies between 0 and 1.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let share =
            |low: f64, high: f64, x: f64| if high > low { (x - low) / (high - low) } else { 0.5 };
        let log_share = |low: f64, high: f64, x: f64| share(low.ln(), high.ln(), x.ln());
        match &self.range {
            Range::Even(low, high) => share(*low, *high, value),
            Range::Log(low, high) => log_share(*low, *high, value),
            Range::Signed(..) if value == 0.0 => 0.5,
            Range::Signed(low, high) => {
                0.5 + 0.5 * log_share(*low, *high, value.abs()).max(0.02).copysign(value)
            }
            Range::Whole(low, high) => (value - *low as f64 + 0.5) / (high - low + 1) as f64,
            Range::OneOf(values) => {
                let index = values.iter().position(|&one| one == value).unwrap_or_default();
                (index as f64 + 0.5) / values.len() as f64
            }
            Range::Seed => (value + 0.5) / SEEDS,
        }
    }

    /// Whether the variable may have this value.
    fn has(&self, value: f64) -> bool {
        match &self.range {
            Range::Even(low, high) | Range::Log(low, high) => (*low..=*high).contains(&value),
            Range::Signed(low, high) => value == 0.0 || (*low..=*high).contains(&value.abs()),
            Range::Whole(low, high) => {
                value.fract() == 0.0 && (*low as f64..=*high as f64).contains(&value)
            }
            Range::OneOf(values) => values.contains(&value),
            Range::Seed => value.fract() == 0.0 && (0.0..SEEDS).contains(&value),
        }
    }

    /// The values that are tried before others.
    fn specials(&self) -> Vec<f64> {
        let mut values = self.special.clone();
        let near = |n: i64| [n - 1, n, n + 1].map(|n| n as f64);
        match &self.range {
            Range::Even(low, high) | Range::Log(low, high) => {
                values.extend([*low, *high, 0.0, 1.0])
            }
            Range::Signed(low, high) => values.extend([0.0, *low, *high, -low, -high, 1.0, -1.0]),
            Range::Whole(low, high) => {
                values.extend(near(*low).into_iter().chain(near(*high)).chain(near(0)));
            }
            Range::OneOf(few) => values.extend([few[0], few[few.len() - 1]]),
            Range::Seed => {}
        }
        values.retain(|&value| self.has(value));
        values
    }

    /// Values that are simpler than this one, the simplest first.
    fn simpler(&self, value: f64) -> Vec<f64> {
        let mut values = vec![0.0, 1.0, -1.0];
        values.extend(&self.special);
        // Nearer to 0 in larger and smaller steps, and with fewer digits.
        let steps = [0.5 * value, 0.9 * value, value - value.signum()];
        match &self.range {
            Range::Whole(low, _) => {
                values.push(*low as f64);
                values.extend(steps.map(f64::trunc));
            }
            Range::Even(..) | Range::Log(..) | Range::Signed(..) => {
                values.push(10f64.powf(value.abs().log10().round()).copysign(value));
                values.extend([0, 1, 2].map(|digits| rounded(value, digits)));
                values.extend(steps.map(|step| rounded(step, 0)));
            }
            Range::OneOf(few) => values.extend(few),
            Range::Seed => values.extend([2.0, 3.0, 4.0, 5.0]),
        }
        let length = |x: f64| format!("{x}").len();
        let effort = |x: f64| match x {
            0.0 => (0, 0.0),
            1.0 | -1.0 => (1, x.abs() - 0.5 * x),
            _ => (1 + length(x), x.abs()),
        };
        values.retain(|&x| self.has(x) && effort(x) < effort(value));
        values.sort_by(|&a, &b| effort(a).partial_cmp(&effort(b)).expect("finite efforts"));
        values.dedup();
        values
    }

    /// The range in words.
    fn described(&self) -> String {
        let Self { name, range, .. } = self;
        match range {
            Range::Even(low, high) => format!("{name} from {} to {}", show(*low), show(*high)),
            Range::Log(low, high) => {
                format!("{name} from {} to {} (evenly in the logarithm)", show(*low), show(*high))
            }
            Range::Signed(low, high) => {
                format!("{name} = 0 or ±{} to ±{}", show(*low), show(*high))
            }
            Range::Whole(low, high) => {
                format!("{name} = {}, …, {}", show(*low as f64), show(*high as f64))
            }
            Range::OneOf(values) if values.len() <= 12 => {
                let values: Vec<String> = values.iter().map(|&value| show(value)).collect();
                format!("{name} = {}", values.join(", "))
            }
            Range::OneOf(values) => format!("{} values of {name}", values.len()),
            Range::Seed => format!("any seed of {name}"),
        }
    }
}

fn log_between(low: f64, high: f64, place: f64) -> f64 {
    (low.ln() + place * (high.ln() - low.ln())).exp()
}

/// With so many digits behind the point.
fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.digits$}").parse().unwrap_or(value)
}

/// With four digits, so that a case that is printed is the case that was tried.
fn readable(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// A number as a reader writes it.
pub(crate) fn show(value: f64) -> String {
    let size = value.abs();
    let plain = value == 0.0 || (1e-3..1e6).contains(&size);
    let text = if plain { format!("{value}") } else { format!("{value:e}") };
    text.replace('-', "−")
}

/// A condition on the cases of a domain.
type Condition = Arc<dyn Fn(&[f64]) -> bool + Send + Sync>;

/// What a universal claim speaks of: every case whose `N` variables lie in their ranges.
///
/// ```
/// use claims::{domain, real, scale};
///
/// let _any_gaussian = domain([real("μ", -3.0..=3.0), scale("σ", 1e-3..=1e3)])
///     .with([[0.5, 2.0]])
///     .such_that("|μ| ≤ 100 σ", |[mean, sigma]| mean.abs() <= 100.0 * sigma);
/// ```
#[derive(Clone, Debug)]
pub struct Domain<const N: usize>(pub(crate) Space);

/// The domain of all values of some variables.
#[must_use]
pub fn domain<const N: usize>(variables: [Variable; N]) -> Domain<N> {
    Domain(Space { variables: variables.into(), named: Vec::new(), condition: None, cases: CASES })
}

impl<const N: usize> Domain<N> {
    /// Cases that are tried before any others: the ones on the page, tight ones, those that failed once.
    ///
    /// # Panics
    /// If one does not lie in the domain.
    #[must_use]
    pub fn with(mut self, cases: impl IntoIterator<Item = [f64; N]>) -> Self {
        for case in cases {
            let outside = self.0.variables.iter().zip(case).find(|(variable, x)| !variable.has(*x));
            if let Some((variable, x)) = outside {
                panic!(
                    "the named case {case:?} is outside: {x} is none of {}",
                    variable.described()
                );
            }
            self.0.named.push(case.into());
        }
        self
    }

    /// Only the cases that meet a condition, said in words and as code.
    #[must_use]
    pub fn such_that(
        mut self,
        words: &'static str,
        condition: impl Fn([f64; N]) -> bool + Send + Sync + 'static,
    ) -> Self {
        let condition: Condition =
            Arc::new(move |case| condition(case.try_into().expect("a case of the domain")));
        self.0.condition = Some((words, condition));
        self
    }

    /// How many cases are tried, where not all are: fewer than usual if one takes long.
    #[must_use]
    pub fn cases(mut self, cases: usize) -> Self {
        self.0.cases = cases;
        self
    }
}

/// A domain of any number of variables.
#[derive(Clone)]
pub struct Space {
    variables: Vec<Variable>,
    named: Vec<Vec<f64>>,
    condition: Option<(&'static str, Condition)>,
    pub(crate) cases: usize,
}

impl std::fmt::Debug for Space {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.described())
    }
}

/// Two domains are equal if they are described alike and have the same named cases.
impl PartialEq for Space {
    fn eq(&self, other: &Self) -> bool {
        let words = |space: &Self| space.condition.as_ref().map(|(words, _)| *words);
        (&self.variables, &self.named, words(self))
            == (&other.variables, &other.named, words(other))
    }
}

impl Space {
    /// The variables with their ranges.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The domain in words: `μ from −3 to 3, σ from 0.001 to 1000 (evenly in the logarithm)`.
    #[must_use]
    pub fn described(&self) -> String {
        let parts: Vec<String> = self.variables.iter().map(Variable::described).collect();
        let mut text = parts.join("; ");
        if let Some((words, _)) = self.condition {
            let _ = write!(text, "; such that {words}");
        }
        text
    }

    /// A case in words: `μ = 0.5, σ = 2`.
    pub(crate) fn shown(&self, case: &[f64]) -> String {
        let part = |(variable, &x): (&Variable, &f64)| format!("{} = {}", variable.name, show(x));
        let parts: Vec<String> = self.variables.iter().zip(case).map(part).collect();
        parts.join(", ")
    }

    pub(crate) fn has(&self, case: &[f64]) -> bool {
        self.variables.iter().zip(case).all(|(variable, &x)| variable.has(x))
            && self.condition.as_ref().is_none_or(|(_, condition)| condition(case))
    }

    /// The number of points, if they are few enough to be gone through.
    fn all(&self) -> Option<usize> {
        let mut counts = self.variables.iter().map(Variable::count);
        let all = counts.try_fold(1usize, |all, count| all.checked_mul(count?))?;
        (all <= ALL.max(self.cases)).then_some(all)
    }

    /// Whether every point of the domain is tried.
    #[must_use]
    pub fn is_gone_through(&self) -> bool {
        self.all().is_some()
    }

    /// The cases that a check goes through at a seed: the named ones, then all of them if that can be done; otherwise special
    /// values and cases that fill the domain evenly, `times` as many as usual.
    pub(crate) fn to_try(&self, rng: &mut Rng, times: usize) -> Vec<Vec<f64>> {
        let mut cases = self.named.clone();
        if let Some(all) = self.all() {
            let others = (0..all).map(|index| self.numbered(index));
            cases.extend(others.filter(|case| self.has(case) && !self.named.contains(case)));
            return cases;
        }
        let wanted = self.cases * times;
        for attempt in 0..50 * wanted {
            if cases.len() >= self.named.len() + wanted / 4 || attempt > 10 * wanted {
                break;
            }
            let case = self.special(rng);
            if self.has(&case) {
                cases.push(case);
            }
        }
        let start: Vec<f64> = self.variables.iter().map(|_| rng.random()).collect();
        let steps = golden_steps(self.variables.len());
        let filling = (1..=50 * wanted).map(|n| self.filling(&start, &steps, n));
        let wanted = self.named.len() + wanted;
        cases
            .extend(filling.filter(|case| self.has(case)).take(wanted.saturating_sub(cases.len())));
        cases
    }

    /// Cases drawn from the domain at random, as many as can be found.
    pub(crate) fn sample(&self, rng: &mut Rng, count: usize) -> Vec<Vec<f64>> {
        let mut draw = || self.variables.iter().map(|variable| variable.at(rng.random())).collect();
        let drawn = (0..50 * count).map(|_| draw());
        drawn.filter(|case: &Vec<f64>| self.has(case)).take(count).collect()
    }

    /// One of a countable domain's points.
    fn numbered(&self, mut index: usize) -> Vec<f64> {
        let mut value = |variable: &Variable| {
            let count = variable.count().expect("a countable variable");
            let place = (index % count) as f64 + 0.5;
            index /= count;
            variable.at(place / count as f64)
        };
        self.variables.iter().map(&mut value).collect()
    }

    /// The n-th point of a sequence that fills the domain evenly: each coordinate goes on by a fixed step and starts again
    /// at 0 when it reaches 1 (an additive recurrence, Roberts 2018, from a random start).
    fn filling(&self, start: &[f64], steps: &[f64], n: usize) -> Vec<f64> {
        let place = |i: usize| (start[i] + n as f64 * steps[i]).fract();
        self.variables.iter().enumerate().map(|(i, variable)| variable.at(place(i))).collect()
    }

    /// A case with special values, equal ones and nearly equal ones.
    fn special(&self, rng: &mut Rng) -> Vec<f64> {
        let one = |variable: &Variable, rng: &mut Rng| {
            let specials = variable.specials();
            if specials.is_empty() || rng.random_bool(0.4) {
                variable.at(rng.random())
            } else {
                specials[rng.random_range(0..specials.len())]
            }
        };
        let mut case: Vec<f64> = self.variables.iter().map(|v| one(v, rng)).collect();
        if rng.random_bool(0.5) {
            self.make_equal(&mut case, rng);
        }
        case
    }

    /// Gives a variable the value of another of the same range, or one next to it.
    fn make_equal(&self, case: &mut [f64], rng: &mut Rng) {
        let pairs: Vec<(usize, usize)> = (0..case.len())
            .flat_map(|i| (0..case.len()).map(move |j| (i, j)))
            .filter(|&(i, j)| i != j && self.variables[i].range == self.variables[j].range)
            .collect();
        if pairs.is_empty() {
            return;
        }
        let (i, j) = pairs[rng.random_range(0..pairs.len())];
        let near = match self.variables[i].range {
            Range::Whole(..) => case[j] + f64::from(rng.random_range(-1..=1)),
            Range::Even(..) | Range::Log(..) | Range::Signed(..) if rng.random_bool(0.5) => {
                case[j] * (1.0 + 10f64.powi(-rng.random_range(1..13)))
            }
            _ => case[j],
        };
        case[i] = if self.variables[i].has(near) { near } else { case[j] };
    }

    /// A case next to another: one variable moved by a step of this share of its range, or set to a special value, or to
    /// that of another variable.
    pub(crate) fn neighbour(&self, case: &[f64], step: f64, rng: &mut Rng) -> Vec<f64> {
        let mut moved = case.to_vec();
        let i = rng.random_range(0..case.len());
        let variable = &self.variables[i];
        let specials = variable.specials();
        moved[i] = match rng.random_range(0..8) {
            0 if !specials.is_empty() => specials[rng.random_range(0..specials.len())],
            1 => {
                self.make_equal(&mut moved, rng);
                return moved;
            }
            _ if matches!(variable.range, Range::Seed) => variable.at(rng.random()),
            _ => variable.at(variable.place(case[i]) + step * rng.random_range(-1.0..1.0)),
        };
        moved
    }

    /// Cases that differ from this one in a variable that is simpler.
    pub(crate) fn simpler<'a>(&'a self, case: &'a [f64]) -> impl Iterator<Item = Vec<f64>> + 'a {
        let with = move |(i, value): (usize, f64)| {
            let mut simpler = case.to_vec();
            simpler[i] = value;
            simpler
        };
        let values = self.variables.iter().zip(case).enumerate();
        values
            .flat_map(|(i, (variable, &x))| variable.simpler(x).into_iter().map(move |y| (i, y)))
            .map(with)
            .filter(|case| self.has(case))
    }
}

/// Steps whose multiples fill the unit cube evenly: the powers of 1/φ, where φ > 1 solves φᵈ⁺¹ = φ + 1.
fn golden_steps(dimension: usize) -> Vec<f64> {
    let power = 1.0 / (dimension + 1) as f64;
    let phi = (0..60).fold(2.0f64, |phi, _| (1.0 + phi).powf(power));
    (1..=dimension).map(|i| phi.powi(-(i as i32)).fract()).collect()
}

/// A box that holds about a sixteenth of a domain.
#[derive(Clone, Debug)]
pub(crate) struct Hole(Vec<(f64, f64)>);

/// The share of a domain that a hole takes.
const HOLE: f64 = 1.0 / 16.0;

impl Hole {
    /// The n-th of some holes that lie apart, each long in some directions and short in others. Of a variable with few values
    /// a hole holds whole ones.
    pub(crate) fn new(space: &Space, start: &[f64], n: usize, rng: &mut Rng) -> Self {
        let steps = golden_steps(space.variables.len());
        let weights: Vec<f64> = steps.iter().map(|_| rng.random_range(0.1..1.0)).collect();
        let total: f64 = weights.iter().sum();
        let side = |i: usize| {
            let place = (start[i] + n as f64 * steps[i]).fract();
            let width = HOLE.powf(weights[i] / total);
            match space.variables[i].count() {
                Some(count) => {
                    let held = ((width * count as f64).round() as usize).clamp(1, count);
                    let first = (place * (count - held + 1) as f64).floor();
                    (first / count as f64, (first + held as f64) / count as f64)
                }
                None => (place * (1.0 - width), place * (1.0 - width) + width),
            }
        };
        Self((0..steps.len()).map(side).collect())
    }

    pub(crate) fn holds(&self, space: &Space, case: &[f64]) -> bool {
        let within = |((variable, &x), (low, high)): ((&Variable, &f64), &(f64, f64))| {
            (*low..=*high).contains(&variable.place(x))
        };
        space.variables.iter().zip(case).zip(&self.0).all(within)
    }

    /// The box in words.
    pub(crate) fn described(&self, space: &Space) -> String {
        let side = |(variable, &(low, high)): (&Variable, &(f64, f64))| {
            let inside = |x: f64| x.clamp(low + 1e-9, high - 1e-9);
            let (first, last) = (variable.at(inside(low)), variable.at(inside(high)));
            format!("{} from {} to {}", variable.name, show(first), show(last))
        };
        let sides: Vec<String> = space.variables.iter().zip(&self.0).map(side).collect();
        sides.join(", ")
    }
}
