//! The order in which a training visits its data.

use rand::Rng;
use rand::seq::SliceRandom;

/// The numbers `0..n` in a uniformly random order.
///
/// One call an epoch gives sampling without replacement. The first `k` of them are a random subset of
/// size `k`; the first `k` images *of a file* are not (the first half of MNIST's test file is cleaner
/// handwriting than the second).
///
/// ```
/// use rand::SeedableRng;
/// let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(7);
/// let mut order = data::shuffled(5, &mut rng);
/// order.sort();
/// assert_eq!(order, [0, 1, 2, 3, 4]);
/// ```
pub fn shuffled(n: usize, rng: &mut (impl Rng + ?Sized)) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(rng);
    order
}

/// Cuts an order into batches of `size` indices.
///
/// **The last batch is short** when `size` does not divide the number of indices: 60 000 images in
/// batches of 128 are 468 full batches and one of 96. A mean over an epoch must therefore weigh batches
/// by their length. Whoever wants full batches only filters on `len`.
///
/// ```
/// let lengths: Vec<usize> = data::batches(&[4, 0, 3, 1, 2], 2).map(<[usize]>::len).collect();
/// assert_eq!(lengths, [2, 2, 1]);
/// ```
///
/// # Panics
/// If `size` is 0.
pub fn batches(order: &[usize], size: usize) -> std::slice::Chunks<'_, usize> {
    assert!(size > 0, "a batch holds at least one index, got size 0");
    order.chunks(size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    #[test]
    fn an_epoch_visits_every_index_once() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let order = shuffled(60_000, &mut rng);
        let mut seen = vec![false; order.len()];
        for batch in batches(&order, 128) {
            for &index in batch {
                assert!(!std::mem::replace(&mut seen[index], true), "{index} came twice");
            }
        }
        assert!(seen.into_iter().all(|visited| visited));
        assert_eq!(batches(&order, 128).len(), 469);
        assert_eq!(batches(&order, 128).last().map(<[usize]>::len), Some(96));
    }

    #[test]
    fn the_order_is_a_function_of_the_seed() {
        let order = |seed| shuffled(1_000, &mut Xoshiro256PlusPlus::seed_from_u64(seed));
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
    }

    /// All 24 orders of four are equally likely: χ² with 23 degrees of freedom over 24 000 draws.
    /// P(χ²₂₃ > 80) < 3e-8, so a fair shuffle fails this for fewer than one seed in 10⁷.
    #[test]
    fn every_order_is_equally_likely() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..24_000 {
            *counts.entry(shuffled(4, &mut rng)).or_insert(0.0) += 1.0;
        }
        assert_eq!(counts.len(), 24);
        let chi2: f64 = counts.values().map(|c: &f64| (c - 1_000.0).powi(2) / 1_000.0).sum();
        assert!(chi2 < 80.0, "χ² = {chi2:.1}");
    }

    #[test]
    fn nothing_to_visit_gives_no_batch() {
        let order = shuffled(0, &mut Xoshiro256PlusPlus::seed_from_u64(0));
        assert_eq!(batches(&order, 10).count(), 0);
    }
}
