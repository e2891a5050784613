//! Minimising a smooth function of many variables without noise: L-BFGS.
//!
//! Adam is made for gradients that are drawn. Where the gradient is exact, its last few changes tell how
//! the slope bends, and steps that know it arrive with many more digits.

use std::collections::VecDeque;

/// Pairs of a step and the change of the gradient along it that are remembered.
const MEMORY: usize = 20;
/// The share of the decrease that the slope promises with which a step must be content.
const DECREASE: f64 = 1e-4;
/// Steps shorter than this share of the proposed one mean that rounding is all that is left.
const SHORTEST: f64 = 1e-10;

/// A gradient of which no entry is larger than this is as good as zero.
const FLAT: f64 = 2e-6;

/// A function's value and its gradient.
pub type Slope = (f64, Vec<f64>);

/// Follows `f` downhill from `x` until it is flat, or for so many steps, and returns where that ends (Nocedal
/// 1980; Nocedal & Wright, *Numerical Optimization*, algorithm 7.4, halving the step until the function falls).
pub fn minimize(mut x: Vec<f64>, steps: usize, mut f: impl FnMut(&[f64]) -> Slope) -> Vec<f64> {
    let (mut value, mut gradient) = f(&x);
    let mut memory: VecDeque<(Vec<f64>, Vec<f64>)> = VecDeque::with_capacity(MEMORY);
    for _ in 0..steps {
        if gradient.iter().all(|g| g.abs() <= FLAT) {
            break;
        }
        let direction = downhill(&gradient, &memory);
        let slope = dot(&direction, &gradient);
        let mut length = 1.0;
        let (next, next_value, next_gradient) = loop {
            let next: Vec<f64> = x.iter().zip(&direction).map(|(x, d)| x + length * d).collect();
            let (next_value, next_gradient) = f(&next);
            if next_value <= value + DECREASE * length * slope {
                break (next, next_value, next_gradient);
            }
            length *= 0.5;
            if length < SHORTEST {
                return x;
            }
        };
        let step = difference(&next, &x);
        let change = difference(&next_gradient, &gradient);
        // Only where the function bends upwards along the step is the pair of any use.
        if dot(&step, &change) > 0.0 {
            if memory.len() == MEMORY {
                memory.pop_front();
            }
            memory.push_back((step, change));
        }
        (x, value, gradient) = (next, next_value, next_gradient);
    }
    x
}

/// −Hg with H, the inverse of the second derivatives, as the remembered pairs show it.
fn downhill(gradient: &[f64], memory: &VecDeque<(Vec<f64>, Vec<f64>)>) -> Vec<f64> {
    let mut q = gradient.to_vec();
    let mut shares = Vec::with_capacity(memory.len());
    for (step, change) in memory.iter().rev() {
        let share = dot(step, &q) / dot(step, change);
        add(&mut q, -share, change);
        shares.push(share);
    }
    let scale = memory.back().map_or_else(
        || dot(gradient, gradient).sqrt().max(1.0).recip(),
        |(step, change)| dot(step, change) / dot(change, change),
    );
    q.iter_mut().for_each(|q| *q *= scale);
    for ((step, change), share) in memory.iter().zip(shares.into_iter().rev()) {
        let correction = share - dot(change, &q) / dot(step, change);
        add(&mut q, correction, step);
    }
    q.iter_mut().for_each(|q| *q = -*q);
    q
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn add(to: &mut [f64], factor: f64, what: &[f64]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += factor * what);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley, whose floor is curved and a hundred times flatter than its walls; the
    /// minimum is at (1, 1).
    #[test]
    fn it_follows_a_curved_valley_to_its_end() {
        let end = minimize(vec![-1.2, 1.0], 100, |x| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            (a * a + 100.0 * b * b, vec![-2.0 * a - 400.0 * x[0] * b, 200.0 * b])
        });
        assert!(end.iter().all(|x| (x - 1.0).abs() < 1e-6), "{end:?}");
    }
}
