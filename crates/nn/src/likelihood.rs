//! Log-likelihoods of data under a decoder's output, in stable form, with their derivatives.
//!
//! Every function takes data (images × pixels) and a decoder's output (codes × pixels), and returns one
//! number in nats for each code: the *sum* over the image's pixels. A mean over pixels would change
//! the balance with the KL term and is not a log-likelihood. There may be several codes for each
//! image, as many for each, one image's after the other's.

use std::f64::consts::TAU;

use ndarray::{Array1, Array2, ArrayRef2, ArrayView1};

use crate::{Scalar, elementwise};

// ANCHOR: bernoulli
/// log p(x|z) = Σ [x·l − softplus(l)] for pixels x ∈ {0, 1} and logits l, P(x = 1) = σ(l).
///
/// Equal to Σ [x ln σ(l) + (1 − x) ln(1 − σ(l))], since ln σ(l) = l − softplus(l) and
/// ln(1 − σ(l)) = −softplus(l); this form neither overflows nor takes the logarithm of 0.
///
/// ```
/// use ndarray::array;
/// let log_p = nn::likelihood::bernoulli_from_logits(&array![[1.0, 0.0]], &array![[0.0, 0.0]]);
/// assert_eq!(log_p[0], 2.0 * 0.5_f64.ln());
/// ```
pub fn bernoulli_from_logits<S: Scalar>(x: &ArrayRef2<S>, logits: &ArrayRef2<S>) -> Array1<S> {
    per_image(x, logits, move |x, l| x * l - l.softplus())
}

/// ∂ log p(x|z)/∂l = x − σ(l), times `scale`.
pub fn bernoulli_from_logits_backward<S: Scalar>(
    x: &Array2<S>,
    logits: &Array2<S>,
    scale: S,
) -> Array2<S> {
    per_pixel(x, logits, move |x, l| scale * (x - l.sigmoid()))
}
// ANCHOR_END: bernoulli

/// Sets logits, a layer's bias as a rule, to those of the pixels' means, so that an untrained model already draws each
/// pixel as often as the data has it on. A pixel that is always on or off counts as nearly so: means are kept between
/// 0.001 and 0.999.
///
/// # Panics
/// If there is not one mean for each logit.
pub fn set_logits_of_means<S: Scalar>(logits: &mut Array1<S>, means: &[f64]) {
    assert_eq!(logits.len(), means.len(), "one mean for each logit");
    for (logit, mean) in logits.iter_mut().zip(means) {
        let mean = mean.clamp(1e-3, 1.0 - 1e-3);
        *logit = S::from_f64((mean / (1.0 - mean)).ln());
    }
}

// ANCHOR: continuous_bernoulli
/// log p(x|z) = Σ [x·l − softplus(l) + ln C(l)] for grey values x ∈ [0, 1] and logits l: the continuous
/// Bernoulli density C λˣ (1 − λ)¹⁻ˣ with λ = σ(l) (Loaiza-Ganem & Cunningham 2019).
///
/// C(l) = l / tanh(l/2), and 2 at l = 0, makes it integrate to 1. Without it the sum is the
/// cross-entropy of grey values, which is the logarithm of no density.
///
/// ```
/// use ndarray::array;
/// let log_p = nn::likelihood::continuous_bernoulli_from_logits(&array![[0.3]], &array![[0.0_f64]]);
/// assert!(log_p[0].abs() < 1e-15, "λ = ½ is the uniform density");
/// ```
pub fn continuous_bernoulli_from_logits<S: Scalar>(
    x: &ArrayRef2<S>,
    logits: &ArrayRef2<S>,
) -> Array1<S> {
    per_image(x, logits, move |x, l| x * l - l.softplus() + log_normalizer(l))
}

/// ∂ log p(x|z)/∂l = x − E[x], times `scale`.
pub fn continuous_bernoulli_from_logits_backward<S: Scalar>(
    x: &Array2<S>,
    logits: &Array2<S>,
    scale: S,
) -> Array2<S> {
    per_pixel(x, logits, move |x, l| scale * (x - continuous_bernoulli_mean(l)))
}

