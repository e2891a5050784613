//! The transposed convolution.

use claims::{Claim, Rng, Subject, Tolerance, claim, domain, seed, whole};
use ndarray::Array2;

use super::{normal, window, windows};
use ch09_conv_vae::{Convolution, Stage, Transposed, Window};

/// (transposed convolution without bias, maps of the coarse image) ↦ maps of the fine one
type Transpose = fn(&Transposed<f64>, &Array2<f64>) -> Vec<f64>;

fn list(maps: Array2<f64>) -> Vec<f64> {
    maps.into_iter().collect()
}

/// A convolution without bias, its transpose, and coarse maps.
fn pair(window: Window, rng: &mut Rng) -> (Convolution<f64>, Transposed<f64>, Array2<f64>) {
    let y = normal((window.places(), window.coarse.0), rng);
    let weight = normal((window.coarse.0, window.patch()), rng);
    let convolution = Convolution { weight: weight.clone(), ..Convolution::zeros(window.clone()) };
    (convolution, Transposed { weight, ..Transposed::zeros(window) }, y)
}

pub(super) fn adjoint() -> Claim<Transpose> {
    claim("conv-vae/adjoint")
        .says("⟨conv x, y⟩ = ⟨x, convᵀ y⟩ for all x and y: the transposed convolution is the convolution's transpose")
        .after("Dumoulin & Visin 2016")
        .for_every(windows())
        .exact(Tolerance::relative(1e-11).or_absolute(1e-13), |transpose: &Subject<Transpose>, case, cases| {
            let window = window(case).ok_or("the window fits")?;
            let (height, width) = (window.fine.1, window.fine.2);
            let (convolution, transposed, y) = pair(window, &mut cases.rng(case[7] as u64));
            let measured = transpose.output(|transpose| transpose(&transposed, &y));
            // ⟨x, convᵀ y⟩ for x a single 1 is a number of convᵀ y; both sides are linear in x.
            let channels = convolution.window.fine.0;
            let expected: Vec<f64> = (0..height * width * channels)
                .map(|i| {
                    let mut x = Array2::zeros((height * width, channels));
                    x[[i / channels, i % channels]] = 1.0;
                    (convolution.forward(&x) * &y).sum()
                })
                .collect();
            cases.all_equal("x = 1 at", &measured, &expected);
            Ok(())
        })
        .holds_for((|layer, y| list(layer.forward(y))) as Transpose)
        .fails_for(
            "overwritten",
            "Where windows overlap the last one was kept: they are added.",
            |layer, y| {
                let window = &layer.window;
                let patches = list(y.dot(&layer.weight));
                let mut fine = vec![0.0; window.fine_len()];
                let mut once = vec![0.0; patches.len()];
                // One place after the other into an empty image; what it reaches replaces what was there.
                for place in 0..window.places() {
                    let range = place * window.patch()..(place + 1) * window.patch();
                    once.fill(0.0);
                    once[range.clone()].copy_from_slice(&patches[range]);
                    let mut alone = vec![0.0; fine.len()];
                    window.scatter(&once, &mut alone);
                    let reached = fine.iter_mut().zip(alone).filter(|(_, alone)| *alone != 0.0);
                    reached.for_each(|(fine, alone)| *fine = alone);
                }
                fine
            },
        )
        .fails_for(
            "flipped",
            "The window was turned by 180 degrees: each weight goes back the way it came; only as a convolution over \
             the image with zeros between its pixels does the transpose turn the window.",
            |layer, y| {
                let mut turned = layer.clone();
                let channels = layer.window.fine.0;
                let side = layer.window.kernel;
                for c in 0..layer.weight.nrows() {
                    for place in 0..side * side {
                        for d in 0..channels {
                            turned.weight[[c, place * channels + d]] =
                                layer.weight[[c, (side * side - 1 - place) * channels + d]];
                        }
                    }
                }
                list(turned.forward(y))
            },
        )
        .fails_for(
            "averaged",
            "The sums were divided by the number of windows that cover a pixel: that undoes the checkerboard, but it is \
             another map, and no gradient of the convolution.",
            |layer, y| {
                let window = &layer.window;
                let mut covered = vec![0.0; window.fine_len()];
                window.scatter(&vec![1.0; window.places() * window.patch()], &mut covered);
                let sums = list(layer.forward(y));
                sums.iter().zip(covered).map(|(sum, n): (&f64, f64)| sum / n.max(1.0)).collect()
            },
        )
        .fails_for(
            "one-window",
            "Only the window's first number was painted: every place of the coarse image adds a whole window.",
            |layer, y| {
                let mut first = layer.clone();
                let channels = layer.window.fine.0;
                first.weight.slice_mut(ndarray::s![.., channels..]).fill(0.0);
                list(first.forward(y))
            },
        )
}

/// (image, side, stride) ↦ convᵀ conv x, where the window is a single 1 in its corner
type Back = fn(&Array2<f64>, usize, usize) -> Vec<f64>;

pub(super) fn no_inverse() -> Claim<Back> {
    claim("conv-vae/no-inverse")
        .says(
            "A transposed convolution need not be the inverse, whatever “deconvolution” suggests: after a window of side s \
             with one 1 in its corner, in steps of s, it gives back one pixel in s² and 0 for the others",
        )
        .after("Dumoulin & Visin 2016")
        .for_every(
            domain([whole("s", 2..=5), whole("places along the side", 1..=4), seed("the image")])
                .with([[2.0, 2.0, 7.0], [3.0, 2.0, 7.0]]),
        )
        .exact(Tolerance::relative(1e-13), |back: &Subject<Back>, [stride, places, seed], cases| {
            let (side, stride) = ((stride * places) as usize, stride as usize);
            let x = normal((side * side, 1), &mut cases.rng(seed as u64));
            let kept = |i: usize| (i / side).is_multiple_of(stride) && (i % side).is_multiple_of(stride);
            let expected: Vec<f64> =
                (0..side * side).map(|i| if kept(i) { x[[i, 0]] } else { 0.0 }).collect();
            cases.all_equal("pixel", &back.output(|back| back(&x, side, stride)), &expected);
            Ok(())
        })
        .holds_for((|x, side, stride| {
            let stage = Stage { channels: 1, kernel: stride, stride, padding: 0 };
            let Some(window) = Window::new((1, side, side), stage) else { return Vec::new() };
            let mut corner = Convolution::<f64>::zeros(window.clone());
            corner.weight[[0, 0]] = 1.0;
            let transpose = Transposed { weight: corner.weight.clone(), ..Transposed::zeros(window) };
            list(transpose.forward(&corner.forward(x)))
        }) as Back)
        .fails_for(
            "inverse",
            "The image was taken to come back: a step of s leaves one number in s², and no linear map makes up the others.",
            |x, _, _| list(x.clone()),
        )
        .fails_for(
            "copied",
            "Each number was copied over its window (nearest-neighbour upsampling): the transpose multiplies it with the \
             window's weights, of which all but one are 0.",
            |x, side, stride| {
                (0..side * side)
                    .map(|i| x[[i / side / stride * stride * side + i % side / stride * stride, 0]])
                    .collect()
            },
        )
}
