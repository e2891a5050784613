//! Images as bytes, and the two ways in which they become floats.

use crate::DataError;
use crate::bernoulli::bernoulli_pixels;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use num_traits::{Float, One, Zero};
use rand::Rng;

/// Images of one shape, one row of bytes each, pixel values 0 to [`max`](Images::max).
///
/// Rows run over channels, then lines, then columns. The constructor sees to it that there is at least
/// one image of at least one pixel and that no pixel exceeds the maximum, so nothing later has to ask.
///
/// ```
/// use data::Images;
/// use ndarray::array;
///
/// let images = Images::new(array![[0, 51, 255, 255], [0, 0, 0, 255]], (1, 2, 2), 255)?;
/// assert_eq!(images.intensities::<f64>(&[0]), array![[0.0, 0.2, 1.0, 1.0]]);
/// # Ok::<(), data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    pixels: Array2<u8>,
    shape: (usize, usize, usize),
    max: u8,
}

impl Images {
    /// Images from `pixels` (images × pixels) of `shape` (channels, height, width), where `max` stands for
    /// full intensity: 255 for MNIST, 16 for the optical digits, 1 for binary images.
    ///
    /// # Errors
    /// [`DataError::InvalidImages`] if there is no image or no pixel, the shape does not multiply to
    /// the number of columns, `max` is 0, or a pixel exceeds `max`.
    pub fn new(
        pixels: Array2<u8>,
        shape: (usize, usize, usize),
        max: u8,
    ) -> Result<Self, DataError> {
        let invalid = |problem| Err(DataError::InvalidImages { problem });
        let (count, columns) = pixels.dim();
        let (channels, height, width) = shape;
        let product = channels.checked_mul(height).and_then(|product| product.checked_mul(width));
        if count == 0 || columns == 0 {
            return invalid(format!(
                "expected at least one image of one pixel, found {count} × {columns}"
            ));
        }
        if product != Some(columns) {
            return invalid(format!(
                "expected {channels}·{height}·{width} pixels an image (channels, height, width), found {columns}"
            ));
        }
        if max == 0 {
            return invalid("expected a maximum of at least 1, found 0".into());
        }
        // Rows are handed out as slices: the standard layout is part of what this type promises.
        let pixels = if pixels.is_standard_layout() {
            pixels
        } else {
            pixels.as_standard_layout().to_owned()
        };
        let brightest = pixels.iter().copied().fold(0, u8::max);
        if brightest > max {
            return invalid(format!("expected pixels from 0 to {max}, found {brightest}"));
        }
        Ok(Self { pixels, shape, max })
    }

    /// The number of images, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "there is always an image")]
    pub fn len(&self) -> usize {
        self.pixels.nrows()
    }

    /// Channels, height and width of an image.
    pub fn shape(&self) -> (usize, usize, usize) {
        self.shape
    }

    /// Pixels in an image: channels · height · width.
    pub fn pixels_per_image(&self) -> usize {
        self.pixels.ncols()
    }

    /// The pixel value of full intensity.
    pub fn max(&self) -> u8 {
        self.max
    }

