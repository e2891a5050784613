//! How many places a window has, and how often it covers a pixel.

use claims::{Claim, Subject, Tolerance, claim, domain, whole};

use ch09_conv_vae::{Stage, Window};

const GUIDE: &str = "Dumoulin & Visin 2016";

/// (side of the image, window) ↦ places along a side, output padding of the transpose, pixels behind the last window
type Size = fn(usize, Stage) -> [f64; 3];

/// Sides and windows, of which some leave a rest, in the image or in the zeros behind it.
const NAMED: [[f64; 4]; 9] = [
    // side, kernel, stride, padding
    [28.0, 4.0, 2.0, 1.0],
    [29.0, 4.0, 2.0, 1.0],
    [14.0, 4.0, 2.0, 1.0],
    [25.0, 4.0, 2.0, 1.0],
    [28.0, 3.0, 1.0, 1.0],
    [28.0, 3.0, 2.0, 1.0],
    [7.0, 4.0, 3.0, 2.0],
    [9.0, 5.0, 1.0, 0.0],
    [10.0, 2.0, 3.0, 0.0],
];

pub(super) fn size() -> Claim<Size> {
    claim("conv-vae/size")
        .says(
            "A window of side k in steps of s has ⌊(n + 2p − k)/s⌋ + 1 places along n pixels with p zeros at either end; behind \
             the last one lie r = (n + 2p − k) mod s rows, of which its transpose has to be told to come back to n, and r − p \
             of them, if r > p, are pixels",
        )
        .after(GUIDE)
        .for_every(
            domain([whole("n", 1..=40), whole("k", 1..=8), whole("s", 1..=6), whole("p", 0..=7)])
                .with(NAMED)
                .such_that("p < k ≤ n + 2p", |[n, k, _, p]| p < k && k <= n + 2.0 * p),
        )
        .exact(Tolerance::absolute(1e-12), |size: &Subject<Size>, case, cases| {
            let [n, kernel, stride, padding] = case.map(|number| number as usize);
            let stage = Stage { channels: 1, kernel, stride, padding };
            // Counted: every start at which the window still fits, and what is left behind the last.
            let starts = (0..n + 2 * padding).step_by(stride);
            let places: Vec<usize> =
                starts.filter(|start| start + kernel <= n + 2 * padding).collect();
            let end = places.last().map_or(0, |start| start + kernel);
            let behind = (padding..padding + n).filter(|&row| row >= end).count();
            let [count, rest, pixels] = size.output(|size| size(n, stage));
            cases.equal("places", count, places.len() as f64);
            cases.equal("rest", rest, (n + 2 * padding - end) as f64);
            cases.equal("pixels of the rest", pixels, behind as f64);
            Ok(())
        })
        .holds_for(size_of as Size)
        .fails_for(
            "padding-once",
            "The zeros were counted at one end only: there are p at either end, so add 2p.",
            |n, stage| {
                let (n, k, s, p) = numbers(n, stage);
                let rest = (n + p - k).rem_euclid(s);
                [((n + p - k) / s).floor() + 1.0, rest, rest]
            },
        )
        .fails_for(
            "rounded-up",
            "The number of steps was rounded up: a window that does not fit any more has no place; round down.",
            |n, stage| {
                let (k, s, p) = (stage.kernel as f64, stage.stride as f64, stage.padding as f64);
                let [_, rest, pixels] = size_of(n, stage);
                [((n as f64 + 2.0 * p - k) / s).ceil() + 1.0, rest, pixels]
            },
        )
        .fails_for(
            "steps-for-places",
            "The steps were counted, not the places: the first place is there before the first step; add 1.",
            |n, stage| {
                let [places, rest, pixels] = size_of(n, stage);
                [places - 1.0, rest, pixels]
            },
        )
        .fails_for(
            "no-output-padding",
            "The rest was forgotten: images of several sizes have maps of one size, and the transposed convolution \
             has to be told which one to go back to (`output_padding`).",
            |n, stage| {
                let [places, _, pixels] = size_of(n, stage);
                [places, 0.0, pixels]
            },
        )
        .fails_for(
            "zeros-for-pixels",
            "The whole rest was taken for pixels: its last p rows are zeros of the frame. With n = 29, k = 4, s = 2, p = 1 one \
             row is left, and every pixel is under some window.",
            |n, stage| {
                let [places, rest, _] = size_of(n, stage);
                [places, rest, rest]
            },
        )
}

