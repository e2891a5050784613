//! Gradient descent on the loss. Equation (1.5).

use std::f64::consts::PI;

use data::{batches, shuffled};
use ndarray::{Array2, Axis};
use nn::{Adam, Scalar};
use prob::random::stream;

use crate::Model;

/// How long, in what portions and how fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// Visits to every image.
    pub epochs: usize,
    /// Images in a step.
    pub batch: usize,
    /// Adam's step size in the beginning; it falls to 0 along half a cosine.
    pub learning_rate: f64,
    /// Decides the order of the images.
    pub seed: u64,
}

/// The stream that shuffles the images.
const ORDER: u64 = 0xae01;

// ANCHOR: train
/// Trains with Adam on batches of `x` (images × pixels), in an order that the seed decides, and shows the
/// model to `after_epoch` with the number of epochs done.
///
/// The step size falls along half a cosine, equation (1.5): a constant one would keep the parameters
/// jittering about the minimum, and the last digits of the loss are what this chapter is after.
pub fn train<S: Scalar, M: Model<S>>(
    model: &mut M,
    x: &Array2<S>,
    schedule: &Schedule,
    mut after_epoch: impl FnMut(usize, &M),
) {
    let steps = schedule.epochs * x.nrows().div_ceil(schedule.batch);
    let zeros = |blocks: &[&mut [S]]| -> Vec<Vec<S>> {
        blocks.iter().map(|block| vec![S::zero(); block.len()]).collect()
    };
    let mut first = zeros(&model.parameters_mut());
    let mut second = zeros(&model.parameters_mut());
    let mut t = 0;
    for epoch in 1..=schedule.epochs {
        let order = shuffled(x.nrows(), &mut stream(schedule.seed, [ORDER, epoch as u64]));
        for batch in batches(&order, schedule.batch) {
            let gradient = model.gradient(&x.select(Axis(0), batch));
            let cosine = (PI * t as f64 / steps as f64).cos();
            t += 1;
            let adam = Adam::new(schedule.learning_rate * 0.5 * (1.0 + cosine));
            let step = adam.at_step(t as u64);
            for (k, block) in model.parameters_mut().into_iter().enumerate() {
                step.update(block, &gradient[k], &mut first[k], &mut second[k]);
            }
        }
        after_epoch(epoch, model);
    }
}
// ANCHOR_END: train
