//! The linear VAE, of which everything is known. Equations (7.13) to (7.21).
//!
//! Encoder and decoder are one matrix each, and the whole data set is one mean and one covariance. The
//! ELBO then needs no draw, and its maximum is the likelihood of probabilistic PCA (Tipping & Bishop
//! 1999; Lucas, Tucker, Grosse & Norouzi 2019).

use std::f64::consts::TAU;

use ndarray::{Array1, Array2, Axis};
use nn::Scalar;
use prob::{Result, eigen};
use rand::Rng;
use rand_distr::StandardNormal;

use crate::lbfgs;

/// What a linear model knows of its data: mean and covariance.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments<S> {
    /// m, one number a pixel.
    pub mean: Array1<S>,
    /// S with 1/N, pixels × pixels.
    pub covariance: Array2<S>,
}

impl Moments<f64> {
    /// Of the rows of `x`, images × pixels.
    #[must_use]
    pub fn of(x: &Array2<f64>) -> Self {
        let n = x.nrows() as f64;
        let mean = x.sum_axis(Axis(0)) / n;
        let centred = x - &mean;
        let covariance = centred.t().dot(&centred) / n;
        // Symmetric to the last bit, whatever the order in which the product was added up.
        Self { mean, covariance: (&covariance + &covariance.t()) / 2.0 }
    }
}

// ANCHOR: linear_vae
/// z ~ N(0, I), x|z ~ N(Wz + b, σ²I) with the encoder q(z|x) = N(V(x − b), diag exp v),
/// equation (7.13). The variances are the same for all images: for this model that is no loss.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearVae<S> {
    /// V, latent × pixels.
    pub encoder: Array2<S>,
    /// v, the log-variance of each latent coordinate under q.
    pub log_var: Array1<S>,
    /// W, pixels × latent.
    pub decoder: Array2<S>,
    /// b, one number a pixel.
    pub bias: Array1<S>,
    /// log σ² of the decoder, for all pixels.
    pub noise_log_var: S,
}
// ANCHOR_END: linear_vae

/// The two terms of the ELBO on average over the data, in nats an image.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearTerms<S> {
    /// The mean of E_q[log p(x|z)].
    pub reconstruction: S,
    /// The mean of KL(q(zⱼ|x) ‖ p(zⱼ)) for each latent coordinate.
    pub kl: Array1<S>,
}

impl<S: Scalar> LinearTerms<S> {
    /// The mean ELBO.
    pub fn elbo(&self) -> S {
        self.reconstruction - self.kl.iter().copied().sum()
    }
}

/// The products that the terms and their derivatives are made of; C is the second moment of x − b.
struct Products<S> {
    /// C = S + (m − b)(m − b)ᵀ
    c: Array2<S>,
    /// VC, latent × pixels: the covariance of code and image.
    vc: Array2<S>,
    /// VCVᵀ, latent × latent: the second moment of the codes' means.
    q: Array2<S>,
    /// WᵀW
    g: Array2<S>,
    /// exp v
    variance: Array1<S>,
}

impl<S: Scalar> LinearVae<S> {
    fn products(&self, data: &Moments<S>) -> Products<S> {
        let d = &data.mean - &self.bias;
        let (column, row) = (d.view().insert_axis(Axis(1)), d.view().insert_axis(Axis(0)));
        let c = &data.covariance + &column.dot(&row);
        let vc = self.encoder.dot(&c);
        let q = vc.dot(&self.encoder.t());
        let g = self.decoder.t().dot(&self.decoder);
        Products { c, vc, q, g, variance: self.log_var.mapv(S::exp) }
    }

    // ANCHOR: linear_terms
    /// The mean squared error of the reconstruction, over images and over the noise of the code,
    /// tr[(I − WV) C (I − WV)ᵀ] + Σⱼ sⱼ²‖wⱼ‖², equation (7.14).
    fn squared_error(&self, p: &Products<S>) -> S {
        let inner = |a: &Array2<S>, b: &Array2<S>| a.iter().zip(b).map(|(&a, &b)| a * b).sum::<S>();
        let transposed = self.decoder.t();
        let cross = transposed.iter().zip(&p.vc).map(|(&w, &vc)| w * vc).sum::<S>();
        let total = p.c.diag().iter().copied().sum::<S>();
        let spread = p.variance.iter().zip(p.g.diag()).map(|(&s2, &g)| s2 * g).sum::<S>();
        total - cross - cross + inner(&p.g, &p.q) + spread
    }

    /// The two terms of the mean ELBO, equations (7.14) and (7.15): no image is looked at, none is drawn.
    pub fn terms(&self, data: &Moments<S>) -> LinearTerms<S> {
        let p = self.products(data);
        let (half, one) = (S::from_f64(0.5), S::one());
        let constant = S::from_f64(TAU.ln()) + self.noise_log_var;
        let pixels = S::from_f64(self.bias.len() as f64);
        let error = self.squared_error(&p);
        let reconstruction = -half * (pixels * constant + error * (-self.noise_log_var).exp());
        let kl = (0..self.log_var.len())
            .map(|j| half * (p.q[[j, j]] + p.variance[j] - self.log_var[j] - one))
            .collect();
        LinearTerms { reconstruction, kl }
    }
    // ANCHOR_END: linear_terms

