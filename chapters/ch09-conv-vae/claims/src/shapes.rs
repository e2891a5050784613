//! The layers of a model: how many numbers they have, and how they are called.

use claims::{Claim, Subject, Tolerance, Verdict, claim};
use nn::Activation;
use nn::checkpoint::Checkpoint;

use super::reference;
use ch09_conv_vae::{Architecture, Layer, Stage};

/// An architecture's parameters, layer by layer.
type Counts = fn(&Architecture) -> Vec<f64>;

/// One that nothing is symmetric in: two stages of different sizes, two hidden layers, colour.
fn lopsided() -> Architecture {
    let stage = |channels, kernel, stride, padding| Stage { channels, kernel, stride, padding };
    Architecture {
        image: (3, 10, 13),
        stages: vec![stage(5, 3, 1, 1), stage(7, 4, 2, 1)],
        hidden: vec![11, 6],
        latent: 4,
        activation: Activation::Relu,
    }
}

/// The same by hand: the first maps are 5×10×13, the last 7×5×6 = 210.
const LOPSIDED: [f64; 10] = [
    140.0,  // 5·(3·3·3) + 5
    567.0,  // 7·(5·4·4) + 7
    2321.0, // 11·210 + 11
    72.0,   // 6·11 + 6
    28.0,   // 4·6 + 4
    28.0,   // the same
    30.0,   // 6·4 + 6
    77.0,   // 11·6 + 11
    2520.0, // 210·11 + 210
    565.0,  // 7·(5·4·4) + 5: the bias is the fine image's
];
const LAST: f64 = 138.0; // 5·(3·3·3) + 3

pub(super) fn parameter_count() -> Claim<Counts> {
    claim("conv-vae/parameter-count")
        .says(
            "A convolution has k²·c·d + d parameters for c channels in and d out, whatever the image's size; back, a \
             transposed one as many weights and c biases",
        )
        .settles("sys-conv-vae", Verdict::Holds)
        .exact(Tolerance::absolute(1e-9), |counts: &Subject<Counts>, cases| {
            let found = counts.output(|counts| counts(&lopsided()));
            cases.all_equal("by hand", &found, &[&LOPSIDED[..], &[LAST]].concat());
            let file = reference::file()?;
            let architecture = reference::architecture();
            let found = counts.output(|counts| counts(&architecture));
            for (layer, found) in architecture.layers()?.iter().zip(found) {
                let numbers = |part: &str| -> Result<usize, claims::CheckError> {
                    Ok(file.shape(&format!("param.{}.{part}", layer.name))?.iter().product())
                };
                let expected = numbers("weight")? + numbers("bias")?;
                cases.equal(format!("PyTorch's {}", layer.name), found, expected as f64);
            }
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

/// The shape of a layer's weight in PyTorch's layout: name ↦ sides.
type Shape = fn(&Layer, &Checkpoint) -> Vec<f64>;

pub(super) fn names() -> Claim<Shape> {
    claim("conv-vae/layout")
        .says(
            "In files a convolution's weight is out×in×k×k, a transposed one's in×out×k×k, a dense one's out×in, under \
             PyTorch's names",
        )
        .settles("sys-conv-vae", Verdict::Holds)
        .exact(Tolerance::absolute(1e-9), |shape: &Subject<Shape>, cases| {
            let file = reference::file()?;
            for layer in reference::architecture().layers()? {
                let expected: Vec<f64> = file
                    .shape(&format!("param.{}.weight", layer.name))?
                    .iter()
                    .map(|&side| side as f64)
                    .collect();
                let found = shape.output(|shape| shape(&layer, &file));
                cases.all_equal(&layer.name, &found, &expected);
            }
            Ok(())
        })
        .holds_for((|layer, _| sides(&layer.weight)) as Shape)
        .fails_for(
            "transposed-out-in",
            "The transposed convolution's weight was laid out as out×in: PyTorch has in×out there, as the weight of the \
             convolution that it is the transpose of.",
            |layer, _| {
                let mut weight = layer.weight.clone();
                if layer.name.starts_with("deconv") {
                    weight.swap(0, 1);
                }
                sides(&weight)
            },
        )
        .fails_for(
            "channels-last",
            "The weight was laid out as it lies in memory here, with the channels last: files have them second.",
            |layer, _| {
                let mut weight = layer.weight.clone();
                if weight.len() == 4 {
                    weight[1..].rotate_left(1);
                }
                sides(&weight)
            },
        )
        .fails_for(
            "in-out",
            "The dense weight was laid out as in×out, as TensorFlow has it: PyTorch has out×in.",
            |layer, _| {
                let mut weight = layer.weight.clone();
                if weight.len() == 2 {
                    weight.swap(0, 1);
                }
                sides(&weight)
            },
        )
}

fn sides(weight: &[usize]) -> Vec<f64> {
    weight.iter().map(|&side| side as f64).collect()
}
