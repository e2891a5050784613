//! The backward passes of one layer.

use autodiff::F1;
use claims::{Claim, Domain, Rng, Subject, Tolerance, claim};
use ndarray::{Array1, Array2, Axis};

use super::{normal, window, windows};
use ch09_conv_vae::{Convolution, Transposed, Window};

const AFTER: &str = "LeCun et al. 1989";

/// Weight, bias and input of a layer, and δ = ∂L/∂y; its window.
#[derive(Clone)]
pub(super) struct Layer {
    weight: Array2<f64>,
    bias: Array1<f64>,
    x: Array2<f64>,
    delta: Array2<f64>,
    window: Window,
}

/// layer ↦ ∂L/∂W, ∂L/∂b and ∂L/∂x, one after the other
type Gradient = fn(&Layer) -> Vec<f64>;

/// Two images through a convolution or a transposed one.
fn layer(window: Window, transposed: bool, rng: &mut Rng) -> Layer {
    let fine = (2 * window.fine.1 * window.fine.2, window.fine.0);
    let coarse = (2 * window.places(), window.coarse.0);
    let (input, output) = if transposed { (coarse, fine) } else { (fine, coarse) };
    Layer {
        weight: normal((window.coarse.0, window.patch()), rng),
        bias: normal((1, output.1), rng).row(0).to_owned(),
        x: normal(input, rng),
        delta: normal(output, rng),
        window,
    }
}

/// A dual number for each number of a layer takes its time.
fn layers() -> Domain<8> {
    windows().cases(100)
}

/// The derivative of Σ δ ⊙ y with respect to every number of W, b and x, by one dual number after the other.
fn by_dual_numbers(
    layer: &Layer,
    forward: impl Fn(Array2<F1>, Array1<F1>, &Array2<F1>, &Window) -> Array2<F1>,
) -> Vec<f64> {
    let (weights, biases) = (layer.weight.len(), layer.bias.len());
    (0..weights + biases + layer.x.len())
        .map(|active| {
            let dual = |first: usize| {
                move |(i, &value): (usize, &f64)| {
                    if first + i == active { F1::var(value) } else { F1::cst(value) }
                }
            };
            let weight: Vec<F1> = layer.weight.iter().enumerate().map(dual(0)).collect();
            let bias: Array1<F1> = layer.bias.iter().enumerate().map(dual(weights)).collect();
            let x: Vec<F1> = layer.x.iter().enumerate().map(dual(weights + biases)).collect();
            let shaped = |numbers, like: &Array2<f64>| {
                Array2::from_shape_vec(like.dim(), numbers).expect("as many numbers")
            };
            let y =
                forward(shaped(weight, &layer.weight), bias, &shaped(x, &layer.x), &layer.window);
            y.iter().zip(&layer.delta).map(|(y, delta)| y.dx * delta).sum()
        })
        .collect()
}

fn joined(weight: &Array2<f64>, bias: &Array1<f64>, dx: &Array2<f64>) -> Vec<f64> {
    weight.iter().chain(bias).chain(dx).copied().collect()
}

fn convolution_of(layer: &Layer) -> Convolution<f64> {
    let Layer { weight, bias, window, .. } = layer.clone();
    Convolution { weight, bias, window }
}

fn transposed_of(layer: &Layer) -> Transposed<f64> {
    let Layer { weight, bias, window, .. } = layer.clone();
    Transposed { weight, bias, window }
}

fn of_convolution(layer: &Layer) -> Vec<f64> {
    let convolution = convolution_of(layer);
    let gradient = convolution.gradient(&layer.x, &layer.delta);
    joined(&gradient.weight, &gradient.bias, &convolution.backward(&layer.delta))
}

fn of_transposed(layer: &Layer) -> Vec<f64> {
    let transposed = transposed_of(layer);
    let gradient = transposed.gradient(&layer.x, &layer.delta);
    joined(&gradient.weight, &gradient.bias, &transposed.backward(&layer.delta))
}

const MEAN_BIAS: &str = "∂L/∂b was averaged over the places: the bias is added at each of them, so its derivative is the sum.";

/// The gradient with the bias's part averaged over the places.
fn mean_bias(layer: &Layer, gradient: Gradient) -> Vec<f64> {
    let mut parts = gradient(layer);
    let bias = layer.weight.len()..layer.weight.len() + layer.bias.len();
    parts[bias].iter_mut().for_each(|slope| *slope /= layer.delta.nrows() as f64);
    parts
}

// Sums of a hundred products in another order.
const ROUNDING: Tolerance = Tolerance::relative(1e-11).or_absolute(1e-12);

