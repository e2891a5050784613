//! Values that other programs computed: what claims and tests compare with.
//!
//! # What it is for
//! A claim about a formula needs numbers from somewhere else. Those that took another program lie in `src/values`, each
//! once, beside the structs that read them; the programs are in `programs`, and the crate's README says how to run them
//! again.
//!
//! # What it refuses to know
//! The course's own code. Nothing here was computed with it, and nothing here computes.
//!
//! # The decision that shaped it
//! The files are in `src` and part of the program, so that a chapter's evidence, whose fingerprint covers the sources of
//! all crates that a claim sees, grows old when a value changes.

use ndarray::{Array1, Array2};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

/// What can be wrong with a file of values.
pub type Result<T> = serde_json::Result<T>;

/// z ~ N(0, I), x | z ~ N(Wz + b, σ²I) and q = N(mean, diag exp log_var), drawn at random; what follows in double precision.
#[derive(Clone, Debug, Deserialize)]
pub struct LinearGaussian {
    /// W, a row for each coordinate of x.
    #[serde(rename = "W", deserialize_with = "matrix")]
    pub weight: Array2<f64>,
    /// b
    #[serde(deserialize_with = "vector")]
    pub b: Array1<f64>,
    /// σ²
    pub sigma2: f64,
    /// x
    #[serde(deserialize_with = "vector")]
    pub x: Array1<f64>,
    /// log p(x)
    pub log_evidence: f64,
    /// The mean of p(z | x).
    #[serde(deserialize_with = "vector")]
    pub posterior_mean: Array1<f64>,
    /// The covariance of p(z | x).
    #[serde(deserialize_with = "matrix")]
    pub posterior_cov: Array2<f64>,
    /// The mean of q.
    #[serde(deserialize_with = "vector")]
    pub q_mean: Array1<f64>,
    /// The log-variances of q.
    #[serde(deserialize_with = "vector")]
    pub q_log_var: Array1<f64>,
    /// The ELBO of q.
    pub elbo: f64,
    /// KL(q ‖ p(z | x))
    pub kl_to_posterior: f64,
    /// The ELBO's gradient with respect to the mean of q.
    #[serde(deserialize_with = "vector")]
    pub grad_q_mean: Array1<f64>,
    /// The ELBO's gradient with respect to the log-variances of q.
    #[serde(deserialize_with = "vector")]
    pub grad_q_log_var: Array1<f64>,
}

/// z ~ N(0, 1), x | z ~ N(a·tanh(cz + d), σ²) and a Gaussian q, by quadrature.
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)] // the letters above
pub struct TanhDecoder {
    pub a: f64,
    pub c: f64,
    pub d: f64,
    pub sigma: f64,
    pub x: f64,
    pub q_mean: f64,
    pub q_log_var: f64,
    #[serde(deserialize_with = "digits")]
    pub log_evidence: f64,
    #[serde(deserialize_with = "digits")]
    pub elbo: f64,
}

/// Divergences between Gaussians, computed with 40 digits.
#[derive(Clone, Debug, Deserialize)]
pub struct GaussianKl {
    /// On the line: ordinary, extreme, and at the end twelve nearly equal pairs.
    pub univariate: Vec<UnivariateKl>,
    /// With full covariances, in 1, 2, 3, 5 and 8 dimensions.
    pub full_covariance: Vec<FullKl>,
}

/// KL(N(μ₁, σ₁²) ‖ N(μ₂, σ₂²))
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)] // the letters above
pub struct UnivariateKl {
    pub mu1: f64,
    pub log_sigma1: f64,
    pub mu2: f64,
    pub log_sigma2: f64,
    #[serde(deserialize_with = "digits")]
    pub kl: f64,
}

/// KL(N(m₁, S₁) ‖ N(m₂, S₂))
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)] // the letters above
pub struct FullKl {
    #[serde(deserialize_with = "vector")]
    pub m1: Array1<f64>,
    #[serde(rename = "S1", deserialize_with = "matrix")]
    pub s1: Array2<f64>,
    #[serde(deserialize_with = "vector")]
    pub m2: Array1<f64>,
    #[serde(rename = "S2", deserialize_with = "matrix")]
    pub s2: Array2<f64>,
    #[serde(deserialize_with = "digits")]
    pub kl: f64,
}

/// The principal components of all 1 797 optical digits, pixels in [0, 1], covariance with 1/N.
#[derive(Clone, Debug, Deserialize)]
pub struct DigitsPca {
    /// From the largest.
    pub eigenvalues: Vec<f64>,
    /// For several numbers of components.
    pub cases: Vec<Components>,
}

