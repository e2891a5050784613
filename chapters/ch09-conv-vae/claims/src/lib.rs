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

use claims::{AnyClaim, Domain, Rng, domain, seed, whole};
use ndarray::Array2;
use ndarray_rand::RandomExt;
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
        Box::new(comparison::neighbours()),
    ]
}

/// A window on a small image, and the seed of the numbers in both.
type Case = [f64; 8];

/// Windows of all sides, steps and paddings on images that they cover evenly and on others.
fn windows() -> Domain<8> {
    domain([
        whole("channels in", 1..=3),
        whole("channels out", 1..=3),
        whole("height", 1..=6),
        whole("width", 1..=6),
        whole("side of the window k", 1..=4),
        whole("step s", 1..=4),
        whole("zeros p", 0..=3),
        seed("the numbers"),
    ])
    .with([
        [1.0, 2.0, 6.0, 6.0, 4.0, 2.0, 1.0, 9.0],
        [2.0, 3.0, 5.0, 4.0, 3.0, 1.0, 1.0, 9.0],
        [2.0, 1.0, 5.0, 6.0, 3.0, 2.0, 1.0, 9.0],
        [3.0, 2.0, 5.0, 6.0, 4.0, 3.0, 2.0, 9.0],
        [2.0, 3.0, 4.0, 4.0, 2.0, 2.0, 0.0, 9.0],
    ])
    .such_that("p < k, and the window fits", |[_, _, height, width, k, _, p, _]| {
        p < k && height.min(width) + 2.0 * p >= k
    })
}

fn window([fine, channels, height, width, kernel, stride, padding, _]: Case) -> Option<Window> {
    let [fine, channels, height, width] = [fine, channels, height, width].map(|n| n as usize);
    let [kernel, stride, padding] = [kernel, stride, padding].map(|n| n as usize);
    Window::new((fine, height, width), Stage { channels, kernel, stride, padding })
}

/// Normal numbers.
fn normal(shape: (usize, usize), rng: &mut Rng) -> Array2<f64> {
    Array2::random_using(shape, StandardNormal, rng)
}