fn size_of(n: usize, stage: Stage) -> [f64; 3] {
    let Some(window) = Window::new((1, n, n), stage) else { return [0.0; 3] };
    let mut covered = vec![0.0; window.fine_len()];
    window.scatter(&vec![1.0; window.places() * window.patch()], &mut covered);
    // The first row is under the first windows, since p < k.
    let behind = covered[..n].iter().rev().take_while(|&&windows| windows == 0.0).count();
    [window.coarse.1 as f64, window.output_padding().0 as f64, behind as f64]
}

fn numbers(n: usize, Stage { kernel, stride, padding, .. }: Stage) -> (f64, f64, f64, f64) {
    (n as f64, kernel as f64, stride as f64, padding as f64)
}

/// (window, places along a side) ↦ how many windows cover each pixel of a square of s × s, far from the edge
type Coverage = fn(Stage, usize) -> Vec<f64>;

pub(super) fn coverage() -> Claim<Coverage> {
    claim("conv-vae/coverage")
        .says(
            "At least k pixels from the edge a transposed convolution adds ⌈(k − i mod s)/s⌉ · ⌈(k − j mod s)/s⌉ windows in row \
             i and column j, both counted from a window's corner: k²/s² everywhere if s divides k, and 1, 2 or 4 with 3×3 \
             windows in steps of 2, the checkerboard",
        )
        .after("Odena, Dumoulin & Olah 2016")
        .for_every(
            domain([whole("k", 1..=6), whole("s", 1..=6), whole("more places than needed", 0..=3)])
                .with([[4.0, 2.0, 0.0], [2.0, 2.0, 0.0], [6.0, 3.0, 0.0], [3.0, 2.0, 0.0]]),
        )
        .exact(Tolerance::absolute(1e-12), |coverage: &Subject<Coverage>, case, cases| {
            let [kernel, stride, more] = case.map(|number| number as usize);
            let stage = Stage { channels: 1, kernel, stride, padding: 0 };
            let along = |i: usize| kernel.saturating_sub(i).div_ceil(stride) as f64;
            let pixels = (0..stride).flat_map(|i| (0..stride).map(move |j| (i, j)));
            let expected: Vec<f64> = pixels.map(|(i, j)| along(i) * along(j)).collect();
            let places = 2 * kernel.div_ceil(stride) + 1 + more;
            let found = coverage.output(|coverage| coverage(stage, places));
            cases.all_equal("windows", &found, &expected);
            Ok(())
        })
        .holds_for(covered as Coverage)
        .fails_for(
            "every-place",
            "k² was taken: that is how many pixels a window covers, not how many windows cover a pixel; in steps of s \
             only one place in s² is taken.",
            |stage, _| vec![(stage.kernel * stage.kernel) as f64; stage.stride * stage.stride],
        )
        .fails_for(
            "always-even",
            "k²/s² was taken for a window that the step does not divide: that is the average, and the pixels alternate \
             around it.",
            |stage, _| {
                let average = (stage.kernel as f64 / stage.stride as f64).powi(2);
                vec![average; stage.stride * stage.stride]
            },
        )
        .fails_for(
            "overwritten",
            "Overlapping windows overwrote each other: a transposed convolution adds them.",
            |stage, places| covered(stage, places).iter().map(|n: &f64| n.min(1.0)).collect(),
        )
}

/// Ones, scattered: the pixels from the first corner of a window on that is at least k pixels from the edge.
fn covered(stage: Stage, places: usize) -> Vec<f64> {
    let Stage { kernel, stride, .. } = stage;
    let side = (places - 1) * stride + kernel;
    let Some(window) = Window::new((1, side, side), stage) else { return Vec::new() };
    let mut fine = vec![0.0; window.fine_len()];
    window.scatter(&vec![1.0; window.places() * window.patch()], &mut fine);
    let first = kernel.div_ceil(stride) * stride;
    let block = |i: usize| fine[(first + i) * side + first..][..stride].to_vec();
    (0..stride).flat_map(block).collect()
}
