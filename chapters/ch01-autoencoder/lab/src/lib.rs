//! # Lab 1: the autoencoder
//!
//! `chapters/ch01-autoencoder/lab/src/lib.rs` is the file to edit. Replace each `todo!()` by your solution, then
//! run `cargo course lab ch01`. If you are stuck, `cargo course hint ch01 1` unfolds a hint for the first exercise,
//! and the next one when you call it again.
//!
//! Equation numbers are those of the chapter. A vector is an `Array1`, a matrix an `Array2` (rows × columns), an
//! image a vector of pixels.

use ndarray::{Array1, Array2};

/// A layer: its matrix and its vector.
pub type Layer = (Array2<f64>, Array1<f64>);

/// # How much of the variance does a code keep?
///
/// *5 minutes, 1 point.*
///
/// The floor (1.8) is what a linear autoencoder *loses*, and whether that is much depends on what there was to
/// lose. Return the variance that the best $M$ directions *keep*, divided by all of it.
///
/// - `eigenvalues`: $\lambda_i$ of the covariance (1.6), none negative and not all zero, **in no particular
///   order**.
/// - `code`: $M$, at most the number of eigenvalues.
/// - The answer is a share, between 0 and 1.
///
/// By hand: of the eigenvalues 1, 4, 3, 2 a code of two numbers keeps 4 + 3 of 10, a share of 0.7.
pub fn kept_share(eigenvalues: &[f64], code: usize) -> f64 {
    todo!("exercise 1")
}

/// # How much does a code move when its image does?
///
/// *10 minutes, 1 point.*
///
/// Take the encoder $z = \tanh(W x + b)$, which is (1.1) with $f = \tanh$, and one image $x$. Return the sum of the
/// squares of *all* $M \times D$ derivatives,
///
/// $$P = \sum_{i,j} \left(\frac{\partial z_i}{\partial x_j}\right)^{\!2} .$$
///
/// Added to the loss as a penalty it makes a *contractive* autoencoder (Rifai, Vincent, Muller, Glorot and Bengio
/// 2011), whose codes do not react to what they can afford to ignore.
///
/// - `weight`: $W$, of shape $M \times D$.
/// - `bias`: $b$, of length $M$.
/// - `image`: $x$, of length $D$.
///
/// By hand: with one pixel, $W = 2$, $b = 0$ and $x = 0$ the code is $\tanh 2x$. Its derivative at 0 is 2, and
/// $P = 4$.
pub fn contractive_penalty(weight: &Array2<f64>, bias: &Array1<f64>, image: &Array1<f64>) -> f64 {
    todo!("exercise 2")
}

/// # A code that is N(0, I) by construction
///
/// *15 minutes, 2 points.*
///
/// The optimum (1.9) leaves an invertible matrix $A$ open, and (1.18) had to guess where codes lie. Choose an $A$
/// with which the codes of the training images have the mean 0 and the covariance $I$: then draws from
/// $\mathcal{N}(0, I)$ come from the right Gaussian. Return the encoder $(W_1, b_1)$ and the decoder $(W_2, b_2)$
/// of (1.1) with $f$ and $g$ the identity. The loss must stay at the floor (1.8), as it does for any $A$.
///
/// - `mean`: $\mu$, of length $D$.
/// - `eigenvalues`: $\lambda_1, \dots, \lambda_M$, all positive.
/// - `components`: $V_M$, of shape $D \times M$; column $i$ is the eigenvector of $\lambda_i$, of length one and
///   orthogonal to the others.
/// - The answer has the shapes $M \times D$ and $M$, then $D \times M$ and $D$.
///
/// By hand: with $D = M = 1$, $\mu = 3$ and $\lambda = 4$ take $z = (x - 3)/2$ and $\hat x = 2z + 3$, so
/// $W_1 = 0.5$, $b_1 = -1.5$, $W_2 = 2$ and $b_2 = 3$.
pub fn white_code(
    mean: &Array1<f64>,
    eigenvalues: &Array1<f64>,
    components: &Array2<f64>,
) -> (Layer, Layer) {
    todo!("exercise 3")
}

/// # The floor with noise
///
/// *25 minutes, 3 points.*
///
/// A *denoising* autoencoder (Vincent, Larochelle, Bengio and Manzagol 2008) is shown $x + \nu$, where the noise
/// $\nu$ has the mean 0 and the covariance $\sigma^2 I$ and is independent of $x$. Its answer is compared with the
/// *clean* $x$. Let it be linear, $\hat x = B(x + \nu) + c$. At the best $c$ the loss per image is (1.7) and a
/// share of the noise,
///
/// $$\frac{J}{N} = \operatorname{tr}\!\left[(I - B)\, \Sigma\, (I - B)^\top\right] + \sigma^2 \operatorname{tr}\!\left[B B^\top\right] .$$
///
/// Return its minimum over all $B$ of rank at most $M$. (The best $B$ shares the eigenvectors of $\Sigma$. Find out
/// what it does along each.)
///
/// - `eigenvalues`: all $\lambda_i$ of $\Sigma$, the largest first.
/// - `code`: $M$.
/// - `sigma`: the noise's standard deviation $\sigma > 0$.
/// - The answer is a squared error per image, summed over pixels as in (1.8).
///
/// By hand: for one eigenvalue $\lambda = 1$, $M = 1$ and $\sigma = 1$ the loss of $B = \beta$ is
/// $(1 - \beta)^2 + \beta^2$. It is least at $\beta = \tfrac12$, where it is ½.
pub fn denoising_floor(eigenvalues: &[f64], code: usize, sigma: f64) -> f64 {
    todo!("exercise 4")
}

/// # The gradient of the contractive penalty
///
/// *30 minutes, 4 points.*
///
/// To train with the penalty $P$ of `contractive_penalty`, one needs $\partial P/\partial W$ and
/// $\partial P/\partial b$. Derive both, in the manner of (1.4). $W$ acts in two places: as the inner derivative in
/// $\partial z/\partial x$, and on the point at which $\tanh'$ is taken.
///
/// - `weight`: $W$, of shape $M \times D$.
/// - `bias`: $b$, of length $M$.
/// - `image`: $x$, of length $D$.
/// - The answer is $(\partial P/\partial W,\; \partial P/\partial b)$, of the shapes of $W$ and $b$.
///
/// By hand: with one pixel, $W = 2$, $b = 0$ and $x = 0$ we have $P = (1 - z^2)^2 W^2$ and $z = 0$, whatever $W$
/// is. So $\partial P/\partial W = 2W = 4$, and $\partial P/\partial b = 0$, because $\tanh'$ is largest there.
pub fn contractive_gradient(
    weight: &Array2<f64>,
    bias: &Array1<f64>,
    image: &Array1<f64>,
) -> (Array2<f64>, Array1<f64>) {
    todo!("exercise 5")
}
