//! A diagnosis is for who made that mistake: whoever does something else besides, or something near it, is told "wrong".

use lab::{Functions, Step, Student, Verdict};
use ndarray::{Array1, Array2};
use serde_json::Value;

use crate::arguments::{Instead, change, numbers, parts, trivial};
use crate::{Asked, all, questions, verdict};

/// Questions that this exercise might ask: those of other seeds, and its own with one part moved a little.
fn probes(others: &[Value], asked: &[Value], path: &[Step]) -> Vec<Value> {
    let mut probes = others.to_vec();
    for question in asked {
        let mut moved = question.clone();
        let mut found = Vec::new();
        numbers(&mut moved, path, &mut found);
        for number in found.into_iter().filter(|number| number.is_f64()) {
            *number = Value::from(1.25 * number.as_f64().unwrap_or(0.0) + 0.1);
        }
        probes.push(moved);
    }
    probes
}

/// Whether two answers are the same up to a millionth.
fn near(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| near(a, b))
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(0.0), b.as_f64().unwrap_or(0.0));
            (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-6)
        }
        _ => a == b,
    }
}

/// Where one student answers otherwise than another.
fn apart<'a>(
    function: &str,
    one: &dyn Student,
    other: &dyn Student,
    questions: &'a [Value],
) -> Option<&'a Value> {
    let answer = |student: &dyn Student, question: &Value| {
        student.ask(function, question).unwrap_or(Value::Null)
    };
    questions.iter().find(|question| !near(&answer(one, question), &answer(other, question)))
}

#[test]
fn a_mistake_with_one_more_is_told_from_the_mistake_alone_by_some_question() {
    let seed = 5;
    all(|lab, exercise| {
        let asked = questions(lab, exercise, seed);
        let others: Vec<Value> = (100..103).flat_map(|s| questions(lab, exercise, s)).collect();
        let function = exercise.about().function;
        let mut complaints = Vec::new();
        for mistake in exercise.mistakes() {
            let making = || exercise.making(mistake.id).expect("a mistake of this exercise");
            for (name, path) in parts(exercise) {
                for instead in [Instead::One, Instead::First, Instead::Mean] {
                    if asked.iter().all(|question| trivial(question, &path, instead)) {
                        continue;
                    }
                    let blind = Asked::new(making()).reading(&change(&path, instead, &asked[0]));
                    let told = apart(function, &blind, &making(), &asked).is_some();
                    let probes = probes(&others, &asked, &path);
                    if let (false, Some(probe)) =
                        (told, apart(function, &blind, &making(), &probes))
                    {
                        let id = mistake.id;
                        complaints
                            .push(format!("{id}, {name} {instead:?}: not told apart; {probe}"));
                    }
                }
            }
        }
        complaints
    });
}

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

/// What is said of a student who has only this function.
fn said(chapter: &str, function: &str, student: impl Fn() -> Functions) -> Verdict {
    let lab = lab_checks::labs().into_iter().find(|lab| lab.chapter == chapter).expect("a lab");
    let exercise = lab.exercises.iter().find(|e| e.about().function == function).expect("one");
    verdict(&**exercise, 7, || Asked::new(student()))
}

