//! Gradient descent: plain, and Adam.

use std::ops::Range;

use ndarray::{Array, ArrayViewMut, ArrayViewMut1, ArrayViewMut2, Axis, Dimension};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::{LayerTape, Linear, Parameters, Scalar};

/// Stochastic gradient descent, θ ← θ − η g.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// The learning rate η.
    pub learning_rate: f64,
}

impl Sgd {
    /// Takes one step on a tensor's parameters.
    pub fn update<S: Scalar>(&self, parameters: &mut [S], gradient: &[S]) {
        let rate = S::from_f64(self.learning_rate);
        for (theta, g) in parameters.iter_mut().zip(gradient) {
            *theta = *theta - rate * *g;
        }
    }
}

/// Adam (Kingma & Ba 2015, Algorithm 1), in the order of operations that PyTorch uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// The learning rate η.
    pub learning_rate: f64,
    /// Decay β₁ of the mean of gradients.
    pub beta1: f64,
    /// Decay β₂ of the mean of squared gradients.
    pub beta2: f64,
    /// ε, added to the root of the second moment.
    pub epsilon: f64,
}

impl Adam {
    /// The paper's settings: β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
    pub fn new(learning_rate: f64) -> Self {
        Self { learning_rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
    }

    /// The update rule of step `t`, counted from 1, with its bias corrections worked out.
    pub fn at_step<S: Scalar>(&self, t: u64) -> AdamStep<S> {
        let correction1 = 1.0 - self.beta1.powf(t as f64);
        let correction2 = 1.0 - self.beta2.powf(t as f64);
        AdamStep {
            beta1: S::from_f64(self.beta1),
            beta2: S::from_f64(self.beta2),
            rest1: S::from_f64(1.0 - self.beta1),
            rest2: S::from_f64(1.0 - self.beta2),
            step_size: S::from_f64(self.learning_rate / correction1),
            inverse_root_correction2: S::from_f64(1.0 / correction2.sqrt()),
            epsilon: S::from_f64(self.epsilon),
        }
    }
}

/// Adam's update at one step; made by [`Adam::at_step`].
#[derive(Clone, Copy, Debug)]
pub struct AdamStep<S> {
    beta1: S,
    beta2: S,
    rest1: S,
    rest2: S,
    step_size: S,
    inverse_root_correction2: S,
    epsilon: S,
}

impl<S: Scalar> AdamStep<S> {
    // ANCHOR: adam
    /// m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η m̂ / (√v̂ + ε).
    ///
    /// # Panics
    /// If the four slices differ in length.
    pub fn update(&self, theta: &mut [S], g: &[S], m: &mut [S], v: &mut [S]) {
        let n = theta.len();
        assert!(g.len() == n && m.len() == n && v.len() == n, "one moment for each parameter");
        let step = *self;
        S::vectorize(
            #[inline(always)]
            move || {
                for (((theta, &g), m), v) in theta.iter_mut().zip(g).zip(m).zip(v) {
                    *m = flush(step.beta1 * *m + step.rest1 * g);
                    *v = flush(step.beta2 * *v + step.rest2 * g * g);
                    let root = v.sqrt() * step.inverse_root_correction2;
                    *theta = *theta - step.step_size * *m / (root + step.epsilon);
                }
            },
        );
    }
    // ANCHOR_END: adam
}

/// Zero for what is as good as zero.
///
/// The moments of a weight whose gradient stays away decay to subnormal numbers, on which a
/// processor computes a hundred times slower: without this an epoch on MNIST gets slower and slower.
#[inline(always)]
fn flush<S: Scalar>(moment: S) -> S {
    if moment.abs() < S::from_f64(1e-30) { S::zero() } else { moment }
}

// ANCHOR: cosine
/// The learning rate of step `step` of `steps`: ½η(1 + cos πt/T), from η down to 0 along half a wave (Loshchilov &
/// Hutter 2017, without restarts).
pub fn cosine(learning_rate: f64, step: u64, steps: u64) -> f64 {
    let done = step as f64 / steps as f64;
    0.5 * learning_rate * (1.0 + (std::f64::consts::PI * done).cos())
}
// ANCHOR_END: cosine

/// Images in one shard of a batch. A thread works on a shard at a time; the sum over shards always has the same order,
/// so the number of threads leaves no trace in the result.
///
/// At 64 the matrix products run at nearly full speed. Every product rearranges the weights for the
/// processor's cache first, once a shard: at 32 that would happen twice as often.
pub const SHARD: usize = 64;

/// The indices of a batch in shards of equal size; the last may be smaller.
pub fn shards_of(indices: &[usize]) -> Vec<&[usize]> {
    indices.chunks(SHARD).collect()
}

/// For every dense layer of a model: its gradient from the shards of a batch, then Adam's step.
///
/// The layers come three times: the parameters θ, Adam's first moments m and its second moments v. `passes` are the
/// tapes of each shard, a tape for each layer. Each thread of the current rayon pool gets an equal share of the rows
/// of every layer, and makes the step with its block of the gradient while that is in its cache. A row's
/// result does not depend on the division.
pub fn update_layers<'a, S: Scalar>(
    [parameters, first, second]: [Vec<&mut Linear<S>>; 3],
    passes: impl IntoIterator<Item = impl Iterator<Item = LayerTape<'a, S>>>,
    step: AdamStep<S>,
) {
    let mut shards = vec![Vec::new(); parameters.len()];
    for tapes in passes {
        shards.iter_mut().zip(tapes).for_each(|(layer, tape)| layer.push(tape));
    }
    let threads = rayon::current_num_threads();
    let mut shares: Vec<Vec<Block<'_, S>>> = (0..threads).map(|_| Vec::new()).collect();
    let layers = parameters.into_iter().zip(first).zip(second);
    for (((theta, m), v), shards) in layers.zip(&shards) {
        for (share, block) in shares.iter_mut().zip(blocks([theta, m, v], shards, threads)) {
            share.push(block);
        }
    }
    shares.into_par_iter().for_each(|share| {
        for block in share {
            block.update(&step);
        }
    });
}