/// E[x] = σ(l) − 1/l + 1/sinh(l), and ½ at l = 0.
#[inline(always)]
pub fn continuous_bernoulli_mean<S: Scalar>(l: S) -> S {
    let a = l.abs();
    let excess = if a < S::from_f64(NEAR_ZERO) {
        // 1/l − 1/sinh(l) as a series, without the difference of two large numbers.
        l * polynomial(l * l, [1.0 / 6.0, -7.0 / 360.0, 31.0 / 15120.0, -127.0 / 604_800.0])
    } else {
        let u = (-a).exp();
        let inverse_sinh = S::from_f64(2.0) * u / (S::one() - u * u);
        let excess = S::one() / a - inverse_sinh;
        if l < S::zero() { -excess } else { excess }
    };
    l.sigmoid() - excess
}

/// ln C(l) = ln(l / tanh(l/2)), an even function.
#[inline(always)]
fn log_normalizer<S: Scalar>(l: S) -> S {
    let a = l.abs();
    if a < S::from_f64(NEAR_ZERO) {
        let coefficients = [
            std::f64::consts::LN_2,
            1.0 / 12.0,
            -7.0 / 1440.0,
            31.0 / 90_720.0,
            -127.0 / 4_838_400.0,
        ];
        polynomial(l * l, coefficients)
    } else {
        let u = (-a).exp();
        (a * (S::one() + u) / (S::one() - u)).ln()
    }
}

/// Below this logit the series are used; their first term left out is 1e-12 of the sum there.
const NEAR_ZERO: f64 = 0.1;

/// c₀ + c₁ x + c₂ x² + …
#[inline(always)]
fn polynomial<S: Scalar, const N: usize>(x: S, coefficients: [f64; N]) -> S {
    coefficients.into_iter().rev().fold(S::zero(), |sum, c| sum * x + S::from_f64(c))
}
// ANCHOR_END: continuous_bernoulli

// ANCHOR: gaussian
/// log p(x|z) = −½ Σ [(x − m)²/σ² + log_var + ln 2π] for a decoder with output m and a variance
/// σ² = exp(log_var) that is the same for every pixel.
///
/// ```
/// use ndarray::array;
/// let log_p = nn::likelihood::gaussian(&array![[1.0_f64]], &array![[0.0]], 0.0);
/// assert!((log_p[0] - (-0.5 - 0.5 * std::f64::consts::TAU.ln())).abs() < 1e-15);
/// ```
pub fn gaussian<S: Scalar>(x: &ArrayRef2<S>, mean: &ArrayRef2<S>, log_var: S) -> Array1<S> {
    let half = S::from_f64(0.5);
    let precision = (-log_var).exp();
    let constant = log_var + S::from_f64(TAU.ln());
    per_image(x, mean, move |x, m| -half * ((x - m) * (x - m) * precision + constant))
}

/// ∂ log p(x|z)/∂m = (x − m)/σ², times `scale`.
pub fn gaussian_backward<S: Scalar>(
    x: &Array2<S>,
    mean: &Array2<S>,
    log_var: S,
    scale: S,
) -> Array2<S> {
    let precision = scale * (-log_var).exp();
    per_pixel(x, mean, move |x, m| (x - m) * precision)
}

/// ∂ log p(x|z)/∂log_var = ½ Σ [(x − m)²/σ² − 1], for each image.
pub fn gaussian_backward_log_var<S: Scalar>(
    x: &ArrayRef2<S>,
    mean: &ArrayRef2<S>,
    log_var: S,
) -> Array1<S> {
    let half = S::from_f64(0.5);
    let precision = (-log_var).exp();
    per_image(x, mean, move |x, m| half * ((x - m) * (x - m) * precision - S::one()))
}
// ANCHOR_END: gaussian

// ANCHOR: categorical
/// log p(class|image) = l_class − log Σ eˡ for each image; logits are images × classes. Its negative is
/// the softmax cross-entropy.
///
/// # Panics
/// If there is not one class for each image, or a class has no logit.
///
/// ```
/// use ndarray::array;
/// let log_p = nn::likelihood::categorical_from_logits(&[1], &array![[0.0_f64, 0.0]]);
/// assert_eq!(log_p[0], 0.5_f64.ln());
/// ```
pub fn categorical_from_logits<S: Scalar>(classes: &[usize], logits: &Array2<S>) -> Array1<S> {
    assert_eq!(classes.len(), logits.nrows(), "one class for each image");
    let rows = logits.rows().into_iter().zip(classes);
    rows.map(|(row, &class)| {
        let (largest, sum) = shifted_sum(row);
        row[class] - largest - sum.ln()
    })
    .collect()
}

