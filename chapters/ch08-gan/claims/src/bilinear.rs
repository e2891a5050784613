//! min over x, max over y of xy: the smallest game, and why training may never arrive.

use claims::{Claim, Subject, Tolerance, Verdict, claim};

use ch08_gan::dynamics::{First, Players};

const SIMULTANEOUS: &str = "Both players moved at once, from the same old position: in the algorithm the second answers to \
    the first one's new position.";
const BOTH_DESCEND: &str =
    "Both players descend: y is the maximiser, so it moves along its derivative, not against it.";

/// (start, η, steps) ↦ where the players stand then
type Walk = fn([f64; 2], f64, usize) -> [f64; 2];

fn walk(start: [f64; 2], steps: usize, step: impl Fn(Players) -> Players) -> [f64; 2] {
    let [x, y] = start;
    let Players { x, y } = (0..steps).fold(Players { x, y }, |players, _| step(players));
    [x, y]
}

fn together(start: [f64; 2], rate: f64, steps: usize) -> [f64; 2] {
    walk(start, steps, |players| players.simultaneous(rate))
}

fn in_turn(start: [f64; 2], rate: f64, steps: usize) -> [f64; 2] {
    walk(start, steps, |players| players.alternating(rate, First::Minimiser))
}

fn both_descend(start: [f64; 2], rate: f64, steps: usize) -> [f64; 2] {
    walk(start, steps, |Players { x, y }| {
        let x = x - rate * y;
        Players { x, y: y - rate * x }
    })
}

fn distance([x, y]: [f64; 2]) -> f64 {
    x.hypot(y)
}

pub(super) fn simultaneous() -> Claim<Walk> {
    claim("gan/simultaneous-steps")
        .says("In the game xy simultaneous steps multiply the distance from the equilibrium by √(1 + η²) each, and turn it by arctan η")
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .exact(Tolerance::relative(1e-12).or_absolute(1e-14), |walk: &Subject<Walk>, cases| {
            for rate in [0.01, 0.3, 1.0, 2.5f64] {
                for steps in [1, 2, 20] {
                    let end = walk.output(|walk| walk([0.6, 0.8], rate, steps));
                    // (x + iy)(1 + iη)ⁿ in polar form
                    let length = (1.0 + rate * rate).powf(0.5 * steps as f64);
                    let angle = 0.8f64.atan2(0.6) + rate.atan() * steps as f64;
                    let label = format!("η = {rate}, {steps} steps");
                    cases.equal(format!("distance, {label}"), distance(end), length);
                    cases.equal(format!("x/distance, {label}"), end[0] / length, angle.cos());
                }
            }
            Ok(())
        })
        .holds_for(together as Walk)
        .fails_for(
            "alternating",
            "The second player answered to the first one's new position: simultaneous steps both start from the old one.",
            in_turn,
        )
        .fails_for("both-descend", BOTH_DESCEND, both_descend)
        .fails_for(
            "own-derivative",
            "Each player moved by its own coordinate: the derivative of xy with respect to x is y, and the reverse.",
            |start, rate, steps| {
                walk(start, steps, |Players { x, y }| Players { x: x - rate * x, y: y + rate * y })
            },
        )
}

/// (start, η, steps, who moves first) ↦ where the players stand then
type Turns = fn([f64; 2], f64, usize, First) -> [f64; 2];

