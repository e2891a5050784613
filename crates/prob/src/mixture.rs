//! Finite mixtures of densities.

use crate::{Categorical, Density, Error, Gaussian, Result, compensated_sum, log_sum_exp};
use rand::Rng;

/// Σₖ wₖ pₖ(x): first a component is drawn with probability wₖ, then a point from it.
///
/// ```
/// use prob::{Gaussian, Mixture};
/// let two = Mixture::new(
///     &[0.3, 0.7],
///     vec![Gaussian::new(-2.0, 0.5)?, Gaussian::new(1.0, 1.0)?],
/// )?;
/// assert!((two.mean() - 0.1).abs() < 1e-15);
/// assert!(two.log_density(&-2.0)? > two.log_density(&-1.0)?);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture<D> {
    weights: Categorical,
    components: Vec<D>,
}

impl<D: Density> Mixture<D> {
    /// The mixture with these weights (probabilities, length K) and K components of one space.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the numbers of weights and components or the components' dimensions
    /// differ; those of [`Categorical::new`].
    pub fn new(weights: &[f64], components: Vec<D>) -> Result<Self> {
        crate::error::same_length("components", weights.len(), components.len())?;
        let weights = Categorical::new(weights)?;
        if let Some((first, others)) = components.split_first() {
            for other in others {
                first.check_same_space(other)?;
            }
        }
        Ok(Self { weights, components })
    }

    /// The weights wₖ.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        self.weights.probabilities()
    }

    /// The components pₖ.
    #[must_use]
    pub fn components(&self) -> &[D] {
        &self.components
    }

    /// log Σₖ wₖ pₖ(x), in nats.
    ///
    /// # Errors
    /// [`Error::Dimension`] if x is a point of another space.
    pub fn log_density(&self, x: &D::Point) -> Result<f64> {
        Ok(log_sum_exp(&self.joint(x)?))
    }

    /// log P(component k | x) for every k, length K: the responsibilities of an E-step.
    ///
    /// # Errors
    /// [`Error::Dimension`] if x is a point of another space; [`Error::Parameter`] if every component's
    /// density underflows even as a log (x infinitely far away), where no posterior is defined.
    pub fn log_responsibilities(&self, x: &D::Point) -> Result<Vec<f64>> {
        let joint = self.joint(x)?;
        let log_evidence = log_sum_exp(&joint);
        if !log_evidence.is_finite() {
            let expected = "a finite log-density: is x finite?";
            return Err(Error::Parameter { name: "log-density", value: log_evidence, expected });
        }
        Ok(joint.into_iter().map(|j| j - log_evidence).collect())
    }

    /// One draw.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> D::Point {
        self.components[self.weights.sample(rng)].sample(rng)
    }

    fn joint(&self, x: &D::Point) -> Result<Vec<f64>> {
        let components = self.components.iter().enumerate();
        components.map(|(k, c)| Ok(self.weights.log_probability(k) + c.log_density(x)?)).collect()
    }
}

impl Mixture<Gaussian> {
    /// P(X ≤ x).
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        self.average(|c| c.cdf(x))
    }

    /// The mean, Σ wₖ μₖ.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.average(Gaussian::mean)
    }

    /// The variance, Σ wₖ (σₖ² + (μₖ − mean)²).
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.average(|c| c.sigma().powi(2) + (c.mean() - mean).powi(2))
    }

    fn average(&self, f: impl Fn(&Gaussian) -> f64) -> f64 {
        compensated_sum(self.weights().iter().zip(&self.components).map(|(w, c)| w * f(c)))
    }
}

/// A mixture is itself a density, so that mixtures may be mixed.
impl<D: Density> Density for Mixture<D> {
    type Point = D::Point;

    fn log_density(&self, x: &D::Point) -> Result<f64> {
        Mixture::log_density(self, x)
    }

    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> D::Point {
        Mixture::sample(self, rng)
    }

    fn check_same_space(&self, other: &Self) -> Result<()> {
        self.components[0].check_same_space(&other.components[0])
    }
}