/// Some rows of a layer: what their gradient is made of, and what Adam's step changes.
struct Block<'a, S> {
    shards: &'a [LayerTape<'a, S>],
    rows: Range<usize>,
    /// θ, m and v of the weight.
    weight: [ArrayViewMut2<'a, S>; 3],
    /// θ, m and v of the bias.
    bias: [ArrayViewMut1<'a, S>; 3],
}

/// A layer in at most `count` blocks of equal size (the last may be smaller).
fn blocks<'a, S: Scalar>(
    layer: [&'a mut Linear<S>; 3],
    shards: &'a [LayerTape<'a, S>],
    count: usize,
) -> impl Iterator<Item = Block<'a, S>> {
    let outputs = layer[0].outputs();
    let size = outputs.div_ceil(count);
    let parts = layer.map(|part| {
        let weight = part.weight.axis_chunks_iter_mut(Axis(0), size);
        weight.zip(part.bias.axis_chunks_iter_mut(Axis(0), size))
    });
    let [theta, m, v] = parts;
    theta.zip(m).zip(v).enumerate().map(move |(i, ((theta, m), v))| Block {
        shards,
        rows: i * size..outputs.min((i + 1) * size),
        weight: [theta.0, m.0, v.0],
        bias: [theta.1, m.1, v.1],
    })
}

impl<S: Scalar> Block<'_, S> {
    fn update(self, step: &AdamStep<S>) {
        let Self { shards, rows, weight: [mut theta, mut m, mut v], bias } = self;
        let g = Linear::gradient_rows(shards, rows);
        step.update(whole(&mut theta), contiguous(&g.weight), whole(&mut m), whole(&mut v));
        let [mut theta, mut m, mut v] = bias;
        step.update(whole(&mut theta), contiguous(&g.bias), whole(&mut m), whole(&mut v));
    }
}

/// For models whose shards bring whole gradients: adds these in their order and makes Adam's step, a block of the
/// parameters at a time, on all threads. The models are the parameters θ, Adam's first moments m and its second
/// moments v.
pub fn update_parameters<M: Parameters>(
    [model, first, second]: [&mut M; 3],
    gradients: &mut [M],
    step: AdamStep<M::Scalar>,
) {
    /// Numbers in a block: enough to be worth a task, few enough for the cache.
    const BLOCK: usize = 1 << 13;
    let Some((sum, shards)) = gradients.split_first_mut() else { return };
    let shards: Vec<_> = shards.iter().map(M::parameters).collect();
    let moments = first.parameters_mut().into_iter().zip(second.parameters_mut());
    let tensors = model.parameters_mut().into_iter().zip(sum.parameters_mut()).zip(moments);
    let blocks = tensors.enumerate().flat_map(|(tensor, ((theta, sum), (m, v)))| {
        let blocks = theta.chunks_mut(BLOCK).zip(sum.chunks_mut(BLOCK));
        let moments = m.chunks_mut(BLOCK).zip(v.chunks_mut(BLOCK));
        blocks.zip(moments).enumerate().map(move |(block, parts)| (tensor, block, parts))
    });
    blocks.collect::<Vec<_>>().into_par_iter().for_each(
        |(tensor, block, ((theta, sum), (m, v)))| {
            for shard in &shards {
                let part = &shard[tensor][block * BLOCK..][..sum.len()];
                sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += *part);
            }
            step.update(theta, sum, m, v);
        },
    );
}

/// A block of whole rows as one slice.
fn whole<'a, S, D: Dimension>(rows: &'a mut ArrayViewMut<'_, S, D>) -> &'a mut [S] {
    rows.as_slice_mut().expect("whole rows of a layer are contiguous")
}

/// A gradient's block as one slice.
fn contiguous<S, D: Dimension>(block: &Array<S, D>) -> &[S] {
    block.as_slice().expect("a new array is contiguous")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first step of Adam has length η in every coordinate, whatever the gradient's size,
    /// since m̂/√v̂ = g/|g|; ε = 1e-8 changes it by 1e-8/|g|.
    #[test]
    fn adams_first_step_has_the_length_of_the_learning_rate() {
        let (mut theta, mut m, mut v) = ([1.0, 1.0], [0.0; 2], [0.0; 2]);
        Adam::new(0.1).at_step(1).update(&mut theta, &[50.0, -0.02], &mut m, &mut v);
        assert!((theta[0] - 0.9).abs() < 1e-9 && (theta[1] - 1.1).abs() < 1e-7, "{theta:?}");
        assert!((m[0] - 5.0).abs() < 1e-15 && (v[0] - 2.5).abs() < 1e-12);
    }

    #[test]
    fn sgd_descends_along_the_gradient() {
        let mut theta = [1.0, -2.0];
        Sgd { learning_rate: 0.5 }.update(&mut theta, &[2.0, -4.0]);
        assert_eq!(theta, [0.0, 0.0]);
    }
}
