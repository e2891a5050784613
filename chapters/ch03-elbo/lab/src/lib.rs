//! # Lab 3: the evidence lower bound
//!
//! `chapters/ch03-elbo/lab/src/lib.rs` is the file to edit. Replace each `todo!()` by your solution, then run
//! `cargo course lab ch03`. If you are stuck, `cargo course hint ch03 1` unfolds a hint for the first exercise, and
//! the next one when you call it again.
//!
//! Equation numbers are those of the chapter. Bounds and log-weights are in nats. The log-weight of an image lies
//! around −100 or below; at −800 its exponential is 0 to a computer, and your functions must work there, too.

use ndarray::{Array1, Array2};

/// # The K-sample bound
///
/// *10 minutes, 1 point.*
///
/// One draw of (3.20), from what a program has at hand: the logarithm of the mean of $K$ weights (3.19). The
/// weights may be smaller than the smallest float, while the answer is an ordinary number.
///
/// - `log_joint`: $\log p(x, z_k)$, of length $K \ge 1$.
/// - `log_q`: $\log q(z_k)$, of length $K$.
/// - The answer is $\log \frac1K \sum_k w_k$, in nats.
///
/// By hand: $\log p(x, z)$ of −1 and −3, and $\log q$ of −1 both times. The weights are 1 and $e^{-2}$, their mean
/// is 0.5677, and the answer −0.5662. With 1000 subtracted from both $\log p(x, z)$ it is −1000.5662.
pub fn importance_bound(log_joint: &[f64], log_q: &[f64]) -> f64 {
    todo!("exercise 1")
}

/// # The gradient of the K-sample bound
///
/// *15 minutes, 2 points.*
///
/// Differentiate $\log \frac1K \sum_k w_k$ by parameters $\theta_1, \dots, \theta_P$ on which the log-weights
/// depend, the draws being what they are. A framework does this without a word; here you say which draw counts for
/// how much.
///
/// - `log_weights`: $\log w_k$, of length $K \ge 1$, possibly far below −700.
/// - `gradients`: $\partial \log w_k/\partial \theta_i$ in row $k$ and column $i$, of shape $K \times P$.
/// - The answer is the derivative by each $\theta_i$, of length $P$.
///
/// By hand: log-weights $0$ and $-\log 3$, so $w = (1, \tfrac13)$, and one parameter with the derivatives 2 and 6.
/// The mean of the weights is $\tfrac23$. It changes by $\tfrac12 (1 \cdot 2 + \tfrac13 \cdot 6) = 2$, and its
/// logarithm by $2 / \tfrac23 = 3$.
pub fn importance_gradient(log_weights: &[f64], gradients: &Array2<f64>) -> Array1<f64> {
    todo!("exercise 2")
}

/// # One step of EM
///
/// *15 minutes, 2 points.*
///
/// The model of (3.15) to (3.18): $z \sim \mathcal{N}(0, 1)$ and $x \mid z \sim \mathcal{N}(w z, \sigma^2)$, with
/// the encoder $q(z \mid x) = \mathcal{N}(a x, e^v)$. First make the encoder exact for the present $w$: the chapter
/// says which $a$ and $e^v$ do that. Then hold both fixed and return the $w$ that maximises (3.16). (The chapter's
/// exercise 3 asks why this never lowers the mean of $\log p(x)$.)
///
/// - `w`: the present weight, positive.
/// - `sigma`: $\sigma > 0$.
/// - `mean_square`: $\overline{x^2}$, the mean of $x^2$ over the data, positive.
/// - The answer is the next $w$.
///
/// By hand: $w = 1$, $\sigma = 1$ and $\overline{x^2} = 5$. Then $S = 2$, $a = \tfrac12$ and $e^v = \tfrac12$. What
/// depends on $w$ in (3.16) is $-\tfrac12 \left(5 (1 - w/2)^2 + w^2/2\right)$, largest at $w = 2.5/1.75 = 1.4286$.
/// Repeated, such steps go to 2, as (3.18) says.
pub fn em_step(w: f64, sigma: f64, mean_square: f64) -> f64 {
    todo!("exercise 3")
}

/// # A Bernoulli decoder
///
/// *25 minutes, 3 points.*
///
/// Each of $D$ pixels is 0 or 1. Given $z$ they are independent, pixel $j$ being 1 with the probability
/// $\operatorname{sigmoid}(l_j)$, where the *logits* are $l = W z + b$; and $z \sim \mathcal{N}(0, I)$. Now the
/// first term of the bound (3.8) has no closed form. Estimate it, for
/// $q = \mathcal{N}(m, \operatorname{diag} e^v)$, by the mean over $L$ draws
/// $z_k = m + e^{v/2} \odot \varepsilon_k$. Take the second term in closed form, as in (3.14). Logits may be as
/// large as ±1000. (The chapter's exercise 1, computed.)
///
/// - The decoder is `(weight, bias)`: $W$, of shape $D \times d$, and $b$, of length $D$.
/// - `pixels`: $x$, of length $D$; each is 0 or 1.
/// - $q$ is `(mean, log_var)`: $m$ and the log-variances $v$, both of length $d$.
/// - `noise`: $\varepsilon_k$ in row $k$, of shape $L \times d$.
/// - The answer is the estimated bound of this one $x$, in nats.
///
/// By hand: $D = d = L = 1$ with $W = 2$, $b = 0$, $x = 1$, $m = 1$, $v = 0$ and $\varepsilon = 0$. The logit is 2,
/// $\log\operatorname{sigmoid}(2) = -0.1269$, the divergence is $\tfrac12 (1 + 1 - 0 - 1) = \tfrac12$, and the
/// answer −0.6269.
pub fn bernoulli_bound(
    (weight, bias): (&Array2<f64>, &Array1<f64>),
    pixels: &Array1<f64>,
    (mean, log_var): (&Array1<f64>, &Array1<f64>),
    noise: &Array2<f64>,
) -> f64 {
    todo!("exercise 4")
}

/// # The gap, estimated away
///
/// *20 minutes, 3 points.*
///
/// What the $K$-sample bound misses to $\log p(x)$ is about $c/K$ for many draws, with an unknown $c$ that is the
/// same for each $K$; an example stands after (3.23). So about $c/(K - 1)$ is missing with one draw fewer. Compute
/// the bound from all $K$ draws. Then compute it from all *but one*, and average over which one is left out.
/// Combine the two numbers so that an error of exactly $c/K$ in the one and $c/(K - 1)$ in the other is gone for
/// every $c$.
///
/// This is the *jackknife* for $\log p(x)$ (Nowozin 2018). What comes out is an estimate, and no lower bound any
/// more.
///
/// - `log_weights`: $\log w_k$, of length $K \ge 2$, possibly far below −700.
/// - The answer is the corrected estimate of $\log p(x)$, in nats.
///
/// By hand: log-weights 0 and −2. The bound from both is −0.5662. Those from one are 0 and −2, on average −1. If
/// $c/2$ and $c/1$ are missing, then $c/2 = -0.5662 - (-1) = 0.4338$, and the answer is
/// $-0.5662 + 0.4338 = -0.1324$.
pub fn jackknife(log_weights: &[f64]) -> f64 {
    todo!("exercise 5")
}