    /// All pixels, images × pixels.
    pub fn pixels(&self) -> ArrayView2<'_, u8> {
        self.pixels.view()
    }

    /// The pixels of one image.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Images::len).
    pub fn image(&self, index: usize) -> &[u8] {
        let (count, columns) = self.pixels.dim();
        assert!(index < count, "image {index} asked for, there are {count}");
        let pixels = self.pixels.as_slice().expect("standard layout is an invariant of Images");
        &pixels[index * columns..][..columns]
    }

    /// The images at `indices`, in that order.
    ///
    /// # Errors
    /// [`DataError::InvalidImages`] if `indices` is empty.
    ///
    /// # Panics
    /// If an index is not below [`len`](Images::len).
    pub fn select(&self, indices: &[usize]) -> Result<Self, DataError> {
        Self::new(self.pixels.select(Axis(0), indices), self.shape, self.max)
    }

    /// Grey values `pixel / max` of a batch, `indices.len()` × pixels, in [0, 1].
    ///
    /// 0 and `max` become exactly 0 and 1; the others are the nearest float to the fraction.
    ///
    /// # Panics
    /// If an index is not below [`len`](Images::len).
    pub fn intensities<S: Float>(&self, indices: &[usize]) -> Array2<S> {
        let levels = self.levels::<S>();
        let mut batch = Vec::with_capacity(indices.len() * self.pixels_per_image());
        for &index in indices {
            batch.extend(self.image(index).iter().map(|&pixel| levels[usize::from(pixel)]));
        }
        self.rows(indices.len(), batch)
    }

    /// Fresh binary images for a batch, `indices.len()` × pixels: each pixel is one with probability
    /// `pixel / max`, independently, otherwise zero.
    ///
    /// See [`binarize_into`](Images::binarize_into) for the exact law.
    ///
    /// # Panics
    /// If an index is not below [`len`](Images::len).
    pub fn binarize<S: Zero + One + Copy>(
        &self,
        indices: &[usize],
        rng: &mut (impl Rng + ?Sized),
    ) -> Array2<S> {
        let columns = self.pixels_per_image();
        let mut batch = vec![S::zero(); indices.len() * columns];
        for (&index, out) in indices.iter().zip(batch.chunks_exact_mut(columns)) {
            self.binarize_into(index, rng, out);
        }
        self.rows(indices.len(), batch)
    }

    /// A fresh binary version of one image, into memory that the caller keeps.
    ///
    /// A pixel is one iff `u · max < pixel · 2³²` for a fresh uniform 32-bit integer `u`: pixel 0 is never
    /// on, pixel `max` always is. One image takes ⌈pixels/2⌉ 64-bit words from the generator whatever
    /// is on it, so where in the generator's stream an image begins does not depend on the images before it.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Images::len) or `out` has another length than an image.
    pub fn binarize_into<S: Zero + One + Copy>(
        &self,
        index: usize,
        rng: &mut (impl Rng + ?Sized),
        out: &mut [S],
    ) {
        self.assert_fits(out);
        bernoulli_pixels(self.image(index), self.max, rng, out);
    }

    /// One binarization of all images, kept as bytes: [`Images`] with `max` 1.
    ///
    /// This is what a test set needs: drawn once from a generator with a fixed seed, it is the same
    /// data set for every model and every evaluation. Binarizing it again changes nothing.
    ///
    /// ```
    /// use data::Images;
    /// use rand::SeedableRng;
    /// use rand_xoshiro::Xoshiro256PlusPlus;
    ///
    /// let grey = Images::new(ndarray::array![[0, 4, 8, 16]], (1, 2, 2), 16)?;
    /// let fixed = grey.binarized(&mut Xoshiro256PlusPlus::seed_from_u64(1));
    /// assert_eq!(fixed.max(), 1);
    /// assert_eq!((fixed.image(0)[0], fixed.image(0)[3]), (0, 1));
    /// assert_eq!(fixed.binarized(&mut Xoshiro256PlusPlus::seed_from_u64(2)), fixed);
    /// # Ok::<(), data::DataError>(())
    /// ```
    pub fn binarized(&self, rng: &mut (impl Rng + ?Sized)) -> Self {
        let mut pixels = vec![0_u8; self.pixels.len()];
        for (index, out) in pixels.chunks_exact_mut(self.pixels_per_image()).enumerate() {
            self.binarize_into(index, rng, out);
        }
        Self { pixels: self.rows(self.len(), pixels), shape: self.shape, max: 1 }
    }

    /// The mean grey value of each pixel over all images, in [0, 1].
    ///
    /// It is exact up to one rounding: the sums are integers. Its logit is the output bias with which a
    /// decoder starts from the right marginals (mind the pixels that are always 0).
    pub fn mean_intensity(&self) -> Array1<f64> {
        let mut sums = vec![0_u64; self.pixels_per_image()];
        for image in self.pixels.rows() {
            for (sum, &pixel) in sums.iter_mut().zip(image) {
                *sum += u64::from(pixel);
            }
        }
        let scale = (self.len() as u64 * u64::from(self.max)) as f64;
        sums.into_iter().map(|sum| sum as f64 / scale).collect()
    }

    /// The grey value of each byte; above `max`, which no pixel exceeds, it stays at 1.
    fn levels<S: Float>(&self) -> [S; 256] {
        // Adding ones is exact in any float type with 8 bits of precision, and needs no fallible cast.
        let mut integer = S::zero();
        let integers: [S; 256] = std::array::from_fn(|_| {
            let value = integer;
            integer = integer + S::one();
            value
        });
        let max = integers[usize::from(self.max)];
        integers.map(|value| (value / max).min(S::one()))
    }

    fn rows<T>(&self, count: usize, values: Vec<T>) -> Array2<T> {
        Array2::from_shape_vec((count, self.pixels_per_image()), values)
            .expect("the caller filled count rows of one image each")
    }

    fn assert_fits<S>(&self, out: &[S]) {
        let pixels = self.pixels_per_image();
        assert_eq!(out.len(), pixels, "an image has {pixels} pixels, the buffer another length");
    }
}