/// ∂ log p(class|image)/∂l = 1{class} − softmax(l), times `scale`.
///
/// # Panics
/// As [`categorical_from_logits`].
pub fn categorical_from_logits_backward<S: Scalar>(
    classes: &[usize],
    logits: &Array2<S>,
    scale: S,
) -> Array2<S> {
    assert_eq!(classes.len(), logits.nrows(), "one class for each image");
    let mut gradient = logits.clone();
    for (mut row, &class) in gradient.rows_mut().into_iter().zip(classes) {
        let (largest, sum) = shifted_sum(row.view());
        row.mapv_inplace(|l| -scale * (l - largest).exp() / sum);
        row[class] += scale;
    }
    gradient
}

/// max l and Σ exp(l − max l).
fn shifted_sum<S: Scalar>(row: ArrayView1<'_, S>) -> (S, S) {
    let largest = row.iter().fold(row[0], |a, &b| if b > a { b } else { a });
    (largest, row.iter().map(|&l| (l - largest).exp()).sum())
}
// ANCHOR_END: categorical

/// Σ over the pixels of `term(x, parameter)` for each code.
#[inline(always)]
fn per_image<S: Scalar>(
    x: &ArrayRef2<S>,
    parameter: &ArrayRef2<S>,
    term: impl Fn(S, S) -> S + Copy,
) -> Array1<S> {
    let codes = codes_of_each(x, parameter);
    let rows = parameter.rows().into_iter().enumerate();
    rows.map(|(row, parameter)| {
        let x = x.row(row / codes);
        let x = x.to_slice().expect("an image is contiguous");
        elementwise::sum(x, parameter.to_slice().expect("the decoder's output is contiguous"), term)
    })
    .collect()
}

/// `term(x, parameter)` for each pixel of each code.
#[inline(always)]
fn per_pixel<S: Scalar>(
    x: &Array2<S>,
    parameter: &Array2<S>,
    term: impl Fn(S, S) -> S + Copy,
) -> Array2<S> {
    let codes = codes_of_each(x, parameter);
    let mut values = parameter.clone();
    for (row, mut values) in values.rows_mut().into_iter().enumerate() {
        let slots = values.as_slice_mut().expect("the decoder's output is contiguous");
        let x = x.row(row / codes);
        let x = x.to_slice().expect("an image is contiguous");
        elementwise::combine(slots, x, move |parameter, x| term(x, parameter));
    }
    values
}

