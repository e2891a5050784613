//! Full-covariance Gaussians, categorical distributions and mixtures: closed forms against the reference
//! file, against quadrature, and against their own samples.

use crate::reference::{assert_absolute, assert_relative, fixture, number, numbers};
use ndarray::{Array1, Array2, array};
use prob::inference::{Alternative, FitTest, MeanTest, NormalVarianceTest, RateTest, Rates};
use prob::random::stream;
use prob::{
    Bernoulli, Categorical, DiagonalGaussian, Error, FullGaussian, Gaussian, Mixture, Quadrature,
    kl,
};

const LINE: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];

/// Every test on samples below has these rates; there are a dozen of them and their seeds are fixed.
fn rates() -> Rates {
    Rates::new(1e-8, 1e-8).unwrap()
}

fn square(value: &serde_json::Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    let (n, flat) = (rows.len(), rows.concat());
    Array2::from_shape_vec((n, n), flat).unwrap()
}

/// The reference covariances' condition numbers are up to about 1e3, which multiplies the rounding.
#[test]
fn full_covariance_divergences_match_the_reference_file() {
    let file = fixture("gaussian_kl.json");
    let rows = file["full_covariance"].as_array().unwrap();
    assert_eq!(rows.len(), 15);
    for row in rows {
        let q = FullGaussian::new(numbers(&row["m1"]).into(), square(&row["S1"]).view()).unwrap();
        let p = FullGaussian::new(numbers(&row["m2"]).into(), square(&row["S2"]).view()).unwrap();
        assert_relative(q.kl(&p).unwrap(), number(&row["kl"]), 1e-12, q.dimension());
        assert!(
            (p.kl(&q).unwrap() / number(&row["kl"]) - 1.0).abs() > 1e-3,
            "swapped is different"
        );
    }
}

fn correlated() -> FullGaussian {
    let covariance = array![[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.5]];
    FullGaussian::new(array![0.3, -1.0, 2.0], covariance.view()).unwrap()
}

#[test]
fn full_gaussian_reduces_to_the_diagonal_one() {
    let make = |m: [f64; 3], v: [f64; 3]| {
        DiagonalGaussian::new(Array1::from_vec(m.to_vec()), Array1::from_vec(v.to_vec())).unwrap()
    };
    let (q, p) =
        (make([0.1, 2.0, -1.0], [0.3, -1.0, 0.0]), make([0.0, 1.5, 0.0], [0.0, 0.4, -0.6]));
    let (full_q, full_p) =
        (FullGaussian::try_from(&q).unwrap(), FullGaussian::try_from(&p).unwrap());
    let x = array![0.5, 0.5, -0.2];
    // Both go through exp(log_var/2): a few roundings apart.
    assert_relative(full_q.kl(&full_p).unwrap(), q.kl(&p).unwrap(), 1e-14, "kl");
    assert_relative(full_q.entropy(), q.entropy(), 1e-14, "entropy");
    let (ours, theirs) = (full_q.log_density(x.view()), q.log_density(x.view()));
    assert_relative(ours.unwrap(), theirs.unwrap(), 1e-14, "log-density");
    assert_eq!(full_q.total_correlation(), 0.0);
}

#[test]
fn correlation_costs_its_total_correlation() {
    let q = correlated();
    let marginals: Vec<Gaussian> = (0..3).map(|i| q.marginal(i).unwrap()).collect();
    let mean = marginals.iter().map(Gaussian::mean).collect();
    let log_var = marginals.iter().map(Gaussian::log_var).collect();
    let product = DiagonalGaussian::new(mean, log_var).unwrap();
    let kl = q.kl(&FullGaussian::try_from(&product).unwrap()).unwrap();
    assert_relative(q.total_correlation(), kl, 1e-13, "KL to the product of marginals");
    // −½ log det R, the determinant of the correlation matrix by Sarrus' rule.
    let c = q.covariance();
    let r = |i: usize, j: usize| c[[i, j]] / (c[[i, i]] * c[[j, j]]).sqrt();
    let (a, b, c) = (r(0, 1), r(0, 2), r(1, 2));
    let det = 1.0 + 2.0 * a * b * c - a * a - b * b - c * c;
    assert_relative(q.total_correlation(), -0.5 * det.ln(), 1e-13, "log det R");
}

