//! # Lab 6: the divergence between Gaussians
//!
//! `chapters/ch06-gaussian-kl/lab/src/lib.rs` is the file to edit. Replace each `todo!()` by your solution, then
//! run `cargo course lab ch06`. If you are stuck, `cargo course hint ch06 1` unfolds a hint for the first exercise,
//! and the next one when you call it again.
//!
//! All logarithms are natural, so divergences are in nats. The second argument of $\mathcal{N}(\cdot, \cdot)$ is a variance,
//! or a covariance matrix.

use ndarray::{Array1, Array2};

/// # A prior of another width
///
/// *8 minutes, 1 point.*
///
/// A VAE's prior need not be $\mathcal{N}(0, 1)$ in each coordinate. Take $\mathcal{N}(0, s^2)$ with the same $s$ for all $D$
/// coordinates, and return
///
/// $$\mathrm{KL}\!\left(\mathcal{N}(\mu, \operatorname{diag} \sigma^2) \,\|\, \mathcal{N}(0, s^2 I)\right)$$
///
/// in nats, summed over the coordinates. (6.4) and (6.7) have one coordinate, (6.10) has all of them.
///
/// - `mean`: $\mu$, of length $D$.
/// - `log_var`: $\log \sigma^2$, of length $D$: the logarithms of *variances*.
/// - `prior_sigma`: $s > 0$, a *standard deviation*.
///
/// By hand: $D = 1$, $\mu = 0$, $\log \sigma^2 = 0$ and $s = 2$ give $\log 2 + \tfrac18 - \tfrac12 = 0.318147\ldots$
pub fn kl_to_wide_prior(mean: &Array1<f64>, log_var: &Array1<f64>, prior_sigma: f64) -> f64 {
    todo!("exercise 1")
}

/// # From a diagonal to a full covariance
///
/// *20 minutes, 3 points.*
///
/// The encoder of a VAE has independent coordinates, so its divergence from the prior is a sum over coordinates. Let the
/// code's coordinates be correlated: return
///
/// $$\mathrm{KL}\!\left(\mathcal{N}(\mu, \Sigma) \,\|\, \mathcal{N}(0, I)\right)$$
///
/// in nats. Derive it from (6.12), or from the definition (6.1); then see what is left for you to compute from $\Sigma$, and
/// how. The covariance may have forty coordinates with tiny variances, and the result must still be a number.
///
/// - `mean`: $\mu$, of length $D \ge 1$.
/// - `covariance`: $\Sigma$, a $D \times D$ matrix, symmetric and positive definite.
///
/// By hand: $D = 1$, $\mu = 0$ and $\Sigma = 4$ give $\tfrac12(4 - 1 - \log 4) = 0.806853\ldots$
pub fn full_covariance_kl(mean: &Array1<f64>, covariance: &Array2<f64>) -> f64 {
    todo!("exercise 2")
}

/// # Two Laplace densities
///
/// *20 minutes, 3 points.*
///
/// A Laplace density has its peak at $m$ and falls off on both sides with a scale $b > 0$: it is $e^{-|x - m|/b}/2b$, and its
/// mean absolute deviation $\mathbb{E}|x - m|$ is $b$. Return
///
/// $$\mathrm{KL}\!\left(\mathrm{Laplace}(m_1, b_1) \,\|\, \mathrm{Laplace}(m_2, b_2)\right)$$
///
/// in nats. Derive it in the three steps from (6.2) to (6.4). The one integral that you need is $\mathbb{E}|x - m_2|$ for an $x$
/// from the first density; it takes the place of (6.3).
///
/// - `mean1`, `scale1`: $m_1$ and $b_1$, of the density that the expectation is taken under.
/// - `mean2`, `scale2`: $m_2$ and $b_2$.
///
/// By hand: $m_1 = 0$, $b_1 = 1$, $m_2 = 1$ and $b_2 = 1$ give $e^{-1} = 0.367879\ldots$
pub fn laplace_kl(mean1: f64, scale1: f64, mean2: f64, scale2: f64) -> f64 {
    todo!("exercise 3")
}

/// # Free bits
///
/// *20 minutes, 3 points.*
///
/// Early in training, the KL term may switch off coordinates of the code before the decoder has learned to use them. *Free
/// bits* (Kingma et al. 2016) do not charge for the first $\lambda$ nats of a coordinate. For a batch of $n$ images, with
/// $\mathrm{KL}_{ij}$ from (6.5) for coordinate $j$ of image $i$, the term becomes
///
/// $$J = \sum_{j=1}^{D} \max\!\Big(\lambda,\; \frac1n \sum_{i=1}^{n} \mathrm{KL}_{ij}\Big) .$$
///
/// The mean over the batch is inside the maximum, the sum over coordinates outside. Return the *gradient* of $J$; (6.8) has
/// its pieces.
///
/// - `mean`, `log_var`: $\mu$ and $\log \sigma^2$, both $n \times D$, an image in each row.
/// - `free`: $\lambda > 0$, in nats.
/// - The answer: $\partial J/\partial \mu$ and $\partial J/\partial \log \sigma^2$, both $n \times D$.
///
/// By hand: $n = 1$, $D = 2$, $\mu = (2, 0.1)$, $\log \sigma^2 = (0, 0)$ and $\lambda = 0.5$. The two divergences are 2 and 0.005,
/// so the first coordinate is charged and the second is free: $\partial J/\partial \mu = (2, 0)$ and
/// $\partial J/\partial \log \sigma^2 = (0, 0)$.
pub fn free_bits_gradient(
    mean: &Array2<f64>,
    log_var: &Array2<f64>,
    free: f64,
) -> (Array2<f64>, Array2<f64>) {
    todo!("exercise 4")
}

/// # One Gaussian against a mixture
///
/// *30 minutes, 4 points.*
///
/// For a mixture $g = \sum_k \omega_k g_k$ the divergence $\mathrm{KL}(q \,\|\, g)$ has no closed form. A bound has one. Take any
/// probabilities $\varphi_k > 0$, one for each component. Jensen's inequality, for $g = \sum_k \varphi_k (\omega_k g_k/\varphi_k)$,
/// gives
///
/// $$\mathrm{KL}(q \,\|\, g) \;\le\; \sum_k \varphi_k \left(\log \frac{\varphi_k}{\omega_k} + \mathrm{KL}(q \,\|\, g_k)\right) .$$
///
/// Minimise the right side over $\varphi$ and return the *minimum*, in nats. It has a short closed form, and it must stay finite
/// where all of the divergences are in the hundreds. (Use a Lagrange multiplier, or see what the right side is nearly the
/// divergence of.)
///
/// - `mean`, `sigma`: of $q = \mathcal{N}(\mu, \sigma^2)$, in one dimension.
/// - `weights`: $\omega$, positive, adding up to 1.
/// - `means`, `sigmas`: of the components $g_k$; as many as there are weights.
///
/// By hand: $q = \mathcal{N}(0, 1)$ and $\omega = (\tfrac12, \tfrac12)$, with $g_1 = \mathcal{N}(0, 1)$ and $g_2 = \mathcal{N}(2, 1)$.
/// The divergences are 0 and 2, and the bound is $\log 2 - \log(1 + e^{-2}) = 0.566219\ldots$
pub fn mixture_kl_bound(
    mean: f64,
    sigma: f64,
    weights: &Array1<f64>,
    means: &Array1<f64>,
    sigmas: &Array1<f64>,
) -> f64 {
    todo!("exercise 5")
}
