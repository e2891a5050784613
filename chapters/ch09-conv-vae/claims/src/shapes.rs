//! The layers of a model: how many numbers they have, and how they are called.

use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, whole};
use nn::Activation;

use super::reference;
use ch09_conv_vae::{Architecture, Layer, Stage};

/// An architecture's parameters, layer by layer.
type Counts = fn(&Architecture) -> Vec<f64>;

/// Two convolutions, the first with a border of zeros, the second in steps of two.
fn architecture(
    (channels, height, width): (usize, usize, usize),
    [[first, k], [second, l]]: [[usize; 2]; 2],
) -> Architecture {
    let stage = |channels, kernel, stride, padding| Stage { channels, kernel, stride, padding };
    Architecture {
        image: (channels, height, width),
        stages: vec![stage(first, k, 1, k - 1), stage(second, l, 2, 0)],
        hidden: vec![3],
        latent: 2,
        activation: Activation::Relu,
    }
}

pub(super) fn parameter_count() -> Claim<Counts> {
    claim("conv-vae/parameter-count")
        .says(
            "A convolution has k²·c·d + d parameters for c channels in and d out, whatever the image's size; back, a \
             transposed one as many weights and c biases",
        )
        .settles("sys-conv-vae", Verdict::Holds)
        .for_every(
            domain([
                whole("channels of the image", 1..=4),
                whole("height", 4..=20),
                whole("width", 4..=20),
                whole("channels of the first convolution", 1..=8),
                whole("side of its window", 1..=5),
                whole("channels of the second", 1..=8),
                whole("side of its window, in steps of 2", 1..=4),
            ])
            .with([[3.0, 10.0, 13.0, 5.0, 3.0, 7.0, 4.0], [1.0, 4.0, 20.0, 8.0, 4.0, 8.0, 4.0]]),
        )
        .exact(Tolerance::absolute(1e-9), |counts: &Subject<Counts>, case, cases| {
            let [c, height, width, d, k, e, l] = case.map(|number| number as usize);
            let architecture = architecture((c, height, width), [[d, k], [e, l]]);
            let found = counts.output(|counts| counts(&architecture));
            let last = found.len().saturating_sub(2);
            let found = [found.get(..2), found.get(last..)].map(Option::unwrap_or_default).concat();
            let there = [k * k * c * d + d, l * l * d * e + e];
            let back = [l * l * d * e + d, k * k * c * d + c];
            let expected = [there, back].concat().iter().map(|&n| n as f64).collect::<Vec<_>>();
            cases.all_equal("layer", &found, &expected);
            Ok(())
        })
        .holds_for((|architecture| {
            count(architecture, |layer| layer.weight.iter().product::<usize>() + layer.bias)
        }) as Counts)
        .fails_for(
            "no-bias",
            "The biases were not counted: one for each channel that a layer makes.",
            |architecture| count(architecture, |layer| layer.weight.iter().product()),
        )
        .fails_for(
            "side-for-area",
            "The window's side was counted once: it has k·k pixels.",
            |architecture| count(architecture, |layer| layer.weight[..layer.weight.len().min(3)].iter().product::<usize>() + layer.bias),
        )
        .fails_for(
            "bias-of-the-first-side",
            "The transposed convolution got a bias for each channel that it reads: the first side of its weight are its \
             inputs, not its outputs.",
            |architecture| count(architecture, |layer| layer.weight.iter().product::<usize>() + layer.weight[0]),
        )
        .fails_for(
            "weights-for-every-place",
            "The weights were counted for every place of the window: all places share them.",
            |architecture| {
                let mut counts = count(architecture, |layer| layer.weight.iter().product::<usize>() + layer.bias);
                let windows = architecture.windows().unwrap_or_default();
                for (count, window) in counts.iter_mut().zip(&windows) {
                    *count *= window.places() as f64;
                }
                counts
            },
        )
}

fn count(architecture: &Architecture, of: fn(&Layer) -> usize) -> Vec<f64> {
    architecture.layers().unwrap_or_default().iter().map(|layer| of(layer) as f64).collect()
}

/// The shape of a layer's weight in PyTorch's layout, and the length of its bias.
type Shape = fn(&Layer) -> Vec<f64>;

pub(super) fn names() -> Claim<Shape> {
    claim("conv-vae/layout")
        .says(
            "In a file that PyTorch wrote of a model with two convolutions, as here, a convolution's weight is out×in×k×k, a \
             transposed one's in×out×k×k, a dense one's out×in, and layer for layer the names are the same",
        )
        .settles("sys-conv-vae", Verdict::Holds)
        .for_every(domain([whole("layer", 0..=6)]))
        .exact(Tolerance::absolute(1e-9), |shape: &Subject<Shape>, [layer], cases| {
            let file = reference::file()?;
            let layers = reference::architecture().layers()?;
            let layer = layers.get(layer as usize).ok_or("the model has seven layers")?;
            let sides = |part: &str| file.shape(&format!("param.{}.{part}", layer.name));
            let expected = [sides("weight")?, sides("bias")?].concat();
            let expected: Vec<f64> = expected.iter().map(|&side| side as f64).collect();
            cases.all_equal(&layer.name, &shape.output(|shape| shape(layer)), &expected);
            Ok(())
        })
        .holds_for((|layer| sides(&layer.weight, layer)) as Shape)
        .fails_for(
            "transposed-out-in",
            "The transposed convolution's weight was laid out as out×in: PyTorch has in×out there, as the weight of the \
             convolution that it is the transpose of.",
            |layer| {
                let mut weight = layer.weight.clone();
                if layer.name.starts_with("deconv") {
                    weight.swap(0, 1);
                }
                sides(&weight, layer)
            },
        )
        .fails_for(
            "channels-last",
            "The weight was laid out as it lies in memory here, with the channels last: files have them second.",
            |layer| {
                let mut weight = layer.weight.clone();
                if weight.len() == 4 {
                    weight[1..].rotate_left(1);
                }
                sides(&weight, layer)
            },
        )
        .fails_for(
            "in-out",
            "The dense weight was laid out as in×out, as TensorFlow has it: PyTorch has out×in.",
            |layer| {
                let mut weight = layer.weight.clone();
                if weight.len() == 2 {
                    weight.swap(0, 1);
                }
                sides(&weight, layer)
            },
        )
}

fn sides(weight: &[usize], layer: &Layer) -> Vec<f64> {
    weight.iter().chain([&layer.bias]).map(|&side| side as f64).collect()
}
