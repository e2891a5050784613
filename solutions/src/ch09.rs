//! Lab 9: the convolutional VAE.

use lab::Functions;
use ndarray::{Array1, Array2, s};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

/// All of them.
#[must_use]
pub fn functions() -> Functions {
    Functions::new()
        .with("dilated_places", |(n, k, s, p, e): (usize, usize, usize, usize, usize)| {
            dilated_places(n, k, s, p, e) as f64
        })
        .with("receptive_field", |stages: Vec<(usize, usize)>| receptive_field(&stages) as f64)
        .with("enlarge_backward", |(delta, factor): (Matrix, usize)| {
            enlarge_backward(&delta, factor)
        })
        .with("dilated_backward", |(x, w, delta, steps): (Vector, Vector, Vector, [usize; 3])| {
            dilated_backward(&x, &w, &delta, steps)
        })
        .with(
            "group_norm_backward",
            |(x, gamma, groups, epsilon, delta): (Matrix, Vector, usize, f64, Matrix)| {
                group_norm_backward(&x, &gamma, groups, epsilon, &delta)
            },
        )
}

/// Between its first and its last weight a window makes k − 1 steps of length e, so it covers e(k − 1) + 1 pixels: the last
/// weight has no gap behind it. With that for k, (9.1) holds as it stands.
pub fn dilated_places(
    side: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
) -> usize {
    let covered = dilation * (kernel - 1) + 1;
    (side + 2 * padding - covered) / stride + 1
}

/// Walk from the image to the number. Behind some stages neighbours lie as many pixels apart as the product of their strides.
/// A window of k of them adds k − 1 such distances to what each of them sees. A stage's own stride moves its windows apart and
/// so counts from the next stage on.
pub fn receptive_field(stages: &[(usize, usize)]) -> usize {
    let (mut field, mut apart) = (1, 1);
    for (kernel, stride) in stages {
        field += (kernel - 1) * apart;
        apart *= stride;
    }
    field
}

/// x[i, j] was copied to f² pixels, so it gets the sum of their derivatives: the transpose of a copy is to add. The mean would
/// be the way back of an enlargement that divides by f², and one corner that of one which leaves the other pixels 0.
pub fn enlarge_backward(delta: &Matrix, factor: usize) -> Matrix {
    let (height, width) = delta.dim();
    let mut result = Array2::zeros((height / factor, width / factor));
    for ((i, j), &d) in delta.indexed_iter() {
        result[[i / factor, j / factor]] += d;
    }
    result
}

/// yᵢ contains the product of wₜ and x at i·s + t·e − p. So δᵢ wₜ goes to that x, and δᵢ times that x to wₜ: the same list of
/// products, read in the other directions, and with += because windows overlap and every weight serves all places. Where
/// the index is outside of the image, a zero was read, and nothing flows. Nothing is turned or shifted on
/// the way back: the indices of the forward pass say it all.
pub fn dilated_backward(
    x: &Vector,
    window: &Vector,
    delta: &Vector,
    [stride, dilation, padding]: [usize; 3],
) -> (Vector, Vector) {
    let mut by_x = Array1::zeros(x.len());
    let mut by_window = Array1::zeros(window.len());
    for i in 0..delta.len() {
        for t in 0..window.len() {
            let Some(j) = (i * stride + t * dilation).checked_sub(padding) else { continue };
            if j < x.len() {
                by_x[j] += delta[i] * window[t];
                by_window[t] += delta[i] * x[j];
            }
        }
    }
    (by_x, by_window)
}

/// Let g = γ δ, the derivative by x̃, and s = √(v + ϵ). As in (7.29), with N numbers in a group, ∂m/∂xᵢ = 1/N and
/// ∂s/∂xᵢ = (xᵢ − m)/(N s) = x̃ᵢ/N, so
///
/// ```text
/// ∂L/∂xᵢ = (gᵢ − mean(g) − x̃ᵢ mean(g x̃)) / s
/// ```
///
/// with means over the group. ϵ is inside of s and changes nothing else: ∂s/∂v = 1/(2s) has it already. γ comes first,
/// because it differs between the channels over which the means are taken.
pub fn group_norm_backward(
    x: &Matrix,
    gamma: &Vector,
    groups: usize,
    epsilon: f64,
    delta: &Matrix,
) -> Matrix {
    let g = delta * gamma;
    let mut result = Array2::zeros(x.dim());
    let channels = x.ncols() / groups;
    for first in (0..x.ncols()).step_by(channels) {
        let group = s![.., first..first + channels];
        let (x, g) = (x.slice(group), g.slice(group));
        let numbers = x.len() as f64;
        let centred = &x - x.sum() / numbers;
        let sigma = ((&centred * &centred).sum() / numbers + epsilon).sqrt();
        let normalized = centred / sigma;
        let along = (&normalized * &g).sum() / numbers;
        let moved = (&g - g.sum() / numbers - normalized * along) / sigma;
        result.slice_mut(group).assign(&moved);
    }
    result
}
