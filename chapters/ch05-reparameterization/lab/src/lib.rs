//! # Lab 5: reparameterization
//!
//! `chapters/ch05-reparameterization/lab/src/lib.rs` is the file to edit. Replace each `todo!()` by your solution,
//! then run `cargo course lab ch05`. If you are stuck, `cargo course hint ch05 1` unfolds a hint for the first
//! exercise, and the next one when you call it again.
//!
//! Equation numbers are those of the chapter. The parameters of a Gaussian $q$ are $\mu$ and $\log \sigma^2$, in
//! this order; $\varepsilon$ is the noise, and $\sigma$ always a standard deviation.

use ndarray::{Array1, Array2};

/// # A path for a Weibull distribution
///
/// *5 minutes, 1 point.*
///
/// The Weibull distribution, of times until something breaks, has the distribution function
/// $F(z) = 1 - e^{-(z/s)^k}$ for $z \ge 0$, with a scale $s$ and a shape $k$. Give it a path by (5.2): return
/// $z = F^{-1}(u)$.
///
/// - `uniform`: $u$, between 0 and 1.
/// - `scale`, `shape`: $s > 0$ and $k > 0$.
/// - The answer is $z$, in units of $s$. It *rises* with $u$.
///
/// By hand: $s = 2$, $k = \tfrac12$ and $u = 1 - e^{-3}$ give $(z/2)^{1/2} = 3$, so $z = 18$.
pub fn weibull_path(uniform: f64, scale: f64, shape: f64) -> f64 {
    todo!("exercise 1")
}

/// # The best mixture of two estimators
///
/// *10 minutes, 1 point.*
///
/// The score has the mean 0, so adding $\lambda$ times the score to the total derivative (5.9) leaves its mean as
/// it is; $\lambda = 1$ makes the path derivative (5.11) of it. From $L$ draws of both, return the $\lambda$ for
/// which the variance of total $+\, \lambda \cdot$ score is least *over these draws*. (The chapter's exercise 2
/// asks what that is in the linear-Gaussian model.)
///
/// - `total`: the total derivative by one parameter in each draw, of length $L \ge 2$.
/// - `score`: the score by the same parameter in the same draws, of length $L$, not constant.
///
/// By hand: totals 3 and 1, scores −1 and 1. With $\lambda = 1$ both sums are 2, and nothing varies.
pub fn best_lambda(total: &[f64], score: &[f64]) -> f64 {
    todo!("exercise 2")
}

/// # The relaxed coin, with more than two sides
///
/// *20 minutes, 3 points.*
///
/// With the Gumbel noise $g_k = -\log(-\log u_k)$, the place of the largest $l_k + g_k$ is a draw from
/// $\operatorname{softmax}(l)$. Relaxed as in (5.22), it becomes
///
/// $$y = \operatorname{softmax}\!\left(\frac{l + g}{\tau}\right), \qquad
/// \operatorname{softmax}(a)_k = \frac{e^{a_k}}{\sum_j e^{a_j}} .$$
///
/// Return the pathwise estimate of the gradient of $\mathbb{E} f(y)$ from one draw, $\partial f(y)/\partial l_i$.
/// You will need the matrix of all $\partial y_k/\partial l_i$, since a softmax mixes its arguments.
///
/// - `logits`: $l$, of length $K$.
/// - `uniform`: $u$, of length $K$, each between 0 and 1.
/// - `temperature`: $\tau > 0$.
/// - `slope`: $\partial f/\partial y_k$ at this $y$, of length $K$, computed already.
/// - The answer is $\partial f(y)/\partial l_i$, of length $K$.
///
/// By hand: $K = 2$, $l = (0, 0)$, $u = (\tfrac12, \tfrac12)$, $\tau = \tfrac12$ and the slope $(1, 0)$, so
/// $f = y_1$. Then $y = (\tfrac12, \tfrac12)$, and with $l_1$ it rises at the rate $y_1 (1 - y_1)/\tau = \tfrac12$.
/// The answer is $(\tfrac12, -\tfrac12)$.
pub fn relaxed_gradient(
    logits: &[f64],
    uniform: &[f64],
    temperature: f64,
    slope: &[f64],
) -> Vec<f64> {
    todo!("exercise 3")
}

/// # How a draw from a mixture moves
///
/// *20 minutes, 3 points.*
///
/// The usual sampler of a mixture of Gaussians picks a component, and that is a step without a slope. But (5.4)
/// asks for no sampler, only for $F$. For $q(z) = \sum_k \pi_k\, \mathcal{N}(z; \mu_k, \sigma_k^2)$, return how a
/// draw $z$ moves with each mean and with each log-variance.
///
/// - `z`: the draw.
/// - `weights`: $\pi_k$, positive with the sum 1, of length $K$.
/// - `means`, `log_vars`: $\mu_k$ and $\log \sigma_k^2$, of length $K$.
/// - The answer is $(\partial z/\partial \mu_k,\; \partial z/\partial \log \sigma_k^2)$, both of length $K$.
///
/// By hand: $\pi = (\tfrac12, \tfrac12)$, $\mu = (-1, 1)$, $\sigma = (1, 1)$ and $z = 0$. Either component is as
/// likely to have made this $z$, which moves with each mean at half its speed: $(\tfrac12, \tfrac12)$. By the
/// log-variances it moves at $(\tfrac14, -\tfrac14)$, away from the centre of the one that widens.
pub fn mixture_slopes(
    z: f64,
    weights: &[f64],
    means: &[f64],
    log_vars: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    todo!("exercise 4")
}

/// # Sticking the landing with a full covariance
///
/// *25 minutes, 3 points.*
///
/// Let $q = \mathcal{N}(\mu, L L^\top)$ in $d$ dimensions, with a lower triangular $L$ that has a positive
/// diagonal, and draw $z = \mu + L \varepsilon$ with $\varepsilon \sim \mathcal{N}(0, I)$. Return the path
/// derivative of the bound for this one draw, the counterpart of (5.11): the derivative of
/// $\log p(x, z) - \log q(z)$ through $z$ only, with the $\mu$ and the $L$ in $\log q$ held fixed, by $\mu$ and by
/// each entry of $L$ that may change. Like (5.11) it is zero in every draw where $q$ is the posterior.
///
/// You need the slope of $\log q$ by $z$, that is $-(L L^\top)^{-1} (z - \mu)$. No matrix has to be inverted for
/// it: a triangular system is solved from one end to the other.
///
/// - `factor`: $L$, of shape $d \times d$, zero above the diagonal.
/// - `noise`: $\varepsilon$, of length $d$.
/// - `slope`: $s(z) = \nabla_z \log p(x, z)$ at this draw, of length $d$.
/// - The answer is the derivative by $\mu$, of length $d$, and the one by $L$, of shape $d \times d$ and zero above
///   the diagonal.
///
/// By hand: $L = \begin{pmatrix} 1 & 0 \\ 1 & 1 \end{pmatrix}$, $\varepsilon = (1, 1)$ and $s = (0, 0)$. The slope
/// of $-\log q$ at $z - \mu = (1, 2)$ is $(0, 1)$, and this is the derivative by $\mu$. The one by $L$ is
/// $\begin{pmatrix} 0 & 0 \\ 1 & 1 \end{pmatrix}$.
pub fn full_covariance_path(
    factor: &Array2<f64>,
    noise: &Array1<f64>,
    slope: &Array1<f64>,
) -> (Array1<f64>, Array2<f64>) {
    todo!("exercise 5")
}
