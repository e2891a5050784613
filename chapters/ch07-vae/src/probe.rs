//! What a code is good for: a linear classifier on top of it. Equation (7.31).

use ndarray::{Array1, Array2, Axis};
use prob::eigen::{self, Eigen};

/// Mean and standard deviation of each feature, to be applied to other data, too.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardisation {
    /// One number for each feature.
    pub mean: Array1<f64>,
    /// One number for each feature; 1 where a feature is constant.
    pub sigma: Array1<f64>,
}

impl Standardisation {
    /// From `features`, images × features.
    #[must_use]
    pub fn of(features: &Array2<f64>) -> Self {
        let sigma = features.std_axis(Axis(0), 0.0);
        Self {
            mean: features.sum_axis(Axis(0)) / features.nrows() as f64,
            sigma: sigma.mapv_into(|sigma| if sigma > 0.0 { sigma } else { 1.0 }),
        }
    }

    /// (f − mean) / σ
    #[must_use]
    pub fn apply(&self, features: &Array2<f64>) -> Array2<f64> {
        (features - &self.mean) / &self.sigma
    }
}

/// A linear classifier by ridge regression on one-hot labels: no step size, no stopping rule, one solution.
#[derive(Clone, Debug, PartialEq)]
pub struct RidgeClassifier {
    standardisation: Standardisation,
    /// Features × classes.
    pub weight: Array2<f64>,
    /// The share of each class.
    pub bias: Array1<f64>,
}

impl RidgeClassifier {
    // ANCHOR: ridge
    /// W = (FᵀF/n + λI)⁻¹ FᵀY/n for standardised features F and one-hot labels Y, equation (7.31): the
    /// minimum of ‖FW + b − Y‖²/n + λ‖W‖², in which b is the share of each class because the columns of F
    /// have mean 0.
    ///
    /// # Errors
    /// If a feature is not finite.
    ///
    /// # Panics
    /// If there is not one label for each image, or a label is not below `classes`.
    pub fn fit(
        features: &Array2<f64>,
        labels: &[u8],
        classes: usize,
        lambda: f64,
    ) -> prob::Result<Self> {
        assert_eq!(labels.len(), features.nrows(), "one label for each image");
        let n = labels.len() as f64;
        let standardisation = Standardisation::of(features);
        let f = standardisation.apply(features);
        let mut y = Array2::zeros((labels.len(), classes));
        labels.iter().enumerate().for_each(|(image, &label)| y[[image, usize::from(label)]] = 1.0);

        let gram = f.t().dot(&f) / n;
        let symmetric = (&gram + &gram.t()) / 2.0; // to the last bit
        let Eigen { values, vectors } = eigen::symmetric(symmetric.view())?;
        let inverse = values.mapv_into(|value| 1.0 / (value.max(0.0) + lambda));
        let weight = (&vectors * &inverse).dot(&vectors.t().dot(&f.t().dot(&y))) / n;
        Ok(Self { standardisation, weight, bias: y.sum_axis(Axis(0)) / n })
    }
    // ANCHOR_END: ridge

    /// A score of each class, images × classes; the largest wins.
    #[must_use]
    pub fn scores(&self, features: &Array2<f64>) -> Array2<f64> {
        self.standardisation.apply(features).dot(&self.weight) + &self.bias
    }

    /// The share of images whose class is found.
    #[must_use]
    pub fn accuracy(&self, features: &Array2<f64>, labels: &[u8]) -> f64 {
        let scores = self.scores(features);
        let right = scores.rows().into_iter().zip(labels).filter(|(row, label)| {
            let best = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
            best.is_some_and(|(class, _)| class == usize::from(**label))
        });
        right.count() as f64 / labels.len() as f64
    }
}
