//! Straight lines from code to code. Equation (7.30).

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

// ANCHOR: between
/// (1 − t) a + t b, row by row, equation (7.30): codes on the way from `a` to `b`, or images if the rows are
/// images.
#[must_use]
pub fn between(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>, t: f32) -> Array2<f32> {
    (1.0 - t) * &a + t * &b
}

/// `steps` points at equal distances from `a` to `b`, both ends among them, steps × length.
#[must_use]
pub fn walk(a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>, steps: usize) -> Array2<f32> {
    Array2::from_shape_fn((steps, a.len()), |(step, j)| {
        let t = step as f32 / steps.saturating_sub(1).max(1) as f32;
        (1.0 - t) * a[j] + t * b[j]
    })
}
// ANCHOR_END: between

/// The [`walk`]s from each row 2k of `ends` to row 2k + 1, one after the other.
#[must_use]
pub fn walks(ends: ArrayView2<'_, f32>, steps: usize) -> Array2<f32> {
    let mut walks = Array2::zeros((ends.nrows() / 2 * steps, ends.ncols()));
    let pairs = ends.axis_chunks_iter(Axis(0), 2);
    for (mut points, ends) in walks.axis_chunks_iter_mut(Axis(0), steps).zip(pairs) {
        points.assign(&walk(ends.row(0), ends.row(1), steps));
    }
    walks
}
