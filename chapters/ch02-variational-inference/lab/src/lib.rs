//! # Lab 2: variational inference
//!
//! `chapters/ch02-variational-inference/lab/src/lib.rs` is the file to edit. Replace each `todo!()` by your
//! solution, then run `cargo course lab ch02`. If you are stuck, `cargo course hint ch02 1` unfolds a hint for the
//! first exercise, and the next one when you call it again.
//!
//! Equation numbers are those of the chapter. $\sigma$ is a standard deviation and $\Lambda$ a precision, the
//! inverse of a covariance. Logarithms are natural.

use ndarray::{Array1, Array2};

/// # One more mark
///
/// *8 minutes, 1 point.*
///
/// What is known of a single ability $z$ is $\mathcal{N}(m, 1/\Lambda)$, from the prior alone or from marks seen
/// before. Now one more mark comes in, $x \mid z \sim \mathcal{N}(w z + b, \sigma^2)$ as in (2.1). Return what is
/// known afterwards. What does a mark add, according to (2.5)?
///
/// - `mean`, `precision`: $m$ and $\Lambda > 0$ before the mark.
/// - `loading`, `bias`, `sigma`: $w$, $b$ and $\sigma > 0$ of the new mark.
/// - `x`: the new mark.
/// - The answer is $(m, \Lambda)$ after it.
///
/// By hand: before any mark $m = 0$ and $\Lambda = 1$. With $w = 10$, $b = 60$ and $\sigma = 10$ a mark of 80 leads
/// to $m = 1$ and $\Lambda = 2$.
pub fn one_more_mark(
    mean: f64,
    precision: f64,
    loading: f64,
    bias: f64,
    sigma: f64,
    x: f64,
) -> (f64, f64) {
    todo!("exercise 1")
}

/// # The mark of an exam that was missed
///
/// *15 minutes, 2 points.*
///
/// A student with one ability $z \sim \mathcal{N}(0, 1)$ was ill on the day of an exam. Given the marks of the
/// other exams, the missing one has a Gaussian distribution. Return its mean and its variance. (This is the
/// chapter's exercise 1 with $d = 1$.)
///
/// - `loadings`, `bias`, `sigma`, `marks`: $w_j$, $b_j$, $\sigma_j$ and $x_j$ of the $D$ exams that were taken,
///   each of length $D$.
/// - `missing`: $w$, $b$ and $\sigma$ of the exam that was missed, in this order.
/// - The answer is (mean, variance), in marks and squared marks.
///
/// By hand: one exam with $w = 10$, $b = 60$, $\sigma = 10$ and the mark 80 makes
/// $z \sim \mathcal{N}(1, \tfrac12)$. An exam with $w = 8$, $b = 50$ and $\sigma = 6$ is then expected at
/// $8 \cdot 1 + 50 = 58$, with the variance $8^2/2 + 6^2 = 68$.
pub fn missing_mark(
    loadings: &[f64],
    bias: &[f64],
    sigma: &[f64],
    marks: &[f64],
    missing: [f64; 3],
) -> (f64, f64) {
    todo!("exercise 2")
}

/// # One round of coordinate ascent
///
/// *15 minutes, 2 points.*
///
/// As a function of the means of $q$, the bound (2.12) is $-\tfrac12 (\mu - m)^\top \Lambda\, (\mu - m)$ and a
/// constant: that is (2.13), integrated. Instead of a step along the gradient, maximise it *exactly* over one
/// coordinate of $\mu$, with the others held where they are. Do this for the coordinates $1, \dots, d$ in turn,
/// each time with the newest values of the others, and return where you are after one round. (The chapter's
/// exercise 4 asks how fast that converges.)
///
/// - `precision`: $\Lambda$, of shape $d \times d$, symmetric and positive definite.
/// - `mean`: the posterior's mean $m$, of length $d$.
/// - `start`: $\mu$ before the round, of length $d$.
///
/// By hand: $\Lambda = \begin{pmatrix} 2 & 1 \\ 1 & 2 \end{pmatrix}$, $m = 0$ and the start $(1, 1)$. First
/// $\mu_1 = -\tfrac12 \cdot 1 = -0.5$, then $\mu_2 = -\tfrac12 \cdot (-0.5) = 0.25$.
pub fn coordinate_round(
    precision: &Array2<f64>,
    mean: &Array1<f64>,
    start: &Array1<f64>,
) -> Array1<f64> {
    todo!("exercise 3")
}

/// # Laplace's approximation
///
/// *25 minutes, 3 points.*
///
/// Nerves, as in (2.17): $z \sim \mathcal{N}(0, 1)$ and $x \mid z \sim \mathcal{N}(\text{best} - a z^2, \sigma^2)$.
/// Near its positive mode $z^*$ the posterior is nearly Gaussian. *Laplace's approximation* takes the logarithm of
/// the joint density to second order about the mode,
///
/// $$\log p(x, z) \approx \log p(x, z^*) - \frac{(z - z^*)^2}{2v}, \qquad
/// \frac1v = -\frac{\partial^2 \log p(x, z)}{\partial z^2}\bigg|_{z = z^*} ,$$
///
/// and integrates it. So each mode contributes $p(x, z^*) \sqrt{2\pi v}$ to the evidence, and there are two, at
/// $z^*$ and at $-z^*$. Find mode, variance, and the approximate evidence.
///
/// - `best`, `loss`, `sigma`: $\text{best}$, $a > 0$ and $\sigma > 0$.
/// - `x`: a mark that is low enough for two modes, $\text{best} - x > \sigma^2/(2a)$.
/// - The answer is $[z^*,\; v,\; \log p(x)]$, the last one in nats and in this approximation.
///
/// By hand: $\text{best} = 0$, $a = 1$, $\sigma = 1$ and $x = -2.5$ give $z^* = \sqrt 2$ and $v = \tfrac18$. There
/// $\log p(x, z^*)$ is $-\log 2\pi - 1 - \tfrac18 = -2.963$, and
/// $\log p(x) \approx -2.963 + \tfrac12 \log \tfrac{2\pi}{8} + \log 2 = -2.391$.
pub fn laplace(best: f64, loss: f64, sigma: f64, x: f64) -> [f64; 3] {
    todo!("exercise 4")
}

/// # A q with a full covariance
///
/// *25 minutes, 3 points.*
///
/// Let $q = \mathcal{N}(\mu, L L^\top)$ with a lower triangular $L$ that has a positive diagonal. What depends on
/// $L$ in the bound (2.12) is
///
/// $$-\tfrac12 \operatorname{tr}\!\left(\Lambda L L^\top\right) + \tfrac12 \log\det\!\left(L L^\top\right) ,$$
///
/// the expectation of a quadratic log-joint, and the entropy. Return its derivative by each entry of $L$ *that may
/// change*. Those above the diagonal may not: there the answer is 0. (The chapter's exercise 3 goes on to show
/// where the ascent ends.)
///
/// - `precision`: $\Lambda$, of shape $d \times d$, symmetric and positive definite.
/// - `factor`: $L$, of shape $d \times d$, zero above the diagonal.
/// - The answer is $d \times d$, too, and zero above the diagonal.
///
/// By hand: for $d = 1$, $\Lambda = 2$ and $L = 1$ the function is $-L^2 + \log L$, and its derivative
/// $-2L + 1/L = -1$.
pub fn full_covariance_gradient(precision: &Array2<f64>, factor: &Array2<f64>) -> Array2<f64> {
    todo!("exercise 5")
}