    // ANCHOR: linear_gradient
    /// The derivatives of the reconstruction − β·KL, equation (7.16), in the shape of a model; β = 1
    /// for the ELBO, τ = 1/σ².
    pub fn gradient(&self, data: &Moments<S>, beta: f64) -> Self {
        let p = self.products(data);
        let (half, one, beta) = (S::from_f64(0.5), S::one(), S::from_f64(beta));
        let tau = (-self.noise_log_var).exp();
        let w = &self.decoder;

        // W: τ [CVᵀ − W(VCVᵀ + diag s²)]
        let mut second_moment = p.q.clone();
        second_moment.diag_mut().zip_mut_with(&p.variance, |q, &s2| *q += s2);
        let decoder = (&p.vc.t() - &w.dot(&second_moment)).mapv(|x| tau * x);
        // V: τ [WᵀC − WᵀWVC] from the reconstruction, −βVC from the KL
        let pull = (w.t().dot(&p.c) - p.g.dot(&p.vc)).mapv(|x| tau * x);
        let encoder = pull - &p.vc.mapv(|x| beta * x);
        // v: the narrower the code the sharper the image, against the price of ½β(s² − 1)
        let log_var = (0..self.log_var.len())
            .map(|j| -half * (tau * p.variance[j] * p.g[[j, j]] + beta * (p.variance[j] - one)))
            .collect();
        // b acts on the decoder's mean and, with the other sign, on the encoder's
        let d = &data.mean - &self.bias;
        let code = self.encoder.dot(&d);
        let residual = &d - &w.dot(&code);
        let through_code = self
            .encoder
            .t()
            .dot(&(w.t().dot(&residual).mapv(|x| tau * x) - &code.mapv(|x| beta * x)));
        let bias = residual.mapv(|x| tau * x) - through_code;
        // log σ²
        let pixels = S::from_f64(self.bias.len() as f64);
        let noise_log_var = half * (tau * self.squared_error(&p) - pixels);
        Self { encoder, log_var, decoder, bias, noise_log_var }
    }
    // ANCHOR_END: linear_gradient

    /// Every parameter, block by block: V, v, W, b, log σ².
    ///
    /// # Panics
    /// If a matrix was laid out by columns.
    pub fn blocks_mut(&mut self) -> [&mut [S]; 5] {
        const ROWS: &str = "matrices are stored by rows";
        [
            self.encoder.as_slice_mut().expect(ROWS),
            self.log_var.as_slice_mut().expect(ROWS),
            self.decoder.as_slice_mut().expect(ROWS),
            self.bias.as_slice_mut().expect(ROWS),
            std::slice::from_mut(&mut self.noise_log_var),
        ]
    }
}

impl LinearVae<f64> {
    /// A start for training: random matrices and bias, the prior's variances, σ² = `noise_variance`.
    pub fn random(pixels: usize, latent: usize, noise_variance: f64, rng: &mut impl Rng) -> Self {
        let scale = 1.0 / (pixels as f64).sqrt();
        let mut normal = || scale * rng.sample::<f64, _>(StandardNormal);
        Self {
            encoder: Array2::from_shape_simple_fn((latent, pixels), &mut normal),
            log_var: Array1::zeros(latent),
            decoder: Array2::from_shape_simple_fn((pixels, latent), &mut normal),
            bias: Array1::from_shape_simple_fn(pixels, &mut normal),
            noise_log_var: noise_variance.ln(),
        }
    }
}

impl LinearVae<f64> {
    // ANCHOR: best_encoder
    /// The same decoder with the best encoder of its kind, equation (7.17): V = (WᵀW + σ²I)⁻¹Wᵀ gives the
    /// posterior's mean exactly, and sⱼ² = σ²/(‖wⱼ‖² + σ²) is one over the diagonal of its precision.
    ///
    /// # Errors
    /// If the decoder holds a number that is not finite.
    pub fn with_best_encoder(self) -> Result<Self> {
        let sigma2 = self.noise_log_var.exp();
        let mut scaled_precision = self.decoder.t().dot(&self.decoder);
        scaled_precision.diag_mut().mapv_inplace(|x| x + sigma2);
        let log_var = scaled_precision.diag().mapv(|x| (sigma2 / x).ln());
        let eigen::Eigen { values, vectors } = eigen::symmetric(scaled_precision.view())?;
        let inverse = (&vectors / &values).dot(&vectors.t());
        let encoder = inverse.dot(&self.decoder.t()).as_standard_layout().into_owned();
        Ok(Self { encoder, log_var, ..self })
    }
    // ANCHOR_END: best_encoder

