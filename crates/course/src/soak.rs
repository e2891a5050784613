//! Many seeds: how often a true claim is rejected, a falsifier passes, and a hole is not noticed.

use std::time::Instant;

use anyhow::{Result, bail};
use claims::{AnyClaim, Guard, Kind, Scope};
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use run::{Progress, duration, say, thousands};

/// A claim's record over many seeds.
struct Tally {
    id: &'static str,
    false_alarms: usize,
    survivors: usize,
    holes: usize,
}

/// Runs each claim that takes at most `limit` seconds at `count` fresh seeds, counted from `seed`. Training runs are left out:
/// a measurement states no rate of false alarms, and speaks of its own runs.
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
        start.elapsed().as_secs_f64() <= limit && claim.kind() != Kind::Trained
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
        say(format!("  left out, trains or takes more than {limit} s: {}", claim.id()));
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

/// Tries each universal claim with outputs that are wrong in a part of its domain, at `count` seeds from `seed` on, and
/// nothing else: that is an eighth of a run, or less.
pub(crate) fn holes(claims: Vec<Box<dyn AnyClaim>>, seed: u64, count: u64) -> Result<()> {
    let begin = Instant::now();
    let universal = |claim: &dyn AnyClaim| matches!(claim.scope(), Some(Scope::ForEvery(_)));
    let claims: Vec<_> = claims.into_iter().filter(|claim| universal(&**claim)).collect();
    let progress = Progress::new(claims.len() as u64 * count);
    let unseen: Vec<String> = claims
        .par_iter()
        .flat_map(|claim| (seed..seed + count).into_par_iter().map(move |seed| (claim, seed)))
        .flat_map_iter(|(claim, seed)| {
            let unseen = claim.unseen(seed);
            progress.advance(1);
            unseen.into_iter().map(move |hole| format!("✗ {} at seed {seed}: {hole}", claim.id()))
        })
        .collect();
    drop(progress);
    unseen.iter().for_each(say);
    say(format!(
        "{} universal claims at {} seeds: {} holes not noticed; {}",
        claims.len(),
        thousands(count),
        unseen.len(),
        duration(begin.elapsed().as_secs_f64())
    ));
    if unseen.is_empty() { Ok(()) } else { bail!("{} holes not noticed", unseen.len()) }
}
