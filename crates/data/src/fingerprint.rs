//! Which data these are, so that a training that goes on later can tell whether they still are.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Split;

/// The number of images and the SHA-256 of all that is known of them.
///
/// ```
/// use data::{Fingerprint, Images, Split};
/// use ndarray::array;
///
/// let split = |pixels| -> Result<Split, data::DataError> {
///     Ok(Split { images: Images::new(pixels, (1, 1, 2), 255)?, labels: None })
/// };
/// let (train, test) = (split(array![[0, 255], [255, 0]])?, split(array![[0, 0]])?);
/// let turned = split(array![[255, 0], [0, 255]])?;
/// assert_eq!(Fingerprint::of(&train, &test), Fingerprint::of(&train.clone(), &test));
/// assert_ne!(Fingerprint::of(&train, &test), Fingerprint::of(&turned, &test));
/// # Ok::<(), data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Images to learn from.
    pub training_images: usize,
    /// Images to be judged by.
    pub test_images: usize,
    /// Of both splits' shape, maximum, pixels and labels, in their order; hexadecimal.
    pub sha256: String,
}

impl Fingerprint {
    /// Of a data set as it was read, whatever its files were called and however they were packed.
    pub fn of(train: &Split, test: &Split) -> Self {
        let mut hash = Sha256::new();
        add(&mut hash, train);
        add(&mut hash, test);
        Self {
            training_images: train.images.len(),
            test_images: test.images.len(),
            sha256: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// Adds a split. Its sizes come first: where something ends is then not to be mistaken.
fn add(hash: &mut Sha256, Split { images, labels }: &Split) {
    let (channels, height, width) = images.shape();
    let labelled = labels.is_some();
    let (count, max) = (images.len(), images.max());
    hash.update(format!("{count} {channels} {height} {width} {max} {labelled}\n"));
    (0..count).for_each(|index| hash.update(images.image(index)));
    hash.update(labels.as_deref().unwrap_or_default());
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { training_images, test_images, sha256 } = self;
        let beginning: String = sha256.chars().take(12).collect();
        write!(f, "{training_images} training and {test_images} test images (SHA-256 {beginning}…)")
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;
    use crate::Images;

    fn split(pixels: Array2<u8>, shape: (usize, usize, usize), labels: Option<&[u8]>) -> Split {
        let images = Images::new(pixels, shape, 255).expect("sound images");
        Split::new(images, labels.map(<[u8]>::to_vec), "here").expect("as many labels")
    }

    /// By `printf '2 1 1 2 255 true\n\001\002\003\004\007\010''1 1 1 2 255 false\n\005\006' | sha256sum`.
    #[test]
    fn the_hash_is_that_of_the_sizes_pixels_and_labels() {
        let train = split(array![[1, 2], [3, 4]], (1, 1, 2), Some(&[7, 8]));
        let test = split(array![[5, 6]], (1, 1, 2), None);
        let found = Fingerprint::of(&train, &test);
        assert_eq!(
            found,
            Fingerprint {
                training_images: 2,
                test_images: 1,
                sha256: "4fd14200e1b649707255a6e537fde9a935da9d14f69cf1e6ce5c04867791c4d0"
                    .to_owned()
            }
        );
        assert_eq!(found.to_string(), "2 training and 1 test images (SHA-256 4fd14200e1b6…)");
    }

    #[test]
    fn whatever_is_other_is_another_fingerprint() {
        let pixels = || array![[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]];
        let labels = Some(&[0, 1, 2][..]);
        let train = split(pixels(), (1, 2, 2), labels);
        let test = split(array![[1, 2, 3, 4]], (1, 2, 2), Some(&[0]));
        let mut one_pixel = pixels();
        one_pixel[[2, 3]] = 13;
        let others = [
            split(one_pixel, (1, 2, 2), labels),
            split(pixels(), (1, 1, 4), labels),
            split(pixels(), (4, 1, 1), labels),
            split(pixels(), (1, 2, 2), None),
            split(pixels(), (1, 2, 2), Some(&[0, 2, 1])),
            train.select(&[1, 0, 2]).expect("in range"),
            train.select(&[0, 1]).expect("in range"),
            Split { images: Images::new(pixels(), (1, 2, 2), 16).expect("sound"), ..train.clone() },
        ];
        let mut all = vec![Fingerprint::of(&train, &test).sha256];
        all.extend(others.iter().map(|other| Fingerprint::of(other, &test).sha256));
        // The same images, otherwise divided, or as the test set.
        let halves =
            [train.select(&[0, 1]), train.select(&[2])].map(|half| half.expect("in range"));
        all.push(Fingerprint::of(&halves[0], &halves[1]).sha256);
        all.push(Fingerprint::of(&halves[1], &halves[0]).sha256);
        all.push(Fingerprint::of(&test, &train).sha256);
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "no two agree");
    }
}
