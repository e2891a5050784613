//! The Gauss-Hermite rule, for expectations under a Gaussian.

use crate::search::bisect;
use crate::{DiagonalGaussian, Error, Gaussian, Result, compensated_sum};
use ndarray::{Array1, ArrayView1};

/// E f(Z) ≈ Σ wᵢ f(xᵢ) for Z ~ N(0, 1): exact for polynomials up to degree 2n − 1.
///
/// The rule's weight is the *normal density* itself (the "probabilists'" form): no factors of √2 or √π
/// are left to the user.
///
/// ```
/// use prob::{Gaussian, GaussHermite};
/// let rule = GaussHermite::new(5)?;
/// // E X⁴ = 3σ⁴ + 6μ²σ² + μ⁴, exactly, from 5 evaluations.
/// let q = Gaussian::new(1.0, 2.0)?;
/// assert!((rule.expectation(&q, |x| x.powi(4)) - 73.0).abs() < 1e-12);
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GaussHermite {
    nodes: Vec<f64>,
    weights: Vec<f64>,
}

impl GaussHermite {
    /// The rule with `n` nodes.
    ///
    /// The nodes are the eigenvalues of the Jacobi matrix with off-diagonal √k (Golub and Welsch 1969),
    /// found by bisection on Sturm's count; a node's weight is 1/Σₖ hₖ(x)², with the orthonormal
    /// Hermite polynomials hₖ, k < n.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless 1 ≤ n ≤ 300 (beyond, the outermost weights underflow).
    pub fn new(n: usize) -> Result<Self> {
        if !(1..=300).contains(&n) {
            let expected = "a number of nodes from 1 to 300";
            return Err(Error::Parameter { name: "n", value: n as f64, expected });
        }
        // Every zero of Heₙ is below 2√n (Szegő 1939, section 6.32). The positive half gives the rest.
        let end = 2.0 * (n as f64).sqrt() + 1.0;
        let mut nodes = vec![0.0; n];
        for i in 0..n / 2 {
            let above = n - i; // the node with exactly i others above it
            let x = bisect(0.0, end, |x| eigenvalues_below(n, x) < above);
            nodes[i] = -x;
            nodes[n - 1 - i] = x;
        }
        let weights = nodes.iter().map(|&x| 1.0 / sum_of_squares(n, x)).collect();
        Ok(Self { nodes, weights })
    }

    /// The nodes xᵢ, ascending, length n.
    #[must_use]
    pub fn nodes(&self) -> &[f64] {
        &self.nodes
    }

    /// The weights wᵢ, positive and summing to 1, length n.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// E f(X) for a Gaussian X.
    pub fn expectation(&self, gaussian: &Gaussian, mut f: impl FnMut(f64) -> f64) -> f64 {
        let terms = self.nodes.iter().zip(&self.weights);
        compensated_sum(terms.map(|(x, w)| w * f(gaussian.mean() + gaussian.sigma() * x)))
    }

    /// E f(X) for X with D independent Gaussian coordinates: the tensor product of the rule with itself,
    /// so n^D evaluations of f at points of length D. That power is the reason why one does not
    /// integrate a latent variable out like this beyond a few dimensions.
    pub fn expectation_diagonal(
        &self,
        gaussian: &DiagonalGaussian,
        mut f: impl FnMut(ArrayView1<'_, f64>) -> f64,
    ) -> f64 {
        let dimension = gaussian.dimension();
        let sigma = gaussian.log_var().mapv(|v| (0.5 * v).exp());
        let mut index = vec![0usize; dimension];
        let mut x = Array1::<f64>::zeros(dimension);
        let mut done = false;
        compensated_sum(std::iter::from_fn(|| {
            if done {
                return None;
            }
            let mut weight = 1.0;
            for d in 0..dimension {
                x[d] = gaussian.mean()[d] + sigma[d] * self.nodes[index[d]];
                weight *= self.weights[index[d]];
            }
            // Count on like an odometer.
            done = true;
            for digit in &mut index {
                *digit += 1;
                if *digit < self.nodes.len() {
                    done = false;
                    break;
                }
                *digit = 0;
            }
            Some(weight * f(x.view()))
        }))
    }
}

/// How many eigenvalues of the n×n Jacobi matrix are below x: the negative pivots of J − x I.
fn eigenvalues_below(n: usize, x: f64) -> usize {
    let mut count = 0;
    let mut pivot = -x;
    for k in 1..=n {
        if pivot < 0.0 {
            count += 1;
        }
        if pivot == 0.0 {
            pivot = f64::MIN_POSITIVE;
        }
        pivot = -x - k as f64 / pivot;
    }
    count
}

/// Σ_{k<n} hₖ(x)² by the recurrence √(k+1) hₖ₊₁ = x hₖ − √k hₖ₋₁.
fn sum_of_squares(n: usize, x: f64) -> f64 {
    let (mut previous, mut current, mut sum) = (0.0, 1.0, 0.0);
    for k in 0..n {
        sum += current * current;
        let k = k as f64;
        let next = (x * current - k.sqrt() * previous) / (k + 1.0).sqrt();
        previous = current;
        current = next;
    }
    sum
}
