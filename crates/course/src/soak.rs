//! Many seeds: how often a true claim is rejected and a falsifier passes.

use std::time::Instant;

use anyhow::{Result, bail};
use claims::{AnyClaim, Guard};
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use run::{Progress, duration, say, thousands};

/// A claim's record over many seeds.
struct Tally {
    id: &'static str,
    false_alarms: usize,
    survivors: usize,
    holes: usize,
}

/// Runs each claim that takes at most `limit` seconds at `count` fresh seeds, counted from `seed`.
pub(crate) fn soak(
    claims: Vec<Box<dyn AnyClaim>>,
    seed: u64,
    count: u64,
    limit: f64,
) -> Result<()> {
    let begin = Instant::now();
    let (cheap, dear): (Vec<_>, Vec<_>) = claims.into_iter().partition(|claim| {
        let start = Instant::now();
        let _ = claim.run(seed);
        start.elapsed().as_secs_f64() <= limit
    });
    let progress = Progress::new(cheap.len() as u64 * count);
    let tallies: Vec<Tally> = cheap
        .par_iter()
        .map(|claim| {
            let runs: Vec<[usize; 3]> = (seed..seed + count)
                .into_par_iter()
                .map(|seed| {
                    let report = claim.run(seed);
                    progress.advance(1);
                    let survivors = report.falsifiers.iter().filter(|f| !f.rejected).count();
                    let holes =
                        report.guards.iter().filter(|g| matches!(g, Guard::HolePassed(_))).count();
                    [usize::from(!report.outcome.passes()), survivors, holes]
                })
                .collect();
            let [false_alarms, survivors, holes] =
                [0, 1, 2].map(|column| runs.iter().map(|run| run[column]).sum());
            Tally { id: claim.id(), false_alarms, survivors, holes }
        })
        .collect();
    drop(progress);

    let falsifiers: usize = cheap.iter().map(|claim| claim.falsifiers().len()).sum();
    let false_alarms: usize = tallies.iter().map(|tally| tally.false_alarms).sum();
    let survivors: usize = tallies.iter().map(|tally| tally.survivors).sum();
    let holes: usize = tallies.iter().map(|tally| tally.holes).sum();
    for Tally { id, false_alarms, survivors, holes } in &tallies {
        if false_alarms + survivors + holes > 0 {
            say(format!(
                "✗ {id}: {false_alarms} false alarms, {survivors} surviving falsifiers, {holes} holes not noticed"
            ));
        }
    }
    for claim in &dear {
        say(format!("  left out, takes more than {limit} s: {}", claim.id()));
    }
    say(format!(
        "{} claims at {} seeds: {false_alarms} false alarms in {} runs, {survivors} surviving \
         falsifiers in {}, {holes} holes not noticed; {}",
        cheap.len(),
        thousands(count),
        thousands(cheap.len() as u64 * count),
        thousands(falsifiers as u64 * count),
        duration(begin.elapsed().as_secs_f64())
    ));
    if false_alarms + survivors + holes > 0 {
        bail!(
            "{false_alarms} false alarms, {survivors} surviving falsifiers and {holes} holes not noticed"
        );
    }
    Ok(())
}
