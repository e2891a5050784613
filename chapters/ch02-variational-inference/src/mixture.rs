//! The classical way to a density: a mixture of Gaussians by expectation and maximisation. Equations (2.22)
//! to (2.26).

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use prob::cholesky::inverse_lower;
use prob::gaussian::LOG_TWO_PI;
use prob::{Error, FullGaussian, Mixture, log_sum_exp};
use rand::Rng;

/// How a mixture is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// K
    pub components: usize,
    /// λ of equation (2.23), in squared units of the data: it is added to every component's weighted sum of
    /// squares, as if two more points had been seen √(λ/2) on either side of the mean in every direction.
    pub floor: f64,
    /// Stop after so many iterations …
    pub iterations: usize,
    /// … or when one raises the objective, per point, by less than this.
    pub least_gain: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { components: 2, floor: 1e-3, iterations: 200, least_gain: 1e-9 }
    }
}

/// A fitted mixture.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The weights, means and covariances.
    pub mixture: Mixture<FullGaussian>,
    /// The objective (2.23) per point, before the first iteration and after each.
    pub objective: Vec<f64>,
}

/// Fits a mixture to the rows of `data` (N×D), beginning with means at K points that are far from each
/// other (Arthur & Vassilvitskii 2007) and the data's covariance for all.
///
/// # Errors
/// [`Error::TooFew`] for fewer points than components or no component; those of [`FullGaussian::new`] if
/// the data lie in a plane and there is no floor.
pub fn fit<R: Rng + ?Sized>(
    data: ArrayView2<'_, f64>,
    settings: &Settings,
    rng: &mut R,
) -> prob::Result<Fit> {
    if settings.components == 0 || data.nrows() < settings.components.max(2) {
        return Err(Error::TooFew { name: "data", what: "a mixture", least: 2 });
    }
    let everywhere = Array1::ones(data.nrows());
    let (_, whole) = moments(data, everywhere.view(), settings.floor)?;
    let components: prob::Result<Vec<FullGaussian>> = spread_out(data, settings.components, rng)
        .into_iter()
        .map(|row| FullGaussian::new(data.row(row).to_owned(), whole.covariance().view()))
        .collect();
    let equal = vec![1.0 / settings.components as f64; settings.components];
    climb(data, Mixture::new(&equal, components?)?, settings)
}

// ANCHOR: climb
/// Expectation and maximisation in turn, from any mixture on.
///
/// # Errors
/// As for [`fit`].
pub fn climb(
    data: ArrayView2<'_, f64>,
    mut mixture: Mixture<FullGaussian>,
    settings: &Settings,
) -> prob::Result<Fit> {
    let (mut responsibilities, mut value) = expectation(data, &mixture, settings.floor)?;
    let mut objective = vec![value];
    for _ in 0..settings.iterations {
        mixture = maximisation(data, &responsibilities, &mixture, settings.floor)?;
        let before = value;
        (responsibilities, value) = expectation(data, &mixture, settings.floor)?;
        objective.push(value);
        if value - before < settings.least_gain {
            break;
        }
    }
    Ok(Fit { mixture, objective })
}
// ANCHOR_END: climb

// ANCHOR: expectation
/// The posterior of the component for every point, N×K, equation (2.24), and the objective (2.23) per
/// point.
///
/// # Errors
/// [`Error::Dimension`] if data and mixture live in different spaces.
pub fn expectation(
    data: ArrayView2<'_, f64>,
    mixture: &Mixture<FullGaussian>,
    floor: f64,
) -> prob::Result<(Array2<f64>, f64)> {
    let mut joint = Array2::zeros((data.nrows(), mixture.components().len()));
    let mut penalty = 0.0;
    for (k, component) in mixture.components().iter().enumerate() {
        let log_weight = mixture.weights()[k].ln();
        let log_density = log_densities(data, component)?;
        joint.column_mut(k).assign(&(log_density + log_weight));
        let inverse_factor = inverse_lower(component.factor());
        penalty += 0.5 * floor * inverse_factor.iter().map(|l| l * l).sum::<f64>();
    }
    let mut log_likelihood = 0.0;
    for mut row in joint.rows_mut() {
        let log_density = log_sum_exp(&row.to_vec());
        row.mapv_inplace(|joint| (joint - log_density).exp());
        log_likelihood += log_density;
    }
    Ok((joint, (log_likelihood - penalty) / data.nrows() as f64))
}
// ANCHOR_END: expectation

