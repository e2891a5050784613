//! What a VAE learns from: binary images, drawn afresh each time, or points.

use data::Images;
use ndarray::{Array2, Axis};
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Examples to learn from.
#[derive(Clone, Debug)]
pub enum Examples {
    /// Grey images; a pixel is on with a probability that is its grey value, decided anew each time
    /// the image is seen.
    Images(Images),
    /// Grey images as they are, values in [0, 1].
    Grey(Images),
    /// Real vectors, examples × coordinates.
    Points(Array2<f64>),
}

/// Some examples with the noise that their codes are to be drawn with.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The data, images × pixels.
    pub x: Array2<f32>,
    /// ε ~ N(0, I), codes × latent; the codes of an image follow each other.
    pub noise: Array2<f32>,
}

impl Examples {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Images(images) | Self::Grey(images) => images.len(),
            Self::Points(points) => points.nrows(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers in each example.
    pub fn pixels(&self) -> usize {
        match self {
            Self::Images(images) | Self::Grey(images) => images.pixels_per_image(),
            Self::Points(points) => points.ncols(),
        }
    }

    /// The mean of each pixel over all images; `None` for points.
    pub fn pixel_means(&self) -> Option<Vec<f64>> {
        let (Self::Images(images) | Self::Grey(images)) = self else { return None };
        let mut sums = vec![0.0; images.pixels_per_image()];
        for index in 0..images.len() {
            let image = images.intensities::<f32>(&[index]);
            sums.iter_mut().zip(&image).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        Some(sums.into_iter().map(|sum| sum / images.len() as f64).collect())
    }

    /// The examples `indices`, binarized, with the noise of one code for each.
    pub fn batch(&self, indices: &[usize], latent: usize, seed: u64, visit: [u64; 2]) -> Batch {
        self.batch_with_codes(indices, [1, latent], seed, visit)
    }

    /// The examples `indices`, binarized, with the noise of `codes` codes for each.
    ///
    /// Every example has a random stream of its own, named by the seed, the `visit` (a
    /// [`purpose`](crate::purpose) and a count, such as the epoch) and its index. So it does not matter who prepares it
    /// when, or on how many threads, and a run can go on from any epoch.
    pub fn batch_with_codes(
        &self,
        indices: &[usize],
        [codes, latent]: [usize; 2],
        seed: u64,
        visit: [u64; 2],
    ) -> Batch {
        Batch::of(
            indices,
            self.pixels(),
            [codes, latent],
            seed,
            visit,
            |index, rng, x| match self {
                Self::Images(images) => images.binarize_into(index, rng, x),
                Self::Grey(images) => {
                    x.copy_from_slice(images.intensities(&[index]).as_slice().expect("a new array"))
                }
                Self::Points(points) => {
                    x.iter_mut().zip(points.row(index)).for_each(|(x, &value)| *x = value as f32);
                }
            },
        )
    }
}

impl Batch {
    /// The images `indices`, binarized, with the noise of one code for each: [`Examples::batch`] for images that are
    /// somebody else's.
    pub fn draw(
        images: &Images,
        indices: &[usize],
        latent: usize,
        seed: u64,
        visit: [u64; 2],
    ) -> Self {
        let pixels = images.pixels_per_image();
        Self::of(indices, pixels, [1, latent], seed, visit, |index, rng, x| {
            images.binarize_into(index, rng, x);
        })
    }

    /// Fills the row of each example and then its noise from the example's own stream.
    fn of(
        indices: &[usize],
        pixels: usize,
        [codes, latent]: [usize; 2],
        seed: u64,
        visit: [u64; 2],
        fill: impl Fn(usize, &mut Xoshiro256PlusPlus, &mut [f32]),
    ) -> Self {
        let mut x = Array2::zeros((indices.len(), pixels));
        let mut noise = Array2::zeros((indices.len() * codes, latent));
        let noises = noise.axis_chunks_iter_mut(Axis(0), codes);
        for ((&index, mut x), mut noise) in indices.iter().zip(x.rows_mut()).zip(noises) {
            let mut rng = stream(seed, [visit[0], visit[1], index as u64]);
            fill(index, &mut rng, x.as_slice_mut().expect("a new array's rows are contiguous"));
            noise.map_inplace(|noise| *noise = rng.sample(StandardNormal));
        }
        Self { x, noise }
    }
}
