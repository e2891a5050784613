//! Looking at all claims of a chapter over many seeds, for tests.

use rayon::iter::{ParallelBridge, ParallelIterator};

use crate::claim::AnyClaim;
use crate::record::Kind;

/// Examines each claim at seeds 0, 1, … up to as many as `seeds` gives it, in parallel; returns everything
/// that `examine` complains of, sorted.
pub fn over_seeds(
    claims: &[Box<dyn AnyClaim>],
    seeds: impl Fn(&dyn AnyClaim) -> u64,
    examine: impl Fn(&dyn AnyClaim, u64) -> Vec<String> + Sync,
) -> Vec<String> {
    let mut work: Vec<(usize, u64)> = (0..claims.len())
        .flat_map(|index| (0..seeds(&*claims[index])).map(move |seed| (index, seed)))
        .collect();
    // Trainings first, and one by one, so that none begins when all else is done.
    work.sort_by_key(|&(index, _)| claims[index].kind() != Kind::Trained);
    let work = work.into_iter().par_bridge();
    let mut complaints: Vec<String> =
        work.flat_map_iter(|(index, seed)| examine(&*claims[index], seed)).collect();
    complaints.sort();
    complaints
}

/// What is wrong with a claim at a seed.
#[must_use]
pub fn complaints(claim: &dyn AnyClaim, seed: u64) -> Vec<String> {
    let complaints = claim.run(seed).complaints();
    complaints.iter().map(|what| format!("{} at seed {seed} {what}", claim.id())).collect()
}
