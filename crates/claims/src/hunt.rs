//! The search for a counter-example to a universal claim, and the guard that the check looks everywhere.

use prob::random::stream;
use rand::Rng as _;

use crate::domain::{Hole, Space};
use crate::guard::NEAR_MISS;
use crate::paper::{Examined, Looked, Paper, Run, Who};
use crate::record::{Kind, Record};
use crate::subject::Perturbation;

/// Names the random streams that are used here, beside those of the check.
const EXTRA: u64 = u64::MAX - 1;
const CLIMB: u64 = u64::MAX - 2;
const HOLES: u64 = u64::MAX - 3;

/// How many of the worst cases are climbed from.
const SUMMITS: usize = 3;
/// How many holes a check is tried with.
const HOLES_TRIED: usize = 5;
/// Cases that are looked at to make a counter-example smaller.
const SHRINKING: usize = 300;
/// Cases by which it is estimated how much of a domain a box holds, and how many of them a hole holds at least.
const SAMPLED: usize = 512;
const HELD: usize = SAMPLED / 24;

/// What came of searching.
#[derive(Clone, Debug, PartialEq)]
pub struct Hunted {
    /// Cases of the domain that were looked at.
    pub looks: usize,
    /// How many of them the check goes through at any rate.
    pub planned: usize,
    /// Whether every case of the domain is among them.
    pub all: bool,
    /// The simplest case that was found in which the claim fails.
    pub counter_example: Option<String>,
}

/// Searches for a counter-example: from the worst cases that were looked at it climbs by moves of one variable. One that is
/// found is made as simple as it can be, and added to the outcome; otherwise the worst case is.
pub(crate) fn hunt(
    paper: &Paper,
    space: &Space,
    examined: &mut Examined,
    run: Run<'_>,
    (seed, times): (u64, usize),
) -> Hunted {
    let planned = examined.looked.len();
    let all = space.is_gone_through();
    let hunter = Hunter { paper, space, run, seed };
    let mut looked = std::mem::take(&mut examined.looked);
    let best_planned = worst(&looked).map_or(f64::NEG_INFINITY, |look| look.pressure);
    if times > 1 && !all {
        let mut rng = stream(seed, [paper.stream(), EXTRA]);
        let extra = space.to_try(&mut rng, times - 1);
        looked.extend(extra.into_iter().map(|case| hunter.look(case)));
    }
    if !all && matches!(paper.kind(), Kind::Exact | Kind::Bound) {
        let climbed = hunter.climb(&looked, space.cases * times / 2);
        looked.extend(climbed);
    }
    let mut counter_example = None;
    if let Some(worst) = worst(&looked) {
        if worst.fails() {
            let smallest = hunter.shrink(worst.clone());
            let at = space.shown(&smallest.case);
            if let Some(problem) = smallest.problem {
                examined.outcome.problem = Some(format!("{problem} at {at}"));
            }
            examined.outcome.records.extend(smallest.worst);
            counter_example = Some(at);
        } else if worst.pressure > best_planned {
            examined.outcome.records.extend(worst.worst.clone());
        }
    }
    Hunted { looks: looked.len(), planned, all, counter_example }
}

fn worst(looked: &[Looked]) -> Option<&Looked> {
    looked.iter().max_by(|a, b| a.pressure.total_cmp(&b.pressure))
}

/// Boxes of the domain in which outputs may be wrong without the check noticing.
pub(crate) fn unseen(
    paper: &Paper,
    space: &Space,
    looked: &[Looked],
    run: Run<'_>,
    seed: u64,
) -> Vec<String> {
    let mut rng = stream(seed, [paper.stream(), HOLES]);
    let sample = space.sample(&mut rng, SAMPLED);
    let hunter = Hunter { paper, space, run, seed };
    let share = |hole: &Hole| sample.iter().filter(|case| hole.holds(space, case)).count();
    let start: Vec<f64> = space.variables().iter().map(|_| rng.random()).collect();
    // A box may lie where a condition leaves nothing of the domain: then the next one is taken.
    let holes = (0..200).map(|n| Hole::new(space, &start, n, &mut rng));
    let holes: Vec<Hole> =
        holes.filter(|hole| share(hole) >= HELD.min(sample.len())).take(HOLES_TRIED).collect();
    let unseen = holes.iter().filter(|hole| !hunter.notices(hole, looked));
    unseen.map(|hole| hole.described(space)).collect()
}

