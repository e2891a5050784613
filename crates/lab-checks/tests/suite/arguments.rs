//! Every argument matters: a student who leaves one out of account is found.

use std::sync::Arc;

use lab::{AnyExercise, Argument, Step};
use serde_json::Value;

use crate::{Asked, Change, all, questions, solutions, verdict};

/// Seeds at which this is tried: some questions are drawn.
const SEEDS: [u64; 2] = [3, 77];

/// What a student takes for an argument who does not look at it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Instead {
    Zero,
    One,
    /// The number that stood there in the first question.
    First,
    /// Of many numbers their mean, all of them.
    Mean,
    /// Its absolute value.
    Positive,
}

use Instead::{First, Mean, One, Positive, Zero};

/// What cannot be noticed, and why.
const EXCEPTIONS: &[(&str, &[&str], Instead, &str)] = &[
    ("kept_share", &["eigenvalues"], Positive, "variances"),
    ("white_code", &["eigenvalues"], Positive, "variances"),
    ("denoising_floor", &["eigenvalues", "sigma"], Positive, "variances, a standard deviation"),
    ("one_more_mark", &["precision", "sigma"], Positive, "scales are positive"),
    ("missing_mark", &["sigma", "missing[2]"], Positive, "standard deviations"),
    ("laplace", &["loss", "sigma"], Positive, "both are positive by the problem"),
    ("em_step", &["w", "sigma", "mean_square"], Positive, "all are positive by the problem"),
    ("bernoulli_bound", &["pixels"], Positive, "0 or 1"),
    ("exponential_score", &["z"], Positive, "a waiting time"),
    ("optimal_baselines", &["scores"], Positive, "they enter squared"),
    ("line_baseline", &["sigma"], Positive, "a standard deviation"),
    ("weibull_path", &["uniform", "scale", "shape"], Positive, "a probability, and scales"),
    ("relaxed_gradient", &["uniform", "temperature"], Positive, "probabilities, and a scale"),
    ("mixture_slopes", &["weights"], Positive, "probabilities"),
    ("kl_to_wide_prior", &["mean", "prior_sigma"], Positive, "it enters squared; a scale"),
    ("full_covariance_kl", &["mean"], Positive, "it enters squared"),
    ("laplace_kl", &["scale1", "scale2"], Positive, "scales"),
    ("free_bits_gradient", &["free"], Positive, "a number of nats that is positive"),
    ("mixture_kl_bound", &["sigma", "weights", "sigmas"], Positive, "scales, and probabilities"),
    ("active_units", &["threshold"], Positive, "a variance"),
    ("continuous_bernoulli_quantile", &["uniform"], Positive, "a probability"),
    ("dreg_gradient", &["noise_sigma"], Positive, "a standard deviation"),
    ("critic_loss", &["mix", "penalty"], Positive, "between 0 and 1; a weight of the loss"),
    ("group_norm_backward", &["epsilon"], Positive, "it is positive by the problem"),
];

/// The numbers at the end of a way.
pub(crate) fn numbers<'a>(value: &'a mut Value, path: &[Step], found: &mut Vec<&'a mut Value>) {
    match (path, value) {
        ([Step::Item(i), rest @ ..], Value::Array(items)) => {
            if let Some(item) = items.get_mut(*i) {
                numbers(item, rest, found);
            }
        }
        ([Step::Every, rest @ ..], Value::Array(items)) => {
            items.iter_mut().for_each(|item| numbers(item, rest, found));
        }
        ([], Value::Array(items)) => {
            items.iter_mut().for_each(|item| numbers(item, &[], found));
        }
        ([], number) => found.push(number),
        _ => {}
    }
}

/// A whole number stays one.
fn put(place: &mut Value, number: f64) {
    *place = if place.is_f64() { Value::from(number) } else { Value::from(number.round() as u64) };
}

/// The change that `instead` stands for; `first` is the first question.
pub(crate) fn change(path: &[Step], instead: Instead, first: &Value) -> Change {
    let mut first = first.clone();
    let mut of_first = Vec::new();
    numbers(&mut first, path, &mut of_first);
    let first = of_first.first().and_then(|number| number.as_f64()).unwrap_or(0.0);
    let path = path.to_vec();
    Arc::new(move |question| {
        let mut found = Vec::new();
        numbers(question, &path, &mut found);
        let values: Vec<f64> = found.iter().filter_map(|number| number.as_f64()).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        for (place, value) in found.into_iter().zip(values) {
            match instead {
                Zero => put(place, 0.0),
                One => put(place, 1.0),
                First => put(place, first),
                Mean => put(place, mean),
                Positive => put(place, value.abs()),
            }
        }
    })
}

/// Whether a change is none by what kind of number it is: a single one is its own mean, a count its own size.
pub(crate) fn trivial(question: &Value, path: &[Step], instead: Instead) -> bool {
    let (mut question, mut found) = (question.clone(), Vec::new());
    numbers(&mut question, path, &mut found);
    match instead {
        Mean => found.len() <= 1,
        Positive => found.iter().all(|number| number.is_u64()),
        _ => false,
    }
}

/// Whether it is said why nobody can notice.
fn excepted(function: &str, part: &str, instead: Instead) -> bool {
    EXCEPTIONS.iter().any(|(of, names, what, reason)| {
        *of == function && names.contains(&part) && *what == instead && !reason.is_empty()
    })
}

/// The ways to all parts of the arguments, each with its name: `mean`, or `missing[2]` for one number of several.
pub(crate) fn parts(exercise: &dyn AnyExercise) -> Vec<(String, Vec<Step>)> {
    let named = |argument: &Argument| {
        let (name, parts) = (argument.name, argument.parts());
        let whole = parts.len() == 1;
        let named =
            move |(i, path)| (if whole { name.to_owned() } else { format!("{name}[{i}]") }, path);
        parts.into_iter().enumerate().map(named).collect::<Vec<_>>()
    };
    exercise.arguments().iter().flat_map(named).collect()
}

#[test]
fn who_leaves_an_argument_out_of_account_is_wrong() {
    all(|lab, exercise| {
        let mut complaints = Vec::new();
        for seed in SEEDS {
            let asked = questions(lab, exercise, seed);
            for (name, path) in parts(exercise) {
                for instead in [Zero, One, First, Mean, Positive] {
                    if asked.iter().all(|question| trivial(question, &path, instead)) {
                        continue;
                    }
                    let change = change(&path, instead, &asked[0]);
                    let blind = || Asked::new(solutions(lab)).reading(&change);
                    let passes = verdict(exercise, seed, blind).is_correct();
                    if passes != excepted(exercise.about().function, &name, instead) {
                        complaints.push(format!("{name}, {instead:?}: passes {passes}"));
                    }
                }
            }
        }
        complaints
    });
}