/// KL does not change when both distributions go through one invertible affine map.
#[test]
fn affine_maps_leave_the_divergence_alone() {
    let q = correlated();
    let p = FullGaussian::new(array![0.0, 0.0, 1.0], Array2::eye(3).view()).unwrap();
    let (a, b) =
        (array![[1.0, 2.0, 0.0], [0.0, 1.0, -1.0], [0.5, 0.0, 3.0]], array![1.0, -4.0, 0.1]);
    let map = |g: &FullGaussian| g.affine(a.view(), b.view()).unwrap();
    // The map's condition number is about 10, squared by forming A Σ Aᵀ.
    assert_relative(map(&q).kl(&map(&p)).unwrap(), q.kl(&p).unwrap(), 1e-12, "affine");
    let onto_a_line = array![[1.0, -1.0, 0.5]];
    let line = q.affine(onto_a_line.view(), array![2.0].view()).unwrap();
    // mean 0.3 + 1 + 1 + 2; variance 2 + 1 + 0.125 − 2·0.6 − 0.3 − 0.2.
    assert_relative(line.mean()[0], 4.3, 1e-14, "mean");
    assert_relative(line.covariance()[[0, 0]], 1.425, 1e-14, "variance");
}

#[test]
fn densities_integrate_to_one_and_divergences_are_their_definition() {
    let quadrature = Quadrature { relative_tolerance: 1e-10, ..Quadrature::default() };
    let covariance = array![[1.0, 0.7], [0.7, 2.0]];
    let q = FullGaussian::new(array![0.5, -0.5], covariance.view()).unwrap();
    let p = FullGaussian::new(array![0.0, 0.2], array![[1.5, -0.2], [-0.2, 1.0]].view()).unwrap();
    let log_density =
        |g: &FullGaussian, x: f64, y: f64| g.log_density(array![x, y].view()).unwrap();
    let mass = quadrature.integrate_2d(|x, y| log_density(&q, x, y).exp(), LINE, LINE).unwrap();
    assert_absolute(mass.value, 1.0, 1e-9, "mass");
    let integrand = |x: f64, y: f64| {
        let log_q = log_density(&q, x, y);
        if log_q < -700.0 { 0.0 } else { log_q.exp() * (log_q - log_density(&p, x, y)) }
    };
    let divergence = quadrature.integrate_2d(integrand, LINE, LINE).unwrap();
    assert_relative(divergence.value, q.kl(&p).unwrap(), 1e-9, "2-D KL");
    let entropy = quadrature.integrate_2d(
        |x, y| {
            let log_q = log_density(&q, x, y);
            if log_q < -700.0 { 0.0 } else { -log_q.exp() * log_q }
        },
        LINE,
        LINE,
    );
    assert_relative(entropy.unwrap().value, q.entropy(), 1e-9, "entropy");

    for (m1, s1, m2, s2) in [(0.0, 1.0, 1.0, 2.0), (-3.0, 0.1, -2.9, 0.3), (5.0, 2.0, 0.0, 0.5)] {
        let (q, p) = (Gaussian::new(m1, s1).unwrap(), Gaussian::new(m2, s2).unwrap());
        let log_ratio = |x: f64| q.log_density(x) - p.log_density(x);
        let by_quadrature = Quadrature::default().expectation(&q, log_ratio).unwrap();
        assert_relative(q.kl(&p), by_quadrature.value, 1e-10, (m1, s1, m2, s2));
    }
}

#[test]
fn bad_covariances_are_refused_with_the_place() {
    let new = |c: Array2<f64>| FullGaussian::new(Array1::zeros(c.nrows()), c.view());
    let indefinite = new(array![[1.0, 2.0], [2.0, 1.0]]);
    assert_eq!(indefinite.unwrap_err(), Error::NotPositiveDefinite { row: 1, pivot: -3.0 });
    let factor = new(array![[1.0, 0.0], [0.5, 1.0]]);
    assert_eq!(factor.unwrap_err(), Error::NotSymmetric { row: 1, column: 0 });
    assert!(new(array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]).is_err());
    assert!(new(array![[f64::NAN]]).is_err());
    assert!(new(Array2::zeros((0, 0))).is_err());
    assert!(FullGaussian::new(array![0.0], Array2::eye(2).view()).is_err());
    let q = correlated();
    assert!(q.log_density(array![0.0].view()).is_err());
    assert!(q.marginal(3).is_err());
    assert!(
        q.affine(array![[1.0, 0.0, 0.0], [2.0, 0.0, 0.0]].view(), array![0.0, 0.0].view()).is_err()
    );
}