pub(super) fn alternating() -> Claim<Turns> {
    claim("gan/alternating-steps")
        .says(
            "Alternating steps leave x² + y² − ηxy as it is if the minimiser moves first, and x² + y² + ηxy if the \
             maximiser does, as in the algorithm",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .exact(
            Tolerance::relative(1e-11),
            |turns: &Subject<Turns>, cases| {
                for rate in [0.01, 0.3, 1.0, 1.9] {
                    for (first, sign) in [(First::Minimiser, -1.0), (First::Maximiser, 1.0)] {
                        for steps in [1, 7, 1000] {
                            let form = |[x, y]: [f64; 2]| x * x + y * y + sign * rate * x * y;
                            let start = [1.1, 0.5];
                            let end = turns.output(|turns| turns(start, rate, steps, first));
                            let label = format!("η = {rate}, {first:?} first, {steps} steps");
                            cases.equal(label, form(end), form(start));
                        }
                    }
                }
                Ok(())
            },
        )
        .holds_for(
            (|start, rate, steps, first| walk(start, steps, |players| players.alternating(rate, first)))
                as Turns,
        )
        .fails_for("simultaneous", SIMULTANEOUS, |start, rate, steps, _| together(start, rate, steps))
        .fails_for(
            "always-minimiser-first",
            "The minimiser always moved first: with the maximiser first, the mixed term has the other sign.",
            |start, rate, steps, _| in_turn(start, rate, steps),
        )
        .fails_for("both-descend", BOTH_DESCEND, |start, rate, steps, _| {
            both_descend(start, rate, steps)
        })
}

pub(super) fn never_arrives() -> Claim<Walk> {
    claim("gan/never-arrives")
        .says(
            "For 0 < η < 2 alternating steps go round for ever: with c = x² + y² − ηxy of the start, x² + y² stays between \
             c/(1 + η/2) and c/(1 − η/2)",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .bound(Tolerance::relative(1e-10), |walk: &Subject<Walk>, margins| {
            // From (1, −1) and (1, 1) the two bounds are attained at the start, and with η = 1 every six steps.
            for (start, rate) in [([1.0, -1.0], 1.0), ([1.0, 1.0], 1.0), ([1.0, -1.0], 0.2), ([0.3, 1.4], 1.9)] {
                let [x, y]: [f64; 2] = start;
                let form = x * x + y * y - rate * x * y;
                for steps in [6, 100, 6000] {
                    let [x, y] = walk.output(|walk| walk(start, rate, steps));
                    let square = x * x + y * y;
                    let label = format!("from {start:?}, η = {rate}, {steps} steps");
                    margins.at_least(format!("not nearer, {label}"), square, form / (1.0 + 0.5 * rate));
                    margins.at_least(format!("not further, {label}"), form / (1.0 - 0.5 * rate), square);
                }
            }
            Ok(())
        })
        .holds_for(in_turn as Walk)
        .fails_for("simultaneous", SIMULTANEOUS, together)
        .fails_for(
            "averaged",
            "This is the average of the positions: it comes to rest in the middle, and the players do not.",
            mean_of,
        )
        .fails_for(
            "decaying",
            "The positions decay by 1 % a step, as with weight decay: that is another game, whose equilibrium attracts.",
            |start, rate, steps| {
                walk(start, steps, |players| {
                    let Players { x, y } = players.alternating(rate, First::Minimiser);
                    Players { x: 0.99 * x, y: 0.99 * y }
                })
            },
        )
}

/// The mean of x after each of the steps and of y before each.
fn mean_of(start: [f64; 2], rate: f64, steps: usize) -> [f64; 2] {
    let [x, y] = start;
    let (mut players, mut sum) = (Players { x, y }, [0.0; 2]);
    for _ in 0..steps {
        let before = players;
        players = players.alternating(rate, First::Minimiser);
        sum = [sum[0] + players.x, sum[1] + before.y];
    }
    sum.map(|sum| sum / steps as f64)
}

pub(super) fn averages() -> Claim<Walk> {
    claim("gan/averages")
        .says(
            "The mean of x and y over n alternating steps is (yₙ − y₀, x₀ − xₙ)/(ηn): the players never arrive, and their \
             average does, at the rate 1/n",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .exact(Tolerance::relative(1e-11).or_absolute(1e-13), |mean: &Subject<Walk>, cases| {
            for rate in [0.05, 0.3, 1.0, 1.9] {
                for steps in [1, 10, 1000] {
                    let start = [1.1, 0.5];
                    let end = in_turn(start, rate, steps);
                    let telescoped = [end[1] - start[1], start[0] - end[0]];
                    let expected = telescoped.map(|change| change / (rate * steps as f64));
                    let measured = mean.output(|mean| mean(start, rate, steps));
                    cases.all_equal(&format!("η = {rate}, {steps} steps"), &measured, &expected);
                }
            }
            Ok(())
        })
        .holds_for(mean_of as Walk)
        .fails_for(
            "last-one",
            "This is where the players stand at the end, still as far out as at the start: average over the steps.",
            in_turn,
        )
        .fails_for(
            "of-simultaneous",
            "The positions of simultaneous steps were averaged: they run away, and their mean with them.",
            |start, rate, steps| {
                let sum = (1..=steps).fold([0.0; 2], |sum, n| {
                    let [x, y] = together(start, rate, n);
                    [sum[0] + x, sum[1] + y]
                });
                sum.map(|sum| sum / steps as f64)
            },
        )
        .fails_for(
            "half-way",
            "This is the middle between start and end: take the mean over all steps.",
            |start, rate, steps| {
                let end = in_turn(start, rate, steps);
                [0.5 * (start[0] + end[0]), 0.5 * (start[1] + end[1])]
            },
        )
}

pub(super) fn large_steps() -> Claim<Walk> {
    claim("gan/large-steps")
        .says(
            "At η = 2 alternating steps grow linearly, (−1)ⁿ(1 − nN) with N = ((2, −2), (2, −2)); beyond, by the factor \
             ½(η² − 2 + η√(η² − 4)) each",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .exact(Tolerance::relative(1e-11), |walk: &Subject<Walk>, cases| {
            let start = [0.7, -0.4];
            for steps in [1usize, 2, 9, 100] {
                let [x, y]: [f64; 2] = start;
                let n = steps as f64;
                let sign = if steps.is_multiple_of(2) { 1.0 } else { -1.0 };
                let along = 2.0 * n * (x - y);
                let end = walk.output(|walk| walk(start, 2.0, steps));
                let expected = [sign * (x - along), sign * (y - along)];
                cases.all_equal(&format!("η = 2, {steps} steps"), &end, &expected);
            }
            for rate in [2.1, 2.5, 4.0f64] {
                let factor = 0.5 * (rate * rate - 2.0 + rate * (rate * rate - 4.0).sqrt());
                let far = |steps| walk.output(|walk| distance(walk(start, rate, steps)));
                cases.equal(format!("factor of step 61, η = {rate}"), far(61) / far(60), factor);
            }
            Ok(())
        })
        .holds_for(in_turn as Walk)
        .fails_for("simultaneous", SIMULTANEOUS, together)
        .fails_for("both-descend", BOTH_DESCEND, both_descend)
        .fails_for(
            "clipped",
            "The players were clipped to ±10: that hides the divergence, and the circle becomes a square.",
            |start, rate, steps| {
                walk(start, steps, |players| {
                    let Players { x, y } = players.alternating(rate, First::Minimiser);
                    Players { x: x.clamp(-10.0, 10.0), y: y.clamp(-10.0, 10.0) }
                })
            },
        )
}
