//! How many numbers an image needs: two estimates of the dimension of a point cloud. Equations (1.16) and
//! (1.17).
//!
//! Both look at how the number of neighbours grows with the distance r: like r^d on a d-dimensional sheet,
//! however many coordinates the space around it has.

use ndarray::{Array2, Axis};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// The distances from each point of `x` (points × coordinates) to its `count` nearest others, ascending.
#[must_use]
pub fn neighbour_distances(x: &Array2<f32>, count: usize) -> Vec<Vec<f64>> {
    const ROWS: usize = 256;
    let squares = (x * x).sum_axis(Axis(1));
    let starts: Vec<usize> = (0..x.nrows()).step_by(ROWS).collect();
    let blocks: Vec<Vec<Vec<f64>>> = starts
        .into_par_iter()
        .map(|start| {
            let end = (start + ROWS).min(x.nrows());
            let products = x.slice(ndarray::s![start..end, ..]).dot(&x.t());
            let row = |i: usize| {
                let square = |j: usize| squares[start + i] + squares[j] - 2.0 * products[[i, j]];
                let others = (0..x.nrows()).filter(|&j| j != start + i);
                let mut distances: Vec<f32> = others.map(square).collect();
                let nth = count.min(distances.len()) - 1;
                distances.select_nth_unstable_by(nth, f32::total_cmp);
                distances.truncate(nth + 1);
                distances.sort_by(f32::total_cmp);
                distances.iter().map(|&square| f64::from(square).max(0.0).sqrt()).collect()
            };
            (0..end - start).map(row).collect()
        })
        .collect();
    blocks.into_iter().flatten().collect()
}

// ANCHOR: two_nn
/// From the ratio of the distances to the second and the first neighbour, equation (1.16). On a
/// d-dimensional sheet log(r₂/r₁) is exponential with rate d; (N − 1)/Σ is the rate's unbiased estimate
/// (Facco, d'Errico, Rodriguez & Laio 2017). Twins (r₁ = 0) say nothing and are left out.
#[must_use]
pub fn two_nn(distances: &[Vec<f64>]) -> f64 {
    let logs: Vec<f64> =
        distances.iter().filter(|r| r[0] > 0.0).map(|r| (r[1] / r[0]).ln()).collect();
    (logs.len() as f64 - 1.0) / logs.iter().sum::<f64>()
}
// ANCHOR_END: two_nn

// ANCHOR: levina_bickel
/// From k neighbours of each point, equation (1.17): the maximum of the likelihood (Levina & Bickel 2004),
/// pooled over the points by averaging the *inverse* dimensions (MacKay & Ghahramani 2005).
#[must_use]
pub fn levina_bickel(distances: &[Vec<f64>]) -> f64 {
    let mut sum = 0.0;
    let mut terms = 0.0;
    for r in distances.iter().filter(|r| r[0] > 0.0) {
        let k = r.len();
        sum += r[..k - 1].iter().map(|rj| (r[k - 1] / rj).ln()).sum::<f64>();
        terms += (k - 1) as f64;
    }
    (terms - 1.0) / sum
}
// ANCHOR_END: levina_bickel
