//! Special functions and exact binomial tails against 25 digits of mpmath.

use crate::reference::{assert_absolute, assert_relative, fixture, rows};
use prob::inference::binomial;
use prob::special;

/// Φ(x) loses x² roundings to the rounding of x/√2: 1369 of them at −37.
#[test]
fn normal_cdf_is_right_far_into_the_tail() {
    for row in rows(&fixture("special_functions.json")["normal_cdf"]) {
        let (x, expected) = (row[0], row[1]);
        let tolerance = 4.0 * f64::EPSILON * (1.0 + x * x);
        assert_relative(special::normal_cdf(x), expected, tolerance, x);
    }
}

/// Where the quantile is 0 (p = ½) the last step is what is left; p itself is known to half a rounding,
/// which moves x by that much over its density.
#[test]
fn normal_quantile_is_right_from_1e_minus_300_on() {
    for row in rows(&fixture("special_functions.json")["normal_quantile"]) {
        let (p, expected) = (row[0], row[1]);
        let tolerance = 4.0 * f64::EPSILON * expected.abs().max(0.5);
        assert_absolute(special::normal_quantile(p).unwrap(), expected, tolerance, p);
    }
    assert_eq!(special::normal_quantile(0.0), Ok(f64::NEG_INFINITY));
    assert_eq!(special::normal_quantile(1.0), Ok(f64::INFINITY));
    assert!(special::normal_quantile(-0.1).is_err());
    assert!(special::normal_quantile(f64::NAN).is_err());
}

/// Log tails: an absolute error is a relative one of the probability. The sums have about √degrees terms.
#[test]
fn chi_square_tails_and_quantiles() {
    for row in rows(&fixture("special_functions.json")["chi_square"]) {
        let (degrees, x, log_lower, log_upper) = (row[0], row[1], row[2], row[3]);
        let tolerance = |log: f64| 1e-13 * (1.0 + log.abs());
        let lower = special::log_chi_square_lower_tail(x, degrees).unwrap();
        let upper = special::log_chi_square_upper_tail(x, degrees).unwrap();
        // A tail next to 1 has a log next to 0, of which only the absolute error matters.
        assert_absolute(lower, log_lower, tolerance(log_lower), &row);
        assert_absolute(upper, log_upper, tolerance(log_upper), &row);
        // The quantile of the smaller tail leads back; its condition is √degrees · density · x.
        if log_lower < log_upper {
            let quantile = special::chi_square_lower_quantile(log_lower, degrees).unwrap();
            assert_relative(quantile, x, 1e-12, &row);
        } else {
            let quantile = special::chi_square_upper_quantile(log_upper, degrees).unwrap();
            assert_relative(quantile, x, 1e-12, &row);
        }
    }
    assert_eq!(special::log_chi_square_lower_tail(0.0, 3.0), Ok(f64::NEG_INFINITY));
    assert_eq!(special::log_chi_square_upper_tail(f64::INFINITY, 3.0), Ok(f64::NEG_INFINITY));
    assert!(special::log_chi_square_lower_tail(-1.0, 3.0).is_err());
    assert!(special::log_chi_square_lower_tail(1.0, 0.0).is_err());
    assert!(special::chi_square_upper_quantile(-1.0, 1e300).is_err(), "would take forever");
}

/// Below 16 it is a difference of logs of size up to 30: their rounding is absolute. From 16 on
/// the first term left out is at most 1.1e-16.
#[test]
fn stirling_error_on_both_sides_of_the_switch() {
    for row in rows(&fixture("special_functions.json")["stirling_error"]) {
        let tolerance = if row[0] < 16.0 { 2e-14 } else { 1.2e-16 };
        assert_absolute(special::stirling_error(row[0]), row[1], tolerance, &row);
    }
}

#[test]
fn binomial_probabilities_and_tails() {
    for row in rows(&fixture("special_functions.json")["binomial"]) {
        let (n, k, p) = (row[0] as u64, row[1] as u64, row[2]);
        // Small counts carry Stirling's error below 16, good to 2e-14; n p is rounded once, and moves the
        // log by that rounding times k − np.
        let tolerance = |log: f64| 1e-13 * (1.0 + log.abs());
        let mass = binomial::log_probability(k, n, p).unwrap();
        let upper = binomial::log_upper_tail(k, n, p).unwrap();
        let lower = binomial::log_lower_tail(k, n, p).unwrap();
        assert_absolute(mass, row[3], tolerance(row[3]), &row);
        assert_absolute(upper, row[4], tolerance(row[4]), &row);
        assert_absolute(lower, row[5], tolerance(row[5]), &row);
    }
}

#[test]
fn binomial_edges() {
    let ln = f64::ln;
    assert_eq!(binomial::log_upper_tail(0, 5, 0.3), Ok(0.0));
    assert_eq!(binomial::log_upper_tail(6, 5, 0.3), Ok(f64::NEG_INFINITY));
    assert_eq!(binomial::log_lower_tail(5, 5, 0.3), Ok(0.0));
    assert_eq!(binomial::log_upper_tail(1, 5, 0.0), Ok(f64::NEG_INFINITY));
    assert_eq!(binomial::log_upper_tail(5, 5, 1.0), Ok(0.0));
    assert_eq!(binomial::log_lower_tail(4, 5, 1.0), Ok(f64::NEG_INFINITY));
    assert_eq!(binomial::log_probability(0, 0, 0.3), Ok(0.0));
    assert_absolute(binomial::log_probability(5, 5, 0.3).unwrap(), 5.0 * ln(0.3), 1e-15, "all");
    assert!(binomial::log_upper_tail(1, 5, 1.5).is_err());
    // The two tails overlap in one outcome.
    let (upper, lower) =
        (binomial::log_upper_tail(7, 30, 0.2), binomial::log_lower_tail(7, 30, 0.2));
    let sum = upper.unwrap().exp() + lower.unwrap().exp();
    let mass = binomial::log_probability(7, 30, 0.2).unwrap().exp();
    assert_absolute(sum - mass, 1.0, 1e-14, "7 of 30");
}
