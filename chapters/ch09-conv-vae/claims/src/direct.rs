//! The convolution as a sum written out.

use claims::{Claim, Subject, Tolerance, claim};
use ndarray::Array2;

use super::{normal, some_windows};
use ch09_conv_vae::{Convolution, Stage, Window};

/// (convolution, maps of the fine image) ↦ maps of the coarse one, in a list
type Forward = fn(&Convolution<f64>, &Array2<f64>) -> Vec<f64>;

/// Where a window's line or column meets the image: (place, line in the window, window) ↦ row of the image.
type Meets = fn(usize, usize, &Window) -> isize;

fn as_it_is(place: usize, line: usize, window: &Window) -> isize {
    (place * window.stride + line) as isize - window.padding as isize
}

/// y(c, i, j) = b(c) + Σ w(c, d, k, l) x(d, i·s + k − p, j·s + l − p), with zeros outside the image.
fn direct(
    layer: &Convolution<f64>,
    x: &Array2<f64>,
    meets: Meets,
    weight: fn(&Convolution<f64>, usize, [usize; 3]) -> f64,
) -> Vec<f64> {
    let window = &layer.window;
    let ((channels, height, width), (coarse, rows, columns)) = (window.fine, window.coarse);
    let images = x.nrows() / (height * width);
    let mut y = Vec::new();
    for image in 0..images {
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)))
        {
            for c in 0..coarse {
                let mut sum = layer.bias[c];
                for (k, l) in
                    (0..window.kernel).flat_map(|k| (0..window.kernel).map(move |l| (k, l)))
                {
                    let (i, j) = (meets(row, k, window), meets(column, l, window));
                    let inside =
                        (0..height as isize).contains(&i) && (0..width as isize).contains(&j);
                    if inside {
                        let pixel = (image * height + i as usize) * width + j as usize;
                        for d in 0..channels {
                            sum += weight(layer, c, [k, l, d]) * x[[pixel, d]];
                        }
                    }
                }
                y.push(sum);
            }
        }
    }
    y
}

/// The weight as it lies in memory: window's row, column, channel.
fn plain(layer: &Convolution<f64>, c: usize, [k, l, d]: [usize; 3]) -> f64 {
    layer.weight[[c, (k * layer.window.kernel + l) * layer.window.fine.0 + d]]
}

fn layer_with_input(window: Window) -> (Convolution<f64>, Array2<f64>) {
    let (_, height, width) = window.fine;
    let x = normal((2 * height * width, window.fine.0), [1, window.patch() as u64]);
    let mut layer = Convolution::zeros(window);
    layer.weight = normal(layer.weight.dim(), [2, layer.window.patch() as u64]);
    layer.bias = normal((1, layer.bias.len()), [3, 0]).row(0).to_owned();
    (layer, x)
}

pub(super) fn im2col() -> Claim<Forward> {
    claim("conv-vae/im2col")
        .says("A dense layer on every patch is the convolution, the sum over the window written out")
        .after("Chellapilla, Puri & Simard 2006")
        // Sums of up to 50 products in another order.
        .exact(Tolerance::relative(1e-11).or_absolute(1e-13), |forward: &Subject<Forward>, cases| {
            for window in some_windows() {
                let label = format!("{:?} to {:?}", window.fine, window.coarse);
                let (layer, x) = layer_with_input(window);
                let measured = forward.output(|forward| forward(&layer, &x));
                cases.all_equal(&label, &measured, &direct(&layer, &x, as_it_is, plain));
            }
            Ok(())
        })
        .holds_for((|layer, x| layer.forward(x).into_iter().collect()) as Forward)
        .fails_for(
            "flipped",
            "The window was turned by 180 degrees: that is the mathematicians' convolution; the layer of that name does \
             not turn it (it is a cross-correlation).",
            |layer, x| {
                direct(layer, x, as_it_is, |layer, c, [k, l, d]| {
                    let last = layer.window.kernel - 1;
                    plain(layer, c, [last - k, last - l, d])
                })
            },
        )
        .fails_for(
            "rows-for-columns",
            "The rows and the columns of the window are exchanged: the weight runs over rows first.",
            |layer, x| {
                direct(layer, x, as_it_is, |layer, c, [k, l, d]| plain(layer, c, [l, k, d]))
            },
        )
        .fails_for(
            "channels-first",
            "The weights were read in the order of PyTorch's files, channel by channel, but a patch has its channels side \
             by side: permute one of the two.",
            |layer, x| {
                direct(layer, x, as_it_is, |layer, c, [k, l, d]| {
                    let side = layer.window.kernel;
                    layer.weight[[c, (d * side + k) * side + l]]
                })
            },
        )
        .fails_for(
            "padding-behind",
            "The zeros were put behind the image only: the first window begins p pixels before it.",
            |layer, x| {
                direct(layer, x, |place, line, w| (place * w.stride + line) as isize, plain)
            },
        )
        .fails_for(
            "repeated-edge",
            "The image's edge was repeated outside: what lies there is 0.",
            |layer, x| {
                direct(layer, x, |place, line, w| {
                    // All images of the cases are at least this high and wide.
                    as_it_is(place, line, w).clamp(0, w.fine.1.min(w.fine.2) as isize - 1)
                }, plain)
            },
        )
        .fails_for(
            "no-bias",
            "The bias is missing: one number for each channel that is made.",
            |layer, x| {
                let without = Convolution { bias: 0.0 * &layer.bias, ..layer.clone() };
                without.forward(x).into_iter().collect()
            },
        )
}

