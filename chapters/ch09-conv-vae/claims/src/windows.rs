//! How many places a window has, and how often it covers a pixel.

use claims::{Claim, Subject, Tolerance, claim};

use ch09_conv_vae::{Stage, Window};

const GUIDE: &str = "Dumoulin & Visin 2016";

/// (side of the image, window) ↦ (places along a side, output padding of the transpose)
type Size = fn(usize, Stage) -> (f64, f64);

/// Sides and windows, of which some leave a rest.
const CASES: [(usize, usize, usize, usize); 8] = [
    // side, kernel, stride, padding
    (28, 4, 2, 1),
    (14, 4, 2, 1),
    (25, 4, 2, 1),
    (28, 3, 1, 1),
    (28, 3, 2, 1),
    (7, 4, 3, 2),
    (9, 5, 1, 0),
    (10, 2, 3, 0),
];

pub(super) fn size() -> Claim<Size> {
    claim("conv-vae/size")
        .says(
            "A window of side k in steps of s has ⌊(n + 2p − k)/s⌋ + 1 places along n pixels with p zeros at \
             either end; its transpose has to be told of the (n + 2p − k) mod s pixels that no place reaches",
        )
        .after(GUIDE)
        .exact(Tolerance::absolute(1e-12), |size: &Subject<Size>, cases| {
            for (n, kernel, stride, padding) in CASES {
                let stage = Stage { channels: 1, kernel, stride, padding };
                // Counted: every start at which the window still fits, and what is left behind the last.
                let starts = (0..n + 2 * padding).step_by(stride);
                let places: Vec<usize> =
                    starts.filter(|start| start + kernel <= n + 2 * padding).collect();
                let end = places.last().map_or(0, |start| start + kernel);
                let (count, rest) = size.output(|size| size(n, stage));
                let case = format!("n = {n}, k = {kernel}, s = {stride}, p = {padding}");
                cases.equal(format!("{case}: places"), count, places.len() as f64);
                cases.equal(format!("{case}: rest"), rest, (n + 2 * padding - end) as f64);
            }
            Ok(())
        })
        .holds_for(size_of as Size)
        .fails_for(
            "padding-once",
            "The zeros were counted at one end only: there are p at either end, so add 2p.",
            |n, stage| {
                let (n, k, s, p) = numbers(n, stage);
                (((n + p - k) / s).floor() + 1.0, (n + p - k) % s)
            },
        )
        .fails_for(
            "rounded-up",
            "The number of steps was rounded up: a window that does not fit any more has no place; round down.",
            |n, stage| {
                let (n, k, s, p) = numbers(n, stage);
                (((n + 2.0 * p - k) / s).ceil() + 1.0, (n + 2.0 * p - k) % s)
            },
        )
        .fails_for(
            "steps-for-places",
            "The steps were counted, not the places: the first place is there before the first step; add 1.",
            |n, stage| (size_of(n, stage).0 - 1.0, size_of(n, stage).1),
        )
        .fails_for(
            "no-output-padding",
            "The rest was forgotten: images of several sizes have maps of one size, and the transposed convolution \
             has to be told which one to go back to (`output_padding`).",
            |n, stage| (size_of(n, stage).0, 0.0),
        )
}

fn size_of(n: usize, stage: Stage) -> (f64, f64) {
    let window = Window::new((1, n, n), stage);
    window.map_or((0.0, 0.0), |w| (w.coarse.1 as f64, w.output_padding().0 as f64))
}

fn numbers(n: usize, Stage { kernel, stride, padding, .. }: Stage) -> (f64, f64, f64, f64) {
    (n as f64, kernel as f64, stride as f64, padding as f64)
}

/// (window, side of the coarse map) ↦ how many windows cover each pixel along a line, far from the edge
type Coverage = fn(Stage, usize) -> Vec<f64>;

pub(super) fn coverage() -> Claim<Coverage> {
    claim("conv-vae/coverage")
        .says(
            "A transposed convolution adds k²/s² windows at every pixel if s divides k; with 3×3 windows in steps \
             of 2 it adds 1, 2 or 4: the checkerboard",
        )
        .after("Odena, Dumoulin & Olah 2016")
        .exact(Tolerance::absolute(1e-12), |coverage: &Subject<Coverage>, cases| {
            for (kernel, stride, expected) in [
                (4, 2, [4.0, 4.0, 4.0, 4.0]),
                (2, 2, [1.0, 1.0, 1.0, 1.0]),
                (6, 3, [4.0, 4.0, 4.0, 4.0]),
                // Along a line through the middles of windows, and of pixels between them.
                (3, 2, [2.0, 4.0, 2.0, 4.0]),
            ] {
                let stage = Stage { channels: 1, kernel, stride, padding: 0 };
                let found = coverage.output(|coverage| coverage(stage, 8));
                cases.all_equal(&format!("k = {kernel}, s = {stride}"), &found, &expected);
            }
            Ok(())
        })
        .holds_for(covered as Coverage)
        .fails_for(
            "every-place",
            "k² was taken: that is how many pixels a window covers, not how many windows cover a pixel; in steps of s \
             only one place in s² is taken.",
            |stage, _| vec![(stage.kernel * stage.kernel) as f64; 4],
        )
        .fails_for(
            "always-even",
            "k²/s² was taken for a window that the step does not divide: that is the average, and the pixels alternate \
             around it.",
            |stage, _| vec![(stage.kernel as f64 / stage.stride as f64).powi(2); 4],
        )
        .fails_for(
            "overwritten",
            "Overlapping windows overwrote each other: a transposed convolution adds them.",
            |_, _| vec![1.0; 4],
        )
}

/// Ones, scattered: four pixels of a line in the middle of the fine image, from the first column of a window on.
fn covered(stage: Stage, places: usize) -> Vec<f64> {
    let side = (places - 1) * stage.stride + stage.kernel;
    let Some(window) = Window::new((1, side, side), stage) else { return Vec::new() };
    let mut fine = vec![0.0; window.fine_len()];
    window.scatter(&vec![1.0; window.places() * window.patch()], &mut fine);
    // The first row of the window in the middle, which overlaps with the windows above, and one column further.
    let first = places / 2 * stage.stride;
    fine[first * side + first + 1..][..4].to_vec()
}