struct Hunter<'a> {
    paper: &'a Paper,
    space: &'a Space,
    run: Run<'a>,
    seed: u64,
}

impl Hunter<'_> {
    fn look(&self, case: Vec<f64>) -> Looked {
        self.nudged(case, Perturbation::NONE)
    }

    fn nudged(&self, case: Vec<f64>, nudge: Perturbation) -> Looked {
        let mut examined =
            self.paper.examined(self.run, Who::Candidate(nudge), vec![case], self.seed);
        examined.looked.pop().expect("one case was looked at")
    }

    /// The cases on the way up from the worst ones.
    fn climb(&self, looked: &[Looked], budget: usize) -> Vec<Looked> {
        let mut rng = stream(self.seed, [self.paper.stream(), CLIMB]);
        let mut starts: Vec<&Looked> = looked.iter().collect();
        starts.sort_by(|a, b| b.pressure.total_cmp(&a.pressure));
        let mut way = Vec::with_capacity(budget);
        for start in starts.into_iter().take(SUMMITS) {
            let mut here = start.clone();
            let moves = budget / SUMMITS;
            for n in 0..moves {
                if here.fails() {
                    return way;
                }
                let step = 0.3 * (1e-3f64).powf(n as f64 / moves as f64);
                let case = self.space.neighbour(&here.case, step, &mut rng);
                if !self.space.has(&case) {
                    continue;
                }
                let there = self.look(case);
                way.push(there.clone());
                if there.pressure > here.pressure {
                    here = there;
                }
            }
        }
        way
    }

    /// The simplest case that fails as this one does, changing one variable at a time.
    fn shrink(&self, mut failing: Looked) -> Looked {
        let mut budget = SHRINKING;
        'simpler: loop {
            for case in self.space.simpler(&failing.case).collect::<Vec<_>>() {
                if budget == 0 {
                    return failing;
                }
                budget -= 1;
                let looked = self.look(case);
                if looked.fails() {
                    failing = looked;
                    continue 'simpler;
                }
            }
            return failing;
        }
    }

    /// Whether the check notices outputs that are wrong in a hole only: an exact one, in either direction; a bound, in the
    /// one that breaks it.
    fn notices(&self, hole: &Hole, looked: &[Looked]) -> bool {
        let inside: Vec<&Looked> =
            looked.iter().filter(|look| hole.holds(self.space, &look.case)).collect();
        let noticed = |sign: f64| {
            inside.iter().any(|look| {
                let nudge = self.wrong_by(look, sign);
                self.nudged(look.case.clone(), nudge).fails()
            })
        };
        if self.paper.kind() == Kind::Exact {
            noticed(1.0) && noticed(-1.0)
        } else {
            noticed(1.0) || noticed(-1.0)
        }
    }

    /// By how much outputs are wrong in a hole: by ten times the tolerance; of a bound, by more than is left of it.
    fn wrong_by(&self, look: &Looked, sign: f64) -> Perturbation {
        let nudge = self.paper.near_miss(sign);
        match (self.paper.kind(), &look.worst) {
            (Kind::Bound, Some(Record { measured, expected, allowed, .. })) => {
                let left = (measured - expected).max(0.0);
                let by = 2.0 * left + NEAR_MISS * allowed;
                Perturbation { absolute: sign * by, relative: 0.0 }
            }
            _ => nudge,
        }
    }
}

impl Looked {
    pub(crate) fn new(
        case: Vec<f64>,
        records: &[Record],
        problem: Option<String>,
        kind: Kind,
    ) -> Self {
        let pressure = |record: &Record| record.pressure(kind);
        let worst = records.iter().max_by(|a, b| pressure(a).total_cmp(&pressure(b))).cloned();
        let pressure = match (&problem, &worst) {
            (Some(_), _) => f64::INFINITY,
            (None, Some(worst)) => pressure(worst),
            (None, None) => f64::NEG_INFINITY,
        };
        Self { case, pressure, worst, problem }
    }

    /// Whether it is a counter-example.
    pub(crate) fn fails(&self) -> bool {
        self.problem.is_some() || self.worst.as_ref().is_some_and(|record| !record.passes())
    }
}
