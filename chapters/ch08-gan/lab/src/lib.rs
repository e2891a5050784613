//! # Lab 8: the adversarial game
//!
//! `chapters/ch08-gan/lab/src/lib.rs` is the file to edit. Replace each `todo!()` by your solution, then run `cargo
//! course lab ch08`. If you are stuck, `cargo course hint ch08 1` unfolds a hint for the first exercise, and the
//! next one when you call it again.
//!
//! All logarithms are natural. A batch is a matrix with an example in each row, as in the chapter.

use ndarray::{Array1, Array2};

/// # The hinge losses
///
/// *8 minutes, 1 point.*
///
/// Many later GANs (Miyato et al. 2018, for one) replace both logarithms of (8.1). The discriminator is only asked to keep the
/// logits of real examples above $1$ and those of generated ones below $-1$, and the generator simply raises its logits:
///
/// $$L_D = \operatorname{mean}\, \max\!\big(0,\, 1 - \ell(x)\big) + \operatorname{mean}\, \max\!\big(0,\, 1 + \ell(G(z))\big),
/// \qquad L_G = -\operatorname{mean}\, \ell(G(z)) .$$
///
/// - `real`: $\ell(x)$ for the real examples of a batch.
/// - `generated`: $\ell(G(z))$ for the generated ones. The two need not be equally many.
/// - The answer: $L_D$ and $L_G$.
///
/// By hand: real $(2, 0.5)$ and generated $(-0.5, -2)$ give $L_D = 0.25 + 0.25 = 0.5$ and $L_G = 1.25$.
pub fn hinge_losses(real: &Array1<f64>, generated: &Array1<f64>) -> (f64, f64) {
    todo!("exercise 1")
}

/// # How unevenly a generator serves the modes
///
/// *15 minutes, 2 points.*
///
/// To count covered modes, as this chapter does, does not tell a fair generator from one that covers all modes and favours one.
/// So give each generated point to its nearest centre, let $r_k$ be the share of the points that centre $k$ got, and return
/// the divergence of these shares from equal ones,
///
/// $$\mathrm{KL}\!\left(r \,\|\, (\tfrac1K, \dots, \tfrac1K)\right)$$
///
/// in nats. It is 0 for a fair generator, and $\log K$ for one that has collapsed to a single mode. A share of 0 contributes 0,
/// the limit of $r \log r$.
///
/// - `points`: $n \times 2$, the generated points.
/// - `centres`: $K \times 2$.
///
/// By hand: the centres $(0, 0)$ and $(4, 0)$, three points near the first and one near the second. The shares are $\tfrac34$ and
/// $\tfrac14$, and the answer is $\tfrac34 \log \tfrac32 + \tfrac14 \log \tfrac12 = 0.130812\ldots$
pub fn mode_divergence(points: &Array2<f64>, centres: &Array2<f64>) -> f64 {
    todo!("exercise 2")
}

/// # The spectral norm, by power iteration
///
/// *15 minutes, 2 points.*
///
/// A discriminator may grow ever steeper. One cure is to divide each weight matrix $W$ by its *spectral norm* $\sigma$, its largest
/// singular value: the largest factor by which it stretches a vector (Miyato et al. 2018). Power iteration estimates it. From a
/// start $u$, repeat
///
/// $$v \leftarrow \frac{W^\top u}{\lVert W^\top u \rVert}, \qquad u \leftarrow \frac{W v}{\lVert W v \rVert},$$
///
/// and return $u^\top W v$ with the $u$ and $v$ of the last repetition. In training $u$ is kept from step to step, so that one
/// repetition a step is enough. So make exactly as many as you are told.
///
/// - `weight`: $W$, $m \times n$.
/// - `start`: the first $u$, of length $m$; its norm may be anything but 0.
/// - `iterations`: repetitions, at least 1.
///
/// By hand: $W = \operatorname{diag}(2, 1)$, start $(1, 1)$, one repetition. Then $v = (2, 1)/\sqrt5$, $u = (4, 1)/\sqrt{17}$ and
/// $u^\top W v = 17/\sqrt{85} = 1.843908\ldots$
pub fn spectral_norm(weight: &Array2<f64>, start: &Array1<f64>, iterations: usize) -> f64 {
    todo!("exercise 3")
}

/// # Back through the spectral norm
///
/// *25 minutes, 3 points.*
///
/// A layer that computes with $\bar W = W/\sigma(W)$ has $W$ for its parameter. Its gradient therefore has to pass through
/// the division, and $\sigma$ depends on every entry of $W$. Given $\partial L/\partial \bar W$, return $\partial L/\partial W$.
///
/// You need the derivative of $\sigma$ by $W$. If the largest singular value stands alone, with unit vectors for which
/// $W v = \sigma u$ and $W^\top u = \sigma v$, it is short; find it from $\sigma = u^\top W v$. (Why may $u$ and $v$ be held fixed? For
/// the reason for which $D^*$ may, above (8.13).)
///
/// - `weight`: $W$, $m \times n$.
/// - `left`, `right`: the unit vectors $u$, of length $m$, and $v$, of length $n$, of the largest singular value.
/// - `gradient`: $\partial L/\partial \bar W$, $m \times n$.
/// - The answer: $\partial L/\partial W$, $m \times n$.
///
/// By hand: $W = \operatorname{diag}(2, 1)$ and $u = v = (1, 0)$. If $\partial L/\partial \bar W$ is 1 at the lower right and 0
/// elsewhere, the answer is $-\tfrac14$ at the upper left and $\tfrac12$ at the lower right.
pub fn spectral_norm_backward(
    weight: &Array2<f64>,
    left: &Array1<f64>,
    right: &Array1<f64>,
    gradient: &Array2<f64>,
) -> Array2<f64> {
    todo!("exercise 4")
}

/// # A critic with a gradient penalty
///
/// *35 minutes, 4 points.*
///
/// A Wasserstein GAN has no probabilities. Its *critic* $f$ is a function whose slope should be nowhere above 1, and its loss a
/// difference of two means. Gulrajani et al. (2017) ask for the slope by a penalty, on points between real and generated ones:
///
/// $$L = \operatorname{mean}\, f(G(z)) - \operatorname{mean}\, f(x) +
/// \lambda\, \operatorname{mean}\, \big(\lVert \nabla f(\hat x_i) \rVert - 1\big)^2, \qquad
/// \hat x_i = t_i x_i + (1 - t_i)\, G(z_i) .$$
///
/// The gradient is by the *input*, as in the middle of (8.12). Derive it by hand for the critic $f(x) = w^\top \tanh(W x + b)$.
///
/// - `real`, `generated`: $x$ and $G(z)$, $n \times d$, an example in each row.
/// - `mix`: $t$, of length $n$, between 0 and 1.
/// - `weight`: $W$, $h \times d$. `bias`: $b$, of length $h$. `output`: $w$, of length $h$.
/// - `penalty`: $\lambda$.
/// - The answer: $L$, which the critic minimises.
///
/// By hand: $n = d = h = 1$, both examples 0, $W = 1$, $b = 0$, $w = 2$ and $\lambda = 10$. The slope at 0 is 2, so $L = 10$.
pub fn critic_loss(
    real: &Array2<f64>,
    generated: &Array2<f64>,
    mix: &Array1<f64>,
    weight: &Array2<f64>,
    bias: &Array1<f64>,
    output: &Array1<f64>,
    penalty: f64,
) -> f64 {
    todo!("exercise 5")
}