#[test]
fn full_gaussian_samples_have_its_moments() {
    let q = correlated();
    let mut rng = stream(11, [1]);
    let test = NormalVarianceTest::plan(rates(), Alternative::TwoSided, 1.1).unwrap();
    let draws: Vec<Array1<f64>> = (0..test.draws()).map(|_| q.sample(&mut rng)).collect();
    // Every linear form of a Gaussian is a Gaussian: three of them see all means and covariances.
    for direction in [array![1.0, 0.0, 0.0], array![1.0, 1.0, 0.0], array![0.5, -1.0, 2.0]] {
        let values: Vec<f64> = draws.iter().map(|x| direction.dot(x)).collect();
        let variance = direction.dot(&q.covariance().dot(&direction));
        assert!(!test.test(&values, variance).unwrap().rejected);
        assert!(test.test(&values, 1.25 * variance).unwrap().rejected);
        let sd = variance.sqrt();
        let mean = MeanTest::plan(rates(), Alternative::TwoSided, sd, 0.1 * sd).unwrap();
        assert!(!mean.test(&values, direction.dot(&q.mean())).unwrap().rejected);
    }
}

#[test]
fn categorical_probabilities_logits_and_samples() {
    let dice = Categorical::new(&[0.5, 0.25, 0.0, 0.25]).unwrap();
    assert_relative(dice.entropy(), 1.5 * 2f64.ln(), 1e-15, "entropy");
    let logits = [0.0, -(2f64.ln()), f64::NEG_INFINITY, -(2f64.ln())];
    let from_logits = Categorical::from_logits(&logits).unwrap();
    for (a, b) in dice.probabilities().iter().zip(from_logits.probabilities()) {
        assert_absolute(*a, *b, 1e-15, "softmax");
    }
    let uniform = Categorical::from_weights(&[3.0; 4]).unwrap();
    assert_relative(dice.kl(&uniform).unwrap(), 0.5 * 2f64.ln(), 1e-14, "KL to uniform");
    assert_eq!(uniform.kl(&dice), Ok(f64::INFINITY));
    for bad in [&[0.5, 0.6][..], &[1.5, -0.5], &[f64::NAN, 1.0], &[]] {
        assert!(Categorical::new(bad).is_err(), "{bad:?}");
    }
    assert!(Categorical::from_weights(&[0.0, 0.0]).is_err());
    assert!(Categorical::from_logits(&[f64::NAN, 0.0]).is_err());
    assert!(Categorical::from_logits(&[]).is_err());
    assert!(Categorical::from_logits(&[f64::NEG_INFINITY]).is_err());

    let mut rng = stream(12, [1]);
    for (outcome, &p) in dice.probabilities().iter().enumerate() {
        let too_many = RateTest::plan(rates(), p, p + 0.05).unwrap();
        let hits =
            (0..too_many.draws()).filter(|_| dice.sample(&mut rng) == outcome).count() as u64;
        assert!(!too_many.test(hits, too_many.draws()).unwrap().rejected);
        if p > 0.0 {
            let too_few = RateTest::plan(rates(), p, p - 0.05).unwrap();
            let hits =
                (0..too_few.draws()).filter(|_| dice.sample(&mut rng) == outcome).count() as u64;
            assert!(!too_few.test(hits, too_few.draws()).unwrap().rejected);
        } else {
            assert_eq!(hits, 0, "an impossible outcome was drawn");
        }
    }
    let coin = Bernoulli::from_logit(1.0).unwrap();
    let test = RateTest::plan(rates(), coin.probability(), coin.probability() + 0.03).unwrap();
    let heads = (0..test.draws()).filter(|_| coin.sample(&mut rng)).count() as u64;
    assert!(!test.test(heads, test.draws()).unwrap().rejected);
}

fn two_humps() -> Mixture<Gaussian> {
    let components = vec![Gaussian::new(-2.0, 0.5).unwrap(), Gaussian::new(1.0, 1.0).unwrap()];
    Mixture::new(&[0.3, 0.7], components).unwrap()
}

#[test]
fn mixture_density_moments_and_distribution_function_agree() {
    let mixture = two_humps();
    let density = |x: f64| mixture.log_density(&x).unwrap().exp();
    let integrate = |f: &dyn Fn(f64) -> f64| {
        Quadrature::default().integrate_between(f, &[LINE[0], -2.0, 1.0, LINE[1]]).unwrap().value
    };
    assert_absolute(integrate(&density), 1.0, 1e-11, "mass");
    assert_absolute(integrate(&|x| x * density(x)), mixture.mean(), 1e-11, "mean");
    let centred = |x: f64| (x - mixture.mean()).powi(2) * density(x);
    assert_relative(integrate(&centred), mixture.variance(), 1e-11, "variance");
    let below = Quadrature::default().integrate_between(density, &[LINE[0], -2.0, -0.7]).unwrap();
    assert_absolute(below.value, mixture.cdf(-0.7), 1e-11, "P(X ≤ −0.7)");
    // Bayes' rule by hand at one point.
    let responsibilities = mixture.log_responsibilities(&-1.0).unwrap();
    let joint = [0.3 / 0.5 * (-2.0f64).exp(), 0.7 * (-2.0f64).exp()];
    assert_relative(
        responsibilities[0].exp(),
        joint[0] / (joint[0] + joint[1]),
        1e-14,
        "posterior",
    );
    // Far from everything, logs still tell the components apart.
    assert!(mixture.log_density(&1e4).unwrap() < -1e7);
    assert!(mixture.log_responsibilities(&1e4).unwrap()[1] > -1e-12);
    assert!(mixture.log_responsibilities(&f64::INFINITY).is_err());
}

