//! How the players move: in the smallest game there is, and in one dimension against the exact discriminator.

use prob::Gaussian;

use crate::GeneratorLoss;
use crate::game::{expectation, optimal_logit};

/// Where the two players of min over x, max over y of xy stand. The equilibrium is (0, 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Players {
    /// The minimiser: the generator's part.
    pub x: f64,
    /// The maximiser: the discriminator's part.
    pub y: f64,
}

/// Who moves first in an alternating step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// x, the generator's part.
    Minimiser,
    /// y, the discriminator's part: the order of the algorithm.
    Maximiser,
}

// ANCHOR: bilinear
impl Players {
    /// Both move at once: x ← x − ηy, y ← y + ηx. The distance from the equilibrium grows by √(1 + η²),
    /// equation (8.14).
    #[must_use]
    pub fn simultaneous(self, rate: f64) -> Self {
        Self { x: self.x - rate * self.y, y: self.y + rate * self.x }
    }

    /// One moves, and the other answers to the move, as in the algorithm.
    #[must_use]
    pub fn alternating(self, rate: f64, first: First) -> Self {
        let Self { mut x, mut y } = self;
        match first {
            First::Minimiser => {
                x -= rate * y;
                y += rate * x;
            }
            First::Maximiser => {
                y += rate * x;
                x -= rate * y;
            }
        }
        Self { x, y }
    }

    /// x² + y² ∓ ηxy, which alternating steps leave as it is, equation (8.15): minus if the minimiser moves
    /// first, plus if the maximiser does.
    #[must_use]
    pub fn invariant(self, rate: f64, first: First) -> f64 {
        let Self { x, y } = self;
        let mixed = match first {
            First::Minimiser => -rate,
            First::Maximiser => rate,
        };
        x * x + y * y + mixed * x * y
    }
}
// ANCHOR_END: bilinear

impl Players {
    /// √(x² + y²)
    #[must_use]
    pub fn distance(self) -> f64 {
        self.x.hypot(self.y)
    }
}

// ANCHOR: held_fixed
/// The derivatives of a generator's loss with respect to μ and log σ, where G(z) = μ + σz makes q = N(μ, σ²)
/// and the discriminator is the best one against this q, **held fixed**, equation (8.13):
/// E_q[f′(ℓ*(x)) · dℓ*/dx · dx/d(μ, log σ)], with dx/dμ = 1 and dx/dlog σ = x − μ.
///
/// # Errors
/// If an integral does not converge.
pub fn generator_gradient(
    p: &Gaussian,
    q: &Gaussian,
    loss: GeneratorLoss,
) -> prob::Result<[f64; 2]> {
    let slope = |x: f64| loss.backward(optimal_logit(p, q, x)) * (score(p, x) - score(q, x));
    let by_mean = expectation(q, p, slope)?;
    Ok([by_mean, expectation(q, p, |x| slope(x) * (x - q.mean()))?])
}

/// d log p/dx
fn score(p: &Gaussian, x: f64) -> f64 {
    (p.mean() - x) / (p.sigma() * p.sigma())
}
// ANCHOR_END: held_fixed

// ANCHOR: recover
/// Trains G(z) = μ + σz against the exact discriminator, computed anew at each of `steps` steps; all the q on
/// the way, the start first.
///
/// A step is `rate` times the gradient, divided by the Fisher information of q (1/σ² for μ, 2 for log σ), so
/// that it means the same for wide and for narrow q.
///
/// # Errors
/// If an integral does not converge or q leaves the range of numbers.
pub fn train_against_optimum(
    p: &Gaussian,
    start: &Gaussian,
    loss: GeneratorLoss,
    rate: f64,
    steps: usize,
) -> prob::Result<Vec<Gaussian>> {
    let mut path = vec![*start];
    for _ in 0..steps {
        let q = path[path.len() - 1];
        let gradient = generator_gradient(p, &q, loss)?;
        path.push(descend(&q, gradient, rate)?);
    }
    Ok(path)
}

/// One step down a gradient with respect to μ and log σ.
///
/// # Errors
/// If q leaves the range of numbers.
pub fn descend(
    q: &Gaussian,
    [by_mean, by_log_sigma]: [f64; 2],
    rate: f64,
) -> prob::Result<Gaussian> {
    let mean = q.mean() - rate * q.sigma() * q.sigma() * by_mean;
    Gaussian::new(mean, q.sigma() * (-0.5 * rate * by_log_sigma).exp())
}
// ANCHOR_END: recover

#[cfg(test)]
mod tests {
    use super::*;

    /// The slope is made where the two densities are equal, 4.7 standard deviations from the generator's mean: a narrow peak
    /// that lay between the nodes, so that two thirds of the slope were missing.
    #[test]
    fn a_slope_that_is_made_far_from_the_mean_is_found() -> prob::Result<()> {
        let (p, q) = (Gaussian::new(0.0, 1.0)?, Gaussian::new(-6.215, 0.3625)?);
        let [_, by_log_sigma] = generator_gradient(&p, &q, GeneratorLoss::Saturating)?;
        let width = 1e-4;
        let points = (-80_000..=80_000).map(|i| q.mean() + q.sigma() * width * f64::from(i));
        let sum: f64 = points
            .map(|x| {
                let slope = GeneratorLoss::Saturating.backward(optimal_logit(&p, &q, x));
                let density = q.log_density(x).exp() * q.sigma();
                density * slope * (score(&p, x) - score(&q, x)) * (x - q.mean())
            })
            .sum();
        assert!((by_log_sigma - width * sum).abs() < 1e-11, "{by_log_sigma} {}", width * sum);
        Ok(())
    }
}
