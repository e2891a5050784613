//! Exact Bernoulli pixels: the inner loop of stochastic binarization.

use num_traits::{One, Zero};
use rand::Rng;

/// Pixels decided per refill of the word buffer (a round number whose buffer stays in L1).
const CHUNK: usize = 256;

/// Sets `out[i]` to one with probability exactly ⌈2³² pᵢ/max⌉/2³², and to zero otherwise.
///
/// With `u` uniform on the 32-bit integers, pixel `p` is on iff `u·max < p·2³²`, that is `u/2³² < p/max`.
/// The right side ends in 32 zero bits, so the same is said by `⌊u·max/2³²⌋ < p`, where the left side is
/// a *level* from 0 to `max − 1`: a byte to be compared with a byte. Nothing is rounded on the way:
/// `p = 0` is never on, `p = max` always is, and every other probability is right to 2⁻³². There is no
/// division, no float and no branch, and all three loops but the generator's vectorize.
///
/// Each 64-bit word serves two pixels, so `pixels.len()` alone fixes how many words are drawn:
/// half as many, rounded up, whatever the pixels are. (`CHUNK` is even, so cutting into chunks
/// changes nothing about that.)
pub(crate) fn bernoulli_pixels<S, R>(pixels: &[u8], max: u8, rng: &mut R, out: &mut [S])
where
    S: Zero + One + Copy,
    R: Rng + ?Sized,
{
    let level = |u: u64| ((u * u64::from(max)) >> 32) as u8;
    let (zero, one) = (S::zero(), S::one());
    let mut words = [0_u64; CHUNK / 2];
    let mut levels = [0_u8; CHUNK];
    for (pixels, out) in pixels.chunks(CHUNK).zip(out.chunks_mut(CHUNK)) {
        let words = &mut words[..pixels.len().div_ceil(2)];
        words.iter_mut().for_each(|word| *word = rng.next_u64());
        // The first half of a chunk takes the low halves of the words, the second half the high ones:
        // consecutive in memory on both sides, which interleaving them would not be.
        let (low, high) = levels[..2 * words.len()].split_at_mut(words.len());
        for ((low, high), &word) in low.iter_mut().zip(high).zip(&*words) {
            *low = level(word & 0xffff_ffff);
            *high = level(word >> 32);
        }
        for ((out, &pixel), &level) in out.iter_mut().zip(pixels).zip(&levels) {
            *out = if level < pixel { one } else { zero };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngCore;

    /// A generator that repeats one word and counts how often it was asked.
    struct Constant {
        word: u64,
        asked: usize,
    }

    impl RngCore for Constant {
        fn next_u32(&mut self) -> u32 {
            unreachable!("binarization draws 64-bit words only")
        }
        fn next_u64(&mut self) -> u64 {
            self.asked += 1;
            self.word
        }
        fn fill_bytes(&mut self, _: &mut [u8]) {
            unreachable!("binarization draws 64-bit words only")
        }
    }

    /// The pixel's state when both halves of the random word are `u`.
    fn state(pixel: u8, max: u8, u: u32) -> u8 {
        let mut rng = Constant { word: u64::from(u) << 32 | u64::from(u), asked: 0 };
        let mut out = [9_u8; 2];
        bernoulli_pixels(&[pixel, pixel], max, &mut rng, &mut out);
        assert_eq!(out[0], out[1], "low and high half decide alike");
        out[0]
    }

    /// The threshold of every pixel value, for every maximum in use, is exactly ⌈2³² p/max⌉.
    #[test]
    fn every_pixel_value_has_its_exact_threshold() {
        for max in [1_u8, 16, 255] {
            for pixel in 0..=max {
                let threshold = (u64::from(pixel) << 32).div_ceil(u64::from(max));
                if let Some(below) = threshold.checked_sub(1) {
                    assert_eq!(state(pixel, max, below as u32), 1, "{pixel}/{max}");
                }
                if let Ok(at) = u32::try_from(threshold) {
                    assert_eq!(state(pixel, max, at), 0, "{pixel}/{max}");
                }
            }
            assert_eq!(state(0, max, 0), 0, "black stays black on the smallest word");
            assert_eq!(state(max, max, u32::MAX), 1, "white stays white on the largest word");
        }
    }

    #[test]
    fn the_number_of_words_depends_on_the_number_of_pixels_alone() {
        for n in [0, 1, 2, 3, 255, 256, 257, 512, 783, 784, 785] {
            for fill in [0_u8, 100, 255] {
                let mut rng = Constant { word: 0x0123_4567_89ab_cdef, asked: 0 };
                bernoulli_pixels(&vec![fill; n], 255, &mut rng, &mut vec![0.0_f32; n]);
                assert_eq!(rng.asked, n.div_ceil(2), "{n} pixels of value {fill}");
            }
        }
    }

    /// Each half of each word is used once: with distinct words the pattern tells which went where.
    #[test]
    fn low_halves_serve_the_first_half_of_a_chunk_and_high_halves_the_second() {
        let mut low_small = Constant { word: 0xffff_ffff_0000_0000, asked: 0 };
        let mut out = [9_u8; 5];
        bernoulli_pixels(&[128; 5], 255, &mut low_small, &mut out);
        assert_eq!(out, [1, 1, 1, 0, 0]);
    }
}
