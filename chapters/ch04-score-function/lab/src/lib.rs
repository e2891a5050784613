//! # Lab 4: the score-function estimator
//!
//! `chapters/ch04-score-function/lab/src/lib.rs` is the file to edit. Replace each `todo!()` by your solution, then
//! run `cargo course lab ch04`. If you are stuck, `cargo course hint ch04 1` unfolds a hint for the first exercise,
//! and the next one when you call it again.
//!
//! Equation numbers are those of the chapter. The score $S$ is the derivative of $\log q(z)$ by a *parameter* of
//! $q$, never by $z$.

use ndarray::{Array1, Array2};

/// # The score of a waiting time
///
/// *5 minutes, 1 point.*
///
/// Waiting times are exponential, $q(z) = \lambda e^{-\lambda z}$ for $z \ge 0$, with a rate $\lambda > 0$. As with
/// variances, a network speaks of the logarithm $\eta = \log \lambda$. Return the score
/// $S = \partial \log q(z)/\partial \eta$, the counterpart of (4.2).
///
/// - `log_rate`: $\eta$.
/// - `z`: a draw, $z \ge 0$.
///
/// By hand: $\eta = 0$ and $z = 3$ give $S = -2$, since a higher rate would make so long a wait less probable.
pub fn exponential_score(log_rate: f64, z: f64) -> f64 {
    todo!("exercise 1")
}

/// # The best baseline for each parameter
///
/// *10 minutes, 1 point.*
///
/// The best constant baseline (4.11) is $\mathbb{E}[f S^2]/\mathbb{E}[S^2]$, another one for each parameter.
/// Estimate both expectations by means over the same $L$ draws, for $P$ parameters at once.
///
/// - `scores`: the score of draw $i$ by parameter $k$ in row $i$ and column $k$, of shape $L \times P$; no column
///   is zero.
/// - `values`: $f(z_i)$, of length $L$.
/// - The answer is $b^*$ for each parameter, of length $P$, in units of $f$.
///
/// By hand: two draws with $f = 1$ and $f = 4$, and for one parameter the scores 1 and 2. Then
/// $b^* = (1 \cdot 1 + 4 \cdot 4)/(1 + 4) = 3.4$.
pub fn optimal_baselines(scores: &Array2<f64>, values: &[f64]) -> Array1<f64> {
    todo!("exercise 2")
}

/// # A baseline that is a line
///
/// *15 minutes, 2 points.*
///
/// Let $q = \mathcal{N}(\mu, \sigma^2)$, differentiate by $\mu$, and subtract $b(z) = c_0 + c_1 z$ from $f(z)$.
/// Unlike a constant, such a $b$ is correlated with the score, so (4.6) does not hold as it stands. Compute
/// $\mathbb{E}[b(z)\, S(z)]$ and add it back: return for each draw an estimate that is unbiased for
/// $\partial\, \mathbb{E} f/\partial \mu$, whatever $c_0$ and $c_1$ are. (The chapter's exercise 4 asks for the
/// best $c_1$.)
///
/// - `mean`, `sigma`: $\mu$ and $\sigma > 0$.
/// - `z`: draws from $q$, of length $L$.
/// - `values`: $f(z_i)$, of length $L$.
/// - `line`: $[c_0, c_1]$.
/// - The answer is one estimate for each draw, of length $L$.
///
/// By hand: $\mu = 0$, $\sigma = 1$, the line $-1 + 2z$, and a draw $z = 2$ with $f = 4$. The line leaves
/// $4 - 3 = 1$ of $f$, which is multiplied by the score 2; and the line itself has $\mathbb{E}[b S] = 2$. The
/// estimate is $2 + 2 = 4$.
pub fn line_baseline(mean: f64, sigma: f64, z: &[f64], values: &[f64], line: [f64; 2]) -> Vec<f64> {
    todo!("exercise 3")
}

/// # The best of baselines, left out
///
/// *20 minutes, 3 points.*
///
/// The leave-one-out estimator (4.7) takes each draw's baseline from the other draws; but their mean is not the
/// best constant. Put two ideas together: for draw $i$ let $b_i$ be the estimate of (4.11), as in
/// `optimal_baselines`, from the *other* draws. Return the mean of $(f_i - b_i)\, S_i$.
///
/// - `scores`: $S_i$ by one parameter, of length $L \ge 2$; none is zero.
/// - `values`: $f_i = f(z_i)$, of length $L$.
/// - The answer is the estimate of the gradient. It has to be unbiased.
///
/// By hand: two draws with $f = (1, 4)$ and $S = (1, -2)$. From the second draw alone $b_1 = 4$, from the first
/// $b_2 = 1$. The estimate is $\tfrac12 \left((1 - 4) \cdot 1 + (4 - 1) \cdot (-2)\right) = -4.5$.
pub fn leave_one_out_optimal(scores: &[f64], values: &[f64]) -> f64 {
    todo!("exercise 4")
}

/// # Learning signals for several draws
///
/// *25 minutes, 3 points.*
///
/// Let $f$ be the $K$-sample bound (3.20) with *discrete* codes $z_k$, so that there is no path. One number
/// $\log \frac1K \sum_k w_k$ then multiplies the scores of all draws, and a draw is praised for what the others
/// did. Mnih and Rezende (2016) give each draw a baseline of its own: the same bound, computed as if the draw's
/// *log-weight* had been the mean of the log-weights of the other draws. Return, for each draw, the bound minus its
/// baseline.
///
/// - `log_weights`: $\log w_k$, of length $K \ge 2$, possibly far below −700: take the largest out before you
///   exponentiate.
/// - The answer has the length $K$, in nats. Draws that did better than the others have a positive signal.
///
/// By hand: log-weights 0 and −2. The bound is $\log \tfrac12 (1 + e^{-2}) = -0.5662$. For the first draw the
/// second's log-weight stands in: both are −2, the baseline is −2 and the signal 1.4338. For the second draw both
/// are 0, and the signal is −0.5662.
pub fn learning_signals(log_weights: &[f64]) -> Vec<f64> {
    todo!("exercise 5")
}
