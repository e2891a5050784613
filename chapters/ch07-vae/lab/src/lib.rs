//! # Lab 7: the variational autoencoder
//!
//! `chapters/ch07-vae/lab/src/lib.rs` is the file to edit. Replace each `todo!()` by your solution, then run `cargo
//! course lab ch07`. If you are stuck, `cargo course hint ch07 1` unfolds a hint for the first exercise, and the
//! next one when you call it again.
//!
//! All logarithms are natural. Where there are several images or draws, each has a row.

use ndarray::{Array1, Array2};

/// # Active units
///
/// *8 minutes, 1 point.*
///
/// Training may leave coordinates of the code unused. Burda, Grosse and Salakhutdinov (2016) call coordinate $j$ *active* if its
/// mean $\mu_j(x)$ moves with the image: if the variance of $\mu_j(x)$ over the data is above a threshold.
///
/// Count the active coordinates. The variance is a plain average of squares, with the divisor $N$, as in (7.27).
///
/// - `means`: $\mu(x_i)$, $N \times d$, an image in each row and a coordinate in each column.
/// - `threshold`: in units of the code squared; 0.01 is customary.
///
/// By hand: the rows $(1, 5)$ and $(3, 5.1)$ have the variances 1 and 0.0025, so at 0.01 one coordinate is active.
pub fn active_units(means: &Array2<f64>, threshold: f64) -> usize {
    todo!("exercise 1")
}

/// # How many draws count
///
/// *10 minutes, 1 point.*
///
/// Of $K$ importance weights a few often carry nearly all of (7.7). The *effective sample size*
///
/// $$\frac{\left(\sum_k w_k\right)^2}{\sum_k w_k^2}$$
///
/// is $K$ if all weights are equal, and 1 if one of them outweighs the others. Compute it from the logarithms of the weights, as
/// a VAE's program has them: around $-90$ or $-2000$, where the weights themselves are too small for a number.
///
/// - `log_weights`: $\log w_k$ in nats, of length $K$.
///
/// By hand: $\log w = (0, \log 3)$ gives $(1 + 3)^2/(1 + 9) = 1.6$, and so does $(-2000, -2000 + \log 3)$.
pub fn effective_sample_size(log_weights: &Array1<f64>) -> f64 {
    todo!("exercise 2")
}

/// # A mixture for a prior
///
/// *20 minutes, 3 points.*
///
/// A prior that is a mixture can follow the codes better than $\mathcal{N}(0, I)$ does (Tomczak and Welling 2018):
///
/// $$p(z) = \frac1K \sum_{k=1}^{K} \mathcal{N}(z;\, m_k, \operatorname{diag} s_k^2) .$$
///
/// The KL term has no closed form then. Estimate it from given noise, as `--kl sampled` does in this chapter: draw
/// $z = \mu + \sigma \odot \varepsilon$ (7.2) for each of the $S$ rows of $\varepsilon$, and average
/// $\log q(z \mid x) - \log p(z)$ over the draws.
///
/// - `mean`, `log_var`: $\mu$ and $\log \sigma^2$ of $q(z \mid x)$, of length $d$.
/// - `noise`: $\varepsilon$, $S \times d$.
/// - `prior_means`, `prior_log_vars`: $m_k$ and $\log s_k^2$, $K \times d$.
/// - The answer: one number in nats. It must be right for codes of several hundred coordinates, too, where every density is
///   too small for a number.
///
/// By hand: $d = S = 1$, $\varepsilon = 0$, $q = \mathcal{N}(0, 1)$ and two components, $\mathcal{N}(-1, 1)$ and $\mathcal{N}(1, 1)$. At
/// $z = 0$ both components have the density $e^{-1/2}/\sqrt{2\pi}$, and $q$ has $1/\sqrt{2\pi}$: the answer is $\tfrac12$.
pub fn mixture_prior_kl(
    mean: &Array1<f64>,
    log_var: &Array1<f64>,
    noise: &Array2<f64>,
    prior_means: &Array2<f64>,
    prior_log_vars: &Array2<f64>,
) -> f64 {
    todo!("exercise 3")
}

/// # Drawing a grey pixel
///
/// *20 minutes, 3 points.*
///
/// The continuous Bernoulli has on $[0, 1]$ a density proportional to $\lambda^x (1 - \lambda)^{1 - x}$. With the logit
/// $l = \log \lambda - \log(1 - \lambda)$ that is proportional to $e^{l x}$. To draw from it, turn a uniform number $u$ into the
/// grey value $x$ at which the distribution function $F(x) = P(\text{pixel} \le x)$ is $u$.
///
/// Integrate, solve $F(x) = u$, and make the result right for every $l$: at $l = 0$, where the formula is $0/0$; at tiny $l$,
/// where it cancels; and for $|l|$ in the hundreds, where $e^{|l|}$ is too large for a number.
///
/// - `logit`: $l$, any real number.
/// - `uniform`: $u$, between 0 and 1.
/// - The answer: $x$, a grey value between 0 and 1.
///
/// By hand: at $l = 0$ the density is uniform and $x = u$. For $l = \log 4$ and $u = \tfrac13$ the equation becomes
/// $e^{l x} = 2$, so $x = \tfrac12$.
pub fn continuous_bernoulli_quantile(logit: f64, uniform: f64) -> f64 {
    todo!("exercise 4")
}

/// # The doubly reparameterized gradient, by hand
///
/// *35 minutes, 4 points.*
///
/// Take the smallest VAE of all: one latent number with the prior $\mathcal{N}(0, 1)$, one pixel with
/// $p(x \mid z) = \mathcal{N}(x;\, a z, s^2)$, and $q(z \mid x) = \mathcal{N}(\mu, \sigma^2)$. For $K$ given noises let
/// $z_k = \mu + \sigma \varepsilon_k$, and $w_k$ as in (7.7).
///
/// Return the estimate (7.12) of the gradient for these draws,
///
/// $$\sum_k \tilde w_k^{\,2}\; \frac{\partial \log w_k}{\partial z_k}\, \frac{\partial z_k}{\partial \phi} ,$$
///
/// once for $\phi = \mu$ and once for $\phi = \log \sigma^2$. What you need is the slope of $\log w$ as a function of $z$, with the
/// $\mu$ and $\sigma$ in $\log q(z \mid x)$ held fixed.
///
/// - `pixel`: $x$. `slope`: $a$. `noise_sigma`: $s$, a standard deviation.
/// - `mean`, `log_var`: $\mu$ and $\log \sigma^2$.
/// - `noise`: $\varepsilon$, of length $K$.
/// - The answer: the derivatives by $\mu$ and by $\log \sigma^2$.
///
/// By hand: $x = 2$, $a = s = 1$, $\mu = 0$, $\log \sigma^2 = 0$ and the single noise $\varepsilon = 1$. Then $z = 1$, $\tilde w = 1$ and
/// $\partial \log w/\partial z = -1 + 1 + 1 = 1$, so the answer is $1$ and $\tfrac12$.
pub fn dreg_gradient(
    pixel: f64,
    slope: f64,
    noise_sigma: f64,
    mean: f64,
    log_var: f64,
    noise: &Array1<f64>,
) -> [f64; 2] {
    todo!("exercise 5")
}