pub(super) fn convolution() -> Claim<Gradient> {
    claim("conv-vae/convolution-backward")
        .says("∂L/∂W = δᵀ patches(x), ∂L/∂b = Σ δ and ∂L/∂x = patchesᵀ(δW) are the derivatives of a convolution")
        .after(AFTER)
        .for_every(layers())
        .exact(ROUNDING, |gradient: &Subject<Gradient>, case, cases| {
            let window = window(case).ok_or("the window fits")?;
            let layer = layer(window, false, &mut cases.rng(case[7] as u64));
            let measured = gradient.output(|gradient| gradient(&layer));
            let expected = by_dual_numbers(&layer, |weight, bias, x, window| {
                Convolution { weight, bias, window: window.clone() }.forward(x)
            });
            cases.all_equal("derivative", &measured, &expected);
            Ok(())
        })
        .holds_for(of_convolution as Gradient)
        .fails_for("mean-bias", MEAN_BIAS, |layer| mean_bias(layer, of_convolution))
        .fails_for(
            "one-image",
            "Only the last image's patches were kept: the gradient is summed over all windows of all images.",
            |layer| {
                let convolution = convolution_of(layer);
                let last = |maps: &Array2<f64>| maps.slice(ndarray::s![maps.nrows() / 2.., ..]).to_owned();
                let gradient = convolution.gradient(&last(&layer.x), &last(&layer.delta));
                let bias = layer.delta.sum_axis(Axis(0));
                joined(&gradient.weight, &bias, &convolution.backward(&layer.delta))
            },
        )
        .fails_for(
            "bias-on-the-way-back",
            "The layer's bias was added on the way back: the derivative of W x + b with respect to x is W alone.",
            |layer| {
                let convolution = convolution_of(layer);
                let gradient = convolution.gradient(&layer.x, &layer.delta);
                let dx = convolution.backward(&layer.delta) + layer.bias.sum();
                joined(&gradient.weight, &gradient.bias, &dx)
            },
        )
        .fails_for(
            "delta-unweighted",
            "∂L/∂W was summed over the patches without δ: each patch counts as much as its output moves the loss.",
            |layer| {
                let convolution = convolution_of(layer);
                let ones = Array2::ones(layer.delta.dim());
                let gradient = convolution.gradient(&layer.x, &ones);
                let bias = layer.delta.sum_axis(Axis(0));
                joined(&gradient.weight, &bias, &convolution.backward(&layer.delta))
            },
        )
}

pub(super) fn transposed() -> Claim<Gradient> {
    claim("conv-vae/transposed-backward")
        .says(
            "Backwards a transposed convolution is the convolution: ∂L/∂x = patches(δ)Wᵀ and ∂L/∂W = xᵀ patches(δ), with \
             x and δ exchanged",
        )
        .after("Dumoulin & Visin 2016")
        .for_every(layers())
        .exact(ROUNDING, |gradient: &Subject<Gradient>, case, cases| {
            let window = window(case).ok_or("the window fits")?;
            let layer = layer(window, true, &mut cases.rng(case[7] as u64));
            let measured = gradient.output(|gradient| gradient(&layer));
            let expected = by_dual_numbers(&layer, |weight, bias, x, window| {
                Transposed { weight, bias, window: window.clone() }.forward(x)
            });
            cases.all_equal("derivative", &measured, &expected);
            Ok(())
        })
        .holds_for(of_transposed as Gradient)
        .fails_for("mean-bias", MEAN_BIAS, |layer| mean_bias(layer, of_transposed))
        .fails_for(
            "bias-of-the-coarse",
            "∂L/∂b was summed over the coarse maps: the bias is added to the fine ones, and there is one for each of their \
             channels.",
            |layer| {
                let transposed = transposed_of(layer);
                let gradient = transposed.gradient(&layer.x, &layer.delta);
                let coarse = layer.x.sum();
                let bias = layer.bias.mapv(|_| coarse);
                joined(&gradient.weight, &bias, &transposed.backward(&layer.delta))
            },
        )
        .fails_for(
            "forward-bias",
            "The bias of the forward pass was added on the way back: ∂L/∂x is linear in δ.",
            |layer| {
                let transposed = transposed_of(layer);
                let gradient = transposed.gradient(&layer.x, &layer.delta);
                let dx = transposed.backward(&layer.delta) + layer.bias.sum();
                joined(&gradient.weight, &gradient.bias, &dx)
            },
        )
        .fails_for(
            "own-output-for-delta",
            "∂L/∂W was made from the layer's output where δ belongs: xᵀ patches(δ).",
            |layer| {
                let transposed = transposed_of(layer);
                let gradient = transposed.gradient(&layer.x, &transposed.forward(&layer.x));
                let bias = layer.delta.sum_axis(Axis(0));
                joined(&gradient.weight, &bias, &transposed.backward(&layer.delta))
            },
        )
}