/// What is compared with λ, from what the images of a column cost and the number of columns.
type Statistic = fn(&[f64], usize) -> f64;
/// What a coordinate of an image costs, from its mean and its log-variance.
type Cost = fn(f64, f64) -> f64;
/// What was done, the chapter and the exercise, and a student who did it.
type Neighbour = (&'static str, &'static str, &'static str, Box<dyn Fn() -> Functions>);

/// The gradient of free bits for any opinion on what is compared with λ.
fn free_bits(statistic: Statistic, cost: Cost) -> Functions {
    let gradient = move |(mean, log_var, free): (Matrix, Matrix, f64)| {
        let (n, count) = (mean.nrows() as f64, mean.ncols());
        let (mut by_mean, mut by_log_var) =
            (&mean / n, log_var.mapv(|v: f64| 0.5 * v.exp_m1() / n));
        for j in 0..count {
            let costs: Vec<f64> =
                (0..mean.nrows()).map(|i| cost(mean[[i, j]], log_var[[i, j]])).collect();
            if statistic(&costs, count) <= free {
                by_mean.column_mut(j).fill(0.0);
                by_log_var.column_mut(j).fill(0.0);
            }
        }
        (by_mean, by_log_var)
    };
    Functions::new().with("free_bits_gradient", gradient)
}

fn kl(mean: f64, log_var: f64) -> f64 {
    0.5 * (mean * mean + log_var.exp() - log_var - 1.0)
}

fn average(costs: &[f64], _: usize) -> f64 {
    costs.iter().sum::<f64>() / costs.len() as f64
}

fn median(costs: &[f64], _: usize) -> f64 {
    let mut sorted = costs.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { 0.5 * (sorted[middle - 1] + sorted[middle]) }
}

#[test]
fn no_other_number_than_the_mean_divergence_can_be_compared_with_lambda() {
    let right = said("ch06", "free_bits_gradient", || free_bits(average, kl));
    assert!(right.is_correct(), "{right:?}");
    let rules: [(&str, Statistic, Cost); 14] = [
        ("no ½", average, |m, v| 2.0 * kl(m, v)),
        ("no −1", average, |m, v| kl(m, v) + 0.5),
        ("log σ", average, |m, v| kl(m, v) + 0.25 * v),
        ("σ for σ²", average, |m, v| kl(m, 0.5 * v)),
        ("the means only", average, |m, _| 0.5 * m * m),
        ("the variances only", average, |_, v| kl(0.0, v)),
        ("the other direction", average, |m, v| 0.5 * ((1.0 + m * m) * (-v).exp() + v - 1.0)),
        ("the sum over the batch", |costs, _| costs.iter().sum(), kl),
        ("λ/D", |costs, count| average(costs, 0) * count as f64, kl),
        ("λ D", |costs, count| average(costs, 0) / count as f64, kl),
        ("the median image", median, kl),
        ("the first image", |costs, _| costs[0], kl),
        ("the largest image", |costs, _| costs.iter().copied().fold(0.0, f64::max), kl),
        ("n − 1", |costs, _| costs.iter().sum::<f64>() / (costs.len() as f64 - 1.0).max(1.0), kl),
    ];
    for (name, statistic, cost) in rules {
        let verdict = said("ch06", "free_bits_gradient", || free_bits(statistic, cost));
        assert!(matches!(verdict, Verdict::Wrong { example: Some(_), .. }), "{name}: {verdict:?}");
    }
}

/// Students who are near a known mistake and did not make it. They are wrong, and nothing else is said of them.
#[test]
fn a_neighbour_of_a_known_mistake_is_wrong_and_has_no_name() {
    type Sides = (usize, usize, usize, usize, usize);
    let places = |n: usize, covered: usize, s: usize| {
        n.checked_sub(covered).map_or(0.0, |rest| (rest / s + 1) as f64)
    };
    let side = move |count: fn(Sides) -> (usize, usize)| {
        Functions::new().with("dilated_places", move |sides: Sides| {
            let (length, covered) = count(sides);
            places(length, covered, sides.2)
        })
    };
    let last_weights = |weights: Vec<f64>| {
        let top = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = weights.iter().map(|w| (w - top).exp()).sum();
        top + sum.ln() // with neither log K nor the others left out
    };
    let neighbours: Vec<Neighbour> = vec![
        (
            "p − 1 zeros at each end",
            "ch09",
            "dilated_places",
            Box::new(move || {
                side(|(n, k, _, p, e)| (n + (2 * p).saturating_sub(2), e * (k - 1) + 1))
            }),
        ),
        (
            "2p − 1 zeros in all",
            "ch09",
            "dilated_places",
            Box::new(move || {
                side(|(n, k, _, p, e)| (n + (2 * p).saturating_sub(1), e * (k - 1) + 1))
            }),
        ),
        (
            "a window one pixel too long",
            "ch09",
            "dilated_places",
            Box::new(move || side(|(n, k, _, p, e)| (n + 2 * p, e * (k - 1) + 2))),
        ),
        (
            "the mean of q left out, and the rest right",
            "ch06",
            "mixture_kl_bound",
            Box::new(|| {
                Functions::new().with(
                    "mixture_kl_bound",
                    |(_, sigma, w, m, s): (f64, f64, Vector, Vector, Vector)| {
                        let log = |k: usize| {
                            let ratio = (sigma * sigma + m[k] * m[k]) / (2.0 * s[k] * s[k]);
                            w[k].ln() - ((s[k] / sigma).ln() + ratio - 0.5)
                        };
                        let logs: Vec<f64> = (0..w.len()).map(log).collect();
                        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                        -(top + logs.iter().map(|l| (l - top).exp()).sum::<f64>().ln())
                    },
                )
            }),
        ),
        (
            "the log of the sum, of no draw left out",
            "ch03",
            "jackknife",
            Box::new(move || Functions::new().with("jackknife", last_weights)),
        ),
        (
            "the spread counted at or above the threshold",
            "ch07",
            "active_units",
            Box::new(|| {
                Functions::new().with("active_units", |(means, threshold): (Matrix, f64)| {
                    let spread = means.var_axis(ndarray::Axis(0), 0.0);
                    spread.iter().filter(|&&v| v >= threshold).count() as f64
                })
            }),
        ),
        (
            "distances along the axes",
            "ch08",
            "mode_divergence",
            Box::new(|| {
                Functions::new().with("mode_divergence", |(points, centres): (Matrix, Matrix)| {
                    let modes = centres.nrows();
                    let mut counts = vec![0.0; modes];
                    for point in points.rows() {
                        let far = |k: &usize| (&point - &centres.row(*k)).mapv(f64::abs).sum();
                        let nearest = (0..modes).min_by(|a, b| far(a).total_cmp(&far(b)));
                        counts[nearest.unwrap_or(0)] += 1.0 / points.nrows() as f64;
                    }
                    let shares = counts.into_iter().filter(|&r| r > 0.0);
                    shares.map(|r| r * (r * modes as f64).ln()).sum::<f64>()
                })
            }),
        ),
    ];
    for (name, chapter, function, student) in neighbours {
        let verdict = said(chapter, function, student);
        assert!(matches!(verdict, Verdict::Wrong { example: Some(_), .. }), "{name}: {verdict:?}");
    }
}

#[test]
fn a_counter_example_can_be_typed_in_and_tells_a_length_as_a_length() {
    let wrong = said("ch04", "learning_signals", || {
        Functions::new().with("learning_signals", |weights: Vec<f64>| vec![0.5; weights.len() + 1])
    });
    assert_eq!(
        wrong.to_string(),
        "learning_signals(&log_weights): your answer has 3 numbers, 2 were expected\n\
         let log_weights = [0.0, -2.0];"
    );
    let wrong = said("ch03", "bernoulli_bound", || {
        type Question = ((Matrix, Vector), Vector, (Vector, Vector), Matrix);
        Functions::new().with("bernoulli_bound", |_: Question| 0.25)
    });
    let text = wrong.to_string();
    assert!(
        text.starts_with(
            "bernoulli_bound((&weight, &bias), &pixels, (&mean, &log_var), &noise): you have 0.25, \
             it should be −0.626928"
        ),
        "{text}"
    );
    assert!(text.ends_with("let noise = array![[0.0]];"), "{text}");
    // A panic's question, too.
    let panicked = said("ch01", "kept_share", || {
        Functions::new().with("kept_share", |(values, code): (Vec<f64>, usize)| values[code + 9])
    });
    let text = panicked.to_string();
    let asked = "Asked: kept_share(&eigenvalues, code)\nlet eigenvalues = [1.0, 4.0, 3.0, 2.0];\nlet code = 2;";
    assert!(text.ends_with(asked), "{text}");
}