    // ANCHOR: diagonal_gap
    /// ½(Σⱼ log Λⱼⱼ − log det Λ), equation (7.18): what the best q with independent coordinates leaves
    /// between the ELBO and log p(x), the same for every x. Λ = I + WᵀW/σ² is the posterior's precision.
    ///
    /// # Errors
    /// If the decoder holds a number that is not finite.
    pub fn diagonal_gap(&self) -> Result<f64> {
        let mut precision = self.decoder.t().dot(&self.decoder) / self.noise_log_var.exp();
        precision.diag_mut().mapv_inplace(|x| x + 1.0);
        let log_det: f64 = eigen::symmetric(precision.view())?.values.iter().map(|x| x.ln()).sum();
        Ok(0.5 * (precision.diag().iter().map(|x| x.ln()).sum::<f64>() - log_det))
    }
    // ANCHOR_END: diagonal_gap

    // ANCHOR: linear_optimum
    /// The optimum for a given σ²: wᵢ = √(λᵢ − σ²) uᵢ for the leading eigenvectors uᵢ of the data's covariance
    /// whose eigenvalue is above σ², and 0 for the others, equation (7.20).
    ///
    /// # Errors
    /// If the data's moments hold a number that is not finite.
    pub fn optimum(data: &Moments<f64>, latent: usize, noise_variance: f64) -> Result<Self> {
        let eigen::Eigen { values, vectors } = eigen::symmetric(data.covariance.view())?;
        let decoder = Array2::from_shape_fn((data.mean.len(), latent), |(pixel, i)| {
            (values[i] - noise_variance).max(0.0).sqrt() * vectors[[pixel, i]]
        });
        let start = Self {
            encoder: Array2::zeros((latent, data.mean.len())),
            log_var: Array1::zeros(latent),
            decoder,
            bias: data.mean.clone(),
            noise_log_var: noise_variance.ln(),
        };
        start.with_best_encoder()
    }
    // ANCHOR_END: linear_optimum

    fn with(&self, parameters: &[f64]) -> Self {
        let mut model = self.clone();
        let mut rest = parameters;
        for block in model.blocks_mut() {
            let (mine, others) = rest.split_at(block.len());
            block.copy_from_slice(mine);
            rest = others;
        }
        model
    }
}

// ANCHOR: ascent
/// How a linear VAE is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ascent {
    /// The weight of the KL; 1 for the ELBO.
    pub beta: f64,
    /// Whether σ² is learned or stays what it is.
    pub learn_noise: bool,
    /// At most so many steps of L-BFGS.
    pub steps: usize,
}

impl Ascent {
    /// Climbs the ELBO from `start` along its exact gradient.
    #[must_use]
    pub fn run(&self, mut start: LinearVae<f64>, data: &Moments<f64>) -> LinearVae<f64> {
        let parameters = start.blocks_mut().concat();
        let end = lbfgs::minimize(parameters, self.steps, |parameters| {
            let model = start.with(parameters);
            let terms = model.terms(data);
            let mut gradient = model.gradient(data, self.beta);
            if !self.learn_noise {
                gradient.noise_log_var = 0.0;
            }
            let downhill = gradient.blocks_mut().concat().iter().map(|g| -g).collect();
            (self.beta * terms.kl.sum() - terms.reconstruction, downhill)
        });
        start.with(&end)
    }
}
// ANCHOR_END: ascent

// ANCHOR: ppca
/// The largest mean log-likelihood that a linear model with this σ² can have, and what its code then
/// carries, equations (7.20) and (7.21), from the eigenvalues of the data's covariance.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbabilisticPca {
    /// σ²
    pub noise_variance: f64,
    /// The mean of log p(x), in nats an image.
    pub log_likelihood: f64,
    /// The mean KL of each latent coordinate: ½ log(λᵢ/σ²) where λᵢ > σ², and else 0.
    pub kl: Vec<f64>,
}

impl ProbabilisticPca {
    /// With σ² given. `values` are all eigenvalues, largest first.
    #[must_use]
    pub fn at(values: &[f64], latent: usize, noise_variance: f64) -> Self {
        let kl: Vec<f64> =
            values[..latent].iter().map(|l| 0.5 * (l / noise_variance).max(1.0).ln()).collect();
        let active = kl.iter().filter(|&&kl| kl > 0.0).count();
        let unexplained: f64 = values[active..].iter().sum();
        let log_det = values.len() as f64 * noise_variance.ln() + 2.0 * kl.iter().sum::<f64>();
        let constant = values.len() as f64 * TAU.ln() + active as f64;
        let log_likelihood = -0.5 * (constant + log_det + unexplained / noise_variance);
        Self { noise_variance, log_likelihood, kl }
    }

    /// With the best σ²: the mean of the eigenvalues that are left out (Tipping & Bishop 1999).
    #[must_use]
    pub fn best(values: &[f64], latent: usize) -> Self {
        let discarded = &values[latent..];
        Self::at(values, latent, discarded.iter().sum::<f64>() / discarded.len() as f64)
    }
}
// ANCHOR_END: ppca
