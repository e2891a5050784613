//! Two ways to integrate the ability out, and what each costs: equations (2.7) to (2.11).

use std::f64::consts::TAU;

use ndarray::{Array1, Array2, ArrayView1, concatenate};
use ndarray_rand::RandomExt;
use prob::{Error, FullGaussian, log_sum_exp};
use rand::Rng;
use rand_distr::StandardNormal;

use crate::LinearGaussian;

/// The grid reaches from −6 to 6 in every coordinate: the prior's mass outside is 2e-9 a coordinate.
pub const HALF_WIDTH: f64 = 6.0;

/// An evidence from a grid, and what it cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridEstimate {
    /// log p(x), in nats.
    pub log_evidence: f64,
    /// How often p(x, z) was computed.
    pub evaluations: u64,
}

// ANCHOR: grid
/// log Σ p(x, z) hᵈ over the midpoints of `points` equal cells a coordinate, equation (2.7).
///
/// # Errors
/// [`Error::Dimension`] if the length of x does not fit; [`Error::TooFew`] for no points.
pub fn grid_log_evidence(
    model: &LinearGaussian,
    x: ArrayView1<'_, f64>,
    points: usize,
) -> prob::Result<GridEstimate> {
    if points == 0 {
        return Err(Error::TooFew { name: "points", what: "a grid", least: 1 });
    }
    let cell = 2.0 * HALF_WIDTH / points as f64;
    let dimension = model.latent_dimension();
    let mut index = vec![0; dimension];
    let mut log_terms = Vec::new();
    loop {
        let z: Array1<f64> =
            index.iter().map(|&i| (i as f64 + 0.5).mul_add(cell, -HALF_WIDTH)).collect();
        log_terms.push(model.log_joint(x, z.view())?);
        // Count on like an odometer; after the last point all digits are back at 0.
        let Some(digit) = index.iter().position(|&i| i + 1 < points) else { break };
        index[digit] += 1;
        index[..digit].fill(0);
    }
    Ok(GridEstimate {
        log_evidence: log_sum_exp(&log_terms) + dimension as f64 * cell.ln(),
        evaluations: log_terms.len() as u64,
    })
}
// ANCHOR_END: grid

/// The least number of points a coordinate from which on (for it and the next) the grid's evidence has a
/// relative error of at most `tolerance`; the answer is known here, so the error is, too.
///
/// # Errors
/// As for [`grid_log_evidence`]; [`Error::NotConverged`] if 1000 points are not enough.
pub fn points_needed(
    model: &LinearGaussian,
    x: ArrayView1<'_, f64>,
    tolerance: f64,
) -> prob::Result<usize> {
    let exact = model.log_evidence(x)?;
    let mut good_before = false;
    let mut error = f64::INFINITY;
    for points in 2..=1000 {
        error = (grid_log_evidence(model, x, points)?.log_evidence - exact).exp_m1().abs();
        let good = error <= tolerance;
        if good && good_before {
            return Ok(points - 1);
        }
        good_before = good;
    }
    Err(Error::NotConverged { value: exact, error, tolerance, evaluations: 1000 })
}

// ANCHOR: prior
/// One draw of p(x | z)/p(x) with z from the prior, equation (2.8). Its mean is 1: averaged, it estimates the
/// evidence in units of the evidence.
///
/// # Errors
/// [`Error::Dimension`] if the length of x does not fit.
pub fn relative_weight<R: Rng + ?Sized>(
    model: &LinearGaussian,
    x: ArrayView1<'_, f64>,
    log_evidence: f64,
    rng: &mut R,
) -> prob::Result<f64> {
    let z = Array1::random_using(model.latent_dimension(), StandardNormal, rng);
    Ok((model.log_likelihood(x, z.view())? - log_evidence).exp())
}

/// E[(p(x | z)/p(x))ᵏ] over the prior, equation (2.9).
///
/// The k-th power of a Gaussian density is a Gaussian density again,
/// N(x; m, σ²)ᵏ = (2πσ²)^(−(k−1)/2) k^(−½) N(x; m, σ²/k), so the integral over z is that of the evidence
/// with the noise's variance divided by k.
///
/// # Errors
/// [`Error::Dimension`] if the length of x does not fit.
pub fn weight_moment(model: &LinearGaussian, x: ArrayView1<'_, f64>, k: u32) -> prob::Result<f64> {
    let k = f64::from(k);
    let square = &model.sigma() * &model.sigma();
    let constant: f64 = square.iter().map(|v| -0.5 * ((k - 1.0) * (TAU * v).ln() + k.ln())).sum();
    let covariance = model.loading().dot(&model.loading().t()) + Array2::from_diag(&(&square / k));
    let powered = FullGaussian::new(model.offset().to_owned(), covariance.view())?;
    let log_moment = constant + powered.log_density(x)?;
    Ok((log_moment - k * model.log_evidence(x)?).exp())
}

/// The variance of one draw from the prior in units of p(x)², equation (2.10): N draws have a relative
/// standard error of √(this/N).
///
/// # Errors
/// As for [`weight_moment`].
pub fn relative_variance(model: &LinearGaussian, x: ArrayView1<'_, f64>) -> prob::Result<f64> {
    Ok(weight_moment(model, x, 2)? - 1.0)
}
// ANCHOR_END: prior

/// `copies` students with an ability each, and all their marks: every coordinate of z adds information.
/// The relative variance r of one becomes (1 + r)ⁿ − 1, equation (2.11).
///
/// # Errors
/// As for [`LinearGaussian::new`].
pub fn independent_copies(
    model: &LinearGaussian,
    x: ArrayView1<'_, f64>,
    copies: usize,
) -> prob::Result<(LinearGaussian, Array1<f64>)> {
    let (rows, columns) = model.loading().dim();
    let loading = Array2::from_shape_fn((copies * rows, copies * columns), |(j, i)| {
        let same_student = j / rows == i / columns;
        if same_student { model.loading()[[j % rows, i % columns]] } else { 0.0 }
    });
    let repeat = |of: ArrayView1<'_, f64>| -> Array1<f64> {
        of.iter().copied().cycle().take(copies * of.len()).collect()
    };
    let (offset, sigma) = (repeat(model.offset()), repeat(model.sigma()));
    Ok((LinearGaussian::new(loading, offset, sigma)?, repeat(x)))
}

/// The same marks from an ability that has `parts` equal parts, each loading wⱼ/√parts: z has more
/// coordinates, x no more information, and the relative variance stays what it is.
///
/// # Errors
/// [`Error::Dimension`] unless the model has one ability; as for [`LinearGaussian::new`].
pub fn divided_ability(model: &LinearGaussian, parts: usize) -> prob::Result<LinearGaussian> {
    crate::model::same_length("latent dimension", 1, model.latent_dimension())?;
    let part = &model.loading() / (parts as f64).sqrt();
    let loading = concatenate(ndarray::Axis(1), &vec![part.view(); parts])
        .map_err(|_| Error::TooFew { name: "parts", what: "an ability", least: 1 })?;
    LinearGaussian::new(loading, model.offset().to_owned(), model.sigma().to_owned())
}