#[test]
fn mixture_samples_fit_its_distribution_function_and_no_other() {
    let mixture = two_humps();
    let test = FitTest::plan(rates(), 0.05).unwrap();
    let mut rng = stream(13, [1]);
    let values: Vec<f64> = (0..test.draws()).map(|_| mixture.sample(&mut rng)).collect();
    assert!(!test.test(&values, |x| mixture.cdf(x)).unwrap().rejected);
    // Weights exchanged: the distribution functions are up to 0.4 apart.
    let swapped = Mixture::new(&[0.7, 0.3], mixture.components().to_vec()).unwrap();
    assert!(test.test(&values, |x| swapped.cdf(x)).unwrap().rejected);
    // The standard deviation taken for the variance of the first component.
    let wrong = vec![Gaussian::new(-2.0, 0.25).unwrap(), mixture.components()[1]];
    let wrong = Mixture::new(&[0.3, 0.7], wrong).unwrap();
    // They are 0.048 apart, just below what was planned for; the distance found must be that, up to the
    // sample's own distance from its truth, which is the threshold.
    let apart = (-400..0).map(|i| f64::from(i) / 100.0);
    let apart = apart.map(|x| (mixture.cdf(x) - wrong.cdf(x)).abs()).fold(0.0, f64::max);
    let decision = test.test(&values, |x| wrong.cdf(x)).unwrap();
    assert!((decision.distance - apart).abs() < decision.threshold, "{decision:?} {apart}");
    assert!((0.045..0.05).contains(&apart), "{apart}");
}

#[test]
fn mixtures_refuse_what_does_not_fit() {
    let one = DiagonalGaussian::standard(1).unwrap();
    let two = DiagonalGaussian::standard(2).unwrap();
    assert!(Mixture::new(&[0.5, 0.5], vec![one.clone(), two]).is_err());
    assert!(Mixture::new(&[0.5, 0.4], vec![one.clone(), one.clone()]).is_err());
    assert!(Mixture::new(&[1.0], vec![one.clone(), one.clone()]).is_err());
    let mixture = Mixture::new(&[0.5, 0.5], vec![one.clone(), one]).unwrap();
    assert!(mixture.log_density(&array![0.0, 0.0]).is_err());
    // Two equal halves are the component itself.
    assert_relative(
        mixture.log_density(&array![0.4]).unwrap(),
        -0.998_938_533_204_672_8,
        1e-15,
        "half",
    );
}

/// Monte Carlo meets the closed form: E_q[log q − log p] = KL, tested with the log-ratio's exact variance.
#[test]
fn monte_carlo_agrees_with_the_closed_form_and_rejects_the_swapped_one() {
    let (q, p) = (Gaussian::new(0.5, 1.2).unwrap(), Gaussian::standard());
    let mut rng = stream(14, [1]);
    // log q − log p = a quadratic in ε: ½(s²−1)ε² + msε + constant, with variance ½(s²−1)² + m²s².
    let (m, s2) = (0.5f64, 1.44f64);
    let sd = (0.5 * (s2 - 1.0).powi(2) + m * m * s2).sqrt();
    let test = MeanTest::plan(rates(), Alternative::TwoSided, sd, 0.02).unwrap();
    let values: Vec<f64> = (0..test.draws())
        .map(|_| q.sample(&mut rng))
        .map(|x| q.log_density(x) - p.log_density(x))
        .collect();
    assert!(!test.test(&values, q.kl(&p)).unwrap().rejected);
    assert!(test.test(&values, p.kl(&q)).unwrap().rejected, "{} {}", q.kl(&p), p.kl(&q));
    assert!(test.test(&values, -q.kl(&p)).unwrap().rejected);
    // σ read where σ² belongs.
    assert!(test.test(&values, kl::gaussian_standard(0.5, 1.2f64.ln())).unwrap().rejected);
}
