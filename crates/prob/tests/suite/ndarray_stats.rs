//! The same statistics of the same numbers by another author, `ndarray-stats`; and that `ndarray-rand` draws what is drawn one
//! by one.

use crate::reference::assert_relative;
use ndarray::{Array1, Array2};
use ndarray_rand::RandomExt;
use ndarray_stats::{CorrelationExt, EntropyExt, SummaryStatisticsExt};
use prob::multivariate::moments;
use prob::random::stream;
use prob::{Categorical, Estimate};
use rand::Rng;
use rand_distr::StandardNormal;

fn between_0_and_1(count: usize) -> Array1<f64> {
    let mut rng = stream(1, [count as u64]);
    Array1::from_shape_simple_fn(count, || rng.random())
}

#[test]
fn covariances_agree_and_are_symmetric_to_the_last_bit() {
    let data = between_0_and_1(40 * 6).into_shape_with_order((40, 6)).unwrap();
    let (mean, covariance) = moments(data.view()).unwrap();
    for (k, column) in data.columns().into_iter().enumerate() {
        assert_relative(mean[k], column.sum() / 40.0, 1e-14, k);
    }
    // A sum of 40 products below 1, over 40: a rounding each.
    let other = data.t().cov(0.0).unwrap();
    assert!((&covariance - &other).iter().all(|d| d.abs() < 40.0 * f64::EPSILON), "{other}");
    assert_eq!(covariance, covariance.t());
    assert!(moments(Array2::zeros((0, 6)).view()).is_err(), "nothing has no mean");
}

/// One pass there, two passes here; about a hundred roundings.
#[test]
fn moments_of_an_estimate_agree() {
    let values = between_0_and_1(100);
    let estimate: Estimate = values.iter().copied().collect();
    let other = values.central_moments(4).unwrap();
    assert_relative(estimate.mean(), values.mean().unwrap(), 1e-14, "mean");
    assert_relative(estimate.variance().unwrap() * 0.99, other[2], 1e-13, "variance");
    assert_relative(estimate.fourth_central_moment().unwrap(), other[4], 1e-13, "fourth");
}

/// Sums of twelve terms, of which no two nearly cancel.
#[test]
fn entropies_and_divergences_of_tables_agree() {
    let table = |weights: Array1<f64>| {
        let table = Categorical::from_weights(weights.as_slice().unwrap()).unwrap();
        let probabilities = Array1::from(table.probabilities().to_vec());
        (table, probabilities)
    };
    let mut weights = between_0_and_1(12);
    weights[3] = 0.0;
    let ((p, of_p), (q, of_q)) = (table(weights), table(Array1::ones(12)));
    assert_relative(p.entropy(), of_p.entropy().unwrap(), 1e-14, "entropy");
    assert_relative(p.kl(&q).unwrap(), of_p.kl_divergence(&of_q).unwrap(), 1e-13, "divergence");
}

#[test]
fn an_array_of_draws_is_the_draws_one_by_one_to_the_last_bit() {
    let array: Array2<f64> = Array2::random_using((3, 5), StandardNormal, &mut stream(7, [1]));
    let mut rng = stream(7, [1]);
    let one_by_one: Array2<f64> =
        Array2::from_shape_simple_fn((3, 5), || rng.sample(StandardNormal));
    assert_eq!(array, one_by_one);
}
