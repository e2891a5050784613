//! The chapter's claims: statements, checks, and the mistakes that the checks reject.

mod adjoint;
mod backward;
mod comparison;
mod direct;
mod model;
mod reference;
mod schedule;
mod shapes;
#[cfg(feature = "tch")]
pub mod torch;
mod windows;

use claims::AnyClaim;
use ndarray::Array2;
use ndarray_rand::RandomExt;
use prob::random::stream;
use rand_distr::StandardNormal;

use ch09_conv_vae::{Stage, Window};

/// Everything that the chapter claims, in the order of the text.
#[must_use]
pub fn claims() -> Vec<Box<dyn AnyClaim>> {
    vec![
        Box::new(windows::size()),
        Box::new(windows::coverage()),
        Box::new(direct::im2col()),
        Box::new(direct::shift()),
        Box::new(adjoint::adjoint()),
        Box::new(adjoint::no_inverse()),
        Box::new(backward::convolution()),
        Box::new(backward::transposed()),
        Box::new(shapes::parameter_count()),
        Box::new(shapes::names()),
        Box::new(model::gradient()),
        Box::new(reference::pytorch()),
        Box::new(schedule::cosine_rate()),
        Box::new(comparison::against_dense()),
    ]
}

/// Windows of different sides, steps and paddings, on images that they cover evenly and on others.
fn some_windows() -> Vec<Window> {
    let stage = |channels, kernel, stride, padding| Stage { channels, kernel, stride, padding };
    [
        ((1, 6, 6), stage(2, 4, 2, 1)),
        ((2, 5, 4), stage(3, 3, 1, 1)),
        ((2, 7, 6), stage(1, 3, 2, 1)),
        ((3, 5, 7), stage(2, 4, 3, 2)),
        ((2, 4, 4), stage(3, 2, 2, 0)),
    ]
    .into_iter()
    .filter_map(|(fine, stage)| Window::new(fine, stage))
    .collect()
}

/// Normal numbers, the same ones for the same names.
fn normal(shape: (usize, usize), name: [u64; 2]) -> Array2<f64> {
    Array2::random_using(shape, StandardNormal, &mut stream(9, name))
}
