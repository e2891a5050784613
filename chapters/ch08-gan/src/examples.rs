//! What a GAN learns from.

use std::ops::Range;

use data::Images;
use ndarray::{Array2, Axis};
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;

/// Examples to learn from.
#[derive(Clone, Debug)]
pub enum Examples {
    /// Grey images, as numbers between 0 and 1: the generator imitates the grey values themselves.
    Images(Images),
    /// Real vectors, examples × coordinates.
    Points(Array2<f64>),
}

impl Examples {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Images(images) => images.len(),
            Self::Points(points) => points.nrows(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers in each example.
    pub fn width(&self) -> usize {
        match self {
            Self::Images(images) => images.pixels_per_image(),
            Self::Points(points) => points.ncols(),
        }
    }

    // ANCHOR: draws
    /// `rows` of a batch drawn from the examples, with replacement, images × data.
    pub fn draw(&self, rows: Range<usize>, seed: u64, visit: [u64; 3]) -> Array2<f32> {
        let draw = |row| row_stream(seed, visit, row).random_range(0..self.len());
        let indices: Vec<usize> = rows.map(draw).collect();
        match self {
            Self::Images(images) => images.intensities(&indices),
            Self::Points(points) => points.select(Axis(0), &indices).mapv(|x| x as f32),
        }
    }
    // ANCHOR_END: draws
}

/// `rows` of a batch of noise z ~ N(0, I), samples × latent.
pub fn noise(latent: usize, rows: Range<usize>, seed: u64, visit: [u64; 3]) -> Array2<f32> {
    let mut noise = Array2::zeros((rows.len(), latent));
    for (row, mut z) in rows.zip(noise.rows_mut()) {
        let mut rng = row_stream(seed, visit, row);
        z.map_inplace(|z| *z = rng.sample(StandardNormal));
    }
    noise
}

/// Every row of every batch has a random stream of its own, named by the seed, the `visit` (a
/// [`purpose`](crate::purpose), the step, the round within the step) and its number. So it does not matter who
/// draws it when, or on how many threads, and a run can go on from any step.
fn row_stream(seed: u64, visit: [u64; 3], row: usize) -> impl Rng {
    stream(seed, [visit[0], visit[1], visit[2], row as u64])
}