/// Images with their labels, if there are any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The images.
    pub images: Images,
    /// One class number an image, in the same order.
    pub labels: Option<Vec<u8>>,
}

impl Split {
    /// Puts images and labels together; `place` says in an error which ones they were.
    ///
    /// # Errors
    /// [`DataError::CountMismatch`] if there are not as many labels as images.
    pub fn new(images: Images, labels: Option<Vec<u8>>, place: &str) -> Result<Self, DataError> {
        if let Some(labels) = &labels
            && labels.len() != images.len()
        {
            let (images, labels) = (images.len(), labels.len());
            return Err(DataError::CountMismatch { place: place.into(), images, labels });
        }
        Ok(Self { images, labels })
    }

    /// The images and labels at `indices`, in that order.
    ///
    /// # Errors
    /// As for [`Images::select`].
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn select(&self, indices: &[usize]) -> Result<Self, DataError> {
        let labels = self.labels.as_ref();
        Ok(Self {
            images: self.images.select(indices)?,
            labels: labels.map(|labels| indices.iter().map(|&index| labels[index]).collect()),
        })
    }

    /// Refuses images that are all the same: there is nothing to learn from them, and something went wrong before.
    pub(crate) fn must_vary(&self, place: &str) -> Result<(), DataError> {
        let count = self.images.len();
        let equal = |index| self.images.image(index) == self.images.image(0);
        if count > 1 && (1..count).all(equal) {
            return Err(DataError::AllEqual { place: place.into(), count });
        }
        Ok(())
    }

    /// How many images each class has, from class 0 to the largest label; `None` without labels.
    pub fn class_counts(&self) -> Option<Vec<usize>> {
        let labels = self.labels.as_ref()?;
        let mut counts = vec![0; labels.iter().max().map_or(0, |&max| usize::from(max) + 1)];
        labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
        Some(counts)
    }
}

/// A training and a test split of the same kind of images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// What the set is called in reports: `mnist`, `optdigits`, or the folder's path.
    pub name: String,
    /// What a model is fitted to.
    pub train: Split,
    /// What it is judged by.
    pub test: Split,
    /// What a reader should know about how the files were read, a sentence each; nothing of idx files.
    pub remarks: Vec<String>,
}

impl Dataset {
    /// Puts two splits together.
    ///
    /// # Errors
    /// [`DataError::ShapeMismatch`] if training and test images differ in shape, and
    /// [`DataError::InvalidImages`] if they differ in [`Images::max`].
    pub fn new(name: &str, train: Split, test: Split) -> Result<Self, DataError> {
        let (train_shape, test_shape) = (train.images.shape(), test.images.shape());
        if train_shape != test_shape {
            let place = name.into();
            return Err(DataError::ShapeMismatch { place, train: train_shape, test: test_shape });
        }
        let (train_max, test_max) = (train.images.max(), test.images.max());
        if train_max != test_max {
            let problem = format!(
                "{name}: expected one maximum for training and test pixels, found {train_max} and {test_max}"
            );
            return Err(DataError::InvalidImages { problem });
        }
        Ok(Self { name: name.into(), train, test, remarks: Vec::new() })
    }
}