/// How many codes each image has.
fn codes_of_each<S>(x: &ArrayRef2<S>, parameter: &ArrayRef2<S>) -> usize {
    let ((images, pixels), (codes, outputs)) = (x.dim(), parameter.dim());
    assert_eq!(pixels, outputs, "data and the decoder's output have one width");
    assert!(codes == 0 || (images > 0 && codes % images == 0), "as many codes for each image");
    codes.checked_div(images).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use autodiff::F1;
    use ndarray::array;

    use super::*;

    #[test]
    fn bernoulli_is_the_sum_of_log_probabilities_and_survives_extreme_logits() {
        let x = array![[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]];
        let logits = array![[0.3, -1.2, 2.0], [-700.0, 700.0, -800.0]];
        let log_p = bernoulli_from_logits(&x, &logits);
        let sigma = |l: f64| 1.0 / (1.0 + (-l).exp());
        let direct = sigma(0.3).ln() + (1.0 - sigma(-1.2)).ln() + sigma(2.0).ln();
        assert_relative_eq!(log_p[0], direct, max_relative = 1e-14);
        assert!(log_p[1].abs() < 1e-300, "each pixel is certain: {}", log_p[1]);
        assert_eq!(bernoulli_from_logits(&array![[1.0]], &array![[-800.0]])[0], -800.0);
    }

    #[test]
    fn gaussian_is_the_log_density() {
        let log_p = gaussian(&array![[1.0, -2.0]], &array![[0.5, 0.0]], 4.0_f64.ln());
        // −½[0.25/4 + 4/4 + 2 ln 4 + 2 ln 2π]
        assert_relative_eq!(log_p[0], -0.5 * (1.0625 + 2.0 * (4.0 * TAU).ln()), epsilon = 1e-14);
    }

    /// Several codes of one image: each is compared with the same data.
    #[test]
    fn codes_of_one_image_follow_each_other() {
        let x = array![[1.0, 0.0], [0.0, 0.0]];
        let logits = array![[0.1, 0.2], [0.3, -0.4], [0.5, 0.6], [-0.7, 0.8]];
        let repeated = array![[1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 0.0]];
        let whole = bernoulli_from_logits(&repeated, &logits);
        assert_eq!(bernoulli_from_logits(&x, &logits), whole);
        let whole = bernoulli_from_logits_backward(&repeated, &logits, 2.0);
        assert_eq!(bernoulli_from_logits_backward(&x, &logits, 2.0), whole);
    }

    /// By Simpson's rule: the density integrates to 1 and has the mean that the gradient uses, on both
    /// sides of the series' border.
    #[test]
    fn continuous_bernoulli_is_a_density() {
        for l in [-40.0, -3.0, -0.11, -0.09, 0.0, 0.002, 0.5, 12.0_f64] {
            const N: usize = 20_000;
            let (mut mass, mut mean) = (0.0, 0.0);
            for i in 0..=N {
                let x = i as f64 / N as f64;
                let weight = [2.0, 4.0][i % 2] / if i == 0 || i == N { 2.0 } else { 1.0 };
                let p = continuous_bernoulli_from_logits(&array![[x]], &array![[l]])[0].exp();
                mass += weight * p / (3 * N) as f64;
                mean += weight * x * p / (3 * N) as f64;
            }
            assert_relative_eq!(mass, 1.0, max_relative = 1e-10);
            assert_relative_eq!(mean, continuous_bernoulli_mean(l), max_relative = 1e-10);
        }
        for l in [-1e4_f32, 1e4] {
            let x = array![[if l > 0.0 { 1.0 } else { 0.0 }]];
            assert!(
                (continuous_bernoulli_from_logits(&x, &array![[l]])[0] - 1e4_f32.ln()).abs() < 1e-5
            );
            assert!(continuous_bernoulli_mean(l).is_finite());
        }
    }

    /// Dual numbers differentiate the forward functions; the backward ones must agree.
    #[test]
    fn backward_agrees_with_dual_numbers() {
        let cases = [(1.0, 0.7, -0.3), (0.0, 2.0, 0.4), (0.0, -3.0, 1.1), (0.4, 0.05, 0.2)];
        for (x, parameter, log_var) in cases {
            let (x1, p1) = (array![[x]], array![[parameter]]);
            let (x_dual, p_dual) = (array![[F1::cst(x)]], array![[F1::var(parameter)]]);
            let bernoulli = bernoulli_from_logits(&x_dual, &p_dual)[0].dx;
            let ours = bernoulli_from_logits_backward(&x1, &p1, 3.0)[[0, 0]];
            assert_relative_eq!(ours, 3.0 * bernoulli, max_relative = 1e-13);

            let continuous = continuous_bernoulli_from_logits(&x_dual, &p_dual)[0].dx;
            let ours = continuous_bernoulli_from_logits_backward(&x1, &p1, 3.0)[[0, 0]];
            assert_relative_eq!(ours, 3.0 * continuous, max_relative = 1e-12);

            let by_mean = gaussian(&x_dual, &p_dual, F1::cst(log_var))[0].dx;
            let ours = gaussian_backward(&x1, &p1, log_var, 3.0)[[0, 0]];
            assert_relative_eq!(ours, 3.0 * by_mean, max_relative = 1e-13);

            let constant = array![[F1::cst(parameter)]];
            let by_log_var = gaussian(&x_dual, &constant, F1::var(log_var))[0].dx;
            let ours = gaussian_backward_log_var(&x1, &p1, log_var)[0];
            assert_relative_eq!(ours, by_log_var, max_relative = 1e-13);
        }
    }

    /// Every logit in turn as the variable of a dual number; extreme logits stay finite.
    #[test]
    fn categorical_backward_agrees_with_dual_numbers() {
        let logits = array![[0.3, -1.2, 2.0], [500.0, 499.0, -500.0]];
        let classes = [2, 1];
        let ours = categorical_from_logits_backward(&classes, &logits, 3.0);
        for ((row, column), &gradient) in ours.indexed_iter() {
            let mut dual = logits.mapv(F1::cst);
            dual[[row, column]] = F1::var(logits[[row, column]]);
            let log_p = categorical_from_logits(&classes, &dual)[row];
            assert!(log_p.x.is_finite());
            assert_relative_eq!(gradient, 3.0 * log_p.dx, max_relative = 1e-13, epsilon = 1e-300);
        }
    }
}
