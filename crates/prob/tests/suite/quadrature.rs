//! Quadrature against integrals that are known in closed form, hard ones included: it has to be right, or to
//! say that it is not.

use crate::reference::assert_absolute;
use prob::{DiagonalGaussian, Error, GaussHermite, Gaussian, Integral, Quadrature};
use std::f64::consts::PI;

const INFINITY: f64 = f64::INFINITY;

/// The true error must be within the error estimate, and the estimate within the tolerance asked for.
#[track_caller]
fn assert_honest(integral: &Integral, expected: f64, what: &str) {
    let error = (integral.value - expected).abs();
    assert!(error <= integral.error, "{what}: off by {error:e}, said {:e}", integral.error);
    let asked = 1e-13f64.max(1e-11 * expected.abs());
    assert!(integral.error <= 1.001 * asked, "{what}: estimate {:e}", integral.error);
}

#[test]
fn known_integrals_easy_and_hard() {
    type Case = (&'static str, fn(f64) -> f64, f64, f64, f64);
    let cases: [Case; 12] = [
        ("polynomial", |x| x.powi(5) - x, -1.0, 2.0, 9.0),
        ("exponential", f64::exp, 0.0, 1.0, std::f64::consts::E - 1.0),
        ("Gaussian, whole line", |x| (-x * x).exp(), -INFINITY, INFINITY, PI.sqrt()),
        ("Cauchy, heavy tails", |x| (1.0 + x * x).recip(), -INFINITY, INFINITY, PI),
        ("half a Cauchy, from 1", |x| (1.0 + x * x).recip(), 1.0, INFINITY, PI / 4.0),
        ("exponential, lower half", f64::exp, -INFINITY, 2.0, 2f64.exp()),
        ("oscillating", |x| (200.0 * x).sin() * x, 0.0, 1.0, {
            // sin(200)/200² − cos(200)/200
            -0.873_297_297_213_994_6 / 40_000.0 - 0.487_187_675_007_005_9 / 200.0
        }),
        ("root at the end", |x| x.sqrt(), 0.0, 1.0, 2.0 / 3.0),
        ("1/√x: singular, integrable", |x| x.sqrt().recip(), 0.0, 1.0, 2.0),
        ("log x: singular, integrable", f64::ln, 0.0, 1.0, -1.0),
        (
            "a peak of width 1e-3, off centre",
            |x| 1e-3 / (1e-6 + (x - 0.3) * (x - 0.3)),
            0.0,
            1.0,
            {
                // arctan(700) + arctan(300)
                1.569_367_756_338_141_3 + 1.567_463_005_807_16
            },
        ),
        ("a kink", |x| (x - 0.3).abs(), 0.0, 1.0, 0.29),
    ];
    for (what, f, a, b, expected) in cases {
        let integral = Quadrature::default().integrate(f, a, b);
        assert_honest(&integral.unwrap_or_else(|e| panic!("{what}: {e}")), expected, what);
    }
}

#[test]
fn what_cannot_be_integrated_is_an_error_and_not_a_number() {
    let quadrature = Quadrature::default();
    for (what, f) in [("1/x", f64::recip as fn(f64) -> f64), ("x^-1.01", |x| x.powf(-1.01))] {
        let answer = quadrature.integrate(f, 0.0, 1.0);
        let refused = matches!(answer, Err(Error::NotConverged { .. } | Error::NotFinite { .. }));
        assert!(refused, "{what}: {answer:?}");
    }
    // A singularity that rounding hides at 1: near it no float is closer than 1e-16, and the last 1e-8
    // of the integral is out of reach. The error says how much is missing.
    match quadrature.integrate(|x| (1.0 - x).sqrt().recip(), 0.0, 1.0) {
        Err(Error::NotConverged { value, error, .. }) => assert!((value - 2.0).abs() <= error),
        other => panic!("{other:?}"),
    }
    // Moved to 0, the same singularity is resolved.
    assert!(quadrature.integrate(|x| x.sqrt().recip(), 0.0, 1.0).is_ok());
    let not_a_number = quadrature.integrate(|x| if x > 0.5 { f64::NAN } else { 1.0 }, 0.0, 1.0);
    assert!(matches!(not_a_number, Err(Error::NotFinite { .. })));
    let hurried = Quadrature { max_evaluations: 100, ..quadrature };
    assert!(matches!(
        hurried.integrate(|x| (1e4 * x).sin().abs(), 0.0, 1.0),
        Err(Error::NotConverged { evaluations: ..=100, .. })
    ));
    assert!(quadrature.integrate(|x| x, f64::NAN, 1.0).is_err());
    assert!(quadrature.integrate_between(|x| x, &[0.0, 2.0, 1.0]).is_err());
    assert!(quadrature.integrate_between(|x| x, &[0.0]).is_err());
}

/// The limit of every rule, stated: a needle between the nodes is not seen, and a break point shows it.
#[test]
fn a_needle_needs_a_break_point_or_its_own_scale() {
    let needle = Gaussian::new(0.123_456, 1e-7).unwrap();
    let density = |x: f64| needle.log_density(x).exp();
    let blind = Quadrature::default().integrate(density, 0.0, 1.0).unwrap();
    assert_eq!(blind.value, 0.0);
    let around = [0.0, 0.123_455, 0.123_456, 0.123_457, 1.0];
    let seen = Quadrature::default().integrate_between(density, &around).unwrap();
    // x itself is rounded to 1e-17, a relative 1e-10 of σ; that is the integrand's own noise.
    assert_absolute(seen.value, 1.0, 1e-9, "needle with break points");
    let own_scale = Quadrature::default().expectation(&needle, |_| 1.0).unwrap();
    assert_honest(&own_scale, 1.0, "needle in its own scale");
}

#[test]
fn direction_break_points_and_additivity() {
    let quadrature = Quadrature::default();
    let forward = quadrature.integrate(f64::exp, 0.0, 1.0).unwrap().value;
    assert_eq!(quadrature.integrate(f64::exp, 1.0, 0.0).unwrap().value, -forward);
    assert_eq!(quadrature.integrate(f64::exp, 1.0, 1.0).unwrap().value, 0.0);
    let step = |x: f64| if x < 0.3 { 1.0 } else { 5.0 };
    // With the jump at a break point both parts are constants: two halves each are enough.
    let broken = quadrature.integrate_between(step, &[0.0, 0.3, 1.0]).unwrap();
    assert_absolute(broken.value, 3.8, 1e-15, "step");
    assert_eq!(broken.evaluations, 4 * 21);
    for ends in [[-INFINITY, 0.7, INFINITY], [-INFINITY, -3.0, INFINITY]] {
        let whole = quadrature.integrate_between(|x| (-x * x).exp(), &ends).unwrap();
        assert_honest(&whole, PI.sqrt(), "broken line");
    }
}

#[test]
fn two_dimensions_carry_the_inner_error_along() {
    let quadrature = Quadrature { relative_tolerance: 1e-9, ..Quadrature::default() };
    let whole = [-INFINITY, INFINITY];
    // Correlated Gaussian, unnormalised: ∫∫ exp(−(x² + xy + y²)) = 2π/√3.
    let plane =
        quadrature.integrate_2d(|x, y| (-x * x - x * y - y * y).exp(), whole, whole).unwrap();
    let expected = 2.0 * PI / 3f64.sqrt();
    assert!((plane.value - expected).abs() <= plane.error && plane.error < 1e-8, "{plane:?}");
    // Half a ball: the inner integrand has a vertical tangent at a place that moves with x.
    let rough = Quadrature { relative_tolerance: 1e-6, ..quadrature };
    let ball = |x: f64, y: f64| (1.0 - x * x - y * y).max(0.0).sqrt();
    let half = rough.integrate_2d(ball, [-1.0, 1.0], [-1.0, 1.0]).unwrap();
    let expected = 2.0 * PI / 3.0;
    assert!((half.value - expected).abs() <= half.error && half.error < 2.1e-6, "{half:?}");
}

/// E Zᵏ = (k−1)!! for even k: exact up to degree 2n − 1, and visibly not at 2n (the error there is n!).
#[test]
fn gauss_hermite_integrates_polynomials_exactly() {
    for n in [1usize, 2, 5, 16, 31] {
        let rule = GaussHermite::new(n).unwrap();
        let moment = |k: i32| rule.expectation(&Gaussian::standard(), |x| x.powi(k));
        let mut double_factorial = 1.0;
        for k in (0..2 * n as i32).step_by(2) {
            if k > 0 {
                double_factorial *= f64::from(k - 1);
            }
            // Node errors of one rounding are multiplied by the degree.
            let tolerance = 4.0 * f64::EPSILON * f64::from(k + 2) * double_factorial;
            assert_absolute(moment(k), double_factorial, tolerance, (n, k));
            assert!(moment(k + 1).abs() <= tolerance * 1e2, "odd moment {}", k + 1);
        }
        let missing = double_factorial * (2 * n - 1) as f64 - moment(2 * n as i32);
        let factorial: f64 = (1..=n).map(|i| i as f64).product();
        assert!((missing / factorial - 1.0).abs() < 1e-3 || n > 16, "{n}: {missing} {factorial}");
    }
}

#[test]
fn gauss_hermite_of_every_size_is_a_probability_and_smooth_functions_agree() {
    for n in [1, 2, 3, 50, 128, 300] {
        let rule = GaussHermite::new(n).unwrap();
        assert_eq!(rule.nodes().len(), n);
        assert!(rule.nodes().windows(2).all(|w| w[0] < w[1]));
        assert!(rule.weights().iter().all(|w| *w > 0.0));
        // n positive weights, each right to some n roundings of the recurrence.
        assert_absolute(rule.weights().iter().sum(), 1.0, 1e-13, n);
    }
    assert!(GaussHermite::new(0).is_err() && GaussHermite::new(301).is_err());
    // E cos(tX) = e^(−t²σ²/2) cos(tμ); in two dimensions, E cos(X + Y) likewise with the sum's variance.
    let rule = GaussHermite::new(40).unwrap();
    let q = Gaussian::new(0.4, 1.3).unwrap();
    let one = rule.expectation(&q, f64::cos);
    assert_absolute(one, (-0.5 * 1.69f64).exp() * 0.4f64.cos(), 1e-14, "1-D");
    let log_var = ndarray::array![0.0, 0.5f64.ln()];
    let q = DiagonalGaussian::new(ndarray::array![0.3, -0.1], log_var).unwrap();
    let two = rule.expectation_diagonal(&q, |x| (x[0] + x[1]).cos());
    assert_absolute(two, (-0.75f64).exp() * 0.2f64.cos(), 1e-14, "2-D");
    // Not symmetric in the coordinates: swapping them would show.
    let skewed = rule.expectation_diagonal(&q, |x| x[0] * x[0] * x[1]);
    assert_absolute(skewed, -0.109, 1e-14, "E x² E y");
}

/// The integrator and the Gauss-Hermite rule agree where both apply, on an integrand neither was made for.
#[test]
fn adaptive_and_fixed_rule_agree() {
    let q = Gaussian::new(-0.3, 0.8).unwrap();
    let f = |x: f64| (1.0 + x.exp()).ln();
    let adaptive = Quadrature::default().expectation(&q, f).unwrap();
    let fixed = GaussHermite::new(60).unwrap().expectation(&q, f);
    // The softplus has poles at ±πi: the rule converges like e^(−2√(2n)·π/0.8…), below 1e-12 here.
    assert_absolute(fixed, adaptive.value, 1e-11, "softplus");
}

/// A smooth function at which the error estimate of coarse pieces was 1e-12 and the error 1e-6.
#[test]
fn an_expectation_does_not_hang_on_one_lucky_estimate() {
    let q = Gaussian::new(-1.671, 0.9067).unwrap();
    let log_weight = |z: f64| 0.814 * z - 1.804 * (3.0 * z).sin() + 1.289 * (z * z).ln_1p();
    // The trapezoidal rule converges faster than any power for such integrands.
    let trapezoidal = |f: &dyn Fn(f64) -> f64| -> f64 {
        let term = |t: f64| (-0.5 * t * t).exp() * f(q.mean() + q.sigma() * t);
        let sum: f64 = (-14_000..=14_000).map(|i| term(1e-3 * f64::from(i))).sum();
        sum * 1e-3 / std::f64::consts::TAU.sqrt()
    };
    for f in [&log_weight as &dyn Fn(f64) -> f64, &|z| log_weight(z).exp()] {
        let value = Quadrature::default().expectation(&q, f).unwrap().value;
        let expected = trapezoidal(f);
        assert!((value - expected).abs() < 1e-11 * expected.abs(), "{value} {expected}");
    }
}
