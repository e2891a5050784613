//! Lab 1: the autoencoder.

use lab::Functions;
use ndarray::{Array1, Array2, Axis};

/// A layer: its matrix and its vector.
pub type Layer = (Array2<f64>, Array1<f64>);

/// The variance inside a subspace is a weighted sum of the eigenvalues (the display before (1.8)), and largest with
/// the whole weight on the M largest. So sort first. The *lost* share is 1 minus this one. Roots of eigenvalues are
/// standard deviations, and those do not add.
pub fn kept_share(eigenvalues: &[f64], code: usize) -> f64 {
    let mut sorted = eigenvalues.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    sorted[..code].iter().sum::<f64>() / sorted.iter().sum::<f64>()
}

/// ∂zᵢ/∂xⱼ = (1 − zᵢ²) Wᵢⱼ, because tanh′(a) = 1 − tanh²(a). Square and add: Σᵢ (1 − zᵢ²)² ‖Wᵢ‖², with Wᵢ the i-th
/// row. The derivative is squared as a whole, its factor 1 − z² too.
pub fn contractive_penalty(weight: &Array2<f64>, bias: &Array1<f64>, image: &Array1<f64>) -> f64 {
    let code = (weight.dot(image) + bias).mapv(f64::tanh);
    let slope = code.mapv(|z| 1.0 - z * z);
    let lengths = weight.mapv(|w| w * w).sum_axis(Axis(1));
    slope.mapv(|h| h * h).dot(&lengths)
}

/// V_Mᵀ(x − μ) has the covariance diag λ, so A = diag(1/√λ): a standard deviation, not a variance, has to become 1.
/// By (1.9), W₁ = A V_Mᵀ, b₁ = −W₁μ, W₂ = V_M A⁻¹ = V_M diag √λ and b₂ = μ. What the encoder divided by, the
/// decoder must multiply by; and without b₁ the codes have the mean W₁μ. Any rotation of this code is as white.
pub fn white_code(
    mean: &Array1<f64>,
    eigenvalues: &Array1<f64>,
    components: &Array2<f64>,
) -> (Layer, Layer) {
    let deviations = eigenvalues.mapv(f64::sqrt);
    let encoder = (components / &deviations).reversed_axes(); // each column divided, then transposed
    let encoder_bias = -encoder.dot(mean);
    ((encoder, encoder_bias), (components * &deviations, mean.clone()))
}

/// With B = Σᵢ βᵢ vᵢ vᵢᵀ the loss is a sum over directions, (1 − βᵢ)² λᵢ + βᵢ² σ². Where β = 0 that is λ. Where β
/// is free, its derivative vanishes at β = λ/(λ + σ²), and λσ²/(λ + σ²) is left: less than λ and less than σ². The
/// gain λ − λσ²/(λ + σ²) = λ²/(λ + σ²) rises with λ, so the M largest eigenvalues are kept.
///
/// A projection, β = 1, lets the noise within the subspace through: σ² where λσ²/(λ + σ²) would do. The noise
/// outside of the subspace never reaches the output.
pub fn denoising_floor(eigenvalues: &[f64], code: usize, sigma: f64) -> f64 {
    let noise = sigma * sigma;
    let (kept, lost) = eigenvalues.split_at(code);
    kept.iter().map(|l| l * noise / (l + noise)).sum::<f64>() + lost.iter().sum::<f64>()
}

/// P = Σᵢ hᵢ² nᵢ with hᵢ = 1 − zᵢ² and nᵢ = ‖Wᵢ‖². Directly, nᵢ changes with Wᵢⱼ by 2Wᵢⱼ. Through the place, hᵢ²
/// changes with aᵢ = Wᵢ·x + bᵢ by 2hᵢ · (−2zᵢ) · hᵢ = −4hᵢ²zᵢ: the last hᵢ is ∂zᵢ/∂aᵢ, and the easiest to forget.
/// Since ∂aᵢ/∂Wᵢⱼ = xⱼ and ∂aᵢ/∂bᵢ = 1,
///
/// ```text
/// ∂P/∂bᵢ = −4 hᵢ² zᵢ nᵢ,     ∂P/∂Wᵢⱼ = 2 hᵢ² Wᵢⱼ + ∂P/∂bᵢ · xⱼ
/// ```
pub fn contractive_gradient(
    weight: &Array2<f64>,
    bias: &Array1<f64>,
    image: &Array1<f64>,
) -> (Array2<f64>, Array1<f64>) {
    let code = (weight.dot(image) + bias).mapv(f64::tanh);
    let square = code.mapv(|z| (1.0 - z * z).powi(2)); // h²
    let lengths = weight.mapv(|w| w * w).sum_axis(Axis(1));
    let by_bias = -4.0 * &square * &code * lengths;
    let column = |v: &Array1<f64>| v.clone().insert_axis(Axis(1));
    let by_weight = 2.0 * weight * column(&square) + column(&by_bias) * image;
    (by_weight, by_bias)
}

/// The solutions by the names of the exercises.
#[must_use]
pub fn functions() -> Functions {
    Functions::new()
        .with("kept_share", |(eigenvalues, code): (Vec<f64>, usize)| kept_share(&eigenvalues, code))
        .with("contractive_penalty", |(w, b, x): (Array2<f64>, Array1<f64>, Array1<f64>)| {
            contractive_penalty(&w, &b, &x)
        })
        .with("white_code", |(mean, values, vectors): (Array1<f64>, Array1<f64>, Array2<f64>)| {
            white_code(&mean, &values, &vectors)
        })
        .with("denoising_floor", |(eigenvalues, code, sigma): (Vec<f64>, usize, f64)| {
            denoising_floor(&eigenvalues, code, sigma)
        })
        .with("contractive_gradient", |(w, b, x): (Array2<f64>, Array1<f64>, Array1<f64>)| {
            contractive_gradient(&w, &b, &x)
        })
}
