//! The Fréchet distance against another program's values and against closed forms.

use ndarray::{Array1, Array2, array};
use score::{GaussianFit, frechet_distance, square_root};

/// The file's digits make a covariance that is symmetric to the last but one.
fn gaussian(mean: &Array1<f64>, covariance: &Array2<f64>) -> GaussianFit {
    GaussianFit { mean: mean.clone(), covariance: (covariance + &covariance.t()) / 2.0 }
}

/// The other program takes the eigenvalues of Σ₁Σ₂ itself; its small ones have nine digits left.
#[test]
fn it_agrees_with_the_eigenvalues_of_the_product() {
    for case in reference::frechet().expect("the file") {
        let (a, b) =
            (gaussian(&case.mean1, &case.covariance1), gaussian(&case.mean2, &case.covariance2));
        let expected = case.frechet;
        for measured in [frechet_distance(&a, &b), frechet_distance(&b, &a)] {
            let measured = measured.expect("finite");
            assert!((measured / expected - 1.0).abs() < 1e-7, "{measured} {expected}");
        }
        assert!(frechet_distance(&a, &a).expect("finite").abs() < 1e-7);
    }
}

/// With commuting covariances it is ‖μ₁ − μ₂‖² + Σ(σ₁ − σ₂)².
#[test]
fn independent_coordinates_add() {
    let fit = |mean, sigma: Array1<f64>| GaussianFit {
        mean,
        covariance: Array2::from_diag(&(&sigma * &sigma)),
    };
    let a = fit(array![1.0, 2.0], array![1.0, 3.0]);
    let b = fit(array![0.0, 4.0], array![2.0, 0.5]);
    let distance = frechet_distance(&a, &b).expect("finite");
    assert!((distance - (1.0 + 4.0 + 1.0 + 6.25)).abs() < 1e-12);
    assert!(frechet_distance(&a, &fit(array![0.0], array![1.0])).is_err());
}

#[test]
fn the_fit_has_the_moments_of_the_data() {
    let fit = GaussianFit::new(array![[0.0, 1.0], [2.0, 5.0]].view()).expect("two rows");
    assert_eq!(fit.mean, array![1.0, 3.0]);
    assert_eq!(fit.covariance, array![[1.0, 2.0], [2.0, 4.0]]);
}

/// Computed with scipy's `sqrtm`, by Schur decomposition.
#[test]
fn the_square_root_equals_an_independent_value() {
    let covariance = array![[2.0, 0.3, -0.4], [0.3, 1.5, 0.2], [-0.4, 0.2, 0.9]];
    let expected = array![
        [1.397_717_611_419_612_4, 0.121_895_007_072_416_68, -0.177_558_683_195_906_8],
        [0.121_895_007_072_416_7, 1.214_256_379_049_793, 0.103_552_176_161_107_97],
        [-0.177_558_683_195_906_8, 0.103_552_176_161_107_8, 0.926_147_861_215_494_3],
    ];
    let root = square_root(covariance.view()).expect("a covariance");
    assert!((&root - &expected).iter().all(|x| x.abs() < 1e-14), "{root}");
    assert!((&root.dot(&root) - &covariance).iter().all(|x| x.abs() < 1e-14));
}
