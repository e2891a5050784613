//! min over x, max over y of xy: the smallest game, and why training may never arrive.

use std::f64::consts::{FRAC_PI_4, TAU};

use claims::{
    Claim, Subject, Tolerance, Variable, Verdict, claim, domain, one_of, real, scale, whole,
};

use ch08_gan::dynamics::{First, Players};

const SIMULTANEOUS: &str = "Both players moved at once, from the same old position: in the algorithm the second answers to \
    the first one's new position.";
const BOTH_DESCEND: &str =
    "Both players descend: y is the maximiser, so it moves along its derivative, not against it.";

/// Where the players start: the direction from the equilibrium, and the distance.
fn start() -> [Variable; 2] {
    // On the diagonals an ellipse x² + y² ± ηxy is nearest to the middle, or furthest away.
    let angle = real("direction of the start", 0.0..=TAU).special(&[FRAC_PI_4, 3.0 * FRAC_PI_4]);
    [angle, scale("its distance", 0.1..=10.0)]
}

fn at([angle, distance]: [f64; 2]) -> [f64; 2] {
    [distance * angle.cos(), distance * angle.sin()]
}

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

pub(super) fn simultaneous() -> Claim<Walk> {
    let [angle, distance] = start();
    claim("gan/simultaneous-steps")
        .says(
            "In the game xy simultaneous steps of any size, from everywhere, multiply the distance from the equilibrium by \
             √(1 + η²) each, and turn it by arctan η",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .for_every(
            domain([angle, distance, scale("η", 1e-3..=10.0), whole("steps", 1..=50)]).with(
                [0.01, 0.3, 1.0, 2.5].map(|rate| [0.9, 1.0, rate, 20.0]),
            ),
        )
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |walk: &Subject<Walk>, [angle, radius, rate, steps], cases| {
                // (x + iy)(1 + iη)ⁿ in polar form
                let length = radius * (1.0 + rate * rate).powf(0.5 * steps);
                let end = walk.output(|walk| {
                    walk(at([angle, radius]), rate, steps as usize).map(|place| place / length)
                });
                let turned = angle + rate.atan() * steps;
                cases.equal("x/(√(1 + η²)ⁿ r)", end[0], turned.cos());
                cases.equal("y/(√(1 + η²)ⁿ r)", end[1], turned.sin());
                Ok(())
            },
        )
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
    let [angle, distance] = start();
    let first = one_of("who moves first (0 the minimiser)", &[0.0, 1.0]);
    claim("gan/alternating-steps")
        .says(
            "Alternating steps leave x² + y² − ηxy as it is if the minimiser moves first, and x² + y² + ηxy if the \
             maximiser does, as in the algorithm",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .for_every(
            domain([angle, distance, scale("η", 0.01..=4.0), whole("steps", 1..=1000), first])
                .with([0.01, 0.3, 1.0, 1.9].map(|rate| [0.4, 1.2, rate, 1000.0, 0.0]))
                .with([0.01, 0.3, 1.0, 1.9].map(|rate| [0.4, 1.2, rate, 7.0, 1.0]))
                .with([2.0, 2.5, 4.0].map(|rate| [0.4, 1.2, rate, 1.0, 1.0]))
                .such_that(
                    "η ≤ 1.9, or there is one step only: beyond 2 the players run away, and rounding with them",
                    |[_, _, rate, steps, _]| rate <= 1.9 || steps == 1.0,
                ),
        )
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-11),
            |turns: &Subject<Turns>, [angle, distance, rate, steps, first], cases| {
                let (first, sign) =
                    if first == 0.0 { (First::Minimiser, -1.0) } else { (First::Maximiser, 1.0) };
                let form = |[x, y]: [f64; 2]| x * x + y * y + sign * rate * x * y;
                let start = at([angle, distance]);
                let end = turns.output(|turns| turns(start, rate, steps as usize, first));
                cases.equal("", form(end), form(start));
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
    let [angle, distance] = start();
    claim("gan/never-arrives")
        .says(
            "For 0 < η < 2 alternating steps neither arrive nor run away: with c = x² + y² − ηxy of the start, x² + y² stays \
             between c/(1 + η/2) and c/(1 − η/2)",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .for_every(
            domain([angle, distance, scale("η", 0.01..=1.99), whole("steps", 1..=6000)]).with([
                // On the diagonals the two bounds are attained at the start, and with η = 1 every six steps.
                [3.0 * FRAC_PI_4, 1.0, 1.0, 6.0],
                [FRAC_PI_4, 1.0, 1.0, 6000.0],
                [3.0 * FRAC_PI_4, 1.0, 0.2, 100.0],
                [1.4, 1.4, 1.9, 6000.0],
            ]),
        )
        .bound(
            Tolerance::relative(1e-9),
            |walk: &Subject<Walk>, [angle, distance, rate, steps], margins| {
                let start = at([angle, distance]);
                let [x, y] = start;
                let form = x * x + y * y - rate * x * y;
                let [x, y] = walk.output(|walk| walk(start, rate, steps as usize));
                let square = x * x + y * y;
                margins.at_least("not nearer", square, form / (1.0 + 0.5 * rate));
                margins.at_least("not further", form / (1.0 - 0.5 * rate), square);
                Ok(())
            },
        )
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
    let [angle, distance] = start();
    claim("gan/averages")
        .says(
            "The mean of x and y over n alternating steps is (yₙ − y₀, x₀ − xₙ)/(ηn): for 0 < η < 2, where the players never \
             arrive and stay within bounds, their average arrives at the rate 1/n",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .for_every(
            domain([angle, distance, scale("η", 0.01..=1.99), whole("steps", 1..=1000)])
                .with([0.05, 0.3, 1.0, 1.9].map(|rate| [0.4, 1.2, rate, 1000.0]))
                .with([0.05, 0.3, 1.0, 1.9].map(|rate| [0.4, 1.2, rate, 10.0])),
        )
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-11),
            |mean: &Subject<Walk>, [angle, distance, rate, steps], cases| {
                let start = at([angle, distance]);
                let end = in_turn(start, rate, steps as usize);
                let telescoped = [end[1] - start[1], start[0] - end[0]];
                let expected = telescoped.map(|change| change / (rate * steps));
                let measured = mean.output(|mean| mean(start, rate, steps as usize));
                cases.all_equal("mean", &measured, &expected);
                Ok(())
            },
        )
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

/// By how much the players have run away after n steps of η ≥ 2, at most, and where they stand.
fn after_large_steps([x, y]: [f64; 2], rate: f64, n: i32) -> (f64, [f64; 2]) {
    let (sign, steps) = (if n % 2 == 0 { 1.0 } else { -1.0 }, f64::from(n));
    if rate == 2.0 {
        let along = 2.0 * steps * (x - y);
        return (steps * x.hypot(y), [sign * (x - along), sign * (y - along)]);
    }
    let lambda = 0.5 * (rate * rate - 2.0 + rate * (rate * rate - 4.0).sqrt());
    // x = (a + b)η and y = a(1 + λ) + b(1 + 1/λ)
    let a = (y - (1.0 + lambda.recip()) * x / rate) / (lambda - lambda.recip());
    let b = x / rate - a;
    let (a, b) = (sign * a * lambda.powi(n), sign * b * lambda.powi(-n));
    let end = [(a + b) * rate, a * (1.0 + lambda) + b * (1.0 + lambda.recip())];
    (lambda.powi(n) * x.hypot(y), end)
}

pub(super) fn large_steps() -> Claim<Walk> {
    let [angle, distance] = start();
    claim("gan/large-steps")
        .says(
            "At η = 2 n alternating steps are (−1)ⁿ(1 − nN) with N = ((2, −2), (2, −2)): linear growth, but for x = y. Beyond, with \
             λ = ½(η² − 2 + η√(η² − 4)), each step multiplies the part of the position along (η, 1 + λ) by −λ and that along \
             (η, 1 + 1/λ) by −1/λ: the players run away exponentially from every start but those on one line",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .for_every(
            domain([angle, distance, real("η", 2.0..=5.0), whole("steps", 1..=60)])
                .with([1.0, 2.0, 9.0].map(|steps| [5.8, 0.8, 2.0, steps]))
                .with([2.1, 2.5, 4.0].map(|rate| [5.8, 0.8, rate, 60.0]))
                .such_that("η = 2 or η ≥ 2.01: between, the two lines are nearly one", |case| {
                    case[2] == 2.0 || case[2] >= 2.01
                }),
        )
        .exact(
            Tolerance::absolute(1e-11),
            |walk: &Subject<Walk>, [angle, distance, rate, steps], cases| {
                let start = at([angle, distance]);
                let (size, expected) = after_large_steps(start, rate, steps as i32);
                let end = walk.output(|walk| walk(start, rate, steps as usize).map(|x| x / size));
                cases.all_equal("in units of the growth", &end, &expected.map(|x| x / size));
                Ok(())
            },
        )
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