/// (the middle column of the maps of an image, shift to the right in pixels) ↦ the same of the shifted image
type Shifted = fn(usize) -> Vec<f64>;

/// A line of 24 pixels of which only the middle is not 0, so that nothing meets the edge.
fn image(shift: usize) -> Array2<f64> {
    let mut x = Array2::zeros((4 * 24, 1));
    let drawn = normal((4 * 6, 1), [4, 0]);
    for (pixel, &value) in drawn.iter().enumerate() {
        x[[pixel / 6 * 24 + 6 + pixel % 6 + shift, 0]] = value;
    }
    x
}

fn halving_layer() -> Option<Convolution<f64>> {
    let stage = Stage { channels: 1, kernel: 4, stride: 2, padding: 1 };
    Window::new((1, 4, 24), stage).map(|window| layer_with_input(window).0)
}

/// The maps, from the place at which those of the image itself begin.
fn from_place(maps: &Array2<f64>, place: usize) -> Vec<f64> {
    (0..2).flat_map(|row| (0..7).map(move |i| maps[[row * 12 + place + i, 0]])).collect()
}

pub(super) fn shift() -> Claim<Shifted> {
    claim("conv-vae/shift")
        .says("If an image moves by the step of the window, its maps move by one place and are otherwise the same")
        .after("LeCun et al. 1989")
        .exact(Tolerance::relative(1e-12).or_absolute(1e-14), |shifted: &Subject<Shifted>, cases| {
            let Some(layer) = halving_layer() else { return Err("the window fits".into()) };
            let expected = from_place(&layer.forward(&image(0)), 2);
            for places in [1, 2, 3] {
                let measured = shifted.output(|shifted| shifted(places));
                cases.all_equal(&format!("{places} places"), &measured, &expected);
            }
            Ok(())
        })
        .holds_for((|places| {
            let maps = halving_layer().map(|layer| layer.forward(&image(2 * places)));
            maps.map_or_else(Vec::new, |maps| from_place(&maps, 2 + places))
        }) as Shifted)
        .fails_for(
            "one-pixel",
            "The image was moved by one pixel for each place: in steps of 2 that is half a place, and the maps are others.",
            |places| {
                let maps = halving_layer().map(|layer| layer.forward(&image(places)));
                maps.map_or_else(Vec::new, |maps| from_place(&maps, 2 + places))
            },
        )
        .fails_for(
            "same-place",
            "The maps were expected to stay: a convolution is equivariant, they move along; what stays under shifts is \
             invariant, such as a sum over all places.",
            |places| {
                let maps = halving_layer().map(|layer| layer.forward(&image(2 * places)));
                maps.map_or_else(Vec::new, |maps| from_place(&maps, 2))
            },
        )
        .fails_for(
            "weights-of-their-own",
            "Every place has weights of its own: then it is a dense layer with most weights 0, and knows nothing of \
             shifts; one window serves all places.",
            |places| {
                let Some(layer) = halving_layer() else { return Vec::new() };
                let mut maps = layer.forward(&image(2 * places));
                for (place, mut map) in maps.rows_mut().into_iter().enumerate() {
                    map[0] *= 1.0 + 0.1 * place as f64;
                }
                from_place(&maps, 2 + places)
            },
        )
}