// ANCHOR: maximisation
/// The mixture that maximises the expected objective, given the responsibilities, equations (2.25) and
/// (2.26): weighted frequencies, means and covariances, each covariance with the floor λI/Nₖ. A component
/// that has lost its points stays as it was, with weight 0.
///
/// # Errors
/// Those of [`FullGaussian::new`] if a component has collapsed and there is no floor.
pub fn maximisation(
    data: ArrayView2<'_, f64>,
    responsibilities: &Array2<f64>,
    before: &Mixture<FullGaussian>,
    floor: f64,
) -> prob::Result<Mixture<FullGaussian>> {
    let mut counts = Vec::new();
    let mut components = Vec::new();
    for (k, weights) in responsibilities.columns().into_iter().enumerate() {
        let count = weights.sum();
        let lost = count < 1e-8;
        counts.push(if lost { 0.0 } else { count });
        components.push(if lost {
            before.components()[k].clone()
        } else {
            moments(data, weights, floor)?.1
        });
    }
    let all: f64 = counts.iter().sum();
    let weights: Vec<f64> = counts.iter().map(|count| count / all).collect();
    Mixture::new(&weights, components)
}

/// The weighted mean and covariance of the rows, the latter with the floor, as a Gaussian; and how many
/// points it stands for.
fn moments(
    data: ArrayView2<'_, f64>,
    weights: ArrayView1<'_, f64>,
    floor: f64,
) -> prob::Result<(f64, FullGaussian)> {
    let count = weights.sum();
    let mean = data.t().dot(&weights) / count;
    let centred = &data - &mean;
    let weighted = &centred * &weights.insert_axis(Axis(1));
    let mut covariance = centred.t().dot(&weighted);
    covariance.diag_mut().mapv_inplace(|v| v + floor);
    covariance /= count;
    // The product is symmetric up to rounding; make it so exactly.
    let covariance = 0.5 * (&covariance + &covariance.t());
    Ok((count, FullGaussian::new(mean, covariance.view())?))
}
// ANCHOR_END: maximisation

/// log N(x; component) of every row, length N: one product of matrices instead of N solutions.
///
/// # Errors
/// [`Error::Dimension`] if the rows have another dimension than the component.
pub fn log_densities(
    data: ArrayView2<'_, f64>,
    component: &FullGaussian,
) -> prob::Result<Array1<f64>> {
    crate::model::same_length("a row of data", component.dimension(), data.ncols())?;
    let inverse_factor = inverse_lower(component.factor());
    let noise = (&data - &component.mean()).dot(&inverse_factor.t());
    let log_det: f64 = inverse_factor.diag().iter().map(|l| l.ln()).sum();
    let constant = log_det - 0.5 * component.dimension() as f64 * LOG_TWO_PI;
    Ok(noise.map_axis(Axis(1), |row| constant - 0.5 * row.dot(&row)))
}

/// The mean of log p(x) over the rows of `data`, in nats.
///
/// # Errors
/// [`Error::Dimension`] if data and mixture live in different spaces.
pub fn mean_log_density(
    data: ArrayView2<'_, f64>,
    mixture: &Mixture<FullGaussian>,
) -> prob::Result<f64> {
    Ok(expectation(data, mixture, 0.0)?.1)
}

/// K different rows, each drawn in proportion to its squared distance from the nearest one before.
fn spread_out<R: Rng + ?Sized>(data: ArrayView2<'_, f64>, k: usize, rng: &mut R) -> Vec<usize> {
    let mut chosen = vec![rng.random_range(0..data.nrows())];
    let mut distance = Array1::from_elem(data.nrows(), f64::INFINITY);
    while chosen.len() < k {
        let last = data.row(chosen[chosen.len() - 1]);
        for (row, nearest) in data.rows().into_iter().zip(&mut distance) {
            let apart = &row - &last;
            *nearest = nearest.min(apart.dot(&apart));
        }
        let mut rest = rng.random::<f64>() * distance.sum();
        let drawn = distance.iter().position(|d| {
            rest -= d;
            rest < 0.0
        });
        // Where all points are equal there is nothing to choose between.
        chosen.push(drawn.unwrap_or(chosen.len()));
    }
    chosen
}
