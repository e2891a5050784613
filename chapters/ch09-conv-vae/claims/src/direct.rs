//! The convolution as a sum written out.

use claims::{Claim, Rng, Subject, Tolerance, claim, domain, one_of, seed, whole};
use ndarray::Array2;

use super::{normal, window, windows};
use ch09_conv_vae::{Convolution, Stage, Window};

/// (convolution, maps of the fine image) ↦ maps of the coarse one, in a list
type Forward = fn(&Convolution<f64>, &Array2<f64>) -> Vec<f64>;

/// Where a window's line or column meets the image: (place, line in the window, window, side of the image) ↦ row of the image.
type Meets = fn(usize, usize, &Window, usize) -> isize;

fn as_it_is(place: usize, line: usize, window: &Window, _: usize) -> isize {
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
                    let i = meets(row, k, window, height);
                    let j = meets(column, l, window, width);
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

fn layer_with_input(window: Window, rng: &mut Rng) -> (Convolution<f64>, Array2<f64>) {
    let (_, height, width) = window.fine;
    let x = normal((2 * height * width, window.fine.0), rng);
    let mut layer = Convolution::zeros(window);
    layer.weight = normal(layer.weight.dim(), rng);
    layer.bias = normal((1, layer.bias.len()), rng).row(0).to_owned();
    (layer, x)
}

pub(super) fn im2col() -> Claim<Forward> {
    claim("conv-vae/im2col")
        .says("A dense layer on every patch is the convolution, the sum over the window written out")
        .after("Chellapilla, Puri & Simard 2006")
        .for_every(windows())
        // Sums of up to 50 products in another order.
        .exact(Tolerance::relative(1e-11).or_absolute(1e-13), |forward: &Subject<Forward>, case, cases| {
            let window = window(case).ok_or("the window fits")?;
            let (layer, x) = layer_with_input(window, &mut cases.rng(case[7] as u64));
            let measured = forward.output(|forward| forward(&layer, &x));
            cases.all_equal("output", &measured, &direct(&layer, &x, as_it_is, plain));
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
                direct(layer, x, |place, line, w, _| (place * w.stride + line) as isize, plain)
            },
        )
        .fails_for(
            "repeated-edge",
            "The image's edge was repeated outside: what lies there is 0.",
            |layer, x| {
                direct(layer, x, |place, line, w, side| {
                    as_it_is(place, line, w, side).clamp(0, side as isize - 1)
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

/// A convolution, an image, and by how many places it moves, down or to the right.
pub(super) struct Move {
    layer: Convolution<f64>,
    image: Array2<f64>,
    places: usize,
    down: bool,
}

/// move ↦ the maps of the moved image, from the place on to which the first one moved
type Shifted = fn(&Move) -> Vec<f64>;

/// Side of an image of which the lower and the right half are empty.
const SIDE: usize = 16;

impl Move {
    /// The image, moved by so many pixels.
    fn moved(&self, pixels: usize) -> Array2<f64> {
        let by = if self.down { (pixels, 0) } else { (0, pixels) };
        let mut moved = Array2::zeros(self.image.dim());
        for (pixel, value) in self.image.rows().into_iter().enumerate() {
            let (row, column) = (pixel / SIDE + by.0, pixel % SIDE + by.1);
            if row < SIDE && column < SIDE {
                moved.row_mut(row * SIDE + column).assign(&value);
            }
        }
        moved
    }

    /// Of the maps, those numbers from `ahead` places on that do not move out at the other end.
    fn part(&self, maps: &Array2<f64>, ahead: usize) -> Vec<f64> {
        let (channels, rows, columns) = self.layer.window.coarse;
        let (down, right) = if self.down { (ahead, 0) } else { (0, ahead) };
        let (lost_rows, lost_columns) = if self.down { (self.places, 0) } else { (0, self.places) };
        let all = (0..rows - lost_rows).flat_map(|row| {
            (0..columns - lost_columns).map(move |column| (row + down) * columns + column + right)
        });
        all.flat_map(|place| (0..channels).map(move |c| maps[[place, c]])).collect()
    }
}

fn shifted(on: &Move) -> Vec<f64> {
    on.part(&on.layer.forward(&on.moved(on.layer.window.stride * on.places)), on.places)
}

pub(super) fn shift() -> Claim<Shifted> {
    claim("conv-vae/shift")
        .says(
            "If an image moves by the step of the window, down or to the right, and nothing of it leaves, its maps move by one \
             place and are otherwise the same",
        )
        .after("LeCun et al. 1989")
        .for_every(
            domain([
                whole("side of the window k", 1..=5),
                whole("step s", 1..=3),
                whole("zeros p", 0..=4),
                whole("places", 1..=2),
                one_of("direction (0 right, 1 down)", &[0.0, 1.0]),
                seed("the weights and the image"),
            ])
            .with([1.0, 2.0].map(|places| [4.0, 2.0, 1.0, places, 0.0, 4.0]))
            .such_that("p < k", |case| case[2] < case[0]),
        )
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-14),
            |shifted: &Subject<Shifted>, [kernel, stride, padding, places, down, seed], cases| {
                let [kernel, stride, padding] = [kernel, stride, padding].map(|n| n as usize);
                let stage = Stage { channels: 2, kernel, stride, padding };
                let window = Window::new((1, SIDE, SIDE), stage).ok_or("the window fits")?;
                let (layer, mut image) = layer_with_input(window, &mut cases.rng(seed as u64));
                let image = image.slice_mut(ndarray::s![..SIDE * SIDE, ..]);
                let mut image = image.to_owned();
                for (pixel, mut value) in image.rows_mut().into_iter().enumerate() {
                    if pixel / SIDE >= SIDE / 2 || pixel % SIDE >= SIDE / 2 {
                        value.fill(0.0);
                    }
                }
                let on = Move { layer, image, places: places as usize, down: down == 1.0 };
                let expected = on.part(&on.layer.forward(&on.image), 0);
                cases.all_equal("map", &shifted.output(|shifted| shifted(&on)), &expected);
                Ok(())
            },
        )
        .holds_for(shifted as Shifted)
        .fails_for(
            "one-pixel",
            "The image was moved by one pixel for each place: in steps of 2 that is half a place, and the maps are others.",
            |on| on.part(&on.layer.forward(&on.moved(on.places)), on.places),
        )
        .fails_for(
            "same-place",
            "The maps were expected to stay: a convolution is equivariant, they move along; what stays under shifts is \
             invariant, such as a sum over all places.",
            |on| {
                on.part(&on.layer.forward(&on.moved(on.layer.window.stride * on.places)), 0)
            },
        )
        .fails_for(
            "weights-of-their-own",
            "Every place has weights of its own: then it is a dense layer with most weights 0, and knows nothing of \
             shifts; one window serves all places.",
            |on| {
                let mut maps = on.layer.forward(&on.moved(on.layer.window.stride * on.places));
                for (place, mut map) in maps.rows_mut().into_iter().enumerate() {
                    map *= 1.0 + 0.1 * place as f64;
                }
                on.part(&maps, on.places)
            },
        )
}
