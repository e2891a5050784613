//! Log-likelihoods of data under a decoder's output, in stable form, with their derivatives.
//!
//! Every function takes batches (images × pixels) and returns one number in nats for each image:
//! the *sum* over its pixels. A mean over pixels would change the balance with the KL term and is
//! not a log-likelihood.

use std::f64::consts::TAU;

use ndarray::{Array1, Array2, ArrayRef2, ArrayView1, Zip};

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

/// Σ over the pixels of `term(x, parameter)` for each image.
#[inline(always)]
fn per_image<S: Scalar>(
    x: &ArrayRef2<S>,
    parameter: &ArrayRef2<S>,
    term: impl Fn(S, S) -> S + Copy,
) -> Array1<S> {
    assert_eq!(x.dim(), parameter.dim(), "data and the decoder's output have one shape");
    Zip::from(x.rows()).and(parameter.rows()).map_collect(|x, parameter| {
        let x = x.to_slice().expect("an image is contiguous");
        let parameter = parameter.to_slice().expect("the decoder's output is contiguous");
        elementwise::sum(x, parameter, term)
    })
}

/// `term(x, parameter)` for each pixel.
#[inline(always)]
fn per_pixel<S: Scalar>(
    x: &Array2<S>,
    parameter: &Array2<S>,
    term: impl Fn(S, S) -> S + Copy,
) -> Array2<S> {
    assert_eq!(x.dim(), parameter.dim(), "data and the decoder's output have one shape");
    let mut values = parameter.clone();
    let slots = values.as_slice_mut().expect("the decoder's output is contiguous");
    let x = x.as_slice().expect("a batch is contiguous");
    elementwise::combine(slots, x, move |parameter, x| term(x, parameter));
    values
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

    /// Dual numbers differentiate the forward functions; the backward ones must agree.
    #[test]
    fn backward_agrees_with_dual_numbers() {
        for (x, parameter, log_var) in [(1.0, 0.7, -0.3), (0.0, 2.0, 0.4), (0.0, -3.0, 1.1)] {
            let (x1, p1) = (array![[x]], array![[parameter]]);
            let (x_dual, p_dual) = (array![[F1::cst(x)]], array![[F1::var(parameter)]]);
            let bernoulli = bernoulli_from_logits(&x_dual, &p_dual)[0].dx;
            let ours = bernoulli_from_logits_backward(&x1, &p1, 3.0)[[0, 0]];
            assert_relative_eq!(ours, 3.0 * bernoulli, max_relative = 1e-13);

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
