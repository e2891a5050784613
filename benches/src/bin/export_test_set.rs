//! MNIST's test images under the one binarization that chapter 7 evaluates on, as an idx file.

use std::path::PathBuf;

use anyhow::{Context, Result};
use benches::mnist;
use ch07_vae::purpose;
use clap::Parser;
use file::write_atomically;
use prob::random::stream;

/// Writes the binarized test set, pixels 0 and 1, in MNIST's own format.
#[derive(Parser)]
struct Arguments {
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
    /// Seed of the binarization.
    #[arg(long, default_value_t = 2013)]
    seed: u64,
}

/// The magic number of unsigned bytes in three dimensions.
const IDX3_UBYTE: u32 = 0x0000_0803;

fn main() -> Result<()> {
    let Arguments { out, seed } = Arguments::parse();
    let images = mnist()?.test.images.binarized(&mut stream(seed, [purpose::TEST_SET]));
    let (_, height, width) = images.shape();
    let mut bytes = IDX3_UBYTE.to_be_bytes().to_vec();
    for size in [images.len(), height, width] {
        bytes.extend(u32::try_from(size)?.to_be_bytes());
    }
    bytes.extend(images.pixels());
    write_atomically(&out, &bytes).with_context(|| format!("cannot write {}", out.display()))?;
    println!("{}: {} images, binarized with seed {seed}", out.display(), images.len());
    Ok(())
}
