//! # Lab 9: the convolutional VAE
//!
//! `chapters/ch09-conv-vae/lab/src/lib.rs` is the file to edit. Replace each `todo!()` by your solution, then run
//! `cargo course lab ch09`. If you are stuck, `cargo course hint ch09 1` unfolds a hint for the first exercise, and
//! the next one when you call it again.
//!
//! As in the chapter, maps lie in memory place by place, with the channels of a place side by side.

use ndarray::{Array1, Array2};

/// # A window with gaps
///
/// *6 minutes, 1 point.*
///
/// A *dilated* convolution looks at every $e$-th pixel only: along a side, the $k$ weights of a window that begins at pixel $i$
/// lie on $i, i + e, i + 2e, \dots$ So it sees further than a dense window with as many weights. For $e = 1$ it is the
/// window of (9.1). Return the number of places along one side.
///
/// - `side`: $n$, in pixels.
/// - `kernel`: $k$, weights along the side. `stride`: $s$. `padding`: $p$, zeros at *each* end. `dilation`: $e \ge 1$.
/// - The answer: the number of places. At least one window fits.
///
/// By hand: $n = 7$, $k = 3$, $s = 1$, $p = 0$ and $e = 2$. The window covers 5 pixels and begins at 0, 1 or 2: three places.
pub fn dilated_places(
    side: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
) -> usize {
    todo!("exercise 1")
}

/// # What one number sees
///
/// *10 minutes, 1 point.*
///
/// Behind several convolutions, one after the other, a number depends on a stretch of the image: its *receptive field*. Return
/// the length of that stretch along one side, as if the image had no end.
///
/// - `stages`: $(k, s)$ of each convolution, the one next to the image first; no dilation.
/// - The answer: pixels along one side; 1 if there is no stage.
///
/// By hand: two stages with $(3, 1)$. A number sees 3 numbers of the first map, and these see 5 pixels.
pub fn receptive_field(stages: &[(usize, usize)]) -> usize {
    todo!("exercise 2")
}

/// # The way back through an enlargement
///
/// *10 minutes, 1 point.*
///
/// Some decoders avoid the checkerboard in another way (Odena, Dumoulin and Olah 2016): they enlarge the map by copying every
/// number to a square of $f \times f$ pixels, and an ordinary convolution follows. The enlargement is
///
/// $$y_{ij} = x_{\lfloor i/f \rfloor \lfloor j/f \rfloor} .$$
///
/// Given $\delta = \partial L/\partial y$, return $\partial L/\partial x$. As in (9.4): what is the transpose of a copy?
///
/// - `delta`: $\delta$, $fh \times fw$. `factor`: $f$.
/// - The answer: $\partial L/\partial x$, $h \times w$.
///
/// By hand: $f = 2$ and $\delta$ with the rows $(1, 2, 3, 4)$ and $(5, 6, 7, 8)$. The answer has one row, with
/// $1 + 2 + 5 + 6 = 14$ and 22.
pub fn enlarge_backward(delta: &Array2<f64>, factor: usize) -> Array2<f64> {
    todo!("exercise 3")
}

/// # Stride, padding and gaps, backward
///
/// *25 minutes, 3 points.*
///
/// In one dimension and with one channel, a convolution with the stride $s$, the dilation $e$ and the padding $p$ is
///
/// $$y_i = \sum_{t=0}^{k-1} w_t\, x_{\,i s + t e - p}, \qquad i = 0, \dots, m - 1 ,$$
///
/// where $x_j = 0$ unless $0 \le j < n$. Given $\delta = \partial L/\partial y$, return $\partial L/\partial x$ and
/// $\partial L/\partial w$.
///
/// - `x`: of length $n$. `window`: $w$, of length $k$. `delta`: $\delta$, of length $m$.
/// - `steps`: $s$, $e$ and $p$, in this order.
/// - The answer: $\partial L/\partial x$, of length $n$, and $\partial L/\partial w$, of length $k$.
///
/// By hand: $x = (1, 2, 3, 4)$, $w = (1, -1)$, $s = 1$, $e = 2$ and $p = 0$. Then $y = (x_0 - x_2,\; x_1 - x_3)$, and for
/// $\delta = (1, 10)$ the answers are $(1, 10, -1, -10)$ and $(1 \cdot 1 + 10 \cdot 2,\; 1 \cdot 3 + 10 \cdot 4) = (21, 43)$.
pub fn dilated_backward(
    x: &Array1<f64>,
    window: &Array1<f64>,
    delta: &Array1<f64>,
    steps: [usize; 3],
) -> (Array1<f64>, Array1<f64>) {
    todo!("exercise 4")
}

/// # Group normalisation, backward
///
/// *35 minutes, 4 points.*
///
/// Batch normalisation would make an image depend on its batch. *Group normalisation* (Wu and He 2018) stays within one image.
/// It divides the channels into groups of neighbours, equally many in each. Let $m$ and $v$ be mean and variance (a plain average)
/// of all numbers of a group, over all places and all of its channels. Then
///
/// $$\tilde x = \frac{x - m}{\sqrt{v + \epsilon}}, \qquad y = \gamma \tilde x + \beta$$
///
/// with one $\gamma$ and one $\beta$ for each channel. Given $\delta = \partial L/\partial y$, return $\partial L/\partial x$. Both
/// $m$ and $v$ depend on every number of the group; (7.29) did this for one coordinate of a code.
///
/// - `x`, `delta`: $x$ and $\delta$, places $\times$ channels.
/// - `gamma`: $\gamma$, a number for each channel. ($\beta$ does not matter.)
/// - `groups`: how many; a divisor of the number of channels.
/// - `epsilon`: $\epsilon > 0$.
/// - The answer: $\partial L/\partial x$, places $\times$ channels.
///
/// By hand: three places, one channel, $x = (-\sqrt{1.5}, 0, \sqrt{1.5})$, $\gamma = 1$, and $\epsilon$ too small to matter. Then
/// $m = 0$, $v = 1$ and $\tilde x = x$. For $\delta = (1, 0, 0)$ the answer is $(\tfrac16, -\tfrac13, \tfrac16)$.
pub fn group_norm_backward(
    x: &Array2<f64>,
    gamma: &Array1<f64>,
    groups: usize,
    epsilon: f64,
    delta: &Array2<f64>,
) -> Array2<f64> {
    todo!("exercise 5")
}