/// What M principal components leave, and how likely probabilistic PCA makes the digits with them.
#[derive(Clone, Debug, Deserialize)]
pub struct Components {
    /// M
    #[serde(rename = "M")]
    pub count: usize,
    /// The squared error for each digit.
    #[serde(rename = "pca_residual_per_sample")]
    pub residual: f64,
    /// The variance of the noise that is most likely.
    #[serde(rename = "ppca_sigma2")]
    pub sigma2: f64,
    /// The largest log-likelihood for each digit.
    #[serde(rename = "ppca_log_likelihood_per_sample")]
    pub log_likelihood: f64,
}

/// Gaussian data and a Gaussian generator, by quadrature with 40 digits.
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)] // μ and log σ of the two
pub struct Game {
    pub mu_data: f64,
    pub log_sigma_data: f64,
    pub mu_gen: f64,
    pub log_sigma_gen: f64,
    /// The Jensen–Shannon divergence, in nats.
    #[serde(deserialize_with = "digits")]
    pub jsd: f64,
    /// The value of the game at the best discriminator.
    #[serde(deserialize_with = "digits")]
    pub value_at_optimal_d: f64,
}

/// The Fréchet distance of two Gaussians, from the eigenvalues of C₁C₂, which is not symmetric.
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)] // both Gaussians
pub struct Frechet {
    #[serde(deserialize_with = "vector")]
    pub mean1: Array1<f64>,
    #[serde(deserialize_with = "matrix")]
    pub covariance1: Array2<f64>,
    #[serde(deserialize_with = "vector")]
    pub mean2: Array1<f64>,
    #[serde(deserialize_with = "matrix")]
    pub covariance2: Array2<f64>,
    /// The distance; nine of its digits are right.
    pub frechet: f64,
}

/// Ten linear-Gaussian models.
///
/// # Errors
/// If the file is not as it should be, here and below.
pub fn linear_gaussian() -> Result<Vec<LinearGaussian>> {
    cases(include_str!("values/linear_gaussian.json"))
}

/// Eight decoders.
pub fn tanh_decoder() -> Result<Vec<TanhDecoder>> {
    cases(include_str!("values/tanh_decoder.json"))
}

/// Divergences between Gaussians.
pub fn gaussian_kl() -> Result<GaussianKl> {
    serde_json::from_str(include_str!("values/gaussian_kl.json"))
}

/// The optical digits' components.
pub fn digits_pca() -> Result<DigitsPca> {
    serde_json::from_str(include_str!("values/digits_pca.json"))
}

/// Six games.
pub fn gan_values() -> Result<Vec<Game>> {
    cases(include_str!("values/gan_values.json"))
}

/// Three pairs, in up to six dimensions.
pub fn frechet() -> Result<Vec<Frechet>> {
    cases(include_str!("values/frechet.json"))
}

/// Chapter 7's model and one step of its training, in PyTorch: a file of tensors in double precision.
pub static MLP_VAE: &[u8] = include_bytes!("values/mlp_vae.safetensors");

/// Chapter 9's.
pub static CONV_VAE: &[u8] = include_bytes!("values/conv_vae.safetensors");

/// Chapter 8's networks and the discriminator's loss.
pub static GAN_DISCRIMINATOR: &[u8] = include_bytes!("values/gan_discriminator.safetensors");

/// The same networks and the generator's loss of the game, log(1 − D(G(z))).
pub static GAN_SATURATING: &[u8] = include_bytes!("values/gan_generator_saturating.safetensors");

/// The same networks and the generator's loss −log D(G(z)).
pub static GAN_NON_SATURATING: &[u8] =
    include_bytes!("values/gan_generator_nonsaturating.safetensors");

#[derive(Deserialize)]
struct File<T> {
    cases: Vec<T>,
}

fn cases<T: DeserializeOwned>(text: &str) -> Result<Vec<T>> {
    Ok(serde_json::from_str::<File<T>>(text)?.cases)
}

fn vector<'de, D: Deserializer<'de>>(file: D) -> std::result::Result<Array1<f64>, D::Error> {
    Ok(Vec::deserialize(file)?.into())
}

fn matrix<'de, D: Deserializer<'de>>(file: D) -> std::result::Result<Array2<f64>, D::Error> {
    let rows = Vec::<Vec<f64>>::deserialize(file)?;
    let shape = (rows.len(), rows.first().map_or(0, Vec::len));
    Array2::from_shape_vec(shape, rows.concat()).map_err(D::Error::custom)
}

/// A number with more digits than a float has.
fn digits<'de, D: Deserializer<'de>>(file: D) -> std::result::Result<f64, D::Error> {
    String::deserialize(file)?.parse().map_err(D::Error::custom)
}