/// What an example is, for messages: images of a shape (channels, height, width), or else points of so many `numbers`.
///
/// ```
/// assert_eq!(data::in_words((Some((1, 28, 28)), 784)), "grey images of 28×28 pixels");
/// assert_eq!(data::in_words((Some((3, 8, 8)), 192)), "images of 3 channels of 8×8 pixels");
/// assert_eq!(data::in_words((None, 2)), "points of 2 coordinates");
/// ```
pub fn in_words((shape, numbers): (Option<(usize, usize, usize)>, usize)) -> String {
    match shape {
        Some((1, height, width)) => format!("grey images of {height}×{width} pixels"),
        Some((channels, height, width)) => {
            format!("images of {channels} channels of {height}×{width} pixels")
        }
        None => format!("points of {numbers} coordinates"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array, array};
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn rng(seed: u64) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(seed)
    }

    fn ramp() -> Images {
        let pixels = Array::from_shape_fn((4, 64), |(image, pixel)| (image * 64 + pixel) as u8);
        Images::new(pixels, (1, 8, 8), 255).unwrap()
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refused = |pixels, shape, max| Images::new(pixels, shape, max).unwrap_err().to_string();
        assert!(refused(Array2::zeros((0, 4)), (1, 2, 2), 1).contains("at least one image"));
        assert!(refused(Array2::zeros((4, 0)), (1, 0, 2), 1).contains("at least one image"));
        assert!(refused(Array2::zeros((1, 4)), (1, 2, 3), 1).contains("found 4"));
        assert!(refused(Array2::zeros((1, 4)), (usize::MAX, 2, 2), 1).contains("found 4"));
        assert!(refused(Array2::zeros((1, 4)), (1, 2, 2), 0).contains("at least 1, found 0"));
        assert!(refused(array![[0, 17]], (1, 1, 2), 16).contains("0 to 16, found 17"));
    }

    #[test]
    fn images_and_labels_and_both_splits_must_fit_each_other() {
        let short = Split::new(ramp(), Some(vec![1; 3]), "here").unwrap_err().to_string();
        assert!(short.contains("here") && short.contains("4 images and 3 labels"), "{short}");
        let wide = Images::new(Array2::zeros((1, 64)), (1, 4, 16), 255).unwrap();
        let dim = Images::new(Array2::zeros((1, 64)), (1, 8, 8), 16).unwrap();
        let split = |images| Split { images, labels: None };
        let shapes = Dataset::new("set", split(ramp()), split(wide)).unwrap_err().to_string();
        assert!(shapes.contains("(1, 8, 8) and (1, 4, 16)"), "{shapes}");
        let maxima = Dataset::new("set", split(ramp()), split(dim)).unwrap_err().to_string();
        assert!(maxima.contains("255 and 16"), "{maxima}");
    }

    /// The table of levels is the correctly rounded quotient, in either precision.
    #[test]
    fn intensities_are_the_nearest_floats() {
        let images = ramp();
        for (pixel, value) in images.intensities::<f32>(&[0, 1, 2, 3]).iter().enumerate() {
            assert_eq!(*value, pixel as f32 / 255.0);
        }
        let batch = images.intensities::<f64>(&[3, 1]);
        assert_eq!(batch.dim(), (2, 64));
        assert_eq!((batch[(0, 63)], batch[(1, 0)]), (1.0, 64.0 / 255.0));
        let column_major =
            Images::new(array![[1, 2], [3, 4]].reversed_axes(), (1, 1, 2), 4).unwrap();
        assert_eq!(column_major.intensities::<f64>(&[0]), array![[0.25, 0.75]]);
    }

    #[test]
    fn a_batch_is_its_images_one_after_the_other() {
        let images = ramp();
        let batch = images.binarize::<f32>(&[2, 0], &mut rng(5));
        let (mut same, mut one) = (rng(5), [9.0_f32; 64]);
        for (row, index) in batch.rows().into_iter().zip([2, 0]) {
            images.binarize_into(index, &mut same, &mut one);
            assert_eq!(row.as_slice(), Some(&one[..]));
        }
    }

    /// 40 000 draws of each of the 256 grey values against p = value/255. By Hoeffding's inequality each
    /// mean is off by more than 0.0203 with probability ≤ 2·exp(−2·40 000·0.0203²) = 9.7e-15, so a right
    /// implementation fails for fewer than one seed in 4·10¹¹ (union over 256 values).
    /// It sees an offset of 6 grey values: 6/255 = 0.0235; the exact thresholds are tested in `bernoulli`.
    #[test]
    fn each_grey_value_is_on_with_its_probability() {
        let images = ramp();
        let mut rng = rng(8);
        let mut on = Array2::<f64>::zeros((4, 64));
        for _ in 0..40_000 {
            on += &images.binarize::<f64>(&[0, 1, 2, 3], &mut rng);
        }
        for (value, on) in on.iter().enumerate() {
            let (mean, p) = (on / 40_000.0, value as f64 / 255.0);
            assert!((mean - p).abs() < 0.0203, "value {value}: {mean} against {p}");
        }
        assert_eq!((on[(0, 0)], on[(3, 63)]), (0.0, 40_000.0));
    }

    #[test]
    fn the_mean_is_exact() {
        let images = Images::new(array![[0, 1, 255], [0, 2, 255]], (1, 1, 3), 255).unwrap();
        assert_eq!(images.mean_intensity(), array![0.0, 3.0 / 510.0, 1.0]);
    }

    #[test]
    fn a_selection_keeps_images_and_labels_together() {
        let split = Split::new(ramp(), Some(vec![7, 3, 0, 7]), "here").unwrap();
        assert_eq!(split.class_counts(), Some(vec![1, 0, 0, 1, 0, 0, 0, 2]));
        let part = split.select(&[3, 1]).unwrap();
        assert_eq!(part.labels, Some(vec![7, 3]));
        assert_eq!(part.images.image(1), split.images.image(1));
        assert!(split.select(&[]).is_err());
    }
}
