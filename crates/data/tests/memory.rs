//! Memory, in a process of its own so that no other test counts.
#![cfg(target_os = "linux")]

use data::{Source, batches, default_root, shuffled};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The most memory that this process has held so far, in bytes.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(1024 * line.split_whitespace().next()?.parse::<u64>().ok()?)
}

/// MNIST is 55 MB of pixels. A training is to fit in 200 MB, so loading must not hold a second copy on
/// the way: 75 MB leaves room for the program, the decompressor and the test harness, not for 47 MB more.
#[test]
fn loading_mnist_and_an_epoch_of_batches_stay_near_the_size_of_the_pixels() {
    let mnist = Source::Mnist.load(&default_root()).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut on = 0.0;
    for batch in batches(&shuffled(60_000, &mut rng), 128) {
        on += mnist.train.images.binarize::<f32>(batch, &mut rng).sum();
    }
    assert!(on > 6e6);
    let Some(peak) = peak() else { return };
    println!("peak {:.1} MB", peak as f64 / 1e6);
    assert!(peak < 75_000_000, "{:.1} MB", peak as f64 / 1e6);
}
