//! A student's file in which most goes wrong.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{process, thread};

pub(crate) fn doubled(x: f64) -> f64 {
    2.0 * x
}

pub(crate) fn squared(x: f64) -> f64 {
    x * x
}

pub(crate) fn talkative(x: f64) -> f64 {
    print!("thinking of {x}");
    eprintln!("aloud");
    println!("\nanswer-1 {{\"Ok\": 0.0}}");
    2.0 * x
}

pub(crate) fn deafening(x: f64) -> f64 {
    for line in 0..100_000 {
        println!("line {line} {}", "!".repeat(300));
    }
    2.0 * x
}

pub(crate) fn untouched(_: f64) -> f64 {
    todo!("exercise 1")
}

pub(crate) fn out_of_bounds(x: f64) -> f64 {
    let list = ndarray::arr1(&[x]);
    list[3] // line 35: the test looks for it
}

pub(crate) fn in_a_thread(x: f64) -> f64 {
    thread::spawn(move || squared(x).to_string().parse::<u64>().expect("a whole number")) // line 39
        .join()
        .map_or_else(|_| panic!("my thread is gone"), |whole| whole as f64)
}

pub(crate) fn endless(x: f64) -> f64 {
    let mut sum = x;
    while sum < f64::INFINITY {
        sum = std::hint::black_box(sum) * 0.5;
    }
    sum
}

pub(crate) fn leaving(_: f64) -> f64 {
    println!("all exercises: correct, 100 points");
    process::exit(0)
}

pub(crate) fn overflowing(x: f64) -> f64 {
    if x.is_nan() { x } else { overflowing(std::hint::black_box(x) + 1.0) + 1.0 }
}

/// The sum in the order of a hash table: another rounding in each process.
pub(crate) fn unordered(x: f64) -> f64 {
    let terms: HashSet<u64> = (0..1000).collect();
    terms.iter().fold(2.0 * x, |sum, term| (sum + *term as f64 * 0.1) * (1.0 + 1e-9))
}

/// Remembers how often it was asked.
pub(crate) fn counting(x: f64) -> f64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    2.0 * x + CALLS.fetch_add(1, Ordering::Relaxed) as f64
}

pub(crate) fn asleep(x: f64) -> f64 {
    thread::sleep(std::time::Duration::from_secs(60));
    x
}

pub(crate) fn in_many_threads(x: f64) -> f64 {
    let halves: Vec<_> = (0..2).map(|_| thread::spawn(move || endless(x))).collect();
    halves.into_iter().map(|half| half.join().expect("an endless thread")).sum()
}

/// A safe answer, and a long one.
pub(crate) fn lengthy(count: usize) -> Vec<f64> {
    vec![0.0; count]
}
